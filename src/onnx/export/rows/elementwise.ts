import { type DType, promote } from "../../../core/dtype.ts";
import type { Emission, Row } from "../emission.ts";
import type { SomeRows } from "./types.ts";

/** The operator of ONNX that does the same to each element. */
const same =
  (type: string): Row<undefined> =>
  (call) =>
    call.node(type, [call.as(0)]);

/** The operator that rounds, where there is something to round. */
const rounded =
  (type: string): Row<undefined> =>
  (call) =>
    call.isFloat ? call.node(type, [call.as(0)]) : call.as(0);

/** Arithmetic of two values, in the dtype of the result; of bools, by way of int32. */
const arithmetic =
  (type: string): Row<undefined> =>
  (call) => {
    const dtype: DType = call.dtype === "bool" ? "int32" : call.dtype;
    return call.cast(call.node(type, [call.as(0, dtype), call.as(1, dtype)]), dtype, call.dtype);
  };

/** What takes two values of one dtype, and gives bools. Bools are compared as numbers. */
const comparison =
  (type: string): Row<undefined> =>
  (call) => {
    const common = promote(call.dtypeOf(0), call.dtypeOf(1));
    const dtype = common === "bool" ? "int32" : common;
    return call.node(type, [call.as(0, dtype), call.as(1, dtype)]);
  };

const logical =
  (type: string): Row<undefined> =>
  (call) =>
    call.node(type, [call.as(0, "bool"), call.as(1, "bool")]);

/** An op without an operator, nor a formula that keeps its digits. */
export const none =
  (why = "ONNX has no operator for it"): Row<unknown> =>
  (call) =>
    call.refuse(`every op must have an operator, and this has none: ${why}`, "compute it outside of the model");

const isNear = (call: Emission<unknown>, x: string, bound: number): string =>
  call.node("Less", [call.node("Abs", [x]), call.scalar(bound)]);

/** eˣ − 1: near 0 by tanh, which keeps the digits there. */
function expm1(call: Emission<unknown>, x: string): string {
  const one = call.scalar(1);
  const half = call.node("Tanh", [call.node("Mul", [x, call.scalar(0.5)])]);
  const near = call.node("Div", [call.node("Add", [half, half]), call.node("Sub", [one, half])]);
  return call.node("Where", [isNear(call, x, 1), near, call.node("Sub", [call.node("Exp", [x]), one])]);
}

/** log (1 + x): near 0, what 1 + x has lost is made up for. */
function log1p(call: Emission<unknown>, x: string): string {
  const one = call.scalar(1);
  const u = call.node("Add", [x, one]);
  const log = call.node("Log", [u]);
  const ratio = call.node("Div", [call.node("Mul", [log, x]), call.node("Sub", [u, one])]);
  const near = call.node("Where", [call.node("Equal", [u, one]), x, ratio]);
  return call.node("Where", [isNear(call, x, 0.5), near, log]);
}

/** What C's fmod leaves of x, exact, and whether that has the sign that y has not. */
function rest(call: Emission<unknown>, x: string, y: string): { rest: string; isOdd: string } {
  const rest = call.node("Mod", [x, y], { fmod: 1 });
  const zero = call.scalar(0);
  const isSome = call.node("Not", [call.node("Equal", [rest, zero])]);
  const differs = call.node("Xor", [call.node("Less", [rest, zero]), call.node("Less", [y, zero])]);
  return { rest, isOdd: call.node("And", [isSome, differs]) };
}

/** x less the multiple of y below it. */
function remainder(call: Emission<unknown>, x: string, y: string): string {
  if (!call.isFloat) return call.node("Mod", [x, y]);
  const left = rest(call, x, y);
  return call.node("Where", [left.isOdd, call.node("Add", [left.rest, y]), left.rest]);
}

const first: Row<unknown> = (call) => call.x;

/** Rows of ops that compute each element by itself. */
export const elementwise = {
  absOp: same("Abs"),
  acosOp: same("Acos"),
  acoshOp: same("Acosh"),
  addOp: arithmetic("Add"),
  adamStepOp: none("it is a step of an optimizer"),
  asinOp: same("Asin"),
  asinhOp: same("Asinh"),
  atan2Op: angle,
  atanOp: same("Atan"),
  atanhOp: same("Atanh"),
  bceOp: none("it is a loss"),
  castOp: (call) => call.as(0),
  toOp: (call) => call.as(0),
  ceilOp: rounded("Ceil"),
  clampOp: (call) => {
    const { min, max } = call.fixed("a bound", (attrs) => attrs);
    // Where Clip has no bound, onnxruntime takes the largest finite number for it, which infinities then become.
    if (min === null && max === null) return call.as(0);
    if (max === null) return call.node("Max", [call.as(0), call.scalar(min!)]);
    if (min === null) return call.node("Min", [call.as(0), call.scalar(max)]);
    return call.node("Clip", [call.as(0), call.scalar(min), call.scalar(max)]);
  },
  combineOp: (call) => {
    const { alpha, beta } = call.fixed("a factor", (attrs) => attrs);
    const [a, b, s] = call.names.map((_, i) => call.as(i)) as [string, string, string?];
    const scaled = s === undefined ? b : call.node("Mul", [b, s]);
    return call.node("Add", [call.node("Mul", [a, call.scalar(alpha)]), call.node("Mul", [scaled, call.scalar(beta)])]);
  },
  cosOp: same("Cos"),
  coshOp: same("Cosh"),
  divOp: arithmetic("Div"),
  divisorOp: first,
  eqOp: comparison("Equal"),
  erfOp: same("Erf"),
  erfcOp: none("1 − erf(x) has lost its digits"),
  erfinvOp: none(),
  exp2Op: (call) => call.node("Pow", [call.scalar(2), call.as(0)]),
  expOp: same("Exp"),
  expm1Op: (call) => expm1(call, call.as(0)),
  exponentOp: first,
  fitOp: (call) =>
    call.dtypeOf(0) === "int32" ? call.x : call.cast(call.node("Round", [call.x]), call.dtypeOf(0), "int32"),
  floorDivideOp: (call) => {
    const [x, y] = [call.as(0), call.as(1)];
    if (call.isFloat) {
      // x less the rest is a multiple of y but for rounding; ⌊x / y⌋ would be rounded up where y is a little less than a part of x.
      const left = rest(call, x, y);
      const whole = call.node("Div", [call.node("Sub", [x, left.rest]), y]);
      const down = call.node("Round", [call.node("Sub", [whole, call.cast(left.isOdd, "bool", call.dtype)])]);
      return call.node("Where", [call.node("Equal", [y, call.scalar(0)]), call.node("Div", [x, y]), down]);
    }
    return call.node("Div", [call.node("Sub", [x, remainder(call, x, y)]), y]);
  },
  floorOp: rounded("Floor"),
  hypotOp: (call) => {
    const [a, b] = [call.node("Abs", [call.as(0)]), call.node("Abs", [call.as(1)])];
    const [least, most] = [call.node("Min", [a, b]), call.node("Max", [a, b])];
    const ratio = call.node("Div", [least, most]);
    const root = call.node("Sqrt", [call.node("Add", [call.node("Mul", [ratio, ratio]), call.scalar(1)])]);
    const isOut = call.node("Equal", [least, most]);
    const equal = call.node("Mul", [most, call.scalar(Math.SQRT2)]); // 0, too, of which there is no ratio
    const infinite = call.scalar(Number.POSITIVE_INFINITY);
    const isInfinite = call.node("Or", [call.node("Equal", [a, infinite]), call.node("Equal", [b, infinite])]);
    const length = call.node("Where", [isOut, equal, call.node("Mul", [most, root])]);
    return call.node("Where", [isInfinite, infinite, length]); // beside NaN, too
  },
  indexWithinOp: first,
  leOp: comparison("LessOrEqual"),
  lgammaOp: none(),
  log10Op: (call) => call.node("Mul", [call.node("Log", [call.as(0)]), call.scalar(Math.LOG10E)]),
  log1pOp: (call) => log1p(call, call.as(0)),
  log2Op: (call) => call.node("Mul", [call.node("Log", [call.as(0)]), call.scalar(Math.LOG2E)]),
  logOp: same("Log"),
  logaddexpOp: (call) => {
    const [a, b] = [call.as(0), call.as(1)];
    const most = call.node("Max", [a, b]);
    const gap = call.node("Neg", [call.node("Abs", [call.node("Sub", [a, b])])]);
    const sum = call.node("Add", [most, log1p(call, call.node("Exp", [gap]))]);
    return call.node("Where", [call.node("Equal", [a, b]), call.node("Add", [a, call.scalar(Math.LN2)]), sum]);
  },
  logicalAndOp: logical("And"),
  logicalNotOp: (call) => call.node("Not", [call.as(0, "bool")]),
  logicalOrOp: logical("Or"),
  logicalXorOp: logical("Xor"),
  ltOp: comparison("Less"),
  maximumOp: arithmetic("Max"),
  minimumOp: arithmetic("Min"),
  mulOp: arithmetic("Mul"),
  neOp: (call) => call.node("Not", [comparison("Equal")(call)]),
  negOp: same("Neg"),
  overOp: arithmetic("Div"),
  polygammaOp: none(),
  powNumberOp: (call) => call.node("Pow", [call.as(0), call.scalar(call.fixed("an exponent", (attrs) => attrs))]),
  powOp: arithmetic("Pow"),
  reluGradOp: (call) => gradient(call, (y) => call.cast(call.node("Greater", [y, call.scalar(0)]), "bool", call.dtype)),
  reluOp: same("Relu"),
  remainderOp: (call) => remainder(call, call.as(0), call.as(1)),
  roundOp: rounded("Round"),
  rsqrtOp: (call) => call.node("Reciprocal", [call.node("Sqrt", [call.as(0)])]),
  sigmoidGradOp: (call) => gradient(call, (y) => call.node("Mul", [y, call.node("Sub", [call.scalar(1), y])])),
  sigmoidOp: same("Sigmoid"),
  signOp: same("Sign"),
  sinOp: same("Sin"),
  sincOp: (call) => {
    if (call.fixed("a derivative", (attrs) => attrs) !== 0) return none("it is a derivative of sinc")(call);
    const x = call.node("Mul", [call.as(0), call.scalar(Math.PI)]);
    const ratio = call.node("Div", [call.node("Sin", [x]), x]);
    return call.node("Where", [call.node("Equal", [x, call.scalar(0)]), call.scalar(1), ratio]);
  },
  sinhOp: same("Sinh"),
  softplusOp: same("Softplus"),
  sqrtOp: same("Sqrt"),
  subOp: arithmetic("Sub"),
  tanOp: same("Tan"),
  tanhGradOp: (call) => gradient(call, (y) => call.node("Sub", [call.scalar(1), call.node("Mul", [y, y])])),
  tanhOp: same("Tanh"),
  weightedOp: (call) => {
    const [w, v] = [call.as(0), call.as(1)];
    const isNothing = call.node("And", [
      call.node("Equal", [w, call.scalar(0)]),
      call.node("IsInf", [call.cast(v, call.dtype, "float32")]),
    ]);
    return call.node("Where", [isNothing, call.scalar(0), call.node("Mul", [w, v])]);
  },
  whereOp: (call) => {
    const mask = call.as(0, "bool");
    const dtype = call.dtype === "bool" ? "int32" : call.dtype;
    return call.cast(call.node("Where", [mask, call.as(1, dtype), call.as(2, dtype)]), dtype, call.dtype);
  },
  xlogyOp: (call) => {
    const [x, y] = [call.as(0), call.as(1)];
    const isNothing = call.node("And", [
      call.node("Equal", [x, call.scalar(0)]),
      call.node("Equal", [y, y]), // NaN stays
    ]);
    return call.node("Where", [isNothing, call.scalar(0), call.node("Mul", [x, call.node("Log", [y])])]);
  },
} satisfies SomeRows;

/** The angle of a point: that in the first quadrant, mirrored by the signs of x and y, of which those of zeros count. */
function angle(call: Emission<undefined>): string {
  const [y, x] = [call.as(0), call.as(1)];
  const [height, width] = [call.node("Abs", [y]), call.node("Abs", [x])];
  const zero = call.scalar(0);
  const isNegative = (v: string): string => {
    const inverse = call.node("Reciprocal", [v]);
    return call.node("Or", [call.node("Less", [v, zero]), call.node("Less", [inverse, zero])]);
  };
  // Of two zeros and two infinities there is no ratio.
  const diagonal = call.node("Where", [call.node("Equal", [height, zero]), zero, call.scalar(Math.PI / 4)]);
  const steep = call.node("Atan", [call.node("Div", [height, width])]);
  const first = call.node("Where", [call.node("Equal", [height, width]), diagonal, steep]);
  const left = call.node("Sub", [call.scalar(Math.PI), first]);
  const upper = call.node("Where", [isNegative(x), left, first]);
  return call.node("Where", [isNegative(y), call.node("Neg", [upper]), upper]);
}

/** A cotangent times a slope that follows from a result. */
function gradient(call: Emission<undefined>, slope: (y: string) => string): string {
  return call.node("Mul", [call.as(0), slope(call.as(1))]);
}
