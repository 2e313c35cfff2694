import { describe, expect, test } from "vitest";
import { checkGradient, detectionPower, GradientError } from "../../src/gradcheck/index.ts";

const f = ({ w }: { w: number[][] }): number => w.flat().reduce((sum, v, i) => sum + Math.exp(v) * (i + 1), 0);
const grad = ({ w }: { w: number[][] }) => ({ w: w.map((row, i) => row.map((v, j) => Math.exp(v) * (3 * i + j + 1))) });
const x = {
  w: [
    [0.1, -0.2, 0.3],
    [0.4, 0.5, -0.6],
  ],
};

describe("detectionPower", () => {
  test("injects each fault alone, and counts what is caught", () => {
    const power = detectionPower(f, grad, x);
    expect(power.report.ok).toBe(true);
    expect(power.faults).toEqual([
      { fault: "sign flip", injected: 6, caught: 6, missed: [] },
      { fault: "doubled entry", injected: 6, caught: 6, missed: [] },
      { fault: "dropped entry", injected: 6, caught: 6, missed: [] },
      { fault: "transposed matrix", injected: 1, caught: 1, missed: [] },
    ]);
  });

  test("the smallest error that it names is caught, and half of it is not", () => {
    const { thresholds, relative } = detectionPower(f, grad, x);
    expect(relative).toBeLessThan(1e-6);
    expect(relative).toBe(Math.max(...thresholds.map((threshold) => threshold.relative)));
    for (const { label, absolute } of thresholds) {
      const [i, j] = /\[(\d), (\d)\]/.exec(label)!.slice(1).map(Number) as [number, number];
      const check = (error: number): boolean => {
        const wrong = (at: typeof x) => {
          const g = grad(at);
          g.w[i]![j]! += error;
          return g;
        };
        return checkGradient(f, wrong, x).ok;
      };
      expect(check(absolute)).toBe(false);
      expect(check(absolute / 2)).toBe(true);
    }
  });

  test("shows what a check cannot see", () => {
    const power = detectionPower(
      ([a, b]) => a! + 1e-20 * b!,
      () => [1, 1e-20],
      [1, 1],
    );
    expect(power.faults.map(({ missed }) => missed)).toEqual([["x[1]"], ["x[1]"], ["x[1]"], []]);
    expect(String(power)).toContain("sign flip: 1 of 2; missed in x[1]");
    const loose = detectionPower(Math.sin, Math.cos, 1, { rtol: 0.5 });
    expect(loose.relative).toBeGreaterThan(0.5);
    expect(loose.faults[2]!.caught).toBe(1);
  });

  test("a large gradient: entries that are not sampled are tried too", () => {
    const n = 400;
    const big = Float64Array.from({ length: n }, (_, i) => 1 + Math.sin(i) / 2);
    const cubes = (v: Float64Array): number => {
      let sum = 0;
      for (let i = 0; i < n; i++) sum += v[i]! * v[i]! * v[i]!;
      return sum;
    };
    const power = detectionPower(cubes, (v) => v.map((w) => 3 * w * w), big, { maxEntries: 300, sampledEntries: 16 });
    const tried = power.thresholds.length;
    expect(tried).toBeGreaterThan(16);
    expect(power.faults[0]).toMatchObject({ injected: tried, caught: tried });
    expect(power.report.calls.f).toBeLessThan(12 * (16 + 8));
  });

  test("no cost beyond a check but where a threshold is sought; a wrong gradient has no power", async () => {
    expect(() => detectionPower(Math.sin, Math.sin, 1)).toThrow(GradientError);
    const power = await detectionPower(
      async (v: number) => v * v,
      (v) => 2 * v,
      3,
    );
    expect(power.faults[0]!.caught).toBe(1);
    const flat = detectionPower(
      () => 3,
      () => [0],
      [1],
    );
    expect(flat.faults.map(({ injected }) => injected)).toEqual([0, 0, 0, 0]);
    expect(flat.relative).toBeNaN();
    expect(flat.absolute).toBeGreaterThan(0);
  });
});
