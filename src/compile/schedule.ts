import { cutsOf } from "./cuts.ts";
import {
  type Axes,
  type Graph,
  type HostNode,
  type Id,
  isCall,
  isSerial,
  type Looped,
  loopedOf,
  type Node,
  type OutsideProduct,
  reductionOf,
  type SerialNode,
  usesOf,
} from "./ir.ts";
import { Stage } from "./stage.ts";

export type { SerialNode } from "./ir.ts";

/** Nodes that one loop over `size` elements computes together. */
export interface LoopKernel {
  readonly kind: "loop";
  readonly size: number;
  readonly nodes: readonly Id[];
  readonly cuts: ReadonlySet<number>;
  /** What its reductions have in common. */
  readonly reduction: Axes | null;
}

/** One node, and, for a product, the loop over its result that runs for some rows after the other. */
export interface SingleKernel {
  readonly kind: "single";
  readonly id: Id;
  readonly node: SerialNode;
  readonly epilogue: LoopKernel | null;
}

/** A function outside of the program. */
export interface CallKernel {
  readonly kind: "call";
  readonly id: Id;
  readonly node: HostNode | OutsideProduct;
}

/** What may end the run. */
export interface CheckKernel {
  readonly kind: "check";
  readonly check: number;
}

/** A step of a program that computes something. */
export type ComputingKernel = LoopKernel | SingleKernel | CallKernel;

/** A step of a program. */
export type Kernel = ComputingKernel | CheckKernel;

/** Kernels in the order in which they run. */
export interface Schedule {
  readonly kernels: readonly Kernel[];
  /** The kernel of each node; −1 for those that need none. */
  readonly kernelOf: Int32Array;
  /** Nodes that have a place in memory. */
  readonly isStored: Uint8Array;
}

/**
 * Puts nodes together into loops: a node joins one that computes what it reads at the same element, or that reads the same array, if they are of one size and
 * everything that it reads is there by then. Checks come first of all.
 */
export function schedule(graph: Graph): Schedule {
  const { nodes, checks, outputs } = graph;
  const steps: Step[] = [];
  const stages = new Map<number, number[]>(); // the steps that are loops over so many elements
  const stepOf = new Int32Array(nodes.length).fill(-1);
  let checked = 0; // what is not needed for a check comes after it: an index is used when it is known to be right

  /** The earliest step that may use a node: its own, if at the same element, or the one after it. */
  const after = (id: Id, isDirect: boolean): number => {
    const node = nodes[id]!;
    if (node.kind === "view") return after(node.x, false);
    const at = stepOf[id]!;
    const isAtElement = isDirect && loopedOf(node) !== null && reductionOf(node) === null;
    return at < 0 ? 0 : at + (isAtElement ? 0 : 1);
  };

  const place = (id: Id): void => {
    const node = nodes[id]!;
    const looped = loopedOf(node);
    if (looped !== null) stepOf[id] = join(node, looped, id);
    else if (isCall(node)) step(id, { kind: "call", id, node });
    else if (isSerial(node)) step(id, { kind: "single", id, node, epilogue: null });
  };

  const step = (id: Id, kernel: SingleKernel | CallKernel): void => {
    stepOf[id] = steps.push(kernel) - 1;
  };

  const join = (node: Node, looped: Looped<Node>, id: Id): number => {
    const size = looped.over(node, (use) => nodes[use]!);
    const direct = looped.direct(node);
    let first = checked;
    const whole = looped.whole(node);
    // No iterators here: this is done for each node, in cold code.
    for (let i = 0; i < direct.length; i++) first = Math.max(first, after(direct[i]!, true));
    for (let i = 0; i < whole.length; i++) first = Math.max(first, after(whole[i]!, false));
    let cuts = looped.cuts(node);
    const arrays: Id[] = [];
    for (let i = 0; i < direct.length; i++) {
      const use = direct[i]!;
      const used = nodes[use]!;
      if (used.kind === "view") cuts = [...cuts, ...cutsOf(used)];
      const base = baseOf(graph, use);
      if (isArray(nodes[base]!)) arrays.push(base);
    }
    const member = { id, cuts, reduction: looped.reduction(node), direct, arrays };
    let own = stages.get(size);
    if (own === undefined) {
      own = [];
      stages.set(size, own);
    }
    for (let next = firstFrom(own, first); next < own.length; next++) {
      const at = own[next]!;
      if ((steps[at] as Stage).take(member)) return at; // the first one, where its operands are in registers
    }
    const stage = new Stage(size);
    stage.take(member);
    return own[own.push(steps.push(stage) - 1) - 1]!;
  };

  const isStored = new Uint8Array(nodes.length);
  for (const id of outputs) isStored[id] = 1;
  const isPlaced = new Uint8Array(nodes.length);
  for (const [check, { bad, inputs }] of checks.entries()) {
    for (const id of neededFor([bad, ...inputs], nodes, isPlaced)) {
      place(id);
      isPlaced[id] = 1;
    }
    for (const id of [bad, ...inputs]) isStored[baseOf(graph, id)] = 1;
    checked = steps.push({ kind: "check", check });
  }
  for (let id = 0; id < nodes.length; id++) if (!isPlaced[id]) place(id);

  const kernels = steps.flatMap((step): readonly Kernel[] => (step instanceof Stage ? step.loops : [step]));
  const kernelOf = new Int32Array(nodes.length).fill(-1);
  kernels.forEach((kernel, k) => {
    if (kernel.kind !== "check") for (const id of membersOf(kernel)) kernelOf[id] = k;
  });
  nodes.forEach((node, id) => {
    const k = kernelOf[id]!;
    const uses = usesOf(node);
    // What a kernel reads of itself is in registers.
    for (let i = 0; i < uses.length; i++) if (kernelOf[uses[i]!] !== k) isStored[baseOf(graph, uses[i]!)] = 1;
  });
  return { kernels, kernelOf, isStored };
}

/** A kernel, or loops that may run in any order. */
type Step = Stage | SingleKernel | CallKernel | CheckKernel;

const isArray = ({ kind, size }: Node): boolean => kind !== "constant" && size > 1;

/** What some nodes are made of, and they, as far as it is not placed yet; in order. */
function neededFor(ids: readonly Id[], nodes: readonly Node[], isPlaced: Uint8Array): Id[] {
  const needed = new Set<Id>();
  const open = [...ids];
  for (let id = open.pop(); id !== undefined; id = open.pop()) {
    if (isPlaced[id] || needed.has(id)) continue;
    needed.add(id);
    open.push(...usesOf(nodes[id]!));
  }
  return [...needed].sort((a, b) => a - b);
}

/** The nodes that a kernel computes. */
export function membersOf(kernel: ComputingKernel): readonly Id[] {
  if (kernel.kind === "loop") return kernel.nodes;
  return kernel.kind === "call" || kernel.epilogue === null ? [kernel.id] : [kernel.id, ...kernel.epilogue.nodes];
}

/** The place of the first number of an ascending list that is not less than another. A deep network has hundreds of steps of one size, and this is asked for each node. */
function firstFrom(ascending: readonly number[], least: number): number {
  let low = 0;
  let high = ascending.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (ascending[middle]! < least) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** What a window shows, or the node itself. */
export function baseOf(graph: Graph, id: Id): Id {
  const node = graph.nodes[id]!;
  return node.kind === "view" ? baseOf(graph, node.x) : id;
}
