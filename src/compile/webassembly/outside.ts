import type { Products } from "../../core/products.ts";
import type { Graph, Id } from "../ir.ts";
import { windowsOf } from "../windowOperand.ts";

/** The same graph where products that are faster outside are computed there. Those with windows, only if no threads of ours share them. */
export function withProducts(graph: Graph, outside: Products | null, threads: number): Graph {
  if (outside === null) return graph;
  const isWindow = (id: Id): boolean => graph.nodes[id]!.kind === "view";
  const nodes = graph.nodes.map((node) => {
    if (node.kind !== "matmul") return node;
    // What is read in place as a window is not a matrix in memory.
    if (!isWindow(node.a) && !isWindow(node.b)) return outside.takes(node) ? { ...node, outside } : node;
    const panels = threads > 1 ? null : outside.panels(node, windowsOf(node, graph.nodes));
    return panels === null ? node : { ...node, panels };
  });
  return { ...graph, nodes };
}

/** Whether some products of a graph are computed outside in parts. */
export function hasPanels({ nodes }: Graph): boolean {
  return nodes.some((node) => node.kind === "matmul" && node.panels !== undefined);
}
