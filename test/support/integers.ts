import fc from "fast-check";
import { compile } from "../../src/compile/index.ts";
import { ones, type Tensor, TinygradError, tensor } from "../../src/index.ts";

export const least = -(2 ** 31);
export const most = 2 ** 31 - 1;

const extremes = [0, 1, -1, 2, -2, 3, most, most - 1, least, least + 1, 46_340, 46_341, -46_341, 2 ** 16, -(2 ** 16)];

/** int32 values, mostly those that overflow soon, and small ones with which they come back. */
export const values: fc.Arbitrary<number> = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom(...extremes) },
  { weight: 2, arbitrary: fc.integer({ min: -9, max: 9 }) },
  { weight: 1, arbitrary: fc.integer({ min: least, max: most }) },
);

/** Integers in some shape, row-major: what a reference computes with. */
export interface Grid {
  readonly shape: readonly number[];
  readonly at: readonly bigint[];
}

/** Integers in a shape. */
export function grid(shape: readonly number[], entry: fc.Arbitrary<number> = values): fc.Arbitrary<Grid> {
  const size = shape.reduce((n, d) => n * d, 1);
  return fc.array(entry, { minLength: size, maxLength: size }).map((list) => ({ shape, at: list.map(BigInt) }));
}

export function toTensor({ shape, at }: Grid): Tensor {
  return tensor(Int32Array.from(at, Number)).reshape([...shape]);
}

/** What a call comes to: its values, or what it refuses. */
export type Outcome = { readonly dtype: string; readonly shape: readonly number[]; readonly values: number[] } | string;

function outcomeOf(call: () => Tensor): Outcome {
  try {
    const y = call();
    return { dtype: y.dtype, shape: y.shape, values: [...y.data].map((v) => v + 0) };
  } catch (error) {
    if (error instanceof TinygradError) return `${error.name} ${error.message}`;
    throw error;
  }
}

/** Compiled functions record their first call, which must not be refused: on ones. Programs are kept for the next call. */
export function pairOf(
  f: (...inputs: Tensor[]) => Tensor,
): (...inputs: Tensor[]) => { eager: Outcome; compiled: Outcome } {
  const compiled = compile(f, { verify: true });
  const known = new Set<string>();
  return (...inputs) => {
    const key = inputs.map(({ shape, dtype }) => `${dtype}[${shape}]`).join(" ");
    if (!known.has(key)) compiled(...inputs.map(({ shape, dtype }) => ones(shape, { dtype })));
    known.add(key);
    return { eager: outcomeOf(() => f(...inputs)), compiled: outcomeOf(() => compiled(...inputs)) };
  };
}

/** The outcome of exact int32 arithmetic: what it is, or the refusal of the first number that does not fit. */
export function exactly(op: string, { shape, at }: Grid): Outcome {
  const bad = at.findIndex((v) => v < least || v > most);
  if (bad < 0) return { dtype: "int32", shape, values: at.map(Number) };
  const v = Number(at[bad]);
  const got = Number.isSafeInteger(v) ? v : v.toPrecision(7);
  return `ValueError ${op}: int32 overflows, got ${got}${placeOf(bad, shape)}; cast first: x.to("float64")`;
}

/** The outcome of arithmetic modulo 2³². */
export function wrapping({ shape, at }: Grid): Outcome {
  return { dtype: "int32", shape, values: at.map((v) => Number(BigInt.asIntN(32, v))) };
}

function placeOf(i: number, shape: readonly number[]): string {
  if (shape.length === 0) return "";
  if (shape.length === 1) return ` at index ${i}`;
  const columns = shape.at(-1)!;
  if (shape.length === 2) return ` at row ${Math.floor(i / columns)}, column ${i % columns}`;
  const rows = shape[1]!;
  return ` at [${Math.floor(i / columns / rows)}, ${Math.floor(i / columns) % rows}, ${i % columns}]`;
}
