import { describe, expect, test } from "vitest";
import { compile } from "../../src/compile/index.ts";
import {
  add,
  GradError,
  LBFGS,
  type LbfgsOptions,
  linspace,
  matmul,
  mean,
  pow,
  reshape,
  StateError,
  sin,
  slice,
  sqrt,
  sub,
  sum,
  type Tensor,
  tanh,
  tensor,
  ValueError,
  zeros,
} from "../../src/index.ts";
import { valuesOf } from "../support/values.ts";
import { trajectories } from "./trajectories.ts";

const float64 = { dtype: "float64" } as const;

/** The same functions of one vector as in the fixture's script. */
const problems: Record<"rosenbrock" | "network", (p: Tensor) => Tensor> = {
  rosenbrock: (p) => {
    const [x, y] = [slice(p, [0, p.size - 1]), slice(p, [1, p.size])];
    return sum(add(pow(sub(y, x.mul(x)), 2).mul(100), pow(sub(1, x), 2)));
  },
  network: (p) => {
    const x = reshape(linspace(-1, 1, 10, { dtype: p.dtype as "float64" }), [10, 1]);
    const part = (from: number, to: number, shape: number[]): Tensor => reshape(slice(p, [from, to]), shape);
    const hidden = tanh(add(matmul(x, part(0, 4, [1, 4])), part(4, 8, [4])));
    return mean(pow(sub(add(matmul(hidden, part(8, 12, [4, 1])), part(12, 13, [1])), sin(x.mul(3))), 2));
  },
};

/** PyTorch's names of settings in ours. */
const names: Record<string, keyof LbfgsOptions> = {
  lr: "lr",
  max_iter: "maxIterations",
  max_eval: "maxEvaluations",
  history_size: "historySize",
};

function optionsOf(settings: { readonly [name: string]: number | string }): LbfgsOptions {
  const { line_search_fn, ...rest } = settings;
  const own = Object.entries(rest).map(([name, value]) => [names[name], value]);
  return { lineSearch: line_search_fn === undefined ? null : "strongWolfe", ...Object.fromEntries(own) };
}

function descent(
  f: (p: Tensor) => Tensor,
  start: readonly number[],
  options: LbfgsOptions,
  dtype: "float32" | "float64" = "float64",
) {
  const p = tensor([...start], { dtype, requiresGrad: true });
  const optimizer = new LBFGS([p], options);
  const count = { calls: 0 };
  const closure = (): Tensor => {
    count.calls++;
    optimizer.zeroGrad();
    const loss = f(p);
    loss.backward();
    return loss;
  };
  return { p, optimizer, count, step: () => optimizer.step(closure).item() };
}

describe("goes PyTorch's way", () => {
  test.each(trajectories.lbfgs)(
    "$problem $options, $steps steps",
    ({ problem, start, options, steps, losses, calls, values }) => {
      const { p, count, step } = descent(problems[problem], start, optionsOf(options));
      let kept = 0;
      for (let t = 1; t <= steps; t++) {
        const loss = step();
        expect(Math.abs(loss - losses[t - 1]!)).toBeLessThanOrEqual(1e-9 * Math.max(1, losses[t - 1]!));
        // Without a line search, PyTorch does not look at the last iteration's point.
        const more = options["line_search_fn"] === undefined ? t : 0;
        expect(count.calls - calls[t - 1]!).toBeGreaterThanOrEqual(0);
        expect(count.calls - calls[t - 1]!).toBeLessThanOrEqual(more);
        if (!trajectories.kept.includes(t) && t < steps) continue;
        p.toArray<number[]>().forEach((v, i) => expect(Math.abs(v - values[kept]![i]!)).toBeLessThanOrEqual(1e-9));
        kept++;
      }
      expect(kept).toBe(values.length);
    },
  );
});

describe("finds the minimum", () => {
  test("of a curved valley, in float64 and float32", () => {
    for (const [dtype, bound] of [
      ["float64", 1e-4],
      ["float32", 1e-2],
    ] as const) {
      const { p, step } = descent(problems.rosenbrock, [-0.5, 0.8, 0.3], { maxIterations: 200 }, dtype);
      step();
      step();
      p.toArray<number[]>().forEach((v) => expect(Math.abs(v - 1)).toBeLessThan(bound));
    }
  });

  test("of a quadratic in as many iterations as it has variables, and then stays", () => {
    const f = (p: Tensor): Tensor => sum(pow(sub(p, tensor([3, -2], float64)), 2).mul(tensor([1, 50], float64)));
    const { p, count, step } = descent(f, [0, 0], { toleranceChange: 0 });
    step();
    p.toArray<number[]>().forEach((v, i) => expect(v).toBeCloseTo([3, -2][i]!, 7));
    const before = [p.toArray(), count.calls] as const;
    step();
    expect([p.toArray(), count.calls]).toEqual([before[0], before[1] + 1]);
  });

  test("where a step that is too long leaves the loss's domain", () => {
    // Lowest at 1; NaN below 0, where the first step would lead.
    const { p, step } = descent((x) => sum(sub(x, x.log())), [0.01], { lr: 1000, maxIterations: 50 });
    step();
    expect(p.toArray<number[]>()[0]).toBeCloseTo(1, 5);
  });
});

describe("a step that goes wrong changes nothing", () => {
  const stateOf = ({ p, optimizer }: ReturnType<typeof descent>): unknown => [
    [...p.data],
    [...optimizer.stateDict()].map(([name, x]) => [name, [...x.data]]),
  ];

  test.each(["strongWolfe", null] as const)(
    "if the closure throws, at any evaluation, with line search %s",
    (lineSearch) => {
      for (let k = 1; k <= 6; k++) {
        let left = Number.POSITIVE_INFINITY;
        const f = (p: Tensor): Tensor => {
          if (--left < 0) throw new RangeError("no");
          return problems.rosenbrock(p);
        };
        const run = descent(f, [-1.2, 1], { lineSearch, lr: 1e-3, maxIterations: 8 });
        run.step();
        const before = stateOf(run);
        left = k - 1;
        expect(run.step).toThrow(RangeError);
        expect(stateOf(run)).toEqual(before);
      }
    },
  );

  test.each([
    ["the loss is NaN from the start", [-1], {}, "got NaN"],
    ["the gradient is infinite from the start", [0], {}, "got a gradient that is not"],
    ["an iteration without line search makes it so", [0.5], { lineSearch: null, lr: 1e5 }, "got NaN"],
  ] as const)("if %s", (_, start, options, message) => {
    const run = descent((p) => sum(add(sqrt(p), p)), start, options);
    const before = stateOf(run);
    expect(run.step).toThrow(GradError);
    expect(run.step).toThrow(message);
    expect(stateOf(run)).toEqual(before);
  });
});

describe("never goes to a point that is not finite", () => {
  const inf = Number.POSITIVE_INFINITY;
  /** A given loss with a given gradient. */
  function poisoned(p: Tensor, loss: number, gradient: number): Tensor {
    const y = p.mul(1);
    y.registerHook((g) => g.mul(0).add(gradient));
    return sum(y).mul(0).add(loss);
  }

  test.each<[string, number, number]>([
    ["a NaN loss", Number.NaN, -1],
    ["a loss of −∞", -inf, -1],
    ["a loss of ∞", inf, -1],
    ["a low loss with a NaN gradient", -1000, Number.NaN],
    ["a low loss with an infinite gradient", -1000, inf],
  ])("%s", (_, lossBeyond, gradientBeyond) => {
    for (const edge of [0.3, 1.5, 40]) {
      const f = (p: Tensor): Tensor => (p.item() > edge ? poisoned(p, lossBeyond, gradientBeyond) : sum(p.mul(-1)));
      const { p, step } = descent(f, [0], { maxIterations: 3 });
      step();
      step();
      expect(p.item()).toBeGreaterThan(0);
      expect(p.item()).toBeLessThanOrEqual(edge);
    }
  });

  test("a parameter that overflows, where the loss does not", () => {
    const f = (p: Tensor): Tensor => sum(tanh(p.mul(1e-38)).mul(-1));
    const { p, step } = descent(f, [0], { lr: 1e60, toleranceGrad: 0, toleranceChange: 0 }, "float32");
    step();
    expect(Number.isFinite(p.item())).toBe(true);
    const plain = descent(f, [0], { lr: 1e38, lineSearch: null, toleranceGrad: 0, toleranceChange: 0 }, "float32");
    for (let i = 0; i < 3; i++) {
      try {
        plain.step();
      } catch (error) {
        expect(error).toBeInstanceOf(GradError);
      }
      expect(Number.isFinite(plain.p.item())).toBe(true);
    }
  });

  test("the last iteration's, without a line search", () => {
    const { p, step } = descent((x) => sum(sub(x, x.log())), [2], { lr: 1000, lineSearch: null, maxIterations: 1 });
    expect(step).toThrow("LBFGS.step: the loss, its gradient and the parameters must be finite, got NaN");
    expect(p.item()).toBe(2);
  });

  test("and forgets no way out: numbers that overflow leave parameters and memory as they are", () => {
    const { p, optimizer, step } = descent((x) => sum(pow(x, 2)).mul(1e200), [1, 2], {});
    step();
    step();
    expect(p.toArray<number[]>().every(Number.isFinite)).toBe(true);
    expect([...optimizer.stateDict().values()].flatMap((x) => [...x.data]).every(Number.isFinite)).toBe(true);
  });
});

describe("stateDict and loadStateDict", () => {
  test("go on to the bit, with a full history too", () => {
    for (const historySize of [2, 100]) {
      const options = { maxIterations: 3, historySize };
      const [a, b] = [0, 1].map(() =>
        descent(problems.network, trajectories.lbfgs.find(({ problem }) => problem === "network")!.start, options),
      ) as [ReturnType<typeof descent>, ReturnType<typeof descent>];
      b.step();
      for (let i = 0; i < 3; i++) a.step();
      b.p.assign(a.p.detach());
      b.optimizer.loadStateDict(a.optimizer.stateDict());
      for (let i = 0; i < 4; i++) expect([b.step(), [...b.p.data]]).toEqual([a.step(), [...a.p.data]]);
    }
  });

  test("load from before the first step, too", () => {
    const [a, b] = [descent(problems.rosenbrock, [0, 0], {}), descent(problems.rosenbrock, [0, 0], {})];
    a.optimizer.lr = 0.5;
    b.step();
    b.optimizer.loadStateDict(Object.fromEntries(a.optimizer.stateDict()));
    expect(valuesOf(b.optimizer.stateDict())).toEqual(valuesOf(a.optimizer.stateDict()));
  });

  test.each<[string, (state: Map<string, Tensor>) => unknown, string]>([
    [
      "a longer history",
      (state) => state.set("state.steps", zeros([9, 2], float64)),
      "state.steps is float64[9, 2] instead of float64[2, 2]",
    ],
    [
      "other parameters",
      (state) => state.set("state.update", zeros([3], float64)),
      "state.update is float64[3] instead of float64[2]",
    ],
    ["missing names", (state) => state.delete("state.scale"), "state.scale is missing"],
    ["NaN", (state) => state.set("state.scale", tensor(Number.NaN, float64)), "state.scale must be finite, got NaN"],
    ["a bad rate", (state) => state.set("groups.0.lr", tensor(-1, float64)), "groups.0.lr must be a finite number"],
  ])("refuse %s, and change nothing", (_, change, message) => {
    const { optimizer, step } = descent(problems.rosenbrock, [0, 0.5], { historySize: 2 });
    step();
    const before = optimizer.stateDict();
    const state = new Map(before);
    change(state);
    expect(() => optimizer.loadStateDict(state)).toThrow(
      message.includes("rate") || message.includes("finite") ? ValueError : StateError,
    );
    expect(() => optimizer.loadStateDict(state)).toThrow(message);
    expect(valuesOf(optimizer.stateDict())).toEqual(valuesOf(before));
  });
});

test("several parameters of several shapes are one vector, and those without a gradient stay", () => {
  const [a, b, c] = [
    zeros([2, 2], { ...float64, requiresGrad: true }),
    zeros([], { requiresGrad: true }),
    zeros([3], { ...float64, requiresGrad: true }),
  ];
  const optimizer = new LBFGS([a, b, c]);
  const wanted = tensor(
    [
      [1, 2],
      [3, 4],
    ],
    float64,
  );
  optimizer.step(() => {
    optimizer.zeroGrad();
    const loss = add(sum(pow(sub(a, wanted), 2)), pow(sub(b, 5), 2).to("float64"));
    loss.backward();
    return loss;
  });
  a.toArray<number[][]>()
    .flat()
    .forEach((v, i) => expect(v).toBeCloseTo(i + 1, 6));
  expect(b.item()).toBeCloseTo(5, 4);
  expect(c.toArray()).toEqual([0, 0, 0]);
});

test("the closure may be compiled; the step may not, and says so", () => {
  const p = tensor([-1.2, 1], { ...float64, requiresGrad: true });
  const optimizer = new LBFGS([p], { maxIterations: 100 });
  const closure = (): Tensor => {
    optimizer.zeroGrad();
    const loss = problems.rosenbrock(p);
    loss.backward();
    return loss;
  };
  const whole = compile(() => optimizer.step(closure));
  expect(() => whole()).toThrow("LBFGS.step: must not be called inside of a compiled function");
  expect(p.toArray()).toEqual([-1.2, 1]);
  optimizer.step(compile(closure));
  p.toArray<number[]>().forEach((v) => expect(v).toBeCloseTo(1, 4));
});

describe("bad arguments", () => {
  const p = [zeros([1], { requiresGrad: true })];
  test.each<[() => unknown, string]>([
    [
      () => new LBFGS([]),
      "LBFGS: parameters must be distinct leaves with requiresGrad, got an empty array; all parameters are frozen, or the model has none: unfreeze(model)",
    ],
    [() => new LBFGS([p[0]!, p[0]!]), "LBFGS: parameters must be distinct leaves with requiresGrad, got one twice"],
    [
      () => new LBFGS([zeros([1])]),
      "LBFGS: parameters must be distinct leaves with requiresGrad, got a tensor float32[1]",
    ],
    [() => new LBFGS(p, { lr: -1 }), "LBFGS: lr must be a finite number, 0 or more, got -1"],
    [() => new LBFGS(p, { maxIterations: 0 }), "LBFGS: maxIterations must be a whole number, 1 or more, got 0"],
    [() => new LBFGS(p, { historySize: 1.5 }), "LBFGS: historySize must be a whole number, 1 or more, got 1.5"],
    [
      () => new LBFGS(p, { toleranceGrad: Number.NaN }),
      "LBFGS: toleranceGrad must be a finite number, 0 or more, got NaN",
    ],
    [
      () => new LBFGS(p, { lineSearch: "wolfe" as never }),
      'LBFGS: lineSearch must be "strongWolfe" or null, got "wolfe", a string',
    ],
    [() => new LBFGS(p, { momentum: 1 } as never), "LBFGS: there is no such option, got momentum"],
    [() => new LBFGS(p).step(() => 3 as never), "LBFGS.step: the closure must return the loss, got 3"],
    [
      () => {
        new LBFGS(p).lr = -1;
      },
      "LBFGS: lr must be a finite number, 0 or more, got -1",
    ],
  ])("are refused: %#", (call, message) => {
    expect(call).toThrow(ValueError);
    expect(call).toThrow(message);
  });
});
