import { apply, checkTensor, noGrad } from "../core/apply.ts";
import { type FloatDType, floatDtypes } from "../core/dtype.ts";
import { DTypeError, ShapeError, ValueError } from "../core/errors.ts";
import { checkOptions, type OptionKinds } from "../core/options.ts";
import { describe } from "../core/shape.ts";
import { arange } from "../create.ts";
import { eq } from "../ops/compare.ts";
import { embeddingOp } from "../ops/indexSelect.ts";
import { flatten, reshape, unsqueeze } from "../ops/reshape.ts";
import { where } from "../ops/where.ts";
import { type RandomOptions, randn } from "../random.ts";
import type { Tensor } from "../tensor.ts";
import { checkInput, checkSizes, shapeOf } from "./doors.ts";
import { Layer } from "./layer.ts";

/** Options of {@link Embedding}. */
export interface EmbeddingOptions {
  /** An index whose vector starts as 0 and is not trained, for filling up sequences; none if left out. */
  readonly paddingIndex?: number;
  /** Floating dtype of the vectors; the default one if left out. */
  readonly dtype?: FloatDType;
  /** Where the first values come from; {@link defaultGenerator} if left out. */
  readonly generator?: RandomOptions["generator"];
}

const embeddingOptions: OptionKinds<EmbeddingOptions> = {
  paddingIndex: "number",
  dtype: floatDtypes,
  generator: "generator",
};

/**
 * Looks vectors up in a table.
 *
 * @param index - int32 of any shape.
 * @param weight - the table, shape `[count, size]`.
 * @param options - `paddingIndex`: an index that gives its row no gradient.
 * @returns shape `[…index, size]`.
 * @throws {@link IndexError} for an index that is not in the table; {@link DTypeError} if it is not int32; {@link ShapeError} if the weight is no matrix.
 * @example
 * embedding(tensor([2, 0], { dtype: "int32" }), tensor([[1, 2], [3, 4], [5, 6]])).toArray(); // → [[5, 6], [1, 2]]
 */
export function embedding(index: Tensor, weight: Tensor, options: Pick<EmbeddingOptions, "paddingIndex"> = {}): Tensor {
  checkTensor("embedding", index, "the index");
  checkTensor("embedding", weight, "the weight");
  const { paddingIndex } = checkOptions("embedding", options, { paddingIndex: "number" });
  if (index.dtype !== "int32")
    throw new DTypeError("embedding", "indices must be int32", index.dtype, 'use to("int32")');
  if (weight.shape.length !== 2)
    throw new ShapeError("embedding", "the weight must be [count, size]", describe(weight));
  const rows = apply(embeddingOp, [weight, flatten(index)], 0);
  const found = reshape(rows, [...index.shape, weight.shape[1]!]);
  if (paddingIndex === undefined) return found;
  return where(unsqueeze(eq(index, paddingIndex), -1), found.detach(), found);
}

/**
 * A table of vectors that are trained, one for each index: words, users, categories.
 *
 * The vectors start normally distributed with mean 0 and variance 1, as PyTorch's do.
 *
 * @example
 * const layer = new Embedding(10, 3, { paddingIndex: 0 });
 * layer.forward(tensor([[0, 4], [7, 7]], { dtype: "int32" })).shape; // → [2, 2, 3]
 */
export class Embedding extends Layer {
  /** @internal */
  static readonly isOwn = true;
  /** The vectors, shape `[count, size]`. */
  weight: Tensor;
  /** The index that is not trained, or null. */
  readonly paddingIndex: number | null;

  /**
   * @param count - how many vectors.
   * @param size - of each.
   * @param options - `paddingIndex`, `dtype`, `generator`.
   * @throws {@link ShapeError} for counts that are none; {@link ValueError} for a padding index that is not in the table, or an option that there is not.
   */
  constructor(count: number, size: number, options: EmbeddingOptions = {}) {
    super();
    checkSizes("Embedding", { count, size });
    const { paddingIndex, ...given } = checkOptions("Embedding", options, embeddingOptions);
    if (paddingIndex !== undefined && !(Number.isInteger(paddingIndex) && paddingIndex >= 0 && paddingIndex < count)) {
      throw new ValueError("Embedding", `paddingIndex must be from 0 to ${count - 1}`, String(paddingIndex));
    }
    this.paddingIndex = paddingIndex ?? null;
    this.weight = noGrad(() => {
      const start = randn([count, size], given);
      return paddingIndex === undefined ? start : where(unsqueeze(eq(arange(count), paddingIndex), 1), 0, start);
    });
    this.weight.requiresGrad = true;
  }

  /** {@link embedding} in the layer's table. */
  override forward(index: Tensor): Tensor {
    checkInput(this, index, "index");
    return embedding(index, this.weight, this.paddingIndex === null ? {} : { paddingIndex: this.paddingIndex });
  }

  /** `Embedding(count, size)`. */
  override describe(): string {
    return `Embedding(${shapeOf(this.weight, 2).join(", ")})`;
  }

  /** `[count, size, options]`, as the constructor takes them. */
  override arguments(): readonly unknown[] {
    const { weight, paddingIndex } = this;
    return [...weight.shape, { paddingIndex: paddingIndex ?? undefined, dtype: weight.dtype }];
  }
}
