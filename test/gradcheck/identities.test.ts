import { describe, expect, test } from "vitest";
import { checkHessian, checkHvp, checkJacobian, checkJvp, checkVjp } from "../../src/gradcheck/index.ts";

const square = (x: number[]): number[] => x.map((v) => v * v);
const twice = (x: number[], u: number[]): number[] => x.map((v, i) => 2 * v * u[i]!);
const x = [1, -2, 3];

describe("checks without differences", () => {
  test("zero gives zero", () => {
    expect(checkVjp(square, (v, u) => twice(v, u).map((w) => w + 1), x).problems).toContain(
      "the vjp of a zero is not 0 but 1 in entry 0",
    );
    expect(checkJvp(square, (v, u) => twice(v, u).map((w) => w + 1), x).problems).toContain(
      "the jvp of a zero is not 0 but 1 in entry 0",
    );
  });

  test("linear in the cotangent, and in the tangent", () => {
    const bent = (v: number[], [a, b, c]: number[]): number[] =>
      twice(v, [a!, b!, c!]).map((w) => w + Math.cbrt(a! * b! * c!));
    expect(checkVjp(square, bent, x).problems[0]).toContain("the vjp is not linear: of a combination it is");
    expect(checkJvp(square, bent, x).problems[0]).toContain("the jvp is not linear: of a combination it is");
  });

  test("⟨J v, u⟩ = ⟨v, Jᵀ u⟩", () => {
    expect(checkVjp(square, twice, x, { jvp: twice }).ok).toBe(true);
    expect(checkJvp(square, twice, x, { vjp: twice }).ok).toBe(true);
    const off = (v: number[], u: number[]): number[] => twice(v, u).map((w) => w * (1 + 1e-6));
    expect(checkVjp(square, twice, x, { jvp: off }).problems[0]).toContain("jvp and vjp disagree: ⟨J v, u⟩ is");
    expect(checkJvp(square, twice, x, { vjp: off }).problems[0]).toContain("jvp and vjp disagree: ⟨J v, u⟩ is");
  });

  test("a Hessian is symmetric", () => {
    const f = ([a, b]: number[]): number => a! * b! ** 2;
    const problems = checkHessian(f, ([a, b]) => [0, 2 * b!, 2 * b! + 1e-6, 2 * a!], [1, 2]).problems;
    expect(problems).toEqual(
      ["the Hessian is not symmetric: by x[1] and x[0] it is 4, by x[0] and x[1] 4"].map(() =>
        expect.stringContaining("not symmetric: by x[1] and x[0]"),
      ),
    );
  });

  test("the same at a second call", () => {
    let k = 0;
    const drifting = (v: number[], u: number[]): number[] => twice(v, u).map((w) => w + 1e-9 * k++);
    expect(checkVjp(square, drifting, x).problems.join()).toContain("nondeterministic");
    expect(
      checkJacobian(square, (v) => v.map((_, i) => v.map((w, j) => (i === j ? 2 * w : 1e-9 * k++))), x).problems.join(),
    ).toContain("nondeterministic");
    expect(
      checkHessian(
        (v) => v[0]! ** 2,
        () => [2 + 1e-9 * k++],
        [1],
      ).problems.join(),
    ).toContain("nondeterministic");
  });
});

describe("many results", () => {
  const n = 50;
  const wide = (v: number[]): number[] => Array.from({ length: n }, (_, k) => Math.sin(v[0]! * k + v[1]!));
  const back = (v: number[], u: number[]): number[] => [
    u.reduce((sum, w, k) => sum + w * k * Math.cos(v[0]! * k + v[1]!), 0),
    u.reduce((sum, w, k) => sum + w * Math.cos(v[0]! * k + v[1]!), 0),
  ];

  test("are checked by random cotangents", () => {
    const report = checkVjp(wide, back, [0.1, 0.2]);
    expect(report.ok).toBe(true);
    expect(report.entries[0]!.label).toBe("⟨u, f⟩[0] by x[0]");
    expect(report.coverage.checked).toBe(16);
  });

  test("one wrong term of fifty is seen", () => {
    const wrong = (v: number[], u: number[]): number[] =>
      back(
        v,
        u.map((w, k) => (k === 33 ? 0.99 * w : w)),
      );
    expect(checkVjp(wide, wrong, [0.1, 0.2]).counts.mismatch).toBeGreaterThan(8);
  });
});

describe("Hessians", () => {
  const f = ([a, b, c]: number[]): number => Math.sin(a! * b!) + c! ** 3 * a!;
  const gradient = ([a, b, c]: number[]): number[] => [
    b! * Math.cos(a! * b!) + c! ** 3,
    a! * Math.cos(a! * b!),
    3 * c! ** 2 * a!,
  ];
  const hessian = ([a, b, c]: number[]): number[][] => {
    const [s, t] = [Math.sin(a! * b!), Math.cos(a! * b!)];
    return [
      [-b! * b! * s, t - a! * b! * s, 3 * c! ** 2],
      [t - a! * b! * s, -a! * a! * s, 0],
      [3 * c! ** 2, 0, 6 * c! * a!],
    ];
  };
  const at = [0.7, 1.3, -0.4];
  const product = (x: number[], v: number[]): number[] =>
    hessian(x).map((row) => row.reduce((sum, h, j) => sum + h * v[j]!, 0));

  test("against values, and against gradients", () => {
    for (const of of [f, gradient]) {
      expect(checkHessian(of, hessian, at).ok).toBe(true);
      expect(checkHvp(of, product, at).ok).toBe(true);
      const wrong = (x: number[]): number[][] => hessian(x).map((row) => row.map((h, j) => (j === 2 ? 1.001 * h : h)));
      expect(checkHessian(of, wrong, at).counts.mismatch).toBeGreaterThanOrEqual(2);
    }
  });

  test("gradients show smaller errors than values", () => {
    const off = (x: number[]): number[][] => hessian(x).map((row) => row.map((h) => h * (1 + 3e-7)));
    expect(checkHessian(gradient, off, at).ok).toBe(false);
    expect(checkHessian(f, off, at).ok).toBe(true);
  });

  test("of values have no tangents", () => {
    expect(() => checkHessian(f, hessian, at, { tangent: (v) => v })).toThrow(
      "tangent and retract are for first differences",
    );
  });

  test("replays single columns, and samples large ones", () => {
    expect(checkHessian(f, hessian, at, { only: ["x[1]"] }).entries.map(({ label }) => label)).toEqual([
      "x[0], x[1]",
      "x[1], x[1]",
      "x[2], x[1]",
    ]);
    const sampled = checkHessian(f, hessian, at, { maxEntries: 8, sampledEntries: 5, directions: 2 });
    expect(sampled.ok).toBe(true);
    expect(sampled.coverage).toEqual({ entries: 9, checked: 5, directions: 2 });
  });
});
