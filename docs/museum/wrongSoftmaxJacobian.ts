/**
 * # The wrong softmax Jacobian
 *
 * "The derivative of softmax is $p(1 - p)$", as that of the sigmoid. That is the diagonal only: since the
 * probabilities sum to 1, each score moves all of them. $\partial p_i / \partial s_j = p_i ([i = j] - p_j)$.
 *
 * The cure: a function of many results has a matrix. Each of its columns sums to 0 here, which is worth an assertion
 * of its own.
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
