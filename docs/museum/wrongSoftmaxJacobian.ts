/**
 * # The wrong softmax Jacobian
 *
 * "The derivative of softmax is $p(1 - p)$", like the derivative of the sigmoid. But that is only the diagonal. The
 * probabilities sum to 1, so each score changes all of them: $\partial p_i / \partial s_j = p_i ([i = j] - p_j)$.
 *
 * The fix: the derivative of a function with many results is a matrix. Here each of its columns sums to 0, which is
 * worth a separate assertion.
 */
import { checkJacobian } from "tinygrad-ts/gradcheck";

export function f(scores: number[]): number[] {
  const powers = scores.map((s) => Math.exp(s - Math.max(...scores)));
  const sum = powers.reduce((a, b) => a + b);
  return powers.map((power) => power / sum);
}

export function wrong(scores: number[]): number[][] {
  const p = f(scores);
  return p.map((pi, i) => p.map((pj, j) => (i === j ? pi * (1 - pj) : 0)));
}

export function right(scores: number[]): number[][] {
  const p = f(scores);
  return p.map((pi, i) => p.map((pj, j) => pi * ((i === j ? 1 : 0) - pj)));
}

export const point = [0.5, -1, 0.25];
export const check = (jacobian: typeof right) => checkJacobian(f, jacobian, point);
