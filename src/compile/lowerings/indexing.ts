import { type Shape, sizeOf, stridesOf } from "../../core/shape.ts";
import { unitOp } from "../../loss/bce.ts";
import { classesOp } from "../../loss/classes.ts";
import { probabilitiesOp } from "../../loss/crossEntropy.ts";
import { varianceOp } from "../../loss/gaussianNll.ts";
import { signsOp } from "../../loss/signs.ts";
import { gatherOp, scatterAddOp } from "../../ops/gather.ts";
import { indexWithinOp } from "../../ops/index.ts";
import { embeddingOp, indexAddOp, indexSelectOp } from "../../ops/indexSelect.ts";
import { oneHotOp } from "../../ops/oneHot.ts";
import { reorderOp } from "../../ops/sort.ts";
import { finiteOp } from "../../optim/finite.ts";
import type { Builder, Value } from "../builder.ts";
import { type Row, row } from "../lowering.ts";
import { exactSums } from "./integers.ts";

/** Ends the run if an index is not from `least` to below n. */
export function checkIndex(b: Builder, index: Value, n: number, inputs: readonly Value[], least = 0): void {
  const low = b.binary("lt", index, b.fill(least, [], "int32"));
  const high = b.binary("le", b.fill(n, [], "int32"), index);
  b.check(b.map("or", [low, high], "bool"), inputs);
}

const withAxis = (shape: Shape): Shape => (shape.length === 0 ? [1] : shape);

/** For each index its place in a flat tensor: `index` on the axis, and its own coordinates on the others. */
function gathered(b: Builder, x: Value, index: Value, axis: number): Value {
  const strides = stridesOf(withAxis(x.shape));
  const sizes = withAxis(index.shape);
  let at = b.binary("mul", b.reshape(index, sizes), b.fill(strides[axis]!, [], "int32"));
  sizes.forEach((n, d) => {
    if (d === axis || n === 1) return;
    const own = b.binary("mul", b.range(n), b.fill(strides[d]!, [], "int32"));
    at = b.binary("add", at, b.reshape(own, sizes.map((_, i) => (i === d ? n : 1)))); // biome-ignore format: one axis
  });
  return b.reshape(at, index.shape);
}

/** For each element of rows that an index names on an axis, its place in the flat tensor. */
function selected(b: Builder, x: Value, index: Value, axis: number): Value {
  const sizes = x.shape.map((n, d) => (d === axis ? sizeOf(index.shape) : n));
  const strides = stridesOf(x.shape);
  const lengthwise = (v: Value, d: number): Value =>
    b.reshape(
      v,
      sizes.map((n, i) => (i === d ? n : 1)),
    );
  let at = lengthwise(b.binary("mul", index, b.fill(strides[axis]!, [], "int32")), axis);
  sizes.forEach((n, d) => {
    if (d === axis) return;
    at = b.binary("add", at, lengthwise(b.binary("mul", b.range(n), b.fill(strides[d]!, [], "int32")), d));
  });
  return at;
}

/** x, to which elements of a source are added in some places. */
function added(b: Builder, x: Value, at: Value, source: Value): Value {
  if (x.dtype !== "int32") return b.scatter(x, at, source);
  return exactSums(b, sizeOf(source.shape), (dtype) => b.scatter(b.cast(x, dtype), at, b.cast(source, dtype)));
}

export const indexing: readonly Row[] = [
  row(classesOp, ({ b, x, attrs: { size }, inputs }) => {
    checkIndex(b, x, size, inputs);
    return x;
  }),
  row(indexWithinOp, ({ b, x, attrs: { size }, inputs }) => {
    checkIndex(b, x, size, inputs, -size);
    return x;
  }),
  row(probabilitiesOp, ({ b, x, inputs }) => {
    b.check(b.binary("ne", x, x), inputs);
    return x;
  }),
  row(unitOp, ({ b, x, inputs }) => {
    const [zero, one] = [0, 1].map((v) => b.fill(v, [], x.dtype)) as [Value, Value];
    const isWithin = b.map("and", [b.binary("le", zero, x), b.binary("le", x, one)], "bool");
    b.check(b.unary("not", isWithin), inputs);
    return x;
  }),
  row(varianceOp, ({ b, x, inputs }) => {
    b.check(b.binary("lt", x, b.fill(0, [], x.dtype)), inputs);
    return x;
  }),
  row(finiteOp, ({ b, x, inputs }) => {
    b.check(b.binary("ne", b.binary("sub", x, x), b.fill(0, [], x.dtype)), inputs); // NaN and infinities
    return x;
  }),
  row(signsOp, ({ b, x, inputs }) => {
    const size = b.unary("abs", x.dtype === "bool" ? b.cast(x, "int32") : x);
    b.check(b.binary("ne", size, b.fill(1, [], size.dtype)), inputs);
    return x;
  }),
  row(gatherOp, ({ b, x, y, attrs: axis, inputs }) => {
    checkIndex(b, y, withAxis(x.shape)[axis]!, inputs);
    return b.take(x, gathered(b, x, y, axis));
  }),
  row(reorderOp, ({ b, x, y, attrs: axis }) => b.take(x, gathered(b, x, y, axis))),
  row(scatterAddOp, ({ b, x, y, attrs: axis, inputs }) => {
    checkIndex(b, y, withAxis(x.shape)[axis]!, inputs);
    return added(b, x, gathered(b, x, y, axis), inputs[2]!);
  }),
  ...[indexSelectOp, embeddingOp].map((op) =>
    row(op, ({ b, x, y, shape, attrs: axis, inputs }) => {
      checkIndex(b, y, x.shape[axis]!, inputs);
      return sizeOf(shape) === 0 ? b.fill(0, shape, x.dtype) : b.take(x, selected(b, x, y, axis));
    }),
  ),
  row(indexAddOp, ({ b, x, y, dtype, attrs: axis, inputs }) => {
    checkIndex(b, y, x.shape[axis]!, inputs);
    return sizeOf(inputs[2]!.shape) === 0 ? b.cast(x, dtype) : added(b, x, selected(b, x, y, axis), inputs[2]!);
  }),
  row(oneHotOp, ({ b, x, shape, dtype, attrs: { classes }, inputs }) => {
    checkIndex(b, x, classes, inputs);
    const isIt = b.binary("eq", b.reshape(x, [...x.shape, 1]), b.range(classes));
    return b.cast(b.reshape(isIt, shape), dtype);
  }),
];
