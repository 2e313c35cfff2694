import type { Products } from "../core/products.ts";
import { runtime } from "../core/runtime.ts";
import type { Graph, Id } from "./ir.ts";

/** What multiplies matrices for programs that are made now: the last that was switched on and not off; null if nothing does. */
export function productsNow(): Products | null {
  const { accelerators } = runtime;
  for (let at = accelerators.length - 1; at >= 0; at--) {
    const { products } = accelerators[at]!;
    if (products !== undefined) return products;
  }
  return null;
}

/** The same graph where products that are faster outside are computed there. */
export function withProducts(graph: Graph, outside: Products | null): Graph {
  if (outside === null) return graph;
  // What is read in place as a window is no matrix in memory.
  const isWindow = (id: Id): boolean => graph.nodes[id]!.kind === "view";
  const nodes = graph.nodes.map((node) =>
    node.kind === "matmul" && !isWindow(node.a) && !isWindow(node.b) && outside.takes(node)
      ? { ...node, outside }
      : node,
  );
  return { ...graph, nodes };
}
