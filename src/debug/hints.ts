/** What went wrong: an infinity, a NaN of finite numbers, a NaN of infinities, or the gradient. */
export type Fault = "∞" | "NaN" | "NaN of ∞" | "backward";

const overflow = "the numbers are too large: scale inputs down, lower the learning rate, clip gradients";

const hints: Readonly<Record<string, Partial<Readonly<Record<Fault, string>>>>> = {
  log: {
    "∞": "the logarithm of 0 is −∞: clamp the argument, or take logSoftmax, bceWithLogits, log1p",
    NaN: "the logarithm of a negative number is NaN: clamp the argument",
    backward: "the logarithm's slope at 0 is infinite: add a small number to the argument",
  },
  log1p: {
    "∞": "log1p(−1) is the logarithm of 0: clamp the argument",
    NaN: "below −1 there is no logarithm: clamp the argument",
    backward: "log1p's slope at −1 is infinite: clamp the argument",
  },
  div: {
    "∞": "division by 0: add a small number to the divisor",
    NaN: "0 / 0, as in the mean of nothing: add a small number to the divisor, or leave empty batches out",
    "NaN of ∞": "∞ / ∞: keep numerator and divisor finite",
    backward: "the slope of a / b is 1 / b and −a / b²: keep the divisor away from 0",
  },
  exp: {
    "∞": "exp overflows above 88.7 in float32, 709.7 in float64: subtract the maximum first, or take softmax, logSumExp",
  },
  expm1: { "∞": "expm1 overflows above 88.7 in float32, 709.7 in float64: keep the argument below" },
  sqrt: {
    NaN: "the root of a negative number is NaN: clamp the argument",
    backward: "the root's slope at 0 is infinite: add a small number under the root",
  },
  rsqrt: {
    "∞": "1 / √0 is infinite: add a small number under the root",
    NaN: "the root of a negative number is NaN: clamp the argument",
    backward: "the slope of 1 / √x is −½ x^(−3/2), which overflows near 0: add a small number under the root",
  },
  pow: {
    "∞": "a power overflowed, or 0 had a negative exponent: keep the base away from 0",
    NaN: "a negative number has no power that is not whole: clamp the base, or take abs",
    backward: "the power's slope at 0 is infinite for exponents below 1: add a small number to the base",
  },
  mul: { "∞": overflow, "NaN of ∞": "0 · ∞ is NaN: to leave numbers out, use where or maskedFill, not a factor of 0" },
  matmul: { "∞": overflow, "NaN of ∞": "0 · ∞, or ∞ − ∞ in a sum of products: a mask of −∞ comes after the product" },
  add: { "∞": overflow, "NaN of ∞": "∞ − ∞ is NaN: add one mask of −∞, not infinities of both signs" },
  sub: { "∞": overflow, "NaN of ∞": "∞ − ∞ is NaN: subtract before masking" },
  sum: { "∞": overflow, "NaN of ∞": "∞ − ∞ is NaN: infinities of both signs are added up" },
  softmax: {
    "NaN of ∞": "all that a softmax shares out among is −∞ (or one is ∞): leave an element of each row unmasked",
  },
  logSoftmax: {
    "NaN of ∞": "all that a softmax shares out among is −∞ (or one is ∞): leave an element of each row unmasked",
  },
  sin: { "NaN of ∞": "there is no sine of ∞" },
  cos: { "NaN of ∞": "there is no cosine of ∞" },
  cast: { "∞": "the number is too large for float32: scale it down, or stay in float64" },
};

/** What to do about an op's fault, or nothing. */
export function hintFor(op: string, fault: Fault): string {
  return hints[op]?.[fault] ?? "";
}
