/**
 * # Mean against sum
 *
 * The loss is a mean over the points, but its gradient was derived for the sum. It has the right direction and the
 * wrong length. Everything seems to work, but the effective learning rate grows with the batch.
 *
 * The fix: derive the gradient from the exact line that computes the loss. The checker notices that the factor is the
 * number of points.
 */
import { checkGradient } from "tinygrad-ts/gradcheck";

const data = [
  [0.5, 1.2],
  [-1.5, 0.1],
  [2, 2.4],
  [1, 1.9],
] as const;

export const f = ([w, b]: number[]) => data.reduce((sum, [x, y]) => sum + (w! * x + b! - y) ** 2, 0) / data.length;

export function wrong([w, b]: number[]): number[] {
  const gradient = [0, 0];
  for (const [x, y] of data) {
    const delta = 2 * (w! * x + b! - y);
    gradient[0]! += delta * x;
    gradient[1]! += delta;
  }
  return gradient;
}

export const right = (parameters: number[]) => wrong(parameters).map((g) => g / data.length);

export const point = [0.4, -0.2];
export const check = (gradient: typeof right) => checkGradient(f, gradient, point);
