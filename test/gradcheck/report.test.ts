import { describe, expect, test } from "vitest";
import { TinygradError } from "../../src/core/errors.ts";
import {
  assertGradient,
  checkGradient,
  checkHessian,
  checkJacobian,
  GradientError,
  type GradientReport,
} from "../../src/gradcheck/index.ts";

const f = ({ w, b }: { w: number[][]; b: number }): number => w[0]![0]! * w[1]![1]! + Math.exp(b) + w[0]![1]! ** 2;
const x = {
  w: [
    [1, 2],
    [3, 4],
  ],
  b: 0.5,
};
const wrong = ({ w, b }: typeof x) => ({
  w: [
    [w[1]![1]!, w[0]![1]!],
    [0, w[0]![0]! + 1e-3],
  ],
  b: Math.exp(b),
});

test("the text is a census, the worst entries with their numbers, and how to replay", () => {
  const lines = String(checkGradient(f, wrong, x)).split("\n");
  const wanted = [
    /^checkGradient: FAILED, 2 of 5 entries wrong, by 0\.001 to 0\.5 \(relative\); the others agree to \S+ \(relative\)$/,
    /^ {2}checked all 5 entries: pass 3, mismatch 2$/,
    /^ {2}calls: [\d,]+ of f, \d+ of the derivative$/,
    /^ {2}x\.w\[0, 1\]: mismatch, where the input is 2$/,
    /^ {4}analytic 2, numeric \S+ ± \S+ \(step 0\.01\d*\)$/,
    /^ {4}off by 2, relative 0\.5, 2\.3e\+15 ulp; tolerance 4\.\de-7$/,
    /^ {2}x\.w\[1, 1\]: mismatch, where the input is 4$/,
    /^ {4}analytic 1\.001, numeric \S+ ± \S+ \(step 0\.\d+\)$/,
    /^ {4}off by 0\.001, relative 0\.001, 4\.5e\+12 ulp; tolerance 1\.\d+e-7$/,
    /^ {2}replay: checkGradient\(…, \{ seed: 0, only: \["x\.w\[0, 1\]"\] \}\)$/,
  ];
  expect(lines).toHaveLength(wanted.length);
  for (const [i, line] of lines.entries()) expect(line).toMatch(wanted[i]!);
});

test("the worst are all that failed, the worst first", () => {
  const report = checkGradient(f, wrong, x);
  expect(report.worst.map(({ label }) => label)).toEqual(["x.w[0, 1]", "x.w[1, 1]"]);
  expect(report.worst[0]).toMatchObject({ analytic: 2, at: 2, entry: 1, ok: false, input: "x.w[0, 1]" });
  expect(report.worst[0]!.numeric).toBeCloseTo(4, 9);
  expect(report.worst[0]!.absolute).toBeCloseTo(2, 9);
  expect(report.counts).toEqual({
    pass: 3,
    mismatch: 2,
    kink: 0,
    noisy: 0,
    flat: 0,
    nondeterministic: 0,
    "non-finite": 0,
    outside: 0,
  });
});

test("JSON holds the same, with what JSON lacks as text", () => {
  const report = checkGradient(f, (at) => ({ ...wrong(at), b: Number.NaN }), x);
  const data = JSON.parse(JSON.stringify(report));
  expect(data).toMatchObject({
    check: "checkGradient",
    ok: false,
    counts: report.counts,
    coverage: report.coverage,
    seed: 0,
  });
  expect(data.entries).toHaveLength(5);
  expect(data.entries[4]).toMatchObject({ label: "x.b", verdict: "non-finite", analytic: "NaN" });
});

test("a report that is ok says how fine it looked", () => {
  const report = checkGradient(Math.sin, Math.cos, 1);
  expect(report.resolution).toBeGreaterThan(1e-7);
  expect(report.resolution).toBeLessThan(2e-7);
  expect(String(report)).toContain(
    `relative errors above ${Number(report.resolution.toPrecision(2))} would have been seen`,
  );
});

test("entries that are too small to be checked are counted", () => {
  const report = checkGradient(
    ([a, b]) => a! + 1e-20 * b!,
    () => [1, 3e-20],
    [1, 1],
  );
  expect(report.ok).toBe(true);
  expect(String(report)).toContain("1 so small that no more than their smallness was shown");
});

test("the first line says so where nothing was tested, or no more than smallness", () => {
  const line = (report: GradientReport): string => String(report).split("\n")[0]!;
  const one = checkGradient(
    (x) => Math.sin(x) ** 2 + Math.cos(x) ** 2,
    () => 1e-14,
    3,
  );
  expect(line(one)).toBe("checkGradient: ok, nothing was tested but that the gradient is small beside the tolerance");
  const still = checkGradient(
    (x) => 1e18 + x * x,
    (x) => -17 * x,
    3,
  );
  expect(line(still)).toBe("checkGradient: ok, nothing was tested: f does not move near x");
  const mixed = checkGradient(
    ([a, b]) => a! + 1e-20 * b!,
    () => [1, 3e-20],
    [1, 1],
  );
  expect(line(mixed)).toMatch(
    /^checkGradient: ok, 1 of 2 entries agree.*; of 1 it was shown that they are small beside/,
  );
});

test("labels of several results", () => {
  const report = checkJacobian(
    ({ a }) => ({ y: [a * a], z: a }),
    () => ({ a: [1, 1] }),
    { a: 2 },
  );
  expect(report.worst.map(({ label }) => label)).toEqual(["f(x).y[0] by x.a"]);
  expect(
    checkHessian(
      (v) => v[0]! ** 2 * v[1]!,
      ([a, b]) => [b!, 2 * a!, 2 * a!, 0],
      [2, 3],
    ).worst[0]!.label,
  ).toBe("x[0], x[0]");
});

test("assert throws the report", () => {
  expect(() => assertGradient(Math.sin, Math.cos, 1)).not.toThrow();
  try {
    assertGradient(Math.sin, Math.sin, 1);
    expect.unreachable();
  } catch (error) {
    expect(error).toBeInstanceOf(GradientError);
    expect(error).toBeInstanceOf(TinygradError);
    const { message, report } = error as GradientError;
    expect(report.counts.mismatch).toBe(1);
    expect(message).toContain(String(report));
    expect(message).toContain("assertGradient: FAILED, 1 of 1 entries wrong");
  }
});

describe("hints that point at the place", () => {
  test("name the part where there are several", () => {
    const report = checkGradient(
      f,
      (at) => ({
        ...wrong(at),
        w: [
          [4, 4],
          [0, 1],
        ],
        b: 2 * Math.exp(at.b),
      }),
      x,
    );
    expect(report.hints).toEqual([expect.stringMatching(/^x\.b: twice as large/)]);
  });

  test("are silent where nothing fits", () => {
    const report = checkGradient(
      ([a, b]) => a! * b!,
      () => [0.123, 4.56],
      [2, 3],
    );
    expect(report.hints).toEqual([]);
  });
});

test("where a sample of the entries was checked, the resolution is said of these, and what directions show of the others", () => {
  const f = (at: Float64Array): number => at.reduce((all, v) => all + v * v, 0);
  const at = Float64Array.from({ length: 300 }, (_, i) => Math.sin(i + 1));
  const grad = (own: Float64Array): Float64Array => own.map((v) => 2 * v);
  const sampled = String(checkGradient(f, grad, at, { maxEntries: 20, sampledEntries: 10 }));
  expect(sampled).toMatch(/would have been seen in each of the 10 entries that were checked\n/);
  expect(sampled).toMatch(
    /in one of the others, an error shows from an effect \(error times input\) of about [\d.e-]+ on/,
  );
  const some = String(checkGradient(f, grad, at, { only: ["x[3]", "x[4]"] }));
  expect(some).toMatch(/would have been seen in each of the 2 entries that were checked$/);
  expect(some).not.toContain("the others, an error");
  expect(String(checkGradient(f, grad, at))).toContain("would have been seen in each entry");
});

test("says of no error that it would have been seen where f does not move", () => {
  const penalty = (x: Float32Array): number => Math.fround(1e-6 * x.reduce((all, v) => all + Math.max(0, v), 0));
  const report = checkGradient(penalty, (x) => x.map(() => 1e-6), Float32Array.of(-0.5, 0.7, -1.2, 0.3), {
    inconclusive: "allow",
  });
  expect(report.counts.flat).toBe(2);
  expect(String(report)).toMatch(/would have been seen in each other entry$/);
});

test("the first line speaks of kinks, and of what is undecided and allowed", () => {
  expect(checkGradient(Math.abs, () => 0.3, 0).summary).toBe("1 of 1 at kinks, where f has two slopes");
  const two = checkGradient(
    ([a, b]) => Math.abs(a!) + b!,
    () => [0, 1],
    [0, 2],
  );
  expect(two.summary).toMatch(/^1 of 2 entries agree.*; 1 of 2 at kinks, where f has two slopes$/);
  const noisy = checkGradient(
    (v) => v + 1e-3 * Math.sin(1e12 * v),
    () => 1,
    1,
    { inconclusive: "allow" },
  );
  expect(noisy.summary).toBe("1 of 1 undecided, which is allowed");
});

test("the noise of an f that is 0 at x is no share of its value", () => {
  const at = 0.7;
  const f = (v: number): number => (v === at ? 0 : v - at + 1e-6 * Math.sin(1e12 * v));
  const report = checkGradient(f, () => 1, at);
  expect(String(report)).toContain("f is noisy, and 0 at x");
  expect(String(report)).not.toContain("Infinity of");
  expect(JSON.parse(JSON.stringify(report)).noise).toBe("Infinity");
});

test("the entries that are off by most, beside what is tolerated, come first, are shown and replayed", () => {
  const f = (x: number[]) => x.reduce((sum, v) => sum + v * v, 0);
  const wrong = (x: number[]) => x.map((v, i) => 2 * v + (1 + ((7 * i) % 20)) / 100);
  const report = checkGradient(f, wrong, new Array(20).fill(1.5));
  const off = report.worst.map(({ absolute }) => Math.round(100 * absolute));
  expect(off).toEqual(off.map((_, i) => 20 - i));
  expect(report.replay).toContain(`only: ["${report.worst[0]!.label}"]`);
  const infinite = checkGradient(f, (x: number[]) => x.map((_, i) => (i === 3 ? Number.NaN : i)), [1, 2, 3, 4, 5]);
  expect(infinite.worst.map(({ label }) => label)).toEqual(["x[3]", "x[0]", "x[1]", "x[2]", "x[4]"]);
});
