import { expect, test } from "vitest";
import { checkGradient } from "../../src/gradcheck/index.ts";
import { Random } from "./random.ts";

test("a tolerance that a hint names lets the entry pass", () => {
  // A root of y³ + py + q by Cardano, and the sigmoid where it saturates.
  const q = -1.19;
  const root = ([p]: number[]): number => {
    const d = Math.sqrt((q * q) / 4 + p! ** 3 / 27);
    return Math.cbrt(-q / 2 + d) + Math.cbrt(-q / 2 - d);
  };
  const slope = ([p]: number[]): number[] => [-root([p!]) / (3 * root([p!]) ** 2 + p!)];
  let named = 0;
  for (let k = 0; k < 40; k++) {
    const x = [10 ** (-5 + k / 10)];
    const report = checkGradient(root, slope, x);
    for (const name of ["rtol", "atol"] as const) {
      const found = new RegExp(`an? ${name} of ([\\d.e-]+)`).exec(report.hints.join());
      if (found === null) continue;
      named++;
      expect(checkGradient(root, slope, x, { [name]: Number(found[1]) }).ok, `${x}: ${report}`).toBe(true);
    }
  }
  expect(named).toBeGreaterThan(3);
});

const relu = (x: ArrayLike<number>): number => Array.from(x).reduce((all, v) => all + Math.max(0, v - 3), 0);
const slopes = <X extends Float64Array | Float32Array>(x: X): X => x.map((v) => (v > 3 ? 1 : 0)) as X;

test("directions that kinks leave undecided: the report names what can be done, and it helps", () => {
  const x = new Random(3, "relu").vector(1500, 1, 5).map((v, i) => (i % 150 === 7 ? 3 : v));
  const report = checkGradient(relu, slopes, x);
  expect(report.ok).toBe(false);
  expect(report.summary).toMatch(/^8 of 8 random directions cannot be decided/);
  const hint = report.hints.join();
  expect(hint).toContain("set maxEntries: 1500");
  expect(hint).toContain('or kinks: "skip"');
  expect(checkGradient(relu, slopes, x, { maxEntries: 1500 }).ok).toBe(true);
  expect(checkGradient(relu, slopes, x, { kinks: "skip" }).ok).toBe(true);
});

test("of 2,000 inputs in float32, directions that one estimate leaves undecided are decided by many", () => {
  const x = Float32Array.from(new Random(4, "relu").vector(2000, 1, 5));
  const { directions } = checkGradient(relu, slopes, x);
  expect(directions.filter(({ ok }) => !ok)).toEqual([]);
});

test("of directions that noise leaves undecided, a report names an rtol that helps", () => {
  const x = Float32Array.from(new Random(4, "relu").vector(2000, 1, 5));
  const noisy = (v: ArrayLike<number>): number => {
    const squares = Array.from(v).reduce((all, own) => all + own * own, 0);
    return squares * (1 + 2e-5 * Math.sin(1e9 * squares));
  };
  const twice = (v: Float32Array): Float32Array => v.map((own) => 2 * own);
  const report = checkGradient(noisy, twice, x);
  expect(report.ok).toBe(false);
  expect(report.hints.join()).toMatch(/along random directions.*set maxEntries: 2000.*an rtol of/);
  const rtol = Number(/along random directions.*an rtol of ([\d.e-]+)/.exec(report.hints.join())![1]);
  expect(checkGradient(noisy, twice, x, { rtol }).directions.every(({ ok }) => ok)).toBe(true);
});

test("of an entry with the wrong sign that noise leaves undecided, no tolerance is named that would hide it", () => {
  const F = Math.fround;
  const c = F(0.1);
  const ridge = (v: Float32Array): number => F(v.reduce((all, a) => F(all + F(c * F(F(a) * F(a)))), 0) + 1000);
  const x = Float32Array.from({ length: 20 }, (_, k) => Math.sin(1.7 * k + 0.4));
  const { ok, entries, hints } = checkGradient(ridge, (v) => v.map((a, k) => (k === 7 ? -1 : 1) * 2 * c * a), x);
  expect(ok).toBe(false);
  expect(entries[7]!.verdict).toBe("noisy");
  expect(hints.join()).not.toContain("atol");
});
