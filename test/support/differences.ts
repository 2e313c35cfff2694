import { stream } from "./draw.ts";

/**
 * The derivative of `f` at 0, by central differences extrapolated twice (Richardson, 1911): the error is O(h⁶), about
 * 1e-12 for smooth functions, so that it can be held against a vjp to many digits. `f` must be smooth within `h`.
 */
export function derivative(f: (t: number) => number, h = 1 / 256): number {
  const central = (s: number): number => (f(s) - f(-s)) / (2 * s);
  const [coarse, middle, fine] = [central(h), central(h / 2), central(h / 4)];
  const first = (4 * middle - coarse) / 3;
  const second = (4 * fine - middle) / 3;
  return (16 * second - first) / 15;
}

/**
 * Directions to differentiate along, in a space of `n` dimensions: each axis if there are few; else some of them, and
 * one direction that touches all.
 */
export function directions(n: number, atMost: number, seed: number): Float64Array[] {
  const unit = (i: number): Float64Array => new Float64Array(n).fill(1, i, i + 1);
  if (n <= atMost) return Array.from({ length: n }, (_, i) => unit(i));
  const next = stream(seed);
  const some = Array.from({ length: atMost - 1 }, () => unit(Math.floor(next() * n)));
  return [...some, new Float64Array(n).map(() => next() - 0.5)];
}

/** Σ aᵢ bᵢ. */
export function dot(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
}

/** `x + t v`. */
export function shifted(x: ArrayLike<number>, v: ArrayLike<number>, t: number): Float64Array {
  return Float64Array.from(x, (value, i) => value + t * v[i]!);
}
