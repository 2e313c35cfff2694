import { type Graph, type Id, isComputed, nodeText } from "./ir.ts";
import { membersOf, type Schedule } from "./schedule.ts";

/** A graph as text, a node a line; with a schedule, grouped by the loops that compute them. */
export function printGraph(graph: Graph, schedule?: Schedule): string {
  const { nodes, checks, outputs } = graph;
  const line = (id: Id): string => `%${id} = ${nodeText(nodes[id]!)}`;
  const lines: string[] = [];
  if (schedule === undefined) for (const id of nodes.keys()) lines.push(line(id));
  else {
    nodes.forEach((node, id) => {
      if (!isComputed(node)) lines.push(line(id));
    });
    for (const [k, kernel] of schedule.kernels.entries()) {
      if (kernel.kind === "check") lines.push(`check ${k}: stop if %${checks[kernel.check]!.bad}`);
      else if (kernel.kind === "loop") {
        lines.push(`loop ${k} over ${kernel.size}:`);
        for (const id of kernel.nodes) lines.push(`  ${line(id)}${schedule.isStored[id] ? " → memory" : ""}`);
      } else lines.push(`kernel ${k}:`, ...membersOf(kernel).map((id) => `  ${line(id)}`));
    }
  }
  lines.push(`outputs ${outputs.map((id) => `%${id}`).join(", ")}`);
  return lines.join("\n");
}
