import type { DType } from "./core/dtype.ts";
import { IndexError, ShapeError, textOf, ValueError } from "./core/errors.ts";
import { describe, type Shape } from "./core/shape.ts";
import { inspectable } from "./format.ts";
import { abs } from "./ops/abs.ts";
import { add } from "./ops/add.ts";
import { all, any } from "./ops/anyAll.ts";
import { argmax, argmin } from "./ops/argmax.ts";
import { cast } from "./ops/cast.ts";
import { ceil } from "./ops/ceil.ts";
import { clamp } from "./ops/clamp.ts";
import { eq, ge, gt, le, lt, ne } from "./ops/compare.ts";
import { cos } from "./ops/cos.ts";
import { cumsum } from "./ops/cumsum.ts";
import { div } from "./ops/div.ts";
import { exp } from "./ops/exp.ts";
import { expand } from "./ops/expand.ts";
import { floor } from "./ops/floor.ts";
import { log } from "./ops/log.ts";
import { matmul } from "./ops/matmul.ts";
import { max, min } from "./ops/max.ts";
import { maximum, minimum } from "./ops/maximum.ts";
import { mean } from "./ops/mean.ts";
import { mul } from "./ops/mul.ts";
import { neg } from "./ops/neg.ts";
import { norm } from "./ops/norm.ts";
import { permute, transpose } from "./ops/permute.ts";
import { pow } from "./ops/pow.ts";
import { prod } from "./ops/prod.ts";
import type { ReduceOptions } from "./ops/reduce.ts";
import { relu } from "./ops/relu.ts";
import { flatten, reshape, squeeze, unsqueeze } from "./ops/reshape.ts";
import { round } from "./ops/round.ts";
import { sigmoid } from "./ops/sigmoid.ts";
import { sign } from "./ops/sign.ts";
import { sin } from "./ops/sin.ts";
import { type SliceSpec, slice } from "./ops/slice.ts";
import { logSoftmax, softmax } from "./ops/softmax.ts";
import { type Sorted, type SortOptions, sort } from "./ops/sort.ts";
import { sqrt } from "./ops/sqrt.ts";
import { sub } from "./ops/sub.ts";
import { sum } from "./ops/sum.ts";
import { tanh } from "./ops/tanh.ts";
import { std, type VarianceOptions, variance } from "./ops/variance.ts";
import { where } from "./ops/where.ts";
import type { Tensor } from "./tensor.ts";

/** An axis or several, negative ones counted from the end; all if left out. */
export type Axes = number | readonly number[];

/**
 * The everyday ops as methods, so that they chain: `x.pow(2).sum(1).sqrt()`. This is the whole list. Every other op is a function, and chains by {@link TensorMethods.pipe}; since a method is
 * in every bundle, ops that are added later are functions only.
 */
export abstract class TensorMethods extends /* @__PURE__ */ inspectable() {
  // Arithmetic, elementwise.

  /** {@link add} as a method. */
  add(this: Tensor, other: Tensor | number): Tensor {
    return add(this, other);
  }

  /** {@link sub} as a method. */
  sub(this: Tensor, other: Tensor | number): Tensor {
    return sub(this, other);
  }

  /** {@link mul} as a method. */
  mul(this: Tensor, other: Tensor | number): Tensor {
    return mul(this, other);
  }

  /** {@link div} as a method. */
  div(this: Tensor, other: Tensor | number): Tensor {
    return div(this, other);
  }

  /** {@link pow} as a method. */
  pow(this: Tensor, exponent: Tensor | number): Tensor {
    return pow(this, exponent);
  }

  /** {@link neg} as a method. */
  neg(this: Tensor): Tensor {
    return neg(this);
  }

  /** {@link abs} as a method. */
  abs(this: Tensor): Tensor {
    return abs(this);
  }

  /** {@link sign} as a method. */
  sign(this: Tensor): Tensor {
    return sign(this);
  }

  /** {@link sqrt} as a method. */
  sqrt(this: Tensor): Tensor {
    return sqrt(this);
  }

  /** {@link exp} as a method. */
  exp(this: Tensor): Tensor {
    return exp(this);
  }

  /** {@link log} as a method. */
  log(this: Tensor): Tensor {
    return log(this);
  }

  /** {@link sin} as a method. */
  sin(this: Tensor): Tensor {
    return sin(this);
  }

  /** {@link cos} as a method. */
  cos(this: Tensor): Tensor {
    return cos(this);
  }

  /** {@link floor} as a method. */
  floor(this: Tensor): Tensor {
    return floor(this);
  }

  /** {@link ceil} as a method. */
  ceil(this: Tensor): Tensor {
    return ceil(this);
  }

  /** {@link round} as a method. */
  round(this: Tensor): Tensor {
    return round(this);
  }

  /** {@link clamp} as a method. */
  clamp(this: Tensor, low?: number | null, high?: number | null): Tensor {
    return clamp(this, low, high);
  }

  /** {@link maximum} as a method. */
  maximum(this: Tensor, other: Tensor | number): Tensor {
    return maximum(this, other);
  }

  /** {@link minimum} as a method. */
  minimum(this: Tensor, other: Tensor | number): Tensor {
    return minimum(this, other);
  }

  // Activations.

  /** {@link relu} as a method. */
  relu(this: Tensor): Tensor {
    return relu(this);
  }

  /** {@link sigmoid} as a method. */
  sigmoid(this: Tensor): Tensor {
    return sigmoid(this);
  }

  /** {@link tanh} as a method. */
  tanh(this: Tensor): Tensor {
    return tanh(this);
  }

  /** {@link softmax} as a method. */
  softmax(this: Tensor, axis?: number): Tensor {
    return softmax(this, axis);
  }

  /** {@link logSoftmax} as a method. */
  logSoftmax(this: Tensor, axis?: number): Tensor {
    return logSoftmax(this, axis);
  }

  // Comparisons and choices.

  /** {@link eq} as a method. */
  eq(this: Tensor, other: Tensor | number): Tensor {
    return eq(this, other);
  }

  /** {@link ne} as a method. */
  ne(this: Tensor, other: Tensor | number): Tensor {
    return ne(this, other);
  }

  /** {@link lt} as a method. */
  lt(this: Tensor, other: Tensor | number): Tensor {
    return lt(this, other);
  }

  /** {@link le} as a method. */
  le(this: Tensor, other: Tensor | number): Tensor {
    return le(this, other);
  }

  /** {@link gt} as a method. */
  gt(this: Tensor, other: Tensor | number): Tensor {
    return gt(this, other);
  }

  /** {@link ge} as a method. */
  ge(this: Tensor, other: Tensor | number): Tensor {
    return ge(this, other);
  }

  /** {@link where} as a method: these elements where the mask is true, the other's elsewhere. */
  where(this: Tensor, mask: Tensor, other: Tensor | number): Tensor {
    return where(mask, this, other);
  }

  // Reductions: over one axis, several, or all.

  /** {@link sum} as a method. */
  sum(this: Tensor, axes?: Axes, options?: ReduceOptions): Tensor {
    return sum(this, axes, options);
  }

  /** {@link mean} as a method. */
  mean(this: Tensor, axes?: Axes, options?: ReduceOptions): Tensor {
    return mean(this, axes, options);
  }

  /** {@link prod} as a method. */
  prod(this: Tensor, axes?: Axes, options?: ReduceOptions): Tensor {
    return prod(this, axes, options);
  }

  /** {@link max} as a method. */
  max(this: Tensor, axes?: Axes, options?: ReduceOptions): Tensor {
    return max(this, axes, options);
  }

  /** {@link min} as a method. */
  min(this: Tensor, axes?: Axes, options?: ReduceOptions): Tensor {
    return min(this, axes, options);
  }

  /** {@link any} as a method. */
  any(this: Tensor, axes?: Axes, options?: ReduceOptions): Tensor {
    return any(this, axes, options);
  }

  /** {@link all} as a method. */
  all(this: Tensor, axes?: Axes, options?: ReduceOptions): Tensor {
    return all(this, axes, options);
  }

  /** {@link variance} as a method. */
  variance(this: Tensor, axes?: Axes, options?: VarianceOptions): Tensor {
    return variance(this, axes, options);
  }

  /** {@link std} as a method. */
  std(this: Tensor, axes?: Axes, options?: VarianceOptions): Tensor {
    return std(this, axes, options);
  }

  /** {@link norm} as a method. */
  norm(this: Tensor, p?: number, axes?: Axes, options?: ReduceOptions): Tensor {
    return norm(this, p, axes, options);
  }

  /** {@link argmax} as a method. */
  argmax(this: Tensor, axis?: number, options?: ReduceOptions): Tensor {
    return argmax(this, axis, options);
  }

  /** {@link argmin} as a method. */
  argmin(this: Tensor, axis?: number, options?: ReduceOptions): Tensor {
    return argmin(this, axis, options);
  }

  // Along an axis.

  /** {@link cumsum} as a method. */
  cumsum(this: Tensor, axis: number): Tensor {
    return cumsum(this, axis);
  }

  /** {@link sort} as a method. */
  sort(this: Tensor, axis?: number, options?: SortOptions): Sorted {
    return sort(this, axis, options);
  }

  // Products.

  /** {@link matmul} as a method. */
  matmul(this: Tensor, other: Tensor): Tensor {
    return matmul(this, other);
  }

  // Shapes.

  /** {@link reshape} as a method. The sizes stand in an array, or one by one: `x.reshape(2, -1)`. */
  reshape(this: Tensor, ...shape: readonly number[] | [shape: Shape]): Tensor {
    return reshape(this, listOf(shape));
  }

  /** {@link expand} as a method. The sizes stand in an array, or one by one. */
  expand(this: Tensor, ...shape: readonly number[] | [shape: Shape]): Tensor {
    return expand(this, listOf(shape));
  }

  /** {@link permute} as a method. The axes stand in an array, or one by one. */
  permute(this: Tensor, ...axes: readonly number[] | [axes: readonly number[]]): Tensor {
    return permute(this, listOf(axes));
  }

  /** {@link transpose} as a method. */
  transpose(this: Tensor, axis1?: number, axis2?: number): Tensor {
    return transpose(this, axis1, axis2);
  }

  /** {@link flatten} as a method. */
  flatten(this: Tensor, start?: number, end?: number): Tensor {
    return flatten(this, start, end);
  }

  /** {@link squeeze} as a method. */
  squeeze(this: Tensor, axes?: Axes): Tensor {
    return squeeze(this, axes);
  }

  /** {@link unsqueeze} as a method. */
  unsqueeze(this: Tensor, axis: number): Tensor {
    return unsqueeze(this, axis);
  }

  // Parts.

  /** {@link slice} as a method. */
  slice(this: Tensor, ...specs: SliceSpec[]): Tensor {
    return slice(this, ...specs);
  }

  /** Entry `index` of axis 0, a row of a matrix: `x.at(-1)` is the last. {@link slice} takes more. */
  at(this: Tensor, index: number): Tensor {
    return slice(this, whole(index));
  }

  // Dtypes.

  /** {@link cast} as a method: the values in another dtype. */
  to(this: Tensor, dtype: DType): Tensor {
    return cast(this, dtype);
  }

  /**
   * The matrix with its two axes swapped; a vector or a scalar as it is.
   *
   * @throws {@link ShapeError} for more axes: {@link transpose} swaps the last two, {@link permute} reorders all.
   */
  get T(): Tensor {
    const x = this as unknown as Tensor;
    if (x.shape.length <= 2) return transpose(x);
    throw new ShapeError("T", "must have at most two axes", describe(x), "use transpose(), or permute(…)");
  }

  /**
   * Calls a function with this tensor, so that functions chain as methods do.
   *
   * @param fn - takes the tensor, and the other arguments behind it.
   * @returns what it returns.
   * @example
   * tensor([-1, 2]).pipe(leakyRelu, 0.5).mul(2).toArray(); // → [-1, 4]
   */
  pipe<A extends readonly unknown[], R>(this: Tensor, fn: (x: Tensor, ...args: A) => R, ...args: A): R {
    if (typeof fn !== "function") throw new ValueError("pipe", "needs a function", textOf(fn));
    return fn(this, ...args);
  }

  /**
   * The entries along axis 0, for `for … of` and `[...x]`: the rows of a matrix, scalars of a vector. Gradients flow through them.
   *
   * A scalar is not iterable. It has no iterator at all, instead of one that throws: test frameworks go through whatever has one when they compare.
   *
   * @example
   * const [a, b] = tensor([[1, 2], [3, 4]]);
   * a.add(b).toArray(); // → [4, 6]
   */
  get [Symbol.iterator](): () => IterableIterator<Tensor> {
    const x = this as unknown as Tensor;
    return x.shape.length === 0 ? (undefined as never) : () => entriesOf(x);
  }
}

function* entriesOf(x: Tensor): IterableIterator<Tensor> {
  for (let i = 0; i < x.shape[0]!; i++) yield slice(x, i);
}

/** Numbers that are given in an array, or one by one. */
function listOf(args: readonly number[] | readonly [readonly number[]]): readonly number[] {
  return args.length === 1 && typeof args[0] !== "number"
    ? (args[0] as readonly number[])
    : (args as readonly number[]);
}

/** An index as a number and nothing else: `slice` would take more. */
function whole(index: number): number {
  if (typeof index === "number") return index;
  throw new IndexError("at", "takes one index", textOf(index), "slice(…) takes ranges");
}
