import { describe, expect, test } from "vitest";
import {
  checkGradient,
  checkHessian,
  checkHvp,
  checkJvp,
  checkVjp,
  type GradientReport,
  gradcheck,
  gradgradcheck,
} from "../../src/gradcheck/index.ts";
import {
  add,
  apply,
  cos,
  div,
  exp,
  layerNorm,
  log,
  mean,
  mul,
  type Op,
  sin,
  softmax,
  sub,
  sum,
  type Tensor,
  tensor,
} from "../../src/index.ts";
import { Random } from "./random.ts";

const seeds = Array.from({ length: 40 }, (_, k) => k + 1);
const leaf = (data: ArrayLike<number>): Tensor =>
  tensor(Float64Array.from(data), { dtype: "float64", requiresGrad: true });
const rows = (data: Float64Array): Tensor =>
  tensor([[...data.subarray(0, 3)], [...data.subarray(3, 6)]], { dtype: "float64", requiresGrad: true });

/** The reports that fail, as text, over points that a name and seeds draw. */
const failures = (name: string, n: number, check: (x: Float64Array) => GradientReport): string[] =>
  seeds.map((seed) => check(new Random(seed, name).vector(n))).flatMap((report) => (report.ok ? [] : [String(report)]));

describe("derivatives that are 0 to rounding", () => {
  const sums: [string, (x: Tensor) => Tensor, typeof leaf][] = [
    ["the sum of a softmax", (x) => sum(softmax(x, 0)), leaf],
    ["row sums of a softmax", (x) => sum(softmax(x, 1), 1), rows as typeof leaf],
    ["x / x", (x) => div(x, x), leaf],
    ["sin² + cos²", (x) => add(mul(sin(x), sin(x)), mul(cos(x), cos(x))), leaf],
    ["log exp x − x", (x) => sub(log(exp(x)), x), leaf],
    ["the sum of a layer norm", (x) => sum(layerNorm(x, [x.shape[0]!])), leaf],
    ["the sum of x − mean x", (x) => sum(sub(x, mean(x))), leaf],
  ];

  test.each(sums)("%s: gradients", (name, f, of) => {
    expect(failures(name, 6, (x) => gradcheck(f, [of(x)]))).toEqual([]);
  });

  test.each(sums)("%s: second derivatives", (name, f, of) => {
    expect(failures(name, 6, (x) => gradgradcheck(f, [of(x)]))).toEqual([]);
  });

  test("second derivatives of x / x where 1/x is large, and so are its roundings", () => {
    const f = (x: Tensor): Tensor => div(x, x);
    const reports = [1, 2, 3].map((seed) => {
      const x = new Random(seed, "small").vector(20);
      for (const [i, own] of [-0.0055187, 0.00958982, -0.00619684].entries()) x[i + seed] = own;
      return gradgradcheck(f, [leaf(x)]);
    });
    expect(reports.filter(({ ok }) => !ok).map(String)).toEqual([]);
  });

  test("a second derivative that is lost is caught where the gradient is 0", () => {
    const firstOnly: Op = {
      name: "firstOnly",
      shape: ([x]) => x.shape,
      forward: (out, [x]) => {
        for (let i = 0; i < out.length; i++) out[i] = Math.sin(x.values[i]!);
      },
      vjp: [({ g, x }) => mul(g, cos(x.detach()))],
    };
    const one = (x: Tensor): Tensor => {
      const s = apply(firstOnly, [x], undefined);
      return add(mul(s, s), mul(cos(x), cos(x)));
    };
    for (const seed of seeds.slice(0, 10)) {
      const x = new Random(seed, "lost").vector(4);
      expect(gradcheck(one, [leaf(x)]).ok).toBe(true);
      expect(gradgradcheck(one, [leaf(x)]).ok).toBe(false);
    }
  });

  const probabilities = (x: number[]): number[] => {
    const total = x.reduce((all, v) => all + Math.exp(v), 0);
    return x.map((v) => Math.exp(v) / total);
  };
  const total = (x: number[]): number => probabilities(x).reduce((all, p) => all + p, 0);
  const jvp = (x: number[], v: number[]): number => {
    const p = probabilities(x);
    const mean = p.reduce((all, own, i) => all + own * v[i]!, 0);
    return p.reduce((all, own, i) => all + own * (v[i]! - mean), 0);
  };
  const vjp = (x: number[], u: number): number[] => {
    const p = probabilities(x);
    const mean = p.reduce((all, own) => all + own * u, 0);
    return p.map((own) => own * (u - mean));
  };

  test("jvp and vjp of the sum of a softmax, and one beside the other", () => {
    expect(failures("jvp", 5, (x) => checkJvp(total, jvp, [...x], { vjp }))).toEqual([]);
    expect(failures("vjp", 5, (x) => checkVjp(total, vjp, [...x], { jvp }))).toEqual([]);
  });

  test("a Hessian that is 0 to rounding need not be symmetric to the last bit", () => {
    const noise = (x: number[]): number[][] => x.map((_, i) => x.map((_, j) => 1e-17 * Math.sin(1 + i + 3 * j)));
    expect(failures("hessian", 4, (x) => checkHessian(total, noise, [...x]))).toEqual([]);
    const product = (x: number[], v: number[]): number[] =>
      noise(x).map((row) => row.reduce((all, own, j) => all + own * v[j]!, 0));
    expect(failures("hvp", 4, (x) => checkHvp(total, product, [...x]))).toEqual([]);
    const lopsided = checkHessian(total, (x) => noise(x).map((row, i) => row.map((own) => own + 1e-9 * i)), [1, 2, 3]);
    expect(lopsided.problems.join()).toContain("not symmetric");
  });
});

describe("a gradient of 0 is decided", () => {
  test("a Hessian of x⁴ + y⁴ at 0", () => {
    const f = ([x, y]: number[]): number => x! ** 4 + y! ** 4;
    const hessian = ([x, y]: number[]): number[][] => [
      [12 * x! ** 2, 0],
      [0, 12 * y! ** 2],
    ];
    expect(checkHessian(f, hessian, [0, 0]).ok).toBe(true);
    expect(
      checkHessian(
        f,
        () => [
          [1e-3, 0],
          [0, 0],
        ],
        [0, 0],
      ).ok,
    ).toBe(false);
  });

  test("ln Γ at its minimum, with a gradient that is a few roundings off 0", () => {
    // ln Γ(x) by Stirling's series at x + 8, and the recurrence.
    const shifts = [0, 1, 2, 3, 4, 5, 6, 7];
    const logGamma = (x: number): number => {
      const y = x + 8;
      const series =
        1 / (12 * y) - 1 / (360 * y ** 3) + 1 / (1260 * y ** 5) - 1 / (1680 * y ** 7) + 1 / (1188 * y ** 9);
      const product = shifts.reduce((all, k) => all * (x + k), 1);
      return (y - 0.5) * Math.log(y) - y + 0.5 * Math.log(2 * Math.PI) + series - Math.log(product);
    };
    const minimum = 1.4616321449683622;
    for (const slope of [0, 1e-16, -1.5e-13]) expect(checkGradient(logGamma, () => slope, minimum).ok).toBe(true);
    for (const slope of [1e-9, -1e-6]) expect(checkGradient(logGamma, () => slope, minimum).ok).toBe(false);
  });

  test("where a choice is left to you, the hint names an atol", () => {
    const rough = (x: number): number => (x - 1) ** 2 + 1e-7 * Math.sin(1e12 * x);
    const report = checkGradient(rough, () => 0, 1);
    expect(report.ok).toBe(false);
    const [, atol] = /with an atol of ([\d.e-]+) the error bars would allow a pass/.exec(report.hints.join())!;
    expect(checkGradient(rough, () => 0, 1, { atol: Number(atol) }).ok).toBe(true);
  });
});

describe("a constant beside f", () => {
  test("1e10 + Σx: wider steps settle it", () => {
    const f = (x: number[]): number => 1e10 + x.reduce((all, v) => all + v, 0);
    expect(checkGradient(f, (x) => x.map(() => 1), [1, 2, -0.5]).ok).toBe(true);
    expect(checkGradient(f, (x) => x.map((_, i) => (i === 1 ? 1.00001 : 1)), [1, 2, -0.5]).counts.mismatch).toBe(1);
  });

  test("steps do not grow where f is not smooth", () => {
    let farthest = 0;
    const f = (x: number): number => {
      farthest = Math.max(farthest, Math.abs(x));
      return 1e10 + Math.sin(x);
    };
    expect(checkGradient(f, Math.cos, 1).ok).toBe(false);
    expect(farthest).toBeLessThan(40);
  });

  test("1e18 + x²: a check that tested nothing says so", () => {
    const report = checkGradient(
      (x) => 1e18 + x * x,
      (x) => -17 * x,
      3,
    );
    expect(report.summary).toBe("nothing was tested: f does not move near x");
    expect(String(report)).not.toContain("agree");
    expect(report.counts).toMatchObject({ flat: 1, pass: 0 });
  });
});
