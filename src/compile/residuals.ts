import type { Id } from "./ir/kind.ts";
import { bytesOf } from "./ir/kind.ts";
import { type Check, type Graph, isCall, type MapFn, type MapNode, type Node, usesOf, withUses } from "./ir.ts";

// A graph that holds a function and its gradients is cut in two: what backward needs of the function is saved by the first part, or computed again by the second.

/** What backward computes, as nodes of the graph that holds the function, too. */
export interface Wanted {
  readonly outputs: readonly Id[];
  readonly checks: readonly Check[];
}

/** What a cut must know of the nodes. */
export interface Border {
  readonly nodes: readonly Node[];
  /** Where the function ends. */
  readonly mark: number;
  /** Whether a leaf is there for backward without being saved. */
  readonly isHeld: (leaf: Id) => boolean;
  readonly isCotangent: (leaf: Id) => boolean;
}

/** Elementwise functions that cost no more than to read a value that was saved. */
const cheap: ReadonlySet<MapFn> = new Set<MapFn>(
  ["neg", "abs", "floor", "ceil", "round", "not", "cast", "add", "sub", "mul", "min", "max", "lt", "le", "eq", "ne", "and", "or", "xor", "select"], // biome-ignore format: one line
);

export const isCheap = (node: Node): node is MapNode => node.kind === "map" && cheap.has(node.fn);

/** So far back is looked whether it takes less to compute something again. */
const deepest = 4;

/**
 * The nodes that the function's program has to save for backward. Windows, and cheap elementwise functions of what is saved or held anyway, are computed
 * again if that saves bytes; products, reductions, and all else never are.
 */
export function residualsOf({ nodes, mark, isHeld, isCotangent }: Border, wanted: readonly Wanted[]): Id[] {
  const isLate = lateNodes(nodes, mark, isCotangent);
  const roots = wanted.flatMap(rootsOf);
  const isNeeded = reachable(nodes, roots, (id) => isLate[id] === 1);
  const isKept = new Uint8Array(nodes.length);
  const extra = (id: Id, depth: number): number => {
    const node = nodes[id]!;
    if (isKept[id] || isNeeded[id] || isFree(id)) return 0;
    const own = node.size * bytesOf[node.dtype];
    if (depth === 0) return own;
    if (node.kind === "view") return extra(node.x, depth - 1);
    if (!isCheap(node)) return own;
    return Math.min(
      own,
      usesOf(node).reduce((sum, use) => sum + extra(use, depth - 1), 0),
    );
  };
  const isFree = (id: Id): boolean => nodes[id]!.kind === "constant" || (nodes[id]!.kind === "leaf" && isHeld(id));
  for (let id = nodes.length - 1; id >= 0; id--) {
    if (!isNeeded[id] || isLate[id] || isFree(id)) continue;
    const node = nodes[id]!;
    const own = node.size * bytesOf[node.dtype];
    const again = usesOf(node).reduce((sum, use) => sum + extra(use, deepest), 0);
    // A window costs nothing; the result of a function is nearer to what is done with it.
    const isAgain = node.kind === "view" ? again <= own : isCheap(node) && again < own;
    if (isAgain) for (const use of usesOf(node)) isNeeded[use] = 1;
    else isKept[id] = 1;
  }
  return nodes.flatMap((_, id) => (isKept[id] ? [id] : []));
}

/** Backward's own graph: leaves stand for what is saved. `from` says for each leaf which node it was. */
export function backwardGraph(
  nodes: readonly Node[],
  isSaved: (id: Id) => boolean,
  wanted: Wanted,
): { readonly graph: Graph; readonly from: readonly Id[] } {
  const isNeeded = reachable(nodes, rootsOf(wanted), (id) => !isSaved(id));
  const own: Node[] = [];
  const from: Id[] = [];
  const places = new Int32Array(nodes.length);
  nodes.forEach((node, id) => {
    if (!isNeeded[id]) return;
    const { dtype, size } = node;
    const isLeaf = node.kind === "leaf" || isSaved(id);
    places[id] = own.push(isLeaf ? { kind: "leaf", dtype, size } : withUses(node, (use) => places[use]!)) - 1;
    if (isLeaf) from.push(id);
  });
  const at = (id: Id): Id => places[id]!;
  const checks = wanted.checks.map(({ bad, inputs }) => ({ bad: at(bad), inputs: inputs.map(at) }));
  return { graph: { nodes: own, checks, outputs: wanted.outputs.map(at) }, from };
}

/** What cannot be computed before a cotangent is there. A call to the host that backward makes is backward's, too. */
function lateNodes(nodes: readonly Node[], mark: number, isCotangent: (leaf: Id) => boolean): Uint8Array {
  const isLate = new Uint8Array(nodes.length);
  nodes.forEach((node, id) => {
    const isFirst = node.kind === "leaf" ? isCotangent(id) : isCall(node) && id >= mark;
    if (isFirst || usesOf(node).some((use) => isLate[use])) isLate[id] = 1;
  });
  return isLate;
}

const rootsOf = ({ outputs, checks }: Wanted): Id[] => [
  ...outputs,
  ...checks.flatMap(({ bad, inputs }) => [bad, ...inputs]),
];

/** Nodes that roots are made of, going on from those that `passes` says. */
function reachable(nodes: readonly Node[], roots: readonly Id[], passes: (id: Id) => boolean): Uint8Array {
  const isReached = new Uint8Array(nodes.length);
  for (const id of roots) isReached[id] = 1;
  for (let id = nodes.length - 1; id >= 0; id--) {
    if (isReached[id] && passes(id)) for (const use of usesOf(nodes[id]!)) isReached[use] = 1;
  }
  return isReached;
}
