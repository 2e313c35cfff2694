import { describe, expect, test } from "vitest";
import { compile } from "../../src/compile/index.ts";
import * as T from "../../src/index.ts";
import {
  type Curve,
  ReduceOnPlateau,
  type ReduceOnPlateauOptions,
  Schedule,
  SGD,
  StateError,
  type Tensor,
  tensor,
  ValueError,
} from "../../src/index.ts";
import { trajectories } from "../optim/trajectories.ts";

const leaf = (): Tensor => tensor([1], { requiresGrad: true });
const optimizerAt = (lr: number): SGD => new SGD([leaf()], { lr });

const curves: Record<string, Curve> = {
  stepDecay: T.stepDecay(3, 0.5),
  multiStep: T.multiStep([9, 2, 5, 5], 0.3),
  exponential: T.exponential(0.8),
  cosine: T.cosine(10, 0.1),
  cosineWarmRestarts: T.cosineWarmRestarts(4, 1, 0.1),
  "cosineWarmRestarts, longer": T.cosineWarmRestarts(3, 2),
  oneCycle: T.oneCycle(20),
  "oneCycle, linear": T.oneCycle(20, { warmup: 0.4, divide: 10, finalDivide: 100, shape: "linear" }),
  linearWarmup: T.linearWarmup(5, 0.1),
  polynomial: T.polynomial(8, 2),
  chained: T.chained(T.linearWarmup(4, 0.1), T.exponential(0.9)),
  sequential: T.sequential([T.linearWarmup(4, 0.2), 4], [T.exponential(0.9)]),
};

const plateaus: Record<string, ReduceOnPlateauOptions> = {
  reduceOnPlateau: { patience: 2, factor: 0.5 },
  "reduceOnPlateau, absolute, cooldown, floor": {
    patience: 1,
    factor: 0.3,
    threshold: 0.06,
    thresholdMode: "abs",
    cooldown: 3,
    minLr: 0.04,
  },
  "reduceOnPlateau, of a score": { mode: "max", patience: 1, factor: 0.5 },
};

test("every schedule that PyTorch was asked about is here", () => {
  expect(Object.keys({ ...curves, ...plateaus }).sort()).toEqual(Object.keys(trajectories.schedules).sort());
});

test.each(Object.keys(curves))("%s goes PyTorch's way", (name) => {
  const wanted = trajectories.schedules[name]!;
  const optimizer = optimizerAt(0.5);
  const schedule = new Schedule(optimizer, curves[name]!);
  const rates = [optimizer.lr];
  while (rates.length < wanted.length) {
    schedule.step();
    rates.push(optimizer.lr);
  }
  rates.forEach((rate, i) => expect(Math.abs(rate - wanted[i]!)).toBeLessThanOrEqual(1e-12));
});

test.each(Object.keys(plateaus))("%s goes PyTorch's way", (name) => {
  const optimizer = optimizerAt(0.5);
  const schedule = new ReduceOnPlateau(optimizer, plateaus[name]);
  const rates = trajectories.metrics.map((metric, i) => {
    schedule.step(i % 2 === 0 ? metric : tensor([metric], { dtype: "float64" }));
    return optimizer.lr;
  });
  rates.forEach((rate, i) => expect(Math.abs(rate - trajectories.schedules[name]![i + 1]!)).toBeLessThanOrEqual(1e-12));
});

describe("curves", () => {
  test("stay where they end", () => {
    const later = (curve: Curve): number[] => [100, 101].map(curve);
    expect(later(T.cosine(10, 0.25))).toEqual([0.25, 0.25]);
    expect(later(T.linearWarmup(10))).toEqual([1, 1]);
    expect(later(T.polynomial(10))).toEqual([0, 0]);
    expect(later(T.oneCycle(10, { divide: 2, finalDivide: 4 }))).toEqual([0.125, 0.125]);
    expect(later(T.sequential([T.linearWarmup(5), 5], [T.cosine(10, 0.5), 3]))).toEqual([0.5, 0.5]);
  });

  test.each([0, 0.1, 0.5, 1])("oneCycle with a warm-up of %d starts low, peaks once, and ends lowest", (warmup) => {
    const rates = Array.from({ length: 11 }, (_, i) => T.oneCycle(10, { warmup })(i));
    expect(rates.every(Number.isFinite)).toBe(true);
    expect(Math.max(...rates)).toBe(1);
    expect(rates.filter((rate) => rate === 1).length).toBe(1);
    if (warmup > 0.1) expect(rates[0]).toBe(1 / 25);
    if (warmup < 1) expect(rates[9]).toBe(1 / 250_000);
    expect(rates[10]).toBe(1 / 250_000);
  });

  test("of none at all is the rate itself", () => {
    expect([T.chained()(3), T.sequential()(3)]).toEqual([1, 1]);
  });

  test.each<[() => unknown, string]>([
    [() => T.stepDecay(0), "stepDecay: every must be a whole number, 1 or more, got 0"],
    [() => T.stepDecay(2, -1), "stepDecay: gamma must be a finite number, 0 or more, got -1"],
    [() => T.multiStep([1.5]), "multiStep: milestones must be a whole number, 0 or more, got 1.5"],
    [() => T.exponential(Number.NaN), "exponential: gamma must be a finite number, 0 or more, got NaN"],
    [() => T.cosine(2.5), "cosine: steps must be a whole number, 1 or more, got 2.5"],
    [() => T.cosineWarmRestarts(2, 0), "cosineWarmRestarts: growth must be a whole number, 1 or more, got 0"],
    [() => T.oneCycle(1), "oneCycle: steps must be a whole number, 2 or more, got 1"],
    [() => T.oneCycle(5, { warmup: 2 }), "oneCycle: warmup must be from 0 to 1, got 2"],
    [() => T.oneCycle(5, { divide: 0 }), "oneCycle: divide must be above 0, got 0"],
    [
      () => T.oneCycle(5, { shape: "cos" as never }),
      'oneCycle: shape must be "cosine" or "linear", got "cos", a string; did you mean "cosine"?',
    ],
    [() => T.linearWarmup(0), "linearWarmup: steps must be a whole number, 1 or more, got 0"],
    [() => T.polynomial(3, -2), "polynomial: power must be a finite number, 0 or more, got -2"],
    [
      () => T.sequential([T.exponential(1)], [T.exponential(1)]),
      "sequential: steps of curve 0 must be a whole number, 1 or more, got undefined",
    ],
  ])("refuse arguments out of range: %#", (call, message) => {
    expect(call).toThrow(ValueError);
    expect(call).toThrow(message);
  });
});

describe("Schedule", () => {
  test("moves each group's own rate", () => {
    const optimizer = new SGD([{ params: [leaf()] }, { params: [leaf()], lr: 0.5 }], { lr: 1 });
    const schedule = new Schedule(optimizer, T.linearWarmup(2));
    const rates = (): number[] => optimizer.groups.map(({ lr }) => lr.item());
    expect(rates()).toEqual([0, 0]);
    schedule.step();
    expect(rates()).toEqual([0.5, 0.25]);
    schedule.step();
    expect(rates()).toEqual([1, 0.5]);
  });

  test("goes on from where another was saved, and sets the rates", () => {
    const [a, b] = [optimizerAt(0.5), optimizerAt(3)];
    const [first, second] = [new Schedule(a, T.exponential(0.5)), new Schedule(b, T.exponential(0.5))];
    first.step();
    first.step();
    const saved = first.stateDict();
    first.step();
    expect([...saved].map(([name, x]) => [name, x.toArray()])).toEqual([
      ["step", 2],
      ["base", [0.5]],
    ]);
    second.loadStateDict(saved);
    expect(b.lr).toBe(0.125);
    second.step();
    expect(b.lr).toBe(a.lr);
  });

  describe("starts from the optimizer's own rates", () => {
    const rates = (optimizer: { readonly groups: readonly { readonly lr: Tensor }[] }): number[] =>
      optimizer.groups.map(({ lr }) => lr.item());
    const run = (schedule: Schedule, steps: number): void => {
      for (let i = 0; i < steps; i++) schedule.step();
    };

    test("wherever an earlier schedule ended, at 0 too", () => {
      const optimizer = new SGD([{ params: [leaf()] }, { params: [leaf()], lr: 0.5 }], { lr: 1 });
      for (let round = 0; round < 3; round++) {
        const schedule = new Schedule(optimizer, T.cosine(4));
        expect(rates(optimizer)).toEqual([1, 0.5]);
        run(schedule, 4);
        expect(rates(optimizer)).toEqual([0, 0]);
      }
    });

    test("wherever a plateau ended", () => {
      const optimizer = optimizerAt(0.5);
      const plateau = new ReduceOnPlateau(optimizer, { patience: 0 });
      [1, 1, 1].forEach((loss) => plateau.step(loss));
      expect(optimizer.lr).toBeLessThan(0.01);
      new Schedule(optimizer, T.exponential(0.5));
      expect(optimizer.lr).toBe(0.5);
    });

    test("or from those that were set by hand since, for all groups or one", () => {
      const optimizer = new SGD([{ params: [leaf()] }, { params: [leaf()], lr: 0.5 }], { lr: 1 });
      run(new Schedule(optimizer, T.cosine(4)), 4);
      optimizer.groups[1]!.lr = 0.25;
      run(new Schedule(optimizer, T.exponential(0.5)), 1);
      expect(rates(optimizer)).toEqual([0.5, 0.125]);
      optimizer.lr = 2;
      new Schedule(optimizer, T.exponential(0.5)).step();
      expect(rates(optimizer)).toEqual([1, 1]);
      optimizer.groups[0]!.lr = tensor(4, { dtype: "float64" });
      new Schedule(optimizer, T.exponential(0.5));
      expect(rates(optimizer)).toEqual([4, 2]);
      optimizer.groups[0]!.lr.assign(8);
      new Schedule(optimizer, T.exponential(0.5)).step();
      expect(rates(optimizer)).toEqual([4, 1]);
      optimizer.groups.forEach((group) => {
        group.lr = group.lr.item();
      });
      new Schedule(optimizer, T.exponential(0.5));
      expect(rates(optimizer)).toEqual([4, 1]);
    });

    test("or from one that was set by hand before a plateau lowered it", () => {
      const optimizer = optimizerAt(0.5);
      optimizer.groups[0]!.lr.assign(2);
      const plateau = new ReduceOnPlateau(optimizer, { patience: 0 });
      [1, 1].forEach((loss) => plateau.step(loss));
      new Schedule(optimizer, T.exponential(0.5));
      expect(optimizer.lr).toBe(2);
    });

    test("after both are saved and loaded, into an optimizer that was made with another rate too", () => {
      const [a, b] = [new SGD([leaf()], { lr: 0.5 }), new SGD([leaf()], { lr: 3 })];
      run(new Schedule(a, T.cosine(4)), 4);
      b.loadStateDict(a.stateDict());
      expect(b.lr).toBe(0);
      new Schedule(b, T.cosine(4));
      expect(b.lr).toBe(0.5);
      const bad = new Map(a.stateDict()).set("groups.0.baseLr", tensor(-1, { dtype: "float64" }));
      expect(() => b.loadStateDict(bad)).toThrow("SGD: groups.0.baseLr must be a finite number, 0 or more, got -1");
      expect([...b.stateDict()].map(([, x]) => [...x.data])).toEqual([[0.5], [0.5], [0.5], [0]]);
    });

    test("of LBFGS, too", () => {
      const [a, b] = [new T.LBFGS([leaf()], { lr: 0.5 }), new T.LBFGS([leaf()])];
      run(new Schedule(a, T.cosine(4)), 4);
      b.loadStateDict(a.stateDict());
      expect([a.lr, b.lr]).toEqual([0, 0]);
      for (const optimizer of [a, b]) new Schedule(optimizer, T.cosine(4));
      expect([a.lr, b.lr]).toEqual([0.5, 0.5]);
      a.lr = 0.25;
      new Schedule(a, T.exponential(0.5));
      expect(a.lr).toBe(0.25);
    });

    test("of anything with rates, where those are all that it has", () => {
      const lr = tensor(0.5, { dtype: "float64" });
      new Schedule({ groups: [{ lr }] }, T.linearWarmup(2, 0.5));
      expect(lr.item()).toBe(0.25);
    });

    test("and a compiled step trains again", () => {
      const w = tensor([1], { dtype: "float64", requiresGrad: true });
      const optimizer = new SGD([w], { lr: 0.5 });
      const step = compile((x: Tensor) => {
        optimizer.zeroGrad();
        w.mul(x).sum().backward();
        optimizer.step();
        return w.mul(1);
      });
      run(new Schedule(optimizer, T.cosine(1)), 1);
      const x = tensor([1], { dtype: "float64" });
      expect(step(x).item()).toBe(1);
      new Schedule(optimizer, T.cosine(1));
      expect(step(x).item()).toBe(0.5);
    });
  });

  test.each<[object, string]>([
    [{ step: T.zeros([], { dtype: "float64" }) }, "base is missing"],
    [
      { step: tensor(-1, { dtype: "float64" }), base: tensor([1], { dtype: "float64" }) },
      "step must be 0 or more, got -1",
    ],
    [
      { step: tensor(1, { dtype: "float64" }), base: tensor([Number.NaN], { dtype: "float64" }) },
      "base must be 0 or more",
    ],
  ])("refuses a state that does not fit, and changes nothing: %#", (state, message) => {
    const optimizer = optimizerAt(0.5);
    const schedule = new Schedule(optimizer, T.exponential(0.5));
    expect(() => schedule.loadStateDict(state as never)).toThrow(message);
    schedule.step();
    expect(optimizer.lr).toBe(0.25);
  });

  test("refuses a curve that gives no rate, and stays where it was", () => {
    const optimizer = optimizerAt(0.5);
    expect(() => new Schedule(optimizer, () => Number.NaN)).toThrow(
      "Schedule: a curve must give a finite number, 0 or more, got NaN for step 0",
    );
    expect(() => new Schedule(optimizer, 3 as never)).toThrow(
      "Schedule: curve must be a function, got 3; write new Schedule(optimizer, cosine(100))",
    );
    expect(() => new Schedule({} as never, T.exponential(1))).toThrow("Schedule: needs an optimizer, got an object");
    const schedule = new Schedule(optimizer, (step) => (step === 2 ? -1 : 1));
    schedule.step();
    expect(() => schedule.step()).toThrow("got -1 for step 2");
    expect(schedule.stateDict().get("step")!.item()).toBe(1);
    expect(optimizer.lr).toBe(0.5);
  });
});

describe("ReduceOnPlateau", () => {
  test("goes on from where another was saved", () => {
    const [a, b] = [optimizerAt(0.5), optimizerAt(0.5)];
    const make = (optimizer: SGD): ReduceOnPlateau => new ReduceOnPlateau(optimizer, { patience: 1, cooldown: 2 });
    const [first, second] = [make(a), make(b)];
    const metrics = [3, 2, 2, 2, 2, 2, 2, 2, 1, 1, 1, 1];
    metrics.slice(0, 6).forEach((metric) => first.step(metric));
    second.loadStateDict(first.stateDict());
    b.loadStateDict(a.stateDict());
    for (const metric of metrics.slice(6)) {
      first.step(metric);
      second.step(metric);
      expect(b.lr).toBe(a.lr);
    }
    expect(a.lr).toBeLessThan(0.5);
    expect(() => second.loadStateDict({})).toThrow(StateError);
  });

  /** The steps, counted from 1, after which the rate was lowered. */
  function reductions(metrics: readonly number[], options: ReduceOnPlateauOptions): number[] {
    const optimizer = optimizerAt(1);
    const schedule = new ReduceOnPlateau(optimizer, { patience: 0, factor: 0.5, eps: 0, ...options });
    return metrics.flatMap((metric, i) => {
      const before = optimizer.lr;
      schedule.step(metric);
      return optimizer.lr < before ? [i + 1] : [];
    });
  }

  const inf = Number.POSITIVE_INFINITY;
  test.each<[string, number[], ReduceOnPlateauOptions, number[]]>([
    ["a loss below 0 that falls", [-1, -2, -3, -4], {}, []],
    ["a loss below 0 that stays", [-1, -1, -1], {}, [2, 3]],
    ["a loss below 0 that rises", [-2, -1.9999, -1.5], {}, [2, 3]],
    ["a loss that falls by less than its share", [-1, -1.05, -1.2], { threshold: 0.1 }, [2]],
    ["a loss that falls through 0", [1, 0.5, 0, -0.5, -1], {}, []],
    ["a loss of 0", [0, 0, -1e-9], {}, [2]],
    ["a score below 0 that rises", [-4, -3, -2, -1], { mode: "max" }, []],
    ["a score below 0 that falls", [-1, -1.00005, -2], { mode: "max" }, [2, 3]],
    ["a score that rises by less than its share", [-2, -1.9, -1.7], { mode: "max", threshold: 0.1 }, [2]],
    ["absolute thresholds", [-1, -1.05, -1.2], { threshold: 0.1, thresholdMode: "abs" }, [2]],
    ["absolute thresholds of a score", [-2, -1.95, -1.8], { mode: "max", threshold: 0.1, thresholdMode: "abs" }, [2]],
    ["a threshold of 0", [-1, -1 - 1e-9, -1], { threshold: 0 }, [3]],
    ["a threshold of all, of which no loss above 0 is better by", [1, 0.5, -1], { threshold: 1 }, [2]],
    ["NaN in between, which is no best and no improvement", [1, Number.NaN, 0.5, 0.5], {}, [2, 4]],
    ["NaN first", [Number.NaN, 3, 2], {}, [1]],
    ["NaN, which does not begin the count again", [1, 1, Number.NaN, 1], { patience: 2 }, [4]],
    ["NaN of a score", [1, Number.NaN, 2, 2], { mode: "max" }, [2, 4]],
    ["infinite losses", [inf, inf, 3, inf, 2], {}, [1, 2, 4]],
  ])("judges %s", (_, metrics, options, wanted) => {
    expect(reductions(metrics, options)).toEqual(wanted);
  });

  test.each<[string, number, string]>([
    ["best", Number.NaN, "best must be a number, got NaN"],
    ["bad", -1, "bad must be a whole number, 0 or more, got -1"],
    ["bad", Number.NaN, "bad must be a whole number, 0 or more, got NaN"],
    ["cooldown", 0.5, "cooldown must be a whole number, 0 or more, got 0.5"],
  ])("refuses a state whose %s is %d", (name, value, message) => {
    const schedule = new ReduceOnPlateau(optimizerAt(1));
    schedule.step(3);
    const before = schedule.stateDict();
    const state = new Map(before).set(name, tensor(value, { dtype: "float64" }));
    expect(() => schedule.loadStateDict(state)).toThrow(`ReduceOnPlateau.loadStateDict: ${message}`);
    expect([...schedule.stateDict()].map(([, x]) => x.item())).toEqual([...before].map(([, x]) => x.item()));
  });

  test.each<[ReduceOnPlateauOptions, string]>([
    [{ mode: "up" as never }, 'mode must be "min" or "max", got "up", a string'],
    [{ factor: 1 }, "factor must be from 0 to below 1, got 1"],
    [{ patience: 1.5 }, "patience must be a whole number, 0 or more, got 1.5"],
    [{ threshold: -1 }, "threshold must be 0 or more, got -1"],
    [{ thresholdMode: "relative" as never }, 'thresholdMode must be "rel" or "abs", got "relative", a string'],
    [{ cooldown: -1 }, "cooldown must be a whole number, 0 or more, got -1"],
    [{ minLr: Number.NaN }, "minLr must be 0 or more, got NaN"],
    [{ eps: -1 }, "eps must be 0 or more, got -1"],
    [{ gamma: 1 } as never, "there is no such option, got gamma"],
  ])("refuses %o", (options, message) => {
    expect(() => new ReduceOnPlateau(optimizerAt(1), options)).toThrow(`ReduceOnPlateau: ${message}`);
  });

  test("needs the metric", () => {
    expect(() => new ReduceOnPlateau(optimizerAt(1)).step(undefined as never)).toThrow(
      "ReduceOnPlateau.step: needs the metric, got undefined",
    );
  });
});

describe("and compile", () => {
  test("a compiled step takes the rate that a schedule set", () => {
    const w = tensor([1], { dtype: "float64", requiresGrad: true });
    const optimizer = new SGD([w], { lr: 0.5 });
    const schedule = new Schedule(optimizer, T.exponential(0.5));
    const step = compile((x: Tensor) => {
      optimizer.zeroGrad();
      w.mul(x).sum().backward();
      optimizer.step();
      return w.mul(1);
    });
    const seen = [0, 1, 2].map(() => {
      const value = step(tensor([1], { dtype: "float64" })).item();
      schedule.step();
      return value;
    });
    expect(seen).toEqual([0.5, 0.25, 0.125]);
  });

  test.each(["Schedule", "ReduceOnPlateau"])("%s cannot step inside of a compiled function, and says so", (kind) => {
    const optimizer = optimizerAt(0.5);
    const schedule = kind === "Schedule" ? new Schedule(optimizer, T.exponential(0.5)) : new ReduceOnPlateau(optimizer);
    const step = compile((x: Tensor) => {
      if (schedule instanceof Schedule) schedule.step();
      else schedule.step(1);
      return x.mul(2);
    });
    expect(() => step(tensor([1]))).toThrow("values must not be read inside of the function");
    expect(optimizer.lr).toBe(0.5);
  });
});
