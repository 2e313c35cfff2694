import { ValueError } from "../core/errors.ts";
import { purposes, word } from "./draw.ts";
import { listed } from "./entry.ts";
import { type Layout, type Leaf, labelOf } from "./layout.ts";
import type { Settings } from "./options.ts";

/** What a check looks at. */
export interface Plan {
  /** The entries of the input that are checked one by one. */
  readonly entries: readonly number[];
  /** How many random directions cover the others. */
  readonly directions: number;
}

/**
 * All entries up to the budget, or those that were asked for; above it a sample, which takes the ends of each part first (that is where an index goes wrong), and
 * random directions.
 *
 * @throws {@link ValueError} for names in `only` that no entry has.
 */
export function planOf(layout: Layout, settings: Settings): Plan {
  const { leaves, size } = layout;
  if (settings.only !== null) {
    const named = entriesOf(settings.op, layout, settings.only);
    const { length } = named;
    if (length <= settings.maxEntries) return { entries: named, directions: 0 };
    // Of a part with too many, a sample.
    const drawn = Array.from({ length: settings.sampledEntries }, (_, k) => word(settings.seed, purposes.sample, k));
    const places = new Set([0, length - 1, ...drawn.map((number) => number % length)]);
    return { entries: named.filter((_, k) => places.has(k)), directions: 0 };
  }
  if (size <= settings.maxEntries) return { entries: Array.from({ length: size }, (_, i) => i), directions: 0 };

  const wanted = Math.min(settings.sampledEntries, size);
  const chosen = new Set<number>();
  const add = (i: number): void => {
    if (chosen.size < wanted) chosen.add(i);
  };
  const filled = leaves.filter((leaf) => leaf.size > 0);
  for (const { offset } of filled) add(offset);
  for (const leaf of filled) add(leaf.offset + leaf.size - 1);
  for (let k = 0; chosen.size < wanted && k < 64 * size; k++) {
    const leaf = filled[k % filled.length]!;
    add(leaf.offset + (word(settings.seed, purposes.sample, k) % leaf.size));
  }
  return { entries: [...chosen].sort((a, b) => a - b), directions: settings.directions };
}

/**
 * The entries that have these names, or are in parts that have them.
 *
 * @throws {@link ValueError} for an unknown name; the message lists the known ones.
 */
export function entriesOf(op: string, layout: Layout, names: readonly string[]): number[] {
  const missing = new Set(names);
  const isNamed = (label: string): boolean =>
    names.filter((name) => isWithin(label, name) && (missing.delete(name) || true)).length > 0;
  const found = Array.from({ length: layout.size }, (_, i) => i).filter((i) => isNamed(labelOf(layout, i)));
  for (const name of missing) {
    throw new ValueError(
      op,
      "only must name entries or parts of x",
      name,
      `there are ${listed(layout.leaves.map(described))}`,
    );
  }
  return found;
}

/** Whether an entry is a part or in it: x.w[1, 2] in x.w[1, 2], in the row x.w[1], in x.w and in x. */
function isWithin(label: string, part: string): boolean {
  if (part.endsWith("]") && label.startsWith(`${part.slice(0, -1)}, `)) return true;
  return label.startsWith(part) && /^$|^[.[]/.test(label.slice(part.length));
}

/** A leaf's name, with those of its first and last entry. */
function described({ path, shape }: Leaf): string {
  if (shape.length === 0) return path;
  const ends = new Set([`${path}[${shape.map(() => 0)}]`, `${path}[${shape.map((n) => n - 1)}]`]);
  return shape.includes(0) ? `${path} (empty)` : `${path} (${[...ends].join(" to ").replaceAll(",", ", ")})`;
}
