import type { DType } from "./core/dtype.ts";
import { IndexError, ShapeError, textOf, ValueError } from "./core/errors.ts";
import { isTensor } from "./core/runtime.ts";
import { describe, normalizeIndex, type Shape } from "./core/shape.ts";
import type {
  AxesOf,
  Beside,
  Broadcast,
  Expands,
  Flattened,
  Listed,
  Optional,
  OrderOf,
  Permuted,
  PlaceOf,
  Product,
  Reduced,
  Reshaped,
  Right,
  ShapeOf,
  Sliced,
  Spread,
  Squeezed,
  Transposed,
  Unsqueezed,
} from "./core/shapeTypes.ts";
import { refuseMore } from "./core/surplus.ts";
import { inspectable } from "./format.ts";
import { abs } from "./ops/abs.ts";
import { add } from "./ops/add.ts";
import { all, any } from "./ops/anyAll.ts";
import { argmax, argmin } from "./ops/argmax.ts";
import { converted, toOp } from "./ops/cast.ts";
import { ceil } from "./ops/ceil.ts";
import { clamp } from "./ops/clamp.ts";
import { eq, ge, gt, le, lt, ne } from "./ops/compare.ts";
import { cos } from "./ops/cos.ts";
import { cumsum } from "./ops/cumsum.ts";
import { div } from "./ops/div.ts";
import { exp } from "./ops/exp.ts";
import { expand } from "./ops/expand.ts";
import { flip } from "./ops/flip.ts";
import { floor } from "./ops/floor.ts";
import { log } from "./ops/log.ts";
import { type MatmulAttrs, matmul } from "./ops/matmul.ts";
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

/** An axis, or several. Negative axes count from the end. All axes if left out. */
export type Axes = number | readonly number[];

const indices = "write argmax(x, axis), or argmin";

/**
 * The most common ops as methods, which you can chain: `x.pow(2).sum(1).sqrt()`. This is the whole list. Every other op is a function, and chains by {@link Tensor.pipe}; since a method is
 * in every bundle, ops that are added later are functions only.
 */
export abstract class TensorMethods extends /* @__PURE__ */ inspectable(/* @__PURE__ */ elsewhere(), isTensor) {
  // Arithmetic.

  /** This plus the other, elementwise with broadcasting: {@link add}. */
  add<A extends Tensor, B extends Tensor | number>(
    this: A,
    other: B & Beside<A, B>,
  ): Tensor<Broadcast<ShapeOf<A>, ShapeOf<B>>> {
    return add(own(this, "add", arguments, 1), other);
  }

  /** This minus the other, elementwise with broadcasting: {@link sub}. */
  sub<A extends Tensor, B extends Tensor | number>(
    this: A,
    other: B & Beside<A, B>,
  ): Tensor<Broadcast<ShapeOf<A>, ShapeOf<B>>> {
    return sub(own(this, "sub", arguments, 1), other);
  }

  /** This times the other, elementwise with broadcasting: {@link mul}. For the matrix product, see {@link Tensor.matmul}. */
  mul<A extends Tensor, B extends Tensor | number>(
    this: A,
    other: B & Beside<A, B>,
  ): Tensor<Broadcast<ShapeOf<A>, ShapeOf<B>>> {
    return mul(own(this, "mul", arguments, 1), other);
  }

  /** This divided by the other, elementwise with broadcasting: {@link div}. Integers give floats. */
  div<A extends Tensor, B extends Tensor | number>(
    this: A,
    other: B & Beside<A, B>,
  ): Tensor<Broadcast<ShapeOf<A>, ShapeOf<B>>> {
    return div(own(this, "div", arguments, 1), other);
  }

  /** This to the power of the exponent, elementwise with broadcasting: {@link pow}. */
  pow<A extends Tensor, B extends Tensor | number>(
    this: A,
    exponent: B & Beside<A, B>,
  ): Tensor<Broadcast<ShapeOf<A>, ShapeOf<B>>> {
    return pow(own(this, "pow", arguments, 1), exponent);
  }

  /** The negative of each element: {@link neg}. */
  neg<T extends Tensor>(this: T): Tensor<ShapeOf<T>> {
    return neg(own(this, "neg", arguments, 0));
  }

  /** The absolute value of each element: {@link abs}. */
  abs<T extends Tensor>(this: T): Tensor<ShapeOf<T>> {
    return abs(own(this, "abs", arguments, 0));
  }

  /** −1, 0 or 1 for each element: {@link sign}. */
  sign<T extends Tensor>(this: T): Tensor<ShapeOf<T>> {
    return sign(own(this, "sign", arguments, 0));
  }

  /** The square root of each element: {@link sqrt}. */
  sqrt<T extends Tensor>(this: T): Tensor<ShapeOf<T>> {
    return sqrt(own(this, "sqrt", arguments, 0));
  }

  /** e to the power of each element: {@link exp}. */
  exp<T extends Tensor>(this: T): Tensor<ShapeOf<T>> {
    return exp(own(this, "exp", arguments, 0));
  }

  /** The natural logarithm of each element: {@link log}. */
  log<T extends Tensor>(this: T): Tensor<ShapeOf<T>> {
    return log(own(this, "log", arguments, 0));
  }

  /** The sine of each element, an angle in radians: {@link sin}. */
  sin<T extends Tensor>(this: T): Tensor<ShapeOf<T>> {
    return sin(own(this, "sin", arguments, 0));
  }

  /** The cosine of each element, an angle in radians: {@link cos}. */
  cos<T extends Tensor>(this: T): Tensor<ShapeOf<T>> {
    return cos(own(this, "cos", arguments, 0));
  }

  /** The largest integer that is not above each element: {@link floor}. */
  floor<T extends Tensor>(this: T): Tensor<ShapeOf<T>> {
    return floor(own(this, "floor", arguments, 0));
  }

  /** The smallest integer that is not below each element: {@link ceil}. */
  ceil<T extends Tensor>(this: T): Tensor<ShapeOf<T>> {
    return ceil(own(this, "ceil", arguments, 0));
  }

  /** The nearest integer to each element; halves go to the even integer: {@link round}. */
  round<T extends Tensor>(this: T): Tensor<ShapeOf<T>> {
    return round(own(this, "round", arguments, 0));
  }

  /** Each element, limited to a range; null or nothing for no bound: {@link clamp}. */
  clamp<T extends Tensor>(this: T, low?: number | null, high?: number | null): Tensor<ShapeOf<T>> {
    return clamp(own(this, "clamp", arguments, 2), low, high);
  }

  /** The larger of this and the other, elementwise with broadcasting: {@link maximum}. For the largest element, see {@link Tensor.max}. */
  maximum<A extends Tensor, B extends Tensor | number>(
    this: A,
    other: B & Beside<A, B>,
  ): Tensor<Broadcast<ShapeOf<A>, ShapeOf<B>>> {
    return maximum(own(this, "maximum", arguments, 1), other);
  }

  /** The smaller of this and the other, elementwise with broadcasting: {@link minimum}. For the smallest element, see {@link Tensor.min}. */
  minimum<A extends Tensor, B extends Tensor | number>(
    this: A,
    other: B & Beside<A, B>,
  ): Tensor<Broadcast<ShapeOf<A>, ShapeOf<B>>> {
    return minimum(own(this, "minimum", arguments, 1), other);
  }

  // Activations.

  /** max(x, 0) of each element x: {@link relu}. */
  relu<T extends Tensor>(this: T): Tensor<ShapeOf<T>> {
    return relu(own(this, "relu", arguments, 0));
  }

  /** 1 / (1 + e⁻ˣ) of each element x: {@link sigmoid}. */
  sigmoid<T extends Tensor>(this: T): Tensor<ShapeOf<T>> {
    return sigmoid(own(this, "sigmoid", arguments, 0));
  }

  /** The hyperbolic tangent of each element: {@link tanh}. */
  tanh<T extends Tensor>(this: T): Tensor<ShapeOf<T>> {
    return tanh(own(this, "tanh", arguments, 0));
  }

  /** Probabilities from scores, along an axis (the last by default): {@link softmax}. */
  softmax<T extends Tensor, const X extends number | undefined = undefined>(
    this: T,
    axis: Optional<X & AxesOf<T, X>>,
  ): Tensor<ShapeOf<T>> {
    return softmax(own(this, "softmax", arguments, 1), axis as number | undefined);
  }

  /** Logarithms of the probabilities that `softmax` gives, without its loss of digits, along an axis (the last by default): {@link logSoftmax}. */
  logSoftmax<T extends Tensor, const X extends number | undefined = undefined>(
    this: T,
    axis: Optional<X & AxesOf<T, X>>,
  ): Tensor<ShapeOf<T>> {
    return logSoftmax(own(this, "logSoftmax", arguments, 1), axis as number | undefined);
  }

  // Comparisons and choices.

  /** Whether this equals the other, elementwise with broadcasting, as bool: {@link eq}. */
  eq<A extends Tensor, B extends Tensor | number>(
    this: A,
    other: B & Beside<A, B>,
  ): Tensor<Broadcast<ShapeOf<A>, ShapeOf<B>>> {
    return eq(own(this, "eq", arguments, 1), other);
  }

  /** Whether this differs from the other, elementwise with broadcasting, as bool: {@link ne}. */
  ne<A extends Tensor, B extends Tensor | number>(
    this: A,
    other: B & Beside<A, B>,
  ): Tensor<Broadcast<ShapeOf<A>, ShapeOf<B>>> {
    return ne(own(this, "ne", arguments, 1), other);
  }

  /** Whether this is less than the other, elementwise with broadcasting, as bool: {@link lt}. */
  lt<A extends Tensor, B extends Tensor | number>(
    this: A,
    other: B & Beside<A, B>,
  ): Tensor<Broadcast<ShapeOf<A>, ShapeOf<B>>> {
    return lt(own(this, "lt", arguments, 1), other);
  }

  /** Whether this is less than the other or equal, elementwise with broadcasting, as bool: {@link le}. */
  le<A extends Tensor, B extends Tensor | number>(
    this: A,
    other: B & Beside<A, B>,
  ): Tensor<Broadcast<ShapeOf<A>, ShapeOf<B>>> {
    return le(own(this, "le", arguments, 1), other);
  }

  /** Whether this is greater than the other, elementwise with broadcasting, as bool: {@link gt}. */
  gt<A extends Tensor, B extends Tensor | number>(
    this: A,
    other: B & Beside<A, B>,
  ): Tensor<Broadcast<ShapeOf<A>, ShapeOf<B>>> {
    return gt(own(this, "gt", arguments, 1), other);
  }

  /** Whether this is greater than the other or equal, elementwise with broadcasting, as bool: {@link ge}. */
  ge<A extends Tensor, B extends Tensor | number>(
    this: A,
    other: B & Beside<A, B>,
  ): Tensor<Broadcast<ShapeOf<A>, ShapeOf<B>>> {
    return ge(own(this, "ge", arguments, 1), other);
  }

  /** These elements where the mask is true, and the elements of the other elsewhere: `where(mask, x, other)` of {@link where}. */
  where(mask: Tensor, other: Tensor | number): Tensor {
    return where(mask, own(this, "where", arguments, 2), other);
  }

  // Reductions.

  /** The sum over some axes, or of all elements: {@link sum}. */
  sum<
    T extends Tensor,
    const X extends Axes | undefined = undefined,
    const O extends ReduceOptions | undefined = undefined,
  >(this: T & AxesOf<T, X>, axes: Optional<Spread<X>>, options: Optional<O>): Tensor<Reduced<ShapeOf<T>, X, O>> {
    return sum(own(this, "sum", arguments, 2), axes, options);
  }

  /** The mean over some axes, or of all elements: {@link mean}. */
  mean<
    T extends Tensor,
    const X extends Axes | undefined = undefined,
    const O extends ReduceOptions | undefined = undefined,
  >(this: T & AxesOf<T, X>, axes: Optional<Spread<X>>, options: Optional<O>): Tensor<Reduced<ShapeOf<T>, X, O>> {
    return mean(own(this, "mean", arguments, 2), axes, options);
  }

  /** The largest element over some axes, or of all: {@link max}. Only the values; {@link Tensor.argmax} returns the index. */
  max<
    T extends Tensor,
    const X extends Axes | undefined = undefined,
    const O extends ReduceOptions | undefined = undefined,
  >(this: T & AxesOf<T, X>, axes: Optional<Spread<X>>, options: Optional<O>): Tensor<Reduced<ShapeOf<T>, X, O>> {
    return max(own(this, "max", arguments, 2), axes, options);
  }

  /** The smallest element over some axes, or of all: {@link min}. Only the values; {@link Tensor.argmin} returns the index. */
  min<
    T extends Tensor,
    const X extends Axes | undefined = undefined,
    const O extends ReduceOptions | undefined = undefined,
  >(this: T & AxesOf<T, X>, axes: Optional<Spread<X>>, options: Optional<O>): Tensor<Reduced<ShapeOf<T>, X, O>> {
    return min(own(this, "min", arguments, 2), axes, options);
  }

  /** The product over some axes, or of all elements: {@link prod}. */
  prod<
    T extends Tensor,
    const X extends Axes | undefined = undefined,
    const O extends ReduceOptions | undefined = undefined,
  >(this: T & AxesOf<T, X>, axes: Optional<Spread<X>>, options: Optional<O>): Tensor<Reduced<ShapeOf<T>, X, O>> {
    return prod(own(this, "prod", arguments, 2), axes, options);
  }

  /** Whether any element is nonzero, over some axes or of all: {@link any}. */
  any<
    T extends Tensor,
    const X extends Axes | undefined = undefined,
    const O extends ReduceOptions | undefined = undefined,
  >(this: T & AxesOf<T, X>, axes: Optional<Spread<X>>, options: Optional<O>): Tensor<Reduced<ShapeOf<T>, X, O>> {
    return any(own(this, "any", arguments, 2), axes, options);
  }

  /** Whether all elements are nonzero, over some axes or of all: {@link all}. */
  all<
    T extends Tensor,
    const X extends Axes | undefined = undefined,
    const O extends ReduceOptions | undefined = undefined,
  >(this: T & AxesOf<T, X>, axes: Optional<Spread<X>>, options: Optional<O>): Tensor<Reduced<ShapeOf<T>, X, O>> {
    return all(own(this, "all", arguments, 2), axes, options);
  }

  /** The variance over some axes, or of all elements, with the divisor n − 1 unless `correction` says otherwise: {@link variance}. */
  variance<
    T extends Tensor,
    const X extends Axes | undefined = undefined,
    const O extends VarianceOptions | undefined = undefined,
  >(this: T & AxesOf<T, X>, axes: Optional<Spread<X>>, options: Optional<O>): Tensor<Reduced<ShapeOf<T>, X, O>> {
    return variance(own(this, "variance", arguments, 2), axes, options);
  }

  /** The standard deviation over some axes, or of all elements, with the divisor n − 1 unless `correction` says otherwise: {@link std}. */
  std<
    T extends Tensor,
    const X extends Axes | undefined = undefined,
    const O extends VarianceOptions | undefined = undefined,
  >(this: T & AxesOf<T, X>, axes: Optional<Spread<X>>, options: Optional<O>): Tensor<Reduced<ShapeOf<T>, X, O>> {
    return std(own(this, "std", arguments, 2), axes, options);
  }

  /** The p-norm over some axes, or of all elements; by default the Euclidean norm, p = 2: {@link norm}. */
  norm<
    T extends Tensor,
    const X extends Axes | undefined = undefined,
    const O extends ReduceOptions | undefined = undefined,
  >(
    this: T & AxesOf<T, X>,
    p: Optional<number | undefined>,
    axes: Optional<Spread<X>>,
    options: Optional<O>,
  ): Tensor<Reduced<ShapeOf<T>, X, O>> {
    return norm(own(this, "norm", arguments, 3), p, axes, options);
  }

  /** The index of the largest element along an axis, or of all in row-major order: {@link argmax}. */
  argmax<
    T extends Tensor,
    const X extends number | undefined = undefined,
    const O extends ReduceOptions | undefined = undefined,
  >(this: T, axis: Optional<X & AxesOf<T, X>>, options: Optional<O>): Tensor<Reduced<ShapeOf<T>, X, O>> {
    return argmax(own(this, "argmax", arguments, 2), axis, options);
  }

  /** The index of the smallest element along an axis, or of all in row-major order: {@link argmin}. */
  argmin<
    T extends Tensor,
    const X extends number | undefined = undefined,
    const O extends ReduceOptions | undefined = undefined,
  >(this: T, axis: Optional<X & AxesOf<T, X>>, options: Optional<O>): Tensor<Reduced<ShapeOf<T>, X, O>> {
    return argmin(own(this, "argmin", arguments, 2), axis, options);
  }

  // Along an axis.

  /** The cumulative sums along an axis: {@link cumsum}. */
  cumsum<T extends Tensor, const X extends number>(this: T, axis: X & AxesOf<T, X>): Tensor<ShapeOf<T>> {
    return cumsum(own(this, "cumsum", arguments, 1), axis);
  }

  /** The elements in sorted order along an axis (the last by default), and their original indices: {@link sort}. */
  sort(axis?: number, options?: SortOptions): Sorted {
    return sort(own(this, "sort", arguments, 2), axis, options);
  }

  // Products.

  /** The matrix product, over the last two axes; vectors count as a row or a column. `{ transposeB: true }` multiplies by the transpose: {@link matmul}. */
  matmul<A extends Tensor, B extends Tensor, const O extends Partial<MatmulAttrs> | undefined = undefined>(
    this: A,
    other: B & Right<A, B, O>,
    options: Optional<O>,
  ): Tensor<Product<ShapeOf<A>, ShapeOf<B>, O>>;
  matmul(other: Tensor, options?: Partial<MatmulAttrs>): Tensor {
    return matmul(own(this, "matmul", arguments, 2), other, options);
  }

  // Shapes.

  /** The same elements in another shape, given as an array or as separate sizes; one size can be −1, and is computed: {@link reshape}. */
  reshape<const T extends readonly number[] | readonly [shape: Shape]>(...shape: T): Tensor<Reshaped<Listed<T>>> {
    return reshape(own(this), listOf(shape));
  }

  /** This tensor, repeated along axes of size 1 to a shape, given as an array or as separate sizes: {@link expand}. */
  expand<const T extends readonly number[] | readonly [shape: Shape], A extends Tensor = Tensor>(
    this: A & Expands<A, Listed<T>>,
    ...shape: T
  ): Tensor<Reshaped<Listed<T>>> {
    return expand(own(this), listOf(shape));
  }

  /** The axes in another order, given as an array or as separate axes: {@link permute}. */
  permute<T extends Tensor, const X extends readonly number[] | readonly [axes: readonly number[]]>(
    this: T & OrderOf<T, Listed<X>>,
    ...axes: X
  ): Tensor<Permuted<ShapeOf<T>, Listed<X>>> {
    return permute(own(this), listOf(axes));
  }

  /** Two axes swapped, the last two by default: {@link transpose}. */
  transpose<
    T extends Tensor,
    const X extends number | undefined = undefined,
    const Y extends number | undefined = undefined,
  >(
    this: T,
    axis1: Optional<X & AxesOf<T, X>>,
    axis2: Optional<Y & AxesOf<T, Y>>,
  ): Tensor<Transposed<ShapeOf<T>, X, Y>> {
    return transpose(own(this, "transpose", arguments, 2), axis1, axis2);
  }

  /**
   * The matrix with its two axes swapped; a vector or a scalar as it is.
   *
   * @throws {@link ShapeError} for more axes: {@link transpose} swaps the last two, {@link permute} reorders all.
   */
  get T(): Tensor {
    const x = own(this);
    if (x.shape.length <= 2) return transpose(x);
    throw new ShapeError("T", "must have at most two axes", describe(x), "use transpose(), or permute(…)");
  }

  /** The elements in reverse order along some axes, or all: {@link flip}. */
  flip<T extends Tensor, const X extends Axes | undefined = undefined>(
    this: T & AxesOf<T, X>,
    axes: Optional<Spread<X>>,
  ): Tensor<ShapeOf<T>> {
    return flip(own(this, "flip", arguments, 1), axes);
  }

  /** The axes from `start` to `end`, all by default, merged into one: {@link flatten}. */
  flatten<
    T extends Tensor,
    const X extends number | undefined = undefined,
    const Y extends number | undefined = undefined,
  >(this: T, start: Optional<X & AxesOf<T, X>>, end: Optional<Y & AxesOf<T, Y>>): Tensor<Flattened<ShapeOf<T>, X, Y>> {
    type Axis = number | undefined;
    return flatten<Tensor, Axis, Axis>(own(this, "flatten", arguments, 2), start, end);
  }

  /** This tensor without some axes of size 1, or without all of them: {@link squeeze}. */
  squeeze<T extends Tensor, const X extends Axes | undefined = undefined>(
    this: T & AxesOf<T, X>,
    axes: Optional<Spread<X>>,
  ): Tensor<Squeezed<ShapeOf<T>, X>> {
    return squeeze(own(this, "squeeze", arguments, 1), axes);
  }

  /** This tensor with a new axis of size 1 at a position: {@link unsqueeze}. */
  unsqueeze<T extends Tensor, const X extends number>(
    this: T,
    axis: X & PlaceOf<T, X>,
  ): Tensor<Unsqueezed<ShapeOf<T>, X>> {
    return unsqueeze(own(this, "unsqueeze", arguments, 1), axis);
  }

  // Parts.

  /** A part of this tensor: for each axis a range, a position, or null for all of it: {@link slice}. */
  slice<T extends Tensor, const P extends readonly SliceSpec[]>(this: T, ...specs: P): Tensor<Sliced<ShapeOf<T>, P>> {
    return slice(own(this), ...specs);
  }

  /** Entry `index` of axis 0, such as a row of a matrix: `x.at(-1)` is the last. For several axes, see {@link slice}. */
  at(index: number, ...more: readonly never[]): Tensor {
    if (more.length > 0) {
      const all = [index, ...more];
      throw new ValueError(
        "at",
        "takes one index",
        String(all.length),
        `write slice(${all.map((i) => (typeof i === "number" ? i : "…")).join(", ")})`,
      );
    }
    return slice(own(this), whole(own(this), index));
  }

  // Dtypes.

  /** The values in another dtype: {@link cast}. */
  to<T extends Tensor>(this: T, dtype: DType): Tensor<ShapeOf<T>> {
    return converted(toOp, own(this, "to", arguments, 1), dtype);
  }

  // Anything else.

  /**
   * Calls a function with this tensor, so you can chain functions like methods.
   *
   * @param fn - takes the tensor, and the other arguments behind it.
   * @returns what it returns.
   * @example
   * tensor([-1, 2]).pipe(leakyRelu, 0.5).mul(2).toArray(); // → [-1, 4]
   */
  pipe<A extends readonly unknown[], R>(fn: (x: Tensor, ...args: A) => R, ...args: A): R {
    if (typeof fn !== "function") throw new ValueError("pipe", "needs a function", textOf(fn));
    return fn(own(this), ...args);
  }

  /** @internal For text there are `String(x)` and template literals. An operator would make text of `x + 1` and NaN of `x * 2`, silently. */
  [Symbol.toPrimitive](hint: string): string {
    if (hint === "string") return this.toString();
    const calls = "write x.add(y), x.mul(y), x.lt(y) …, x.item() for a number, or String(x) for text";
    throw new ValueError("Tensor", "operators do not work on tensors", describe(own(this)), calls);
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
    const x = own(this);
    return x.shape.length === 0 ? (undefined as never) : () => entriesOf(x);
  }
}

/** What PyTorch, NumPy and JavaScript's arrays call a tensor's properties. */
function elsewhere(): { readonly [name: string]: string } {
  const grad = "write requiresGrad";
  const names: Record<string, string> = {
    indices,
    requires_grad: grad,
    trainable: grad,
    ndim: "write rank",
    length: "write shape[0], or size",
  };
  for (let i = -2; i < 10; i++) names[i] = `write x.at(${i}), or x.assign(…)`;
  return names;
}

/** A tensor: nothing else extends the class above. Said here and not by `this: Tensor` in each method, which editors would show to those who call it. */
function own(x: TensorMethods, method = "", args?: ArrayLike<unknown>, count = 0): Tensor {
  if (args !== undefined) refuseMore(method, args, count);
  return x as Tensor;
}

function* entriesOf(x: Tensor): IterableIterator<Tensor> {
  let { mark } = x;
  let i = 0;
  try {
    for (; i < x.sizes[0]!; i++) {
      const row = slice(x, i);
      const { sizes } = row;
      const get = (): Shape => {
        mark = 0;
        return sizes;
      };
      if (mark < 0) Object.defineProperty(row, "sizes", { get }); // whatever uses a row asks for its shape
      yield row;
    }
    i = 0;
  } finally {
    // biome-ignore lint/correctness/noUnsafeFinally: two were taken at once, as by const [values, indices] = x.max(1)
    if (i === 1 && mark < 0) throw new ValueError("max", "gives values only", "", indices);
  }
}

/** Numbers that are given in an array, or one by one. */
function listOf(args: readonly number[] | readonly [readonly number[]]): readonly number[] {
  return args.length === 1 && typeof args[0] !== "number"
    ? (args[0] as readonly number[])
    : (args as readonly number[]);
}

/** An index as a number and nothing else: `slice` would take more. */
function whole(x: Tensor, index: number): number {
  if (x.shape.length === 0) throw new ShapeError("at", "a scalar has no axis to index", describe(x), "write item()");
  if (typeof index === "number") return normalizeIndex("at", index, x.shape[0]!, 0);
  const hint = isTensor(index) ? "write indexSelect(x, 0, index)" : "slice(…) takes ranges";
  throw new IndexError("at", "takes one index", textOf(index), hint);
}
