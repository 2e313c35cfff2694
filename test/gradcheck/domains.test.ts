import { describe, expect, test } from "vitest";
import { checkGradient, numericalGradient } from "../../src/gradcheck/index.ts";

/** Remembers where a function was called. */
function watched<X>(f: (x: X) => number): { f: (x: X) => number; points: X[] } {
  const points: X[] = [];
  return {
    points,
    f: (x) => {
      points.push(structuredClone(x));
      return f(x);
    },
  };
}

describe("bounds", () => {
  test("are never crossed, by one number or one for each entry", () => {
    for (const x of [
      [0, 1],
      [1e-9, 1 - 1e-9],
      [0.5, 0.5],
    ]) {
      const { f, points } = watched((v: number[]) => (1 + v[0]!) ** 1.5 * Math.exp(v[1]!));
      const grad = (v: number[]): number[] => [
        1.5 * Math.sqrt(1 + v[0]!) * Math.exp(v[1]!),
        (1 + v[0]!) ** 1.5 * Math.exp(v[1]!),
      ];
      expect(checkGradient(f, grad, x, { lower: 0, upper: [1, 1] }).ok).toBe(true);
      expect(points.length).toBeGreaterThan(12);
      expect(points.flat().every((v) => v >= 0 && v <= 1)).toBe(true);
    }
  });

  test("one-sided steps are as exact as they can be", () => {
    const { value, error, kind } = numericalGradient(Math.exp, 1, { lower: 1 });
    expect(kind).toEqual(["one-sided"]);
    expect(Math.abs(value - Math.E)).toBeLessThanOrEqual(error);
    expect(error).toBeLessThan(1e-8);
    const report = checkGradient(Math.exp, (x) => 1.00001 * Math.exp(x), 1, { upper: 1 });
    expect(report.counts.mismatch).toBe(1);
  });
});

test("a predicate is never left", () => {
  const inDisc = ([a, b]: number[]): boolean => a! * a! + b! * b! < 1;
  const { f, points } = watched((x: number[]) => -Math.log(1 - x[0]! ** 2 - x[1]! ** 2));
  const grad = (x: number[]): number[] => x.map((v) => (2 * v) / (1 - x[0]! ** 2 - x[1]! ** 2));
  expect(checkGradient(f, grad, [0.6, 0.79], { domain: inDisc }).ok).toBe(true);
  expect(points.every(inDisc)).toBe(true);
});

test("without bounds, results that are not finite mark the edge", () => {
  expect(
    checkGradient(
      (x) => Math.log(x),
      (x) => 1 / x,
      1e-3,
    ).ok,
  ).toBe(true);
  expect(
    checkGradient(
      (x) => Math.sqrt(x - 1),
      (x) => 0.5 / Math.sqrt(x - 1),
      1 + 1e-6,
    ).ok,
  ).toBe(true);
});

describe("tangents", () => {
  const entropy = (p: number[]): number => p.reduce((sum, v) => sum - v * Math.log(v), 0);

  test("on the simplex, rows keep their sum, and what is normal to it does not matter", () => {
    const { f, points } = watched(entropy);
    const shifted = (p: number[]): number[] => p.map((v) => -Math.log(v) + 17);
    expect(checkGradient(f, shifted, [0.2, 0.3, 0.5], { tangent: "simplex" }).ok).toBe(true);
    expect(checkGradient(entropy, shifted, [0.2, 0.3, 0.5]).ok).toBe(false);
    for (const p of points) expect(p.reduce((sum, v) => sum + v, 0)).toBeCloseTo(1, 12);
    expect(
      checkGradient(entropy, (p) => p.map((v, i) => -Math.log(v) + 0.01 * i), [0.2, 0.3, 0.5], { tangent: "simplex" })
        .ok,
    ).toBe(false);
  });

  test("symmetric matrices stay symmetric", () => {
    const a = [
      [2, 0.5],
      [0.5, 1],
    ];
    const upper = (m: number[][]): number => m[0]![0]! * m[1]![1]! - m[0]![1]! ** 2;
    const grad = (m: number[][]): number[][] => [
      [m[1]![1]!, -m[0]![1]!],
      [-m[0]![1]!, m[0]![0]!],
    ];
    expect(checkGradient(upper, grad, a, { tangent: "symmetric" }).ok).toBe(true);
    expect(checkGradient(upper, grad, a).ok).toBe(false);
    expect(() =>
      checkGradient(
        (x) => x[0]!,
        () => [1, 0],
        [1, 2],
        { tangent: "symmetric" },
      ),
    ).toThrow("symmetric inputs are square matrices");
  });

  test("a projection of one's own", () => {
    const onAxis = (v: Float64Array): Float64Array => v.map((w, i) => (i === 0 ? w : 0));
    const report = checkGradient(
      ([a, b]) => a! * b!,
      ([, b]) => [b!, 99],
      [2, 3],
      { tangent: onAxis },
    );
    expect(report.ok).toBe(true);
    expect(report.coverage.checked).toBe(1);
    const longer = (): Float64Array => new Float64Array(3);
    expect(() =>
      checkGradient(
        ([a]) => a!,
        () => [1],
        [2],
        { tangent: longer },
      ),
    ).toThrow("a projection keeps the number of entries");
  });
});

describe("noise that is stated", () => {
  const noisy = (x: number): number => Math.exp(x) + 1e-5 * Math.sin(1e9 * x);

  test("widens the error bars, and not the tolerance", () => {
    expect(checkGradient(noisy, Math.exp, 1, { noise: 1e-5, rtol: 1e-3 }).ok).toBe(true);
    expect(checkGradient(noisy, (x) => 1.01 * Math.exp(x), 1, { noise: 1e-5, rtol: 1e-3 }).ok).toBe(false);
    expect(checkGradient(noisy, Math.exp, 1, { noise: 1e-5, rtol: 1e-9 }).counts.noisy).toBe(1);
  });

  test("allows two calls to differ by so much", () => {
    let k = 0;
    const measured = (x: number): number => x * x + (k++ % 2) * 1e-6;
    expect(checkGradient(measured, (x) => 2 * x, 3, { noise: 1e-6, rtol: 1e-3 }).problems).toEqual([]);
    expect(checkGradient(measured, (x) => 2 * x, 3).problems[0]).toContain("f is nondeterministic");
  });
});
