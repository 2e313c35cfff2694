import { type DType, isFloat, promote } from "../../core/dtype.ts";
import { type Shape, stridesOf } from "../../core/shape.ts";
import { allOp, anyOp } from "../../ops/anyAll.ts";
import { argmaxOp, argminOp } from "../../ops/argmax.ts";
import { cumsumOp } from "../../ops/cumsum.ts";
import { matmulOp } from "../../ops/matmul.ts";
import { maxOp, minOp } from "../../ops/max.ts";
import { type AxisBlock, blocksOf } from "../../ops/reduce.ts";
import { logSoftmaxOp, softmaxOp } from "../../ops/softmax.ts";
import { argsortOp } from "../../ops/sort.ts";
import { sumOp } from "../../ops/sum.ts";
import type { Builder, Value } from "../builder.ts";
import type { BinaryFn, ReduceFn } from "../ir.ts";
import { type Call, type Row, row } from "../lowering.ts";
import { exp, log } from "./elementwise.ts";
import { exactProducts, exactSums, inFloat64 } from "./integers.ts";

type Extents = [outer: number, count: number, inner: number];

const extentsOf = (shape: Shape, block: AxisBlock): Extents => {
  const { outer, count, inner } = blocksOf(shape, block);
  return [outer, count, inner];
};

const reduce =
  (fn: ReduceFn) =>
  ({ b, x, shape, dtype, attrs }: Call & { readonly attrs: AxisBlock }): Value =>
    b.reduce(fn, b.cast(x, dtype), extentsOf(x.shape, attrs), shape);

/** The first place where an element is the extreme, or NaN. */
const place =
  (fn: "max" | "min") =>
  ({ b, x, shape, attrs }: Call & { readonly attrs: AxisBlock }): Value => {
    const extents = extentsOf(x.shape, attrs);
    const [outer, count, inner] = extents;
    const numbers = b.reshape(x.dtype === "bool" ? b.cast(x, "int32") : x, extents);
    const best = b.reduce(fn, numbers, extents, [outer, 1, inner]);
    const isBest = b.binary("eq", numbers, best);
    const isFound = isFloat(x.dtype) ? b.map("or", [isBest, b.binary("ne", numbers, numbers)], "bool") : isBest;
    const places = b.reshape(b.range(count), [1, count, 1]);
    return b.reduce("min", b.select(isFound, places, b.fill(count, [], "int32")), extents, shape);
  };

/** x less the largest along the middle axis, and e to that. */
function shifted(b: Builder, x: Value, extents: Extents): { rest: Value; exps: Value; total: Value } {
  const [outer, , inner] = extents;
  const lanes = b.reshape(x, extents);
  const rest = b.binary("sub", lanes, b.reduce("max", lanes, extents, [outer, 1, inner]));
  const exps = exp(b, rest);
  return { rest, exps, total: b.reduce("sum", exps, extents, [outer, 1, inner]) };
}

const softmax =
  (isLog: boolean) =>
  ({ b, x, shape, dtype, attrs: axis }: Call & { readonly attrs: number }): Value => {
    const extents = extentsOf(x.shape, { start: axis, end: axis + 1 });
    if (extents[0] * extents[1] * extents[2] === 0) return b.fill(0, shape, dtype);
    const { rest, exps, total } = shifted(b, b.cast(x, dtype), extents);
    return b.reshape(isLog ? b.binary("sub", rest, log(b, total)) : b.binary("div", exps, total), shape);
  };

/** Any of, or all of. */
const condition =
  (fn: ReduceFn & BinaryFn) =>
  ({ b, x, shape, attrs }: Call & { readonly attrs: AxisBlock }): Value =>
    b.reduce(fn, b.cast(x, "bool"), extentsOf(x.shape, attrs), shape);

/** A part of an axis. */
function between(b: Builder, x: Value, axis: number, start: number, end: number): Value {
  const strides = stridesOf(x.shape);
  const sizes = x.shape.map((n, d) => (d === axis ? end - start : n));
  return b.view(x, { sizes, strides, offset: start * strides[axis]! }, sizes);
}

export const reductions: readonly Row[] = [
  row(sumOp, (call) => {
    const { b, x, shape, attrs } = call;
    if (x.dtype !== "int32") return reduce("sum")(call);
    const extents = extentsOf(x.shape, attrs);
    return exactSums(b, extents[1], (dtype) => b.reduce("sum", b.cast(x, dtype), extents, shape));
  }),
  // Masks have all bits set, and would be −1.
  row(maxOp, (call) => reduce(call.dtype === "bool" ? "or" : "max")(call)),
  row(minOp, (call) => reduce(call.dtype === "bool" ? "and" : "min")(call)),
  row(anyOp, condition("or")),
  row(allOp, condition("and")),
  row(argmaxOp, place("max")),
  row(argminOp, place("min")),
  inFloat64(row(softmaxOp, softmax(false))),
  inFloat64(row(logSoftmaxOp, softmax(true))),
  row(cumsumOp, ({ b, x, dtype, attrs: { axis, reverse } }) =>
    b.scan(b.cast(x, dtype), extentsOf(x.shape, { start: axis, end: axis + 1 }), reverse),
  ),
  row(argsortOp, ({ b, x, attrs: { axis, descending } }) =>
    b.sort(x, extentsOf(x.shape, { start: axis, end: axis + 1 }), descending),
  ),
  row(matmulOp, (call) => {
    const { b, x, y, shape, dtype, attrs } = call;
    const rank = shape.length;
    const [rows, columns] = x.shape.slice(-2) as [number, number];
    const [m, k] = attrs.transposeA ? [columns, rows] : [rows, columns];
    const n = shape.at(-1)!;
    const batch = shape.slice(0, -2).reduce((product, size) => product * size, 1);
    const isInteger = promote(x.dtype, y.dtype) === "int32";
    const multiply = (own: DType, start = 0, end = k): Value => {
      const left = between(b, b.cast(x, own), rank - (attrs.transposeA ? 2 : 1), start, end);
      const right = between(b, b.cast(y, own), rank - (attrs.transposeB ? 1 : 2), start, end);
      return b.matmul(left, right, { batch, m, k: end - start, n }, attrs, shape);
    };
    if (isInteger && k > 0) return exactProducts(b, k, multiply);
    // float32 does not hold all integers.
    const isMixed = dtype === "float32" && (x.dtype === "int32" || y.dtype === "int32");
    return b.cast(multiply(isMixed ? "float64" : dtype), dtype);
  }),
];
