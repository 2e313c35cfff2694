import { type DType, isFloat } from "../core/dtype.ts";
import { isElementary } from "./emit/math/kernels.ts";
import { bytesOf } from "./emit/vector.ts";
import { type Graph, type Id, type MapFn, type MapNode, type Node, usesOf } from "./ir.ts";
import { viewSize } from "./view.ts";

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

/** What is wrong with a node; null if nothing is. */
export function faultOf(node: Node, nodes: readonly Node[]): string | null {
  const { dtype, size } = node;
  if (bytesOf[dtype] === undefined) return `there is no dtype ${String(dtype)}`;
  const of = (id: Id): Node => nodes[id]!;
  const isLike = (id: Id, own: DType, elements: number): boolean => of(id).dtype === own && of(id).size === elements;
  switch (node.kind) {
    case "leaf":
      return null;
    case "constant":
      return node.values.length === size || node.values.length === 1
        ? null
        : "values must be as many as elements, or one";
    case "view": {
      if (of(node.x).dtype !== dtype) return "a window keeps the dtype";
      if (viewSize(node) !== size) return "sizes must multiply to the number of elements";
      const [low, high] = reachOf(node);
      return low >= 0 && high < of(node.x).size ? null : "the window must be within what it shows";
    }
    case "map":
      return node.args.every((id) => of(id).size === size) ? faultOfMap(node, node.args.map((id) => of(id).dtype)) : "sizes must be equal"; // biome-ignore format: one line
    case "take":
      return of(node.x).dtype === dtype && isLike(node.at, "int32", size)
        ? null
        : "places must be int32, one for each element";
    case "reduce":
      if (node.outer * node.inner !== size) return "the result must have outer times inner elements";
      return isLike(
        node.x,
        node.fn === "sum" && dtype === "float64" ? of(node.x).dtype : dtype, // a sum of float32, before it is rounded
        node.outer * node.count * node.inner,
      )
        ? null
        : "what is reduced must have all elements";
    case "scan":
      if (node.outer * node.count * node.inner !== size) return "the axes must multiply to the size";
      return isLike(node.x, dtype, size) ? null : "sizes and dtypes must be equal";
    case "sort":
      if (node.outer * node.count * node.inner !== size || of(node.x).size !== size)
        return "the axes must multiply to the size";
      return dtype === "int32" ? null : "places must be int32";
    case "matmul": {
      const { a, b, batch, m, k, n } = node;
      if (batch * m * n !== size) return "the result must have batch times m times n elements";
      return isLike(a, dtype, batch * m * k) && isLike(b, dtype, batch * k * n) ? null : "operands must fit the sizes";
    }
    case "scatter":
      if (!isLike(node.x, dtype, size) || of(node.source).dtype !== dtype) return "dtypes and sizes must be equal";
      return isLike(node.at, "int32", of(node.source).size)
        ? null
        : "places must be int32, one for each element of the source";
    case "host":
      return node.outputs.reduce((sum, own) => sum + own, 0) === size ? null : "outputs must add up to the size";
    case "assemble":
      return node.parts.every((part) => {
        const [low, high] = reachOf(part);
        return isLike(part.x, dtype, viewSize(part)) && low >= 0 && high < size;
      })
        ? null
        : "parts must be of the dtype, and lie within the result";
  }
}

const argumentsOf: Readonly<Record<MapFn, number>> = {
  neg: 1,
  abs: 1,
  sqrt: 1,
  floor: 1,
  ceil: 1,
  round: 1,
  not: 1,
  cast: 1,
  exp: 1,
  log: 1,
  tanh: 1,
  sigmoid: 1,
  expm1: 1,
  log1p: 1,
  sin: 1,
  cos: 1,
  erf: 1,
  add: 2,
  sub: 2,
  mul: 2,
  div: 2,
  min: 2,
  max: 2,
  lt: 2,
  le: 2,
  eq: 2,
  ne: 2,
  and: 2,
  or: 2,
  xor: 2,
  pow: 2,
  select: 3,
};

function faultOfMap({ fn, dtype }: MapNode, args: readonly DType[]): string | null {
  const [x, y, z] = args;
  const isBool = fn === "and" || fn === "or" || fn === "xor" || fn === "not";
  const isUnary = args.length === 1;
  const count = argumentsOf[fn] as number | undefined; // from JavaScript, any text may come
  if (count === undefined)
    return `there is no function ${String(fn)}; there are ${Object.keys(argumentsOf).join(", ")}`;
  if (count !== args.length) return `${fn} has ${count} arguments`;
  if (fn === "cast") return null;
  if (fn === "select")
    return x === "bool" && y === dtype && z === dtype ? null : "select needs a bool and two of its dtype";
  if (!isUnary && x !== y) return "arguments must be of one dtype";
  if (fn === "lt" || fn === "le" || fn === "eq" || fn === "ne")
    return dtype === "bool" && x !== "bool" ? null : "a comparison of numbers gives bools";
  if (isBool !== (dtype === "bool") || x !== dtype) return "the result has the dtype of the arguments";
  return isElementary(fn) && !isFloat(dtype) ? `${fn} is of floats` : null;
}

/** The lowest and the highest place that a window reaches. */
function reachOf({
  sizes,
  strides,
  offset,
}: {
  sizes: readonly number[];
  strides: readonly number[];
  offset: number;
}): [number, number] {
  let [low, high] = [offset, offset];
  sizes.forEach((size, d) => {
    const move = strides[d]! * (size - 1);
    if (move < 0) low += move;
    else high += move;
  });
  return [low, high];
}
