/** Where this library departs on purpose from PyTorch's value of an edge case: only the elements that stand here, and they are tested. */
export interface Departure {
  /** Why; the op's documentation says it too. */
  readonly reason: string;
  /** The elements, by their place. */
  readonly forward?: Elements;
  readonly grads?: Readonly<Record<string, Elements>>;
  readonly grads2?: Readonly<Record<string, Elements>>;
}

/** Values by place, written as in the case. */
export type Elements = Readonly<Record<number, number | string>>;

/** By the id of the edge case. All of them are cases whose policy leaves the choice, or asks for better. */
export const departures: Readonly<Record<string, Departure>> = {
  abs: {
    reason: "the derivative of abs is sign(x), and sign(NaN) is NaN: PyTorch's 0 would hide the NaN",
    grads: { x: { 8: "NaN" } },
  },
  sign: {
    reason: "sign(NaN) is NaN, as in NumPy and Math.sign: NaN has no sign, and 0 would hide it",
    forward: { 8: "NaN" },
  },
  log1p_small: {
    reason: "log(1e308) is finite; PyTorch 1.13 overflows",
    forward: { 5: 709.1962086421661 },
  },
  softplus: {
    reason: "log(1 + eˣ) to the last digit everywhere; PyTorch becomes the identity above 20",
    forward: { 6: 20.500000001250154 },
    grads: { x: { 6: 0.9999999987498471 } },
  },
  amax_nan: {
    reason: "the NaN is what attains the maximum, so it gets the gradient, as in PyTorch's own x.max()",
    grads: { x: { 0: 0, 1: 1, 2: 0 } },
  },
  bce_logits_inf: {
    reason: "the loss tends to 0 where the target agrees with an infinite logit; PyTorch's formula has ∞ − ∞",
    forward: { 0: 0, 1: 0 },
  },
  kl_div_zero_target: {
    reason: "a target of 0 counts for nothing: 0 log 0 is 0",
    forward: { 1: 0 },
  },
  var_one_unbiased: {
    reason: "0/0 is NaN, and so is its derivative; PyTorch 1.13's backward fails",
    grads: { x: { 0: "NaN" } },
  },
};
