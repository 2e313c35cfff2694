import { isChain } from "./cuts.ts";
import type { Axes, Id } from "./ir.ts";
import type { LoopKernel } from "./schedule.ts";

/** So many nodes fit into one loop. */
const mostNodes = 64;

/** A node that is to be computed in a loop. */
export interface Member {
  readonly id: Id;
  /** Where it cuts the loop into axes. */
  readonly cuts: ReadonlySet<number>;
  /** The axes that it reduces. */
  readonly reduction: Axes | null;
  /** What it reads at the loop's own element. */
  readonly direct: readonly Id[];
  /** The arrays that it reads, of more than one element. */
  readonly arrays: readonly Id[];
}

/**
 * Loops over so many elements none of which needs what another computes. Nodes come into one loop where one reads what another computes, or both read the same
 * array. What has nothing in common stays apart, so that equal layers have equal loops, and these one function.
 */
export class Stage {
  readonly size: number;
  readonly #loopOf = new Map<Id, LoopKernel>();
  /** A node that reads an array. */
  readonly #readerOf = new Map<Id, Id>();

  constructor(size: number) {
    this.size = size;
  }

  get loops(): LoopKernel[] {
    return [...new Set(this.#loopOf.values())];
  }

  /** Takes a node in, if it fits in with what it needs of this stage. */
  take(member: Member): boolean {
    const { id, direct, arrays } = member;
    const needed = new Set<LoopKernel>();
    const related = new Set<LoopKernel>();
    for (const use of direct) {
      const loop = this.#loopOf.get(use);
      if (loop !== undefined) needed.add(loop);
    }
    for (const array of arrays) {
      const loop = this.#loopOf.get(this.#readerOf.get(array) ?? -1);
      if (loop !== undefined && !needed.has(loop)) related.add(loop);
    }
    const joined = this.#together(member, [...needed, ...related]) ?? this.#together(member, [...needed]);
    if (joined === null) return false;
    for (const own of joined.nodes) this.#loopOf.set(own, joined);
    for (const array of arrays) this.#readerOf.set(array, id);
    return true;
  }

  /** One loop of some and a node; null if they do not fit. */
  #together({ id, cuts: own, reduction }: Member, loops: readonly LoopKernel[]): LoopKernel | null {
    const nodes = [id];
    const cuts = new Set(own);
    let reduced = reduction;
    for (const loop of loops) {
      if (!reducesAlike(loop.reduction, reduced)) return null;
      reduced ??= loop.reduction;
      nodes.push(...loop.nodes);
      for (const cut of loop.cuts) cuts.add(cut);
    }
    if (nodes.length > mostNodes || !isChain([...cuts], this.size)) return null;
    return { kind: "loop", size: this.size, nodes: nodes.sort((a, b) => a - b), cuts, reduction: reduced };
  }
}

function reducesAlike(a: Axes | null, b: Axes | null): boolean {
  return a === null || b === null || (a.count === b.count && a.inner === b.inner);
}
