import { describe, expect, test } from "vitest";
import { compile } from "../../src/compile/index.ts";
import * as T from "../../src/index.ts";

// Reductions along columns take several vectors side by side, then single ones, then single elements: whole numbers add up exactly, in any order.

const sizes = [1, 3, 4, 15, 16, 17, 23, 32, 37, 64, 99];
const wholeNumbers = (shape: number[], seed: number): T.Tensor => {
  const n = shape.reduce((a, b) => a * b);
  return T.tensor(Float32Array.from({ length: n }, (_, i) => ((i * 37 + seed * 11) % 101) - 50)).reshape(shape);
};

describe("reductions along columns", () => {
  test.each(sizes)("of %i columns: one, two and five of them, in one loop", (n) => {
    const programs: ((x: T.Tensor, y: T.Tensor) => T.Tensor[])[] = [
      (x) => [T.sum(x, 0)],
      (x, y) => [T.sum(T.mul(x, 2), 0), T.max(T.add(x, y), 0)],
      (x, y) => [T.sum(x, 0), T.sum(y, 0), T.max(x, 0), T.min(y, 0), T.sum(T.sub(x, y), 0), T.add(x, y)],
    ];
    for (const f of programs) {
      const compiled = compile(f, { verify: true });
      for (const seed of [1, 2]) {
        const [x, y] = [wholeNumbers([7, n], seed), wholeNumbers([7, n], seed + 5)];
        expect(compiled(x, y).map((r) => r.toArray())).toEqual(f(x, y).map((r) => r.toArray()));
      }
    }
  });

  test("of windows: rows backwards, every other column, and one number for each row", () => {
    const f = (x: T.Tensor): T.Tensor[] => {
      const rows = T.flip(x, 0);
      const scaled = T.mul(rows, T.slice(x, null, [0, 1]));
      return [T.sum(rows, 0), T.sum(T.slice(x, null, [0, null, 2]), 0), T.sum(scaled, 0), T.sum(T.flip(x, 1), 0)];
    };
    const compiled = compile(f, { verify: true });
    for (const seed of [1, 2]) {
      const x = wholeNumbers([5, 46], seed);
      expect(compiled(x).map((r) => r.toArray())).toEqual(f(x).map((r) => r.toArray()));
    }
  });
});
