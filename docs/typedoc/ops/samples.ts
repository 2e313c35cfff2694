import * as t from "tinygrad-ts";

type Tensor = t.Tensor;

/** How an op is called where the reference shows what it does. */
export interface Sample {
  /** elementwise ops and reductions get a table of special points, the others none. */
  readonly kind: "unary" | "binary" | "reduction" | "other";
  /** With inputs that `make` made, of as many elements as the shape needs. */
  readonly call: (...inputs: Tensor[]) => Tensor;
  /** Shapes of the inputs that `call` takes; others it makes itself. */
  readonly shapes: readonly t.Shape[];
  /** Points of interest beside the usual. */
  readonly points: readonly number[];
}

const unary = (call: (x: Tensor) => Tensor, ...points: number[]): Sample => ({
  kind: "unary",
  call: (x) => call(x!),
  shapes: [[2]],
  points,
});

const binary = (call: (a: Tensor, b: Tensor) => Tensor): Sample => ({
  kind: "binary",
  call: (a, b) => call(a!, b!),
  shapes: [[2], [2]],
  points: [],
});

const reduction = (call: (x: Tensor) => Tensor): Sample => ({
  kind: "reduction",
  call: (x) => call(x!),
  shapes: [[3]],
  points: [],
});

const other = (shapes: readonly t.Shape[], call: (...inputs: Tensor[]) => Tensor): Sample => ({
  kind: "other",
  call,
  shapes,
  points: [],
});

const ints = (...values: number[]): Tensor => t.tensor(values, { dtype: "int32" });
const mask = (...values: boolean[]): Tensor => t.tensor(values);

/** A sample of each op that the package exports; a test finds the one that is missing. */
export const samples: Readonly<Record<string, Sample>> = {
  abs: unary(t.abs),
  celu: unary((x) => t.celu(x)),
  ceil: unary(t.ceil, 0.5),
  clamp: unary((x) => t.clamp(x, -1, 1), -2, 2),
  cos: unary(t.cos),
  elu: unary((x) => t.elu(x)),
  erf: unary(t.erf),
  exp: unary(t.exp, 100),
  expm1: unary(t.expm1, 1e-10),
  floor: unary(t.floor, 0.5),
  gelu: unary((x) => t.gelu(x)),
  hardswish: unary(t.hardswish, -3, 3),
  hardtanh: unary((x) => t.hardtanh(x), -2, 2),
  leakyRelu: unary((x) => t.leakyRelu(x)),
  log: unary(t.log),
  log1p: unary(t.log1p, 1e-10),
  mish: unary(t.mish),
  neg: unary(t.neg),
  relu: unary(t.relu),
  round: unary(t.round, 0.5, 1.5, 2.5),
  rsqrt: unary(t.rsqrt),
  selu: unary(t.selu),
  sigmoid: unary(t.sigmoid, -100, 100),
  sign: unary(t.sign),
  silu: unary(t.silu),
  sin: unary(t.sin),
  softplus: unary(t.softplus, -100, 100),
  softsign: unary(t.softsign),
  sqrt: unary(t.sqrt),
  asin: unary(t.asin, 0.5, 2),
  acos: unary(t.acos, 0.5, 2),
  atan: unary(t.atan),
  tan: unary(t.tan),
  sinh: unary(t.sinh, 1e-10),
  cosh: unary(t.cosh),
  asinh: unary(t.asinh),
  acosh: unary(t.acosh, 2),
  atanh: unary(t.atanh, 0.5, 2),
  exp2: unary(t.exp2, 10),
  log2: unary(t.log2, 8),
  log10: unary(t.log10, 1000),
  sinc: unary(t.sinc, 0.5, 1e-10),
  erfc: unary(t.erfc, 10),
  erfinv: unary(t.erfinv, 0.5),
  lgamma: unary(t.lgamma, 0.5),
  digamma: unary(t.digamma),
  polygamma: unary((x) => t.polygamma(1, x)),
  tanh: unary(t.tanh, -100, 100),

  add: binary(t.add),
  sub: binary(t.sub),
  mul: binary(t.mul),
  div: binary(t.div),
  pow: binary(t.pow),
  maximum: binary(t.maximum),
  minimum: binary(t.minimum),
  atan2: binary(t.atan2),
  hypot: binary(t.hypot),
  logaddexp: binary(t.logaddexp),
  xlogy: binary(t.xlogy),
  floorDivide: binary(t.floorDivide),
  remainder: binary(t.remainder),
  prelu: binary(t.prelu),
  eq: binary(t.eq),
  ne: binary(t.ne),
  lt: binary(t.lt),
  le: binary(t.le),
  gt: binary(t.gt),
  ge: binary(t.ge),

  sum: reduction((x) => t.sum(x)),
  mean: reduction((x) => t.mean(x)),
  prod: reduction((x) => t.prod(x)),
  max: reduction((x) => t.max(x)),
  min: reduction((x) => t.min(x)),
  norm: reduction((x) => t.norm(x)),
  variance: reduction((x) => t.variance(x)),
  std: reduction((x) => t.std(x)),
  logSumExp: reduction((x) => t.logSumExp(x)),
  argmax: reduction((x) => t.argmax(x)),
  argmin: reduction((x) => t.argmin(x)),
  cumsum: reduction((x) => t.cumsum(x, 0)),
  cumprod: reduction((x) => t.cumprod(x, 0)),
  cummax: reduction((x) => t.cummax(x, 0).values),
  cummin: reduction((x) => t.cummin(x, 0).values),
  logcumsumexp: reduction((x) => t.logcumsumexp(x, 0)),
  median: reduction((x) => t.median(x)),
  quantile: reduction((x) => t.quantile(x, 0.5)),
  softmax: reduction((x) => t.softmax(x, 0)),
  logSoftmax: reduction((x) => t.logSoftmax(x, 0)),
  sort: reduction((x) => t.sort(x).values),
  argsort: reduction((x) => t.argsort(x)),

  all: other([[2]], (x) => t.all(x!)),
  any: other([[2]], (x) => t.any(x!)),
  logicalAnd: other([[2], [2]], (a, b) => t.logicalAnd(a!, b!)),
  logicalOr: other([[2], [2]], (a, b) => t.logicalOr(a!, b!)),
  logicalXor: other([[2], [2]], (a, b) => t.logicalXor(a!, b!)),
  logicalNot: other([[2]], (x) => t.logicalNot(x!)),
  cast: other([[2]], (x) => t.cast(x!, "float64")),
  cat: other([[2], [2]], (a, b) => t.cat([a!, b!])),
  stack: other([[2], [2]], (a, b) => t.stack([a!, b!])),
  split: other([[4]], (x) => t.split(x!, 2)[0]!),
  diag: other([[2]], (x) => t.diag(x!)),
  diagonal: other([[2, 2]], (x) => t.diagonal(x!)),
  einsum: other(
    [
      [2, 3],
      [3, 2],
    ],
    (a, b) => t.einsum("ij,jk->ik", a!, b!),
  ),
  matmul: other(
    [
      [2, 3],
      [3, 2],
    ],
    (a, b) => t.matmul(a!, b!),
  ),
  conv1d: other(
    [
      [1, 4],
      [2, 1, 3],
    ],
    (x, w) => t.conv1d(x!, w!, { padding: 1 }),
  ),
  conv2d: other(
    [
      [1, 1, 3, 3],
      [2, 1, 2, 2],
    ],
    (x, w) => t.conv2d(x!, w!),
  ),
  conv3d: other(
    [
      [1, 1, 2, 2, 2],
      [1, 1, 1, 2, 2],
    ],
    (x, w) => t.conv3d(x!, w!),
  ),
  convTranspose1d: other(
    [
      [1, 3],
      [1, 2, 2],
    ],
    (x, w) => t.convTranspose1d(x!, w!, { stride: 2 }),
  ),
  convTranspose2d: other(
    [
      [1, 1, 2, 2],
      [1, 2, 2, 2],
    ],
    (x, w) => t.convTranspose2d(x!, w!, { stride: 2 }),
  ),
  convTranspose3d: other(
    [
      [1, 1, 1, 2, 2],
      [1, 1, 1, 2, 2],
    ],
    (x, w) => t.convTranspose3d(x!, w!),
  ),
  convInput: other(
    [
      [1, 2, 2],
      [2, 1, 3],
    ],
    (g, w) => t.convInput(g!, w!, [1, 1, 4]),
  ),
  convWeight: other(
    [
      [1, 1, 4],
      [1, 2, 2],
    ],
    (x, g) => t.convWeight(x!, g!, [2, 1, 3]),
  ),
  maxPool1d: other([[1, 1, 4]], (x) => t.maxPool1d(x!, 2)),
  avgPool1d: other([[1, 1, 4]], (x) => t.avgPool1d(x!, 2)),
  adaptiveAvgPool1d: other([[1, 1, 4]], (x) => t.adaptiveAvgPool1d(x!, 3)),
  adaptiveMaxPool1d: other([[1, 1, 4]], (x) => t.adaptiveMaxPool1d(x!, 3)),
  maxPool2d: other([[1, 1, 2, 4]], (x) => t.maxPool2d(x!, 2)),
  avgPool2d: other([[1, 1, 2, 4]], (x) => t.avgPool2d(x!, 2)),
  adaptiveAvgPool2d: other([[1, 1, 2, 4]], (x) => t.adaptiveAvgPool2d(x!, 1)),
  adaptiveMaxPool2d: other([[1, 1, 2, 4]], (x) => t.adaptiveMaxPool2d(x!, 1)),
  maxPool3d: other([[1, 1, 2, 2, 2]], (x) => t.maxPool3d(x!, 2)),
  avgPool3d: other([[1, 1, 2, 2, 2]], (x) => t.avgPool3d(x!, 2)),
  adaptiveAvgPool3d: other([[1, 1, 2, 2, 2]], (x) => t.adaptiveAvgPool3d(x!, 1)),
  adaptiveMaxPool3d: other([[1, 1, 2, 2, 2]], (x) => t.adaptiveMaxPool3d(x!, 1)),
  maxPoolIndices: other([[1, 1, 2, 4]], (x) => t.maxPoolIndices(x!, 2)),
  adaptiveMaxPoolIndices: other([[1, 1, 2, 4]], (x) => t.adaptiveMaxPoolIndices(x!, 1)),
  interpolate: other([[1, 1, 2, 2]], (x) => t.interpolate(x!, { size: [2, 3], mode: "bilinear" })),
  pixelShuffle: other([[4, 1, 2]], (x) => t.pixelShuffle(x!, 2)),
  pixelUnshuffle: other([[1, 2, 2]], (x) => t.pixelUnshuffle(x!, 2)),
  unfold: other([[1, 1, 2, 3]], (x) => t.unfold(x!, 2)),
  fold: other([[1, 4, 2]], (x) => t.fold(x!, [2, 3], 2)),
  expand: other([[2]], (x) => t.expand(x!, [3, 2])),
  flatten: other([[2, 2]], (x) => t.flatten(x!)),
  flip: other([[3]], (x) => t.flip(x!, 0)),
  gather: other([[3]], (x) => t.gather(x!, 0, ints(2, 0))),
  scatterAdd: other([[3], [2]], (x, source) => t.scatterAdd(x!, 0, ints(2, 0), source!)),
  glu: other([[4]], (x) => t.glu(x!)),
  index: other([[3]], (x) => t.index(x!, ints(2, 0))),
  indexSelect: other([[3]], (x) => t.indexSelect(x!, 0, ints(2, 0))),
  indexAdd: other([[3], [2]], (x, source) => t.indexAdd(x!, 0, ints(2, 0), source!)),
  maskedFill: other([[2]], (x) => t.maskedFill(x!, mask(true, false), 7)),
  meshgrid: other([[2], [3]], (a, b) => t.meshgrid([a!, b!])[0]!),
  oneHot: other([], () => t.oneHot(ints(2, 0), 3)),
  outer: other([[2], [3]], (a, b) => t.outer(a!, b!)),
  pad: other([[2]], (x) => t.pad(x!, [[1, 1]])),
  permute: other([[2, 3]], (x) => t.permute(x!, [1, 0])),
  transpose: other([[2, 3]], (x) => t.transpose(x!)),
  repeat: other([[2]], (x) => t.repeat(x!, 2)),
  roll: other([[3]], (x) => t.roll(x!, 1)),
  tile: other([[2, 1]], (x) => t.tile(x!, 2)),
  reshape: other([[4]], (x) => t.reshape(x!, [2, 2])),
  squeeze: other([[1, 2]], (x) => t.squeeze(x!, 0)),
  unsqueeze: other([[2]], (x) => t.unsqueeze(x!, 0)),
  slice: other([[4]], (x) => t.slice(x!, [1, 3])),
  topk: other([[4]], (x) => t.topk(x!, 2).values),
  trace: other([[2, 2]], (x) => t.trace(x!)),
  tril: other([[2, 2]], (x) => t.tril(x!)),
  triu: other([[2, 2]], (x) => t.triu(x!)),
  unique: other([[3]], (x) => t.unique(x!).values),
  bincount: other([], () => t.bincount(ints(0, 3, 3))),
  where: other([[2], [2]], (a, b) => t.where(mask(true, false), a!, b!)),
  zerosLike: other([[2]], (x) => t.zerosLike(x!)),
  onesLike: other([[2]], (x) => t.onesLike(x!)),
  fullLike: other([[2]], (x) => t.fullLike(x!, 7)),
};
