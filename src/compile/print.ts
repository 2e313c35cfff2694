import type { Graph, Id, Node, View } from "./ir.ts";
import { membersOf, type Schedule } from "./schedule.ts";

/** A graph as text, a node a line; with a schedule, grouped by the loops that compute them. */
export function printGraph(graph: Graph, schedule?: Schedule): string {
  const { nodes, checks, outputs } = graph;
  const line = (id: Id): string => `%${id} = ${describeNode(nodes[id]!)}`;
  const lines: string[] = [];
  if (schedule === undefined) for (const id of nodes.keys()) lines.push(line(id));
  else {
    nodes.forEach((node, id) => {
      if (node.kind === "leaf" || node.kind === "constant" || node.kind === "view") lines.push(line(id));
    });
    for (const [k, kernel] of schedule.kernels.entries()) {
      if (kernel.kind === "check") lines.push(`check ${k}: stop if %${checks[kernel.check]!.bad}`);
      else if (kernel.kind === "single") lines.push(`kernel ${k}:`, ...membersOf(kernel).map((id) => `  ${line(id)}`));
      else {
        lines.push(`loop ${k} over ${kernel.size}:`);
        for (const id of kernel.nodes) lines.push(`  ${line(id)}${schedule.isStored[id] ? " → memory" : ""}`);
      }
    }
  }
  lines.push(`outputs ${outputs.map((id) => `%${id}`).join(", ")}`);
  return lines.join("\n");
}

const window = ({ sizes, strides, offset }: View): string => `[${sizes}] by [${strides}] from ${offset}`;

function describeNode(node: Node): string {
  const type = `${node.dtype}[${node.size}]`;
  switch (node.kind) {
    case "leaf":
      return `leaf ${type}`;
    case "constant":
      return `constant ${type}${node.values.length === 1 ? ` ${node.values[0]}` : ""}`;
    case "view":
      return `view ${type} %${node.x} ${window(node)}`;
    case "map":
      return `${node.fn} ${type} ${node.args.map((id) => `%${id}`).join(", ")}`;
    case "take":
      return `take ${type} %${node.x} at %${node.at}`;
    case "reduce":
      return `${node.fn} of ${node.outer}×${node.count}×${node.inner} ${type} %${node.x}`;
    case "scan":
      return `running sum of ${node.outer}×${node.count}×${node.inner} ${type} %${node.x}${node.reverse ? " backwards" : ""}`;
    case "sort":
      return `order of ${node.outer}×${node.count}×${node.inner} %${node.x}${node.descending ? " descending" : ""}`;
    case "matmul": {
      const { batch, m, k, n, a, b, transposeA, transposeB } = node;
      const sizes = `${batch > 1 ? `${batch}×` : ""}${m}×${k}×${n}`;
      return `matmul ${sizes} ${type} %${a}${transposeA ? "ᵀ" : ""} %${b}${transposeB ? "ᵀ" : ""}`;
    }
    case "scatter":
      return `scatter ${type} %${node.source} into %${node.x} at %${node.at}`;
    case "host":
      return `call of ${node.fn.name || "a function"} ${type} ${node.inputs.map((id) => `%${id}`).join(", ")}`;
    case "assemble":
      return `assemble ${type} ${node.parts.map((part) => `%${part.x} at ${window(part)}`).join(", ")}, else ${node.fill}`;
  }
}
