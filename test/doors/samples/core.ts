import * as t from "../../../src/index.ts";
import type { Sample, Samples } from "./sample.ts";

const x = (): t.Tensor => t.tensor([[1, 2], [3, 4]]); // biome-ignore format: a matrix
const vector = (): t.Tensor => t.tensor([1, 2]);
const places = (): t.Tensor => t.tensor([1, 0], { dtype: "int32" });
const leaf = (): t.Tensor => t.tensor([1, 2], { requiresGrad: true });
const mask = (): t.Tensor => t.tensor([true, false]);
const signal = (): t.Tensor => t.ones([1, 2, 4]);
const kernel = (): t.Tensor => t.ones([2, 2, 2]);
const square = (v: t.Tensor): t.Tensor => v.mul(v).sum();

const of = (...args: (() => unknown)[]): Sample => ({ args: () => args.map((make) => make()) });
const is =
  <T>(value: T) =>
  (): T =>
    value;

/** `[1, 2]` are a start and a stop, though the type of the junk has no length. */
const bounds = { specs: ["array"] } as const;

const unary = [
  ...["abs", "ceil", "cos", "erf", "exp", "expm1", "floor", "hardswish", "log", "log1p", "logicalNot", "mish", "neg"],
  ...["onesLike", "relu", "round", "rsqrt", "selu", "sigmoid", "sign", "silu", "sin", "softplus", "softsign", "sqrt"],
  ...["tanh", "zerosLike", "celu", "elu", "gelu", "hardtanh", "leakyRelu", "transpose", "squeeze", "flatten", "flip"],
  ...["randLike", "randnLike", "tril", "triu", "argmax", "argmin", "sort", "argsort", "glu", "softmax", "logSoftmax"],
  ...["asin", "acos", "atan", "tan", "sinh", "cosh", "asinh", "acosh", "atanh", "exp2", "log2", "log10", "sinc"],
  ...["erfc", "erfinv", "lgamma", "digamma"],
  ...["median", "unique"],
  ...["sum", "mean", "prod", "max", "min", "any", "all", "logSumExp", "variance", "std", "norm"],
];
const binary = [
  ...["add", "sub", "mul", "div", "pow", "maximum", "minimum", "eq", "ne", "lt", "le", "gt", "ge"],
  ...["logicalAnd", "logicalOr", "logicalXor", "matmul", "prelu"],
  ...["floorDivide", "remainder"],
  ...["atan2", "hypot", "logaddexp", "xlogy"],
];
const losses = ["bce", "bceWithLogits", "huber", "smoothL1", "klDiv", "l1", "mse", "poissonNll"];

/** What `tinygrad-ts` itself exports, but for layers, optimizers and schedules. */
export const coreSamples: Samples = {
  ...Object.fromEntries(unary.map((name) => [name, of(x)])),
  ...Object.fromEntries(binary.map((name) => [name, of(vector, vector)])),
  ...Object.fromEntries(
    losses.map((name) => [
      name,
      of(
        () => x().sigmoid(),
        () => x().sigmoid(),
      ),
    ]),
  ),
  dice: of(x, () => x().sigmoid()),
  iou: of(x, () => x().sigmoid()),
  focal: of(x, () => x().sigmoid()),
  hinge: of(vector, is([1, -1])),
  hingeEmbedding: of(vector, is([1, -1])),
  cosineEmbedding: of(x, x, is([1, -1])),
  gaussianNll: of(vector, vector, vector),
  tripletMargin: of(x, x, x),
  crossEntropy: of(x, is([0, 1])),
  nll: of(x, is([0, 1])),

  clamp: of(x, is(0), is(1)),
  cast: of(x, is("float64")),
  cumsum: of(x, is(0)),
  topk: of(x, is(1)),
  fullLike: of(x, is(7)),
  cat: of(() => [x(), x()]),
  stack: of(() => [x(), x()]),
  split: of(x, is(1)),
  einsum: of(is("ij->ji"), x),
  diag: of(x),
  diagonal: of(x),
  meshgrid: of(() => [vector(), vector()]),
  outer: of(vector, vector),
  repeat: of(vector, is(2)),
  roll: of(x, is(1), is(0)),
  tile: of(vector, is(2)),
  trace: of(x),
  polygamma: of(is(1), x),
  cumprod: of(x, is(0)),
  cummax: of(x, is(0)),
  cummin: of(x, is(0)),
  logcumsumexp: of(x, is(0)),
  quantile: of(x, is(0.5)),
  bincount: of(places),
  conv1d: of(signal, kernel),
  conv2d: of(
    () => t.ones([1, 2, 4, 4]),
    () => t.ones([2, 2, 3, 3]),
  ),
  conv3d: of(
    () => t.ones([1, 2, 3, 3, 3]),
    () => t.ones([2, 2, 1, 2, 2]),
  ),
  convTranspose1d: of(signal, kernel),
  convTranspose2d: of(
    () => t.ones([1, 2, 4, 4]),
    () => t.ones([2, 2, 3, 3]),
  ),
  convTranspose3d: of(
    () => t.ones([1, 2, 3, 3, 3]),
    () => t.ones([2, 2, 1, 2, 2]),
  ),
  convInput: of(() => t.ones([1, 2, 3]), kernel, is([1, 2, 4])),
  convWeight: of(signal, () => t.ones([1, 2, 3]), is([2, 2, 2])),
  maxPool1d: of(signal, is(2)),
  avgPool1d: of(signal, is(2)),
  adaptiveAvgPool1d: of(signal, is(2)),
  adaptiveMaxPool1d: of(signal, is(2)),
  maxPool2d: of(() => t.ones([1, 2, 4, 4]), is(2)),
  avgPool2d: of(() => t.ones([1, 2, 4, 4]), is(2)),
  adaptiveAvgPool2d: of(() => t.ones([1, 2, 4, 4]), is(2)),
  adaptiveMaxPool2d: of(() => t.ones([1, 2, 4, 4]), is(2)),
  maxPool3d: of(() => t.ones([1, 2, 2, 2, 2]), is(2)),
  avgPool3d: of(() => t.ones([1, 2, 2, 2, 2]), is(2)),
  adaptiveAvgPool3d: of(() => t.ones([1, 2, 2, 2, 2]), is(2)),
  adaptiveMaxPool3d: of(() => t.ones([1, 2, 2, 2, 2]), is(2)),
  maxPoolIndices: of(() => t.ones([1, 2, 4, 4]), is(2)),
  adaptiveMaxPoolIndices: of(() => t.ones([1, 2, 4, 4]), is(2)),
  interpolate: of(() => t.ones([1, 2, 4, 4]), is({ scaleFactor: 2 })),
  pixelShuffle: of(() => t.ones([4, 2, 2]), is(2)),
  pixelUnshuffle: of(() => t.ones([1, 2, 4, 4]), is(2)),
  unfold: of(() => t.ones([1, 2, 4, 4]), is(2)),
  fold: of(() => t.ones([1, 4, 9]), is([4, 4]), is(2)),
  expand: of(x, is([2, 2, 2])),
  reshape: of(x, is([4])),
  permute: of(x, is([1, 0])),
  unsqueeze: of(x, is(0)),
  slice: { ...of(x, is(0)), takes: bounds },
  pad: of(x, is([[1, 1]])),
  gather: of(vector, is(0), places),
  scatterAdd: of(vector, is(0), places, vector),
  index: of(vector, places),
  indexSelect: of(vector, is(0), places),
  indexAdd: of(vector, is(0), places, vector),
  maskedFill: of(vector, mask, is(0)),
  where: of(mask, vector, vector),
  oneHot: of(places, is(2)),

  tensor: of(is([1, 2])),
  zeros: of(is([2])),
  ones: of(is([2])),
  full: of(is([2]), is(7)),
  arange: of(is(3)),
  linspace: of(is(0), is(1), is(3)),
  eye: of(is(2)),
  rand: of(is([2])),
  randn: of(is([2])),
  randint: of(is(0), is(6), is([2])),
  permutation: of(is(3)),
  manualSeed: of(is(0)),
  Generator: of(is(0)),
  setDefaultDtype: of(is("float32")),

  StandardScaler: of(is(2)),
  MinMaxScaler: of(is(2)),
  fromPixels: of(is({ data: new Uint8ClampedArray(4), width: 1, height: 1 })),
  toPixels: of(is([[0.5]])),

  noGrad: of(is(() => 1)),
  // What is wrong with an op's inputs is said by the op.
  apply: {
    ...of(is({ name: "same", shape: ([v]: t.Tensor[]) => v!.shape, forward: "view", vjp: "nondifferentiable" }), () => [
      x(),
    ]),
    as: "apply|same",
  },
  grad: of(is(square)),
  valueAndGrad: of(is(square)),
  gradients: { args: () => { const v = leaf(); return [square(v), [v]]; } }, // biome-ignore format: one line
  vjp: of(is(square), () => [vector()]),
  jvp: of(
    is(square),
    () => [vector()],
    () => [vector()],
  ),
  hvp: of(is(square), vector, vector),
  jacobian: of(is(square), vector),
  hessian: of(is(square), vector),

  "Tensor.backward": of(() => square(leaf())),
  "Tensor.registerHook": of(
    leaf,
    is(() => undefined),
  ),
  "Tensor.assign": of(vector, is([3, 4])),
  ...Object.fromEntries(
    ["add", "sub", "mul", "div", "pow", "maximum", "minimum", "eq", "ne", "lt", "le", "gt", "ge", "matmul"].map(
      (name) => [`Tensor.${name}`, of(vector, vector)],
    ),
  ),
  ...Object.fromEntries(
    [
      ...["sum", "mean", "max", "min", "prod", "any", "all", "variance", "std", "norm", "argmax", "argmin", "sort"],
      ...["softmax", "logSoftmax", "transpose", "flatten", "flip", "squeeze"],
    ].map((name) => [`Tensor.${name}`, of(x)]),
  ),
  "Tensor.clamp": of(x, is(0), is(1)),
  "Tensor.where": of(vector, mask, vector),
  "Tensor.cumsum": of(x, is(0)),
  "Tensor.reshape": of(x, is(2), is(2)),
  "Tensor.expand": of(x, is(2), is(2)),
  "Tensor.permute": of(x, is(1), is(0)),
  "Tensor.unsqueeze": of(x, is(0)),
  "Tensor.slice": { ...of(x, is(0)), takes: bounds },
  "Tensor.at": of(x, is(0)),
  "Tensor.to": of(x, is("float64")),
  "Tensor.pipe": of(x, is(t.relu)),
  freeze: of(() => new t.Linear(1, 1)),
  unfreeze: of(() => new t.Linear(1, 1)),
};
