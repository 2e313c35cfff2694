import { describe, expect, test } from "vitest";
import { compile } from "../../src/compile/index.ts";
import { assertGradcheck, assertGradgradcheck } from "../../src/gradcheck/index.ts";
import * as T from "../../src/index.ts";

const dtype = "float64" as const;
const drawn = (shape: number[], seed: number) => T.randn(shape, { dtype, generator: new T.Generator(seed) }).detach();
const distance = (a: T.Tensor, b: T.Tensor) => T.max(T.abs(T.sub(a, b))).item();

describe("InstanceNorm", () => {
  test.each<[string, T.Layer, number[]]>([
    ["sequences", new T.InstanceNorm1d(3, { dtype }), [2, 3, 5]],
    ["images", new T.InstanceNorm2d(3, { dtype, affine: true }), [2, 3, 4, 2]],
    ["volumes", new T.InstanceNorm3d(3, { dtype }), [2, 3, 2, 2, 2]],
  ])("normalizes each channel of each sample by itself: %s", (_, layer, shape) => {
    const x = drawn(shape, 1);
    const y = layer.forward(x);
    expect(distance(y, T.groupNorm(x, 3))).toBeLessThan(1e-12);
    expect(distance(layer.forward(x.at(1)), y.at(1))).toBeLessThan(1e-12); // one sample
    expect(distance(layer.eval().forward(x), y)).toBe(0);
    x.requiresGrad = true;
    assertGradcheck((v) => layer.forward(v), [x]);
    assertGradgradcheck((v) => layer.forward(v), [x]);
  });

  // torch.nn.InstanceNorm1d(2, momentum=0.5, track_running_stats=True) of PyTorch 1.13, after one batch.
  test("keeps running statistics if it is to, as PyTorch does", () => {
    const layer = new T.InstanceNorm1d(2, { dtype, momentum: 0.5, tracksStatistics: true });
    layer.forward(T.tensor([[[1, 3], [2, 8]], [[5, 5], [0, 2]]], { dtype })); // biome-ignore format: two samples
    expect(layer.runningMean!.toArray()).toEqual([1.75, 1.5]);
    expect(layer.runningVariance!.toArray()).toEqual([1, 5.5]);
    const y = layer.eval().forward(T.tensor([[[1.75], [1.5]]], { dtype }));
    expect(y.toArray()).toEqual([[[0], [0]]]);
  });

  test.each<[string, () => unknown, string]>([
    [
      "a channel of one place",
      () => new T.InstanceNorm2d(3).eval().forward(T.ones([2, 3, 1, 1])),
      "InstanceNorm2d: needs more than one place in each channel, got float32[2, 3, 1, 1]; leave the layer out, or write new GroupNorm(groups, channels)",
    ],
    [
      "vectors",
      () => new T.InstanceNorm1d(3).forward(T.ones([2, 3]) as T.Tensor),
      "InstanceNorm1d: x must be [3, length] or [batch, 3, length], got float32[2, 3]",
    ],
    [
      "images in a layer of sequences",
      () => new T.InstanceNorm1d(3).forward(T.ones([2, 3, 4, 4]) as T.Tensor),
      "new InstanceNorm2d(3)",
    ],
    ["integers", () => new T.InstanceNorm1d(3).forward(T.ones([2, 3, 4], { dtype: "int32" })), "x must be floating"],
    ["PyTorch's name", () => new T.InstanceNorm1d(3, { trackRunningStats: true } as object), "tracksStatistics"],
  ])("refuses %s", (_, call, message) => {
    expect(call).toThrow(message);
  });
});

describe("dropout of channels", () => {
  test.each<[string, (options: object) => T.Layer, number[]]>([
    ["Dropout1d", (options) => new T.Dropout1d(0.25, options), [40, 50, 3]],
    ["Dropout2d", (options) => new T.Dropout2d(0.25, options), [40, 50, 2, 2]],
    ["Dropout3d", (options) => new T.Dropout3d(0.25, options), [40, 50, 1, 2, 2]],
  ])("%s zeroes whole channels, each by itself, and keeps the mean", (_, make, shape) => {
    const layer = make({ generator: new T.Generator(1) });
    const y = layer.forward(T.ones(shape, { dtype }));
    const channels = T.flatten(y, 2);
    expect(distance(T.max(channels, 2), T.min(channels, 2))).toBe(0);
    expect(new Set(y.data)).toEqual(new Set([0, 1 / 0.75]));
    expect(Math.abs(T.mean(y).item() - 1)).toBeLessThan(0.05); // σ ≈ 0.013
    const x = drawn(shape, 2);
    expect(layer.eval().forward(x)).toBe(x);
  });

  test("a compiled layer draws anew at each run, as the eager one does", () => {
    const [eager, compiled] = [3, 3].map((seed) => new T.Dropout2d(0.5, { generator: new T.Generator(seed) }));
    const x = drawn([4, 6, 2, 3], 4);
    const run = compile((v: T.Tensor) => compiled!.forward(v));
    for (let k = 0; k < 3; k++) expect(distance(run(x), eager!.forward(x))).toBe(0);
  });

  test.each<[string, () => unknown, string]>([
    [
      "an image without a batch, which could be a batch of sequences",
      () => new T.Dropout2d(0.5).forward(T.ones([3, 4, 4])),
      "Dropout2d: x must be [batch, channels, height, width], got float32[3, 4, 4]; for one sample write x.unsqueeze(0), else write new Dropout1d(0.5)",
    ],
    ["vectors", () => new T.Dropout3d(0.5).forward(T.ones([3, 4])), "write new Dropout(0.5)"],
    ["integers", () => new T.Dropout1d(0.5).forward(T.ones([3, 4, 4], { dtype: "int32" })), "x must be floating"],
    ["what is no probability", () => new T.Dropout2d(2), "Dropout2d: p must be a probability from 0 to 1, got 2"],
  ])("refuses %s", (_, call, message) => {
    expect(call).toThrow(message);
  });
});

describe("SqueezeExcite", () => {
  test("scales each channel by a number from 0 to 1 that depends on all channels' means", () => {
    const layer = new T.SqueezeExcite(4, { reduction: 2, dtype, generator: new T.Generator(5) });
    const x = drawn([2, 4, 3, 2], 6);
    const means = T.mean(x, [2, 3]);
    const scale = T.sigmoid(layer.excite.forward(T.relu(layer.squeeze.forward(means))));
    expect(distance(layer.forward(x), x.mul(scale.reshape([2, 4, 1, 1])))).toBe(0);
    x.requiresGrad = true;
    assertGradcheck((v) => layer.forward(v), [x]);
    expect(new T.SqueezeExcite(8).squeeze.weight.shape).toEqual([1, 8]);
  });

  test("refuses what does not fit", () => {
    const layer = new T.SqueezeExcite(4);
    expect(() => layer.forward(T.ones([2, 4]))).toThrow("SqueezeExcite: x must be [batch, 4, …places]");
    for (const dtype of ["int32", "bool"] as const) {
      const x = T.ones([2, 4, 3, 3]).to(dtype);
      expect(() => layer.forward(x)).toThrow(`SqueezeExcite: x must be floating, got ${dtype}; use to("float32")`);
      expect(() => layer.forward(x)).toThrow(T.DTypeError);
    }
    expect(() => layer.forward(T.ones([4, 3, 3]) as T.Tensor)).toThrow("if it is one sample, write x.unsqueeze(0)");
    expect(() => new T.SqueezeExcite(4, { reduction: 0 })).toThrow(
      "reduction must be a whole number, 1 or more, got 0",
    );
  });
});

describe("residual blocks", () => {
  test("an identity block adds its input to what three convolutions give", () => {
    const block = T.identityBlock(8, { dtype });
    const { inner, projection } = block.layers[0] as T.Residual;
    expect((inner as T.Sequential).layers.map((layer) => layer.describe())).toEqual([
      "Conv2d(8, 2, 1, no bias)",
      "BatchNorm2d(2)",
      "relu",
      "Conv2d(2, 2, 3, padding 1, no bias)",
      "BatchNorm2d(2)",
      "relu",
      "Conv2d(2, 8, 1, no bias)",
      "BatchNorm2d(8)",
    ]);
    expect(projection).toBe(null);
    const x = drawn([3, 8, 5, 4], 7);
    block.eval();
    expect(distance(block.forward(x), T.relu(inner.forward(x).add(x)))).toBe(0);
  });

  test("a projection block changes channels and sizes, odd ones too", () => {
    const block = T.projectionBlock(6, 10, { width: 3, activation: T.Tanh, dtype });
    expect(block.forward(drawn([2, 6, 7, 5], 8)).shape).toEqual([2, 10, 4, 3]);
    expect((block.layers[0] as T.Residual).projection!.describe()).toBe("Sequential");
    expect(block.layers[1]).toBeInstanceOf(T.Tanh);
    expect(T.projectionBlock(6, 10, { stride: 1 }).forward(T.ones([2, 6, 7, 5])).shape).toEqual([2, 10, 7, 5]);
  });

  test.each<[string, () => unknown, string]>([
    ["a width of 0", () => T.identityBlock(8, { width: 0 }), "identityBlock: width must be a whole number, 1 or more"],
    ["a stride of 0", () => T.projectionBlock(8, 8, { stride: 0 }), "projectionBlock: stride must be a whole number"],
    ["a stride where there is none", () => T.identityBlock(8, { stride: 2 } as object), "there is no such option"],
    ["channels that are none", () => T.identityBlock("8" as never), "identityBlock: channels must be a whole number"],
    ["an instance as activation", () => T.identityBlock(8, { activation: new T.ReLU() as never }), "pass the class"],
  ])("refuse %s", (_, call, message) => {
    expect(call).toThrow(message);
  });

  test.each<[string, T.Layer, number[], string]>([
    ["channels", new T.Conv2d(2, 4, 1), [3, 2, 6, 6], "pass { projection: new Conv2d(2, 4, 1) }"],
    ["sizes", new T.Conv2d(2, 4, 3, { stride: 2 }), [3, 2, 7, 7], "new Conv2d(2, 4, 1, { stride: 3 })"],
    ["one axis", new T.Conv1d(2, 4, 3, { stride: 2, padding: 1 }), [3, 2, 7], "new Conv1d(2, 4, 1, { stride: 2 })"],
    ["vectors", new T.Linear(2, 4), [3, 2], "pass { projection: new Linear(in, out) }"],
  ])("Residual says which projection fits: %s", (_, inner, shape, hint) => {
    expect(() => new T.Residual(inner).forward(T.ones(shape))).toThrow(hint);
    const code = /new (Conv\dd)\((\d), (\d), 1(?:, \{ stride: (\d) \})?\)/.exec(hint);
    if (code === null) return;
    const Type = code[1] === "Conv1d" ? T.Conv1d : T.Conv2d;
    const projection = new Type(Number(code[2]), Number(code[3]), 1, { stride: Number(code[4] ?? 1) });
    expect(new T.Residual(inner, { projection }).forward(T.ones(shape)).shape[1]).toBe(Number(code[3]));
  });
});

test("losses over maps are those over their places, one by one, compiled too", () => {
  const logits = drawn([2, 3, 4, 5], 9);
  logits.requiresGrad = true;
  const classes = T.randint(0, 3, [2, 4, 5], { generator: new T.Generator(10) });
  const rows = (x: T.Tensor): T.Tensor => T.reshape(T.permute(x, [0, 2, 3, 1]), [40, 3]);
  const masks = T.eq(classes, 1).to(dtype);
  const losses: [(x: T.Tensor) => T.Tensor, (x: T.Tensor) => T.Tensor][] = [
    [(x) => T.crossEntropy(x, classes), (x) => T.crossEntropy(rows(x), classes.flatten())],
    [
      (x) => T.crossEntropy(x, classes, { ignoreIndex: 2, labelSmoothing: 0.1 }),
      (x) => T.crossEntropy(rows(x), classes.flatten(), { ignoreIndex: 2, labelSmoothing: 0.1 }),
    ],
    [
      (x) => T.bceWithLogits(T.transpose(x, 0, 1).at(0), masks),
      (x) => T.bceWithLogits(T.transpose(rows(x)).at(0), masks.flatten()),
    ],
  ];
  for (const [ofMaps, ofRows] of losses) {
    expect(distance(ofMaps(logits), ofRows(logits))).toBeLessThan(1e-12);
    const [wanted] = T.gradients(ofRows(logits), [logits]);
    const both = compile(() => T.gradients(ofMaps(logits), [logits])[0]!);
    expect(distance(both(), wanted!)).toBeLessThan(1e-12);
  }
});
