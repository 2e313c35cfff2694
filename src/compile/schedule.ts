import { cutsOf, isChain } from "./cuts.ts";
import {
  type Axes,
  type Graph,
  type Id,
  isSerial,
  type Looped,
  loopedOf,
  type Node,
  reductionOf,
  type SerialNode,
  usesOf,
} from "./ir.ts";

export type { SerialNode } from "./ir.ts";

/** Nodes that one loop over `size` elements computes together. */
export interface LoopKernel {
  readonly kind: "loop";
  readonly size: number;
  readonly nodes: Id[];
  readonly cuts: Set<number>;
  /** What its reductions have in common. */
  reduction: Axes | null;
}

/** One node, and, for a product, the loop over its result that runs for some rows after the other. */
export interface SingleKernel {
  readonly kind: "single";
  readonly id: Id;
  readonly node: SerialNode;
  readonly epilogue: LoopKernel | null;
}

/** A step of a program. */
export type Kernel = LoopKernel | SingleKernel | { readonly kind: "check"; readonly check: number };

/** Kernels in the order in which they run. */
export interface Schedule {
  readonly kernels: readonly Kernel[];
  /** The kernel of each node; −1 for those that need none. */
  readonly kernelOf: Int32Array;
  /** Nodes that have a place in memory. */
  readonly isStored: Uint8Array;
}

/** So many nodes fit into one loop. */
const mostNodes = 64;

/**
 * Puts nodes together into loops: a node joins one that computes what it reads at the same element, or one of the same size that runs
 * after everything it reads. Checks come first of all.
 */
export function schedule(graph: Graph): Schedule {
  const { nodes, checks, outputs } = graph;
  const kernels: Kernel[] = [];
  const kernelOf = new Int32Array(nodes.length).fill(-1);
  const isStored = new Uint8Array(nodes.length);
  for (const id of outputs) isStored[id] = 1;

  let checked = 0; // what is not needed for a check comes after it: an index is used when it is known to be right

  /** The earliest kernel that may use a node: its own, if at the same element, or the one after it. */
  const after = (id: Id, isDirect: boolean): number => {
    const node = nodes[id]!;
    if (node.kind === "view") return after(node.x, false);
    const at = kernelOf[id]!;
    const isAtElement = isDirect && loopedOf(node) !== null && reductionOf(node) === null;
    return at < 0 ? 0 : at + (isAtElement ? 0 : 1);
  };

  const place = (id: Id): void => {
    const node = nodes[id]!;
    const looped = loopedOf(node);
    if (looped !== null) kernelOf[id] = join(node, looped, id);
    else if (isSerial(node)) kernelOf[id] = kernels.push({ kind: "single", id, node, epilogue: null }) - 1;
  };

  const join = (node: Node, looped: Looped<Node>, id: Id): number => {
    const size = looped.over(node, (use) => nodes[use]!);
    const direct = looped.direct(node);
    const reduction = reductionOf(node);
    const first = Math.max(
      checked,
      ...direct.map((use) => after(use, true)),
      ...looped.whole(node).map((use) => after(use, false)),
    );
    const own = new Set<number>(looped.cuts(node));
    for (const use of direct) {
      const used = nodes[use]!;
      if (used.kind === "view") for (const cut of cutsOf(used)) own.add(cut);
    }
    let chosen: LoopKernel | null = null;
    let index = -1;
    for (let k = kernels.length - 1; k >= first; k--) {
      const kernel = kernels[k]!;
      if (kernel.kind !== "loop" || kernel.size !== size || kernel.nodes.length >= mostNodes) continue;
      if (!isChain([...kernel.cuts, ...own], size) || !reducesAlike(kernel.reduction, reduction)) continue;
      [chosen, index] = [kernel, k]; // at last, where its operands are in registers
    }
    if (chosen === null) {
      chosen = { kind: "loop", size, nodes: [], cuts: new Set(), reduction: null };
      index = kernels.push(chosen) - 1;
    }
    chosen.nodes.push(id);
    for (const cut of own) chosen.cuts.add(cut);
    if (reduction !== null) chosen.reduction = reduction;
    return index;
  };

  const isPlaced = new Uint8Array(nodes.length);
  for (const [i, { bad, inputs }] of checks.entries()) {
    const needed = new Set<Id>([bad, ...inputs]);
    for (let id = nodes.length - 1; id >= 0; id--) {
      if (needed.has(id)) for (const use of usesOf(nodes[id]!)) needed.add(use);
    }
    for (const id of [...needed].sort((a, b) => a - b)) {
      if (!isPlaced[id]) place(id);
      isPlaced[id] = 1;
    }
    for (const id of [bad, ...inputs]) isStored[baseOf(graph, id)] = 1;
    checked = kernels.push({ kind: "check", check: i });
  }
  for (let id = 0; id < nodes.length; id++) if (!isPlaced[id]) place(id);

  nodes.forEach((node, id) => {
    const k = kernelOf[id]!;
    // What a kernel reads of itself is in registers.
    for (const use of usesOf(node)) if (kernelOf[use] !== k) isStored[baseOf(graph, use)] = 1;
  });
  return { kernels, kernelOf, isStored };
}

/** The nodes that a kernel computes. */
export function membersOf(kernel: LoopKernel | SingleKernel): readonly Id[] {
  return kernel.kind === "loop" ? kernel.nodes : [kernel.id, ...(kernel.epilogue?.nodes ?? [])];
}

/** What a window shows, or the node itself. */
export function baseOf({ nodes }: Graph, id: Id): Id {
  const node = nodes[id]!;
  return node.kind === "view" ? baseOf({ nodes } as Graph, node.x) : id;
}

function reducesAlike(a: Axes | null, b: Axes | null): boolean {
  return a === null || b === null || (a.count === b.count && a.inner === b.inner);
}
