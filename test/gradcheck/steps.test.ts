import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { checkGradient, checkVjp, numericalGradient } from "../../src/gradcheck/index.ts";

// Whether a number takes no more bits than float64 has: then the sum was not rounded.
const isExact = (x: number, y: number): boolean => x + (y - x) === y && y - (y - x) === x;

test("steps are exact: x + h and x − h are numbers as far apart as the check takes them to be", () => {
  fc.assert(
    fc.property(fc.double({ min: -1e12, max: 1e12, noNaN: true }), (x) => {
      fc.pre(x === 0 || Math.abs(x) > 1e-100); // of smaller numbers, the square is 0
      const points: number[] = [];
      const f = (v: number): number => {
        points.push(v);
        return v * v;
      };
      checkGradient(f, (v) => 2 * v, x);
      const steps = points.filter((v) => v !== x);
      expect(steps.length).toBeGreaterThan(12);
      // The last six are the stencil.
      const [a, b, c, d, e, g] = steps.slice(-6) as [number, number, number, number, number, number];
      expect([a - x, c - x, e - x]).toEqual([x - b, x - d, x - g]);
      expect([(a - x) / 2, (c - x) / 2]).toEqual([c - x, e - x]);
      for (const v of steps.slice(-6)) expect(isExact(x, v)).toBe(true);
    }),
    { numRuns: 200, seed: 1 },
  );
});

test("the error bar holds the truth, for smooth functions at any scale", () => {
  const functions: [(x: number) => number, (x: number) => number][] = [
    [Math.sin, Math.cos],
    [Math.exp, Math.exp],
    [(x) => 1 / (1 + x * x), (x) => (-2 * x) / (1 + x * x) ** 2],
    [(x) => Math.atan(3 * x), (x) => 3 / (1 + 9 * x * x)],
  ];
  let narrow = 0;
  const numRuns = 1000;
  fc.assert(
    fc.property(fc.constantFrom(...functions), fc.integer({ min: -5000, max: 5000 }), ([f, slope], k) => {
      const x = (k * Math.PI) / 3142;
      const { value, error } = numericalGradient(f, x);
      expect(Math.abs(value - slope(x))).toBeLessThanOrEqual(error);
      if (error <= 1e-8 * Math.abs(slope(x))) narrow++;
    }),
    { numRuns, seed: 1 },
  );
  expect(narrow).toBeGreaterThan(0.9 * numRuns);
});

describe("float32", () => {
  const { fround } = Math;
  const f = (x: Float32Array): number => x.reduce((sum, v) => fround(sum + fround(Math.exp(v))), 0);
  const x = Float32Array.of(0.1, -1.3, 0.7);

  test("is told by the input, and by the results", () => {
    expect(checkGradient(f, (v) => v.map(Math.exp), x).ok).toBe(true);
    const inside = checkGradient(
      (v: number[]) => fround(Math.sin(fround(v[0]!))),
      (v) => [Math.cos(v[0]!)],
      [0.7],
    );
    expect(inside.ok).toBe(true);
    expect(inside.entries[0]!.tolerance).toBeGreaterThan(1e-4);
  });

  test("has the tolerance of its precision, and no more", () => {
    expect(checkGradient(f, (v) => v.map((w) => 1.0005 * Math.exp(w)), x).ok).toBe(true);
    const wrong = checkGradient(f, (v) => v.map((w) => 1.005 * Math.exp(w)), x);
    expect(wrong.counts.mismatch).toBe(3);
    expect(checkGradient(f, (v) => v.map((w) => 1.00001 * Math.exp(w)), x, { rtol: 1e-6, atol: 0 }).ok).toBe(false);
  });

  test("asked for, inputs are float32 numbers", () => {
    const points: number[] = [];
    const report = checkGradient(
      (v: number[]) => {
        points.push(...v);
        return v[0]! ** 2;
      },
      (v) => [2 * v[0]!],
      [0.1],
      { precision: "float32" },
    );
    expect(report.ok).toBe(true);
    expect(points.every((v) => fround(v) === v)).toBe(true);
  });

  test("a float64 check of float32 results does not pass for fine", () => {
    const report = checkGradient((v: number) => fround(Math.sin(v)), Math.cos, 0.7, { precision: "float64" });
    expect(report.counts.noisy).toBe(1);
  });

  test("in a vjp", () => {
    const exp = (v: Float32Array): Float32Array => v.map(Math.exp);
    expect(checkVjp(exp, (v, u) => v.map((w, i) => Math.exp(w) * u[i]!), x).ok).toBe(true);
    expect(checkVjp(exp, (v, u) => v.map((w, i) => 1.01 * Math.exp(w) * u[i]!), x).ok).toBe(false);
  });
});

describe("numericalGradient", () => {
  test("comes in the form of x, with error bars, steps and kinds", () => {
    const { value, error, step, kind } = numericalGradient(({ a, b }) => Math.abs(a) + b[0]! ** 3, { a: 0, b: [2] });
    expect(value.a).toBe(0);
    expect(value.b[0]).toBeCloseTo(12, 9);
    expect(error.b[0]).toBeLessThan(1e-8);
    expect(step.b[0]).toBeGreaterThan(0);
    expect(kind).toEqual(["kink", "smooth"]);
  });

  test("names jumps, noise and places with no room", () => {
    expect(numericalGradient((x) => (x >= 1 ? 3 : 2), 1).kind).toEqual(["jump"]);
    expect(numericalGradient((x) => x + Math.sin(1e15 * x), 1).kind).toEqual(["noisy"]);
    const fixed = numericalGradient((x) => x, 1, { lower: 1, upper: 1 });
    expect(fixed.kind).toEqual(["outside"]);
    expect(fixed.value).toBeNaN();
  });

  test("refuses what is no function of numbers", async () => {
    expect(() => numericalGradient(() => Math.random(), 1)).toThrow("f must be a pure function");
    expect(() => numericalGradient((x) => [x] as never, 1)).not.toThrow();
    expect(() => numericalGradient((x) => [x, x] as never, 1)).toThrow("f must return a number");
    expect((await numericalGradient(async (x: number) => x * x, 3)).value).toBeCloseTo(6, 9);
  });
});
