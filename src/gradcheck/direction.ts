import { purposes, wordsFor } from "./draw.ts";

/**
 * A direction to differentiate along, by its entries that are not 0. Its weights carry the size of the input: along it, 1 is a change of
 * each entry by about its own magnitude, so a step is a relative one.
 */
export interface Direction {
  readonly indices: ArrayLike<number>;
  readonly weights: ArrayLike<number>;
  /** Seeds the jitter of the steps. */
  readonly id: number;
}

/** Σ vᵢ wᵢ over the direction's entries. */
export function along(v: ArrayLike<number>, { indices, weights }: Direction, offset = 0): number {
  let sum = 0;
  for (let k = 0; k < indices.length; k++) sum += v[offset + indices[k]!]! * weights[k]!;
  return sum;
}

/** The direction as a dense array. */
export function dense({ indices, weights }: Direction, size: number): Float64Array {
  const v = new Float64Array(size);
  for (let k = 0; k < indices.length; k++) v[indices[k]!]! += weights[k]!;
  return v;
}

/** The greatest power of two that is not above `x` (0 for 0); products with it round nothing. */
export function powerOfTwo(x: number): number {
  return 2 ** Math.floor(Math.log2(x));
}

/** All indices of so many entries. */
export function indicesOf(size: number): Int32Array {
  const indices = new Int32Array(size);
  for (let i = 0; i < size; i++) indices[i] = i;
  return indices;
}

/**
 * The weights of a random direction that moves each of some entries by from half its magnitude to all of it: two errors that are alike do not
 * cancel along it, but by a rare chance. They have few bits, so steps along it are exact.
 */
export function randomWeights(seed: number, id: number, indices: Int32Array, magnitudes: Float64Array): Float64Array {
  const drawn = wordsFor(indices, seed, purposes.signs, id, 4);
  const weights = new Float64Array(indices.length);
  for (let k = 0; k < weights.length; k++) {
    const bits = drawn[k]!;
    const share = (8 + (bits >>> 1)) / 16;
    weights[k] = magnitudes[indices[k]!]! * (bits & 1 ? share : -share);
  }
  return weights;
}
