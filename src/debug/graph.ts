import { checkTensor } from "../core/apply.ts";
import { checkCount } from "../core/arguments.ts";
import { checkOptions } from "../core/options.ts";
import { describe } from "../core/shape.ts";
import { refuseMore } from "../core/surplus.ts";
import type { Tensor } from "../tensor.ts";
import { type Names, namesOf } from "./names.ts";
import { brief } from "./numbers.ts";

/** Options of {@link toDot} and {@link toMermaid}. */
export interface GraphOptions {
  /** Names for leaves: a model, whose parameters go by their paths in it, or an object of tensors by name. */
  readonly names?: Names;
  /** Whether nodes show values, and `grad` where it is not null; false by default. */
  readonly values?: boolean;
  /** The largest number of nodes to draw; 500 by default. If nodes are left out, the graph says how many edges lead to them. */
  readonly limit?: number;
}

interface Graph {
  readonly nodes: { readonly id: string; readonly lines: string[]; readonly kind: "op" | "parameter" | "constant" }[];
  readonly edges: [from: string, to: string][];
}

/**
 * Draws the computation graph of a tensor in the DOT language of Graphviz: an ellipse for each op, a box for each leaf.
 *
 * @param root - a tensor, for example the loss.
 * @param options - `names`, `values`, `limit`.
 * @returns text for `dot -Tsvg`.
 * @throws `ValueError` if `limit` is not a whole number, 1 or more.
 * @example
 * import { tensor } from "tinygrad-ts";
 * import { toDot } from "tinygrad-ts/debug";
 *
 * const w = tensor(3, { requiresGrad: true });
 * toDot(w.mul(w), { names: { w } }).split("\n")[2]; // →   n0 [label="w\nfloat32[]", shape=box, style=bold]
 */
export function toDot(root: Tensor, options: GraphOptions = {}): string {
  refuseMore("toDot", arguments, 2);
  const { nodes, edges } = graphBehind("toDot", root, options);
  const shapes = { op: "ellipse", parameter: "box, style=bold", constant: "box, style=dashed" };
  const escaped = (text: string): string => text.replaceAll("\\", "\\\\").replaceAll('"', '\\"');
  return [
    "digraph {",
    "  rankdir=BT",
    ...nodes.map(({ id, lines, kind }) => `  ${id} [label="${lines.map(escaped).join("\\n")}", shape=${shapes[kind]}]`),
    ...edges.map(([from, to]) => `  ${from} -> ${to}`),
    "}",
  ].join("\n");
}

/**
 * Draws the computation graph of a tensor in the language of Mermaid, which GitHub and many documentation tools render.
 *
 * @param root - a tensor, for example the loss.
 * @param options - `names`, `values`, `limit`.
 * @returns text for a code block with the language `mermaid`.
 * @throws `ValueError` if `limit` is not a whole number, 1 or more.
 * @example
 * import { tensor } from "tinygrad-ts";
 * import { toMermaid } from "tinygrad-ts/debug";
 *
 * const w = tensor(3, { requiresGrad: true });
 * toMermaid(w.mul(2), { names: { w } }).split("\n").at(-1)?.trim(); // → n0 --> n2
 */
export function toMermaid(root: Tensor, options: GraphOptions = {}): string {
  refuseMore("toMermaid", arguments, 2);
  const { nodes, edges } = graphBehind("toMermaid", root, options);
  const brackets = { op: ["([", "])"], parameter: ["[", "]"], constant: ["[/", "/]"] } as const;
  const escaped = (text: string): string =>
    text.replaceAll("&", "&amp;").replaceAll('"', "&quot;").replaceAll("<", "&lt;");
  return [
    "flowchart BT",
    ...nodes.map(({ id, lines, kind }) => {
      const [open, close] = brackets[kind];
      return `  ${id}${open}"${lines.map(escaped).join("<br>")}"${close}`;
    }),
    ...edges.map(([from, to]) => `  ${from} --> ${to}`),
  ].join("\n");
}

function graphBehind(op: string, root: Tensor, options: GraphOptions): Graph {
  checkTensor(op, root, "the root");
  checkOptions(op, options, { names: "any", values: "boolean", limit: "number" });
  const { names, values = false, limit = 500 } = options;
  checkCount(op, "limit", limit, 1);
  const known = namesOf(op, names);
  const ids = new Map<Tensor, string>();
  // Breadth first from the root, so the limit leaves out what is furthest from it.
  const queue = [root];
  const found: Tensor[] = [];
  let left = 0;
  for (let at = 0; at < queue.length; at++) {
    const x = queue[at]!;
    if (ids.has(x)) continue;
    if (found.length === limit) {
      left++;
      continue;
    }
    ids.set(x, "");
    found.push(x);
    queue.push(...x.inputs);
  }
  found.reverse().forEach((x, i) => ids.set(x, `n${i}`));
  const nodes: Graph["nodes"] = found.map((x) => {
    const kind = x.op !== null ? "op" : x.requiresGrad ? "parameter" : "constant";
    const lines = [known.get(x) ?? (x.op?.name || kind), describe(x)];
    if (values) {
      lines.push(brief(x));
      if (x.grad !== null) lines.push(`grad ${brief(x.grad)}`);
    }
    return { id: ids.get(x)!, lines, kind };
  });
  const edges = found.flatMap((y) =>
    y.inputs.flatMap((x): [string, string][] => (ids.has(x) ? [[ids.get(x)!, ids.get(y)!]] : [])),
  );
  if (left > 0)
    nodes.push({ id: "rest", lines: [`${left} more edges lead to nodes that were left out`], kind: "constant" });
  return { nodes, edges };
}
