import { type FloatDType, floatDtypes } from "../core/dtype.ts";
import { DTypeError, ShapeError, textOf, ValueError } from "../core/errors.ts";
import { checkOptions, type OptionKinds } from "../core/options.ts";
import { isTensor } from "../core/runtime.ts";
import { describe } from "../core/shape.ts";
import type { AnyShape, Input, Maps, Output } from "../core/shapeTypes.ts";
import { refuseMore } from "../core/surplus.ts";
import { zeros } from "../create.ts";
import { logicalAnd } from "../ops/logical.ts";
import { permute } from "../ops/permute.ts";
import { reshape, unsqueeze } from "../ops/reshape.ts";
import { slice } from "../ops/slice.ts";
import { split } from "../ops/split.ts";
import type { RandomOptions } from "../random.ts";
import type { Tensor } from "../tensor.ts";
import { type Attended, attend, attentionNames, checkMask } from "./attention.ts";
import { checkInput, checkSelf, checkSizes } from "./doors.ts";
import { checkProbability } from "./dropout.ts";
import { xavierUniform } from "./init.ts";
import { Layer } from "./layer.ts";
import { Linear, linear } from "./linear.ts";
import { whole } from "./whole.ts";

/** Options of {@link MultiheadAttention}. */
export interface MultiheadAttentionOptions {
  /** Whether biases are added; true by default. */
  readonly bias?: boolean;
  /** Probability for an attention weight to be dropped in training; 0 by default. */
  readonly dropout?: number;
  /** Size of the keys' last axis; that of the queries by default. */
  readonly keySize?: number;
  /** Size of the values' last axis; that of the queries by default. */
  readonly valueSize?: number;
  /** Floating dtype of the parameters; the default one if left out. */
  readonly dtype?: FloatDType;
  /** Where the first values and the randomness of dropout come from; {@link defaultGenerator} if left out. */
  readonly generator?: RandomOptions["generator"];
}

/** Which keys each query may look at, as {@link MultiheadAttention.forward} takes it. */
export interface AttentionMasks {
  /** Which keys each query may look at: bool, true where it may; shape `[queries, keys]`, `[batch, queries, keys]` or `[batch, heads, queries, keys]`. */
  readonly mask?: Tensor | null;
  /** Which keys there are at all: bool, shape `[batch, keys]`, false for those that only fill a sequence up. */
  readonly keyMask?: Tensor | null;
  /** Whether query i looks at keys 0 to i only; false by default. */
  readonly causal?: boolean;
}

const layerOptions: OptionKinds<MultiheadAttentionOptions> = {
  bias: "boolean",
  dropout: "number",
  keySize: "number",
  valueSize: "number",
  dtype: floatDtypes,
  generator: "generator",
};

/** @internal */
export const maskOptions: OptionKinds<AttentionMasks> = {
  mask: "tensor or null",
  keyMask: "tensor or null",
  causal: "boolean",
};

const sizesFirst = "size and heads are arguments of their own: (size, heads, options)";

/** What PyTorch and Keras call options of layers with attention. */
export const multiheadNames = {
  ...{ kdim: "keySize", vdim: "valueSize", batchFirst: "the batch is always the first axis", embedDim: sizesFirst },
  ...{
    numHeads: sizesFirst,
    nhead: sizesFirst,
    dModel: sizesFirst,
    dimFeedforward: "hidden",
    layerNormEps: "eps",
    dropoutRate: "dropout",
    addBiasKv: "keys and values have no bias vectors here",
    addZeroAttn: "append a row of zeros to the keys and the values",
    useBias: "bias",
  },
};

/**
 * Attention with several heads (Vaswani et al., 2017): maps queries, keys and values, splits them into heads, applies attention in each head, and maps the result.
 *
 * Parameters are PyTorch's: `inProjWeight`, `[3 · size, size]`, holds the three maps one below the other (three tensors if keys or values have another size), drawn by {@link xavierUniform}; biases start at 0. The batch is always the first axis. A mask says
 * what *may* be looked at, as in {@link scaledDotProductAttention}; the bool masks of PyTorch's layer of this name say the opposite.
 *
 * @example
 * const layer = new MultiheadAttention(8, 2);
 * const x = zeros([3, 5, 8]); // three sequences of five vectors
 * layer.forward(x, x, x, { causal: true }).shape; // → [3, 5, 8]
 * layer.run(x).weights.shape; // → [3, 2, 5, 5]
 */
export class MultiheadAttention<Size extends number = AnyShape> extends Layer<Maps<Size, Size>> {
  /** @internal */
  static readonly isOwn = true;
  /** The maps of queries, keys and values, shape `[3 · size, size]`; null if there are three tensors instead. */
  inProjWeight: Tensor | null = null;
  /** The map of queries, shape `[size, size]`, or null. */
  qProjWeight: Tensor | null = null;
  /** The map of keys, shape `[size, keySize]`, or null. */
  kProjWeight: Tensor | null = null;
  /** The map of values, shape `[size, valueSize]`, or null. */
  vProjWeight: Tensor | null = null;
  /** Shape `[3 · size]`, or null. */
  inProjBias: Tensor | null;
  /** The last map, from all heads. */
  outProj: Linear;
  /** Size of the queries' last axis, and of the result's. */
  readonly size: number;
  /** Number of heads. */
  readonly heads: number;
  /** Probability for an attention weight to be dropped in training. */
  readonly dropout: number;
  readonly #generator: RandomOptions["generator"];

  /**
   * @param size - of the queries' last axis; all heads together.
   * @param heads - a divisor of the size.
   * @param options - `bias`, `dropout`, `keySize`, `valueSize`, `dtype`, `generator`.
   * @throws {@link ShapeError} for sizes that are not whole numbers; {@link ValueError} if the heads do not divide the size, for a dropout that is not a probability, or an unknown option.
   */
  constructor(size: Size, heads: number, options: MultiheadAttentionOptions = {}) {
    super();
    checkSizes("MultiheadAttention", { size, heads }, { size: 1, heads: 1 });
    const given = checkOptions("MultiheadAttention", options, layerOptions, { names: multiheadNames });
    refuseMore("MultiheadAttention", arguments, 3);
    const { bias = true, dropout = 0, keySize = size, valueSize = size, generator, ...like } = given;
    checkSizes("MultiheadAttention", { size, heads, keySize, valueSize });
    if (size % heads !== 0) {
      throw new ValueError("MultiheadAttention", "heads must divide the size", `${heads} heads, size ${size}`);
    }
    this.size = size;
    this.heads = heads;
    this.dropout = checkProbability("MultiheadAttention", dropout, "dropout");
    this.#generator = generator;
    const draw = (rows: number, columns: number): Tensor =>
      xavierUniform([rows, columns], { ...like, generator, requiresGrad: true });
    if (keySize === size && valueSize === size) this.inProjWeight = draw(3 * size, size);
    else {
      this.qProjWeight = draw(size, size);
      this.kProjWeight = draw(size, keySize);
      this.vProjWeight = draw(size, valueSize);
    }
    this.inProjBias = bias ? zeros([3 * size], { ...like, requiresGrad: true }) : null;
    this.outProj = new Linear(size, size, { ...like, bias, generator });
    if (this.outProj.bias !== null) this.outProj.bias.assign(zeros([size], like));
  }

  /**
   * The attention's result.
   *
   * @param query - shape `[batch, queries, size]`, or `[queries, size]` for one sequence.
   * @param key - shape `[batch, keys, keySize]`; the query if left out.
   * @param value - shape `[batch, keys, valueSize]`; the key if left out.
   * @param masks - `mask`, `keyMask`, `causal`.
   * @returns the query's shape. Where a query may look at nothing, it is the last map's bias.
   * @throws {@link ShapeError} if shapes do not fit; {@link DTypeError} for a mask that is not bool.
   */
  override forward<Self extends Layer, T extends Tensor>(
    this: Self,
    query: T & Input<Self, T>,
    key?: Tensor,
    value?: Tensor,
    masks?: AttentionMasks,
  ): Tensor<Output<Self, T>>;
  override forward(query: Tensor, key: Tensor = query, value: Tensor = key, masks: AttentionMasks = {}): Tensor {
    refuseMore("MultiheadAttention", arguments, 4);
    checkSelf(this);
    const { output } = this.run(query, key, value, masks);
    const hint = "write const { output, weights } = layer.run(x, x, x); samples are output.at(0) and so on";
    return whole(this.describe(), output, hint);
  }

  /**
   * {@link MultiheadAttention.forward}, with the attention weights of each head beside it: `[batch, heads, queries, keys]`, or `[heads, queries, keys]`.
   *
   * @param query - shape `[batch, queries, size]`, or `[queries, size]` for one sequence.
   * @param key - shape `[batch, keys, keySize]`; the query if left out.
   * @param value - shape `[batch, keys, valueSize]`; the key if left out.
   * @param masks - `mask`, `keyMask`, `causal`.
   * @throws {@link ShapeError} if shapes do not fit; {@link DTypeError} for a mask that is not bool.
   */
  run(query: Tensor, key: Tensor = query, value: Tensor = key, masks: AttentionMasks = {}): Attended {
    checkSelf(this, "run");
    const op = this.describe();
    const { heads, size } = this;
    checkInput(this, query, "query");
    for (const [name, x] of Object.entries({ key, value })) {
      if (
        typeof x === "object" &&
        x !== null &&
        !isTensor(x) &&
        Object.keys(x).some((option) => option in maskOptions)
      ) {
        throw new DTypeError(op, `${name} must be a tensor`, textOf(x), "masks come after the value: (x, x, x, masks)");
      }
      if (x === null) {
        const hint = "what is the same as the query may be left out: forward(x), or forward(x, x, x, masks)";
        throw new DTypeError(op, `${name} must be a tensor`, "null", hint);
      }
      checkInput(this, x, name);
    }
    const { causal = false } = checkOptions(op, masks, maskOptions, { names: attentionNames });
    refuseMore("MultiheadAttention", arguments, 4);
    const rank = query.shape.length;
    const widths = this.#widths();
    const isFit = [query, key, value].every((x, i) => {
      return x.shape.length === rank && x.shape.at(-1) === widths[i] && (rank === 2 || x.shape[0] === query.shape[0]);
    });
    if ((rank !== 2 && rank !== 3) || !isFit || key.shape.at(-2) !== value.shape.at(-2)) {
      const rule = `needs a query [batch, queries, ${widths[0]}], a key [batch, keys, ${widths[1]}] and a value [batch, keys, ${widths[2]}]`;
      const hint = rank === 3 ? "" : "the batch may be left out, of all three";
      throw new ShapeError(op, rule, [query, key, value].map(describe).join(", "), hint);
    }
    const mask = this.#mask(op, query, key, masks);
    const byHead = (x: Tensor): Tensor => {
      const cut = reshape(x, [...x.shape.slice(0, -1), heads, size / heads]);
      return permute(cut, rank === 3 ? [0, 2, 1, 3] : [1, 0, 2]);
    };
    const [q, k, v] = this.#mapped(query, key, value).map(byHead) as [Tensor, Tensor, Tensor];
    const dropout = this.training ? this.dropout : 0;
    const { output, weights } = attend(op, q, k, v, { mask, causal, dropout, generator: this.#generator });
    const joined = reshape(permute(output, rank === 3 ? [0, 2, 1, 3] : [1, 0, 2]), query.shape);
    return { output: this.outProj.forward(joined), weights };
  }

  /** Sizes of the last axes of query, key and value. */
  #widths(): number[] {
    const { size, kProjWeight, vProjWeight } = this;
    return [size, kProjWeight?.shape[1] ?? size, vProjWeight?.shape[1] ?? size];
  }

  /** Query, key and value, mapped: by one product where they are one tensor. */
  #mapped(query: Tensor, key: Tensor, value: Tensor): Tensor[] {
    const { size, inProjWeight, inProjBias } = this;
    if (inProjWeight !== null && query === key && key === value) {
      return split(linear(query, inProjWeight, inProjBias), size, -1);
    }
    const rows = (x: Tensor, i: number): Tensor => slice(x, [i * size, (i + 1) * size]);
    return [query, key, value].map((x, i) => {
      const own = [this.qProjWeight, this.kProjWeight, this.vProjWeight][i];
      return linear(x, own ?? rows(inProjWeight!, i), inProjBias === null ? null : rows(inProjBias, i));
    });
  }

  /** Both masks as one, which broadcasts to the scores; null for none. */
  #mask(op: string, query: Tensor, key: Tensor, { mask = null, keyMask = null }: AttentionMasks): Tensor | null {
    const batch = query.shape.slice(0, -2);
    const [queries, keys] = [query.shape.at(-2)!, key.shape.at(-2)!];
    if (keyMask !== null) checkMask(op, "keyMask", keyMask, [...batch, keys]);
    if (mask !== null) {
      const isByHead = mask.shape.length > batch.length + 2;
      checkMask(op, "mask", mask, [...batch, ...(isByHead ? [this.heads] : []), queries, keys]);
    }
    const wide = mask?.shape.length === 3 && batch.length > 0 ? unsqueeze(mask, 1) : mask;
    // [batch, keys] becomes [batch, 1, 1, keys]: the same for all heads and queries.
    const present = keyMask === null || keyMask.shape.length < 2 ? keyMask : unsqueeze(unsqueeze(keyMask, 1), 1);
    return wide !== null && present !== null ? logicalAnd(wide, present) : (wide ?? present);
  }

  /** `MultiheadAttention(size, heads)`. */
  override describe(): string {
    return `MultiheadAttention(${this.size}, ${this.heads})`;
  }

  /** `[size, heads, options]`, as the constructor takes them. */
  override arguments(): readonly unknown[] {
    const { size, heads, dropout, inProjWeight, inProjBias, outProj } = this;
    const [, keySize, valueSize] = inProjWeight === null ? this.#widths() : [];
    return [size, heads, { bias: inProjBias !== null, dropout, keySize, valueSize, dtype: outProj.weight.dtype }];
  }
}
