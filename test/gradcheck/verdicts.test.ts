import { describe, expect, test } from "vitest";
import { type CheckOptions, checkGradient, type GradientReport, type Verdict } from "../../src/gradcheck/index.ts";

const check = (
  f: (x: number) => number,
  slope: number,
  x: number,
  options: CheckOptions<number> = {},
): GradientReport => checkGradient(f, () => slope, x, options);
const verdict = (...args: Parameters<typeof check>): Verdict => check(...args).entries[0]!.verdict;

describe("verdicts", () => {
  test("pass and mismatch, at the tolerance", () => {
    const slope = Math.cos(1);
    expect(verdict(Math.sin, slope * (1 + 0.9e-7), 1)).toBe("pass");
    expect(verdict(Math.sin, slope * (1 + 2e-7), 1)).toBe("mismatch");
    expect(verdict(Math.sin, slope * (1 + 2e-7), 1, { rtol: 1e-6 })).toBe("pass");
    expect(verdict(Math.sin, slope + 1e-4, 1, { atol: 2e-4 })).toBe("pass");
    expect(verdict(Math.sin, slope * (1 + 1e-11), 1, { rtol: 1e-12, atol: 0 })).not.toBe("pass");
  });

  test("noisy: an error bar as wide as the difference fails, unless allowed", () => {
    const rough = (x: number): number => x + 1e-4 * Math.sin(1e12 * x);
    expect(verdict(rough, 1, 1)).toBe("noisy");
    expect(check(rough, 1, 1).ok).toBe(false);
    expect(check(rough, 1, 1, { inconclusive: "allow" }).ok).toBe(true);
    expect(check(rough, 1, 1).hints.join()).toMatch(
      /with an rtol of [\d.e-]+, or an atol of [\d.e-]+, the error bars would allow a pass/,
    );
  });

  test("noise does not hide what is far off", () => {
    const rough = (x: number): number => x + 1e-7 * Math.sin(1e12 * x);
    expect(verdict(rough, 2, 1)).toBe("mismatch");
    expect(check(rough, 2, 1, { inconclusive: "allow" }).ok).toBe(false);
  });

  test("non-finite", () => {
    for (const slope of [Number.NaN, Number.POSITIVE_INFINITY]) expect(verdict(Math.sin, slope, 1)).toBe("non-finite");
    const report = check(Math.log, 1, 0);
    expect(report.problems).toEqual(["f(x) is -Infinity: it has no derivative there"]);
    expect(report.ok).toBe(false);
  });

  test("outside", () => {
    expect(verdict(Math.sin, 1, 1, { lower: 1, upper: 1 })).toBe("outside");
    expect(check(Math.sin, 1, 1, { lower: 1, upper: 1, inconclusive: "allow" }).ok).toBe(true);
  });

  test("nondeterministic", () => {
    let k = 0;
    const report = checkGradient(
      (x) => x * x,
      (x) => 2 * x + 1e-3 * k++,
      1,
    );
    expect(report.counts.nondeterministic).toBe(1);
    expect(report.problems[0]).toContain("the gradient is nondeterministic");
    const random = checkGradient(
      (x) => x * x + k++,
      (x) => 2 * x,
      1,
    );
    expect(random.problems[0]).toContain("f is nondeterministic: two calls at the same x gave");
  });
});

describe("kinks", () => {
  const relu = (x: number): number => Math.max(0, x);

  test("a gradient between the slopes is accepted, skipped or refused", () => {
    const outcomes = (slope: number) =>
      (["accept-subgradient", "skip", "fail"] as const).map((kinks) => check(relu, slope, 0, { kinks }).ok);
    expect(outcomes(0.5)).toEqual([true, true, false]);
    expect(outcomes(0)).toEqual([true, true, false]);
    expect(outcomes(1)).toEqual([true, true, false]);
    expect(outcomes(1.1)).toEqual([false, true, false]);
    expect(verdict(relu, 0.5, 0)).toBe("kink");
    expect(verdict(relu, -0.1, 0)).toBe("mismatch");
    expect(check(relu, 0.5, 0).entries[0]!.slopes).toEqual([expect.closeTo(0, 9), expect.closeTo(1, 9)]);
  });

  test("a kink beside x is none at x", () => {
    for (const d of [1e-2, 1e-4, 1e-6, 1e-8]) {
      expect(verdict((x) => Math.abs(x - 1), 1, 1 + d)).toBe("pass");
      expect(verdict((x) => Math.abs(x - 1), -1, 1 - d)).toBe("pass");
      expect(verdict((x) => Math.abs(x - 1), 0, 1 - d)).toBe("mismatch");
    }
  });

  test("a corner that is rounded off is none", () => {
    for (const width of [1e-3, 1e-6, 1e-9]) {
      expect(verdict((x) => Math.hypot(x, width), 0, 0)).toBe("pass");
      expect(verdict((x) => Math.hypot(x, width), 0.5, 0)).toBe("mismatch");
      expect(verdict((x) => Math.hypot(x - 1, width), 0.5, 1)).toBe("mismatch");
    }
  });

  test("a jump is a kink that no gradient fits", () => {
    const step = (x: number): number => (x >= 1 ? 3 : 2);
    expect(verdict(step, 0, 1)).toBe("kink");
    expect(check(step, 0, 1).ok).toBe(false);
    expect(check(step, 0, 1, { kinks: "skip" }).ok).toBe(true);
    expect(check(step, 0, 1.001).ok).toBe(true);
  });
});

describe("hygiene", () => {
  test("f may not change its input, nor the gradient", () => {
    const inputs = [1, 2];
    const f = checkGradient(
      (x) => {
        const y = x[0]! * x[1]!;
        x[0] = 9;
        return y;
      },
      (x) => [x[1]!, x[0]!],
      inputs,
    );
    expect(f.problems).toContain("f changed its input");
    const grad = checkGradient(
      (x) => x[0]! * x[1]!,
      (x) => x.reverse(),
      inputs,
    );
    expect(grad.problems).toContain("the gradient function changed its input");
    expect(inputs).toEqual([1, 2]);
  });

  test("f and the gradient are called at least twice, with f elsewhere in between", () => {
    const log: string[] = [];
    checkGradient(
      (x) => {
        log.push(`f ${x}`);
        return x * x;
      },
      (x) => {
        log.push(`g ${x}`);
        return 2 * x;
      },
      1,
    );
    expect(log.filter((line) => line === "f 1").length).toBeGreaterThanOrEqual(2);
    const [first, second] = [log.indexOf("g 1"), log.lastIndexOf("g 1")];
    expect(log.slice(first + 1, second).some((line) => line.startsWith("f ") && line !== "f 1")).toBe(true);
  });

  test("a buffer that is not zeroed shows as doubled", () => {
    const report = checkGradient(
      (x) => x[0]! ** 2,
      (x, out) => {
        out[0]! += 2 * x[0]!;
      },
      [3],
    );
    expect(report.hints).toContain(
      "the second call gave twice the first: it accumulates into an array that is not zeroed",
    );
  });
});
