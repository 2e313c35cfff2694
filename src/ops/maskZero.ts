import type { Tensor } from "../tensor.ts";
import { eq } from "./compare.ts";
import { where } from "./where.ts";

/**
 * `f(x)` where x is not 0, and the constant `value`, so with derivatives 0, where it is: for roots and powers, whose
 * derivative at 0 is infinite where 0 is wanted. `f` is given 1 instead of 0, so no 0 · ∞ arises in derivatives
 * of any order.
 */
export function maskZero(x: Tensor, f: (x: Tensor) => Tensor, value = 0): Tensor {
  const zero = eq(x, 0);
  return where(zero, value, f(where(zero, 1, x)));
}
