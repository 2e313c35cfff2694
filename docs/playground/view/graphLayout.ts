import { Graph, layout } from "@dagrejs/dagre";
import type { GraphNode } from "../model/graph.ts";

/** A graph in the plane: nodes by their centres, edges as lines through points. */
export interface Layout {
  readonly width: number;
  readonly height: number;
  readonly nodes: ReadonlyMap<number, { readonly x: number; readonly y: number }>;
  readonly edges: readonly { readonly from: number; readonly to: number; readonly path: string }[];
}

/** Size of a node. */
export const box = { width: 92, height: 40 } as const;

/** Lays a graph out from left to right. */
export function layoutOf(nodes: readonly GraphNode[]): Layout {
  const graph = new Graph({ multigraph: true });
  graph.setGraph({ rankdir: "LR", nodesep: 14, ranksep: 34, marginx: 8, marginy: 8 });
  graph.setDefaultEdgeLabel(() => ({}));
  for (const { id } of nodes) graph.setNode(String(id), { ...box });
  for (const { id, inputs } of nodes) {
    for (const [i, input] of inputs.entries()) graph.setEdge(String(input.id), String(id), {}, String(i));
  }
  layout(graph);
  const { width = 0, height = 0 } = graph.graph() as { width?: number; height?: number };
  return {
    width,
    height,
    nodes: new Map(nodes.map(({ id }) => [id, graph.node(String(id)) as { x: number; y: number }])),
    edges: graph.edges().map((edge) => {
      const { points } = graph.edge(edge) as { points: readonly { x: number; y: number }[] };
      const path = points.map(({ x, y }, i) => `${i === 0 ? "M" : "L"}${x.toFixed(1)},${y.toFixed(1)}`).join("");
      return { from: Number(edge.v), to: Number(edge.w), path };
    }),
  };
}
