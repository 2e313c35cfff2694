import { describe, expect, test } from "vitest";
import { compile } from "../../src/compile/index.ts";
import type { Tensor } from "../../src/index.ts";
import * as T from "../../src/index.ts";

// 200 compiled steps equal 200 eager ones: bit for bit nearly in float64; in float32 to what 200 steps make of its rounding.
const bounds = { float64: 1e-9, float32: 2e-3 };

type Dtype = keyof typeof bounds;

const layers: Record<string, (n: number, dtype: Dtype) => T.Layer | ((x: Tensor) => Tensor)> = {
  Linear: (n, dtype) => new T.Linear(n, n, { dtype }),
  "Linear without bias": (n, dtype) => new T.Linear(n, n, { dtype, bias: false }),
  Dropout: () => new T.Dropout(0.3),
  Flatten: () => new T.Flatten(),
  Sequential: (n, dtype) => new T.Sequential(new T.Linear(n, 3, { dtype }), T.sigmoid, new T.Linear(3, n, { dtype })),
  relu: () => T.relu,
  tanh: () => T.tanh,
  sigmoid: () => T.sigmoid,
  softplus: () => T.softplus,
  gelu: () => T.gelu,
  silu: () => T.silu,
  leakyRelu: () => (x) => T.leakyRelu(x),
  elu: () => (x) => T.elu(x),
  LayerNorm: (n, dtype) => new T.LayerNorm(n, { dtype }),
  RMSNorm: (n, dtype) => new T.RMSNorm(n, { dtype }),
  GroupNorm: (n, dtype) => new T.GroupNorm(2, n, { dtype }),
  BatchNorm1d: (n, dtype) => new T.BatchNorm1d(n, { dtype }),
  Residual: (n, dtype) => new T.Residual(new T.Sequential(new T.Linear(n, n, { dtype }), T.tanh)),
  selu: () => T.selu,
  AlphaDropout: () => new T.AlphaDropout(0.1),
  celu: () => (x) => T.celu(x),
  mish: () => T.mish,
  softsign: () => T.softsign,
  hardtanh: () => (x) => T.hardtanh(x),
  hardswish: () => T.hardswish,
  PReLU: (n, dtype) => new T.PReLU(n, { dtype }),
  softmax: () => (x) => T.softmax(x),
  logSoftmax: () => (x) => T.logSoftmax(x),
};

const losses: Record<string, (y: Tensor, k: number) => Tensor> = {
  mse: (y, k) => T.mse(y, targets(y, k)),
  "mse, summed": (y, k) => T.mse(y, targets(y, k), { reduction: "sum" }),
  crossEntropy: (y, k) => T.crossEntropy(y, classes(k)),
  "crossEntropy of probabilities": (y, k) => T.crossEntropy(y, T.softmax(targets(y, k))),
  "crossEntropy, weighted and smoothed": (y, k) => {
    const weight = T.arange(1, width + 1).to(y.dtype);
    return T.crossEntropy(y, classes(k), { weight, ignoreIndex: 2, labelSmoothing: 0.1 });
  },
  nll: (y, k) => T.nll(T.logSoftmax(y, 1), classes(k), { reduction: "sum" }),
  l1: (y, k) => T.l1(y, targets(y, k)),
  huber: (y, k) => T.huber(y, targets(y, k), { delta: 0.7 }),
  smoothL1: (y, k) => T.smoothL1(y, targets(y, k), { beta: 0.5 }),
  bce: (y, k) => T.bce(T.sigmoid(y), T.sigmoid(targets(y, k))),
  bceWithLogits: (y, k) =>
    T.bceWithLogits(y, T.gt(targets(y, k), 0), { posWeight: T.full([width], 2, { dtype: y.dtype as Dtype }) }),
  klDiv: (y, k) => T.klDiv(T.logSoftmax(y, 1), T.softmax(targets(y, k), 1)),
  hinge: (y, k) => T.hinge(y, T.sign(targets(y, k))),
  hingeEmbedding: (y, k) => T.hingeEmbedding(T.mul(y, y), T.sign(targets(y, k))),
  cosineEmbedding: (y, k) => T.cosineEmbedding(y, targets(y, k), T.sign(T.slice(targets(y, k), null, 0))),
  tripletMargin: (y, k) => T.tripletMargin(y, targets(y, k), targets(y, k + 1), { swap: true }),
  dice: (y, k) => T.dice(y, T.gt(targets(y, k), 0)),
  iou: (y, k) => T.iou(y, classes(k)),
  focal: (y, k) => T.focal(y, T.gt(targets(y, k), 0), { alpha: 0.25 }),
  "focal of classes": (y, k) => T.focal(y, classes(k)),
  poissonNll: (y, k) => T.poissonNll(y, T.abs(targets(y, k)), { full: true }),
  gaussianNll: (y, k) => T.gaussianNll(y, targets(y, k), T.exp(y)),
};

const optimizers: Record<string, (model: T.Layer) => { zeroGrad(): void; step(): void }> = {
  SGD: (model) => new T.SGD(model.parameters(), { lr: 0.05 }),
  "SGD with momentum, Nesterov and decay": (model) =>
    new T.SGD(model.parameters(), { lr: 0.02, momentum: 0.9, nesterov: true, weightDecay: 1e-3 }),
  Adam: (model) => new T.Adam(model.parameters(), { lr: 0.01 }),
  "Adam with decay": (model) => new T.Adam(model.parameters(), { lr: 0.01, weightDecay: 1e-2 }),
  AdamW: (model) => new T.AdamW(model.parameters(), { lr: 0.01, weightDecay: 0.1 }),
  AMSGrad: (model) => new T.Adam(model.parameters(), { lr: 0.01, amsgrad: true }),
  Adamax: (model) => new T.Adamax(model.parameters(), { lr: 0.01 }),
  NAdam: (model) => new T.NAdam(model.parameters(), { lr: 0.01 }),
  RAdam: (model) => new T.RAdam(model.parameters(), { lr: 0.01 }),
  RMSprop: (model) => new T.RMSprop(model.parameters(), { lr: 0.005 }),
  "RMSprop, centered, with momentum": (model) =>
    new T.RMSprop(model.parameters(), { lr: 0.001, centered: true, momentum: 0.5 }),
  Adagrad: (model) => new T.Adagrad(model.parameters(), { lr: 0.05 }),
  Adadelta: (model) => new T.Adadelta(model.parameters(), { lr: 1 }),
  Lion: (model) => new T.Lion(model.parameters(), { lr: 0.001, weightDecay: 0.1 }),
};

const rows = 5;
const width = 6;

function targets({ shape, dtype }: Tensor, k: number): Tensor {
  return T.randn(shape, { dtype, generator: new T.Generator(k) });
}

function classes(k: number): Tensor {
  return T.randint(0, width, [rows], { generator: new T.Generator(k) });
}

/** Trains for 200 steps; returns the losses. */
function train(isCompiled: boolean, dtype: Dtype, layer: string, loss: string, optimizer: string): number[] {
  T.manualSeed(11);
  const middle = layers[layer]!(width, dtype);
  const model = new T.Sequential(new T.Linear(4, width, { dtype }), middle, new T.Linear(width, width, { dtype }));
  const own = optimizers[optimizer]!(model);
  const inputs = Array.from({ length: 4 }, (_, k) => T.randn([rows, 4], { dtype, generator: new T.Generator(50 + k) }));
  const step = (x: Tensor): Tensor => {
    const value = losses[loss]!(model.forward(x), 0);
    own.zeroGrad();
    value.backward();
    own.step();
    return value;
  };
  const run = isCompiled ? compile(step) : step;
  return Array.from({ length: 200 }, (_, i) => run(inputs[i % inputs.length]!).item());
}

function check(dtype: Dtype, layer: string, loss: string, optimizer: string): void {
  const wanted = train(false, dtype, layer, loss, optimizer);
  const got = train(true, dtype, layer, loss, optimizer);
  const scale = Math.max(...wanted.map(Math.abs));
  const worst = Math.max(...got.map((v, i) => Math.abs(v - wanted[i]!) / scale));
  expect(worst).toBeLessThanOrEqual(bounds[dtype]);
  if (!layer.includes("Dropout")) expect(got.at(-1)).toBeLessThan(got[0]!);
}

describe.each(["float64", "float32"] as const)("200 compiled steps equal 200 eager ones in %s", (dtype) => {
  test.each(Object.keys(layers))("%s", (layer) => check(dtype, layer, "mse", "Adam"));
  test.each(Object.keys(losses))("%s", (loss) => check(dtype, "tanh", loss, "Adam"));
  test.each(Object.keys(optimizers))("%s", (optimizer) => check(dtype, "tanh", "crossEntropy", optimizer));
});
