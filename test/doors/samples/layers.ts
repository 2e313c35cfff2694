import * as t from "../../../src/index.ts";
import type { Sample, Samples } from "./sample.ts";

const x = (): t.Tensor => t.ones([2, 2]);
const leaf = (): t.Tensor => t.tensor([1, 2], { requiresGrad: true });
const layer = (): t.Linear => new t.Linear(2, 3);
const adam = (): t.Adam => new t.Adam([leaf()]);

const of = (...args: (() => unknown)[]): Sample => ({ args: () => args.map((make) => make()) });
const is =
  <T>(value: T) =>
  (): T =>
    value;
/** A layer's forward, whose errors begin with what the layer says of itself. */
const forward = (make: () => t.Layer, ...more: (() => unknown)[]): Sample => ({
  ...of(make, ...(more.length === 0 ? [x] : more)),
  as: make()
    .describe()
    .replace(/[()[\]]/g, "\\$&"),
});
/** Something that loads its own state. */
const loads = (make: () => { stateDict(): unknown }, name: string): Sample => ({
  ...of(make, () => make().stateDict()),
  as: `${name}\\.loadStateDict`,
});

/** A rule of an optimizer, with all settings that there are. */
const rule = (state: readonly string[], settings: object): Sample =>
  of(
    () => t.tensor([1, 2]),
    () => t.tensor([3, 4]),
    () => Object.fromEntries(state.map((name) => [name, t.zeros(/step|product/.test(name) ? [] : [2])])),
    () => ({ lr: t.tensor(0.5), weightDecay: 0, ...settings }),
  );
const betas = { betas: [0.9, 0.99], eps: 1e-8 };

/** The layers that are made without arguments, or whose arguments may be left out. */
const plain = {
  AlphaDropout: t.AlphaDropout,
  Dropout: t.Dropout,
  Flatten: t.Flatten,
  PReLU: t.PReLU,
  CELU: t.CELU,
  ELU: t.ELU,
};
const more = {
  GELU: t.GELU,
  Hardswish: t.Hardswish,
  LeakyReLU: t.LeakyReLU,
  Mish: t.Mish,
  ReLU: t.ReLU,
  SELU: t.SELU,
  SiLU: t.SiLU,
};
const rest = { Identity: t.Identity, GLU: t.GLU, Hardtanh: t.Hardtanh, LogSoftmax: t.LogSoftmax, Sigmoid: t.Sigmoid };
const last = { Softmax: t.Softmax, Softplus: t.Softplus, Softsign: t.Softsign, Tanh: t.Tanh };
const classes = Object.entries<new () => t.Layer>({ ...plain, ...more, ...rest, ...last });

const recurrent = ["RNN", "RNNCell", "LSTM", "LSTMCell", "GRU", "GRUCell"];
const optimizers = ["Adadelta", "Adagrad", "Adam", "AdamW", "Adamax", "LBFGS", "Lion", "NAdam", "RAdam", "RMSprop"];

/** Layers, optimizers and schedules of `tinygrad-ts`. */
export const layerSamples: Samples = {
  ...Object.fromEntries(classes.map(([name]) => [name, of()])),
  ...Object.fromEntries(classes.map(([name, Type]) => [`${name}.forward`, forward(() => new Type())])),
  alphaDropout: of(x),
  dropout: of(x),
  BatchNorm1d: of(is(2)),
  BatchNorm2d: of(is(2)),
  BatchNorm3d: of(is(2)),
  InstanceNorm1d: of(is(2)),
  InstanceNorm2d: of(is(2)),
  InstanceNorm3d: of(is(2)),
  Dropout1d: of(),
  Dropout2d: of(),
  Dropout3d: of(),
  SqueezeExcite: of(is(2)),
  "SqueezeExcite.forward": forward(
    () => new t.SqueezeExcite(2),
    () => t.ones([2, 2, 2]),
  ),
  identityBlock: of(is(4)),
  projectionBlock: of(is(2), is(4)),
  Bilinear: of(is(2), is(2), is(3)),
  "Bilinear.forward": forward(() => new t.Bilinear(2, 2, 3), x, x),
  Embedding: of(is(2), is(3)),
  "Embedding.forward": forward(
    () => new t.Embedding(2, 3),
    () => t.zeros([2], { dtype: "int32" }),
  ),
  embedding: of(() => t.zeros([2], { dtype: "int32" }), x),
  GroupNorm: of(is(1), is(2)),
  "GroupNorm.forward": forward(() => new t.GroupNorm(1, 2)),
  groupNorm: of(x, is(1)),
  LayerNorm: of(is(2)),
  "LayerNorm.forward": forward(() => new t.LayerNorm(2)),
  layerNorm: of(x, is(2)),
  RMSNorm: of(is(2)),
  "RMSNorm.forward": forward(() => new t.RMSNorm(2)),
  rmsNorm: of(x, is(2)),
  Linear: of(is(2), is(3)),
  "Linear.forward": forward(layer),
  linear: of(x, x),
  mlp: { ...of(is([2, 3])), takes: { sizes: ["array"] } },
  Parallel: of(() => [layer()]),
  "Parallel.forward": forward(() => new t.Parallel([t.relu])),
  Residual: of(layer),
  "Residual.forward": forward(() => new t.Residual(t.relu)),
  Lambda: of(is(t.relu)),
  "Lambda.forward": forward(() => new t.Lambda(t.relu)),
  Sequential: of(layer),
  "Sequential.forward": forward(() => new t.Sequential(t.relu)),
  Conv1d: of(is(2), is(3), is(1)),
  ConvTranspose1d: of(is(2), is(3), is(1)),
  Conv2d: of(is(2), is(3), is(1)),
  ConvTranspose2d: of(is(2), is(3), is(1)),
  Conv3d: of(is(2), is(3), is(1)),
  ConvTranspose3d: of(is(2), is(3), is(1)),
  MaxPool1d: of(is(2)),
  AdaptiveMaxPool1d: of(is(2)),
  MaxPool2d: of(is(2)),
  AdaptiveMaxPool2d: of(is(2)),
  MaxPool3d: of(is(2)),
  AdaptiveMaxPool3d: of(is(2)),
  AvgPool1d: of(is(2)),
  AdaptiveAvgPool1d: of(is(2)),
  AvgPool2d: of(is(2)),
  AdaptiveAvgPool2d: of(is(2)),
  AvgPool3d: of(is(2)),
  AdaptiveAvgPool3d: of(is(2)),
  ZeroPad2d: of(is(1)),
  ReflectionPad2d: of(is(1)),
  ReplicationPad2d: of(is(1)),
  CircularPad2d: of(is(1)),
  ConstantPad2d: of(is(1), is(2)),
  PixelShuffle: of(is(2)),
  PixelUnshuffle: of(is(2)),
  Unflatten: of(is(1), is([2])),
  Upsample: of(is({ scaleFactor: 2 })),
  "Unflatten.forward": forward(
    () => new t.Unflatten(1, [2]),
    () => t.ones([1, 2]),
  ),
  "Upsample.forward": forward(
    () => new t.Upsample({ scaleFactor: 2 }),
    () => t.ones([1, 2, 2, 2]),
  ),
  scaledDotProductAttention: of(x, x, x),
  AttentionGate: of(is(2), is(3), is(1)),
  "AttentionGate.forward": forward(
    () => new t.AttentionGate(2, 3, 1),
    () => t.ones([1, 2, 4, 4]),
    () => t.ones([1, 3, 2, 2]),
  ),
  "AttentionGate.weights": forward(
    () => new t.AttentionGate(2, 3, 1),
    () => t.ones([1, 2, 4, 4]),
    () => t.ones([1, 3, 2, 2]),
  ),
  MultiheadAttention: of(is(4), is(2)),
  "MultiheadAttention.forward": forward(() => new t.MultiheadAttention(2, 1)),
  "MultiheadAttention.run": forward(() => new t.MultiheadAttention(2, 1)),
  TransformerEncoderLayer: of(is(2), is(1)),
  "TransformerEncoderLayer.forward": forward(() => new t.TransformerEncoderLayer(2, 1, { hidden: 3 })),
  TransformerDecoderLayer: of(is(2), is(1)),
  "TransformerDecoderLayer.forward": forward(() => new t.TransformerDecoderLayer(2, 1, { hidden: 3 }), x, x),
  sinusoidalPositions: of(is(2), is(3)),
  SinusoidalPositions: of(is(2)),
  "SinusoidalPositions.forward": forward(() => new t.SinusoidalPositions(2)),
  LearnedPositions: of(is(2), is(2)),
  "LearnedPositions.forward": forward(() => new t.LearnedPositions(2, 2)),
  ...Object.fromEntries(recurrent.map((name) => [name, of(is(2), is(3))])),
  calculateGain: of(is("relu")),
  kaimingNormal: of(is([2, 3])),
  kaimingUniform: of(is([2, 3])),
  normal: of(is([2, 3])),
  orthogonal: of(is([2, 3])),
  uniform: of(is([2, 3])),
  xavierNormal: of(is([2, 3])),
  xavierUniform: of(is([2, 3])),
  summary: of(layer),
  "Layer.train": of(layer),
  "Layer.loadStateDict": loads(layer, "Linear\\(2, 3\\)"),

  ...Object.fromEntries(optimizers.map((name) => [name, of(() => [leaf()])])),
  SGD: of(() => [leaf()], is({ lr: 1 })),
  "Optimizer.loadStateDict": loads(adam, "Adam"),
  "LBFGS.loadStateDict": loads(() => new t.LBFGS([leaf()]), "LBFGS"),
  "LBFGS.step": {
    ...of(
      () => new t.LBFGS([leaf()]),
      () => () => leaf().sum(),
    ),
    as: "LBFGS.step",
  },
  adadeltaRule: rule(["square", "moved"], { rho: 0.9, eps: 1 }),
  adagradRule: rule(["sum", "step"], { lrDecay: 0, eps: 1, initialAccumulator: 0 }),
  adamRule: rule(["mean", "square", "step"], { ...betas, amsgrad: false }),
  adamaxRule: rule(["mean", "largest", "step"], betas),
  lionRule: rule(["mean"], { betas: [0.9, 0.99] }),
  nadamRule: rule(["mean", "square", "product", "step"], { ...betas, momentumDecay: 0 }),
  radamRule: rule(["mean", "square", "step"], betas),
  rmspropRule: rule(["square"], { alpha: 0, eps: 1, momentum: 0, centered: false }),
  sgdRule: rule([], { momentum: 0, dampening: 0, nesterov: false }),
  clipGradNorm: of(() => [leaf()], is(1)),
  clipGradValue: of(() => [leaf()], is(1)),
  checkFiniteGrads: of(() => [leaf()]),
  EMA: of(layer),
  "EMA.loadStateDict": loads(() => new t.EMA(layer()), "EMA"),
  "EMA.use": {
    ...of(
      () => new t.EMA(layer()),
      () => () => 1,
    ),
    as: "EMA.use",
  },
  chained: of(() => t.cosine(3)),
  cosine: of(is(3)),
  cosineWarmRestarts: of(is(3)),
  exponential: of(is(0.5)),
  linearWarmup: of(is(3)),
  multiStep: of(is([3])),
  oneCycle: of(is(3)),
  polynomial: of(is(3)),
  sequential: of(() => [t.cosine(3), 1]),
  stepDecay: of(is(3)),
  "Schedule.loadStateDict": loads(() => new t.Schedule(adam(), t.cosine(3)), "Schedule"),
  "ReduceOnPlateau.loadStateDict": loads(() => new t.ReduceOnPlateau(adam()), "ReduceOnPlateau"),
  Schedule: of(adam, () => t.cosine(3)),
  ReduceOnPlateau: of(adam),
  "ReduceOnPlateau.step": { ...of(() => new t.ReduceOnPlateau(adam()), is(1)), as: "ReduceOnPlateau.step" },
};
