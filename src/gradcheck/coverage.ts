import { ValueError } from "../core/errors.ts";
import { purposes, word } from "./draw.ts";
import { type Layout, labelOf } from "./layout.ts";
import type { Settings } from "./options.ts";

/** What a check looks at. */
export interface Plan {
  /** The entries of the input that are checked one by one. */
  readonly entries: readonly number[];
  /** How many random directions cover the others. */
  readonly directions: number;
}

/**
 * All entries up to the budget; above it a sample, which takes the ends of each part first (that is where an index goes wrong), and
 * random directions.
 *
 * @throws {@link ValueError} for names in `only` that no entry has.
 */
export function planOf(layout: Layout, settings: Settings): Plan {
  const { leaves, size } = layout;
  if (settings.only !== null) return { entries: entriesOf(settings.op, layout, settings.only), directions: 0 };
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
 * The entries that have these names.
 *
 * @throws {@link ValueError} for a name that no entry has.
 */
export function entriesOf(op: string, layout: Layout, names: readonly string[]): number[] {
  const wanted = new Set(names);
  const found = Array.from({ length: layout.size }, (_, i) => i).filter((i) => wanted.delete(labelOf(layout, i)));
  for (const label of wanted) throw new ValueError(op, "only must name entries of the input", label);
  return found;
}
