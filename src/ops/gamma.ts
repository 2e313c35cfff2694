import { apply, checkTensor } from "../core/apply.ts";
import { textOf, ValueError } from "../core/errors.ts";
import type { Op } from "../core/op.ts";
import { isTensor } from "../core/runtime.ts";
import type { ShapeOf } from "../core/shapeTypes.ts";
import { refuseMore } from "../core/surplus.ts";
import type { Tensor } from "../tensor.ts";
import { type OpCases, unaryCases } from "./cases.ts";
import { applyUnary, defineUnary } from "./define.ts";
import { each } from "./each.ts";
import { mul } from "./mul.ts";
import { cosPi, sinPi } from "./sinc.ts";

export const lgammaOp = /* @__PURE__ */ defineUnary({
  name: "lgamma",
  dtype: "float",
  forward: /* @__PURE__ */ each(logGamma),
  vjp: ({ g, x }) => mul(g, digamma(x)),
});

/** The nth derivative of digamma: a family of its own derivatives. */
export const polygammaOp: Op<number> = /* @__PURE__ */ defineUnary<number>({
  name: "polygamma",
  dtype: "float",
  forward: (y, x, n) => {
    const own = polygammaTerms(n);
    for (let i = 0; i < y.length; i++) y[i] = polygammaOf(x[i]!, n, own);
  },
  vjp: ({ g, x, attrs: n }) => mul(g, apply(polygammaOp, [x], n + 1)),
});

/** `log Γ(2 + z) / z` for |z| ≤ ½, interpolated at Chebyshev's points in 200 bits. */
export const logGammaAtTwo = [
  0.42278433509846713, 0.3224670334241132, -0.06735230105319814, 0.02058080842778457, -0.0073855510286681535,
  0.002890510330738737, -0.0011927539120010226, 0.0005096695248853096, -0.00022315475074520367, 9.945750909889392e-5,
  -4.4926351103833334e-5, 2.050726741605779e-5, -9.438458716242811e-6, 4.374374916915131e-6, -2.0449201467015115e-6,
  9.578663334114758e-7, -4.303558760359961e-7, 2.0304806751615227e-7, -1.3412819758517287e-7, 6.379047507619774e-8,
] as const;

/** Between 1 and 2, digamma over the distance from its root, in powers of x − 3/2: likewise. The root is given in two parts. */
export const digammaRoot = {
  high: 1.4616321449683622,
  low: 9.549995429965697e-17,
  coefficients: [
    0.951055876031833, -0.4236274212814605, 0.2405424842407742, -0.14840492305390884, 0.09498872445494122,
    -0.061922133273064534, 0.04076083381242074, -0.02697579675613825, 0.0179072524394512, -0.011908218001568644,
    0.007926944646403797, -0.005279964873257405, 0.003519006401502276, -0.002345267632540769, 0.0015566317474486838,
    -0.0010376374098418604, 0.0007233266279287554, -0.0004821990530566789, 0.0002272331660987376,
    -0.00015148586836773365, 0.00025968482126430747, -0.00017312261802727394,
  ],
} as const;

/** Bernoulli's numbers B₂, B₄ … */
const bernoulli = [
  1 / 6,
  -1 / 30,
  1 / 42,
  -1 / 30,
  5 / 66,
  -691 / 2730,
  7 / 6,
  -3617 / 510,
  43867 / 798,
  -174611 / 330,
] as const;

/** Stirling's series for `log Γ`, in 1/x², after a factor 1/x: `B₂ₖ / (2k (2k − 1))`. Used from 10 on. */
export const stirling = /* @__PURE__ */ bernoulli.slice(0, 8).map((b, i) => b / ((2 * i + 2) * (2 * i + 1)));

/** `log(2π) / 2 − ½`. */
export const stirlingRest = 0.41893853320467274;

function logGamma(x: number): number {
  if (x < 0) {
    if (x === Number.NEGATIVE_INFINITY) return -x;
    if (x > -1e-17) return -Math.log(-x);
    // Γ(x) Γ(−x) = −π / (x sin πx)
    return -Math.log((Math.abs(sinPi(x)) * -x) / Math.PI) - logGamma(-x);
  }
  if (x < 0.5) return x * polynomialAt(logGammaAtTwo, x) - (Math.log(x) + Math.log1p(x));
  if (x < 1.5) return (x - 1) * polynomialAt(logGammaAtTwo, x - 1) - Math.log1p(x - 1);
  if (x < 10) {
    let product = 1;
    let t = x;
    while (t > 2.5) {
      t -= 1;
      product *= t;
    }
    return (t - 2) * polynomialAt(logGammaAtTwo, t - 2) + Math.log(product);
  }
  const square = 1 / (x * x);
  return (x - 0.5) * (Math.log(x) - 1) + (stirlingRest + polynomialAt(stirling, square) / x);
}

function polynomialAt(coefficients: readonly number[], z: number): number {
  let y = 0;
  for (let k = coefficients.length - 1; k >= 0; k--) y = y * z + coefficients[k]!;
  return y;
}

/** Beyond, factorials and the derivatives of the cotangent do not stay finite in float64. */
const mostOrder = 150;

/** What the nth derivative is computed of. */
export interface PolygammaTerms {
  /** From here on, the asymptotic series is used; smaller arguments are raised one by one. */
  readonly from: number;
  /** `(−1)ⁿ⁺¹ n! / scaleⁿ⁺¹`, and −1 for digamma. */
  readonly factor: number;
  /** Powers are those of `scale / x`: a power of two, exact, at most the nth root of n!. Those of `1 / x` are too small for numbers long before the result is. */
  readonly scale: number;
  /** The asymptotic series' coefficients in 1/x², after a factor `x⁻ⁿ⁻²`: `B₂ₖ (n + 1) … (n + 2k − 1) / (2k)!`. */
  readonly series: readonly number[];
  /** `d/dxⁿ cot(πx) / πⁿ` as a polynomial of the cotangent. */
  readonly cotangent: readonly number[];
}

export function polygammaTerms(n: number): PolygammaTerms {
  let factorial = 1;
  for (let k = 2; k <= n; k++) factorial *= k;
  let rising = 1 / 2; // (n + 1) … (n + 2k − 1) / (2k)!
  const series = bernoulli.map((b, i) => {
    if (i === 0) rising *= n + 1;
    else rising *= ((n + 2 * i) * (n + 2 * i + 1)) / ((2 * i + 1) * (2 * i + 2));
    return b * rising;
  });
  let cotangent = [0, 1];
  for (let k = 0; k < n; k++) {
    const slope = cotangent.map((c, i) => c * i).slice(1);
    cotangent = Array.from({ length: slope.length + 2 }, (_, i) => -(slope[i] ?? 0) - (slope[i - 2] ?? 0));
  }
  const scale = n === 0 ? 1 : 2 ** Math.floor(Math.log2(factorial) / n);
  const factor = (n % 2 === 0 ? -factorial : factorial) / scale ** (n + 1);
  return { from: 10 + n, factor, scale, series, cotangent };
}

function polygammaOf(x: number, n: number, terms: PolygammaTerms): number {
  if (x >= 0 || x !== x) return ofPositive(n > 0 ? x + 0 : x, n, terms); // only digamma has a sign at −0
  if (Number.isInteger(x)) return n === 0 ? Number.NaN : terms.factor * Number.POSITIVE_INFINITY;
  // (−1)ⁿ ψₙ(1 − x) − ψₙ(x) = π d/dxⁿ cot(πx)
  const c = cosPi(x) / sinPi(x);
  const bend = terms.cotangent.reduceRight((y, k) => y * c + k, 0) * Math.PI ** (n + 1);
  return (n % 2 === 0 ? 1 : -1) * ofPositive(1 - x, n, terms) - bend;
}

/** A sum over small arguments, and the Euler-Maclaurin formula for the rest. */
function ofPositive(x: number, n: number, { from, factor, scale, series }: PolygammaTerms): number {
  if (n === 0 && x >= 1 && x <= 2)
    return (x - digammaRoot.high - digammaRoot.low) * polynomialAt(digammaRoot.coefficients, x - 1.5);
  const steps = x < from ? Math.ceil(from - x) : 0;
  const t = x + steps;
  let sum = 0;
  for (let k = steps - 1; k > 0; k--) sum += (scale / (x + k)) ** (n + 1); // the smallest first
  if (steps > 0) sum += (scale / x) ** (n + 1); // of −0, which adding 0 would lose
  const square = 1 / (t * t);
  const rest = (0.5 + polynomialAt(series, square) / t) / t;
  if (n === 0) return Math.log(t) - (sum + rest);
  return factor * (sum + (scale / t) ** n * scale * (1 / n + rest));
}

/**
 * Logarithm of the gamma function's size, `log |Γ(x)|` elementwise. The derivative is {@link digamma}.
 *
 * Between two negative integers `log |Γ|` passes through 0, near which its absolute error stays a few times 10⁻¹⁶.
 *
 * @param x - a tensor of any shape; integers become the default floating dtype.
 * @returns a tensor of x's shape: ∞ at 0, at negative integers and at ±∞.
 * @example
 * lgamma(tensor([1, 5, 0, 0.5], { dtype: "float64" })).toArray(); // → [0, 3.1780538303479458, Infinity, 0.5723649429247001]
 */
export function lgamma<T extends Tensor>(x: T): Tensor<ShapeOf<T>> {
  return applyUnary(lgammaOp, x, arguments);
}

/**
 * Digamma function, the derivative of `log |Γ(x)|`, elementwise. Its derivatives are {@link polygamma}, of any order.
 *
 * @param x - a tensor of any shape; integers become the default floating dtype.
 * @returns a tensor of x's shape: ∓∞ at ±0 and NaN at negative integers, as in PyTorch.
 * @example
 * digamma(tensor([1, 0], { dtype: "float64" })).toArray(); // → [-0.5772156649015329, -Infinity]
 */
export function digamma<T extends Tensor>(x: T): Tensor<ShapeOf<T>>;
export function digamma(x: Tensor): Tensor {
  refuseMore("digamma", arguments, 1);
  checkTensor("digamma", x);
  return apply(polygammaOp, [x], 0);
}

/**
 * Polygamma function, the nth derivative of {@link digamma}, elementwise. The derivative is that of order n + 1.
 *
 * @param n - the order: a whole number. 0 is digamma itself.
 * @param x - a tensor of any shape; integers become the default floating dtype.
 * @returns a tensor of x's shape: at 0 and negative integers, ∞ for odd orders and −∞ for even ones, as in PyTorch.
 * @throws {@link ValueError} if n is not a whole number, or above 150.
 * @example
 * polygamma(1, tensor(1, { dtype: "float64" })).item().toFixed(10); // → 1.6449340668
 */
export function polygamma(n: number, x: Tensor): Tensor {
  refuseMore("polygamma", arguments, 2);
  if (!Number.isSafeInteger(n) || n < 0) {
    const hint = isTensor(n) ? "the order comes first: polygamma(1, x)" : "";
    throw new ValueError("polygamma", "the order must be a whole number", textOf(n), hint);
  }
  if (n > mostOrder) {
    throw new ValueError("polygamma", `the order must be at most ${mostOrder}`, textOf(n));
  }
  checkTensor("polygamma", x, 1);
  return apply(polygammaOp, [x], n);
}

export const lgammaCases = /* @__PURE__ */ unaryCases({ low: 0.3, high: 4 });
export const polygammaCases: OpCases<number> = {
  draw: (d) => ({ inputs: [d.floats(d.shape(), { low: 0.5, high: 4 })], attrs: d.int(0, 3) }),
};
