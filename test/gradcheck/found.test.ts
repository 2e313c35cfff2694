import { describe, expect, test } from "vitest";
import { checkGradient, checkHessian, checkHvp } from "../../src/gradcheck/index.ts";

// What strangers found who checked functions of their own: each was judged otherwise once.

type Fn = (x: number) => number;
const verdictsOf = (f: unknown, gradient: unknown, x: unknown, options = {}): string[] =>
  checkGradient(f as Fn, gradient as Fn, x as number, options).entries.map(({ verdict }) => verdict);

describe("effort: fast", () => {
  const squares = (x: readonly number[]): number => x.reduce((sum, v) => sum + (v - 1) ** 2, 0);
  const right = (x: readonly number[]): number[] => x.map((v) => 2 * (v - 1));

  test.each([2, 2000])("a loss of 0 with a gradient of 0 passes, for %i inputs", (n) => {
    const x = new Array<number>(n).fill(1);
    const report = checkGradient(squares, right, x, { effort: "fast" });
    expect(report.ok).toBe(true);
    expect(report.toString()).not.toContain("Infinity");
    expect(checkGradient(squares, (v) => right(v).map((g) => g + 1), x, { effort: "fast" }).ok).toBe(false);
  });
});

test("sums of small whole numbers are not taken for float32", () => {
  for (let a = 1; a <= 5; a++) {
    for (let b = 1; b <= 5; b++) {
      for (let x = 1; x <= 5; x++) {
        const line = ([p, q]: readonly number[]): number => a * p! + b * q!;
        const report = checkGradient(line, () => [1.0005 * a, 1.0005 * b], [x, 6 - x]);
        expect(report.precision).toBe("float64");
        expect(report.entries.map(({ verdict }) => verdict)).toEqual(["mismatch", "mismatch"]);
      }
    }
  }
});

test.each<[string, Fn, Fn, number]>([
  ["relu and a line", (x) => Math.max(0, x) + 2 * x, (x) => (x > 0 ? 3 : 2), 0],
  [
    "hardswish",
    (x) => (x * Math.min(Math.max(x + 3, 0), 6)) / 6,
    (x) => (x <= -3 ? 0 : x >= 3 ? 1 : (2 * x + 3) / 6),
    3,
  ],
])("at a kink of %s, a gradient that jumps there, too, is wrong where it is not between the slopes", (_, f, g, x) => {
  expect(verdictsOf(f, g, x)).toEqual(["kink"]);
  for (const factor of [-1, 2, 0.5]) expect(verdictsOf(f, (v: number) => factor * g(v), x)).toEqual(["mismatch"]);
});

test.each<[string, Fn, Fn, number]>([
  ["e^−100000t", (t) => Math.exp(-1e5 * t), (t) => -1e5 * Math.exp(-1e5 * t), 1e-5],
  [
    "a wave that grows fast to the other side",
    (x) => Math.sin(883 * x) * Math.exp(-294 * x) + 2,
    (x) => 883 * Math.cos(883 * x) * Math.exp(-294 * x) - 294 * Math.sin(883 * x) * Math.exp(-294 * x),
    0.00155478,
  ],
])("what is steep far from x, where x is rounded, is no jump: %s", (_, f, g, x) => {
  expect(verdictsOf(f, g, x)).toEqual(["pass"]);
  for (const factor of [1.0001, -1]) expect(verdictsOf(f, (v: number) => factor * g(v), x)).toEqual(["mismatch"]);
});

test.each([1e-8, 1e-10, 1e-12, 1e-14, 1e-18])(
  "in units that make f as small as %d, small errors are wrong, too",
  (k) => {
    const f = ([a, b]: readonly number[]): number => k * (a! * a! + Math.sin(b!));
    for (const error of [1e-4, 1e-3]) {
      const g = ([a, b]: readonly number[]): number[] => [k * 2 * a! * (1 + error), k * Math.cos(b!)];
      expect(verdictsOf(f, g, [0.7, 1.3])).toEqual(["mismatch", "pass"]);
    }
  },
);

describe("where the curvature jumps, a Hessian by values may have either, and what lies between", () => {
  const huber = (x: number): number => (Math.abs(x) <= 1 ? (x * x) / 2 : Math.abs(x) - 0.5);
  const ofHuber = (at: number) => (x: number) => (Math.abs(x) === 1 ? at : Math.abs(x) < 1 ? 1 : 0);
  const verdict = (h: number, options = {}): string =>
    checkHessian(huber, ofHuber(h), 1, options)
      .entries.map((own) => `${own.verdict} ${own.ok}`)
      .join();

  test("of Huber's loss", () => {
    expect([0, 1].map((h) => verdict(h))).toEqual(["kink true", "kink true"]);
    expect(verdict(0.5)).toBe("pass true");
    expect([-0.1, 1.2, 2].map((h) => verdict(h))).toEqual(new Array(3).fill("mismatch false"));
    expect([verdict(0, { kinks: "fail" }), verdict(3, { kinks: "skip" })]).toEqual(["kink false", "kink true"]);
    expect(checkHvp(huber, (x, v) => ofHuber(1)(x) * v, 1).ok).toBe(true);
  });

  test("beside x, it leaves undecided what second differences cannot show", () => {
    const bent = (x: number): number => (x < 0.3 ? 0.5 : 1) * (x - 0.3) ** 2;
    const at = 0.3 - 1e-5;
    for (const h of [1, 1.2, 1.8]) expect(checkHessian(bent, () => h, at).entries[0]!.verdict).not.toBe("kink");
    expect(checkHessian(bent, () => 1.2, at).ok).toBe(false);
  });

  test("smooth functions have none", () => {
    expect(
      checkHessian(
        (x: number) => x ** 3 + x * x,
        (x) => 6 * x,
        0,
      ).ok,
    ).toBe(false);
    expect(checkHessian((x: number) => Math.exp(3 * x), (x) => 8 * Math.exp(3 * x), 0.4).entries[0]!.verdict).toBe("mismatch"); // biome-ignore format: one line
  });
});

test("in float32, the mean of many estimates refutes what is off by several of its error bars", () => {
  const F = Math.fround;
  for (const x of [0.347, 0.7, 1.1]) {
    const f = (y: number): number => F(2e4 + F(Math.sin(F(y))));
    const verdict = (error: number) => {
      return checkGradient(f, (y) => (1 + error) * Math.cos(y), x, { precision: "float32" }).entries[0]!.verdict;
    };
    expect(verdict(0)).toBe("pass");
    expect(verdict(0.006)).not.toBe("pass");
    expect(verdict(0.02)).toBe("mismatch");
  }
});

describe("messages", () => {
  test("a Hessian of a number whose gradient is given as f", () => {
    const { ok, hints } = checkHessian(
      (x: number) => 3 * x * x,
      (x) => 6 * x,
      2,
    );
    expect(ok).toBe(false);
    expect(hints[0]).toBe("f returns a number, so it is taken for the function: if it is the gradient, have it take and return [x]"); // biome-ignore format: one line
    expect(
      checkHessian(
        ([x]: readonly number[]) => [3 * x! * x!],
        ([x]) => [[6 * x!]],
        [2],
      ).ok,
    ).toBe(true);
  });

  test("options that leave nothing to check", () => {
    const none = { maxEntries: 1, sampledEntries: 0, directions: 0 };
    const { ok, problems } = checkGradient(
      ([a, b]: readonly number[]) => a! * b!,
      ([a, b]) => [b!, a!],
      [1, 2],
      none,
    );
    expect([ok, problems]).toEqual([false, ["the options leave nothing to check"]]);
  });
});
