import { type DType, isFloat, promote } from "../../core/dtype.ts";
import { type Shape, stridesOf } from "../../core/shape.ts";
import { allOp, anyOp } from "../../ops/anyAll.ts";
import { argmaxOp, argminOp } from "../../ops/argmax.ts";
import { centreOp } from "../../ops/centre.ts";
import { cummaxOp, cumminOp } from "../../ops/cummax.ts";
import { cumsumOp } from "../../ops/cumsum.ts";
import { linearScanOp } from "../../ops/linearScan.ts";
import { matmulOp } from "../../ops/matmul.ts";
import { maxOp, minOp } from "../../ops/max.ts";
import { meanOp } from "../../ops/mean.ts";
import { normOp } from "../../ops/norm.ts";
import { type AxisBlock, blocksOf } from "../../ops/reduce.ts";
import { logSoftmaxOp, softmaxOp } from "../../ops/softmax.ts";
import { argsortOp } from "../../ops/sort.ts";
import { type Spread, spreadOp, squareBounds } from "../../ops/spread.ts";
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

const inDouble = (b: Builder, value: number): Value => b.fill(value, [], "float64");

/** A power of two by which elements are multiplied so that no sum of differences of float64 overflows. */
const shrinking = (count: number): number => 2 ** -Math.ceil(Math.log2(Math.max(count, 1)) + 1);

/** Means along the middle axis, in float64. */
function means(b: Builder, x: Value, extents: Extents): Value {
  const [outer, count, inner] = extents;
  const own: Shape = [outer, 1, inner];
  if (x.dtype === "float32") return b.binary("div", b.reduce("sum", x, extents, own, "float64"), inDouble(b, count));
  const by = shrinking(count);
  const sum = b.reduce("sum", x, extents, own);
  const small = b.reduce("sum", b.binary("mul", x, inDouble(b, by)), extents, own);
  const isHeld = b.binary("lt", b.unary("abs", sum), inDouble(b, Number.POSITIVE_INFINITY));
  return b.select(isHeld, b.binary("div", sum, inDouble(b, count)), b.binary("div", small, inDouble(b, count * by)));
}

const centre = ({ b, x, shape, dtype, attrs }: Call & { readonly attrs: AxisBlock }): Value => {
  const extents = extentsOf(x.shape, attrs);
  const [outer, count, inner] = extents;
  const lanes = b.reshape(x, extents);
  if (outer * count * inner === 0) return x;
  const own: Shape = [outer, 1, inner];
  // The mean in two parts, together more exact than one.
  const [high, low] = dtype === "float32" ? parts(b, means(b, lanes, extents)) : meanParts(b, lanes, extents, own);
  return b.reshape(b.binary("sub", b.binary("sub", lanes, high), low), shape);
};

/** What float32 holds of float64, and the rest. */
function parts(b: Builder, x: Value): [high: Value, low: Value] {
  const high = b.cast(x, "float32");
  return [high, b.cast(b.binary("sub", x, b.cast(high, "float64")), "float32")];
}

/**
 * The mean of float64 as the sum of two. It comes from distances from the first element, which are all 0 of equal ones; the two numbers are
 * added with what rounding loses (Knuth's TwoSum), and halved, since distances may overflow.
 */
function meanParts(b: Builder, x: Value, extents: Extents, own: Shape): [high: Value, low: Value] {
  const [, count] = extents;
  const times = (v: Value, by: number): Value => b.binary("mul", v, inDouble(b, by));
  const first = between(b, x, 1, 0, 1);
  const by = shrinking(count);
  const sum = b.reduce("sum", b.binary("sub", times(x, by), times(first, by)), extents, own);
  const [v, w] = [times(first, 0.5), b.binary("div", sum, inDouble(b, 2 * count * by))];
  const high = b.binary("add", v, w);
  const rest = b.binary("sub", high, v);
  const low = b.binary("add", b.binary("sub", v, b.binary("sub", high, rest)), b.binary("sub", w, rest));
  return [times(high, 2), times(low, 2)];
}

const spread = ({ b, x, shape, dtype, attrs }: Call & { readonly attrs: AxisBlock & Spread }): Value => {
  const { divisor, eps, isRoot } = attrs;
  const extents = extentsOf(x.shape, attrs);
  const [outer, , inner] = extents;
  const own: Shape = [outer, 1, inner];
  let wide = b.cast(b.reshape(x, extents), "float64");
  let by = inDouble(b, 1);
  if (dtype === "float64") {
    const { high, low, scale } = squareBounds;
    const largest = b.reduce("max", b.unary("abs", wide), extents, own);
    const isLow = b.binary("lt", largest, inDouble(b, Math.sqrt(low)));
    if (eps <= low) by = b.select(isLow, inDouble(b, 1 / scale), by);
    by = b.select(b.binary("lt", inDouble(b, Math.sqrt(high)), largest), inDouble(b, scale), by);
    wide = b.binary("mul", wide, by);
  }
  const s = b.reduce("sum", b.binary("mul", wide, wide), extents, own);
  const added = b.binary("mul", b.binary("mul", inDouble(b, eps), by), by);
  let y = b.binary("add", b.binary("div", s, inDouble(b, divisor)), added);
  y = isRoot ? b.unary("sqrt", y) : b.binary("div", y, by);
  return b.reshape(b.cast(b.binary("div", y, by), dtype), shape);
};

/** The vector norm for p that are no special case: elements are measured by the largest one, or the smallest. */
const norm = ({ b, x, shape, dtype, attrs }: Call & { readonly attrs: AxisBlock & { readonly p: number } }): Value => {
  const { p } = attrs;
  const extents = extentsOf(x.shape, attrs);
  const [outer, count, inner] = extents;
  if (count === 0) return b.fill(0, shape, dtype);
  const own: Shape = [outer, 1, inner];
  const sizes = b.unary("abs", b.reshape(x, extents));
  const most = b.cast(b.reduce(p > 0 ? "max" : "min", sizes, extents, own), "float64");
  const isSmall = b.binary("lt", most, inDouble(b, Number.POSITIVE_INFINITY));
  const isUnit = b.map("and", [b.binary("lt", inDouble(b, 0), most), isSmall], "bool");
  const ratios = b.binary("div", b.cast(sizes, "float64"), b.select(isUnit, most, inDouble(b, 1)));
  const sum = b.reduce("sum", b.binary("pow", ratios, inDouble(b, p)), extents, own);
  const y = b.binary("mul", most, b.binary("pow", sum, inDouble(b, 1 / p)));
  return b.reshape(b.cast(b.select(isUnit, y, most), dtype), shape);
};

/** Any of, or all of. */
const condition =
  (fn: ReduceFn & BinaryFn) =>
  ({ b, x, shape, attrs }: Call & { readonly attrs: AxisBlock }): Value =>
    b.reduce(fn, b.cast(x, "bool"), extentsOf(x.shape, attrs), shape);

/** Where the largest element so far stands: over one place, then over two, over four and so on. */
function extremeSoFar({ b, x, shape, attrs: axis }: Call & { readonly attrs: number }, isMax: boolean): Value {
  const extents = extentsOf(x.shape, { start: axis, end: axis + 1 });
  const [, count] = extents;
  let best = b.reshape(x.dtype === "bool" ? b.cast(x, "int32") : x, extents);
  let at = b.expand(b.reshape(b.range(count), [1, count, 1]), extents);
  for (let k = 1; k < count; k *= 2) {
    const [late, early] = [between(b, best, 1, k, count), between(b, best, 1, 0, count - k)];
    const isBeyond = isMax ? b.binary("le", early, late) : b.binary("le", late, early);
    const isLate = isFloat(x.dtype) ? b.map("or", [isBeyond, b.binary("ne", late, late)], "bool") : isBeyond;
    const joined = (v: Value): Value => {
      const tail = b.select(isLate, between(b, v, 1, k, count), between(b, v, 1, 0, count - k));
      const strides = stridesOf(extents);
      const parts = [between(b, v, 1, 0, k), tail].map((part, i) => {
        return { x: part, sizes: part.shape, strides, offset: i * k * strides[1]! };
      });
      return b.assemble(parts, 0, extents, v.dtype);
    };
    [best, at] = [joined(best), joined(at)];
  }
  return b.reshape(at, shape);
}

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
  row(meanOp, ({ b, x, shape, dtype, attrs }) =>
    b.reshape(b.cast(means(b, x, extentsOf(x.shape, attrs)), dtype), shape),
  ),
  row(centreOp, centre),
  row(spreadOp, spread),
  row(normOp, norm),
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
  row(linearScanOp, ({ b, x, y, dtype, attrs: { axis, reverse } }) => {
    const [outer, count, inner] = extentsOf(x.shape, { start: axis, end: axis + 1 });
    const isFirst = b.binary("eq", b.range(count), b.fill(reverse ? count - 1 : 0, [], "int32"));
    const factors = b.reshape(b.cast(y, dtype), [outer, count, inner]);
    const used = b.select(b.reshape(isFirst, [1, count, 1]), b.fill(0, [], dtype), factors);
    return b.scan(b.cast(x, dtype), [outer, count, inner], reverse, used);
  }),
  row(cummaxOp, (call) => extremeSoFar(call, true)),
  row(cumminOp, (call) => extremeSoFar(call, false)),
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
