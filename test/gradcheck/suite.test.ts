import { describe, expect, expectTypeOf, test } from "vitest";
import { assertSuite, checkSuite, checkSuiteAsync, GradientError } from "../../src/gradcheck/index.ts";
import { exp, mul, sin, tensor } from "../../src/index.ts";

const leaf = (data: number[]) => tensor(data, { dtype: "float64", requiresGrad: true });

describe("checkSuite", () => {
  test("checks each derivative of each row, in its own form", () => {
    const report = checkSuite([
      {
        name: "square",
        f: (x) => x[0]! ** 2,
        gradient: (x) => [2 * x[0]!],
        hessian: () => [[2]],
        hvp: (_, v) => [2 * v[0]!],
        x: [3],
      },
      {
        name: "record",
        f: ({ w, b }) => w[0]! * b,
        gradient: ({ w, b }) => ({ w: [b], b: w[0]! }),
        x: { w: [3], b: 2 },
      },
      {
        name: "exp",
        f: (x) => x.map(Math.exp),
        jacobian: (x) => [Math.exp(x[0]!)],
        vjp: (x, u: number[]) => [Math.exp(x[0]!) * u[0]!],
        jvp: (x, v) => [Math.exp(x[0]!) * v[0]!],
        x: [1],
      },
      { name: "sin", fn: sin, inputs: [leaf([1, 2])] },
      { name: "mul", fn: mul, inputs: [leaf([1, 2]), leaf([3])], order: 1 },
    ]);
    expect(report.failed).toEqual([]);
    expect(report.results.map(({ name, report: { check } }) => `${name} ${check}`)).toEqual([
      "square checkGradient",
      "square checkHessian",
      "square checkHvp",
      "record checkGradient",
      "exp checkJacobian",
      "exp checkVjp",
      "exp checkJvp",
      "sin gradcheck",
      "sin gradgradcheck",
      "mul gradcheck",
    ]);
    expect(report.counts.mismatch).toBe(0);
    expect(String(report)).toMatch(/^checkSuite: ok, 10 checks\n {2}ok {5}square, checkGradient: 1 of 1 entries agree/);
  });

  test("one wrong row does not keep the others from being checked", () => {
    const rows = [
      { name: "wrong", f: Math.sin, gradient: Math.sin, x: 1 },
      { name: "right", f: Math.sin, gradient: Math.cos, x: 1 },
    ] as const;
    const report = checkSuite(rows);
    expect(report.ok).toBe(false);
    expect(report.failed.map(({ name }) => name)).toEqual(["wrong"]);
    expect(report.counts).toMatchObject({ pass: 1, mismatch: 1 });
    const text = String(report);
    expect(text).toContain("checkSuite: FAILED, 1 of 2 checks\n  FAILED wrong, checkGradient: 1 of 1 entries wrong");
    expect(text).toContain("\n\nwrong, checkGradient: FAILED");
    expect(JSON.parse(JSON.stringify(report))).toMatchObject({
      ok: false,
      results: [{ name: "wrong" }, { name: "right" }],
    });
    expect(() => assertSuite(rows)).toThrow(GradientError);
    expect(() => assertSuite(rows)).toThrow("wrong, checkGradient: FAILED");
    expect(() => assertSuite([rows[1]])).not.toThrow();
  });

  test("options of the suite, and of a row over them", () => {
    const loose = { name: "loose", f: Math.sin, gradient: (x: number) => 1.01 * Math.cos(x), x: 1 };
    expect(checkSuite([loose], { rtol: 0.1 }).ok).toBe(true);
    expect(checkSuite([{ ...loose, options: { rtol: 1e-3 } }], { rtol: 0.1 }).ok).toBe(false);
  });

  test("a vjp beside a jvp is held against it", () => {
    const vjp = (x: number[], u: number[]): number[] => x.map((v, i) => 2 * v * u[i]!);
    const row = { name: "square", f: (x: number[]) => x.map((v) => v * v), vjp, x: [1, 2] };
    expect(checkSuite([{ ...row, jvp: vjp }]).ok).toBe(true);
    const { failed } = checkSuite([{ ...row, jvp: (x: number[], v: number[]) => vjp(x, v).map((w) => -w) }]);
    expect(failed[0]!.report.problems[0]).toContain("jvp and vjp disagree");
  });

  test("what is no table is refused", () => {
    expect(() => checkSuite(3 as never)).toThrow("rows must be an array");
    expect(() => checkSuite([{ f: Math.sin, gradient: Math.cos, x: 1 }] as never)).toThrow(
      "each row must have a name, got undefined in row 0",
    );
    expect(() => checkSuite([{ name: "a", f: Math.sin, x: 1 }])).toThrow(
      "must have one of gradient, jacobian, vjp, jvp, hessian, hvp",
    );
    expect(() => checkSuite([])).toThrow("rows must be an array that is not empty");
  });

  test("functions that return promises", async () => {
    const rows = [{ name: "slow", f: async (x: number) => x * x, gradient: async (x: number) => 2 * x, x: 3 }] as const;
    expect(() => checkSuite(rows)).toThrow("use checkSuiteAsync");
    expect((await checkSuiteAsync(rows)).ok).toBe(true);
    expect((await checkSuiteAsync([{ name: "exp", fn: exp, inputs: [leaf([1])] }])).results).toHaveLength(2);
  });

  test("types follow each row's own x", () => {
    checkSuite([
      {
        name: "types",
        f: (x) => {
          expectTypeOf(x).toEqualTypeOf<{ a: number }>();
          return x.a;
        },
        gradient: () => ({ a: 1 }),
        x: { a: 1 },
      },
    ]);
    // @ts-expect-error: a gradient is in the form of x
    checkSuite([{ name: "types", f: (x) => x.a, gradient: () => ({ b: 1 }), x: { a: 1 } }]);
  });
});
