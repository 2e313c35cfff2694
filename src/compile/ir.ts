import { dtypes } from "../core/dtype.ts";
import { type AssembleNode, assemble } from "./ir/assemble.ts";
import { type Constant, constant } from "./ir/constant.ts";
import { type HostNode, host } from "./ir/host.ts";
import type { Axes, Base, Id, Kind, Looped, Operand } from "./ir/kind.ts";
import { type Leaf, leaf } from "./ir/leaf.ts";
import { type MapNode, map } from "./ir/map.ts";
import { type MatmulNode, matmul } from "./ir/matmul.ts";
import { type ReduceNode, reduce } from "./ir/reduce.ts";
import { type ScanNode, scan } from "./ir/scan.ts";
import { type ScatterNode, scatter } from "./ir/scatter.ts";
import { type SortNode, sort } from "./ir/sort.ts";
import { type TakeNode, take } from "./ir/take.ts";
import { type ViewNode, view } from "./ir/view.ts";

export type { AssembleNode } from "./ir/assemble.ts";
export type { Constant } from "./ir/constant.ts";
export type { HostFn, HostNode } from "./ir/host.ts";
export type { Axes, Base, Id, Looped, Operand } from "./ir/kind.ts";
export type { Leaf } from "./ir/leaf.ts";
export type { BinaryFn, MapFn, MapNode, UnaryFn } from "./ir/map.ts";
export type { MatmulNode } from "./ir/matmul.ts";
export type { ReduceFn, ReduceNode } from "./ir/reduce.ts";
export type { ScanNode } from "./ir/scan.ts";
export type { ScatterNode } from "./ir/scatter.ts";
export type { SortNode } from "./ir/sort.ts";
export type { TakeNode } from "./ir/take.ts";
export type { View, ViewNode } from "./ir/view.ts";

export type Node =
  | Leaf
  | Constant
  | ViewNode
  | MapNode
  | TakeNode
  | ReduceNode
  | MatmulNode
  | ScatterNode
  | AssembleNode
  | ScanNode
  | SortNode
  | HostNode;

/** A condition that ends a run before it has changed anything: that one of `bad`'s elements is true. */
export interface Check {
  readonly bad: Id;
  /** What is needed to say why. */
  readonly inputs: readonly Id[];
}

/** A straight-line program of array operations. */
export interface Graph {
  readonly nodes: readonly Node[];
  readonly checks: readonly Check[];
  /** What must be in memory at the end. */
  readonly outputs: readonly Id[];
}

const kinds = {
  leaf,
  constant,
  view,
  map,
  take,
  reduce,
  matmul,
  scatter,
  assemble,
  scan,
  sort,
  host,
} satisfies { readonly [K in Node["kind"]]: Kind<NodeOf<K>> };

type NodeOf<K> = Extract<Node, { readonly kind: K }>;
/** Nodes of the kinds that are computed there. */
type ComputedBy<W> = { [K in Node["kind"]]: (typeof kinds)[K]["where"] extends W ? NodeOf<K> : never }[Node["kind"]];

/** Nodes that are kernels by themselves. */
export type SerialNode = ComputedBy<"alone">;
/** Nodes that loops compute. */
export type LoopedNode = ComputedBy<object>;

const kindOf = (node: Node): Kind<Node> => kinds[node.kind] as unknown as Kind<Node>;

/** The nodes that a node uses. */
export function usesOf(node: Node): readonly Id[] {
  return kindOf(node).uses(node);
}

/** Notes, by their numbers, what a node uses. In a first call of a deep network, iterators for thousands of nodes take a part of the time. */
export function markUses(node: Node, marks: Uint8Array): void {
  const uses = usesOf(node);
  for (let i = 0; i < uses.length; i++) marks[uses[i]!] = 1;
}

/** The same node with other uses. */
export function withUses(node: Node, other: (id: Id) => Id): Node {
  return kindOf(node).withUses(node, other);
}

/** Which of a node's uses must be copied, so they lie in memory, or fit into its loop, as they are. */
export function copiedUsesOf(node: Node, of: (id: Id) => Operand): ReadonlySet<Id> {
  return kindOf(node).copied(node, of);
}

/** What is wrong with a node by itself; null if nothing is. */
export function faultOf(node: Node, nodes: readonly Base[]): string | null {
  if (!dtypes.includes(node.dtype)) return `there is no dtype ${String(node.dtype)}`;
  return kindOf(node).fault(node, (id) => nodes[id]!);
}

/** Whether a node's elements are computed: by a loop or by a kernel of its own. Those of others are there already. */
export function isComputed(node: Node): boolean {
  return kindOf(node).where !== "nowhere";
}

/** How a node is computed in a loop with others; null if it is not. */
export function loopedOf(node: Node): Looped<Node> | null {
  const { where } = kindOf(node);
  return typeof where === "object" ? where : null;
}

/** The axes that a node reduces in a loop; null if it does not. */
export function reductionOf(node: Node): Axes | null {
  return loopedOf(node)?.reduction(node) ?? null;
}

/** Whether a node is a kernel by itself. */
export function isSerial(node: Node): node is SerialNode {
  return kindOf(node).where === "alone";
}

/** Whether a node is computed by a function of JavaScript, which may throw. */
export function isHost(node: Node): node is HostNode {
  return kindOf(node).where === "outside";
}

/** A product that is computed outside of the program. */
export type OutsideProduct = MatmulNode & Required<Pick<MatmulNode, "outside">>;

/** Whether a node is computed outside of the program. */
export function isCall(node: Node): node is HostNode | OutsideProduct {
  return isHost(node) || ("outside" in node && node.outside !== undefined);
}

/** Whether a node is one number, wherever it is read, that is known when code is made. */
export function isNumber(node: Node): node is Constant {
  return node.kind === "constant" && node.values.length === 1;
}

/** Whether a node has numbers in itself that JSON does not tell apart. */
export function hasNumbers(node: Node): boolean {
  return kindOf(node).hasNumbers;
}

/** What its kind writes of a node, which tells it from all others; null if that writes nothing. */
export function ownContentOf(node: Node): string | null {
  return kindOf(node).content?.(node) ?? null;
}

/** The use of a node that holds places, and what they are places in; null if there is none. */
export function placesOf(node: Node): { readonly x: Id; readonly at: Id } | null {
  return kindOf(node).places(node);
}

/** A node's floating-point operations. */
export function flopsOf(node: Node, nodes: readonly Base[]): number {
  return kindOf(node).flops(node, (id) => nodes[id]!);
}

/** A node in a line. */
export function nodeText(node: Node): string {
  return kindOf(node).text(node);
}
