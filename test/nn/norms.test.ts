import { describe, expect, test } from "vitest";
import { compile } from "../../src/compile/index.ts";
import { assertGradcheck, assertGradgradcheck } from "../../src/gradcheck/index.ts";
import * as T from "../../src/index.ts";

const dtype = "float64" as const;
const of = (values: T.NestedArray) => T.tensor(values, { dtype });
const drawn = (shape: number[], seed: number) => T.randn(shape, { dtype, generator: new T.Generator(seed) }).detach();

/** Largest distance between two tensors. */
const distance = (a: T.Tensor, b: T.Tensor) => T.max(T.abs(T.sub(a, b))).item();

describe("normalization", () => {
  const x = drawn([4, 6], 1);
  x.requiresGrad = true;
  const [w, b] = [drawn([6], 2), drawn([6], 3)];
  for (const p of [w, b]) p.requiresGrad = true;

  test.each<[string, (x: T.Tensor, w: T.Tensor, b: T.Tensor) => T.Tensor]>([
    ["layerNorm", (v, weight, bias) => T.layerNorm(v, 6, { weight, bias })],
    ["rmsNorm", (v, weight) => T.rmsNorm(v, 6, { weight })],
    ["groupNorm", (v, weight, bias) => T.groupNorm(v, 2, { weight, bias })],
  ])("%s has right gradients to input, scale and shift, to second order", (name, fn) => {
    const inputs = name === "rmsNorm" ? [x, w] : [x, w, b];
    const all = (...given: readonly T.Tensor[]): T.Tensor => fn(given[0]!, given[1]!, given[2] ?? b);
    assertGradcheck(all, inputs);
    assertGradgradcheck(all, inputs);
  });

  test("of each sample makes its mean 0 and its variance 1", () => {
    const y = new T.LayerNorm(6, { dtype, eps: 0 }).forward(x);
    expect(distance(T.mean(y, 1), T.zeros([4], { dtype }))).toBeLessThan(1e-12);
    expect(distance(T.variance(y, 1, { correction: 0 }), T.ones([4], { dtype }))).toBeLessThan(1e-12);
    const two = new T.LayerNorm([2, 3], { dtype, affine: false });
    expect(two.parameters()).toEqual([]);
    expect(distance(two.forward(T.reshape(x, [4, 2, 3])), T.reshape(T.layerNorm(x, 6), [4, 2, 3]))).toBeLessThan(1e-12);
    expect(two.describe()).toBe("LayerNorm(2, 3)");
  });

  test("by the root mean square leaves the mean", () => {
    const y = new T.RMSNorm(6, { dtype, eps: 0 }).forward(x);
    expect(distance(T.mean(T.mul(y, y), 1), T.ones([4], { dtype }))).toBeLessThan(1e-12);
    expect(new T.RMSNorm(6).describe()).toBe("RMSNorm(6)");
    expect([...new T.RMSNorm(6).stateDict().keys()]).toEqual(["weight"]);
  });

  test("of groups is that of one group over all, and of each channel by itself", () => {
    expect(distance(new T.GroupNorm(1, 6, { dtype }).forward(x), T.layerNorm(x, 6))).toBeLessThan(1e-12);
    expect(distance(T.groupNorm(x, 6), T.zeros([4, 6], { dtype }))).toBe(0);
    expect(new T.GroupNorm(2, 6).describe()).toBe("GroupNorm(2, 6)");
  });

  test.each<[() => unknown, string]>([
    [() => T.layerNorm(x, 5), "layerNorm: x must end in [5], got float64[4, 6]"],
    [() => T.layerNorm(x, 6, { weight: of([1]) }), "layerNorm: the weight must have shape [6], got float64[1]"],
    [() => T.layerNorm(x, []), "layerNorm: there must be an axis to normalize"],
    [() => T.rmsNorm(x, 6, { eps: Number.NaN }), "rmsNorm: eps must be a number, got NaN"],
    [() => T.groupNorm(x, 4), "groupNorm: x must be [batch, channels, …] with channels in 4 groups"],
    [() => new T.GroupNorm(4, 6), "GroupNorm: groups must divide the channels, got 4 and 6"],
    [() => T.layerNorm(T.ones([2], { dtype: "int32" }), 2), "layerNorm: x must be floating, got int32"],
  ])("refuses what does not fit", (call, message) => {
    expect(call).toThrow(message);
  });
});

describe("BatchNorm1d", () => {
  test("normalizes by the batch in training, keeps running statistics, and uses them afterwards", () => {
    const layer = new T.BatchNorm1d(2, { dtype, momentum: 0.5, eps: 0 });
    const x = of([[1, 10], [3, 30]]); // biome-ignore format: a matrix
    expect(layer.forward(x).toArray()).toEqual([[-1, -1], [1, 1]]); // biome-ignore format: a matrix
    expect(layer.runningMean!.toArray()).toEqual([1, 10]);
    expect(layer.runningVariance!.toArray()).toEqual([1.5, 100.5]); // (1 + 2) / 2, (1 + 200) / 2: with Bessel's correction
    expect(layer.batches!.item()).toBe(1);
    layer.eval();
    const y = layer.forward(of([[1, 10]])); // biome-ignore format: a row
    expect(y.toArray()).toEqual([[0, 0]]);
    expect(layer.batches!.item()).toBe(1);
    expect([...layer.stateDict().keys()]).toEqual(["weight", "bias", "runningMean", "runningVariance", "batches"]);
  });

  test("keeps the mean over all batches if momentum is null", () => {
    const layer = new T.BatchNorm1d(1, { dtype, momentum: null });
    for (const k of [1, 2, 6]) layer.forward(of([[k - 1], [k + 1]])); // biome-ignore format: a column
    expect(layer.runningMean!.item()).toBeCloseTo(3, 12);
    expect(layer.runningVariance!.item()).toBeCloseTo(2, 12);
  });

  test("takes sequences, and has right gradients through the batch's statistics", () => {
    const layer = new T.BatchNorm1d(3, { dtype, tracksStatistics: false });
    layer.weight!.assign(drawn([3], 4));
    const x = drawn([2, 3, 4], 5);
    x.requiresGrad = true;
    const flat = T.reshape(T.permute(x, [0, 2, 1]), [8, 3]);
    const same = T.permute(T.reshape(layer.forward(flat), [2, 4, 3]), [0, 2, 1]);
    expect(distance(layer.forward(x), same)).toBeLessThan(1e-12);
    assertGradcheck((v) => layer.forward(v), [x]);
    assertGradgradcheck((v) => layer.forward(v), [x]);
    expect(layer.eval().forward(x).shape).toEqual([2, 3, 4]); // by the batch's own statistics
  });

  test.each<[string, T.BatchNorm2d | T.BatchNorm3d, number[]]>([
    ["images", new T.BatchNorm2d(3, { dtype, momentum: 0.3 }), [2, 3, 2, 3]],
    ["volumes", new T.BatchNorm3d(3, { dtype, momentum: 0.3 }), [2, 3, 2, 1, 3]],
  ])("does with %s what it does with sequences", (_, layer, shape) => {
    const flat = new T.BatchNorm1d(3, { dtype, momentum: 0.3 });
    for (const own of [layer, flat]) {
      own.weight!.assign(drawn([3], 4));
      own.bias!.assign(drawn([3], 5));
    }
    const x = drawn(shape, 6);
    const inSequence = (): T.Tensor => flat.forward(x.reshape([2, 3, 6])).reshape(shape);
    expect(distance(layer.forward(x), inSequence())).toBeLessThan(1e-12);
    for (const [name, values] of flat.stateDict()) {
      expect(distance(layer.stateDict().get(name)!, values)).toBeLessThan(1e-12);
    }
    flat.eval();
    expect(distance(layer.eval().forward(x), inSequence())).toBeLessThan(1e-12);
    layer.train();
    x.requiresGrad = true;
    assertGradcheck((v) => layer.forward(v), [x]);
    assertGradgradcheck((v) => layer.forward(v), [x]);
  });

  test("of images computes the same when compiled, and keeps the same statistics", () => {
    const [eager, compiled] = [0, 1].map(() => new T.BatchNorm2d(3, { dtype }));
    const x = drawn([4, 3, 5, 6], 7);
    const step = compile((v: T.Tensor) => compiled!.forward(v));
    for (let k = 0; k < 2; k++) expect(distance(step(x), eager!.forward(x))).toBeLessThan(1e-12);
    for (const [name, values] of eager!.stateDict()) {
      expect(distance(compiled!.stateDict().get(name)!, values)).toBeLessThan(1e-12);
    }
  });

  test.each<[string, () => unknown, string]>([
    ["a batch of vectors", () => new T.BatchNorm2d(2).forward(T.ones([3, 2]) as T.Tensor), "write new BatchNorm1d(2)"],
    ["a volume", () => new T.BatchNorm2d(2).forward(T.ones([3, 2, 4, 4, 4]) as T.Tensor), "write new BatchNorm3d(2)"],
    ["images", () => new T.BatchNorm1d(2).forward(T.ones([3, 2, 4, 4])), "write new BatchNorm2d(2)"],
    [
      "one image",
      () => new T.BatchNorm2d(2).forward(T.ones([2, 4, 4])),
      "BatchNorm2d: x must be [batch, 2, height, width], got float32[2, 4, 4]; if it is one sample, write x.unsqueeze(0)",
    ],
    [
      "channels at the end",
      () => new T.BatchNorm2d(2).forward(T.ones([3, 4, 4, 2]) as T.Tensor),
      "BatchNorm2d: x must be [batch, 2, height, width], got float32[3, 4, 4, 2]",
    ],
  ])("refuses %s where it does not fit, and says which layer does", (_, call, message) => {
    expect(call).toThrow(message);
  });

  test("refuses a batch of one in training, and loses nothing by it", () => {
    const layer = new T.BatchNorm1d(2);
    expect(() => layer.forward(T.ones([1, 2]))).toThrow(
      "BatchNorm1d: training needs more than one value for each feature, got float32[1, 2]; to predict, call model.eval(); a last batch of one sample goes with dropLast: true, or another batchSize",
    );
    expect(layer.batches!.item()).toBe(0);
    expect(() => layer.forward(T.ones([2, 3]) as T.Tensor)).toThrow(
      "BatchNorm1d: x must be [batch, 2] or [batch, 2, length]",
    );
    expect(() => new T.BatchNorm1d(2, { momentum: 2 })).toThrow("momentum must be from 0 to 1, or null, got 2");
  });
});
