import { apply, checkTensor, noGrad } from "../core/apply.ts";
import { type FloatDType, floatDtypes } from "../core/dtype.ts";
import { DTypeError, GradError, ShapeError, ValueError } from "../core/errors.ts";
import { checkOptions, type OptionKinds } from "../core/options.ts";
import { runtime } from "../core/runtime.ts";
import { describe } from "../core/shape.ts";
import type { Adds, AnyShape, Input, LookedUp, LookedUpIn, Output, ShapeOf } from "../core/shapeTypes.ts";
import { refuseMore } from "../core/surplus.ts";
import { arange, zeros } from "../create.ts";
import { add } from "../ops/add.ts";
import { cast } from "../ops/cast.ts";
import { eq, gt } from "../ops/compare.ts";
import { div } from "../ops/div.ts";
import { embeddingOp, indexAdd } from "../ops/indexSelect.ts";
import { mul } from "../ops/mul.ts";
import { norm } from "../ops/norm.ts";
import { flatten, reshape, unsqueeze } from "../ops/reshape.ts";
import { where } from "../ops/where.ts";
import { onesLike } from "../ops/zerosLike.ts";
import { checkFinite } from "../optim/finite.ts";
import { drawNormal, type RandomOptions } from "../random.ts";
import type { Tensor } from "../tensor.ts";
import { checkInput, checkSizes, shapeOf } from "./doors.ts";
import { Layer } from "./layer.ts";

/** Options of {@link Embedding}. */
export interface EmbeddingOptions {
  /** An index whose vector starts as 0 and is not trained, for filling up sequences; none if left out. */
  readonly paddingIndex?: number;
  /** Vectors longer than this are shortened to it when they are looked up, for good; none if left out. */
  readonly maxNorm?: number;
  /** Which norm `maxNorm` is of: above 0, 2 by default; `Infinity` for the largest element. */
  readonly normType?: number;
  /** Floating dtype of the vectors; the default one if left out. */
  readonly dtype?: FloatDType;
  /** Where the first values come from; {@link defaultGenerator} if left out. */
  readonly generator?: RandomOptions["generator"];
}

/** Options of {@link embedding}: those of a look-up. */
export type LookupOptions = Pick<EmbeddingOptions, "paddingIndex" | "maxNorm" | "normType">;

const lookupOptions: OptionKinds<LookupOptions> = { paddingIndex: "number", maxNorm: "number", normType: "number" };
const embeddingOptions: OptionKinds<EmbeddingOptions> = {
  paddingIndex: "number",
  maxNorm: "number",
  normType: "number",
  dtype: floatDtypes,
  generator: "generator",
};

/**
 * Looks vectors up in a table.
 *
 * With `maxNorm`, it first assigns to the table, as PyTorch does: each vector that is looked up and is longer is multiplied by maxNorm / (norm + 10⁻⁷). The gradient is that of
 * looking up, in the table as it is then. What needs the table's values from before has no gradient any more, and `backward` says so: look up first, or take `weight.mul(1)` for it.
 *
 * @param index - int32 of any shape.
 * @param weight - the table, shape `[count, size]`.
 * @param options - `paddingIndex`: an index that gives its row no gradient; `maxNorm`, `normType`.
 * @returns shape `[…index, size]`.
 * @throws {@link IndexError} for an index that is not in the table; {@link DTypeError} if it is not int32; {@link ShapeError} if the weight is not a matrix; {@link ValueError} for a padding index that is not in the table, and a norm out of range;
 * {@link GradError} with `maxNorm` for a weight that is computed, which cannot be assigned to, and for vectors that are NaN or infinite, which have no shorter ones.
 * @example
 * embedding(tensor([2, 0], { dtype: "int32" }), tensor([[1, 2], [3, 4], [5, 6]])).toArray(); // → [[5, 6], [1, 2]]
 */
export function embedding<T extends Tensor, W extends Tensor>(
  index: T,
  weight: W & LookedUpIn<T, W>,
  options?: LookupOptions,
): Tensor<LookedUp<ShapeOf<T>, ShapeOf<W>>>;
export function embedding(index: Tensor, weight: Tensor, options: LookupOptions = {}): Tensor {
  checkTensor("embedding", index, "the index");
  checkTensor("embedding", weight, "the weight");
  const { paddingIndex, maxNorm, normType = 2 } = checkOptions("embedding", options, lookupOptions);
  refuseMore("embedding", arguments, 3);
  checkNorms("embedding", maxNorm, normType);
  if (index.dtype !== "int32") {
    const hint = weight.dtype === "int32" ? "write embedding(indices, weight)" : 'use to("int32")';
    throw new DTypeError("embedding", "indices must be int32", index.dtype, hint);
  }
  if (weight.shape.length !== 2)
    throw new ShapeError("embedding", "the weight must be [count, size]", describe(weight));
  checkPadding("embedding", paddingIndex, weight.shape[0]!);
  const flat = flatten(index);
  if (maxNorm !== undefined) shorten(weight, flat, maxNorm, normType);
  const rows = apply(embeddingOp, [weight, flat], 0);
  const found = reshape(rows, [...index.shape, weight.shape[1]!]);
  if (paddingIndex === undefined) return found;
  return where(unsqueeze(eq(index, paddingIndex), -1), found.detach(), found);
}

/** Refuses a padding index that is not in the table. */
function checkPadding(op: string, index: number | undefined, count: number): void {
  if (index === undefined || (Number.isInteger(index) && index >= 0 && index < count)) return;
  const hint = Number.isInteger(index) && index < 0 && index >= -count ? `write ${index + count}` : "";
  throw new ValueError(op, `paddingIndex must be from 0 to ${count - 1}`, String(index), hint);
}

/** Refuses norms that are none. */
function checkNorms(op: string, maxNorm: number | undefined, normType: number): void {
  for (const [name, value] of [
    ["maxNorm", maxNorm],
    ["normType", normType],
  ] as const) {
    if (value !== undefined && !(value > 0)) throw new ValueError(op, `${name} must be above 0`, String(value));
  }
}

/** Multiplies the rows of a table that an index names, so none of them is longer than a norm. */
function shorten(weight: Tensor, index: Tensor, maxNorm: number, normType: number): void {
  if (weight.op !== null) {
    const hint = "pass a parameter, or weight.detach()";
    throw new GradError("embedding", "maxNorm assigns to the weight, which must be a leaf", describe(weight), hint);
  }
  noGrad(() => {
    const norms = norm(cast(apply(embeddingOp, [weight, index], 0), "float64"), normType, 1);
    checkFinite(
      "embedding",
      norms,
      "a vector's norm",
      "the vectors are as they were",
      "with maxNorm, the vectors that are looked up must be finite",
    );
    const factors = where(gt(norms, maxNorm), div(maxNorm, add(norms, 1e-7)), 1);
    // Most look-ups shorten nothing, and need no new table. A compiled step cannot tell beforehand.
    if (runtime.tracer === null && factors.values.every((factor) => factor === 1)) return;
    // Each row's factor, the mean over the times that it is looked up: all are the same.
    const none = zeros([weight.shape[0]!], { dtype: "float64" });
    const counts = indexAdd(none, 0, index, onesLike(factors));
    const mean = where(gt(counts, 0), div(indexAdd(none, 0, index, factors), counts), 1);
    weight.assign(mul(weight, unsqueeze(cast(mean, weight.dtype), 1)));
  });
}

/**
 * A trainable table of vectors, one for each index, such as words, users or categories.
 *
 * The initial vectors are normally distributed with mean 0 and variance 1, as in PyTorch.
 *
 * @example
 * const layer = new Embedding(10, 3, { paddingIndex: 0 });
 * layer.forward(tensor([[0, 4], [7, 7]], { dtype: "int32" })).shape; // → [2, 2, 3]
 */
export class Embedding<Size extends number = AnyShape> extends Layer<Adds<Size>> {
  /** @internal */
  static readonly isOwn = true;
  /** The vectors, shape `[count, size]`. */
  weight: Tensor;
  /** The index that is not trained, or null. */
  readonly paddingIndex: number | null;
  /** The length that vectors are shortened to when they are looked up, or null. */
  readonly maxNorm: number | null;
  /** Which norm `maxNorm` is of. */
  readonly normType: number;

  /**
   * @param count - how many vectors.
   * @param size - of each.
   * @param options - `paddingIndex`, `maxNorm`, `normType`, `dtype`, `generator`.
   * @throws {@link ShapeError} for counts that are not positive whole numbers; {@link ValueError} for a padding index that is not in the table, a norm out of range, or an unknown option.
   */
  constructor(count: number, size: Size, options: EmbeddingOptions = {}) {
    super();
    checkSizes("Embedding", { count, size });
    const { paddingIndex, maxNorm, normType = 2, ...given } = checkOptions("Embedding", options, embeddingOptions);
    refuseMore("Embedding", arguments, 3);
    checkNorms("Embedding", maxNorm, normType);
    checkPadding("Embedding", paddingIndex, count);
    this.paddingIndex = paddingIndex ?? null;
    this.maxNorm = maxNorm ?? null;
    this.normType = normType;
    this.weight = noGrad(() => {
      const start = drawNormal("Embedding", [count, size], given);
      return paddingIndex === undefined ? start : where(unsqueeze(eq(arange(count), paddingIndex), 1), 0, start);
    });
    this.weight.requiresGrad = true;
  }

  /** {@link embedding} in the layer's table. */
  override forward<Self extends Layer, T extends Tensor>(this: Self, x: T & Input<Self, T>): Tensor<Output<Self, T>>;
  override forward(index: Tensor): Tensor {
    refuseMore("Embedding", arguments, 1);
    checkInput(this, index, "index");
    return embedding(index, this.weight, this.#lookup());
  }

  /** `Embedding(count, size)`. */
  override describe(): string {
    return `Embedding(${shapeOf(this.weight, 2).join(", ")})`;
  }

  /** `[count, size, options]`, as the constructor takes them. */
  override arguments(): readonly unknown[] {
    const { weight } = this;
    return [...weight.shape, { ...this.#lookup(), dtype: weight.dtype }];
  }

  #lookup(): LookupOptions {
    const { paddingIndex, maxNorm, normType } = this;
    return { ...(paddingIndex !== null && { paddingIndex }), ...(maxNorm !== null && { maxNorm, normType }) };
  }
}
