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
      "checkGradient: only must name entries or parts of x, got x[20]; there are x (x[0] to x[19])",
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

describe("only", () => {
  const x = {
    w: [
      [1, 2],
      [3, 4],
    ],
    wide: [5],
    layers: [{ b: 6 }, { b: 7 }],
  };
  const f = ({ w, wide, layers }: typeof x): number =>
    w.flat().reduce((sum, v) => sum + v ** 2, 0) + wide[0]! ** 2 + layers[0]!.b * layers[1]!.b;
  const grad = ({ w, wide, layers }: typeof x) => ({
    w: w.map((row) => row.map((v) => 2 * v)),
    wide: wide.map((v) => 2 * v),
    layers: [{ b: layers[1]!.b }, { b: layers[0]!.b }],
  });
  const checked = (...only: string[]): string[] =>
    checkGradient(f, grad, x, { only }).entries.map(({ label }) => label);

  test("takes a whole leaf, a row of it, or whatever has parts", () => {
    expect(checked("x.w")).toEqual(["x.w[0, 0]", "x.w[0, 1]", "x.w[1, 0]", "x.w[1, 1]"]);
    expect(checked("x.w[1]", "x.w[0, 1]")).toEqual(["x.w[0, 1]", "x.w[1, 0]", "x.w[1, 1]"]);
    expect(checked("x.layers")).toEqual(["x.layers[0].b", "x.layers[1].b"]);
    expect(checked("x.layers[1]", "x.wide")).toEqual(["x.wide[0]", "x.layers[1].b"]);
    expect(checked("x")).toHaveLength(7);
  });

  test("refuses a name that there is not, and lists those that there are", () => {
    for (const name of ["x.v", "x.w[2]", "w", "x.w[0, 0", "x.layers[0]."]) {
      expect(() => checked("x.w", name)).toThrow(
        `only must name entries or parts of x, got ${name}; there are x.w (x.w[0, 0] to x.w[1, 1]), x.wide (x.wide[0]), x.layers[0].b, x.layers[1].b`,
      );
    }
    const many = Object.fromEntries(Array.from({ length: 9 }, (_, i) => [`p${i}`, i]));
    expect(() =>
      checkGradient(
        () => 1,
        () => many,
        many,
        { only: ["q"] },
      ),
    ).toThrow("there are x.p0, x.p1, x.p2, x.p3 and 5 more");
  });

  test("of a part with very many entries takes a sample", () => {
    const large = { w: new Float64Array(5000).fill(1), b: 2 };
    const report = checkGradient(
      ({ w }) => w[4999]! ** 2,
      ({ w }) => ({ w: w.map((v, i) => (i === 4999 ? 2 * v : 0)), b: 0 }),
      large,
      {
        only: ["x.w"],
        sampledEntries: 20,
      },
    );
    expect(report.ok).toBe(true);
    expect(report.coverage.checked).toBeGreaterThan(10);
    expect(report.coverage.checked).toBeLessThanOrEqual(22);
    expect(report.entries.at(-1)!.label).toBe("x.w[4999]");
  });
});
