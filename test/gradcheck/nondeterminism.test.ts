import { describe, expect, test } from "vitest";
import {
  checkGradient,
  checkHessian,
  checkHvp,
  checkJacobian,
  checkJvp,
  checkVjp,
  type GradientReport,
} from "../../src/gradcheck/index.ts";

// Derivatives that are not the same at every call: sums that threads or a GPU add up in another order each time.

/** Numbers near 1 that differ at each call, by `spread` at most. */
function unsteady(spread: number): () => number {
  let state = 1;
  return () => {
    state = (state * 16807) % 2147483647;
    return 1 + spread * (state / 2147483647 - 0.5);
  };
}

const x = [1.5, -0.5, 2];
const square = (v: number[]): number[] => v.map((own) => own * own);
const total = (v: number[]): number => v.reduce((sum, own) => sum + own ** 3, 0);
const grad = (v: number[]): number[] => v.map((own) => 3 * own * own);

/** Every check of right derivatives, each entry of which is off by a factor of its own at each call. */
function reports(factor: () => number, options: { nondeterminism?: number }): GradientReport[] {
  const product = (v: number[], u: number[]): number[] => v.map((own, i) => 2 * own * u[i]! * factor());
  const diagonal = (v: number[], of: (own: number) => number): number[][] =>
    v.map((own, i) => v.map((_, j) => (i === j ? of(own) * factor() : 0)));
  return [
    checkGradient(total, (v) => grad(v).map((own) => own * factor()), x, options),
    checkJacobian(square, (v) => diagonal(v, (own) => 2 * own), x, options),
    checkVjp(square, product, x, options),
    checkVjp(square, product, x, { ...options, jvp: product }),
    checkJvp(square, product, x, options),
    checkHessian(total, (v) => diagonal(v, (own) => 6 * own), x, options),
    checkHvp(total, (v, u) => v.map((own, i) => 6 * own * u[i]! * factor()), x, options),
  ];
}

describe("nondeterminism", () => {
  test("is found in every derivative, unless it is stated", () => {
    for (const report of reports(unsteady(1e-12), {})) expect(report.ok, String(report)).toBe(false);
    for (const report of reports(unsteady(1e-12), { nondeterminism: 1e-12 })) {
      expect(report.ok, String(report)).toBe(true);
    }
  });

  test("may be above the usual tolerance: then the tolerance follows", () => {
    for (const report of reports(unsteady(1e-5), { nondeterminism: 1e-5 }))
      expect(report.ok, String(report)).toBe(true);
  });

  test("beyond what is stated is a problem", () => {
    for (const report of reports(unsteady(1e-6), { nondeterminism: 1e-9 })) {
      expect(String(report)).toContain("nondeterministic");
    }
  });

  test("counts by the largest entry, since sums cancel", () => {
    let calls = 0;
    const wobbling = (): number[] => [1e6, 1 + 1e-9 * calls++];
    const f = ([a, b]: number[]): number => 1e6 * a! + b!;
    expect(checkGradient(f, wobbling, [1, 1]).ok).toBe(false);
    expect(checkGradient(f, wobbling, [1, 1], { nondeterminism: 1e-12 }).ok).toBe(true);
  });

  test("of f, and of a value that comes with the gradient, is let through as well", () => {
    const factor = unsteady(1e-13);
    const f = (v: number[]): number => total(v) * factor();
    const both = (v: number[]) => ({ value: f(v), gradient: grad(v) });
    expect(checkGradient(f, both, x).problems[0]).toContain("f is nondeterministic");
    const report = checkGradient(f, both, x, { nondeterminism: 1e-13 });
    expect(report.ok, String(report)).toBe(true);
  });

  test("does not hide what is wrong", () => {
    const options = { nondeterminism: 1e-9 };
    expect(checkGradient(total, (v) => grad(v).map((own) => 1.0001 * own), x, options).counts.mismatch).toBe(3);
    const bent = (v: number[], u: number[]): number[] => v.map((own, i) => 2 * own * u[i]! * (1 + 1e-6 * u[i]!));
    expect(checkVjp(square, bent, x, options).problems[0]).toContain("not linear");
    const infinite = (v: number[]): number[] => [
      Number.POSITIVE_INFINITY,
      ...grad(v)
        .slice(1)
        .map((own) => own * unsteady(1)()),
    ];
    expect(checkGradient(total, infinite, x, options).ok).toBe(false);
  });
});
