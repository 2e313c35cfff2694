/**
 * A direction to differentiate along, by its entries that are not 0. Its weights carry the size of the input: along it, 1 is a change of
 * each entry by about its own magnitude, so that a step is a relative one.
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
