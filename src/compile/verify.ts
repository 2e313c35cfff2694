import { faultOf, type Graph, type Id, usesOf } from "./ir.ts";

/**
 * Checks that a graph is well formed: nodes come after what they use, and sizes and dtypes fit. Run after each pass, it finds the pass that
 * is at fault.
 *
 * @param pass - what made the graph, for the message.
 * @throws Error that names the pass, the node and the rule. It is a fault of the compiler, not of its user.
 */
export function verify(graph: Graph, pass: string): Graph {
  const { nodes, checks, outputs } = graph;
  nodes.forEach((node, id) => {
    const fault = usesOf(node).some((use) => !(use >= 0 && use < id))
      ? "a node is used before it is made"
      : faultOf(node, nodes);
    if (fault !== null) throw new Error(`${pass}: node ${id} (${node.kind}): ${fault}`);
  });
  const isNode = (id: Id): boolean => id >= 0 && id < nodes.length;
  if (!outputs.every(isNode)) throw new Error(`${pass}: an output is no node`);
  for (const { bad, inputs } of checks) {
    if (![bad, ...inputs].every(isNode)) throw new Error(`${pass}: a check is of no node`);
    if (nodes[bad]!.dtype !== "bool" || nodes[bad]!.size !== 1) throw new Error(`${pass}: a check needs one bool`);
  }
  return graph;
}
