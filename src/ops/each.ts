import type { TypedArray } from "../core/dtype.ts";
import type { BinaryLoop } from "./define.ts";

/** The kernel that applies a function to each element. Functions of some ten nanoseconds bear a call; cheaper ones have a loop of their own. */
export const each =
  (f: (x: number) => number) =>
  (y: TypedArray, x: TypedArray): void => {
    for (let i = 0; i < y.length; i++) y[i] = f(x[i]!);
  };

/** The same for a function of two. */
export const eachPair =
  (f: (a: number, b: number) => number): BinaryLoop =>
  (y, yi, n, a, ai, as, b, bi, bs) => {
    for (const end = yi + n; yi < end; yi++, ai += as, bi += bs) y[yi] = f(a[ai]!, b[bi]!);
  };
