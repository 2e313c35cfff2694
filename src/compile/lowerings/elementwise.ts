import { type DType, isFloat, promote } from "../../core/dtype.ts";
import { absOp } from "../../ops/abs.ts";
import { adamStepOp } from "../../ops/adamStep.ts";
import { addOp } from "../../ops/add.ts";
import { acosOp, asinOp, atanOp } from "../../ops/arc.ts";
import { bceOp, leastLog } from "../../ops/bce.ts";
import { ceilOp } from "../../ops/ceil.ts";
import { clampOp } from "../../ops/clamp.ts";
import { combineOp } from "../../ops/combine.ts";
import { eqOp, leOp, ltOp, neOp } from "../../ops/compare.ts";
import { cosOp } from "../../ops/cos.ts";
import { divOp } from "../../ops/div.ts";
import { erfOp } from "../../ops/erf.ts";
import { expOp } from "../../ops/exp.ts";
import { expm1Op } from "../../ops/expm1.ts";
import { floorOp } from "../../ops/floor.ts";
import { logOp } from "../../ops/log.ts";
import { log1pOp } from "../../ops/log1p.ts";
import { log2Op, log10Op } from "../../ops/log2.ts";
import { logicalAndOp, logicalNotOp, logicalOrOp, logicalXorOp } from "../../ops/logical.ts";
import { maximumOp, minimumOp } from "../../ops/maximum.ts";
import { mulOp } from "../../ops/mul.ts";
import { negOp } from "../../ops/neg.ts";
import { overOp } from "../../ops/over.ts";
import { powNumberOp, powOp } from "../../ops/pow.ts";
import { reluGradOp, reluOp } from "../../ops/relu.ts";
import { roundOp } from "../../ops/round.ts";
import { rsqrtOp } from "../../ops/rsqrt.ts";
import { sigmoidGradOp, sigmoidOp } from "../../ops/sigmoid.ts";
import { signOp } from "../../ops/sign.ts";
import { sinOp } from "../../ops/sin.ts";
import { softplusOp } from "../../ops/softplus.ts";
import { sqrtOp } from "../../ops/sqrt.ts";
import { subOp } from "../../ops/sub.ts";
import { tanOp } from "../../ops/tan.ts";
import { tanhGradOp, tanhOp } from "../../ops/tanh.ts";
import { weightedOp } from "../../ops/weighted.ts";
import type { Builder, Value } from "../builder.ts";
import type { BinaryFn, UnaryFn } from "../ir.ts";
import { type Call, type Row, row } from "../lowering.ts";

export const exp = (b: Builder, x: Value): Value => b.unary("exp", x);
export const log = (b: Builder, x: Value): Value => b.unary("log", x);

/** The first input in the result's dtype. */
const input = ({ b, x, dtype }: Call): Value => b.cast(x, dtype);

const unary =
  (fn: UnaryFn) =>
  (call: Call): Value =>
    call.b.unary(fn, input(call));
/** Integers are their own floor, ceiling and rounding. */
const rounding =
  (fn: UnaryFn) =>
  (call: Call): Value =>
    isFloat(call.dtype) ? call.b.unary(fn, input(call)) : input(call);
const binary =
  (fn: BinaryFn) =>
  ({ b, x, y, dtype }: Call): Value =>
    b.binary(fn, x, y, dtype);

/** Comparisons of different dtypes are made in float64, which holds them all. */
const comparison =
  (fn: BinaryFn) =>
  ({ b, x, y }: Call): Value => {
    const common =
      x.dtype === y.dtype && x.dtype !== "bool" ? x.dtype : promote(x.dtype, y.dtype) === "int32" ? "int32" : "float64";
    return b.binary(fn, x, y, x.dtype === "bool" && y.dtype === "bool" ? "int32" : common);
  };

const logical =
  (fn: BinaryFn) =>
  ({ b, x, y }: Call): Value =>
    b.binary(fn, x, y, "bool");

/** The number that an operand stands for, as a constant that broadcasts. */
const number = (b: Builder, value: number, dtype: DType): Value => b.fill(value, [], dtype);

function power(b: Builder, x: Value, exponent: Value): Value {
  const { dtype } = x;
  const n = b.uniform(exponent);
  if (n === 2) return b.binary("mul", x, x);
  if (n === 0.5) return b.unary("sqrt", x);
  if (n === -0.5) return b.binary("div", number(b, 1, dtype), b.unary("sqrt", x));
  if (n === 1) return x;
  if (n === 0) return b.fill(1, x.shape, dtype);
  if (n === 3 && dtype === "float32") return b.binary("mul", b.binary("mul", x, x), x);
  return b.binary("pow", x, exponent);
}

export const elementwise: readonly Row[] = [
  row(negOp, unary("neg")),
  row(absOp, unary("abs")),
  row(sqrtOp, unary("sqrt")),
  row(floorOp, rounding("floor")),
  row(ceilOp, rounding("ceil")),
  row(roundOp, rounding("round")),
  row(expOp, unary("exp")),
  row(logOp, unary("log")),
  row(tanhOp, unary("tanh")),
  row(expm1Op, unary("expm1")),
  row(log1pOp, unary("log1p")),
  row(sinOp, unary("sin")),
  row(cosOp, unary("cos")),
  row(erfOp, unary("erf")),
  row(tanOp, unary("tan")),
  row(asinOp, unary("asin")),
  row(acosOp, unary("acos")),
  row(atanOp, unary("atan")),
  row(log2Op, unary("log2")),
  row(log10Op, unary("log10")),
  row(rsqrtOp, (call) => call.b.binary("div", number(call.b, 1, call.dtype), call.b.unary("sqrt", input(call)))),
  row(sigmoidOp, unary("sigmoid")),
  row(softplusOp, (call) => {
    const { b, dtype } = call;
    const x = input(call);
    const tail = exp(b, b.unary("neg", b.unary("abs", x)));
    return b.binary("add", b.binary("max", x, number(b, 0, dtype)), b.unary("log1p", tail));
  }),
  row(signOp, (call) => {
    const { b, dtype } = call;
    const x = input(call);
    const [zero, one] = [number(b, 0, dtype), number(b, 1, dtype)];
    const below = b.select(b.binary("lt", x, zero), b.unary("neg", one), x);
    return b.select(b.binary("lt", zero, x), one, below);
  }),
  row(reluOp, (call) => {
    const x = input(call);
    const zero = number(call.b, 0, call.dtype);
    return call.b.select(call.b.binary("lt", x, zero), zero, x);
  }),
  row(reluGradOp, ({ b, x, y, dtype }) => {
    const zero = number(b, 0, dtype);
    return b.select(b.binary("le", b.cast(y, dtype), zero), zero, b.cast(x, dtype));
  }),
  row(tanhGradOp, ({ b, x, y, dtype }) => {
    const [one, t] = [number(b, 1, dtype), b.cast(y, dtype)];
    const slope = b.binary("mul", b.binary("sub", one, t), b.binary("add", one, t));
    return b.binary("mul", b.cast(x, dtype), slope);
  }),
  row(sigmoidGradOp, ({ b, x, y, dtype }) => {
    const s = b.cast(y, dtype);
    return b.binary("mul", b.binary("mul", b.cast(x, dtype), s), b.binary("sub", number(b, 1, dtype), s));
  }),
  row(addOp, binary("add")),
  row(subOp, binary("sub")),
  row(mulOp, binary("mul")),
  row(divOp, binary("div")),
  row(weightedOp, ({ b, x, y, dtype }) => {
    const [w, v] = [b.cast(x, dtype), b.cast(y, dtype)];
    const zero = number(b, 0, dtype);
    const isInfinite = b.binary("eq", b.unary("abs", v), number(b, Number.POSITIVE_INFINITY, dtype));
    const counts = b.map("and", [b.binary("eq", w, zero), isInfinite], "bool");
    return b.select(counts, b.expand(zero, b.binary("mul", w, v).shape), b.binary("mul", w, v));
  }),
  row(overOp, ({ b, x, y, dtype }) => {
    const [a, by] = [b.cast(x, dtype), b.cast(y, dtype)];
    const one = number(b, 1, dtype);
    // Beyond these bounds, reciprocals lose digits or overflow: both sides are brought nearer to 1.
    const bound = dtype === "float32" ? 2 ** 100 : 2 ** 900;
    const size = b.unary("abs", by);
    const low = b.select(b.binary("lt", size, number(b, 1 / bound, dtype)), number(b, bound, dtype), one);
    const scale = b.select(b.binary("lt", number(b, bound, dtype), size), number(b, 1 / bound, dtype), low);
    const reciprocal = b.binary("div", one, b.binary("mul", by, scale));
    return b.binary("mul", b.binary("mul", a, scale), reciprocal);
  }),
  row(powOp, ({ b, x, y, shape, dtype }) => power(b, b.expand(b.cast(x, dtype), shape), b.cast(y, dtype))),
  row(powNumberOp, (call) => power(call.b, input(call), number(call.b, call.attrs, call.dtype))),
  row(maximumOp, ({ b, x, y, dtype }) => {
    const [v, w] = [b.cast(x, dtype), b.cast(y, dtype)];
    return b.select(b.map("or", [b.binary("lt", v, w), b.binary("ne", w, w)], "bool"), w, v);
  }),
  row(minimumOp, ({ b, x, y, dtype }) => {
    const [v, w] = [b.cast(x, dtype), b.cast(y, dtype)];
    return b.select(b.map("or", [b.binary("lt", w, v), b.binary("ne", w, w)], "bool"), w, v);
  }),
  row(clampOp, (call) => {
    const { b, dtype, attrs } = call;
    if (Number.isNaN(attrs.min) || Number.isNaN(attrs.max)) return b.fill(Number.NaN, call.shape, dtype);
    let x = input(call);
    if (attrs.min !== null) {
      const low = number(b, attrs.min, dtype);
      x = b.select(b.binary("lt", x, low), low, x);
    }
    if (attrs.max === null) return x;
    const high = number(b, attrs.max, dtype);
    return b.select(b.binary("lt", high, x), high, x);
  }),
  row(bceOp, ({ b, x, y, dtype }) => {
    const [p, t] = [b.cast(x, dtype), b.cast(y, dtype)];
    const [one, least] = [number(b, 1, dtype), number(b, leastLog, dtype)];
    const held = (v: Value): Value => b.select(b.binary("lt", v, least), least, v);
    const sum = b.binary(
      "add",
      b.binary("mul", t, held(log(b, p))),
      b.binary("mul", b.binary("sub", one, t), held(b.unary("log1p", b.unary("neg", p)))),
    );
    return b.unary("neg", sum);
  }),
  row(eqOp, comparison("eq")),
  row(neOp, comparison("ne")),
  row(ltOp, comparison("lt")),
  row(leOp, comparison("le")),
  row(logicalNotOp, ({ b, x }) => b.unary("not", b.cast(x, "bool"))),
  row(logicalAndOp, logical("and")),
  row(logicalOrOp, logical("or")),
  row(logicalXorOp, logical("xor")),
  row(combineOp, ({ b, inputs, dtype, attrs: { alpha, beta } }) => {
    const [x, y] = [b.cast(inputs[0]!, dtype), b.cast(inputs[1]!, dtype)];
    const scale =
      inputs[2] === undefined
        ? number(b, beta, dtype)
        : b.cast(b.binary("mul", b.cast(inputs[2], "float64"), number(b, beta, "float64")), dtype);
    const scaled = alpha === 1 ? x : b.binary("mul", number(b, alpha, dtype), x);
    return b.binary("add", scaled, b.binary("mul", scale, y));
  }),
  row(adamStepOp, ({ b, inputs, dtype, attrs: { beta1, beta2, eps, decay } }) => {
    const [p, m, v] = inputs.slice(0, 3).map((x) => b.cast(x, dtype)) as [Value, Value, Value];
    const [t, lr] = inputs.slice(3).map((x) => b.cast(x, "float64")) as [Value, Value];
    const one = number(b, 1, "float64");
    const bias = (beta: number): Value => b.binary("sub", one, b.binary("pow", number(b, beta, "float64"), t));
    const keep = b.binary("sub", one, b.binary("mul", lr, number(b, decay, "float64")));
    const rate = b.binary("div", lr, bias(beta1));
    const scale = b.unary("sqrt", bias(beta2));
    // In float32, a product by the inverse of the scalar instead of a division for each element.
    const root = b.unary("sqrt", v);
    const scaled =
      dtype === "float32"
        ? b.binary("mul", root, b.cast(b.binary("div", one, scale), dtype))
        : b.binary("div", root, b.cast(scale, dtype));
    const under = b.binary("add", scaled, number(b, eps, dtype));
    const kept = decay === 0 ? p : b.binary("mul", b.cast(keep, dtype), p);
    return b.binary("sub", kept, b.binary("mul", b.cast(rate, dtype), b.binary("div", m, under)));
  }),
];
