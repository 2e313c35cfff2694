import { describe, expect, test } from "vitest";
import { compile } from "../../src/compile/index.ts";
import * as api from "../../src/index.ts";
import { most } from "../support/integers.ts";
import { opFunctions } from "../support/ops.ts";

// Every public op takes millions of elements: no arrays spread into arguments, no recursion that follows the data. `LARGE=25 npx vitest run test/ops/large.test.ts` takes ten millions, which show what keeps boxed copies.
const units = Number(process.env["LARGE"] ?? 5);
const rows = 100 * units;
const n = 4000 * rows;
const { tensor, reshape, zeros } = api;
type Tensor = api.Tensor;

const values = new Float32Array(n);
for (let i = 0; i < n; i++) values[i] = ((i * 7919) % 1000) / 1000 + 0.0005; // in (0, 1]
const x = tensor(values);
const square = reshape(x, [rows, 4000]);
const tall = reshape(x, [n / 4, 4]);
const mask = api.lt(x, 0.5);
const places = tensor(Int32Array.from({ length: n }, (_, i) => (i * 31) % n));
const classes = tensor(Int32Array.from({ length: n / 4 }, (_, i) => i % 4));
const column = reshape(classes, [n / 4, 1]);

/** The arguments for each function; those with none of their own are called with `x`, or `x` twice. */
const unary = (): unknown[] => [x];
const binary = (): unknown[] => [x, x];
const shape = (): unknown[] => [[n]];
const calls: Record<string, () => unknown[]> = {
  abs: unary,
  adaptiveAvgPool1d: () => [reshape(x, [1, 1, n]), 7],
  adaptiveAvgPool2d: () => [reshape(x, [1, 1, rows, 4000]), 4],
  adaptiveAvgPool3d: () => [reshape(x, [1, 1, units, 100, 4000]), 5],
  adaptiveMaxPool1d: () => [reshape(x, [1, 1, n]), 7],
  adaptiveMaxPool2d: () => [reshape(x, [1, 1, rows, 4000]), 4],
  adaptiveMaxPool3d: () => [reshape(x, [1, 1, units, 100, 4000]), 5],
  adaptiveMaxPoolIndices: () => [reshape(x, [1, 1, rows, 4000]), 4],
  add: binary,
  all: () => [mask],
  any: () => [mask],
  acos: unary,
  acosh: unary,
  arange: () => [n],
  argmax: () => [tall, 1],
  argmin: () => [tall, 1],
  argsort: () => [tall],
  asin: unary,
  asinh: unary,
  atan: unary,
  atan2: binary,
  atanh: unary,
  avgPool1d: () => [reshape(x, [1, 1, n]), 2],
  avgPool2d: () => [reshape(x, [1, 1, rows, 4000]), 2],
  avgPool3d: () => [reshape(x, [1, 1, units, 100, 4000]), [1, 2, 2]],
  bce: binary,
  bincount: () => [classes],
  cast: () => [x, "float64"],
  cat: () => [[x, x, x]],
  ceil: unary,
  celu: unary,
  clamp: () => [x, 0.2, 0.8],
  conv1d: () => [reshape(x, [1, 1, n]), zeros([1, 1, 3])],
  conv2d: () => [reshape(x, [1, 1, rows, 4000]), zeros([1, 1, 3, 3])],
  conv3d: () => [reshape(x, [1, 1, units, 100, 4000]), zeros([1, 1, 2, 2, 2])],
  convInput: () => [reshape(x, [1, 1, n]), zeros([1, 1, 3]), [1, 1, n + 2]],
  convTranspose1d: () => [reshape(x, [1, 1, n]), zeros([1, 1, 3])],
  convTranspose2d: () => [reshape(x, [1, 1, rows, 4000]), zeros([1, 1, 3, 3])],
  convTranspose3d: () => [reshape(x, [1, 1, units, 100, 4000]), zeros([1, 1, 2, 2, 2])],
  convWeight: () => [reshape(x, [1, 1, n]), reshape(api.slice(x, [2, n]), [1, 1, n - 2]), [1, 1, 3]],
  cos: unary,
  cosh: unary,
  crossEntropy: () => [tall, classes],
  cummax: () => [x, 0],
  cummin: () => [x, 0],
  cumprod: () => [x, 0],
  cumsum: () => [x, 0],
  diag: () => [tensor(new Float32Array(3000))],
  diagonal: () => [square],
  digamma: () => [api.slice(x, [0, 1_000_000])],
  div: binary,
  dropout: () => [x, 0.5, { training: true }],
  einsum: () => ["ij,j->i", tall, tensor([1, 2, 3, 4])],
  elu: unary,
  eq: binary,
  erf: unary,
  erfc: unary,
  erfinv: unary,
  exp: unary,
  exp2: unary,
  expand: () => [tensor([1, 2, 3, 4]), [n / 4, 4]],
  expm1: unary,
  eye: () => [3000],
  fold: () => [reshape(x, [1, 4, n / 4]), [rows, 4000], 2, { stride: 2 }],
  flatten: () => [square],
  flip: () => [x],
  floor: unary,
  floorDivide: binary,
  full: () => [[n], 1],
  fullLike: () => [x, 3],
  gather: () => [tall, 1, column],
  ge: binary,
  gelu: unary,
  glu: unary,
  groupNorm: () => [tall, 2],
  gt: binary,
  hardswish: unary,
  hardtanh: unary,
  hypot: binary,
  index: () => [x, places],
  indexAdd: () => [x, 0, places, x],
  indexSelect: () => [x, 0, places],
  layerNorm: () => [tall, 4],
  le: binary,
  interpolate: () => [reshape(x, [1, 1, rows, 4000]), { size: [rows / 2, 3000], mode: "bilinear" }],
  leakyRelu: unary,
  lgamma: unary,
  linspace: () => [0, 1, n],
  log: unary,
  log10: unary,
  log1p: unary,
  log2: unary,
  logaddexp: binary,
  logcumsumexp: () => [x, 0],
  logicalAnd: () => [mask, mask],
  logicalNot: () => [mask],
  logicalOr: () => [mask, mask],
  logicalXor: () => [mask, mask],
  logSoftmax: () => [tall],
  logSumExp: () => [x],
  lt: binary,
  maskedFill: () => [x, mask, 0],
  matmul: () => [square, zeros([4000, 2])],
  max: unary,
  maxPool1d: () => [reshape(x, [1, 1, n]), 2],
  maxPool2d: () => [reshape(x, [1, 1, rows, 4000]), 2],
  maxPool3d: () => [reshape(x, [1, 1, units, 100, 4000]), [1, 2, 2]],
  maxPoolIndices: () => [reshape(x, [1, 1, rows, 4000]), 2],
  maximum: binary,
  mean: unary,
  median: () => [tall, 1],
  meshgrid: () => [[tensor(new Float32Array(3000)), tensor(new Float32Array(1000))]],
  min: unary,
  minimum: binary,
  mish: unary,
  mse: binary,
  mul: binary,
  ne: binary,
  neg: unary,
  norm: unary,
  oneHot: () => [classes, 4],
  ones: shape,
  onesLike: unary,
  outer: () => [tensor(new Float32Array(3000)), tensor(new Float32Array(1000))],
  pad: () => [x, [[1, 1]]],
  permutation: () => [n],
  permute: () => [square, [1, 0]],
  pixelShuffle: () => [reshape(x, [4, rows / 2, 2000]), 2],
  pixelUnshuffle: () => [reshape(x, [1, rows, 4000]), 2],
  polygamma: () => [1, api.slice(x, [0, 1_000_000])],
  pow: () => [x, 1.5],
  prelu: () => [tall, tensor([1, 2, 3, 4])],
  prod: () => [tall, 1],
  quantile: () => [tall, 0.5, 1],
  randn: shape,
  relu: unary,
  remainder: binary,
  repeat: () => [x, 2],
  reshape: () => [x, [n / 2, 2]],
  rmsNorm: () => [tall, 4],
  roll: () => [x, 1],
  round: unary,
  rsqrt: unary,
  scatterAdd: () => [x, 0, places, x],
  selu: unary,
  sigmoid: unary,
  sign: unary,
  silu: unary,
  sin: unary,
  sinc: unary,
  sinh: unary,
  slice: () => [x, [null, null, -1]],
  softmax: () => [tall],
  softplus: unary,
  softsign: unary,
  sort: () => [api.slice(x, [0, 2_000_000])], // one lane, for the sake of time
  split: () => [x, n / 10],
  sqrt: unary,
  squeeze: () => [reshape(x, [1, n])],
  stack: () => [[x, x]],
  std: unary,
  sub: binary,
  sum: unary,
  tan: unary,
  tanh: unary,
  tensor: () => [values],
  tile: () => [x, 2],
  topk: () => [tall, 2],
  trace: () => [square],
  transpose: () => [square],
  tril: () => [square],
  triu: () => [square],
  unique: () => [classes],
  unfold: () => [reshape(x, [1, 1, rows, 4000]), 2, { stride: 2 }],
  unsqueeze: () => [x, 0],
  variance: unary,
  where: () => [mask, x, 0],
  xlogy: binary,
  zeros: shape,
  zerosLike: unary,
};

const functions = Object.entries(api as Record<string, unknown>).filter(
  (entry): entry is [string, (...args: unknown[]) => unknown] => typeof entry[1] === "function",
);

describe("takes millions of elements", () => {
  for (const [name, f] of functions) {
    const args = calls[name];
    if (args !== undefined) test(name, () => expect(f(...args())).toBeDefined());
    else if (opFunctions.has(f)) test(`${name} is missing in this test's list`, () => expect(args).toBeDefined());
  }

  test("backward, and a gradient that is added up", () => {
    const w = tensor(values, { requiresGrad: true });
    const loss = (): Tensor => api.sum(api.mul(api.relu(w), w));
    w.grad = x;
    loss().backward();
    expect(w.grad?.data[3]).toBeCloseTo(3 * values[3]!, 5);
  });

  test("arrays in and out, and printing", () => {
    const row = Array.from({ length: n / 1000 }, (_, i) => i);
    const nested = Array.from({ length: 1000 }, () => row);
    const y = tensor(nested);
    expect(y.toArray<number[][]>()[999]![9]).toBe(9);
    expect(String(y).length).toBeLessThan(1000);
  });
});

describe("sums of integers that float64 rounds on the way are exact all the same", () => {
  // All of one sign, half of them, and more than 2²² of them: their sum needs more than 53 bits. The rest takes it back to 1.
  const half = 2 ** 23 + 1;
  const data = new Int32Array(2 * half).fill(most, 0, half).fill(-most, half);
  data[half] = 1 - most;
  const integers = tensor(data);

  const functions: Record<string, (v: Tensor) => Tensor> = {
    sum: (v) => api.sum(v),
    "sum of rows": (v) => api.sum(reshape(v, [2 * half, 1]), 0, { keepDims: true }),
    "sum over axes that are apart": (v) => api.sum(reshape(v, [2, 1, half]), [0, 2]),
    scatterAdd: (v) => api.scatterAdd(zeros([1], { dtype: "int32" }), 0, zeros([2 * half], { dtype: "int32" }), v),
    indexAdd: (v) => api.indexAdd(zeros([1], { dtype: "int32" }), 0, zeros([2 * half], { dtype: "int32" }), v),
  };
  test.each(Object.entries(functions))("%s", (_, f) => {
    expect([...f(integers).data]).toEqual([1]);
    const compiled = compile(f);
    compiled(zeros([2 * half], { dtype: "int32" }));
    expect([...compiled(integers).data]).toEqual([1]);
  });
});
