import { describe, expect, test } from "vitest";
import { checkGradient, checkJacobian, type GradientReport, gradcheck } from "../../src/gradcheck/index.ts";
import { crossEntropy, logSoftmax, type Tensor, tensor } from "../../src/index.ts";

const at = (x: number, f: (x: number) => number, slope: (x: number) => number, options = {}): GradientReport =>
  checkGradient(f, slope, x, options);
const leaf = (data: number[] | number[][]): Tensor => tensor(data, { dtype: "float64", requiresGrad: true });

describe("where something inside f has rounded the change away, a right gradient is flat and not wrong", () => {
  test("the logarithm of a sigmoid, at 40", () => {
    const report = at(
      40,
      (x) => -Math.log(1 / (1 + Math.exp(-x))),
      (x) => -1 / (1 + Math.exp(x)),
    );
    expect(report.counts).toMatchObject({ flat: 1, mismatch: 0 });
    expect(report.ok).toBe(true);
    expect(report.summary).toBe("nothing was tested: f does not move near x");
  });

  test.each([36, 37, 40, 50, 200])("cross-entropy with the true class %d ahead", (ahead) => {
    const logits = leaf([[ahead, 0.3, -1]]);
    const report = gradcheck((x) => crossEntropy(x, tensor([0], { dtype: "int32" })), [logits]);
    expect(report.counts.mismatch).toBe(0);
    expect(report.entries.every(({ ok }) => ok)).toBe(true);
  });

  test("logSoftmax of [40, 0.3]", () => {
    const report = gradcheck((x) => logSoftmax(x, 0), [leaf([40, 0.3])]);
    expect(report.counts).toMatchObject({ pass: 3, flat: 1 });
    expect(report.ok).toBe(true);
    expect(report.summary).toBe("3 of 4 entries agree; in 1 nothing was tested, since f does not move");
  });

  test("log(1 − tanh²) at 18 cannot be decided: f should move by far more than what rounds inside", () => {
    const report = at(
      18,
      (x) => Math.log(1 - Math.tanh(x) ** 2),
      (x) => -2 * Math.tanh(x),
    );
    expect(report.counts).toMatchObject({ flat: 1, mismatch: 0 });
    expect(report.ok).toBe(false);
    expect(report.summary).toBe("1 of 1 entries cannot be decided");
  });

  test("tanh in float32 at 8", () => {
    const inside = at(
      8,
      (x) => Math.fround(Math.tanh(x)),
      (x) => 1 / Math.cosh(x) ** 2,
    );
    expect(inside.counts.mismatch).toBe(0);
    const outside = checkGradient(
      ([x]) => Math.fround(Math.tanh(x!)),
      ([x]) => [1 / Math.cosh(x!) ** 2],
      new Float32Array([8]),
    );
    expect(outside.counts.mismatch).toBe(0);
  });

  test("log(1 + e^−x) at 36", () => {
    const report = at(
      36,
      (x) => Math.log(1 + Math.exp(-x)),
      (x) => -1 / (1 + Math.exp(x)),
    );
    expect(report.counts).toMatchObject({ flat: 1, mismatch: 0 });
    expect(report.ok).toBe(true);
  });

  test("1e4·x / (x + x), with a gradient that rounding made, or 0", () => {
    for (const slope of [0, 1.1e-13, -2e-13]) {
      const report = at(
        3,
        (x) => (1e4 * x) / (x + x),
        () => slope,
      );
      expect(report.ok).toBe(true);
      expect(report.counts.flat).toBe(slope === 0 ? 0 : 1);
    }
  });
});

describe("what f should have shown is not excused", () => {
  const constant = (): number => 2;

  test("a gradient of something that stands still is flat, and fails, also where one is content with noise", () => {
    for (const slope of [1, 1e-3, -1e-12]) {
      const report = at(2.5, constant, () => slope);
      expect(report.counts.flat).toBe(1);
      expect(report.ok).toBe(false);
    }
    expect(at(2.5, constant, () => 1e-12, { inconclusive: "allow" }).ok).toBe(true);
    expect(at(2.5, constant, () => 1e-3, { inconclusive: "allow" }).ok).toBe(false);
    expect(at(2.5, constant, () => 0).counts.pass).toBe(1);
  });

  test("relu's gradient on its flat side", () => {
    for (const x of [-1e-5, -0.3, -20]) {
      const report = at(
        x,
        (v) => Math.max(0, v),
        () => 1,
        { inconclusive: "allow" },
      );
      expect(report.ok).toBe(false);
    }
  });

  test("0 for a term that is hidden under an offset, and a factor 2 on a slope of 1e-3", () => {
    expect(
      at(
        1,
        (x) => 1e9 + Math.sin(x),
        () => 0,
      ).counts.mismatch,
    ).toBe(1);
    expect(
      at(
        1,
        (x) => 1 + 1e-3 * x,
        () => 2e-3,
      ).counts.mismatch,
    ).toBe(1);
    expect(
      at(
        1,
        (x) => 5e3 + 1e-3 * x,
        () => 2e-3,
      ).counts.mismatch,
    ).toBe(1);
  });
});

describe("beside a large constant, a gradient of 0 is no better known than another one", () => {
  const claims = [0, 1e-9, 0.5];
  const zero = (f: (x: number) => number, x: number): GradientReport => at(x, f, () => 0);

  test.each([1, 3, 30])("1e14 and 1e15 + sin x at %d, which move by a few roundings, are undecided", (x) => {
    for (const offset of [1e14, 1e15, -1e15]) {
      for (const claim of claims) {
        const report = at(
          x,
          (v) => offset + Math.sin(v),
          () => claim,
        );
        expect(report.counts, String(report)).toMatchObject({ noisy: 1 });
        expect(report.ok).toBe(false);
        if (claim === 0)
          expect(String(report)).toMatch(/f is so large that it rounds away|f moves by little more than it rounds/);
      }
    }
  });

  test("of what does not move at all, the report says that nothing was tested", () => {
    for (const f of [(x: number) => 1e18 + x * x, (x: number) => 1e16 + Math.sin(x), () => 1e15]) {
      const report = zero(f, 3);
      expect(report.counts, String(report)).toMatchObject({ flat: 1 });
      expect(report.summary).toBe("nothing was tested: f does not move near x");
    }
  });

  test("in float32, and in other checks, too", () => {
    const small = checkGradient(
      ([x]: Float32Array) => Math.fround(3e6 + Math.sin(x!)),
      () => [0],
      Float32Array.of(1),
    );
    expect(small.counts, String(small)).toMatchObject({ pass: 0, mismatch: 0 });
    const row = checkJacobian(
      ([x]: number[]) => [x! ** 2, 1e15 + Math.sin(x!)],
      ([x]: number[]) => [[2 * x!], [0]],
      [1],
    );
    expect(row.counts, String(row)).toMatchObject({ pass: 1, noisy: 1 });
  });

  test("where f could show it, it passes: constants, unused inputs, and sums that are 0 but for rounding", () => {
    for (const value of [0, 2, -1e6, 1e10]) expect(zero(() => value, 2.5).counts.pass).toBe(1);
    const unused = checkGradient(
      ([x]) => 1e16 * x!,
      () => [1e16, 0],
      [3, 1],
    );
    expect(unused.counts).toMatchObject({ pass: 2 });
    const one = zero((x) => 1e4 * (Math.sin(x) ** 2 + Math.cos(x) ** 2), 3);
    expect(one.counts, String(one)).toMatchObject({ pass: 1 });
  });
});
