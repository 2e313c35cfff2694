import { describe, expect, test } from "vitest";
import { compile } from "../../src/compile/index.ts";
import * as T from "../../src/index.ts";

const sizes = [
  [1, 5, 4],
  [7, 256, 9],
  [121, 512, 3],
  [250, 300, 17],
  [130, 257, 8],
] as const;

function expectNear(actual: T.Tensor, expected: T.Tensor): void {
  expect(actual.shape).toEqual(expected.shape);
  const error = T.max(T.abs(T.sub(actual, expected))).item();
  expect(error).toBeLessThan(actual.dtype === "float64" ? 1e-12 : 1e-4);
}

describe("a loop over a product becomes part of it", () => {
  test.each(sizes)("bias and activation of %i×%i×%i", (m, k, n) => {
    for (const dtype of ["float32", "float64"] as const) {
      const [w, bias] = [T.randn([n, k], { dtype }), T.randn([n], { dtype })];
      const layer = (x: T.Tensor): T.Tensor => T.relu(T.add(T.matmul(x, w, { transposeB: true }), bias));
      const compiled = compile(layer);
      compiled(T.randn([m, k], { dtype }));
      const x = T.randn([m, k], { dtype });
      expectNear(compiled(x), layer(x));
      expect(compiled.programs[0]!.stats.kernels).toBe(1);
    }
  });

  test.each(sizes)("an update in place by a gradient of %i×%i×%i", (m, k, n) => {
    const [w, again] = [T.randn([m, n]), T.zeros([m, n])];
    again.assign(w);
    const update =
      (p: T.Tensor) =>
      (x: T.Tensor, g: T.Tensor): void => {
        p.assign(T.sub(p, T.mul(T.matmul(x, g), 0.1)));
      };
    const compiled = compile(update(again));
    for (let i = 0; i < 3; i++) {
      const [x, g] = [T.randn([m, k]), T.randn([k, n])];
      update(w)(x, g);
      compiled(x, g);
      expectNear(again, w);
    }
    expect(compiled.programs[0]!.stats.kernels).toBe(1);
  });

  test.each([
    [3, 5, 8],
    [2, 7, 11],
    [4, 130, 12],
    [3, 6, 6],
  ])("bias and activation of %i images, channels and sizes %i and %i", (n, channels, size) => {
    const layer = new T.Conv2d(2, channels, 3);
    const f = (x: T.Tensor): T.Tensor => T.relu(layer.forward(x));
    const compiled = compile(f, { verify: true });
    compiled(T.randn([n, 2, size, size]));
    const x = T.randn([n, 2, size, size]);
    expectNear(compiled(x), f(x));
    // Loops begin at whole vectors: where a product of the batch is none, the loop comes after all of them.
    const places = (size - 2) ** 2;
    const isJoined = (channels * places) % 4 === 0;
    const isTurned = channels >= 16 && places < 64 && 8 * Math.ceil(places / 8) > 1.1 * places;
    if (!isTurned) expect(compiled.programs[0]!.stats.kernels).toBe(isJoined ? 1 : 2);
  });

  test("sums of rows, of a product and of each of a batch", () => {
    for (const shape of [[4], [1]]) {
      const w = T.mul(T.randn([...shape, 12, 20]), 0.1);
      const f = (x: T.Tensor): T.Tensor[] => {
        const y = T.matmul(w, x);
        return [y, T.sum(y, -1), T.max(T.mul(y, y), -1), T.sum(y, [-2, -1])];
      };
      const compiled = compile(f, { verify: true });
      compiled(T.randn([...shape, 20, 9]));
      const x = T.randn([...shape, 20, 9]);
      const wanted = f(x);
      compiled(x).forEach((y, i) => expectNear(y, wanted[i]!));
    }
  });

  test("but not one that overwrites what the product still reads", () => {
    const [w, again] = [T.mul(T.randn([150, 150]), 0.01), T.zeros([150, 150])];
    again.assign(w);
    const square = (p: T.Tensor) => (): void => {
      p.assign(T.add(T.matmul(p, p), p));
    };
    const compiled = compile(square(again));
    for (let i = 0; i < 3; i++) {
      square(w)();
      compiled();
      expectNear(again, w);
    }
  });

  test("nor one that reads the product in another order", () => {
    const x = T.randn([30, 30]);
    const f = (v: T.Tensor): T.Tensor => {
      const y = T.matmul(v, v);
      return T.add(y, T.transpose(y));
    };
    const compiled = compile(f);
    compiled(x);
    expectNear(compiled(x), f(x));
    expect(compiled.programs[0]!.stats.kernels).toBe(2);
  });
});
