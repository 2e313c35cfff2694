/**
 * # NaN through a mask
 *
 * This function is the square root, or 0 where there is none. Its result is fine, because the mask does not choose the
 * NaN. But the backward pass computes a gradient for each entry and then multiplies it by the mask, and $0 \cdot
 * \text{NaN}$ is NaN. One such entry spoils every weight before it.
 *
 * The fix: mask the *input*, with a harmless value where the function is not defined, and not only the result.
 * [Numerics and edge cases](numerics-and-edge-cases.md#nan-through-a-mask) shows it with tensors, where `where` has
 * the same trap, as in PyTorch.
 */
import { checkGradient } from "tinygrad-ts/gradcheck";

export const f = (x: number[]) => x.reduce((sum, v) => sum + (v > 0 ? Math.sqrt(v) : 0), 0);

export function wrong(x: number[]): number[] {
  const mask = x.map((v) => (v > 0 ? 1 : 0));
  return x.map((v, i) => mask[i]! * (0.5 / Math.sqrt(v)));
}

export function right(x: number[]): number[] {
  const mask = x.map((v) => (v > 0 ? 1 : 0));
  const safe = x.map((v, i) => (mask[i] === 1 ? v : 1));
  return safe.map((v, i) => mask[i]! * (0.5 / Math.sqrt(v)));
}

export const point = [4, -1, 2];
export const check = (gradient: typeof right) => checkGradient(f, gradient, point);
