import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { compile } from "../../src/compile/index.ts";
import * as T from "../../src/index.ts";

// Values and gradients at the edges of what a dtype holds, eager and compiled.

const { NaN: nan, POSITIVE_INFINITY: inf } = Number;
type Data = Parameters<typeof T.tensor>[0];
type Fn = (x: T.Tensor) => T.Tensor;
const dtypes = ["float32", "float64"] as const;
type DType = (typeof dtypes)[number];

/** What f gives, and the gradient of its sum. */
interface Result {
  readonly y: number[];
  readonly g: number[];
}

function resultOf(f: Fn, data: Data, dtype: DType, isCompiled: boolean): Result {
  const x = T.tensor(data, { dtype, requiresGrad: true });
  const run = (): T.Tensor => {
    x.grad = null;
    const y = f(x);
    y.sum().backward();
    return y;
  };
  const y = isCompiled ? compile(run)() : run();
  return { y: Array.from(y.data, (v) => v + 0), g: Array.from(x.grad!.data, (v) => v + 0) };
}

/** @param size - of what rounds, where all that is wanted is 0. */
const near = (got: readonly number[], wanted: readonly number[], dtype: DType, what: string, size = 0.1): void => {
  const digits = dtype === "float32" ? 1e-5 : 1e-12;
  const most = wanted.reduce((m, v) => (Number.isFinite(v) ? Math.max(m, Math.abs(v)) : m), 0);
  wanted.forEach((w, i) => {
    const isSame = Object.is(got[i], w + 0) || Math.abs(got[i]! - w) <= digits * (most || size);
    if (!isSame) expect.fail(`${what}: ${got} instead of ${wanted}`);
  });
};

/** Fails unless values and gradients are right, eager and compiled. */
function holds(
  name: string,
  f: Fn,
  data: Data,
  y: number[],
  g: number[],
  only: readonly DType[] = dtypes,
  size = 0.1,
): void {
  for (const dtype of only) {
    for (const isCompiled of [false, true]) {
      test(`${name}, ${isCompiled ? "compiled" : "eager"}, ${dtype}`, () => {
        const got = resultOf(f, data, dtype, isCompiled);
        near(got.y, y, dtype, "values");
        near(got.g, g, dtype, "gradient", size);
      });
    }
  }
}

const rms = (s: number, dtype: DType): T.Tensor => T.tensor([1, 2], { dtype }).mul(s);

describe("spreads neither overflow nor underflow", () => {
  const [h, r] = [Math.SQRT1_2, Math.SQRT2];
  for (const [c, only] of [
    [1e20, dtypes],
    [1e-25, dtypes],
    [2e38, ["float32"]],
    [1e-35, ["float32"]],
    [1e180, ["float64"]],
    [1e-200, ["float64"]],
    [1.2e308, ["float64"]],
  ] as const) {
    // biome-ignore format: a table
    const wide = c * r;
    if (Number.isFinite(wide)) {
      holds(`std of ±${c}`, (x) => T.std(x), [c, -c], [wide], [h, -h], only);
      holds(`norm of ±${c}`, (x) => T.norm(x), [c, -c], [wide], [h, -h], only);
      holds(`norm 3 of ±${c}`, (x) => T.norm(x, 3), [c, -c], [c * 2 ** (1 / 3)], [2 ** (-2 / 3), -(2 ** (-2 / 3))], only); // biome-ignore format: one line
    }
    holds(`std of a population of ±${c}`, (x) => T.std(x, 0, { correction: 0 }), [c, -c], [c], [0.5, -0.5], only);
    holds(`mean of ${c}`, (x) => T.mean(x), [c, c], [c], [0.5, 0.5], only);
    holds(`mean over rows of ${c}`, (x) => T.mean(x, 0), [[c], [c]], [c], [0.5, 0.5], only);
    holds(`layerNorm of ±${c}`, (x) => T.layerNorm(x, 2, { eps: 0 }).mul(rms(1, x.dtype as DType)), [c, -c], [1, -2], [0, 0], only, 1 / c); // biome-ignore format: one line
    holds(`rmsNorm of ${c}`, (x) => T.rmsNorm(x, 2, { eps: 0 }), [c, c], [1, 1], [0, 0], only, 1 / c); // a difference of numbers of 1/c
  }

  holds("mean of more than the dtype's sum", (x) => T.mean(x), [3e38, 3e38, 3e38], [3e38], [1 / 3, 1 / 3, 1 / 3], ["float32"]); // biome-ignore format: one line
  holds("mean of float64's least", (x) => T.mean(x), [5e-324, 1e-323, 0], [5e-324], [1 / 3, 1 / 3, 1 / 3], ["float64"]); // biome-ignore format: one line
  holds("mean over rows of float64's least", (x) => T.mean(x, 0), [[5e-324, inf], [5e-324, 1]], [5e-324, inf], [0.5, 0.5, 0.5, 0.5], ["float64"]); // biome-ignore format: one line
  holds("mean of float64's largest", (x) => T.mean(x), [1.7e308, 1.7e308, -1.7e308], [1.7e308 / 3], [1 / 3, 1 / 3, 1 / 3], ["float64"]); // biome-ignore format: one line
  holds("variance of an outlier", (x) => T.variance(x, 0, { correction: 0 }), [3e19, 0, 0, 0], [9e38 * (3 / 16)], [1.125e19, -3.75e18, -3.75e18, -3.75e18], ["float32"]); // biome-ignore format: one line
  holds(
    "layerNorm with eps of small numbers",
    (x) => T.layerNorm(x, 2, { eps: 1e-30 }),
    [1e-15, -1e-15],
    [h, -h],
    [0, 0],
  );
  holds("groupNorm", (x) => T.groupNorm(x, 1, { eps: 0 }), [[1e30, -1e30]], [1, -1], [0, 0]);
  holds("layerNorm of equal numbers", (x) => T.layerNorm(x, 3), [0.1, 0.1, 0.1], [0, 0, 0], [0, 0, 0]);

  test.each(
    dtypes.flatMap((dtype) => (dtype === "float32" ? [1e25, 3e38, 1e-25] : [1e200, 1e-200]).map((c) => ({ dtype, c }))),
  )("cosineEmbedding of $c, $dtype", ({ dtype, c }) => {
    const [a, b] = [T.tensor([[c, 0]], { dtype, requiresGrad: true }), T.tensor([[c, c]], { dtype })];
    const loss = (): T.Tensor => T.cosineEmbedding(a, b, [1]);
    expect(loss().item()).toBeCloseTo(1 - h, 6);
    expect(compile(loss)().item()).toBeCloseTo(1 - h, 6);
    loss().backward();
    expect(a.grad!.data[1]! * c).toBeCloseTo(-h, 6);
  });

  test.each([false, true])("BatchNorm1d, compiled %s", (isCompiled) => {
    const layer = new T.BatchNorm1d(1);
    const x = T.tensor([[1e25], [-1e25]], { requiresGrad: true });
    const run = (): T.Tensor => layer.forward(x);
    expect((isCompiled ? compile(run) : run)().toArray()).toEqual([[1], [-1]]);
    layer.eval();
    // The running variance, 10⁵⁰, is no float32: NaN, and no silent 0.
    expect((isCompiled ? compile(run) : run)().toArray()).toEqual([[nan], [nan]]);
  });

  test("a length that the dtype does not hold has no gradient of 0", () => {
    for (const length of [(x: T.Tensor) => T.norm(x), (x: T.Tensor) => T.norm(x, 3)]) {
      const w = T.tensor([3e38, 3e38, 3e38], { requiresGrad: true });
      const y = length(w);
      y.backward();
      expect([y.item(), ...w.grad!.data]).toEqual([inf, nan, nan, nan]);
    }
  });

  test("clipGradNorm scales by factors that float32 does not hold", () => {
    const w = T.tensor([3e38, 3e38, 3e38, 3e38], { requiresGrad: true });
    w.grad = w.detach();
    T.clipGradNorm([w], 1e-6);
    for (const v of w.grad!.data) expect(v / 5e-7).toBeCloseTo(1, 5);
  });

  test("scalers", () => {
    const s = new T.MinMaxScaler(1).fit(T.tensor([[-1e308], [7e307]], { dtype: "float64" }));
    expect(s.forward(T.tensor([[-1e308], [7e307]], { dtype: "float64" })).toArray()).toEqual([[0], [1]]);
    const wild = new T.MinMaxScaler(1).fit([[1], [inf]]);
    expect(wild.forward([[1]]).toArray()).toEqual([[nan]]);
    const tiny = new T.StandardScaler(1).fit(T.tensor([[1e-200], [3e-200]], { dtype: "float64" }));
    near([...tiny.forward(T.tensor([[1e-200], [3e-200]], { dtype: "float64" })).data], [-1, 1], "float64", "scaled");
  });
});

describe("what is rarely asked for", () => {
  const e = Math.exp(0.5);
  holds("celu with a negative alpha", (x) => T.celu(x, -2), [1, -1, 0, inf], [1, 2 - 2 * e, 0, inf], [1, e, 1, 1]);
  holds("median −∞, of equals", (x) => T.median(x), [-inf, 2, -inf], [-inf], [0.5, 0, 0.5]);
  holds("median ∞, of equals", (x) => T.median(x), [inf, 2, inf], [inf], [0.5, 0, 0.5]);
  for (const p of [0.5, 1, 2, 2.5, 3])
    holds(`norm ${p} of nothing`, (x) => T.norm(x.reshape([0, 2]), p, 0), [], [0, 0], []);
  holds("polygamma of an even order at −0", (x) => T.polygamma(2, x), [-0, 0], [-inf, -inf], [inf, inf]);
  holds("powers round the exponent, too", (x) => T.pow(x, 1e-300), [0, 2], [1, 1], [nan, 0], ["float32"]);
});

describe("a large offset ruins nothing", () => {
  const c = 2 ** 24;
  const data = [c, c + 2, c + 4, c + 10]; // the mean, c + 4, is held; that of three of them is not
  const three = [c, c + 2, c + 8];
  const s3 = Math.sqrt((100 + 16 + 196) / 27);
  holds("mean", (x) => T.mean(x), data, [c + 4], [0.25, 0.25, 0.25, 0.25]);
  holds("layerNorm", (x) => T.layerNorm(x, 3, { eps: 0 }), three, [-10 / 3 / s3, -4 / 3 / s3, 14 / 3 / s3], [0, 0, 0]);
  holds("std", (x) => T.std(x, 0, { correction: 0 }), three, [s3], [-10 / 9 / s3, -4 / 9 / s3, 14 / 9 / s3]);

  test("BatchNorm1d", () => {
    const y = new T.BatchNorm1d(1, { eps: 0 }).forward(T.tensor(three.map((v) => [v])));
    near([...y.data], [-10 / 3 / s3, -4 / 3 / s3, 14 / 3 / s3], "float32", "values");
  });
});

describe("scale is no matter", () => {
  const entries = fc.array(fc.integer({ min: -64, max: 64 }), { minLength: 2, maxLength: 9 });
  const power = fc.integer({ min: -90, max: 90 });
  const times = (values: readonly number[], by: number): number[] => values.map((v) => v * by);

  test.each(dtypes)("std(c·x) = c·std(x), and norms; gradients are equal, %s", (dtype) => {
    const functions: Fn[] = [(x) => T.std(x), (x) => T.norm(x), (x) => T.norm(x, 3), (x) => T.norm(x, 0.5)];
    fc.assert(
      fc.property(entries, power, fc.constantFrom(...functions), fc.boolean(), (values, k, f, isCompiled) => {
        const c = 2 ** (dtype === "float64" ? k * 10 : k);
        const one = resultOf(f, values, dtype, isCompiled);
        const many = resultOf(f, times(values, c), dtype, isCompiled);
        near(many.y, times(one.y, c), dtype, "values");
        near(many.g, one.g, dtype, "gradient");
      }),
      { numRuns: 60 },
    );
  });

  test.each(dtypes)("layerNorm(c·x) = layerNorm(x), with gradients of 1/c, %s", (dtype) => {
    const f: Fn = (x) => T.layerNorm(x, x.shape, { eps: 0 }).mul(T.arange(x.size, { dtype: x.dtype as DType }));
    fc.assert(
      fc.property(entries, power, fc.boolean(), (values, k, isCompiled) => {
        fc.pre(new Set(values).size > 1);
        const c = 2 ** (dtype === "float64" ? k * 10 : k);
        const one = resultOf(f, values, dtype, isCompiled);
        const many = resultOf(f, times(values, c), dtype, isCompiled);
        near(many.y, one.y, dtype, "values");
        expect(many.g.map((v, i) => Math.abs(v * c - one.g[i]!) < 1e-3 * 64)).not.toContain(false);
      }),
      { numRuns: 60 },
    );
  });
});

describe("second derivatives at 0", () => {
  const second = (f: Fn, data: Data, along: number[]): number[] => {
    const x = T.tensor(data, { dtype: "float64", requiresGrad: true });
    const v = T.tensor(along, { dtype: "float64" });
    const run = (): T.Tensor[] => {
      const [g] = T.gradients(f(x), [x], { createGraph: true });
      return [g, ...T.gradients(g.mul(v).sum(), [x])];
    };
    const [eager, compiled] = [run, compile(run)].map((own) => own().map((y) => [...y.data]));
    expect(eager![0]).not.toContain(nan);
    expect(compiled).toEqual(eager);
    return eager![1]!;
  };

  test.each([
    ["norm(x)²", (x: T.Tensor) => T.norm(x).pow(2)],
    ["norm(x, 3)²", (x: T.Tensor) => T.norm(x, 3).pow(2)],
    ["std(x)²", (x: T.Tensor) => T.std(x).mul(T.std(x))],
  ])("of %s are NaN, and no silent 0", (_, f) => {
    expect(second(f, [0, 0], [1, 0])).toEqual([nan, nan]);
  });

  test("of abs(x)² and relu(x)² are 0, as PyTorch's", () => {
    expect(second((x) => T.abs(x).pow(2).sum(), [0, 3], [1, 1])).toEqual([0, 2]);
    expect(second((x) => T.relu(x).pow(2).sum(), [0, 3], [1, 1])).toEqual([0, 2]);
  });

  test("of variance, huber and smoothL1 are right", () => {
    expect(second((x) => T.variance(x), [2, 2], [1, 0])).toEqual([1, -1]);
    const zero = T.zeros([2], { dtype: "float64" });
    expect(second((x) => T.huber(x, zero, { reduction: "sum" }), [0, 3], [1, 1])).toEqual([1, 0]);
    expect(second((x) => T.smoothL1(x, zero, { beta: 0.5, reduction: "sum" }), [0, 3], [1, 1])).toEqual([2, 0]);
    expect(second((x) => T.bceWithLogits(x, zero, { reduction: "sum" }), [0, 0], [1, 1])).toEqual([0.25, 0.25]);
  });

  test.each([
    [0, [1, 0, 0, 0]],
    [1, [0, 1, 0, 0]],
    [2, [0, 0, 2, 0]],
    [3, [0, 0, 0, 6]],
  ])("of pow(x, tensor) at base 0, exponent %d, are right to the third", (exponent, wanted) => {
    for (const isCompiled of [false, true]) {
      const x = T.tensor([0], { dtype: "float64", requiresGrad: true });
      const b = T.tensor([exponent], { dtype: "float64", requiresGrad: true });
      const run = (): T.Tensor => {
        const all = [T.pow(x, b)];
        for (let n = 0; n < 3; n++) all.push(T.gradients(all.at(-1)!.sum(), [x], { createGraph: true })[0]);
        return T.cat(all);
      };
      const y = (isCompiled ? compile(run) : run)();
      expect(Array.from(y.data, (v) => v + 0)).toEqual(wanted);
    }
  });

  test("the mixed derivative of aᵇ at b = 0 is 1/a, in either order", () => {
    const leaf = (v: number): T.Tensor => T.tensor(v, { dtype: "float64", requiresGrad: true });
    const [a, b] = [leaf(4), leaf(0)];
    const [da, db] = T.gradients(T.pow(a, b), [a, b], { createGraph: true });
    expect(T.gradients(da, [b])[0].item()).toBe(0.25);
    expect(T.gradients(db, [a])[0].item()).toBe(0.25);
  });

  test.each([
    [0, 0, nan],
    [0, 0.5, nan],
    [0, 1, nan],
    [0, 1.5, 0],
    [0, 3, 0],
    [0, -1, inf],
    [1e-30, 1, 1 + Math.log(1e-30)],
    [1e-30, 0, 1e30],
  ])(
    "the mixed derivative of aᵇ at a = %d, b = %d is aᵇ⁻¹ (1 + b log a), or NaN where that is infinite from one side",
    (a0, b0, wanted) => {
      for (const isCompiled of [false, true]) {
        for (const dtype of dtypes) {
          // Beside an ordinary pair, which stays right.
          const [a, b] = [[a0, 2], [b0, 3]].map((v) => T.tensor(v, { dtype, requiresGrad: true })) as [T.Tensor, T.Tensor]; // biome-ignore format: one line
          const run = (): T.Tensor[] => {
            const [da, db] = T.gradients(T.pow(a, b).sum(), [a, b], { createGraph: true });
            return [T.gradients(da.sum(), [b])[0], T.gradients(db.sum(), [a])[0]];
          };
          const [mixed, other] = (isCompiled ? compile(run) : run)().map((y) => [...y.data]);
          const usual = 4 * (1 + 3 * Math.LN2);
          near(mixed!.slice(0, 1), [wanted], dtype, "of da");
          near(other!.slice(0, 1), [wanted], dtype, "of db");
          near([mixed![1]!, other![1]!], [usual, usual], dtype, "beside it");
        }
      }
    },
  );
});

describe("the natural value", () => {
  const none = { reduction: "none" } as const;
  const like = (x: T.Tensor, values: number[]): T.Tensor => T.tensor(values, { dtype: x.dtype as DType });
  const bce = (weight?: number): Fn => (x) => T.bceWithLogits(x, like(x, [1, 0, 0, 1]), weight === undefined ? none : { ...none, posWeight: weight }); // biome-ignore format: one line
  holds("bceWithLogits at ±∞", bce(), [inf, -inf, inf, -inf], [0, 0, inf, inf], [0, 0, 1, -1]);
  holds("bceWithLogits at ±∞ with posWeight", bce(3), [inf, -inf, inf, -inf], [0, 0, inf, inf], [0, 0, 1, -3]);
  holds("bceWithLogits of ordinary logits", bce(), [1, -1, 0, 0], [0.3132616875182228, 0.3132616875182228, Math.LN2, Math.LN2], [-0.2689414213699951, 0.2689414213699951, 0.5, -0.5]); // biome-ignore format: one line
  holds("klDiv of a target of 0", (x) => T.klDiv(x, like(x, [0, 0, 1]), none), [-1, -inf, 0], [0, 0, 0], [0, 0, -1]);
  holds("klDiv of log targets", (x) => T.klDiv(x, like(x, [-inf, -inf, 0]), { ...none, isLogTarget: true }), [-1, -inf, 0], [0, 0, 0], [0, 0, -1]); // biome-ignore format: one line
  holds(
    "gelu by tanh",
    (x) => T.gelu(x, { approximate: "tanh" }),
    [-1e30, 0, 1e30, inf],
    [0, 0, 1e30, inf],
    [0, 0.5, 1, 1],
  );
  holds("hardswish", T.hardswish, [-inf, -1e30, 1e30, inf], [0, 0, 1e30, inf], [0, 0, 1, 1]);
  holds("crossEntropy beside −∞", (x) => T.crossEntropy(x, T.tensor([0], { dtype: "int32" })), [[0, -inf, 0]], [Math.LN2], [-0.5, 0, 0.5]); // biome-ignore format: one line
  holds("crossEntropy of probabilities beside −∞", (x) => T.crossEntropy(x, like(x, [1, 0, 0]).reshape([1, 3])), [[0, -inf, 0]], [Math.LN2], [-0.5, 0, 0.5]); // biome-ignore format: one line
  holds("poissonNll at −∞", (x) => T.poissonNll(x, like(x, [0]), none), [-inf], [0], [0]);
  holds("gaussianNll far off", (x) => T.gaussianNll(x, like(x, [0]), like(x, [1e30])), [1e20], [(Math.log(1e30) + 1e10) / 2], [1e-10]); // biome-ignore format: one line
  holds("huber far off", (x) => T.huber(x, like(x, [0, 0, 0, 0]), none), [-inf, -1e30, 1e30, inf], [inf, 1e30, 1e30, inf], [-1, -1, 1, 1]); // biome-ignore format: one line
  holds("softmax with −∞", T.softmax, [0, -inf, 0], [0.5, 0, 0.5], [0, 0, 0]);
  holds("softmax of −∞ only", T.softmax, [-inf, -inf], [nan, nan], [nan, nan]);

  test("a NaN is never weighed away", () => {
    expect(T.klDiv(T.tensor([nan]), [0], none).item()).toBeNaN();
  });
});

test("second derivatives of asin, acos and atanh are infinite at ±1, as PyTorch's, and exact beside it", () => {
  const near = 1 - 2 ** -40;
  const second = (op: (x: T.Tensor) => T.Tensor) =>
    T.grad((x: T.Tensor) => T.grad((v: T.Tensor) => op(v).sum())(x).sum());
  const x = T.tensor([1, -1, near, 0.5], { dtype: "float64" });
  const [left, right] = [1 - near, 1 + near];
  const arc = (v: number): number => v / ((1 - v) * (1 + v)) ** 1.5;
  const wanted = {
    asin: [inf, -inf, near / (left * right) ** 1.5, arc(0.5)],
    acos: [-inf, inf, -near / (left * right) ** 1.5, -arc(0.5)],
    atanh: [inf, -inf, (2 * near) / (left * right) ** 2, 1 / 0.75 ** 2],
  };
  for (const [name, values] of Object.entries(wanted)) {
    const op = T[name as keyof typeof wanted];
    for (const f of [second(op), compile(second(op))]) {
      const found = [...f(x).data];
      expect(found.slice(0, 2), name).toEqual(values.slice(0, 2));
      found.forEach((v, i) => {
        if (i > 1) expect(v / values[i]!, name).toBeCloseTo(1, 14);
      });
    }
  }
});
