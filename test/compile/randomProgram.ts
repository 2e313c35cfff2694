import fc from "fast-check";
import type { Tensor } from "../../src/index.ts";
import * as T from "../../src/index.ts";
import { type Shake, still } from "./opinions.ts";

/** A step of a random program: picks what to do and on what by numbers that mean something for any pool of tensors. */
export interface Step {
  readonly op: number;
  readonly a: number;
  readonly b: number;
  readonly c: number;
}

/** What a random program is made of. */
export interface Recipe {
  readonly shape: readonly number[];
  readonly dtype: "float32" | "float64";
  readonly steps: readonly Step[];
  readonly seed: number;
  readonly backward: boolean;
}

const numbers = fc.nat({ max: 1_000_000 });

export const recipes: fc.Arbitrary<Recipe> = fc.record({
  shape: fc.array(fc.constantFrom(1, 2, 3, 4, 5, 7, 8, 9, 12, 17), { minLength: 0, maxLength: 3 }),
  dtype: fc.constantFrom("float32", "float64"),
  steps: fc.array(fc.record({ op: numbers, a: numbers, b: numbers, c: numbers }), { minLength: 5, maxLength: 60 }),
  seed: fc.noShrink(numbers),
  backward: fc.boolean(),
});

/** A function of a tensor, another one, and a number that chooses among variants. */
export type Apply = (x: Tensor, y: Tensor, c: number) => Tensor;

/** Brings values back to between −2 and 2 or so, that long programs stay finite. */
const tame = (x: Tensor): Tensor => T.tanh(T.mul(x, 0.5)).mul(2);

/** An axis of a tensor that has some. */
export const axisOf = (x: Tensor, c: number): number => c % Math.max(1, x.shape.length);

/** y in the shape of x, as far as broadcasting goes: reduced to a row, or a scalar. */
function fitting(x: Tensor, y: Tensor, c: number): Tensor {
  try {
    T.expand(y, x.shape);
    return y;
  } catch {
    return c % 2 === 0 ? T.mean(y) : T.mul(T.mean(y), T.add(x, 1));
  }
}

/** A tensor as images of so many axes, with their channels. */
function imageOf(x: Tensor, axes: number): Tensor {
  const shape = [1, 1, 1, ...x.shape].slice(-axes - 2);
  return T.reshape(x, [-1, ...shape.slice(1)]);
}

/** A tensor of a shape, of elements of another. */
function filter(y: Tensor, c: number, shape: readonly number[]): Tensor {
  const size = shape.reduce((a, b) => a * b, 1);
  const at = Array.from({ length: size }, (_, i) => (i * 7 + c) % y.size);
  return T.reshape(T.indexSelect(T.reshape(y, [-1]), 0, T.tensor(at, { dtype: "int32" })), [...shape]);
}

/** Convolutions whose windows may be larger than what is left of an image without its padding. */
function convolved(axes: 1 | 2): Apply {
  return (x, y, c) => {
    const image = imageOf(x, axes);
    if (image.size > 400) return x;
    const kernel = Array.from({ length: axes }, (_, d) => 1 + ((c >> d) % 3));
    const out = c % 5 === 0 ? 17 : 1 + (c % 3); // of many outputs at few places, windows are rows
    const weight = filter(y, c, [out, image.shape[1]!, ...kernel]);
    const options = { stride: 1 + ((c >> 3) % 2), padding: 2, dilation: 1 + ((c >> 4) % 2) };
    return axes === 1 ? T.conv1d(image, weight, options) : T.conv2d(image, weight, options);
  };
}

/** Functions that move elements, and compute nothing. */
export const shapely: Record<string, Apply> = {
  reshape: (x) => T.reshape(x, [-1]),
  transpose: (x) => T.transpose(x),
  permute: (x) => T.permute(x, x.shape.map((_, d) => d).reverse()),
  flip: (x, _, c) => (x.shape.length === 0 ? x : T.flip(x, axisOf(x, c))),
  expand: (x, _, c) => (x.size > 200 ? x : T.expand(x, [(c % 4) + 1, ...x.shape])),
  slice: (x, _, c) => {
    const n = x.shape[0] ?? 0;
    return n < 2 ? x : T.slice(x, [c % 2, n, 1 + (c % 3)]);
  },
  pad: (x, _, c) => (x.shape.length === 0 || x.size > 400 ? x : T.pad(x, [[c % 3, 1]], 0.5)),
  cat: (x, _, c) => (x.shape.length === 0 || x.size > 400 ? x : T.cat([x, T.mul(x, 2)], axisOf(x, c))),
  tril: (x) => (x.shape.length < 2 ? x : T.tril(x)),
  gather: (x, _, c) => {
    const n = x.shape[0] ?? 0;
    if (n === 0) return x;
    return T.indexSelect(x, 0, T.tensor([c % n, 0, (c >> 3) % n], { dtype: "int32" }));
  },
};

/** Functions without steps in them, for float32 as well. */
export const smooth: Record<string, Apply> = {
  ...shapely,
  add: (x, y, c) => T.add(x, fitting(x, y, c)),
  sub: (x, y, c) => T.sub(fitting(x, y, c), x),
  mul: (x, y, c) => T.mul(x, fitting(x, y, c)),
  div: (x, y, c) => T.div(fitting(x, y, c), T.add(T.mul(x, x), 1)),
  neg: (x) => T.neg(x),
  abs: (x) => T.abs(x),
  exp: (x) => T.exp(T.mul(x, 0.5)),
  expm1: (x) => T.expm1(T.mul(x, 0.5)),
  log: (x) => T.log(T.add(T.mul(x, x), 0.5)),
  log1p: (x) => T.log1p(T.mul(x, x)),
  sqrt: (x) => T.sqrt(T.add(T.mul(x, x), 0.1)),
  rsqrt: (x) => T.rsqrt(T.add(T.mul(x, x), 0.5)),
  tanh: (x) => T.tanh(x),
  sigmoid: (x) => T.sigmoid(x),
  softplus: (x) => T.softplus(x),
  relu: (x) => T.relu(x),
  gelu: (x) => T.gelu(x),
  silu: (x) => T.silu(x),
  sin: (x) => T.sin(x),
  cos: (x) => T.cos(x),
  erf: (x) => T.erf(x),
  pow: (x) => T.pow(T.add(T.mul(x, x), 0.5), 1.3),
  square: (x) => T.pow(x, 2),
  maximum: (x, y, c) => T.maximum(x, fitting(x, y, c)),
  minimum: (x, y, c) => T.minimum(fitting(x, y, c), x),
  clamp: (x) => T.clamp(x, -0.5, 1),
  sum: (x, _, c) => (x.shape.length === 0 ? T.sum(x) : T.sum(x, axisOf(x, c), { keepDims: c % 3 === 0 })),
  mean: (x, _, c) => (x.shape.length === 0 ? T.mean(x) : T.mean(x, axisOf(x, c))),
  sumAll: (x) => T.sum(x),
  max: (x, _, c) => (x.shape.length === 0 ? T.max(x) : T.max(x, axisOf(x, c))),
  variance: (x, _, c) => T.variance(x, x.shape.length === 0 ? undefined : axisOf(x, c), { correction: 0 }),
  softmax: (x, _, c) => T.softmax(x, axisOf(x, c)),
  logSoftmax: (x, _, c) => T.logSoftmax(x, axisOf(x, c)),
  logSumExp: (x, _, c) => T.logSumExp(x, x.shape.length === 0 ? undefined : axisOf(x, c)),
  cumsum: (x, _, c) => (x.shape.length === 0 ? x : T.cumsum(x, axisOf(x, c))),
  prod: (x, _, c) => (x.shape.length === 0 ? x : T.prod(T.clamp(x, 0.5, 1.5), axisOf(x, c))),
  matmul: (x) => (x.shape.length < 2 ? T.mul(x, x) : T.matmul(x, T.transpose(x))),
  matmulVector: (x, _, c) => {
    const n = x.shape.at(-1);
    if (n === undefined) return x;
    return T.matmul(x, T.tensor(Array.from({ length: n }, (__, i) => Math.cos(i + c)), { dtype: x.dtype })); // biome-ignore format: one line
  },
  where: (x, y, c) => T.where(T.gt(T.tensor(c % 2), 0), x, fitting(x, y, c)),
  scatterAdd: (x, _, c) => {
    const n = x.shape[0] ?? 0;
    if (n === 0) return x;
    const at = T.tensor([c % n, c % n, (c >> 2) % n], { dtype: "int32" });
    return T.indexAdd(x, 0, at, T.indexSelect(x, 0, at));
  },
  detach: (x) => x.detach(),
  tan: (x) => T.tan(T.mul(x, 0.5)),
  asin: (x) => T.asin(T.mul(T.tanh(x), 0.9)),
  acos: (x) => T.acos(T.mul(T.tanh(x), 0.9)),
  atan: (x) => T.atan(x),
  atan2: (x, y, c) => T.atan2(fitting(x, y, c), T.add(T.mul(x, x), 0.5)),
  sinh: (x) => T.sinh(x),
  cosh: (x) => T.cosh(x),
  asinh: (x) => T.asinh(x),
  acosh: (x) => T.acosh(T.add(T.mul(x, x), 1.5)),
  atanh: (x) => T.atanh(T.mul(T.tanh(x), 0.9)),
  exp2: (x) => T.exp2(x),
  log2: (x) => T.log2(T.add(T.mul(x, x), 0.5)),
  log10: (x) => T.log10(T.add(T.mul(x, x), 0.5)),
  hypot: (x, y, c) => T.hypot(T.add(x, 3), fitting(x, y, c)),
  logaddexp: (x, y, c) => T.logaddexp(x, fitting(x, y, c)),
  xlogy: (x, y, c) => T.xlogy(x, T.add(T.abs(fitting(x, y, c)), 0.5)),
  erfc: (x) => T.erfc(x),
  erfinv: (x) => T.erfinv(T.mul(T.tanh(x), 0.9)),
  sinc: (x) => T.sinc(x),
  lgamma: (x) => T.lgamma(T.add(T.mul(x, x), 0.5)),
  digamma: (x) => T.digamma(T.add(T.mul(x, x), 0.5)),
  elu: (x) => T.elu(x),
  selu: (x) => T.selu(x),
  mish: (x) => T.mish(x),
  hardswish: (x) => T.hardswish(x),
  hardtanh: (x) => T.hardtanh(x),
  softsign: (x) => T.softsign(x),
  leakyRelu: (x) => T.leakyRelu(x, 0.1),
  glu: (x) => (x.shape.length === 0 || x.shape.at(-1)! % 2 > 0 ? x : T.glu(x)),
  norm: (x, _, c) => T.norm(T.add(x, 3), 2, x.shape.length === 0 ? undefined : axisOf(x, c)),
  cumprod: (x, _, c) => (x.shape.length === 0 ? x : T.cumprod(T.clamp(x, 0.5, 1.5), axisOf(x, c))),
  logcumsumexp: (x, _, c) => (x.shape.length === 0 ? x : T.logcumsumexp(x, axisOf(x, c))),
  roll: (x, _, c) => (x.shape.length === 0 ? x : T.roll(x, c % 5, axisOf(x, c))),
  conv1d: convolved(1),
  conv2d: convolved(2),
  convGroups: (x, y, c) => {
    const image = imageOf(x, 1);
    const channels = image.shape[1]!;
    return T.conv1d(image, filter(y, c, [2 * channels, 1, 2]), { groups: channels, padding: 1 });
  },
  convTranspose2d: (x, y, c) => {
    const image = imageOf(x, 2);
    return image.size > 400
      ? x
      : T.convTranspose2d(image, filter(y, c, [image.shape[1]!, 2, 2, 2]), { stride: 1 + (c % 2) });
  },
  attention: (x, y, c) => {
    const n = x.shape.at(-1) ?? 1;
    const query = T.reshape(x, [1, -1, n]);
    const key = filter(y, c, [1, 5, n]);
    if (query.size > 400) return x;
    return c % 2 === 0
      ? T.scaledDotProductAttention(query, key, T.tanh(key))
      : T.scaledDotProductAttention(query, query, T.mul(query, 2), { causal: true });
  },
};

/** A part of an integer's bits, so that long programs come back from the ends of int32. */
const shrunk = (x: Tensor, c: number): Tensor => T.floor(x.to("float64").div(2 ** (c % 31))).to("int32");

/** Functions of int32 tensors of one shape into such ones: exact, wrapping, or refused. */
const integral: Record<string, Apply> = {
  add: (x, y) => T.add(x, y),
  sub: (x, y) => T.sub(x, y),
  mul: (x, y) => T.mul(x, y),
  mulNumber: (x, _, c) => T.mul(x, c),
  neg: (x) => T.neg(x),
  abs: (x) => T.abs(x),
  maximum: (x, y) => T.maximum(x, y),
  minimum: (x, y) => T.minimum(x, y),
  clamp: (x, _, c) => T.clamp(x, -c, c * 1000),
  sign: (x) => T.sign(x),
  relu: (x) => T.relu(x),
  where: (x, y) => T.where(T.lt(x, y), T.sub(y, x), x),
  shrunk: (x, _, c) => shrunk(x, c),
  shrunkMore: (x, _, c) => shrunk(x, 20 + (c % 11)),
  pow: (x, _, c) => T.pow(x, c % 4),
  powTensor: (x, y) => T.pow(T.clamp(x, -3, 3), T.clamp(y, -1, 9)),
  sum: (x, y, c) => T.add(T.sum(x, axisOf(x, c), { keepDims: true }), y),
  cumsum: (x, _, c) => T.cumsum(x, axisOf(x, c)),
  prod: (x, y, c) => T.add(T.prod(x, axisOf(x, c), { keepDims: true }), y),
  matmul: (x, y) => T.matmul(T.matmul(x, T.transpose(y)), x),
  max: (x, y, c) => T.sub(T.max(x, axisOf(x, c), { keepDims: true }), y),
  indexAdd: (x, y, c) => T.indexAdd(x, 0, T.full([x.shape[0]!], c % x.shape[0]!, { dtype: "int32" }), y),
  mean: (x) => T.floor(T.sub(x, T.mean(x.to("float64")))).to("int32"),
  sort: (x) => T.sort(x, 0).values,
};

/** A program of integers made by a recipe: its results. */
export function integerProgramOf({ steps }: Recipe, log: string[] = []) {
  const functions = Object.entries(integral);
  return (...inputs: Tensor[]): Tensor[] => {
    const pool = [...inputs];
    for (const { op, a, b, c } of steps) {
      const [name, fn] = functions[op % functions.length]!;
      const [first, second] = [pool.length - 1 - (a % Math.min(pool.length, 4)), b % pool.length];
      log.push(`${pool.length}: ${name}(${first}, ${second}, ${c})`);
      pool.push(fn(pool[first]!, pool[second]!, c));
    }
    return [pool.at(-1)!, T.mean(pool.at(-1)!)];
  };
}

/** Functions with steps, where float32 that is rounded otherwise comes to another result. */
const stepped: Record<string, Apply> = {
  floor: (x) => T.floor(x),
  ceil: (x) => T.ceil(x),
  round: (x) => T.round(x),
  sign: (x) => T.sign(x),
  where: (x, y, c) => T.where(T.gt(x, 0.3), fitting(x, y, c), T.mul(x, 2)),
  lt: (x, y, c) => T.mul(x, T.lt(x, fitting(x, y, c)).to(x.dtype)),
  logical: (x) => T.logicalAnd(T.gt(x, -1), T.logicalNot(T.gt(x, 1))).to(x.dtype),
  // of steps of 1/1024: equal products of other orders differ in the last bit, and who is larger is to be the same for all
  argmax: (x, _, c) => T.argmax(T.round(T.mul(x, 1024)), x.shape.length === 0 ? undefined : axisOf(x, c)).to(x.dtype),
  any: (x) => T.any(T.gt(x, 1)).to(x.dtype),
  oneHot: (x) => (x.size > 60 ? x : T.oneHot(T.clamp(T.floor(x), 0, 2).to("int32"), 3, { dtype: x.dtype })),
  cast: (x) => T.add(x, T.floor(x).to("int32")),
};

/** A program made by a recipe, with a parameter; returns its result, and lists what it did. */
export function programOf({ steps, dtype, backward }: Recipe, w: Tensor, log: string[] = [], shake: Shake = still) {
  const functions = Object.entries(dtype === "float32" ? smooth : { ...smooth, ...stepped });
  return (x: Tensor): Tensor[] => {
    const pool: Tensor[] = [shake(x), shake(w)];
    if (backward) w.grad = null;
    for (const { op, a, b, c } of steps) {
      const [name, fn] = functions[op % functions.length]!;
      const [first, second] = [pool.length - 1 - (a % Math.min(pool.length, 4)), b % pool.length];
      const y = fn(pool[first]!, pool[second]!, c);
      log.push(`${pool.length}: ${name}(${first}, ${second}, ${c}) ${y.dtype}[${y.shape}]`);
      pool.push(shake(y.size > 2000 ? T.mean(y) : tame(y)));
    }
    const last = pool.at(-1)!;
    const loss = T.sum(T.mul(last, last));
    if (!backward || !loss.requiresGrad) return [last, loss];
    loss.backward();
    const { grad } = w;
    w.assign(T.sub(w.detach(), grad === null ? 0 : T.mul(T.tanh(grad), 0.1)));
    return grad === null ? [last, loss] : [last, loss, grad];
  };
}

/** A tensor of values that a seed and a number name. */
export function valuesOf({ shape, dtype, seed }: Recipe, k: number): Tensor {
  const generator = new T.Generator(seed + k);
  return T.randn(shape, { dtype, generator });
}
