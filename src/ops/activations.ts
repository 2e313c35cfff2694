import { checkTensor } from "../core/apply.ts";
import { checkNumber } from "../core/arguments.ts";
import { checkOptions } from "../core/options.ts";
import type { ShapeOf } from "../core/shapeTypes.ts";
import { refuseMore } from "../core/surplus.ts";
import type { Tensor } from "../tensor.ts";
import { add } from "./add.ts";
import { cast } from "./cast.ts";
import { clamp } from "./clamp.ts";
import { gt, le } from "./compare.ts";
import { floatOf } from "./define.ts";
import { erf } from "./erf.ts";
import { expm1 } from "./expm1.ts";
import { mul } from "./mul.ts";
import { sigmoid } from "./sigmoid.ts";
import { where } from "./where.ts";

/**
 * Leaky rectifier: x above 0, `slope · x` below, elementwise. The derivative at 0 (and NaN) is the slope, as in
 * PyTorch.
 *
 * @param x - a tensor of any shape; NaN propagates.
 * @param slope - the slope below 0; 0.01 by default.
 * @throws {@link ValueError} if the slope is not a number.
 * @example
 * leakyRelu(tensor([-2, 0, 3]), 0.5).toArray(); // → [-1, 0, 3]
 */
export function leakyRelu<T extends Tensor>(x: T, slope?: number): Tensor<ShapeOf<T>>;
export function leakyRelu(x: Tensor, slope = 0.01): Tensor {
  refuseMore("leakyRelu", arguments, 2);
  checkTensor("leakyRelu", x);
  checkNumber("leakyRelu", "slope", slope);
  return where(gt(x, 0), x, mul(x, slope));
}

/**
 * Exponential linear unit (Clevert et al., 2016): x above 0, `alpha (eˣ − 1)` below, elementwise. The derivative at 0
 * is `alpha`.
 *
 * @param x - a tensor of any shape; integers become the default floating dtype. NaN propagates, with derivative 1.
 * @param alpha - minus the value that is approached at −∞; 1 by default.
 * @throws {@link ValueError} if alpha is not a number.
 * @example
 * elu(tensor([-Infinity, 0, 3]), 2).toArray(); // → [-2, 0, 3]
 */
export function elu<T extends Tensor>(x: T, alpha?: number): Tensor<ShapeOf<T>>;
export function elu(x: Tensor, alpha = 1): Tensor {
  refuseMore("elu", arguments, 2);
  checkTensor("elu", x);
  checkNumber("elu", "alpha", alpha);
  // Above 0 the exponential is not taken, since where it overflows, its gradient would be 0 · ∞.
  return where(le(x, 0), mul(expm1(clamp(x, null, 0)), alpha), x);
}

/** Options of {@link gelu}. */
export interface GeluOptions {
  /** `"none"` (default): by the error function; `"tanh"`: its approximation. */
  readonly approximate?: "none" | "tanh";
}

/**
 * Gaussian error linear unit (Hendrycks and Gimpel, 2016), `x Φ(x)` elementwise, where Φ is the normal distribution
 * function, `(1 + erf(x/√2)) / 2`. Its approximation by tanh, from the same paper, is `x (1 + tanh u) / 2`, computed as
 * `x sigmoid(2u)`, for `u = √(2/π) (x + 0.044715 x³)`.
 *
 * @param x - a tensor of any shape; integers become the default floating dtype. NaN propagates; −∞ becomes NaN, as in
 * PyTorch. Below −5, where erf is nearly −1, the result is right to within 10⁻⁷ in float32, as PyTorch's is, and not to its own last digits: −6 gives 0 there instead of −6e-9.
 * @param options - `approximate`: `"none"` (default) or `"tanh"`.
 * @throws {@link ValueError} for another approximation.
 * @example
 * gelu(tensor([0, 100])).toArray(); // → [0, 100]
 */
export function gelu<T extends Tensor>(x: T, options?: GeluOptions): Tensor<ShapeOf<T>>;
export function gelu(x: Tensor, options?: GeluOptions): Tensor {
  refuseMore("gelu", arguments, 2);
  checkTensor("gelu", x);
  const { approximate = "none" } = checkOptions("gelu", options, { approximate: ["none", "tanh"] });
  if (approximate === "none") return mul(x, mul(add(erf(mul(x, Math.SQRT1_2)), 1), 0.5));
  const scale = Math.sqrt(8 / Math.PI);
  const v = cast(x, floatOf(x.dtype));
  const held = clamp(v, -32, 32); // beyond, the sigmoid is 0 or 1, and the cube might be infinite
  return mul(v, sigmoid(mul(held, add(mul(mul(held, held), scale * 0.044715), scale))));
}

/**
 * Sigmoid linear unit, or swish: `x sigmoid(x)` elementwise.
 *
 * @param x - a tensor of any shape; integers become the default floating dtype. NaN propagates; −∞ becomes NaN, as in
 * PyTorch.
 * @example
 * silu(tensor([0, 1000])).toArray(); // → [0, 1000]
 */
export function silu<T extends Tensor>(x: T): Tensor<ShapeOf<T>>;
export function silu(x: Tensor): Tensor {
  refuseMore("silu", arguments, 1);
  checkTensor("silu", x);
  return mul(x, sigmoid(x));
}
