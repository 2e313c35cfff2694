/**
 * # Ties counted twice
 *
 * The gradient of a maximum goes to the largest entry: `v === largest ? 1 : 0`. If two entries are the largest, both
 * get all of it. At a kink, that seems to be a question of taste. But here every entry contains the same bias, so the
 * tie never breaks, and the function is smooth: it is $b + 3$.
 *
 * The fix: the parts must add up to one. `max` of this library shares the gradient equally, like PyTorch's `amax`.
 */
import { checkGradient } from "tinygrad-ts/gradcheck";

const scores = [1, 3, 3, 2];
const biased = ([b]: number[]) => scores.map((score) => score + b!);

export const f = (bias: number[]) => Math.max(...biased(bias));

export function wrong(bias: number[]): number[] {
  const values = biased(bias);
  return [values.filter((v) => v === Math.max(...values)).length];
}

export function right(bias: number[]): number[] {
  const values = biased(bias);
  const isLargest = values.map((v) => (v === Math.max(...values) ? 1 : 0));
  const ties = isLargest.reduce<number>((a, b) => a + b, 0);
  return [isLargest.reduce<number>((sum, v) => sum + v / ties, 0)];
}

export const point = [0.7];
export const check = (gradient: typeof right) => checkGradient(f, gradient, point);
