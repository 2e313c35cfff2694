import { expect, test } from "vitest";
import type { DType, Tensor } from "../../src/index.ts";
import * as T from "../../src/index.ts";
import { least, most, type Outcome, pairOf } from "../support/integers.ts";

// Every function of every dtype, and of every two, compiled and eager: values at the ends of what the dtypes hold.

const dtypes: readonly DType[] = ["bool", "int32", "float32", "float64"];
const values: Record<DType, readonly number[]> = {
  bool: [0, 1, 1, 0, 1, 0],
  int32: [most, least, 16_777_217, 3, -2, 0],
  float32: [0.5, -1.25, 16_777_216, 3, -2, 1e-3],
  float64: [0.1, least - 0.5, 16_777_217.25, 3, -2, 0],
};
const of = (dtype: DType, shape: readonly number[] = [2, 3]): Tensor => {
  const list = values[dtype].slice(
    0,
    shape.reduce((n, d) => n * d, 1),
  );
  return T.tensor(Float64Array.from(list)).reshape([...shape]).to(dtype); // biome-ignore format: one line
};

const one: Record<string, (x: Tensor) => Tensor> = {
  ...Object.fromEntries(
    (
      "abs ceil celu cos elu erf exp expm1 floor gelu hardswish hardtanh leakyRelu log log1p logSoftmax logSumExp max mean min mish neg norm prod " +
      "relu round rsqrt selu sigmoid sign silu sin softmax softplus softsign sqrt std sum tanh variance any all argmax argmin onesLike"
    )
      .split(" ")
      .map((name) => [name, (x: Tensor): Tensor => (T as unknown as Record<string, (x: Tensor) => Tensor>)[name]!(x)]),
  ),
  "max by rows": (x) => T.max(x, 1),
  "min by columns": (x) => T.min(x, 0),
  "prod by rows": (x) => T.prod(x, 1),
  "1-norm": (x) => T.norm(x, 1),
  "3-norm": (x) => T.norm(x, 3),
  cumsum: (x) => T.cumsum(x, 1),
  sort: (x) => T.sort(x).values,
  clamp: (x) => T.clamp(x, -0.5, 20_000_000.5),
  "clamp by integers": (x) => T.clamp(x, -5, 16_777_217),
  square: (x) => T.pow(x, 2),
  root: (x) => T.pow(x, 0.5),
  power: (x) => T.pow(x, 1.7),
  "plus 1": (x) => T.add(x, 1),
  "plus a fraction": (x) => T.add(x, 0.5),
  "times 3": (x) => T.mul(x, 3),
  "times a fraction": (x) => T.mul(x, 0.1),
  "above a fraction": (x) => T.gt(x, 0.25),
  ...Object.fromEntries(dtypes.map((dtype) => [`to ${dtype}`, (x: Tensor): Tensor => x.to(dtype)])),
};

const two: Record<string, (x: Tensor, y: Tensor) => Tensor> = {
  add: T.add,
  sub: T.sub,
  mul: T.mul,
  div: T.div,
  pow: T.pow,
  maximum: T.maximum,
  minimum: T.minimum,
  eq: T.eq,
  lt: T.lt,
  le: T.le,
  logicalXor: T.logicalXor,
  where: (x, y) => T.where(T.gt(x, 0), x, y),
};

const wholes: Record<string, (x: Tensor, y: Tensor) => Tensor> = {
  matmul: (x, y) => T.matmul(x, T.transpose(y)),
  cat: (x, y) => T.cat([x, y]),
  mse: (x, y) => T.mse(x, y),
  l1: (x, y) => T.l1(x, y),
  huber: (x, y) => T.huber(x, y),
  poissonNll: (x, y) => T.poissonNll(x, y),
  bceWithLogits: (x, y) => T.bceWithLogits(x, y),
  klDiv: (x, y) => T.klDiv(x, y),
  bce: (x, y) => T.bce(x, y),
  gaussianNll: (x, y) => T.gaussianNll(x, T.neg(x), y),
  "gaussianNll of bools": (x, y) => T.gaussianNll(x, y, y),
};

/** Integers, bools and refusals are the same; floats are, to the digits that they have. */
function expectAlike(what: string, got: Outcome, wanted: Outcome): void {
  if (typeof wanted === "string" || typeof got === "string") {
    expect(got, what).toEqual(wanted);
    return;
  }
  const slack = { float32: 3e-6, float64: 1e-13 }[wanted.dtype] ?? 0;
  expect([got.dtype, got.shape], what).toEqual([wanted.dtype, wanted.shape]);
  const far = got.values.findIndex((v, i) => {
    const w = wanted.values[i]!;
    return !(Object.is(v, w) || Math.abs(v - w) <= slack * Math.abs(w));
  });
  expect(far < 0 ? what : `${what}: ${got.values[far]} instead of ${wanted.values[far]}`).toBe(what);
}

function check(what: string, f: (...xs: Tensor[]) => Tensor, inputs: readonly Tensor[]): void {
  const { eager, compiled } = pairOf(f)(...inputs);
  expectAlike(`${what} of ${inputs.map((x) => `${x.dtype}[${x.shape}]`).join(", ")}`, compiled, eager);
}

test.each(Object.entries(one))("%s", (name, f) => {
  for (const dtype of dtypes) check(name, (x) => f(x!), [of(dtype)]);
});

test.each(Object.entries({ ...two, ...wholes }))("%s", (name, f) => {
  for (const a of dtypes) {
    for (const b of dtypes) {
      check(name, (x, y) => f(x!, y!), [of(a), of(b)]);
      if (name in two) check(name, (x, y) => f(x!, y!), [of(a), of(b, [])]);
    }
  }
});
