import fc from "fast-check";
import { afterEach, describe, expect, test } from "vitest";
import { useBlas } from "../../src/blas/index.ts";
import { accelerate, compile, setThreads } from "../../src/compile/index.ts";
import { runtime } from "../../src/core/runtime.ts";
import * as T from "../../src/index.ts";
import {
  checkConvolution,
  convolutions,
  difference,
  draw,
  expectAlike,
  type Shape,
} from "../compile/checkConvolution.ts";
import { library, useForAll } from "./library.ts";

// Convolutions that go out to a BLAS, panel by panel.

afterEach(async () => {
  runtime.accelerators.length = 0;
  await setThreads(1);
});

const use = () => useBlas(library!);

/** How many products of a function's latest program go out, of all of them. */
function outsideOf(f: { readonly programs: readonly unknown[] }): readonly [number, number] {
  const products = String(f.programs.at(-1)).split("\n").filter((line) => line.includes("matmul")); // biome-ignore format: one line
  return [products.filter((line) => line.includes("outside")).length, products.length];
}

/** A convolution and its gradients, compiled. */
function compiledOf(xs: Shape, ws: Shape, options: object, dtype: "float32" | "float64" = "float32") {
  const [x, w] = [draw(xs, 1, dtype), draw(ws, 2, dtype)];
  const all = (): T.Tensor[] => {
    const y = T.conv2d(x, w, options);
    return [y, ...T.gradients(y.mul(y).sum(), [x, w])].map((t) => t.detach());
  };
  return { x, w, all, compiled: compile(all, { verify: true }) };
}

describe.skipIf(library === null)("convolutions with BLAS equal eager ones", () => {
  const runs = { numRuns: Number(process.env["CONV_RUNS"] ?? 30), seed: 4 };

  test("of all sizes, strides, dilations, paddings and groups, with derivatives of second order", () => {
    useForAll(library!);
    fc.assert(fc.property(convolutions, checkConvolution), runs);
  });

  test("in whichever way they go out", () => {
    const seeds = fc.integer({ min: 1, max: 1000 });
    const check = (convolution: Parameters<typeof checkConvolution>[0], seed: number): void => {
      // About a third of the ways: the best of them is chosen, which is another one each time.
      const stop = useForAll(library!, ({ m, k, n, batch, copied = 0 }) => {
        return [m, k, n, batch, copied].reduce((hash, size) => (hash * 31 + size) % 7919, seed) % 3 === 0;
      });
      try {
        checkConvolution(convolution);
      } finally {
        stop();
      }
    };
    fc.assert(fc.property(convolutions, seeds, check), { ...runs, seed: 5 });
  });

  test.each<[Shape, Shape, object]>([
    [[2, 16, 28, 28], [16, 16, 3, 3], { padding: 1 }],
    [[3, 64, 7, 7], [64, 64, 3, 3], { padding: 1 }],
    [[1, 64, 28, 28], [8, 64, 3, 3], { padding: 1 }],
    [[1, 33, 28, 26], [24, 33, 3, 3], { stride: 2, padding: 1 }],
    [[2, 32, 20, 20], [32, 32, 1, 1], { stride: 2 }],
    [[2, 40, 20, 20], [40, 40, 1, 1], {}],
    [[2, 32, 21, 23], [32, 16, 5, 3], { groups: 2, padding: [4, 2], dilation: [2, 1] }],
    [[2, 24, 31, 29], [24, 24, 4, 4], { stride: 3, padding: 2, dilation: 2 }],
  ])("where all go out that are fast enough: %j by %j, %j", (xs, ws, options) => {
    for (const dtype of ["float32", "float64"] as const) {
      const { all, compiled } = compiledOf(xs, ws, options, dtype);
      const wanted = all();
      use();
      compiled();
      const got = compiled();
      expect(outsideOf(compiled)[0]).toBeGreaterThanOrEqual(2);
      runtime.accelerators.length = 0;
      got.forEach((t, i) => expect(difference(t, wanted[i]!)).toBeLessThan(dtype === "float32" ? 1e-4 : 1e-12));
    }
  });

  test("of one and of three axes", () => {
    useForAll(library!);
    const line = (a: T.Tensor, b: T.Tensor) => T.conv1d(a, b, { padding: 2, dilation: 2 });
    expectAlike(line, draw([2, 5, 41], 1, "float64"), draw([6, 5, 3], 2, "float64"), 1e-12);
    const bare = (a: T.Tensor, b: T.Tensor) => T.conv1d(a, b);
    expectAlike(bare, draw([2, 5, 41], 1, "float64"), draw([6, 5, 3], 2, "float64"), 1e-12);
    const box = (a: T.Tensor, b: T.Tensor) => T.conv3d(a, b, { padding: 1, stride: [1, 2, 1] });
    expectAlike(box, draw([2, 3, 6, 7, 5], 1, "float64"), draw([4, 3, 3, 3, 2], 2, "float64"), 1e-12);
  });

  test("NaN and infinities reach the same elements", () => {
    const { x, w, compiled } = compiledOf([2, 16, 12, 12], [16, 16, 3, 3], { padding: 1 });
    const values = x.data;
    [0, 11, 143, 700, 2 * 16 * 144 - 1].forEach((at, i) => {
      values[at] = [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY][i % 3]!;
    });
    T.noGrad(() => x.assign(T.tensor(values).reshape(x.shape)));
    const kinds = (t: T.Tensor): string[] =>
      Array.from(t.data as Float32Array, (v) => (Number.isFinite(v) ? "finite" : String(v)));
    const plain = compiled().map(kinds);
    use();
    compiled();
    const [count] = outsideOf(compiled);
    expect(count).toBe(3);
    expect(compiled().map(kinds)).toEqual(plain);
    expect(plain.map((own) => own.includes("finite"))).toEqual([true, true, false]);
    expect(w.size).toBe(16 * 16 * 9);
  });

  test("what was in memory before does not come into results", () => {
    use();
    const { x, compiled } = compiledOf([2, 16, 12, 12], [16, 16, 3, 3], { padding: 1 });
    const first = compiled().map((t) => t.data);
    const before = x.detach();
    T.noGrad(() => x.assign(T.full(x.shape, Number.NaN)));
    compiled();
    T.noGrad(() => x.assign(before));
    expect(compiled().map((t) => t.data)).toEqual(first);
  });

  test("memory that grows between runs is found again", () => {
    use();
    const { all, compiled } = compiledOf([2, 16, 12, 12], [16, 16, 3, 3], { padding: 1 });
    const wanted = compiled().map((t) => t.data);
    const others: unknown[] = [];
    for (let i = 1; i < 4; i++) {
      const g = compile((own: T.Tensor) => own.mul(2));
      others.push(g, g(T.ones([1000 * i, 1000])));
      expect(compiled().map((t) => t.data)).toEqual(wanted);
    }
    expect(all().length).toBe(3);
  });

  test("bias, activation and sums behind them, and layers that are alike", () => {
    T.manualSeed(3);
    const layers = Array.from({ length: 3 }, () => new T.Conv2d(16, 16, 3, { padding: 1 }));
    const f = (x: T.Tensor) => {
      const y = layers.reduce((own, layer) => layer.forward(own).relu(), x);
      return [y, T.sum(y, [2, 3]), T.mean(y)];
    };
    const x = T.randn([3, 16, 12, 12]);
    const wanted = f(x);
    use();
    const compiled = compile(f, { verify: true });
    compiled(x);
    compiled(x).forEach((t, i) => expect(difference(t.detach(), wanted[i]!.detach())).toBeLessThan(1e-5));
    expect(outsideOf(compiled)).toEqual([3, 3]);
  });

  test("deterministic programs keep them, and so do those whose threads share them", async () => {
    const { all, compiled } = compiledOf([4, 24, 14, 14], [24, 24, 3, 3], { padding: 1 });
    const own = compile(all, { deterministic: true });
    const plain = own().map((t) => t.data);
    const shared = compiled().map((t) => t.data);
    use();
    expect(own().map((t) => t.data)).toEqual(plain);
    expect(outsideOf(own)).toEqual([0, 3]);
    compiled();
    expect(outsideOf(compiled)).toEqual([3, 3]);
    await setThreads(2);
    expect(compiled().map((t) => t.data)).toEqual(shared);
    expect(outsideOf(compiled)).toEqual([0, 3]);
    await setThreads(1);
    compiled();
    expect(outsideOf(compiled)).toEqual([3, 3]);
  });

  test("are also the kernels of accelerate()", () => {
    const { all } = compiledOf([2, 32, 20, 20], [32, 32, 3, 3], { padding: 1 });
    const plain = all();
    accelerate();
    const without = all().map((t) => t.data);
    use();
    const got = all();
    got.forEach((t, i) => {
      expect(difference(t, plain[i]!)).toBeLessThan(1e-4);
      expect(t.data).not.toEqual(without[i]);
    });
  });

  test("panels are small: nothing of the size of all windows is laid out", () => {
    use();
    const [x, w] = [draw([8, 16, 28, 28], 1, "float32"), draw([16, 16, 5, 5], 2, "float32")];
    const step = compile(() => {
      w.grad = null;
      x.grad = null;
      T.conv2d(x, w, { padding: 2 }).sum().backward();
      return T.tensor(0);
    });
    step();
    step();
    expect(outsideOf(step)[0]).toBeGreaterThan(0);
    const unfolded = 4 * 8 * 16 * 25 * 28 * 28;
    expect(step.programs[0]!.stats.arenaBytes).toBeLessThan(unfolded / 2);
  });
});
