import { bytesOf } from "../ir/kind.ts";
import { type Graph, type Id, isHost, loopedOf, reductionOf, usesOf } from "../ir.ts";
import { baseOf, membersOf, type Schedule } from "../schedule.ts";
import { roomOf } from "./emit/alone.ts";

/** Where an output has to go: an address outside of the arena. */
export interface Target {
  readonly id: Id;
  readonly address: number;
  /** The leaf that is at that address, whose readers must come first; −1 if nobody reads there. */
  readonly leaf: Id;
}

/** Where everything lies in memory. Addresses in the arena count from its beginning. */
export interface Plan {
  /** Of each node, in the arena; −1 if it is elsewhere, or nowhere. */
  readonly offsets: Int32Array;
  /** Of each node that is written to its target at once, there; else −1. */
  readonly direct: Float64Array;
  /** Nodes that are written over what their own loop reads. */
  readonly isLate: Uint8Array;
  /** Targets that are copied to at the end. */
  readonly copies: readonly Target[];
  /** Room that kernels need for themselves, by kernel. */
  readonly rooms: ReadonlyMap<number, number>;
  /** Bytes of the arena. */
  readonly bytes: number;
}

/** Gives each stored node its place. Places of nodes that nobody reads any more are used again. */
export function planMemory(
  graph: Graph,
  { kernels, kernelOf, isStored }: Schedule,
  targets: readonly Target[],
  threads: number,
): Plan {
  const { nodes, checks } = graph;
  const n = nodes.length;
  const lastUse = new Int32Array(n).fill(-1);
  const lastRead = new Int32Array(n).fill(-1); // of leaves
  const onlyDirect = new Uint8Array(n).fill(1); // whether a leaf's last reader reads it at its own element
  let lastStop = -1; // the last kernel at which a run may end: a check, or a call of a function that throws
  kernels.forEach((kernel, k) => {
    const note = (id: Id, isDirect: boolean): void => {
      const base = baseOf(graph, id);
      lastUse[base] = k;
      if (lastRead[base]! < k) onlyDirect[base] = 1;
      lastRead[base] = k;
      if (!isDirect || base !== id) onlyDirect[base] = 0;
    };
    if (kernel.kind === "check") {
      lastStop = k;
      const { bad, inputs } = checks[kernel.check]!;
      for (const id of [bad, ...inputs]) note(id, false);
    } else {
      if (kernel.kind === "call" && isHost(kernel.node)) lastStop = k;
      for (const id of membersOf(kernel)) {
        const node = nodes[id]!;
        const isInLoop = kernel.kind === "loop" || id !== kernel.id;
        const uses = usesOf(node);
        for (let i = 0; i < uses.length; i++)
          note(uses[i]!, isInLoop && !loopedOf(node)?.whole(node).includes(uses[i]!));
      }
    }
  });

  const direct = new Float64Array(n).fill(-1);
  const isLate = new Uint8Array(n);
  const copies: Target[] = [];
  for (const target of targets) {
    const { id, leaf, address } = target;
    const k = kernelOf[id]!;
    const isRead = leaf >= 0 && lastRead[leaf]! >= k;
    const isSafe = !isRead || (lastRead[leaf] === k && onlyDirect[leaf] === 1);
    if (!isSafe || k <= lastStop || (isRead && reductionOf(nodes[id]!) !== null)) copies.push(target);
    else {
      direct[id] = address;
      if (isRead) isLate[id] = 1;
    }
  }
  for (const { id } of copies) lastUse[id] = kernels.length;

  const arena = new Arena();
  const offsets = new Int32Array(n).fill(-1);
  const bytesFor = (id: Id): number => nodes[id]!.size * bytesOf[nodes[id]!.dtype];
  nodes.forEach((node, id) => {
    if (node.kind === "constant" && node.values.length !== 1) offsets[id] = arena.take(bytesFor(id)); // for good
  });
  const rooms = new Map<number, number>();
  const expiring: Id[][] = kernels.map(() => []);
  kernels.forEach((kernel, k) => {
    if (kernel.kind === "check") return;
    for (const id of membersOf(kernel)) {
      if (!isStored[id] || direct[id]! >= 0) continue;
      offsets[id] = arena.take(bytesFor(id));
      expiring[Math.max(lastUse[id]!, k)]?.push(id);
    }
    const room = kernel.kind === "single" ? roomOf(kernel.node, threads, nodes) : null;
    if (room !== null) {
      const at = arena.take(room);
      rooms.set(k, at);
      arena.give(at);
    }
    for (const id of expiring[k]!) arena.give(offsets[id]!);
  });
  return { offsets, direct, isLate, copies, rooms, bytes: arena.size };
}

/** Nothing takes room, too: two blocks have two addresses. */
const roundedUp = (bytes: number): number => Math.ceil(Math.max(bytes, 1) / 64) * 64;

/** Blocks of memory, each in the first gap between the others that is large enough. */
class Arena {
  size = 0;
  /** Where the last block ends. */
  #end = 0;
  /** The gaps before that, by address: a deep network has hundreds of blocks, and few gaps. */
  readonly #gaps: { at: number; readonly end: number }[] = [];
  /** Where blocks end. */
  readonly #ends = new Map<number, number>();

  take(bytes: number): number {
    const rounded = roundedUp(bytes);
    const k = this.#gaps.findIndex(({ at, end }) => end - at >= rounded);
    const gap = this.#gaps[k];
    const at = gap?.at ?? this.#end;
    const end = at + rounded;
    if (gap === undefined) this.#end = end;
    else if (gap.end > end) gap.at = end;
    else this.#gaps.splice(k, 1);
    this.#ends.set(at, end);
    this.size = Math.max(this.size, end);
    return at;
  }

  give(from: number): void {
    let [at, end] = [from, this.#ends.get(from)!];
    this.#ends.delete(from);
    const gaps = this.#gaps;
    let first = gaps.length; // of the gaps that it becomes one with, or that come after it
    while (first > 0 && gaps[first - 1]!.end >= at) first--;
    let next = first;
    for (; next < gaps.length && gaps[next]!.at <= end; next++) {
      at = Math.min(at, gaps[next]!.at);
      end = Math.max(end, gaps[next]!.end);
    }
    if (end === this.#end) {
      this.#end = at;
      gaps.length = first;
    } else gaps.splice(first, next - first, { at, end });
  }
}
