import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { compile } from "../../src/compile/index.ts";
import type { Tensor } from "../../src/index.ts";
import * as T from "../../src/index.ts";

/** 0, 1, 2 … in a shape. */
function counting(shape: readonly number[], dtype: "float32" | "float64" | "int32" = "float64"): Tensor {
  const size = shape.reduce((n, own) => n * own, 1);
  return T.reshape(T.arange(size).to(dtype), shape);
}

/** Compares values and gradients of the compiled function, cold and warm, with the eager ones. */
function expectSame(fn: (x: Tensor) => Tensor, x: Tensor): void {
  const f = compile(fn, { verify: true });
  const y = fn(x);
  for (let k = 0; k < 2; k++) expect([f(x).shape, f(x).data]).toEqual([y.shape, y.data]);
  if (x.dtype !== "float32" && x.dtype !== "float64") return;
  const weighted = (z: Tensor): Tensor => T.sum(T.mul(z, T.add(counting(z.shape).to(z.dtype), 1)));
  const gradient = compile(
    T.grad((v: Tensor) => weighted(fn(v))),
    { verify: true },
  );
  const g = T.grad((v: Tensor) => weighted(fn(v)))(x);
  for (let k = 0; k < 2; k++) {
    expect(gradient(x).data).toEqual(g.data);
    expect(T.grad((v: Tensor) => weighted(f(v)))(x).data).toEqual(g.data);
  }
}

describe("windows of windows", () => {
  test.each([
    ["iij->ij", [3, 3, 2]],
    ["iij->i", [3, 3, 2]],
    ["iji->ij", [3, 2, 3]],
    ["ijij->", [2, 3, 2, 3]],
    ["ijij->ij", [2, 3, 2, 3]],
    ["aibi->ab", [2, 3, 4, 3]],
    ["iii->i", [3, 3, 3]],
    ["iiji->ji", [2, 2, 3, 2]],
  ] as const)("einsum %s", (equation, shape) => {
    expectSame((x) => T.einsum(equation, x), counting(shape));
  });

  test.each([2, 3, 5, 7, -1, -2, -5])("step %s of a flattened transpose", (step) => {
    expectSame((x) => T.slice(T.reshape(T.transpose(x), [12]), [null, null, step]), counting([3, 4]));
  });

  test("slice, reshape, slice", () => {
    expectSame((x) => T.slice(T.reshape(T.slice(x, null, [1, 4]), [9]), [1, 8, 2]), counting([3, 5]));
    expectSame(
      (x) => T.slice(T.reshape(T.slice(x, [null, null, -1], [0, 3]), [9]), [null, null, -4]),
      counting([3, 5]),
    );
  });

  test("one element for all lanes, from the end", () => {
    expectSame((x) => T.transpose(T.expand(T.flip(x, 0), [2, 3])), counting([3]));
  });

  const numbers = fc.nat({ max: 1_000_000 });
  const chains = fc.record({
    shape: fc.array(fc.constantFrom(1, 2, 3, 4, 6), { minLength: 1, maxLength: 4 }),
    dtype: fc.constantFrom("float32", "float64", "int32"),
    steps: fc.array(fc.tuple(numbers, numbers, numbers), { minLength: 2, maxLength: 8 }),
  });

  test("any chain of them gives values and gradients of eager code", () => {
    fc.assert(
      fc.property(chains, ({ shape, dtype, steps }) => {
        expectSame((x) => steps.reduce((y, step) => window(y, ...step), x), counting(shape, dtype));
      }),
      { numRuns: Number(process.env["PROGRAMS"] ?? 150) },
    );
  });
});

/** A window of x, by numbers that mean something for any shape. */
function window(x: Tensor, op: number, a: number, b: number): Tensor {
  const { shape } = x;
  const rank = shape.length;
  const axis = rank === 0 ? 0 : a % rank;
  switch (op % 7) {
    case 0: {
      const order = Array.from({ length: rank }, (_, i) => i).sort(
        (i, j) => ((i * 7 + a) % 5) - ((j * 7 + a) % 5) || i - j,
      );
      return T.permute(x, order);
    }
    case 1: {
      if (rank === 0) return x;
      const n = shape[axis]!;
      const step = [1, 2, 3, -1, -2, -3, 5][b % 7]!;
      const specs = shape.map((_, i): [number | null, number | null, number] | null =>
        i === axis ? [step > 0 ? b % n : n - 1 - (b % n), null, step] : null,
      );
      return T.slice(x, ...specs);
    }
    case 2:
      return T.reshape(x, [x.size]);
    case 3: {
      const first = [2, 3, 4, 6].filter((size) => x.size % size === 0)[b % 2] ?? 1;
      const rest = x.size / first;
      const second = [2, 3].find((size) => rest % size === 0) ?? 1;
      return T.reshape(x, a % 2 === 0 ? [first, rest] : [first, second, rest / second]);
    }
    case 4:
      return rank === 0 ? x : T.flip(x, axis);
    case 5: {
      const [i, j] = [axis, (axis + 1 + b) % Math.max(rank, 1)];
      if (i === j || shape[i] !== shape[j]) return T.reshape(x, [...shape, 1]);
      const letters = Array.from(shape, (_, k) => "abcdefgh"[k === j ? i : k]!);
      return T.einsum(`${letters.join("")}->${letters.filter((_, k) => k !== j).join("")}`, x);
    }
    default:
      return x.size > 200 || rank > 3 ? x : T.expand(T.reshape(x, [1, ...shape]), [2, ...shape]);
  }
}
