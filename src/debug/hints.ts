/** What went wrong: an infinity, a NaN from finite numbers, a NaN from infinities, or the gradient. */
export type Fault = "∞" | "NaN" | "NaN of ∞" | "backward";

const overflow = "the numbers are too large: scale the inputs down, lower the learning rate, or clip gradients";

const products = "0 · ∞, or ∞ − ∞ in a sum of products: keep the input and the weight finite";

const tooLarge = { "∞": "the number is too large for float32: scale it down, or keep float64" };

const hints: Readonly<Record<string, Partial<Readonly<Record<Fault, string>>>>> = {
  log: {
    "∞": "the logarithm of 0 is −∞: clamp the argument, or use logSoftmax, bceWithLogits or log1p",
    NaN: "the logarithm of a negative number is NaN: clamp the argument",
    backward: "the derivative of log at 0 is infinite: add a small number to the argument",
  },
  log1p: {
    "∞": "log1p(−1) is the logarithm of 0: clamp the argument",
    NaN: "log1p is NaN below −1: clamp the argument",
    backward: "the derivative of log1p at −1 is infinite: clamp the argument",
  },
  div: {
    "∞": "division by 0: add a small number to the divisor",
    NaN: "0 / 0, as in the mean of no elements: add a small number to the divisor, or skip empty batches",
    "NaN of ∞": "∞ / ∞: keep numerator and divisor finite",
    backward: "the derivatives of a / b are 1 / b and −a / b²: keep the divisor away from 0",
  },
  exp: {
    "∞": "exp overflows above 88.7 in float32 and 709.7 in float64: subtract the maximum first, or use softmax or logSumExp",
  },
  expm1: { "∞": "expm1 overflows above 88.7 in float32 and 709.7 in float64: keep the argument below that" },
  sqrt: {
    NaN: "the square root of a negative number is NaN: clamp the argument",
    backward: "the derivative of the square root at 0 is infinite: add a small number under the root",
  },
  rsqrt: {
    "∞": "1 / √0 is infinite: add a small number under the root",
    NaN: "the square root of a negative number is NaN: clamp the argument",
    backward: "the derivative of 1 / √x is −½ x^(−3/2), which overflows near 0: add a small number under the root",
  },
  pow: {
    "∞": "the power overflowed, or the base was 0 with a negative exponent: keep the base away from 0",
    NaN: "a negative base with a fractional exponent is NaN: clamp the base, or use abs",
    backward: "the derivative of the power at 0 is infinite for exponents below 1: add a small number to the base",
  },
  mul: {
    "∞": overflow,
    "NaN of ∞": "0 · ∞ is NaN: to mask elements, use where or maskedFill instead of a factor of 0",
  },
  matmul: { "∞": overflow, "NaN of ∞": "0 · ∞, or ∞ − ∞ in a sum of products: apply a mask of −∞ after the product" },
  conv: { "∞": overflow, "NaN of ∞": products },
  convInput: { "∞": overflow, "NaN of ∞": products },
  convWeight: { "∞": overflow, "NaN of ∞": products },
  add: { "∞": overflow, "NaN of ∞": "∞ − ∞ is NaN: do not add infinities of both signs" },
  sub: { "∞": overflow, "NaN of ∞": "∞ − ∞ is NaN: subtract before masking" },
  sum: { "∞": overflow, "NaN of ∞": "∞ − ∞ is NaN: the elements contain infinities of both signs" },
  mean: {
    NaN: "the mean of no elements is 0 / 0: skip empty batches",
    "NaN of ∞": "∞ − ∞ is NaN: the elements contain infinities of both signs",
  },
  centre: { "NaN of ∞": "the mean of infinities is infinite, and ∞ − ∞ is NaN: keep the elements finite" },
  spread: {
    "∞": "the spread is more than the dtype holds: scale the elements down, or use float64",
    NaN: "the spread of no more elements than the correction is 0 / 0: add elements, or pass { correction: 0 }",
  },
  softmax: {
    "NaN of ∞": "all elements of a row are −∞, or one is ∞: leave at least one element of each row unmasked",
  },
  logSoftmax: {
    "NaN of ∞": "all elements of a row are −∞, or one is ∞: leave at least one element of each row unmasked",
  },
  sin: { "NaN of ∞": "the sine of ∞ is NaN" },
  cos: { "NaN of ∞": "the cosine of ∞ is NaN" },
  cast: tooLarge,
  to: tooLarge,
};

/** What to do about a fault of an op; an empty string if there is no advice. */
export function hintFor(op: string, fault: Fault): string {
  return hints[op]?.[fault] ?? "";
}
