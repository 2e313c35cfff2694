import { Graph, layout } from "@dagrejs/dagre";
import type { GraphNode } from "../model/graph.ts";

/** A graph in the plane: nodes by their centres, edges as lines through points. */
export interface Layout {
  readonly width: number;
  readonly height: number;
  readonly nodes: ReadonlyMap<number, { readonly x: number; readonly y: number }>;
  readonly edges: readonly { readonly from: number; readonly to: number; readonly path: string }[];
}

/** Height of a node. */
export const boxHeight = 40;

/** How wide a node must be to hold its name. */
export function widthOf(name: string): number {
  let width = 24;
  for (const letter of name) width += letter > "\u2e7f" ? 12.5 : 7;
  return Math.max(width, 76);
}

/** Lays a graph out from left to right, with nodes of one width. */
export function layoutOf(nodes: readonly GraphNode[], width: number): Layout {
  const graph = new Graph({ multigraph: true });
  graph.setGraph({ rankdir: "LR", nodesep: 14, ranksep: 34, marginx: 8, marginy: 8 });
  graph.setDefaultEdgeLabel(() => ({}));
  for (const { id } of nodes) graph.setNode(String(id), { width, height: boxHeight });
  for (const { id, inputs } of nodes) {
    for (const [i, input] of inputs.entries()) graph.setEdge(String(input.id), String(id), {}, String(i));
  }
  layout(graph);
  const size = graph.graph() as { width?: number; height?: number };
  return {
    width: size.width ?? 0,
    height: size.height ?? 0,
    nodes: new Map(nodes.map(({ id }) => [id, graph.node(String(id)) as { x: number; y: number }])),
    edges: graph.edges().map((edge) => {
      const { points } = graph.edge(edge) as { points: readonly { x: number; y: number }[] };
      const path = points.map(({ x, y }, i) => `${i === 0 ? "M" : "L"}${x.toFixed(1)},${y.toFixed(1)}`).join("");
      return { from: Number(edge.v), to: Number(edge.w), path };
    }),
  };
}
