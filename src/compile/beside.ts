import { contentOf } from "./content.ts";
import { type Contents, contentsOf } from "./contents.ts";
import { isHost } from "./ir.ts";
import { linesOf, type Recorded } from "./repeat.ts";
import { isSame } from "./same.ts";
import { readTree, sameKey } from "./tree.ts";

/** So many times, a change that leads to the same program is looked at. */
const most = 8;

/**
 * Layers whose tensors a function has not read. Most belong to other models, but it may have read something else of one: a number, whether it has a bias. It keeps none of them alive.
 */
export class Beside {
  readonly #refs: readonly WeakRef<object>[];
  readonly #contents = new WeakMap<object, readonly Contents[]>();
  /** How often something has changed, by the key of a field. */
  readonly #counts = new WeakMap<object, Map<unknown, number>>();

  constructor(layers: readonly (readonly [layer: object, contents: readonly Contents[]])[]) {
    this.#refs = layers.map(([layer]) => new WeakRef(layer));
    for (const [layer, contents] of layers) this.#contents.set(layer, contents);
  }

  /** Whether all of them are as they were. */
  holds(): boolean {
    for (const ref of this.#refs) if (!this.#isKept(ref)) return false;
    return true;
  }

  /** What is another now, for people; null if that has no name. */
  difference(): string | null {
    for (const ref of this.#refs) {
      if (this.#isKept(ref)) continue;
      return (
        this.#contents
          .get(ref.deref()!)!
          .find((contents) => !contents.holds())
          ?.difference() ?? null
      );
    }
    return null;
  }

  /** Takes them as they are now, since they lead to the same program. What has changed so often is not looked at any more. */
  accept(): void {
    for (const ref of this.#refs) {
      if (this.#isKept(ref)) continue;
      const layer = ref.deref()!;
      const before = this.#contents.get(layer)!;
      for (const contents of before) if (!contents.holds()) this.#count(contents);
      this.#contents.set(
        layer,
        contentsOf(layer).flatMap((contents) => this.#lasting(contents) ?? []),
      );
    }
  }

  #isKept(ref: WeakRef<object>): boolean {
    const layer = ref.deref();
    if (layer === undefined) return true; // no function can read it any more
    const all = this.#contents.get(layer)!;
    for (let i = 0; i < all.length; i++) if (!all[i]!.holds()) return false;
    return true;
  }

  #count(contents: Contents): void {
    const { holder } = contents;
    const counts = this.#counts.get(holder) ?? new Map<unknown, number>();
    this.#counts.set(holder, counts);
    // The holder itself counts as a whole: lists grow at another index each time.
    for (const key of [...contents.changes(), holder]) counts.set(key, (counts.get(key) ?? 0) + 1);
  }

  #lasting(contents: Contents): Contents | null {
    const counts = this.#counts.get(contents.holder);
    if (counts === undefined || counts.get(contents.holder)! < most) return contents;
    return contents.without(new Set([...counts].flatMap(([key, count]) => (count < most ? [] : [key]))));
  }
}

/** What tells the program of a recording from others: values, and what is compared by identity. */
export interface Signature {
  readonly values: readonly unknown[];
  readonly identities: readonly unknown[];
}

export function signatureOf(recorded: Recorded): Signature {
  const { items, recording } = recorded;
  const { nodes } = recording.builder;
  const identities: unknown[] = [...readTree([recording.result]).key];
  for (const { source } of recording.sources) {
    // One that the function makes is another in each recording.
    if (source.kind === "random" || source.kind === "seed") identities.push(source.generator);
  }
  const contents = nodes.map((node) => {
    if (isHost(node)) identities.push(node.fn);
    return node.kind === "constant" && node.values.length > 1 ? node.values : contentOf(node);
  });
  return { values: [items.map(linesOf(recorded)), contents], identities };
}

export function isSameSignature(a: Signature, b: Signature): boolean {
  return sameKey(a.identities, b.identities) && isSame(a.values, b.values);
}
