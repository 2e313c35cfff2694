import { type FloatDType, floatDtypes } from "../core/dtype.ts";
import { isTinygradError } from "../core/errors.ts";
import { checkOptions, type OptionKinds } from "../core/options.ts";
import type { AnyChange, AnyShape, Input, Maps, Output } from "../core/shapeTypes.ts";
import { refuseMore } from "../core/surplus.ts";
import { gelu } from "../ops/activations.ts";
import { add } from "../ops/add.ts";
import { relu } from "../ops/relu.ts";
import type { RandomOptions } from "../random.ts";
import type { Tensor } from "../tensor.ts";
import { attentionNames } from "./attention.ts";
import { checkSelf, checkSizes, checkWidth } from "./doors.ts";
import { checkProbability, Dropout } from "./dropout.ts";
import { Layer } from "./layer.ts";
import { LayerNorm } from "./layerNorm.ts";
import { Linear } from "./linear.ts";
import { type AttentionMasks, MultiheadAttention, maskOptions, multiheadNames } from "./multiheadAttention.ts";

/** Options of {@link TransformerEncoderLayer} and {@link TransformerDecoderLayer}. */
export interface TransformerLayerOptions {
  /** Size of the hidden layer between the two linear ones; 2048 by default. */
  readonly hidden?: number;
  /** Probability for anything to be dropped in training: attention weights, hidden units, and what is added to the input; 0.1 by default. */
  readonly dropout?: number;
  /** The activation of the hidden layer; `"relu"` by default. */
  readonly activation?: "relu" | "gelu";
  /** Whether each part normalizes its input instead of its sum, which trains more easily when deep; false by default. */
  readonly normFirst?: boolean;
  /** Added to variances; 1e-5 by default. */
  readonly eps?: number;
  /** Whether biases are added, those of the norms among them; true by default. */
  readonly bias?: boolean;
  /** Floating dtype of the parameters; the default one if left out. */
  readonly dtype?: FloatDType;
  /** Where the first values and the randomness of dropout come from; {@link defaultGenerator} if left out. */
  readonly generator?: RandomOptions["generator"];
}

/** Which vectors may be looked at, as {@link TransformerDecoderLayer.forward} takes it. */
export interface DecoderMasks extends AttentionMasks {
  /** Like `mask`, for the memory: `[queries, memory]`, `[batch, queries, memory]` or `[batch, heads, queries, memory]`. */
  readonly memoryMask?: Tensor | null;
  /** Like `keyMask`, for the memory: `[batch, memory]`. */
  readonly memoryKeyMask?: Tensor | null;
}

const layerOptions: OptionKinds<TransformerLayerOptions> = {
  hidden: "number",
  dropout: "number",
  activation: ["relu", "gelu"],
  normFirst: "boolean",
  eps: "number",
  bias: "boolean",
  dtype: floatDtypes,
  generator: "generator",
};
const decoderMasks: OptionKinds<DecoderMasks> = {
  ...maskOptions,
  memoryMask: "tensor or null",
  memoryKeyMask: "tensor or null",
};
const decoderNames = {
  ...{ ...attentionNames, tgtMask: "mask", tgtKeyPaddingMask: "keyMask", tgtIsCausal: "causal" },
  memoryKeyPaddingMask: "memoryKeyMask",
};
const encoderNames = { ...attentionNames, srcMask: "mask", srcKeyPaddingMask: "keyMask" };

/** What a layer of a transformer is made with. */
type Settings = ReturnType<typeof settingsOf>;

function settingsOf(name: string, size: number, heads: number, options: TransformerLayerOptions) {
  checkSizes(name, { size, heads }, { size: 1, heads: 1 });
  const names = { ...multiheadNames, intermediateSize: "hidden" };
  const given = checkOptions(name, options, layerOptions, { names });
  const { hidden = 2048, dropout = 0.1, activation = "relu", normFirst = false, eps = 1e-5, ...rest } = given;
  const { bias = true, generator, ...dtype } = rest;
  checkSizes(name, { size, heads, hidden });
  checkProbability(name, dropout, "dropout");
  const [linear, norm] = [
    { ...dtype, generator, bias },
    { ...dtype, eps, bias },
  ];
  return { size, heads, hidden, dropout, activation, normFirst, linear, norm, generator };
}

/** What both layers of a transformer have: attention of a sequence to itself, and two linear layers. */
abstract class TransformerLayer<Change = AnyChange> extends Layer<Change> {
  /** Attention of the sequence to itself. */
  selfAttention: MultiheadAttention;
  /** The first linear layer. */
  linear1: Linear;
  /** The second linear layer. */
  linear2: Linear;
  /** Normalizes around the attention to itself. */
  norm1: LayerNorm;
  /** Normalizes around the next part. */
  norm2: LayerNorm;
  /** Drops hidden units, and what is added to the input. */
  readonly dropout: Dropout;
  /** The activation of the hidden layer. */
  readonly activation: "relu" | "gelu";
  /** Whether each part normalizes its input instead of its sum. */
  readonly normFirst: boolean;

  constructor(settings: Settings) {
    super();
    const { size, heads, hidden, dropout, linear, norm, generator } = settings;
    this.activation = settings.activation;
    this.normFirst = settings.normFirst;
    this.selfAttention = new MultiheadAttention(size, heads, { ...linear, dropout });
    this.linear1 = new Linear(size, hidden, linear);
    this.linear2 = new Linear(hidden, size, linear);
    this.norm1 = new LayerNorm(size, norm);
    this.norm2 = new LayerNorm(size, norm);
    this.dropout = new Dropout(dropout, { generator });
  }

  /** x and what a part makes of it, added and normalized. */
  protected around(x: Tensor, norm: LayerNorm, part: (x: Tensor) => Tensor): Tensor {
    const sum = (given: Tensor): Tensor => add(x, this.dropout.forward(part(given)));
    return this.normFirst ? sum(norm.forward(x)) : norm.forward(sum(x));
  }

  /** What an attention makes of x and of the keys. What it refuses bears its field's name: there may be two of them. */
  protected attended(layer: MultiheadAttention, x: Tensor, keys: Tensor, masks: AttentionMasks): Tensor {
    try {
      return layer.forward(x, keys, keys, masks);
    } catch (error) {
      const field = layer === this.selfAttention ? "selfAttention" : "crossAttention";
      if (isTinygradError(error)) error.within(`${field} ${layer.describe()}`);
      throw error;
    }
  }

  /** The two linear layers, with the activation between them. */
  protected feed(x: Tensor): Tensor {
    const hidden = this.linear1.forward(x);
    const active = this.activation === "gelu" ? gelu(hidden) : relu(hidden);
    return this.linear2.forward(this.dropout.forward(active));
  }

  /** What the layer says of itself. */
  protected described(name: string): string {
    const { size, heads } = this.selfAttention;
    return `${name}(${size}, ${heads}, ${this.linear1.weight.shape[0]})`;
  }

  /** What the constructor takes. */
  protected given(): readonly unknown[] {
    const { activation, normFirst, linear1, norm1 } = this;
    const { size, heads } = this.selfAttention;
    const options = { hidden: linear1.weight.shape[0], dropout: this.dropout.p, activation, normFirst, eps: norm1.eps };
    return [size, heads, { ...options, bias: linear1.bias !== null, dtype: linear1.weight.dtype }];
  }
}

/**
 * A layer of a transformer's encoder (Vaswani et al., 2017): attention of a sequence to itself, then two linear layers on each vector; around each of both parts a skip connection and a {@link LayerNorm}.
 *
 * The batch is always the first axis. With `normFirst`, a last {@link LayerNorm} behind the last such layer is usual.
 *
 * @example
 * const encoder = new Sequential(
 *   new TransformerEncoderLayer(16, 4, { hidden: 32 }),
 *   new TransformerEncoderLayer(16, 4, { hidden: 32 }),
 * );
 * encoder.forward(zeros([2, 10, 16])).shape; // → [2, 10, 16]
 */
export class TransformerEncoderLayer<Size extends number = AnyShape> extends TransformerLayer<Maps<Size, Size>> {
  /** @internal */
  static readonly isOwn = true;

  /**
   * @param size - of the sequence's vectors.
   * @param heads - of attention, a divisor of the size.
   * @param options - `hidden`, `dropout`, `activation`, `normFirst`, `eps`, `bias`, `dtype`, `generator`.
   * @throws {@link ShapeError} for sizes that are not whole numbers; {@link ValueError} if the heads do not divide the size, for a dropout that is not a probability, or an unknown option.
   */
  constructor(size: Size, heads: number, options: TransformerLayerOptions = {}) {
    super(settingsOf("TransformerEncoderLayer", size, heads, options));
    refuseMore("TransformerEncoderLayer", arguments, 3);
  }

  /**
   * What the layer makes of a sequence.
   *
   * @param x - shape `[batch, length, size]`, or `[length, size]`.
   * @param masks - `mask`, `keyMask`, `causal`: see {@link AttentionMasks}.
   * @returns x's shape.
   * @throws {@link ShapeError} if shapes do not fit; {@link DTypeError} for a mask that is not bool.
   */
  override forward<Self extends Layer, T extends Tensor>(
    this: Self,
    x: T & Input<Self, T>,
    masks?: AttentionMasks,
  ): Tensor<Output<Self, T>>;
  override forward(x: Tensor, masks: AttentionMasks = {}): Tensor {
    checkSelf(this);
    checkWidth(this, x, this.selfAttention.size);
    const given = checkOptions(this.describe(), masks, maskOptions, { names: encoderNames });
    refuseMore("TransformerEncoderLayer", arguments, 2);
    const attended = this.around(x, this.norm1, (v) => this.attended(this.selfAttention, v, v, given));
    return this.around(attended, this.norm2, (v) => this.feed(v));
  }

  /** `TransformerEncoderLayer(size, heads, hidden)`. */
  override describe(): string {
    return this.described("TransformerEncoderLayer");
  }

  /** `[size, heads, options]`, as the constructor takes them. */
  override arguments(): readonly unknown[] {
    return this.given();
  }
}

/**
 * A layer of a transformer's decoder (Vaswani et al., 2017): attention of a sequence to itself, then to a memory (what the encoder made of its input), then two linear layers on each vector; around each part a skip connection and a {@link LayerNorm}.
 *
 * The batch is always the first axis. To predict a sequence, pass `causal: true`, so no vector looks at later ones.
 *
 * @example
 * const layer = new TransformerDecoderLayer(16, 4, { hidden: 32 });
 * layer.forward(zeros([2, 7, 16]), zeros([2, 10, 16]), { causal: true }).shape; // → [2, 7, 16]
 */
export class TransformerDecoderLayer<Size extends number = AnyShape> extends TransformerLayer<Maps<Size, Size>> {
  /** @internal */
  static readonly isOwn = true;
  /** Attention to the memory. */
  crossAttention: MultiheadAttention;
  /** Normalizes around the linear layers. */
  norm3: LayerNorm;

  /**
   * @param size - of the vectors, of the sequence and of the memory.
   * @param heads - of attention, a divisor of the size.
   * @param options - `hidden`, `dropout`, `activation`, `normFirst`, `eps`, `bias`, `dtype`, `generator`.
   * @throws {@link ShapeError} for sizes that are not whole numbers; {@link ValueError} if the heads do not divide the size, for a dropout that is not a probability, or an unknown option.
   */
  constructor(size: Size, heads: number, options: TransformerLayerOptions = {}) {
    const settings = settingsOf("TransformerDecoderLayer", size, heads, options);
    super(settings);
    refuseMore("TransformerDecoderLayer", arguments, 3);
    const { linear, norm, dropout } = settings;
    this.crossAttention = new MultiheadAttention(size, heads, { ...linear, dropout });
    this.norm3 = new LayerNorm(size, norm);
  }

  /**
   * What the layer makes of a sequence, and of a memory.
   *
   * @param x - shape `[batch, length, size]`, or `[length, size]`.
   * @param memory - shape `[batch, memory, size]`, or `[memory, size]`.
   * @param masks - `mask`, `keyMask`, `causal` for x; `memoryMask`, `memoryKeyMask` for the memory: see {@link DecoderMasks}.
   * @returns x's shape.
   * @throws {@link ShapeError} if shapes do not fit; {@link DTypeError} for a mask that is not bool.
   */
  override forward<Self extends Layer, T extends Tensor>(
    this: Self,
    x: T & Input<Self, T>,
    memory: Tensor,
    masks?: DecoderMasks,
  ): Tensor<Output<Self, T>>;
  override forward(x: Tensor, memory: Tensor, masks: DecoderMasks = {}): Tensor {
    checkSelf(this);
    const { size } = this.selfAttention;
    checkWidth(this, x, size);
    checkWidth(this, memory, size, "memory");
    const given = checkOptions(this.describe(), masks, decoderMasks, { names: decoderNames });
    refuseMore("TransformerDecoderLayer", arguments, 3);
    const { memoryMask: mask = null, memoryKeyMask: keyMask = null, ...own } = given;
    const attended = this.around(x, this.norm1, (v) => this.attended(this.selfAttention, v, v, own));
    const informed = this.around(attended, this.norm2, (v) => {
      return this.attended(this.crossAttention, v, memory, { mask, keyMask });
    });
    return this.around(informed, this.norm3, (v) => this.feed(v));
  }

  /** `TransformerDecoderLayer(size, heads, hidden)`. */
  override describe(): string {
    return this.described("TransformerDecoderLayer");
  }

  /** `[size, heads, options]`, as the constructor takes them. */
  override arguments(): readonly unknown[] {
    return this.given();
  }
}
