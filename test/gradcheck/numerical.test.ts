import { expect, expectTypeOf, test } from "vitest";
import { ValueError } from "../../src/core/errors.ts";
import {
  type NumericalGradient,
  numericalDirectional,
  numericalGradient,
  numericalHessian,
  numericalJacobian,
} from "../../src/gradcheck/index.ts";

// Derivatives by differences other than the gradient.

const polar = ([r, a]: number[]): number[] => [r! * Math.cos(a!), r! * Math.sin(a!)];

test("a Jacobian has a row for each result and a column for each entry, with error bars that hold", () => {
  const { value, error, step, kind } = numericalJacobian(polar, [2, 0.5]);
  const exact = [
    [Math.cos(0.5), -2 * Math.sin(0.5)],
    [Math.sin(0.5), 2 * Math.cos(0.5)],
  ];
  for (const j of [0, 1]) {
    for (const i of [0, 1]) {
      expect(Math.abs(value[j]![i]! - exact[j]![i]!)).toBeLessThanOrEqual(error[j]![i]!);
      expect(error[j]![i]).toBeLessThan(1e-9);
      expect(step[j]![i]).toBeGreaterThan(0);
    }
  }
  expect(kind).toEqual([
    ["smooth", "smooth"],
    ["smooth", "smooth"],
  ]);
});

test("a Jacobian of other forms, kinks, and of f that fails beyond an edge", () => {
  const of = numericalJacobian(
    ({ w, name }: { w: number[]; name: string }) => ({ y: w.map((v) => v * name.length), z: Math.abs(w[0]!) }),
    {
      w: [0, 3],
      name: "two",
    },
  );
  expect(of.value.map((row) => row.map(Math.round))).toEqual([
    [3, 0],
    [0, 3],
    [0, 0],
  ]);
  expect(of.kind[2]).toEqual(["kink", "smooth"]);
  expect(numericalJacobian((x: number) => [Math.sqrt(x), Number.NaN], 0, { lower: 0 }).kind[1]).toEqual(["non-finite"]);
  const write = (x: number[], out: number[]): void => {
    out[0] = x[0]! * x[1]!;
  };
  expect(numericalJacobian(write, [2, 3], { out: [0] }).value[0]!.map(Math.round)).toEqual([3, 2]);
});

test("promises make a promise of it", async () => {
  const slow = async (x: number[]): Promise<number[]> => Promise.resolve(polar(x));
  expect((await numericalJacobian(slow, [2, 0])).value[1]![1]).toBeCloseTo(2, 8);
  expect((await numericalDirectional(slow, [2, 0], [0, 1])).value[1]).toBeCloseTo(2, 8);
});

test("a derivative along a direction has the form of f(x), and is proportional to the direction's length", () => {
  const f = (x: number[]): number => x[0]! ** 2 * x[1]!;
  for (const length of [1, 1e-8, 3e7, 1 / 3]) {
    const { value, error, kind } = numericalDirectional(f, [3, 4], [length, -length]);
    expect(Math.abs(value - 15 * length)).toBeLessThanOrEqual(error);
    expect(error).toBeLessThan(1e-8 * length);
    expect(kind).toEqual(["smooth"]);
  }
  const both = numericalDirectional(polar, [2, 0.5], [1, 0]);
  expectTypeOf(both).toEqualTypeOf<NumericalGradient<number[]>>();
  expect(both.value[0]).toBeCloseTo(Math.cos(0.5), 9);
  expect(numericalDirectional(f, [3, 4], [0, 0]).value).toBe(0);
});

test("a direction with all bits has an error bar that holds, where f itself is nearly 0", () => {
  for (let k = 1; k < 40; k++) {
    const v = [Math.sin(k), Math.cos(k), Math.sin(3 * k)];
    const x = [1e3 * Math.cos(5 * k), Math.sin(7 * k), 1e-3 * Math.sin(k)];
    const w = [Math.sin(11 * k), 1e3 * Math.cos(k), 1e6 * Math.cos(13 * k)];
    const offset = x.reduce((sum, own, i) => sum + own * w[i]!, 0);
    const f = (at: number[]): number => at.reduce((sum, own, i) => sum + own * w[i]!, 0) - offset;
    const exact = v.reduce((sum, own, i) => sum + own * w[i]!, 0);
    const { value, error } = numericalDirectional(f, x, v);
    expect(Math.abs(value - exact), `${k}: ${value} ± ${error} for ${exact}`).toBeLessThanOrEqual(error);
  }
});

test("steps that are a multiple of a wave's period do not narrow the error bar, and are no kink", () => {
  const waves: [offset: number, slope: number, height: number, speed: number, x: number][] = [
    [4.5e8, 0, 0.3, 14.5, -30],
    [5e10, 0.04, 4.1, 110, -49],
    [298998296.92255396, 0.0044, 0.01524284874572544, 587.6710136142924, -11],
    [-6731062, 0, 0.64, 437.43586633986723, -55],
    [1e15, 0, 1, 1, 3], // rounded away
    [-1e15, 0, 2, 1, 3],
    [4e15, 0, 7, 1, -20],
  ];
  for (const [offset, slope, height, speed, x] of waves) {
    const { value, error, kind } = numericalGradient((v) => offset + slope * v + height * Math.sin(speed * v), x);
    const exact = slope + height * speed * Math.cos(speed * x);
    expect(Math.abs(value - exact), `${offset}: ${value} ± ${error} for ${exact}`).toBeLessThanOrEqual(error);
    expect(["smooth", "noisy"]).toContain(kind[0]);
    if (Math.abs(offset) >= 1e15) expect(kind[0]).toBe("noisy");
  }
});

test("a constant is smooth", () => {
  expect(numericalGradient(() => 1e15, 3).kind).toEqual(["smooth"]);
  expect(numericalGradient((x) => 1e9 + x * x, 0).kind).toEqual(["smooth"]);
});

test("a million inputs cost no more calls than one", () => {
  let calls = 0;
  const f = (x: Float64Array): number => {
    calls++;
    return x.reduce((sum, v) => sum + v * v, 0);
  };
  const x = new Float64Array(100_000).fill(0.5);
  const { value } = numericalDirectional(f, x, new Float64Array(x.length).fill(1));
  expect(value / 1e5).toBeCloseTo(1, 8);
  expect(calls).toBeLessThan(60);
});

test("a Hessian is symmetric, with error bars that hold", async () => {
  const f = ([a, b, c]: number[]): number => Math.exp(a! * b!) + a! * c! ** 3;
  const [a, b, c] = [0.5, -1.2, 2] as const;
  const e = Math.exp(a * b);
  const exact = [
    [b * b * e, (1 + a * b) * e, 3 * c * c],
    [(1 + a * b) * e, a * a * e, 0],
    [3 * c * c, 0, 6 * a * c],
  ];
  const { value, error, kind } = numericalHessian(f, [a, b, c]);
  for (const i of [0, 1, 2]) {
    for (const j of [0, 1, 2]) {
      expect(value[i]![j]).toBe(value[j]![i]);
      expect(Math.abs(value[i]![j]! - exact[i]![j]!)).toBeLessThanOrEqual(error[i]![j]!);
      expect(error[i]![j]).toBeLessThan(1e-5);
    }
  }
  expect(new Set(kind.flat())).toEqual(new Set(["smooth"]));
  const later = async ({ x }: { x: number }): Promise<number> => Promise.resolve(x ** 3);
  expect((await numericalHessian(later, { x: 2 })).value[0]![0]).toBeCloseTo(12, 6);
  expect(numericalHessian(Math.log, 0).kind).toEqual([["non-finite"]]);
  expect(numericalHessian((x: number) => x * x, 1, { lower: 1 }).kind).toEqual([["outside"]]);
});

test("what cannot be used is refused", () => {
  const refused = (call: () => unknown, text: string): void => {
    expect(call).toThrow(ValueError);
    expect(call).toThrow(text);
  };
  refused(
    () => numericalDirectional(Math.sin, 1, [1, 2] as never),
    "numericalDirectional: v must have the form of x, got v has 2 entries",
  );
  refused(() => numericalDirectional(Math.sin, 1, Number.NaN), "numericalDirectional: v must be finite, got NaN");
  refused(() => numericalJacobian((x: number[]) => x.fill(0), [1]), "f must be a pure function");
  refused(
    () => numericalJacobian(Math.sin, 1, { rtol: 1 } as never),
    "there is no such option, got rtol; there are leaves, out,",
  );
});

test("a point without numbers has an empty derivative, of each kind, once f has been called there", () => {
  let calls = 0;
  const f = (): number => {
    calls++;
    return 3;
  };
  expect(numericalGradient(f, [] as number[])).toEqual({ value: [], error: [], step: [], kind: [] });
  expect(numericalGradient(f, { w: new Float64Array(0) }).value).toEqual({ w: new Float64Array(0) });
  expect(numericalHessian(f, [] as number[])).toEqual({ value: [], error: [], step: [], kind: [] });
  expect(numericalJacobian(() => [f(), 4], [] as number[]).value).toEqual([[], []]);
  expect(numericalDirectional(f, [] as number[], []).value).toBe(0);
  expect(calls).toBeGreaterThanOrEqual(5);
  expect(() => numericalHessian(() => [] as never, [] as number[])).toThrow("f must return a number, got 0 results");
});

// Functions in which terms cancel, with the Taylor coefficients of their derivatives.
const factorial = (n: number): number => (n <= 1 ? 1 : n * factorial(n - 1));
const coefficients = (of: (k: number) => number): number[] => Array.from({ length: 24 }, (_, k) => of(k));
const odd = (k: number, factor: number): number => (k % 2 === 1 ? (k + 1) * (-1) ** ((k + 1) / 2) * factor : 0);
const cancelling: [name: string, f: (x: number) => number, slope: number[]][] = [
  ["(1 − cos x) / x²", (x) => (1 - Math.cos(x)) / (x * x), coefficients((k) => odd(k, 1 / factorial(k + 3)))],
  ["(x − sin x) / x³", (x) => (x - Math.sin(x)) / x ** 3, coefficients((k) => odd(k, 1 / factorial(k + 4)))],
  ["(eˣ − 1 − x) / x²", (x) => (Math.exp(x) - 1 - x) / (x * x), coefficients((k) => (k + 1) / factorial(k + 3))],
  ["(eˣ − 1) / x", (x) => (Math.exp(x) - 1) / x, coefficients((k) => (k + 1) / factorial(k + 2))],
  ["ln(1 + x) / x", (x) => Math.log(1 + x) / x, coefficients((k) => ((k + 1) * (-1) ** (k + 1)) / (k + 2))],
];

test.each(cancelling)("the slope of one stair of what is rounded inside is not taken for that of %s", (_, f, slope) => {
  let wrong = 0;
  for (let i = 0; i < 120; i++) {
    const x = (i % 2 === 0 ? 1 : -1) * 10 ** (-7 + i / 20);
    const { value, error, kind } = numericalGradient(f, x);
    const exact = slope.reduceRight((sum, own) => sum * x + own, 0);
    const off = Math.abs(value - exact);
    if (off > 2 * error) wrong++;
    if (kind[0] === "smooth") expect(off, `at ${x}`).toBeLessThan(1e-3); // it was up to 10¹²
  }
  expect(wrong).toBeLessThan(8);
});

test("where rounding inside f hides a slope from narrow steps, wide ones find it", () => {
  const { value, error, kind } = numericalGradient((x) => (1 - Math.cos(x)) / (x * x), 1e-4);
  expect(Math.abs(value + 1e-4 / 12)).toBeLessThan(error);
  expect([error < 1e-6, kind]).toEqual([true, ["smooth"]]);
});

test("a function that turns to and fro, or jumps by itself, has the slope that it has at x", () => {
  const wave = numericalGradient((x) => x + 1e-3 * Math.sin(1e4 * x), 0.3);
  expect(Math.abs(wave.value - 1 - 10 * Math.cos(3000))).toBeLessThan(1e-6);
  expect(numericalGradient((x) => (1e3 * x) % 1, 0.3002).value).toBeCloseTo(1000, 6);
  expect(numericalGradient((x) => 100 + ((1e3 * x) % 1), 0.3002).value).toBeCloseTo(1000, 6);
  expect(numericalGradient((x) => x + (x > 0.5 ? 1 : 0), 0.49999).value).toBeCloseTo(1, 9);
});

test("beside a tiny input, f may refuse what is far from x, or end there", () => {
  const refuses = (x: number): number => {
    if (Math.abs(x) > 1e-3) throw new RangeError("x must be small");
    return Math.exp(x);
  };
  expect(numericalGradient(refuses, 1e-6).value).toBeCloseTo(Math.exp(1e-6), 9);
  const ends = numericalGradient((x) => Math.sqrt(1e-3 - x) + Math.exp(x), 1e-6);
  expect(ends.value).toBeCloseTo(1 - 0.5 / Math.sqrt(1e-3 - 1e-6), 5);
  expect(ends.kind).toEqual(["smooth"]);
  expect(numericalGradient(Math.log1p, 1e-6, { lower: 0 }).value).toBeCloseTo(1, 5);
});

test.each(cancelling)("a Hessian by values knows such stairs, too: %s", (_, f, slope) => {
  const curvature = slope.slice(1).map((own, k) => own * (k + 1));
  for (let i = 0; i < 60; i++) {
    const x = (i % 2 === 0 ? 1 : -1) * 10 ** (-7 + i / 10);
    const { value, kind } = numericalHessian(([own]) => f(own!), [x]);
    const exact = curvature.reduceRight((sum, own) => sum * x + own, 0);
    // One in five was off by more than its error bar, and smooth: by factors of up to 10¹⁵.
    // What is smooth has two digits.
    if (kind[0]![0] === "smooth") expect(Math.abs(value[0]![0]! / exact - 1), `at ${x}`).toBeLessThan(0.02);
  }
});

test("a Hessian by values keeps the curvature beside a small input where f is steady, ends or refuses", () => {
  const narrow = numericalHessian(([x]) => Math.exp(-((x! / 1e-5) ** 2)), [2e-5]);
  const exact = Math.exp(-4) * (16 - 2) * 1e10;
  expect(Math.abs(narrow.value[0]![0]! / exact - 1)).toBeLessThan(1e-6);
  const mixed = numericalHessian(([a, b]) => a! * b! * Math.exp(a!), [1e-6, 3]);
  expect(mixed.value[1]![0]).toBeCloseTo(1 + 2e-6, 5);
  const refuses = ([x]: number[]): number => {
    if (Math.abs(x!) > 1e-3) throw new RangeError("x must be small");
    return Math.exp(x!);
  };
  expect(numericalHessian(refuses, [1e-4]).kind).toEqual([["smooth"]]);
  expect(numericalHessian(([x]) => Math.log(x!), [1e-4]).value[0]![0]! / -1e8).toBeCloseTo(1, 6);
});
