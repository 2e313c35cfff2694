import { describe, expect, test } from "vitest";
import { checkGradient, type GradientReport, gradcheck } from "../../src/gradcheck/index.ts";
import { logSoftmax, mul, softmax, sum, tensor } from "../../src/index.ts";

// Functions that exponentials leave tiny at x, where a 1 or a log(p) inside them has rounded a term of the same size away.

/** Probabilities of two logits, without rounding them to 1. */
const two = ([a, b]: readonly number[]): [number, number] => [1 / (1 + Math.exp(b! - a!)), 1 / (1 + Math.exp(a! - b!))];

/** The same as programs compute it. */
function naive(x: readonly number[]): number[] {
  const most = Math.max(...x);
  const exponentials = x.map((v) => Math.exp(v - most));
  const total = exponentials.reduce((all, v) => all + v, 0);
  return exponentials.map((v) => v / total);
}

describe("a right gradient is not called wrong, but undecided", () => {
  const undecided = (report: GradientReport): void => {
    expect(report.counts.mismatch, String(report)).toBe(0);
    expect(report.counts.noisy).toBeGreaterThan(0);
    expect(String(report)).toContain("rounding inside f can hide such a difference");
  };

  test("log(1 + e^−60a) + e^−60a", () => {
    const f = (a: number): number => Math.log(1 + Math.exp(-60 * a)) + Math.exp(-60 * a);
    undecided(checkGradient(f, (a) => -60 / (1 + Math.exp(60 * a)) - 60 * Math.exp(-60 * a), 1));
  });

  test("of two inputs, one of which is a factor alone", () => {
    const f = ([a, b]: number[]): number => Math.log(1 + a! * Math.exp(-60 * b!)) + a! * Math.exp(-60 * b!);
    const grad = ([a, b]: number[]): number[] => {
      const e = Math.exp(-60 * b!);
      return [e / (1 + a! * e) + e, (-60 * a! * e) / (1 + a! * e) - 60 * a! * e];
    };
    undecided(checkGradient(f, grad, [1, 1]));
  });

  test("−log p₁ + p₀", () => {
    const f = (x: number[]): number => -Math.log(naive(x)[1]!) + naive(x)[0]!;
    const grad = (x: number[]): number[] => {
      const [p, q] = two(x);
      return [p + p * q, -p - p * q];
    };
    undecided(checkGradient(f, grad, [0.3, 45]));
  });

  test("entropies: of two logits, of three by tensors, of a probability", () => {
    const entropy = (x: number[]): number => -naive(x).reduce((all, p) => all + p * Math.log(p), 0);
    const grad = (x: number[]): number[] => {
      const [p, q] = two(x);
      const slope = -p * q * (x[0]! - x[1]!);
      return [slope, -slope];
    };
    undecided(checkGradient(entropy, grad, [0.3, 50]));
    const logits = tensor([0.9, 71, -38], { dtype: "float64", requiresGrad: true });
    undecided(gradcheck((x) => sum(mul(softmax(x, -1), logSoftmax(x, -1))), [logits]));
    const bernoulli = (p: number): number => -p * Math.log(p) - (1 - p) * Math.log(1 - p);
    undecided(checkGradient(bernoulli, (p) => Math.log((1 - p) / p), 1e-40));
  });
});

test("a wrong gradient of a tiny function is still called wrong: of one that is tiny everywhere, and where f has grown", () => {
  const wrong = (f: (x: number) => number, grad: (x: number) => number, x: number): number =>
    checkGradient(f, grad, x).counts.mismatch;
  expect(
    wrong(
      (x) => 1e-30 * x * x,
      (x) => 2.01e-30 * x,
      1.3,
    ),
  ).toBe(1);
  expect(
    wrong(
      (x) => x * x,
      (x) => 3 * x,
      1.3e-20,
    ),
  ).toBe(1);
  const f = (x: number): number => Math.exp(-60 * x);
  for (const factor of [60, -30, -0.6, -63])
    expect(
      wrong(f, (x) => factor * f(x), 1),
      `${factor}`,
    ).toBe(1);
  expect(checkGradient(f, (x) => -60 * f(x), 1).ok).toBe(true);
});
