import {
  copiedUsesOf,
  type Graph,
  type Id,
  isComputed,
  isNumber,
  markUses,
  type Node,
  type Operand,
  usesOf,
  withUses,
} from "./ir.ts";

/** The same graph without nodes that nothing needs. */
export function withoutDeadCode({ nodes, checks, outputs }: Graph): Graph {
  const isUsed = new Uint8Array(nodes.length);
  for (const id of outputs) isUsed[id] = 1;
  for (const { bad, inputs } of checks) for (const id of [bad, ...inputs]) isUsed[id] = 1;
  for (let id = nodes.length - 1; id >= 0; id--) {
    const node = nodes[id]!;
    if (node.kind === "leaf") isUsed[id] = 1;
    if (isUsed[id]) markUses(node, isUsed);
  }
  return rebuilt({ nodes, checks, outputs }, (node, id, keep) => (isUsed[id] ? keep(node) : -1));
}

/**
 * The same graph with copies where something must lie in memory as it is: operands of anything but elementwise work that are windows or
 * one number; windows that cut an array in ways that one loop cannot follow; and outputs that no node computes.
 */
export function withCopies(graph: Graph): Graph {
  const taken = new Set<Id>();
  return rebuilt(
    graph,
    (node, _, keep, made) => {
      if (usesDense(node, made)) return keep(node); // nothing needs a copy then
      const copy = (id: Id): Id => {
        const { dtype, size } = made[id]!;
        return keep({ kind: "map", fn: "cast", dtype, size, args: [id] });
      };
      const operand = (id: Id): Operand => {
        const own = made[id]!;
        return { dtype: own.dtype, size: own.size, window: own.kind === "view" ? own : null, isNumber: isNumber(own) };
      };
      const copied = copiedUsesOf(node, operand);
      return keep(copied.size === 0 ? node : withUses(node, (id) => (copied.has(id) ? copy(id) : id)));
    },
    (id, keep, made) => {
      const node = made[id]!;
      const isOwn = isComputed(node) && !taken.has(id);
      const { dtype, size } = node;
      const output = isOwn ? id : keep({ kind: "map", fn: "cast", dtype, size, args: [id] });
      taken.add(output);
      return output;
    },
  );
}

/** Whether nothing that a node uses is a window, or one number. */
function usesDense(node: Node, nodes: readonly Node[]): boolean {
  const uses = usesOf(node);
  for (let i = 0; i < uses.length; i++) {
    const used = nodes[uses[i]!]!;
    if (used.kind === "view" || isNumber(used)) return false;
  }
  return true;
}

/** Rebuilds a graph node by node: `change` keeps a node, other nodes before it, or none. */
function rebuilt(
  { nodes, checks, outputs }: Graph,
  change: (node: Node, id: Id, keep: (node: Node) => Id, made: readonly Node[]) => Id,
  output: (id: Id, keep: (node: Node) => Id, made: readonly Node[]) => Id = (id) => id,
): Graph {
  const made: Node[] = [];
  const places: Id[] = [];
  const keep = (node: Node): Id => made.push(node) - 1;
  const at = (id: Id): Id => places[id]!;
  let isMoved = false; // until then, nodes stay as they are, which most do
  nodes.forEach((node, id) => {
    const place = change(isMoved ? withUses(node, at) : node, id, keep, made);
    if (place !== id) isMoved = true;
    places.push(place);
  });
  return {
    checks: checks.map(({ bad, inputs }) => ({ bad: at(bad), inputs: inputs.map(at) })),
    outputs: outputs.map((id) => output(at(id), keep, made)),
    nodes: made,
  };
}
