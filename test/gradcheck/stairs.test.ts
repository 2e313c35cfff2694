import { describe, expect, test } from "vitest";
import { checkGradient } from "../../src/gradcheck/index.ts";
import { Cancelling } from "./fuzz/cancelling.ts";
import { measure, reportOn } from "./fuzz/measure.ts";

/**
 * The small difference of large numbers, which are rounded: narrow steps see one stair of it. More: npm run fuzz:gradcheck -- --cancelling 100000
 */
test("of functions that are such differences, no right gradient is called wrong", () => {
  const { expressions, mismatches, planted, caught, named, seeds } = measure(1, 400, (seed) => new Cancelling(seed));
  expect(expressions).toBeGreaterThan(300);
  expect(seeds.mismatch).toEqual([]);
  expect(mismatches).toBe(0);
  // Where rounding hides all of the slope, it hides an error of it.
  expect(caught / planted).toBeGreaterThan(0.95);
  expect(named / planted).toBeGreaterThan(0.3);
});

// What the fuzz found: each was called wrong once.
test.each([
  ["two stairs that cancel, under a logarithm", 314],
  ["a value of few stairs, along a line without any", 2],
  ["a value of few stairs, with an input as small as they", 83],
  ["a square root of what rounds to 0", 226],
  ["1 − tanh of an angle where it is flat on one side", 105404],
  ["log(e^u + e^c) − c far from the first stair", 102455],
  ["stairs that get steeper", 103953],
  ["a variance far from 0, with jumps to and fro", 272],
  ["a domain that ends before the first stair", 4924],
  ["stairs and slopes between that cancel", 7844],
  ["noise beside a pole of its own", 113848],
  ["(u + c)² − c² − 2cu of next to nothing", 119485],
  ["a factor that is rounded, as wide steps along the other see", 14725],
  ["a variance that is rounded, as such a factor", 102098],
  ["a lone jump beside x, under a logarithm", 20591],
])("%s is not called wrong", (_, seed) => {
  const report = reportOn(new Cancelling(seed));
  expect(report.counts.mismatch, String(report)).toBe(0);
});

/** The distribution of Gauss by a fit (Numerical Recipes), and its density. */
function tail(z: number): number {
  const t = 1 / (1 + z / 2);
  const fit = [-1.26551223, 1.00002368, 0.37409196, 0.09678418, -0.18628806, 0.27886807, -1.13520398, 1.48851587];
  return t * Math.exp([...fit, -0.82215223, 0.17087277].reduceRight((sum, own) => sum * t + own, 0) - z * z);
}
const distribution = (x: number): number => (1 + Math.sign(x) * (1 - tail(Math.abs(x) * Math.SQRT1_2))) / 2;
const density = (x: number): number => Math.exp((-x * x) / 2) / Math.sqrt(2 * Math.PI);

test("an option far out of the money", () => {
  const of = ([price, volatility, time]: Float64Array): number => {
    const spread = volatility! * Math.sqrt(time!);
    const d1 = (Math.log(price! / 100) + time! * (volatility! ** 2 / 2 + 0.03)) / spread;
    return price! * distribution(d1) - 100 * Math.exp(-0.03 * time!) * distribution(d1 - spread);
  };
  const slopes = ([price, volatility, time]: Float64Array): number[] => {
    const root = Math.sqrt(time!);
    const spread = volatility! * root;
    const d1 = (Math.log(price! / 100) + time! * (volatility! ** 2 / 2 + 0.03)) / spread;
    const vega = price! * density(d1);
    const below = (x: number): number => tail(-x * Math.SQRT1_2) / 2;
    const byTime = (vega * volatility!) / (2 * root) + 3 * Math.exp(-0.03 * time!) * below(d1 - spread);
    return [below(d1), vega * root, byTime];
  };
  const x = Float64Array.of(70.99487979430705, 0.36372289545834063, 0.023965691300163867);
  const report = checkGradient(of, slopes, x);
  expect(report.counts.mismatch, String(report)).toBe(0);
  expect(report.ok).toBe(false);
});

test("jumps that are f's own, and poles, hide no error", () => {
  expect(
    checkGradient(
      (x) => 1 / x,
      (x) => -1.01 / x ** 2,
      0.3,
    ).counts.mismatch,
  ).toBe(1);
  expect(
    checkGradient(
      (x) => Math.tan(x),
      (x) => 1.001 / Math.cos(x) ** 2,
      1.5,
    ).counts.mismatch,
  ).toBe(1);
  const wall = (x: number): number => x * x + (x > 1 ? 1e10 : 0);
  expect(checkGradient(wall, (x) => 2.001 * x, 0.99).counts.mismatch).toBe(1);
});

test.each([1, 2])(
  "an f that refuses what is far from x is called wrong, and its error is not passed on: y^%d",
  (power) => {
    const of = ([x, y]: number[]): number => {
      if (x! <= 0 || y! <= 0 || y! >= 1) throw new RangeError("out of range");
      return Math.log(x!) * y! ** power;
    };
    const slopes = ([x, y]: number[]): number[] => [y! ** power / x!, 1.1 * power * y! ** (power - 1) * Math.log(x!)];
    expect(checkGradient(of, slopes, [0.3, 0.5]).counts).toMatchObject({ pass: 1, mismatch: 1 });
  },
);

type Point = Readonly<Record<string, number>>;
describe("a jump far from x is no reason to leave a wrong gradient undecided", () => {
  const logistic = (u: number): number => 1 / (1 + Math.exp(-u));
  test.each<[string, (p: Point) => number, (p: Point) => Point, Point]>([
    [
      "an angle",
      ({ x, y, s }) => s! * Math.atan(y! / x!),
      ({ x, y, s }) => {
        const square = x! ** 2 + y! ** 2;
        return { x: (-s! * y!) / square, y: (s! * x!) / square, s: Math.atan(y! / x!) };
      },
      { x: 0.3, y: 1.2, s: 180 },
    ],
    [
      "a price by its volatility",
      ({ v, s }) => s! * Math.tanh(Math.log(s! / 90) / v!),
      ({ v, s }) => {
        const u = Math.log(s! / 90) / v!;
        const c = 1 / Math.cosh(u) ** 2;
        return { v: (-s! * c * u) / v!, s: Math.tanh(u) + c / v! };
      },
      { v: 0.25, s: 100 },
    ],
    [
      "a share by a temperature",
      ({ t, s }) => s! * logistic(1 / t!),
      ({ t, s }) => {
        const p = logistic(1 / t!);
        return { t: (-s! * p * (1 - p)) / t! ** 2, s: p };
      },
      { t: 0.25, s: 10 },
    ],
  ])("%s", (_, f, slopes, x) => {
    expect(checkGradient(f, slopes, x).ok).toBe(true);
    const [name] = Object.keys(x) as [string];
    for (const factor of [-1, 0, 2, 1.01]) {
      const report = checkGradient(f, (p) => ({ ...slopes(p), [name]: factor * slopes(p)[name]! }), x);
      expect(report.counts.mismatch, String(report)).toBe(1);
    }
  });
});
