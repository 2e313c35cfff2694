import type { DType } from "../core/dtype.ts";
import type { Shape } from "../core/shape.ts";

/**
 * What an op's cases may ask of the test that draws them. Kept to an interface, so no test library reaches the
 * published code, and cases, which nothing in the library uses, are shaken away.
 */
export interface Draw {
  /** A shape of up to `maxRank` (3) axes; sizes `minSize` (0) to `maxSize` (4), so scalars and zero-size are drawn. */
  shape(options?: { minRank?: number; maxRank?: number; minSize?: number; maxSize?: number }): number[];
  /** Two shapes that broadcast against each other. */
  broadcastPair(): [number[], number[]];
  /** An integer from `low` to `high`, both included. */
  int(low: number, high: number): number;
  /** One of the options. */
  pick<T>(options: readonly T[]): T;
  /** A permutation of 0 … n − 1. */
  permutation(n: number): number[];
  /** A float64 tensor with values from `low` (−3) to `high` (3), at least 0.05 from each of `avoid` and all distinct if asked. */
  floats(shape: Shape, options?: { low?: number; high?: number; avoid?: readonly number[]; distinct?: boolean }): Input;
  /** An int32 tensor with values from `low` to `high`, both included. */
  ints(shape: Shape, low: number, high: number): Input;
  /** An int32 tensor that holds a permutation of 0 … n − 1 in each lane along an axis of size n. */
  orders(shape: Shape, axis: number): Input;
  /** A bool tensor. */
  bools(shape: Shape): Input;
}

/** An input that was drawn; opaque to the cases. */
export interface Input {
  readonly shape: Shape;
  readonly dtype: DType;
}

/** Samples of an op for the generic suite, exported beside the op's record under its name with `Cases` for `Op`. */
export interface OpCases<A> {
  /** Draws valid inputs, away from points where the op has no derivative, and attributes. */
  readonly draw: (d: Draw) => { readonly inputs: readonly Input[]; readonly attrs: A };
  /** Calls that must fail: input shapes (float64 unless a dtype is given), attributes, and a part of the message. */
  readonly errors?: readonly {
    readonly inputs: readonly (Shape | Input)[];
    readonly attrs: A;
    readonly error: string;
  }[];
}

/** Cases of an elementwise op of one input. */
export function unaryCases<A = undefined>(
  options: { low?: number; high?: number; avoid?: readonly number[]; attrs?: A } = {},
): OpCases<A> {
  return { draw: (d) => ({ inputs: [d.floats(d.shape(), options)], attrs: options.attrs as A }) };
}

/** Cases of an elementwise op of two inputs that broadcast. */
export function binaryCases(
  options: { low?: number; high?: number; avoid?: readonly number[]; distinct?: boolean } = {},
): OpCases<undefined> {
  return {
    draw: (d) => {
      const [a, b] = d.broadcastPair();
      return { inputs: [d.floats(a, options), d.floats(b, options)], attrs: undefined };
    },
    errors: [{ inputs: [[2], [3]], attrs: undefined, error: "shapes must broadcast" }],
  };
}
