import type { AxisBlock } from "../../../ops/reduce.ts";
import type { Emission, Row } from "../emission.ts";
import { none } from "./elementwise.ts";
import type { SomeRows } from "./types.ts";

const axesOf = ({ start, end }: AxisBlock): number[] => Array.from({ length: end - start }, (_, i) => start + i);

/** A reduction over a block of axes, which are gone from the result. The axes are an attribute before version 18, but for sums. */
function reduced(call: Emission<AxisBlock>, type: string, x: string, keepdims = 0): string {
  const axes = axesOf(call.fixed("axes", ({ start, end }) => ({ start, end })));
  if (axes.length === 0) return x;
  if (call.opset >= 18 || type === "ReduceSum") return call.node(type, [x, call.ints(axes)], { keepdims });
  return call.node(type, [x], { axes, keepdims });
}

const reduction =
  (type: string): Row<AxisBlock> =>
  (call) =>
    reduced(call, type, call.as(0));

/** Of bools, by way of int32. */
const extreme =
  (type: string): Row<AxisBlock> =>
  (call) => {
    const dtype = call.dtype === "bool" ? "int32" : call.dtype;
    return call.cast(reduced(call, type, call.as(0, dtype)), dtype, call.dtype);
  };

/** Over one axis; over several, of their elements in one row. The result is int64 there. */
const place =
  (type: string): Row<AxisBlock> =>
  (call) => {
    const { start, end } = call.attrs;
    const dtype = call.dtypeOf(0) === "bool" ? "int32" : call.dtypeOf(0);
    let x = call.as(0, dtype);
    if (end - start !== 1) {
      const flat = call.sizes((_, { inputs }) => {
        const { shape } = inputs[0]!;
        const count = shape.slice(start, end).reduce((n, size) => n * size, 1);
        return [...shape.slice(0, start), count, ...shape.slice(end)];
      });
      x = call.node("Reshape", [x, flat]);
    }
    return call.node("Cast", [call.node(type, [x], { axis: start, keepdims: 0 })], { to: 6 });
  };

/** Mean squares and the like: `Σx² / divisor + eps`, or its root. */
function spread(
  call: Emission<AxisBlock & { readonly divisor: number; readonly eps: number; readonly isRoot: boolean }>,
): string {
  const { eps, isRoot } = call.fixed("eps", ({ eps, isRoot }) => ({ eps, isRoot }));
  const x = call.as(0);
  const squares = call.node("Mul", [x, x]);
  const counts = call.each(({ start, end }, { inputs }) =>
    inputs[0]!.shape.slice(start, end).reduce((n, size) => n * size, 1),
  );
  const isMean = call.each(({ divisor }) => divisor).every((divisor, i) => divisor === counts[i]);
  let y = reduced(call, isMean ? "ReduceMean" : "ReduceSum", squares);
  const divisor = isMean ? 1 : call.fixed("a divisor", (attrs) => attrs.divisor);
  if (divisor !== 1) y = call.node("Div", [y, call.scalar(divisor)]);
  if (eps !== 0) y = call.node("Add", [y, call.scalar(eps)]);
  return isRoot ? call.node("Sqrt", [y]) : y;
}

/** Rows of ops over axes. */
export const reductions = {
  allOp: extremeOfBools("ReduceMin"),
  anyOp: extremeOfBools("ReduceMax"),
  argmaxOp: place("ArgMax"),
  argminOp: place("ArgMin"),
  argsortOp: (call) => {
    const { axis, descending } = call.attrs;
    const count = call.sizes(({ axis }, { inputs }) => [inputs[0]!.shape[axis]!]);
    const dtype = call.dtypeOf(0) === "bool" ? "int32" : call.dtypeOf(0);
    const values = call.node("TopK", [call.as(0, dtype), count], { axis, largest: descending ? 1 : 0, sorted: 1 });
    const { nodes } = call.writer;
    const node = nodes.at(-1)!;
    const indices = call.writer.take(`${node.name}_indices`);
    node.outputs.push(indices);
    void values;
    return call.node("Cast", [indices], { to: 6 });
  },
  centreOp: (call) => {
    const x = call.as(0);
    return call.node("Sub", [x, reduced(call, "ReduceMean", x, 1)]);
  },
  cummaxOp: none(),
  cumminOp: none(),
  cumsumOp: (call) => {
    const { axis, reverse } = call.attrs;
    const at = call.scalar(axis, "int32");
    return call.node("CumSum", [call.as(0), at], { reverse: reverse ? 1 : 0 });
  },
  linearScanOp: none("it is a recurrence"),
  maxOp: extreme("ReduceMax"),
  meanOp: reduction("ReduceMean"),
  minOp: extreme("ReduceMin"),
  normOp: (call) => {
    const { p } = call.attrs;
    const powers = call.node("Pow", [call.node("Abs", [call.as(0)]), call.scalar(p)]);
    return call.node("Pow", [reduced(call, "ReduceSum", powers), call.scalar(1 / p)]);
  },
  spreadOp: spread,
  sumOp: reduction("ReduceSum"),
} satisfies SomeRows;

function extremeOfBools(type: string): Row<AxisBlock> {
  return (call) => {
    const bools = call.as(0, "bool");
    if (call.attrs.start === call.attrs.end) return bools;
    return call.cast(reduced(call, type, call.cast(bools, "bool", "int32")), "int32", "bool");
  };
}
