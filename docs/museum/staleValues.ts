/**
 * # Stale values after an in-place update
 *
 * The derivative of $e^x$ is $e^x$, so the backward pass keeps the result instead of computing it again. To save
 * memory, the next layer adds 1 in place, into the same array. When the backward pass reads the kept value, it has
 * changed.
 *
 * The fix: do not write into an array that something else has kept, or detect it. Here `assign` stamps a tensor with
 * the time of the change, and a backward pass that needs an older value throws a `GradError`.
 */
import { checkGradient } from "tinygrad-ts/gradcheck";

function forward(x: number[], inPlace: boolean) {
  const kept = x.map(Math.exp); // the exponential, kept for the way back
  const sum = inPlace ? kept : [...kept];
  for (let i = 0; i < sum.length; i++) sum[i]! += 1;
  return { kept, sum, loss: sum.reduce((total, v) => total + v * v, 0) };
}

function gradient(x: number[], inPlace: boolean): number[] {
  const { kept, sum } = forward(x, inPlace);
  return sum.map((v, i) => 2 * v * kept[i]!);
}

export const f = (x: number[]) => forward(x, true).loss;

export const wrong = (x: number[]) => gradient(x, true);

export const right = (x: number[]) => gradient(x, false);

export const point = [0.5, -0.7];
export const check = (gradient: typeof right) => checkGradient(f, gradient, point);
