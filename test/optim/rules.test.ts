import { describe, expect, test } from "vitest";
import type { Optimizer, Tensor } from "../../src/index.ts";
import * as T from "../../src/index.ts";
import { adamRule, cos, ones, sgdRule, sum, tensor, zeros } from "../../src/index.ts";
import { trajectories } from "./trajectories.ts";

/** An optimizer, as far as this test is concerned with it. */
type Followed = Pick<Optimizer, "lr" | "step" | "zeroGrad"> & { readonly groups: readonly object[] };
type Kind = new (params: readonly Tensor[], options?: object) => Followed;

const kinds: Record<string, Kind> = {
  Adadelta: T.Adadelta,
  Adagrad: T.Adagrad,
  Adam: T.Adam,
  AdamW: T.AdamW,
  Adamax: T.Adamax,
  Lion: T.Lion,
  NAdam: T.NAdam,
  RAdam: T.RAdam,
  RMSprop: T.RMSprop,
  SGD: T.SGD as Kind,
};

/** PyTorch's names of settings, where ours are not the same in camel case. */
const names: Record<string, string> = { initial_accumulator_value: "initialAccumulator" };

function optionsOf(settings: object): object {
  const camel = (name: string): string => names[name] ?? name.replace(/_(\w)/g, (_, letter) => letter.toUpperCase());
  return Object.fromEntries(Object.entries(settings).map(([name, value]) => [camel(name), value]));
}

/** Trains on cos(p) + t·p/10, which is neither constant nor convex; returns the parameter after the steps that were kept. */
function follow(kind: string, options: object, dtype: "float32" | "float64"): number[][] {
  const { start, kept } = trajectories;
  const p = tensor([...start], { dtype, requiresGrad: true });
  const optimizer = new kinds[kind]!([p], options);
  const values: number[][] = [];
  for (let t = 1; t <= 100; t++) {
    optimizer.zeroGrad();
    sum(cos(p).add(p.mul(t / 10))).backward();
    optimizer.step();
    if (kept.includes(t)) values.push(Array.from(p.data));
  }
  return values;
}

const distance = (a: readonly (readonly number[])[], b: readonly (readonly number[])[]): number =>
  Math.max(...a.flatMap((row, k) => row.map((v, i) => Math.abs(v - b[k]![i]!) / Math.max(1, Math.abs(b[k]![i]!)))));

describe("go PyTorch's way for 100 steps", () => {
  const cases = trajectories.optimizers.map(({ kind, options, values }) => ({
    kind,
    options: optionsOf(options),
    values,
  }));

  test.each(cases)("$kind $options", ({ kind, options, values }) => {
    expect(distance(follow(kind, options, "float64"), values)).toBeLessThanOrEqual(1e-9);
    // The fifth parameter's gradient passes 0, where steps that are scaled by its size are sensitive to rounding.
    expect(distance(follow(kind, options, "float32"), values)).toBeLessThanOrEqual(kind === "Lion" ? 0.05 : 5e-3);
  });

  test("all of them are here", () => {
    expect([...new Set(cases.map(({ kind }) => kind))].sort()).toEqual(Object.keys(kinds).sort());
  });
});

describe("defaults are PyTorch's", () => {
  const p = [ones([1], { requiresGrad: true })];
  const means = { betas: [0.9, 0.999], eps: 1e-8, weightDecay: 0 };
  test.each<[string, number, object]>([
    ["Adadelta", 1, { rho: 0.9, eps: 1e-6, weightDecay: 0 }],
    ["Adagrad", 0.01, { lrDecay: 0, eps: 1e-10, weightDecay: 0, initialAccumulator: 0 }],
    ["Adam", 0.001, { ...means, amsgrad: false }],
    ["AdamW", 0.001, { ...means, weightDecay: 0.01, amsgrad: false }],
    ["Adamax", 0.002, means],
    ["Lion", 0.0001, { betas: [0.9, 0.99], weightDecay: 0 }],
    ["NAdam", 0.002, { ...means, momentumDecay: 0.004 }],
    ["RAdam", 0.001, means],
    ["RMSprop", 0.01, { alpha: 0.99, eps: 1e-8, weightDecay: 0, momentum: 0, centered: false }],
  ])("of %s", (kind, rate, wanted) => {
    const optimizer = new kinds[kind]!(p);
    const {
      lr: _,
      baseLr: __,
      scheduledLr: ___,
      params: ____,
      ...settings
    } = optimizer.groups[0] as Record<string, unknown>;
    expect(optimizer.lr).toBe(rate);
    expect(settings).toEqual(wanted);
  });

  test("of SGD, whose rate must be given", () => {
    const { lr: _, baseLr: __, scheduledLr: ___, params: ____, ...settings } = new T.SGD(p, { lr: 1 }).groups[0]!;
    expect(settings).toEqual({ momentum: 0, dampening: 0, weightDecay: 0, nesterov: false });
  });

  test.each([
    [
      "Adam",
      { betas: [0.9, 1] },
      "Adam: betas must be two numbers from 0 to below 1, got [0.9, 1]; write { betas: [0.9, 0.999] }",
    ],
    ["NAdam", { betas: [0.9] }, "NAdam: betas must be two numbers from 0 to below 1, got [0.9]"],
    ["RAdam", { betas: 0.9 }, "RAdam: betas must be two numbers from 0 to below 1, got 0.9"],
    ["Adamax", { eps: -1 }, "Adamax: eps must be a finite number, 0 or more, got -1"],
    ["Lion", { betas: [1, 0.5] }, "Lion: betas must be two numbers from 0 to below 1, got [1, 0.5]"],
    ["RMSprop", { alpha: 1.5 }, "RMSprop: alpha must be from 0 to 1, got 1.5"],
    ["Adadelta", { rho: 2 }, "Adadelta: rho must be from 0 to 1, got 2"],
    ["Adagrad", { lrDecay: Number.NaN }, "Adagrad: lrDecay must be a finite number, 0 or more, got NaN"],
    ["Lion", { eps: 1 }, "Lion: there is no such option, got eps"],
  ])("%s refuses %o", (kind, options, message) => {
    expect(() => new kinds[kind]!(p, options)).toThrow(message);
  });
});

describe("the rules", () => {
  const plain = { momentum: 0, dampening: 0, weightDecay: 0, nesterov: false };

  test("are pure: no argument changes, and the rate may have any floating dtype", () => {
    const [p, g] = [tensor([1, 2]), tensor([3, -4])];
    const state = { mean: zeros([2]), square: zeros([2]), step: zeros([], { dtype: "float64" }) };
    const settings = { betas: [0.9, 0.99] as const, eps: 1e-8, weightDecay: 0.1, amsgrad: false, decoupled: true };
    const a = adamRule(p, g, state, { ...settings, lr: tensor(0.125) });
    const b = adamRule(p, g, state, { ...settings, lr: tensor(0.125, { dtype: "float64" }) });
    expect(a.p.toArray()).toEqual(b.p.toArray());
    expect([p, g, state.mean, state.step].map((x) => x.toArray())).toEqual([[1, 2], [3, -4], [0, 0], 0]);
    const second = adamRule(p, g, a.state, { ...settings, lr: tensor(0.125) });
    expect([a.state.step.item(), second.state.step.item()]).toEqual([1, 2]);
  });

  test("sgdRule takes the first gradient whole, whatever the dampening", () => {
    const [p, g] = [tensor([1]), tensor([2])];
    const settings = { ...plain, lr: tensor(0.5), momentum: 0.5, dampening: 0.5 };
    const start = { velocity: zeros([1]), step: zeros([], { dtype: "float64" }) };
    const first = sgdRule(p, g, start, settings);
    expect([first.p.toArray(), first.state.velocity!.toArray(), first.state.step!.item()]).toEqual([[0], [2], 1]);
    const second = sgdRule(p, g, first.state, settings);
    expect([second.state.velocity!.toArray(), second.state.step!.item()]).toEqual([[2], 2]);
    expect([p, g, start.velocity, start.step].map((x) => x.toArray())).toEqual([[1], [2], [0], 0]);
  });

  test("sgdRule is differentiable, in the learning rate too", () => {
    const w = tensor([3], { dtype: "float64", requiresGrad: true });
    const lr = tensor(0.1, { dtype: "float64", requiresGrad: true });
    const settings = { ...plain, lr, momentum: 0.9 };
    const { p, state } = sgdRule(w, w.mul(2), { velocity: zeros([1], { dtype: "float64" }) }, settings);
    sgdRule(p, p.mul(2), state, settings).p.backward();
    // p₁ = w(1 − 2lr), p₂ = p₁(1 − 2lr) − 0.9 · 2w · lr
    expect(w.grad!.toArray<number[]>()[0]).toBeCloseTo(0.8 * 0.8 - 0.18, 14);
    expect(lr.grad!.item()).toBeCloseTo(2 * 3 * 0.8 * -2 - 0.9 * 6, 13);
  });
});
