import { isFloat } from "../../core/dtype.ts";
import { sizeOf } from "../../core/shape.ts";
import { abs } from "../../ops/abs.ts";
import { elu, gelu, leakyRelu } from "../../ops/activations.ts";
import { add } from "../../ops/add.ts";
import { acos, asin, atan } from "../../ops/arc.ts";
import { argmax } from "../../ops/argmax.ts";
import { ceil } from "../../ops/ceil.ts";
import { clamp } from "../../ops/clamp.ts";
import { eq, ge, gt, le, lt, ne } from "../../ops/compare.ts";
import { cos } from "../../ops/cos.ts";
import { div } from "../../ops/div.ts";
import { erf } from "../../ops/erf.ts";
import { exp } from "../../ops/exp.ts";
import { floor } from "../../ops/floor.ts";
import { hardswish } from "../../ops/hardswish.ts";
import { acosh, asinh, atanh, cosh, sinh } from "../../ops/hyperbolic.ts";
import { log } from "../../ops/log.ts";
import { logicalAnd, logicalNot, logicalOr, logicalXor } from "../../ops/logical.ts";
import { maximum, minimum } from "../../ops/maximum.ts";
import { mish } from "../../ops/mish.ts";
import { mul } from "../../ops/mul.ts";
import { neg } from "../../ops/neg.ts";
import { oneHot } from "../../ops/oneHot.ts";
import { permute } from "../../ops/permute.ts";
import { pow } from "../../ops/pow.ts";
import { relu } from "../../ops/relu.ts";
import { floorDivide, remainder } from "../../ops/remainder.ts";
import { reshape } from "../../ops/reshape.ts";
import { round } from "../../ops/round.ts";
import { celu, selu } from "../../ops/selu.ts";
import { sigmoid } from "../../ops/sigmoid.ts";
import { sign } from "../../ops/sign.ts";
import { sin } from "../../ops/sin.ts";
import { logSoftmax, softmax } from "../../ops/softmax.ts";
import { softplus } from "../../ops/softplus.ts";
import { softsign } from "../../ops/softsign.ts";
import { sqrt } from "../../ops/sqrt.ts";
import { sub } from "../../ops/sub.ts";
import { tan } from "../../ops/tan.ts";
import { tanh } from "../../ops/tanh.ts";
import { where } from "../../ops/where.ts";
import type { Tensor } from "../../tensor.ts";
import { elementName, elements } from "../schema.ts";
import { isInteger } from "../tensors.ts";
import type { Call, Result, Rule, Rules } from "./node.ts";

const unary =
  (fn: (x: Tensor) => Tensor): Rule =>
  ({ x }) =>
    fn(x);

/** Of two tensors, which broadcast. Before version 7, `broadcast` and `axis` said how. */
const binary =
  (fn: (a: Tensor, b: Tensor, call: Call) => Tensor): Rule =>
  (call) =>
    wrapped(call, fn(call.x, secondOf(call), call));

function secondOf(call: Call): Tensor {
  const { x, y } = call;
  const axis = call.int("axis", -1);
  if (call.opset >= 7 || axis < 0) return y;
  const after = x.shape.length - axis - y.shape.length;
  return reshape(y, [...y.shape, ...new Array<number>(Math.max(0, after)).fill(1)]);
}

/** Integers of less than 32 bits, and those without a sign, go around at their ends. */
export function wrapped(call: Call, y: Tensor, type = call.type): Tensor {
  const bits = { [elements.uint8]: 8, [elements.uint16]: 16 }[type];
  if (bits !== undefined) return remainder(y, 2 ** bits);
  const signed = { [elements.int8]: 8, [elements.int16]: 16 }[type];
  return signed === undefined ? y : sub(remainder(add(y, 2 ** (signed - 1)), 2 ** signed), 2 ** (signed - 1));
}

/** Division; of integers cut off towards zero. */
function divide(a: Tensor, b: Tensor, { type }: Call): Tensor {
  if (!isInteger(type)) return div(a, b);
  return mul(mul(sign(a), sign(b)), floorDivide(abs(a), abs(b))).to(a.dtype);
}

/** With the sign of the divisor for integers; `fmod` has that of the dividend. */
function modulo(a: Tensor, b: Tensor, call: Call): Tensor {
  if (call.int("fmod", 0) === 0) return remainder(a, b);
  return mul(sign(a), remainder(abs(a), abs(b))).to(a.dtype);
}

function power({ x, y, type, isFixed }: Call): Result {
  const raised = pow(isInteger(type) ? x.to("float64") : x, isInteger(type) ? y.to("float64") : y.to(x.dtype));
  return { x: isInteger(type) && !isFixed ? raised.to("int32") : raised, type };
}

/** Of any number of tensors, which broadcast. */
const variadic =
  (fn: (a: Tensor, b: Tensor) => Tensor): Rule =>
  (call) =>
    call.tensors.reduce((a, b) => wrapped(call, fn(a, b)));

function clip(call: Call): Tensor {
  const { x } = call;
  if (call.opset < 11) {
    const least = call.node.attribute("min")?.f;
    const most = call.node.attribute("max")?.f;
    return clamp(x, least ?? null, most ?? null);
  }
  const [min, max] = [call.optional(1), call.optional(2)];
  const raised = min === null ? x : maximum(x, min.to(x.dtype));
  return max === null ? raised : minimum(raised, max.to(x.dtype));
}

/** A leaky ReLU, whose slopes broadcast from the last axis on, or before version 7 lie along the second. */
function prelu(call: Call): Tensor {
  const { x, y } = call;
  const isPerChannel = call.opset < 7 && y.size > 1 && y.shape.length === 1;
  const slope = isPerChannel ? reshape(y, [y.size, ...new Array<number>(x.shape.length - 2).fill(1)]) : y;
  return where(lt(x, 0), mul(x, slope), x);
}

/** Softmax and its kin: before version 13, over all axes from one on. */
const normalized =
  (fn: (x: Tensor, axis: number) => Tensor): Rule =>
  (call) => {
    const { x, opset } = call;
    const axis = call.axis(call.int("axis", opset < 13 ? 1 : -1), x.shape.length);
    if (opset >= 13) return fn(x, axis);
    const flat = reshape(x, [sizeOf(x.shape.slice(0, axis)), sizeOf(x.shape.slice(axis))]);
    return reshape(fn(flat, 1), x.shape);
  };

function hardmax(x: Tensor, axis: number): Tensor {
  const last = x.shape.length - 1;
  const order = Array.from(x.shape, (_, i) => (i === axis ? last : i === last ? axis : i));
  const moved = permute(x, order);
  return permute(oneHot(argmax(moved, -1), moved.shape[last]!, { dtype: x.dtype }), order);
}

function isInfinite(call: Call): Tensor {
  const { x } = call;
  const above = eq(x, Number.POSITIVE_INFINITY);
  const below = eq(x, Number.NEGATIVE_INFINITY);
  const none = logicalAnd(above, below);
  return logicalOr(call.int("detect_positive", 1) ? above : none, call.int("detect_negative", 1) ? below : none);
}

function shrink(call: Call): Tensor {
  const { x } = call;
  const [lambda, bias] = [call.float("lambd", 0.5), call.float("bias", 0)];
  return where(lt(x, -lambda), add(x, bias), where(gt(x, lambda), sub(x, bias), 0)).to(x.dtype);
}

/** Of integers without a sign; what goes over their width is lost. */
function bitShift(call: Call): Result {
  const { x, y, type } = call;
  const bits = { [elements.uint8]: 8, [elements.uint16]: 16, [elements.uint32]: 32, [elements.uint64]: 64 }[type];
  if (bits === undefined) call.invalid("x must be of integers without a sign", elementName(type));
  const direction = call.text("direction", "");
  const by = pow(2, y.to("float64"));
  if (direction === "RIGHT") return { x: floor(div(x.to("float64"), by)), type };
  if (direction !== "LEFT") call.invalid("the direction must be LEFT or RIGHT", direction || "none");
  return { x: remainder(mul(x.to("float64"), by), 2 ** bits), type };
}

function castTo(call: Call, type: number): Result {
  const { x } = call;
  const fixed = { type };
  if (!isInteger(type)) {
    const dtype = { [elements.float64]: "float64", [elements.bool]: "bool" }[type] as "float64" | "bool" | undefined;
    const isKnown = [elements.float32, elements.float16, elements.bfloat16].includes(type as 1);
    if (dtype === undefined && !isKnown) call.unsupported("casts to numbers and bools only", `element type ${type}`);
    return { ...fixed, x: x.to(dtype ?? "float32") };
  }
  if (!call.isFixed) return { ...fixed, x: wrapped(call, x.to("int32"), type) };
  const whole = isFloat(x.dtype) ? mul(sign(x), floor(abs(x))) : x;
  return { ...fixed, x: wrapped(call, whole.to("float64"), type) };
}

function castText(call: Call): Result {
  const to = call.node.attribute("to");
  if (to?.i !== undefined) return castTo(call, Number(to.i));
  const names: { readonly [name: string]: number } = { ...elements, float: 1, double: 11 };
  return castTo(call, names[call.text("to", "").toLowerCase()] ?? call.invalid("needs an attribute to", "none"));
}

const pair = (fn: (a: Tensor, b: Tensor) => Tensor): Rule => binary((a, b) => fn(a, b));

/** Operators that compute each element by itself. */
export const elementwise: Rules = {
  Abs: unary(abs),
  Acos: unary(acos),
  Acosh: unary(acosh),
  Add: pair(add),
  And: pair(logicalAnd),
  Asin: unary(asin),
  Asinh: unary(asinh),
  Atan: unary(atan),
  Atanh: unary(atanh),
  Cast: castText,
  CastLike: (call) => castTo(call, call.value(1).type),
  BitShift: bitShift,
  Ceil: unary(ceil),
  Celu: (call) => celu(call.x, call.float("alpha", 1)),
  Clip: clip,
  Cos: unary(cos),
  Cosh: unary(cosh),
  Div: (call) => wrapped(call, divide(call.x, secondOf(call), call)),
  Elu: (call) => elu(call.x, call.float("alpha", 1)),
  Equal: pair(eq),
  Erf: unary(erf),
  Exp: unary(exp),
  Floor: unary(floor),
  Gelu: (call) => gelu(call.x, { approximate: call.text("approximate", "none") === "tanh" ? "tanh" : "none" }),
  Greater: pair(gt),
  GreaterOrEqual: pair(ge),
  HardSigmoid: (call) => clamp(add(mul(call.x, call.float("alpha", 0.2)), call.float("beta", 0.5)), 0, 1),
  HardSwish: unary(hardswish),
  Hardmax: normalized(hardmax),
  Identity: ({ inputs }) => inputs[0]!,
  IsInf: isInfinite,
  IsNaN: ({ x }) => ne(x, x),
  LeakyRelu: (call) => leakyRelu(call.x, call.float("alpha", 0.01)),
  Less: pair(lt),
  LessOrEqual: pair(le),
  Log: unary(log),
  LogSoftmax: normalized(logSoftmax),
  Max: variadic(maximum),
  Mean: (call) =>
    div(
      call.tensors.reduce((a, b) => add(a, b)),
      call.inputs.length,
    ),
  Min: variadic(minimum),
  Mish: unary(mish),
  Mod: binary(modulo),
  Mul: pair(mul),
  Neg: unary(neg),
  Not: unary(logicalNot),
  Or: pair(logicalOr),
  PRelu: prelu,
  Pow: power,
  Reciprocal: ({ x }) => div(1, x),
  Relu: unary(relu),
  Round: unary(round),
  Selu: (call) => {
    const [alpha, gamma] = [call.float("alpha", 1.6732632423543772), call.float("gamma", 1.0507009873554805)];
    const isUsual =
      Math.fround(alpha) === Math.fround(1.6732632423543772) && Math.fround(gamma) === Math.fround(1.0507009873554805);
    return isUsual ? selu(call.x) : mul(elu(call.x, alpha), gamma);
  },
  Shrink: shrink,
  Sigmoid: unary(sigmoid),
  Sign: unary(sign),
  Sin: unary(sin),
  Sinh: unary(sinh),
  Softmax: normalized(softmax),
  Softplus: unary(softplus),
  Softsign: unary(softsign),
  Sqrt: unary(sqrt),
  Sub: pair(sub),
  Sum: variadic(add),
  Swish: (call) => mul(call.x, sigmoid(mul(call.x, call.float("alpha", 1)))),
  Tan: unary(tan),
  Tanh: unary(tanh),
  ThresholdedRelu: (call) => where(gt(call.x, call.float("alpha", 1)), call.x, 0),
  Where: (call) => ({ x: where(call.x, call.tensor(1), call.tensor(2)), type: call.value(1).type }),
  Xor: pair(logicalXor),
};
