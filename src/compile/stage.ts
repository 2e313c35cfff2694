import { isChain } from "./cuts.ts";
import type { Axes, Id } from "./ir.ts";
import type { LoopKernel } from "./schedule.ts";

/** So many nodes fit into one loop. */
export const mostNodes = 64;

/** A node that is to be computed in a loop. */
export interface Member {
  readonly id: Id;
  /** Where it cuts the loop into axes. */
  readonly cuts: readonly number[];
  /** The axes that it reduces. */
  readonly reduction: Axes | null;
  /** What it reads at the loop's own element. */
  readonly direct: readonly Id[];
  /** The arrays that it reads, of more than one element. */
  readonly arrays: readonly Id[];
}

/**
 * Loops over so many elements none of which needs what another computes. Nodes come into one loop where one reads what another computes, or both read the same
 * array. What has nothing in common stays apart, so equal layers have equal loops, and these one function.
 */
export class Stage {
  readonly size: number;
  readonly #loopOf = new Map<Id, Loop>();
  /** A node that reads an array. */
  readonly #readerOf = new Map<Id, Id>();

  constructor(size: number) {
    this.size = size;
  }

  get loops(): LoopKernel[] {
    const { size } = this;
    return [...new Set(this.#loopOf.values())]
      .map(({ nodes, cuts, reduction }) => {
        return { kind: "loop" as const, size, nodes: nodes.sort((a, b) => a - b), cuts, reduction };
      })
      .sort((a, b) => a.nodes[0]! - b.nodes[0]!);
  }

  /** Takes a node in, if it fits in with what it needs of this stage. */
  take(member: Member): boolean {
    const { id, direct, arrays } = member;
    const loops: Loop[] = [];
    for (let i = 0; i < direct.length; i++) note(loops, this.#loopOf.get(direct[i]!));
    const needed = loops.length;
    for (let i = 0; i < arrays.length; i++) note(loops, this.#loopOf.get(this.#readerOf.get(arrays[i]!) ?? -1));
    const isTaken = this.#join(member, loops) || (needed < loops.length && this.#join(member, loops.slice(0, needed)));
    if (isTaken) for (let i = 0; i < arrays.length; i++) this.#readerOf.set(arrays[i]!, id);
    return isTaken;
  }

  /** Makes one loop of some and a node, if they fit. */
  #join({ id, cuts, reduction }: Member, loops: readonly Loop[]): boolean {
    let count = 1;
    let reduced = reduction;
    for (let i = 0; i < loops.length; i++) {
      const loop = loops[i]!;
      if (!reducesAlike(loop.reduction, reduced)) return false;
      reduced ??= loop.reduction;
      count += loop.nodes.length;
    }
    if (count > mostNodes) return false;
    const into = loops[0] ?? { nodes: [], cuts: new Set(), reduction: null };
    // Most nodes bring no cuts, and join one loop.
    if (cuts.length > 0 || loops.length > 1) {
      const all = new Set(cuts);
      for (const loop of loops) for (const cut of loop.cuts) all.add(cut);
      if (all.size > into.cuts.size && !isChain([...all], this.size)) return false;
      for (const cut of all) into.cuts.add(cut);
    }
    into.reduction = reduced;
    this.#add(id, into);
    for (let i = 1; i < loops.length; i++) for (const own of loops[i]!.nodes) this.#add(own, into);
    return true;
  }

  #add(id: Id, into: Loop): void {
    into.nodes.push(id);
    this.#loopOf.set(id, into);
  }
}

/** Adds a loop to a list, once. */
function note(loops: Loop[], loop: Loop | undefined): void {
  if (loop !== undefined && !loops.includes(loop)) loops.push(loop);
}

/** A loop that grows. */
interface Loop {
  readonly nodes: Id[];
  readonly cuts: Set<number>;
  reduction: Axes | null;
}

function reducesAlike(a: Axes | null, b: Axes | null): boolean {
  return a === null || b === null || (a.count === b.count && a.inner === b.inner);
}
