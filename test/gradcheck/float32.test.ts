import { describe, expect, test } from "vitest";
import { type CheckOptions, checkGradient, checkHessian, type GradientReport } from "../../src/gradcheck/index.ts";
import { crossEntropy, layerNorm, mse, reshape, type Tensor, tensor } from "../../src/index.ts";
import { Random } from "./random.ts";

/** A network of three inputs and four units, with a loss in float64; `store` and `compute` round what it keeps, and what it works out. */
function network(random: Random, store: (v: number) => number, compute: (v: number) => number) {
  const [n, h] = [3, 4];
  const inputs = Array.from({ length: 5 }, () => random.vector(n, -1, 1));
  const targets = random.vector(5, -1, 1);
  const loss = (parameters: ArrayLike<number>): number => {
    const w = Array.from(parameters, store);
    const squares = inputs.map((x, k) => {
      let y = 0;
      for (let j = 0; j < h; j++) {
        let a = w[n * h + j]!;
        for (let i = 0; i < n; i++) a = compute(a + compute(w[j * n + i]! * x[i]!));
        y = compute(y + compute(compute(Math.tanh(a)) * w[n * h + h + j]!));
      }
      return (y - targets[k]!) ** 2;
    });
    return squares.reduce((all, v) => all + v, 0) / 5;
  };
  const gradient = (w: ArrayLike<number>): number[] => {
    const g = Array.from(w, () => 0);
    for (const [k, x] of inputs.entries()) {
      const a = Array.from({ length: h }, (_, j) => x.reduce((sum, v, i) => sum + w[j * n + i]! * v, w[n * h + j]!));
      const y = a.reduce((sum, v, j) => sum + Math.tanh(v) * w[n * h + h + j]!, 0);
      const dy = (2 * (y - targets[k]!)) / 5;
      for (const [j, v] of a.entries()) {
        g[n * h + h + j]! += dy * Math.tanh(v);
        const da = dy * w[n * h + h + j]! * (1 - Math.tanh(v) ** 2);
        g[n * h + j]! += da;
        for (let i = 0; i < n; i++) g[j * n + i]! += da * x[i]!;
      }
    }
    return g;
  };
  return { loss, gradient, w: [...random.vector(n * h + 2 * h, -1.5, 1.5)] };
}

const exact = (v: number): number => v;
const check = (seed: number, store = exact, compute = exact, options: CheckOptions<number[]> = {}): GradientReport => {
  const { loss, gradient, w } = network(new Random(seed, "float32"), store, compute);
  return checkGradient(loss, gradient, w, options);
};
const seeds = Array.from({ length: 100 }, (_, k) => k + 1);

describe("float32 inside, and a loss in float64", () => {
  test("weights in float32 are recognised, and right gradients pass", () => {
    for (const compute of [exact, Math.fround]) {
      const reports = seeds.map((seed) => check(seed, Math.fround, compute));
      expect(reports.filter(({ precision }) => precision !== "float32")).toEqual([]);
      expect(reports.filter(({ ok }) => !ok).map(String)).toEqual([]);
    }
  });

  test("of activations in float32 alone, the hint says what to set", () => {
    const reports = seeds.map((seed) => check(seed, exact, Math.fround));
    expect(reports.filter(({ counts }) => counts.mismatch > 0).map(String)).toEqual([]);
    for (const { ok, hints } of reports) expect(ok || hints.join().includes('set precision: "float32"')).toBe(true);
    const told = seeds.map((seed) => check(seed, exact, Math.fround, { precision: "float32" }));
    expect(told.filter(({ ok }) => !ok).map(String)).toEqual([]);
  });

  test("a wrong entry is caught", () => {
    for (const seed of [1, 2, 3]) {
      const { loss, gradient, w } = network(new Random(seed, "float32"), Math.fround, Math.fround);
      const wrong = (at: number[]): number[] => gradient(at).map((g, i) => (i === 17 ? -g : g));
      const report = checkGradient(loss, wrong, w);
      expect(report.worst[0]).toMatchObject({ verdict: "mismatch", label: "x[17]" });
    }
  });

  test("float64 is not taken for it, nor results that are rounded to a decimal place", () => {
    expect(check(1).precision).toBe("float64");
    expect(
      checkGradient(
        ([x]) => Number(Math.sin(x!).toFixed(7)),
        ([x]) => [Math.cos(x!)],
        [1],
      ).precision,
    ).toBe("float64");
    // Roundings of float64 have few bits, and would fit into a float32.
    const zero = (x: number[]): number =>
      x.reduce((all, v) => all + v - x.reduce((sum, w) => sum + w, 0) / x.length, 0);
    expect(checkGradient(zero, (x) => x.map(() => 0), [0.3, 0.7, 1.9]).precision).toBe("float64");
  });

  test("a value that stands still, with the bits of a float32", () => {
    const report = checkGradient(
      (x) => Math.fround(Math.tanh(x)),
      (x) => 1 / Math.cosh(x) ** 2,
      8,
    );
    expect(report.precision).toBe("float32");
    expect(report.ok).toBe(true);
  });
});

describe("what looks like float32 and may be large numbers that cancel in float64", () => {
  const of = (x: number): number => x + 1e10 - 1e10;

  test.each([3, 0.3])("(x + 1e10) − 1e10 at %d: the report says what it goes by, and what to set", (x) => {
    const report = checkGradient(of, () => 1, x);
    expect(report.ok).toBe(true);
    expect(String(report)).toContain(
      "f returns numbers that fit into float32, so steps and tolerances are those of float32",
    );
    expect(String(report)).toContain(
      'if f computes in float64 and large numbers cancel in it, set precision: "float64"',
    );
    expect(String(report)).not.toContain("f computes in float32:");
  });

  test("a precision that is stated is taken", () => {
    const report = checkGradient(of, () => 1, 3, { precision: "float64" });
    expect(report.precision).toBe("float64");
    expect(report.counts.mismatch).toBe(0);
    const off = checkGradient(of, () => 1.0005, 3, { precision: "float64" });
    expect(off.ok).toBe(false);
    const input = checkGradient(
      (x: number) => Math.exp(Math.sin(Math.fround(x))),
      (x) => Math.exp(Math.sin(x)) * Math.cos(x),
      0.7,
      { precision: "float64" },
    );
    expect(input.precision).toBe("float64");
    expect(input.counts.mismatch).toBe(0);
  });

  test("a Float32Array, and a precision that is stated, are named without a doubt", () => {
    const cube = (x: ArrayLike<number>): number => Math.fround(x[0]! ** 3);
    const slope = (x: ArrayLike<number>): number[] => [3 * x[0]! ** 2];
    for (const report of [
      checkGradient(cube, slope, Float32Array.of(1.3)),
      checkGradient(cube, slope, [1.3], { precision: "float32" }),
    ]) {
      expect(String(report)).toContain("f computes in float32: steps and tolerances follow");
    }
    const input = checkGradient(
      (x: number) => Math.exp(Math.sin(Math.fround(x))),
      (x) => Math.exp(Math.sin(x)) * Math.cos(x),
      0.7,
    );
    expect(String(input)).toContain("f rounds its input to float32: steps and tolerances follow");
  });
});

describe("right gradients of float32 functions, at random points", () => {
  test("fail at most once in a thousand", () => {
    const failed = Array.from({ length: 1000 }, (_, k) => {
      const { loss, gradient, w } = network(new Random(k + 1, "all float32"), Math.fround, Math.fround);
      return checkGradient((x: Float32Array) => Math.fround(loss(x)), gradient, Float32Array.from(w));
    }).filter(({ ok }) => !ok);
    expect(failed.map(String).slice(1)).toEqual([]);
  });
});

describe("losses of 300 inputs, all of it in float32", () => {
  const n = 300;
  const numbers = (random: Random): Float32Array => Float32Array.from(random.vector(n));
  const losses: Record<string, (random: Random) => (x: Tensor) => Tensor> = {
    "a layer norm's squares": (random) => {
      const target = tensor(numbers(random));
      return (x) => mse(layerNorm(x, [n]), target);
    },
    "cross-entropy of one row": (random) => {
      const label = tensor(Int32Array.of(random.int(0, n - 1)));
      return (x) => crossEntropy(reshape(x, [1, n]), label);
    },
  };

  describe.each(Object.entries(losses))("%s", (name, of) => {
    const trials = [1, 2, 3].map((seed) => {
      const random = new Random(seed, name);
      const loss = of(random);
      const f = (x: Float32Array): number => loss(tensor(x)).item();
      const gradient = (x: Float32Array): Float32Array => {
        const leaf = tensor(x, { requiresGrad: true });
        loss(leaf).backward();
        return leaf.grad!.data as Float32Array;
      };
      return { f, gradient, x: numbers(random) };
    });

    test("what rounding leaves open in one estimate is decided by many", () => {
      expect(trials.map(({ f, gradient, x }) => checkGradient(f, gradient, x)).filter(({ ok }) => !ok)).toEqual([]);
    });

    test("an error of a hundredth is caught in an entry that is a third of the largest, or more", () => {
      for (const { f, gradient, x } of trials) {
        const right = gradient(x);
        const most = right.reduce((largest, g) => Math.max(largest, Math.abs(g)), 0);
        const mattering = [...right.keys()].filter((i) => Math.abs(right[i]!) >= most / 3).slice(0, 5);
        for (const i of mattering) {
          const wrong = (at: Float32Array): Float32Array => gradient(at).map((g, k) => (k === i ? 1.01 * g : g));
          expect(checkGradient(f, wrong, x, { only: [`x[${i}]`] }).ok).toBe(false);
        }
      }
    });
  });
});

describe("sums of hundreds of terms in float32", () => {
  const sigmoid = (a: number): number => 1 / (1 + Math.exp(-a));
  const cubic = (a: number): number => Math.sqrt(2 / Math.PI) * (a + 0.044715 * a ** 3);
  const terms: [name: string, count: number, of: (a: number) => number, slope: (a: number) => number][] = [
    ["swish", 300, (a) => a * Math.fround(sigmoid(a)), (a) => sigmoid(a) * (1 + a * sigmoid(-a))],
    ["softplus", 500, (a) => Math.log1p(Math.exp(a)), sigmoid],
    [
      "gelu",
      200,
      (a) => (a / 2) * (1 + Math.tanh(cubic(a))),
      (a) => {
        const t = Math.tanh(cubic(a));
        return (1 + t) / 2 + (a / 2) * (1 - t * t) * Math.sqrt(2 / Math.PI) * (1 + 3 * 0.044715 * a * a);
      },
    ],
    ["cube", 300, (a) => Math.fround(a * a) * a, (a) => 3 * a * a],
  ];

  describe.each(terms)("of %s", (_, count, of, slope) => {
    const x = Float32Array.from({ length: count }, (_, i) => Math.sin(i * 1.7) * 2 + Math.cos(i * 0.37));
    const f = (v: Float32Array): number => v.reduce((sum, a) => Math.fround(sum + Math.fround(of(a))), 0);

    test("a right gradient passes", () => {
      const report = checkGradient(f, (v) => v.map(slope), x);
      expect(report.ok, String(report)).toBe(true);
    });

    test.each([-1, 2, 0])("times %d, it is called wrong where it matters, and no tolerance is proposed", (factor) => {
      const report = checkGradient(f, (v) => v.map((a) => factor * slope(a)), x);
      const effects = [...x].map((a) => Math.abs(a * slope(a)));
      const least = Math.max(...effects) / 10;
      const mattering = report.entries.filter(({ entry }) => effects[entry]! >= least);
      expect(mattering.filter(({ verdict }) => verdict !== "mismatch")).toEqual([]);
      expect(report.hints.join()).not.toContain("would allow a pass");
    });
  });

  test("noise that is like float32's is seen through, too, and results that are no float32", () => {
    const x = Array.from({ length: 300 }, (_, i) => Math.sin(i * 1.7) * 1.3);
    const sum = (v: number[]): number =>
      v.reduce((all, a) => Math.fround(all + Math.fround(Math.fround(a * a) * a)), 0);
    const minus = checkGradient(
      (v) => sum(v) / 900 + 1e-10 * v[0]!,
      (v) => v.map((a) => (-a * a) / 300),
      x,
    );
    expect(minus.precision).toBe("float64");
    expect(minus.counts.mismatch).toBeGreaterThan(290);
    const rounded = checkGradient(
      (v) => Math.fround(sum(v) / 300),
      (v) => v.map((a) => (-3 * a * a) / 300),
      x,
    );
    expect(rounded.precision).toBe("float32");
    expect(rounded.counts.mismatch).toBeGreaterThan(290);
  });

  test("the mean of a layer norm's cubes, times −1, 2 and 1.01", () => {
    const x = Float32Array.from({ length: 300 }, (_, i) => Math.sin(i * 1.7) * 1.3);
    const loss = (v: Tensor): Tensor => layerNorm(v, [300]).pow(3).mean();
    const gradient = (v: Float32Array): Float32Array => {
      const leaf = tensor(v, { requiresGrad: true });
      loss(leaf).backward();
      return leaf.grad!.data as Float32Array;
    };
    const only = Array.from({ length: 30 }, (_, k) => `x[${10 * k}]`);
    for (const factor of [1, -1, 2, 1.01]) {
      const wrong = (v: Float32Array): Float32Array => gradient(v).map((g) => factor * g);
      const { counts } = checkGradient((v: Float32Array) => loss(tensor(v)).item(), wrong, x, { only });
      if (factor === 1) expect(counts.pass).toBe(30);
      else expect(counts.mismatch).toBeGreaterThan(factor === 1.01 ? 25 : 28);
    }
  });
});

describe("what a report says", () => {
  test("ulp counts units of the precision", () => {
    const x = new Float32Array([1.5]);
    const [entry] = checkGradient(
      ([v]) => Math.fround(v! * v!),
      () => [6],
      x,
    ).entries;
    expect(entry!.ulps).toBeCloseTo(3 / 2 ** (2 - 23), -3);
    const [double] = checkGradient(
      ([v]) => v! * v!,
      () => [6],
      [1.5],
    ).entries;
    expect(double!.ulps).toBeCloseTo(3 / 2 ** (2 - 52), -12);
    const [second] = checkHessian(
      (v) => v[0]! ** 2,
      () => [4],
      [1.5],
    ).entries;
    expect(second!.ulps).toBeCloseTo(2 / 2 ** (2 - 52), -12);
  });

  test("a random direction that is noisy is not called wrong", () => {
    const rough = (x: number[]): number => x.reduce((all, v) => all + v, 0) + 1e-4 * Math.sin(1e12 * x[0]!);
    const report = checkGradient(rough, (x) => x.map(() => 1), [1, 2, 3], { maxEntries: 2, sampledEntries: 0 });
    expect(report.ok).toBe(false);
    expect(report.summary).toBe("8 of 8 random directions cannot be decided");
    const wrong = checkGradient(
      (x: number[]) => x[0]! + x[1]!,
      () => [1, 2],
      [1, 2],
      { maxEntries: 1, sampledEntries: 0 },
    );
    expect(wrong.directions.some(({ verdict }) => verdict === "mismatch")).toBe(true);
  });
});

test("what f is rounded by far from x is no jump that excuses a wrong gradient", () => {
  const F = Math.fround;
  const squares = (x: Float32Array): number => x.reduce((all, v) => F(all + F(F(v) * F(v))), 0);
  // The noise of what is added up is that of the largest squares, of which small inputs show little.
  for (const [size, least] of [
    [1, 30],
    [0.01, 30],
    [0.001, 28],
  ] as const) {
    // biome-ignore format: a table
    const x = Float32Array.from({ length: 30 }, (_, i) => size * Math.sin(1 + i * i));
    const { counts, ok } = checkGradient(squares, (v) => v.map((a) => -2 * a), x);
    expect([ok, counts.mismatch >= least], `${counts.mismatch} of inputs of ${size}`).toEqual([false, true]);
    expect(checkGradient(squares, (v) => v.map((a) => 2 * a), x).ok).toBe(true);
    for (const factor of size < 0.01 ? [0, 0.5] : [0, 0.5, 1.01]) {
      const largest = x.reduce((at, v, i) => (Math.abs(v) > Math.abs(x[at]!) ? i : at), 0);
      const wrong = (v: Float32Array) => v.map((a, i) => 2 * a * (i === largest ? factor : 1));
      expect(checkGradient(squares, wrong, x).entries[largest]!.verdict, `${factor} at ${size}`).toBe("mismatch");
    }
  }
});
