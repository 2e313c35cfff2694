import * as tg from "../../src/index.ts";
import { OutOfScope } from "./binding.ts";

type Tensor = tg.Tensor;
type Operand = Tensor | number;

// PyTorch's elementwise functions and reductions that this library leaves to its user to compose: each a few of its calls, exact where
// PyTorch is, never arithmetic on values.

/** `k x`, and x itself for k = 1, as PyTorch's `alpha` and `beta`. */
export function scaled(x: Tensor, k: number): Tensor {
  return k === 1 ? x : tg.mul(x, k);
}

/** `k x` where 0 x is 0 even for infinite x, with gradient 0: `beta` of the matrix functions. */
export function scaledOrNothing(x: Tensor, k: number): Tensor {
  return k === 0 ? tg.maskedFill(x, tg.full([], true, { dtype: "bool" }), 0) : scaled(x, k);
}

export function trunc(x: Tensor): Tensor {
  return tg.where(tg.lt(x, 0), tg.ceil(x), tg.floor(x));
}

/** The magnitude of a with the sign of b, that of a zero included; the derivative with respect to b is 0. */
export function copysign(a: Tensor, b: Tensor): Tensor {
  const ofZero = tg.where(tg.lt(tg.div(1, b), 0), -1, 1);
  return tg.mul(tg.abs(a), tg.where(tg.eq(b, 0), ofZero, tg.sign(b)));
}

/** a · f(b), 0 where a is 0 and f(b) is not finite; NaN only where b is NaN (or a is). */
function zeroOr(a: Operand, b: Tensor, infinite: Tensor, f: (b: Tensor) => Tensor): Tensor {
  const zero = tg.logicalAnd(tg.eq(tg.add(tg.zerosLike(b), a), 0), infinite);
  return tg.where(zero, 0, tg.mul(a, f(tg.where(zero, 1, b))));
}

export function xlog1py(a: Operand, b: Tensor): Tensor {
  return zeroOr(a, b, tg.logicalOr(tg.le(b, -1), tg.eq(b, Number.POSITIVE_INFINITY)), tg.log1p);
}

/** −x log x, with 0 at 0 and −∞ below. */
export function entr(x: Tensor): Tensor {
  return tg.where(tg.lt(x, 0), Number.NEGATIVE_INFINITY, tg.neg(tg.xlogy(x, x)));
}

export function finite(x: Tensor): Tensor {
  return tg.lt(tg.abs(x), Number.POSITIVE_INFINITY);
}

export function isnan(x: Tensor): Tensor {
  return tg.ne(x, x);
}

/** The larger of both; NaN only where both are. All of the gradient goes to the first at a tie. */
export function fmax(a: Tensor, b: Tensor): Tensor {
  return tg.where(tg.logicalOr(tg.ge(a, b), isnan(b)), a, b);
}

export function fmin(a: Tensor, b: Tensor): Tensor {
  return tg.where(tg.logicalOr(tg.le(a, b), isnan(b)), a, b);
}

/** A bound from below that may be a tensor; at a tie the gradient goes to x. */
export function clampMin(x: Tensor, low: Operand | null): Tensor {
  if (low === null || typeof low === "number") return low === null ? x : tg.clamp(x, low, null);
  return tg.where(tg.logicalOr(tg.lt(x, low), isnan(low)), low, x);
}

export function clampMax(x: Tensor, high: Operand | null): Tensor {
  if (high === null || typeof high === "number") return high === null ? x : tg.clamp(x, null, high);
  return tg.where(tg.logicalOr(tg.gt(x, high), isnan(high)), high, x);
}

/** `clamp` whose gradient is 0 at the bounds too. */
export function lerp(a: Tensor, b: Tensor, weight: Operand): Tensor {
  return tg.add(a, tg.mul(tg.sub(b, a), weight));
}

export function nanToNum(x: Tensor, nan: number, posinf: number | null, neginf: number | null): Tensor {
  const largest = x.dtype === "float32" ? 3.4028234663852886e38 : Number.MAX_VALUE;
  const high = tg.where(tg.eq(x, Number.POSITIVE_INFINITY), posinf ?? largest, x);
  const low = tg.where(tg.eq(x, Number.NEGATIVE_INFINITY), neginf ?? -largest, high);
  return tg.where(isnan(x), nan, low);
}

/** `softplus(beta x) / beta`. The default threshold is for rounding alone, which this library's softplus does not need. */
export function softplus(x: Tensor, beta: number, threshold: number): Tensor {
  const z = scaled(x, beta);
  const y = scaled(tg.softplus(z), 1 / beta);
  return threshold === 20 ? y : tg.where(tg.gt(z, threshold), x, y);
}

export function softshrink(x: Tensor, lambda: number): Tensor {
  const low = tg.where(tg.lt(x, -lambda), tg.add(x, lambda), 0);
  return tg.where(tg.gt(x, lambda), tg.sub(x, lambda), low);
}

/** Largest (or smallest) elements of an axis and where they stand; the gradient goes to the first of equals. */
export function extremes(x: Tensor, axis: number, keepDims: boolean, argument: typeof tg.argmax): Tensor[] {
  const at = argument(x, axis, { keepDims: true });
  const values = tg.gather(x, axis, at);
  return keepDims || x.rank === 0 ? [values, at] : [tg.squeeze(values, axis), tg.squeeze(at, axis)];
}

/** The p-norm. PyTorch 1.13 has no path through a count (p = 0), and rounds other p to float32. */
export function norm(x: Tensor, p: number, axes: number | number[] | undefined, options: tg.ReduceOptions): Tensor {
  if (Math.fround(p) !== p) throw new OutOfScope("PyTorch 1.13 rounds the order of a norm to float32");
  return tg.norm(p === 0 ? x.detach() : x, p, axes, options);
}

/** Norms of vectors and, for matrices, those that need no singular values. */
export function matrixNorm(x: Tensor, order: number | string, axes: readonly number[], keepDims: boolean): Tensor {
  const [row, column] = axes.map((axis) => (axis < 0 ? axis + x.rank : axis)) as [number, number];
  if (order === "fro") return tg.norm(x, 2, [row, column], { keepDims });
  const last = Math.abs(Number(order)) === 1 ? [row, column] : [column, row];
  const sums = tg.sum(tg.abs(x), last[0]!, { keepDims: true });
  const y = (Number(order) > 0 ? tg.max : tg.min)(sums, last[1]!, { keepDims: true });
  return keepDims ? y : tg.squeeze(y, [row, column]);
}

/** Some matrix norms are of singular values. */
/** The remainder with the dividend's sign: that of a dividend above 0, mirrored. */
export function fmod(a: Tensor | number, b: Tensor | number): Tensor {
  const divisor = typeof b === "number" ? Math.abs(b) : tg.abs(b);
  const of = (x: Tensor | number): Tensor => tg.remainder(x, divisor);
  return tg.where(tg.lt(a, 0), tg.neg(of(typeof a === "number" ? -a : tg.neg(a))), of(a));
}

export function refuseSingularValues(): never {
  throw new OutOfScope("needs singular values");
}

export function normalized(x: Tensor, axes: readonly number[], eps: number): Tensor {
  const mean = tg.mean(x, axes, { keepDims: true });
  const variance = tg.variance(x, axes, { keepDims: true, correction: 0 });
  return tg.mul(tg.sub(x, mean), tg.rsqrt(tg.add(variance, eps)));
}

/** One value per channel, shaped to stand along axis 1 of x. */
export function channels(x: Tensor, values: Tensor): Tensor {
  return values.reshape([values.size, ...new Array(Math.max(x.rank - 2, 0)).fill(1)]);
}

/** Scale and shift along axis 1. */
export function perChannel(x: Tensor, weight: Tensor | null, bias: Tensor | null): Tensor {
  const y = weight === null ? x : tg.mul(x, channels(x, weight));
  return bias === null ? y : tg.add(y, channels(x, bias));
}

/** Both tensors in the shape they broadcast to. */
export function broadcast(...tensors: Tensor[]): Tensor[] {
  const rank = tensors.reduce((r, t) => Math.max(r, t.rank), 0);
  const shape = Array.from({ length: rank }, (_, i) => {
    const sizes = tensors.map((t) => t.shape[i - rank + t.rank] ?? 1);
    return sizes.find((n) => n !== 1) ?? 1;
  });
  return tensors.map((t) => tg.expand(t, shape));
}
