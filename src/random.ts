import { checkTensor } from "./core/apply.ts";
import { allocate, type DType, getDefaultDtype, isFloat, type TypedArray } from "./core/dtype.ts";
import { DTypeError, textOf, ValueError } from "./core/errors.ts";
import { checkOptions, type OptionKinds } from "./core/options.ts";
import { runtime } from "./core/runtime.ts";
import { checkShape, type Shape, sizeOf } from "./core/shape.ts";
import type { Plain, Spread } from "./core/shapeTypes.ts";
import { oneList, refuseMore } from "./core/surplus.ts";
import { leaf, type TensorOptions, tensorOptions } from "./create.ts";
import { normalFromWords, uniform24, uniform53 } from "./random/distributions.ts";
import { defaultGenerator, type FromWords, type Generator } from "./random/generator.ts";
import type { Tensor } from "./tensor.ts";

export { defaultGenerator, Generator, type GeneratorState, manualSeed } from "./random/generator.ts";

/** Options of functions that draw random tensors. */
export interface RandomOptions extends TensorOptions {
  /** Where the numbers come from; {@link defaultGenerator} if left out. */
  readonly generator?: Generator | undefined;
}

const randomOptions: OptionKinds<RandomOptions> = { ...tensorOptions, generator: "generator" };

/** Options of other libraries that are functions of their own here. */
const evenly = "write uniform(shape, { low, high })";
const normally = "write normal(shape, { mean, std })";
const seeded = "write generator: new Generator(seed), or manualSeed(seed) before";
const names = { low: evenly, high: evenly, min: evenly, max: evenly, mean: normally, std: normally, seed: seeded };

/**
 * Numbers drawn uniformly from [0, 1).
 *
 * They are multiples of 2⁻²⁴ in float32 and of 2⁻⁵³ in float64; from the same generator state, the former are the
 * latter cut off. Each element takes one block of the generator.
 *
 * @param shape - sizes of the axes; `[]` for a scalar.
 * @param options - `dtype` (a floating one), `requiresGrad`, `generator`.
 * @throws {@link ShapeError} for a shape that is not an array of non-negative integers; {@link DTypeError} for an
 * integer dtype.
 * @example
 * manualSeed(0);
 * rand([2, 3]).shape; // → [2, 3]
 */
export function rand<const S extends Shape>(shape: Spread<S>, options?: RandomOptions): Tensor<Plain<S>>;
export function rand(shape: Shape, options?: RandomOptions): Tensor {
  refuseMore("rand", arguments, 2, oneList);
  return drawUniform("rand", shape, options);
}

/**
 * {@link rand} for `op`, whose name errors bear.
 *
 * @internal
 */
export function drawUniform(op: string, shape: Shape, options: RandomOptions | undefined): Tensor {
  const own = checkShape(op, shape, options);
  const dtype = floatDtype(op, options);
  return draw(op, own, dtype, options, dtype === "float32" ? uniform24 : uniform53);
}

/**
 * Numbers drawn from the normal distribution with mean 0 and variance 1.
 *
 * By the inverse distribution function (Wichura's AS 241) of 52 random bits, with arithmetic that IEEE 754 fixes to the
 * bit: the same numbers on every engine. Float32 gives the float64 numbers rounded. The largest possible magnitude is
 * 8.2. Each element takes one block of the generator.
 *
 * @param shape - sizes of the axes; `[]` for a scalar.
 * @param options - `dtype` (a floating one), `requiresGrad`, `generator`.
 * @throws {@link ShapeError} for a shape that is not an array of non-negative integers; {@link DTypeError} for an
 * integer dtype.
 * @example
 * manualSeed(0);
 * Math.abs(randn([10000]).mean().item()) < 0.03; // → true
 */
export function randn<const S extends Shape>(shape: Spread<S>, options?: RandomOptions): Tensor<Plain<S>>;
export function randn(shape: Shape, options?: RandomOptions): Tensor {
  refuseMore("randn", arguments, 2, oneList);
  return drawNormal("randn", shape, options);
}

/**
 * {@link randn} for `op`, whose name errors bear.
 *
 * @internal
 */
export function drawNormal(op: string, shape: Shape, options: RandomOptions | undefined): Tensor {
  return draw(op, checkShape(op, shape, options), floatDtype(op, options), options, normalFromWords);
}

/**
 * Integers drawn uniformly from `low` to `high − 1`.
 *
 * Computed as low + ⌊u·(high − low)⌋ with u of 53 bits: the probability of each value is off by less than 2⁻⁵³. Each
 * element takes one block of the generator.
 *
 * @param low - the smallest value; an int32.
 * @param high - one more than the largest value; at most 2³¹.
 * @param shape - sizes of the axes; `[]` for a scalar.
 * @param options - `dtype` (int32 by default), `generator`.
 * @throws {@link ValueError} if the bounds are not integers in range, or `low` is not below `high`; {@link ShapeError}
 * for a shape that is not an array of non-negative integers; {@link DTypeError} for bool.
 * @example
 * const throws = randint(1, 7, [100]);
 * [throws.dtype, min(throws).item() >= 1, max(throws).item() <= 6]; // → ["int32", true, true]
 */
export function randint<const S extends Shape>(
  low: number,
  high: number,
  shape: Spread<S>,
  options?: RandomOptions,
): Tensor<Plain<S>>;
export function randint(low: number, high: number, shape: Shape, options?: RandomOptions): Tensor {
  refuseMore("randint", arguments, 4);
  if (!Number.isInteger(low) || !Number.isInteger(high) || low < -(2 ** 31) || high > 2 ** 31 || low >= high) {
    const hint = Array.isArray(high) && typeof low === "number" ? `write randint(0, ${low}, [${high.join(", ")}])` : "";
    const got = `${textOf(low)} and ${textOf(high)}`;
    throw new ValueError("randint", "bounds must be integers of 32 bits with low < high", got, hint);
  }
  const own = checkShape("randint", shape, undefined, `randint(${low}, ${high}, `);
  const span = high - low;
  return draw(
    "randint",
    own,
    numberDtype("randint", options),
    options,
    (x0, x1) => low + Math.floor(uniform53(x0, x1) * span),
  );
}

/**
 * The integers from 0 to n − 1 in random order, each order being (but for rounding) equally likely: for shuffling by
 * {@link indexSelect}. Fisher and Yates's shuffle in Durstenfeld's form, from the last place to the first; takes n
 * blocks of the generator.
 *
 * @param n - how many, from 0 to 2³¹ − 1.
 * @param options - `dtype` (int32 by default), `generator`.
 * @throws {@link ValueError} if n is not an integer in range; {@link DTypeError} for bool.
 * @example
 * permutation(4).sum().item(); // → 6
 */
export function permutation(n: number, options?: RandomOptions): Tensor {
  refuseMore("permutation", arguments, 2);
  if (!Number.isInteger(n) || n < 0 || n >= 2 ** 31) {
    throw new ValueError("permutation", "n must be an integer from 0 to 2³¹ − 1", textOf(n));
  }
  return fresh("permutation", [n], numberDtype("permutation", options), options, (values, generator) => {
    const chance = allocate("float64", n, "permutation");
    generator.fill(chance, uniform53);
    for (let i = 0; i < n; i++) values[i] = i;
    for (let i = n - 1; i > 0; i--) {
      const j = Math.floor(chance[i]! * (i + 1));
      const held = values[i]!;
      values[i] = values[j]!;
      values[j] = held;
    }
  });
}

/**
 * {@link rand} in the shape and dtype of a tensor.
 *
 * @param x - a floating tensor.
 * @param options - `requiresGrad`, `generator`; a `dtype` goes before x's.
 * @throws {@link DTypeError} if the dtype is not floating.
 * @example
 * randLike(ones([2, 3])).shape; // → [2, 3]
 */
export function randLike(x: Tensor, options?: RandomOptions): Tensor {
  checkTensor("randLike", x);
  checkOptions("randLike", options, randomOptions, { names });
  refuseMore("randLike", arguments, 2);
  return drawUniform("randLike", x.shape, { dtype: x.dtype, ...options });
}

/**
 * {@link randn} in the shape and dtype of a tensor.
 *
 * @param x - a floating tensor.
 * @param options - `requiresGrad`, `generator`; a `dtype` goes before x's.
 * @throws {@link DTypeError} if the dtype is not floating.
 * @example
 * randnLike(ones([2, 3], { dtype: "float64" })).dtype; // → float64
 */
export function randnLike(x: Tensor, options?: RandomOptions): Tensor {
  checkTensor("randnLike", x);
  checkOptions("randnLike", options, randomOptions, { names });
  refuseMore("randnLike", arguments, 2);
  return drawNormal("randnLike", x.shape, { dtype: x.dtype, ...options });
}

function floatDtype(op: string, options: RandomOptions | undefined): DType {
  const { dtype = getDefaultDtype() } = checkOptions(op, options, randomOptions, { names });
  if (!isFloat(dtype)) {
    throw new DTypeError(op, "must be floating", String(dtype));
  }
  return dtype;
}

function numberDtype(op: string, options: RandomOptions | undefined): DType {
  const { dtype = "int32" } = checkOptions(op, options, randomOptions, { names });
  if (!isFloat(dtype) && dtype !== "int32") throw new DTypeError(op, "the dtype must be one of numbers", String(dtype));
  return dtype;
}

function draw(op: string, shape: Shape, dtype: DType, options: RandomOptions | undefined, value: FromWords): Tensor {
  return fresh(op, shape, dtype, options, (values, generator) => generator.fill(values, value));
}

/** A leaf that `fill` fills. */
function fresh(
  op: string,
  shape: Shape,
  dtype: DType,
  options: RandomOptions | undefined,
  fill: (values: TypedArray, generator: Generator) => void,
): Tensor {
  const { generator = defaultGenerator() } = options ?? {};
  const values = allocate(dtype, sizeOf(shape), op);
  const x = leaf(values, shape, dtype, options);
  runtime.tracer?.draw(x, generator, fill);
  fill(values, generator);
  return x;
}
