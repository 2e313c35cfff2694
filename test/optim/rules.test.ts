import { describe, expect, test } from "vitest";
import {
  Adam,
  AdamW,
  adamRule,
  cos,
  type Optimizer,
  ones,
  SGD,
  sgdRule,
  sum,
  type Tensor,
  tensor,
  zeros,
} from "../../src/index.ts";
import { type AdamReference, adam, type SgdReference, sgd } from "./reference.ts";

const start = [0.7, -1.3, 2, 0, -0.01];
const steps = 50;
/** Of cos(p) + t·p/10, which is neither constant nor convex. */
const gradient = (p: number, t: number): number => -Math.sin(p) + t / 10;

/** Trains on that function and holds every step against the reference. */
function follow(
  make: (params: Tensor[]) => Optimizer<never, never>,
  reference: (p: number) => number[],
  tolerance: number,
  dtype: "float32" | "float64",
): void {
  const p = tensor(start, { dtype, requiresGrad: true });
  const optimizer = make([p]);
  const wanted = start.map(reference);
  for (let t = 1; t <= steps; t++) {
    optimizer.zeroGrad();
    sum(cos(p).add(p.mul(t / 10))).backward();
    optimizer.step();
    p.toArray<number[]>().forEach((value, i) => {
      const target = wanted[i]![t - 1]!;
      expect(Math.abs(value - target)).toBeLessThanOrEqual(tolerance * Math.max(1, Math.abs(target)));
    });
  }
}

describe("SGD follows PyTorch's formula for 50 steps", () => {
  test.each<[string, SgdReference]>([
    ["plain", { lr: 0.1 }],
    ["weight decay", { lr: 0.1, weightDecay: 0.2 }],
    ["momentum", { lr: 0.05, momentum: 0.9 }],
    ["dampening", { lr: 0.05, momentum: 0.9, dampening: 0.5 }],
    ["dampening by 1", { lr: 0.05, momentum: 0.9, dampening: 1 }],
    ["Nesterov", { lr: 0.05, momentum: 0.8, nesterov: true }],
    ["all that go together", { lr: 0.05, momentum: 0.8, nesterov: true, weightDecay: 0.1 }],
    ["dampening and weight decay", { lr: 0.05, momentum: 0.8, dampening: 0.3, weightDecay: 0.1 }],
  ])("%s", (_, options) => {
    const reference = (p: number): number[] => sgd(p, gradient, steps, options);
    follow((params) => new SGD(params, options) as never, reference, 1e-13, "float64");
    follow((params) => new SGD(params, options) as never, reference, 1e-5, "float32");
  });
});

describe("Adam and AdamW follow PyTorch's formula for 50 steps", () => {
  const base: AdamReference = { lr: 0.05, betas: [0.9, 0.999], eps: 1e-8, weightDecay: 0, decoupled: false };
  test.each<[string, AdamReference]>([
    ["Adam", base],
    ["other betas and eps", { ...base, betas: [0.5, 0.8], eps: 0.1 }],
    ["betas of 0", { ...base, betas: [0, 0] }],
    ["L2 regularization", { ...base, weightDecay: 0.3 }],
    ["AdamW", { ...base, weightDecay: 0.3, decoupled: true }],
    ["AdamW without decay", { ...base, decoupled: true }],
  ])("%s", (_, { decoupled, ...options }) => {
    const Kind = decoupled ? AdamW : Adam;
    const reference = (p: number): number[] => adam(p, gradient, steps, { ...options, decoupled });
    follow((params) => new Kind(params, options) as never, reference, 1e-12, "float64");
    // The fifth parameter's gradient passes 0, where Adam's step is sensitive to rounding.
    follow((params) => new Kind(params, options) as never, reference, 1e-3, "float32");
  });

  test("defaults are PyTorch's", () => {
    const p = [ones([1], { requiresGrad: true })];
    const settingsOf = ({ groups: [group] }: { groups: readonly object[] }): object => ({ ...group, lr: 0, params: 0 });
    const common = { lr: 0, params: 0, betas: [0.9, 0.999], eps: 1e-8 };
    expect([new Adam(p).lr, new AdamW(p).lr]).toEqual([0.001, 0.001]);
    expect(settingsOf(new Adam(p))).toEqual({ ...common, weightDecay: 0 });
    expect(settingsOf(new AdamW(p))).toEqual({ ...common, weightDecay: 0.01 });
    expect(settingsOf(new SGD(p, { lr: 1 }))).toEqual({
      lr: 0,
      params: 0,
      momentum: 0,
      dampening: 0,
      weightDecay: 0,
      nesterov: false,
    });
  });
});

describe("the rules", () => {
  const plain = { momentum: 0, dampening: 0, weightDecay: 0, nesterov: false };

  test("are pure: no argument changes, and the rate may have any floating dtype", () => {
    const [p, g] = [tensor([1, 2]), tensor([3, -4])];
    const state = { mean: zeros([2]), square: zeros([2]), step: zeros([], { dtype: "float64" }) };
    const settings = { betas: [0.9, 0.99] as const, eps: 1e-8, weightDecay: 0.1, decoupled: true };
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
