import { describe, expect, test } from "vitest";
import { checkGradient, checkJvp } from "../../src/gradcheck/index.ts";

const cubes = (x: Float64Array): number => x.reduce((sum, v) => sum + v ** 3, 0);
const slopes = (x: Float64Array): Float64Array => x.map((v) => 3 * v * v);
const point = (n: number): Float64Array => Float64Array.from({ length: n }, (_, i) => 1 + Math.sin(i) / 2);

test("a 1,000-entry gradient of a 1,000-term function takes at most 12 calls of f an entry, as the report says", () => {
  let calls = 0;
  const f = (x: Float64Array): number => {
    calls++;
    return x.reduce((sum, v, i) => sum + Math.exp(v * Math.sin(i)), 0);
  };
  const grad = (x: Float64Array): Float64Array => x.map((v, i) => Math.sin(i) * Math.exp(v * Math.sin(i)));
  const report = checkGradient(f, grad, point(1000));
  expect(report.ok).toBe(true);
  expect(report.coverage).toEqual({ entries: 1000, checked: 1000, directions: 0 });
  expect(report.calls.f).toBe(calls);
  expect(calls / 1000).toBeLessThanOrEqual(12);
});

describe("above the budget", () => {
  test("some entries and some directions are checked, and the report says which", () => {
    const report = checkGradient(cubes, slopes, point(5000));
    expect(report.ok).toBe(true);
    expect(report.coverage).toEqual({ entries: 5000, checked: 256, directions: 8 });
    expect(String(report)).toContain("checked 256 of 5,000 entries and 8 random directions");
    expect(report.entries[0]!.entry).toBe(0);
    expect(report.entries.at(-1)!.entry).toBe(4999);
    expect(report.calls.f).toBeLessThan(12 * 264);
  });

  test("a wrong entry that is not sampled is found by the directions", () => {
    for (const bad of [17, 2600, 4321]) {
      const options = { sampledEntries: 8 };
      const report = checkGradient(cubes, (x) => slopes(x).map((v, i) => (i === bad ? -v : v)), point(5000), options);
      expect(report.ok).toBe(false);
      expect(report.worst[0]).toMatchObject({ label: `x[${bad}]`, verdict: "mismatch" });
    }
  });

  test("the budget is the user's", () => {
    expect(
      checkGradient(cubes, slopes, point(20), { maxEntries: 19, sampledEntries: 5, directions: 2 }).coverage,
    ).toEqual({
      entries: 20,
      checked: 5,
      directions: 2,
    });
    const only = checkGradient(cubes, slopes, point(20), { only: ["x[3]", "x[7]"] });
    expect(only.entries.map(({ label }) => label)).toEqual(["x[3]", "x[7]"]);
    expect(() => checkGradient(cubes, slopes, point(20), { only: ["x[20]"] })).toThrow(
      "checkGradient: only must name entries of the input, got x[20]",
    );
  });

  test("a jvp of many inputs", () => {
    const right = checkJvp(
      (x) => x.map(Math.sin),
      (x, v) => x.map((w, i) => Math.cos(w) * v[i]!),
      point(60),
      { maxEntries: 50 },
    );
    expect(right.ok).toBe(true);
    expect(right.coverage.directions).toBe(60 * 8);
    const wrong = checkJvp(
      (x) => x.map(Math.sin),
      (x, v) => x.map((w, i) => Math.cos(w) * v[i]! * (i === 31 ? 1.01 : 1)),
      point(60),
      { maxEntries: 50, sampledEntries: 10 },
    );
    expect(wrong.ok).toBe(false);
  });
});

describe("seeds", () => {
  const big = point(3000);
  const entriesOf = (seed: number | "random"): string => {
    const report = checkGradient(cubes, slopes, big, { seed });
    return report.entries.map(({ label, step }) => `${label} ${step}`).join();
  };

  test("the same seed gives the same report; another one looks elsewhere", () => {
    const [a, b] = [0, 0].map(() => checkGradient(cubes, slopes, big).toJSON());
    expect(a).toEqual(b);
    expect(entriesOf(1)).toBe(entriesOf(1));
    expect(entriesOf(1)).not.toBe(entriesOf(2));
  });

  test("a random seed prints itself, and replays", () => {
    const wrong = (x: Float64Array): Float64Array => slopes(x).map((v) => 1.5 * v);
    const report = checkGradient(cubes, wrong, big, { seed: "random" });
    expect(entriesOf(report.seed)).toBe(entriesOf(report.seed));
    const label = report.worst[0]!.input;
    expect(String(report)).toContain(`replay: checkGradient(…, { seed: ${report.seed}, only: ["${label}"] })`);
    const again = checkGradient(cubes, wrong, big, { seed: report.seed, only: [label] });
    expect(again.entries[0]).toEqual(report.worst[0]);
    const seeds = new Set(
      Array.from({ length: 5 }, () => checkGradient(cubes, slopes, point(1), { seed: "random" }).seed),
    );
    expect(seeds.size).toBe(5);
  });
});
