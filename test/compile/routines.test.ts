import { afterEach, describe, expect, test, vi } from "vitest";
import { compile, setThreads } from "../../src/compile/index.ts";
import { ModuleBuilder } from "../../src/compile/webassembly/binary/module.ts";
import * as T from "../../src/index.ts";
import { difference } from "./opinions.ts";

// Kernels of equal content share one function, which is given the addresses.

type Fn = (x: T.Tensor) => T.Tensor;

/**
 * What is done to several arrays must be what is done to each, to the bit; returns the bytes of code that each kernel takes which comes with
 * one more array.
 */
function repeated(fn: Fn, xs: readonly T.Tensor[]): number {
  const single = compile(fn);
  const [fewer, all] = [xs.slice(1), xs].map((own) => {
    const f = compile(() => own.map(fn));
    for (let i = 0; i < 2; i++) {
      const got = f();
      for (const [k, x] of own.entries()) expect(difference(got[k]!, single(x), true)).toBeNull();
    }
    return f.programs[0]!.stats;
  });
  return (all!.moduleBytes - fewer!.moduleBytes) / (all!.kernels - fewer!.kernels);
}

const generator = new T.Generator(3);
const drawn = (shape: number[], dtype: T.DType = "float32"): T.Tensor[] =>
  [1, 2, 3].map(() => T.randn(shape, { dtype, generator }));

const weights = T.randn([9, 7], { generator: new T.Generator(5) });

const kinds: readonly (readonly [string, Fn])[] = [
  ["elementwise", (x) => T.tanh(T.add(T.mul(x, x), 1))],
  ["windows", (x) => T.add(T.transpose(x), T.slice(x, 2))],
  ["windows that go backwards", (x) => T.mul(T.flip(x, [0, 1]), T.flip(x, [1]))],
  ["sums of rows", (x) => T.sum(T.exp(x), 1)],
  ["sums of columns", (x) => T.sum(T.exp(x), 0)],
  ["the sum of all", (x) => T.sum(T.mul(x, x))],
  ["products", (x) => T.matmul(x, weights.to(x.dtype))],
  ["products of integers", (x) => T.matmul(x.to("int32"), T.transpose(x.to("int32")))],
  ["products and what follows", (x) => T.relu(T.add(T.matmul(T.transpose(x), x), 1))],
  ["running sums", (x) => T.cumsum(x, 0)],
  ["running sums of integers", (x) => T.cumsum(x.to("int32"), 1)],
  ["sorted places", (x) => T.argsort(x, 0)],
  ["parts", (x) => T.cat([x, T.exp(x), x], 1)],
  [
    "padding",
    (x) =>
      T.pad(
        x,
        [
          [1, 2],
          [0, 1],
        ],
        -1.5,
      ),
  ],
  ["elements at places", (x) => T.indexSelect(x, 1, T.argsort(T.slice(x, 0)))],
  ["added at places", (x) => T.indexAdd(x, 0, T.argsort(T.slice(x, 0)), x)],
];

describe.each(["float32", "float64"] as const)("in %s, what is done again is no more code", (dtype) => {
  test.each(kinds)("%s", (_, fn) => {
    expect(repeated(fn, drawn([9, 9], dtype))).toBeLessThan(40); // a call with its addresses
  });
});

test("numbers in the code tell functions apart, be it −0 from 0", () => {
  const pairs: readonly (readonly [number, number])[] = [[2, 3], [0, -0], [-0, 0], [Number.NaN, 1], [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]]; // biome-ignore format: one line
  for (const [a, b] of pairs) {
    const f = compile((x: T.Tensor, y: T.Tensor) => [T.mul(x, a), T.mul(y, b)] as const);
    const g = compile((x: T.Tensor, y: T.Tensor) => [T.pad(x, [[1, 1]], a), T.pad(y, [[1, 1]], b)] as const);
    const [x, y] = [T.tensor([1, 2, 3]), T.tensor([4, 5, 6])];
    for (const h of [f, g]) h(x, y);
    expect(f(x, y).map((own) => own.toArray())).toEqual([[a, 2 * a, 3 * a], [4 * b, 5 * b, 6 * b]]); // biome-ignore format: one line
    expect(g(x, y).map((own) => own.toArray())).toEqual([[a, 1, 2, 3, a], [b, 4, 5, 6, b]]); // biome-ignore format: one line
  }
});

// A page has memory that can be shared if it is isolated, which the one of these tests is not.
describe.skipIf(typeof SharedArrayBuffer === "undefined")("with threads", () => {
  afterEach(() => setThreads(1));

  test("shared functions do tasks", async () => {
    const fns: readonly Fn[] = [
      (x) => T.matmul(x, x),
      (x) => T.matmul(T.transpose(x), T.slice(x, null, [0, 40])),
      (x) => T.exp(T.mul(T.tanh(x), T.sin(x))),
    ];
    const xs = drawn([300, 300]);
    for (const fn of fns) {
      const alone = xs.map((x) => compile(fn)(x));
      await setThreads(3);
      expect(repeated(fn, xs)).toBeLessThan(40);
      for (const [i, x] of xs.entries()) expect(difference(compile(fn)(x), alone[i]!, true)).toBeNull();
      await setThreads(1);
    }
  });
});

/** Bytes of code of a whole step of training. */
function bytesOfStep(model: T.Layer, x: T.Tensor): number {
  const optimizer = new T.Adam(model.parameters());
  const y = T.randn(T.noGrad(() => model.forward(x)).shape);
  const step = compile(() => {
    const loss = T.mse(model.forward(x), y);
    optimizer.zeroGrad();
    loss.backward();
    optimizer.step();
    return loss;
  });
  step();
  return step.programs[0]!.stats.moduleBytes;
}

test("code does not grow with depth, but for calls", () => {
  const bytesOf = (layers: number): number =>
    bytesOfStep(T.mlp(Array.from({ length: layers + 1 }, () => 64)), T.randn([32, 64]));
  const [few, many] = [bytesOf(10), bytesOf(60)];
  expect(many).toBeLessThan(30_000);
  expect((many - few) / 50).toBeLessThan(300); // for eight calls
});

test.each(["LSTM", "GRU", "RNN"] as const)(
  "code of an unrolled %s does not grow with its length, but for calls, and for parts of what joins places",
  (kind) => {
    const bytesOf = (places: number): number => bytesOfStep(new T[kind](8, 12), T.randn([4, places, 8]));
    const [few, many, most] = [bytesOf(8), bytesOf(16), bytesOf(32)] as const;
    expect((many - few) / 8).toBeLessThan(700);
    expect((most - many) / 16).toBeLessThan(700);
  },
);

test("a function has no more variables for more parts: engines take time by their number for each loop", () => {
  const define = vi.spyOn(ModuleBuilder.prototype, "define");
  const variables = (parts: number): number => {
    define.mockClear();
    const joined = compile((x: T.Tensor) => T.cat(Array.from({ length: parts }, (_, i) => T.slice(x, [i, i + 2]))));
    const x = T.arange(parts + 1);
    for (let i = 0; i < 2; i++) expect(joined(x).size).toBe(2 * parts);
    return Math.max(...define.mock.calls.map(([code]) => code.local("f64").index));
  };
  const [few, many] = [variables(100), variables(500)];
  define.mockRestore();
  expect(many).toBeLessThanOrEqual(few);
  expect(few).toBeGreaterThan(0);
});
