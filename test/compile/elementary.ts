import * as T from "../../src/index.ts";
import { errorFunction } from "../../src/ops/erf.ts";

// The elementary functions that the compiler computes itself, and how far off they may be.

type Tensor = T.Tensor;

/** A function with the errors that it is allowed in each dtype. */
export interface Elementary {
  readonly name: string;
  readonly fn: (x: Tensor, y: Tensor) => Tensor;
  /** In float64, nearly exact. */
  readonly exact: (x: number) => number;
  readonly single: number;
  readonly double: number;
  /** Rows in the fixture, in its unit. */
  readonly share: number;
}

/** As in eager float32, 0 from where e⁻ˣ overflows. */
const logistic = (x: number): number => (Math.exp(-x) > 3.4028234663852886e38 ? 0 : 1 / (1 + Math.exp(-x)));
const of = (fn: (x: Tensor) => Tensor) => (x: Tensor) => fn(x);

/** In the fixture's order. */
export const elementary: readonly Elementary[] = [
  { name: "exp", fn: of(T.exp), exact: Math.exp, single: 1, double: 1, share: 1 },
  { name: "expm1", fn: of(T.expm1), exact: Math.expm1, single: 1.3, double: 1.3, share: 2 },
  { name: "log", fn: of(T.log), exact: Math.log, single: 0.9, double: 0.9, share: 1 },
  { name: "log1p", fn: of(T.log1p), exact: Math.log1p, single: 1.5, double: 1.5, share: 2 },
  { name: "tanh", fn: of(T.tanh), exact: Math.tanh, single: 1.3, double: 1.3, share: 1 },
  { name: "sigmoid", fn: of(T.sigmoid), exact: logistic, single: 1.8, double: 1.8, share: 1 },
  { name: "erf", fn: of(T.erf), exact: errorFunction, single: 1.4, double: 1.4, share: 2 },
  { name: "sin", fn: of(T.sin), exact: Math.sin, single: 0.6, double: 0.9, share: 2 },
  { name: "cos", fn: of(T.cos), exact: Math.cos, single: 0.6, double: 0.9, share: 2 },
  { name: "pow", fn: T.pow, exact: () => Number.NaN, single: 0.6, double: 1, share: 3 },
];

/** The others, which float32 computes in float64: the eager function in float64 is the measure of them. In the fixture they follow. */
export const special: readonly Elementary[] = (
  [
    ["tan", 2],
    ["asin", 1.8],
    ["acos", 1.5],
    ["atan", 1.8],
    ["log2", 1.6],
    ["log10", 1.9],
    ["exp2", 1],
    ["sinh", 1.8],
    ["cosh", 1.4],
    ["asinh", 1.9],
    ["acosh", 2],
    ["atanh", 1.8],
    ["sinc", 2.8],
    ["erfc", 6],
    ["erfinv", 2.5],
    ["lgamma", 6],
    ["digamma", 12],
  ] as const
).map(([name, double]) => ({ name, fn: of(T[name]), exact: () => Number.NaN, single: 0.6, double, share: 1 }));

/** The spacing of numbers at x. */
export function ulpAt(x: number, dtype: "float32" | "float64"): number {
  const [least, fraction] = dtype === "float32" ? [-126, 23] : [-1022, 52];
  return 2 ** (Math.max(least, Math.floor(Math.log2(Math.abs(x)))) - fraction);
}
