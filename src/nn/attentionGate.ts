import { checkCount } from "../core/arguments.ts";
import { floatDtypes } from "../core/dtype.ts";
import { ShapeError } from "../core/errors.ts";
import { checkOptions } from "../core/options.ts";
import { describe } from "../core/shape.ts";
import { refuseMore } from "../core/surplus.ts";
import { add } from "../ops/add.ts";
import { interpolate } from "../ops/interpolate.ts";
import { mul } from "../ops/mul.ts";
import { relu } from "../ops/relu.ts";
import { sigmoid } from "../ops/sigmoid.ts";
import type { Tensor } from "../tensor.ts";
import { Conv2d, type ConvLayerOptions } from "./conv.ts";
import { checkInput, checkSelf, checkSizes } from "./doors.ts";
import { Layer } from "./layer.ts";

/** Options of {@link AttentionGate}. */
export interface AttentionGateOptions extends Pick<ConvLayerOptions, "dtype" | "generator"> {
  /** How much larger x is than the gate along each axis; 2 by default. */
  readonly stride?: number;
}

/**
 * An additive attention gate for images (Oktay et al., 2018): a deeper, coarser part of a network decides which places of the finer features matter.
 *
 * `y = α · x`, where `α = upsample(σ(ψ · relu(Wₓ x + W_g g + b_g) + b_ψ))` is one number between 0 and 1 for each pixel: `Wₓ` is a convolution of `stride × stride` that brings x to the
 * size of the gate g, `W_g` and `ψ` are convolutions of 1 × 1, to `inner` channels and to one; the map is brought back to x's size bilinearly.
 *
 * In a U-shaped network, x comes over a skip connection, and g from the level below; y is then joined with the upsampled g.
 *
 * @example
 * const gate = new AttentionGate(16, 32, 8);
 * const [skip, below] = [zeros([4, 16, 28, 28]), zeros([4, 32, 14, 14])];
 * gate.forward(skip, below).shape; // → [4, 16, 28, 28]
 * gate.weights(skip, below).shape; // → [4, 1, 28, 28]
 */
export class AttentionGate extends Layer {
  /** @internal */
  static readonly isOwn = true;
  /** `Wₓ`. */
  readonly features: Conv2d;
  /** `W_g`, with its bias. */
  readonly gate: Conv2d;
  /** `ψ`, with its bias. */
  readonly attention: Conv2d;
  /** How much larger x is than the gate. */
  readonly stride: number;

  /**
   * @param channels - channels of x.
   * @param gateChannels - channels of the gate.
   * @param inner - channels that both are brought to.
   * @param options - `stride`, `dtype`, `generator`.
   * @throws {@link ShapeError} for channels that are not whole numbers; {@link ValueError} for options that are none.
   */
  constructor(channels: number, gateChannels: number, inner: number, options: AttentionGateOptions = {}) {
    super();
    refuseMore("AttentionGate", arguments, 4);
    const kinds = { stride: "any", dtype: floatDtypes, generator: "generator" } as const;
    const { stride = 2, ...own } = checkOptions("AttentionGate", options, kinds);
    checkSizes("AttentionGate", { channels, gateChannels, inner });
    checkCount("AttentionGate", "stride", stride, 1);
    this.stride = stride;
    this.features = new Conv2d(channels, inner, stride, { ...own, stride, bias: false });
    this.gate = new Conv2d(gateChannels, inner, 1, own);
    this.attention = new Conv2d(inner, 1, 1, own);
  }

  /**
   * x, with each pixel weighted.
   *
   * @param x - `[batch, channels, height, width]`.
   * @param gate - `[batch, gateChannels, height / stride, width / stride]`.
   * @throws {@link ShapeError} for shapes that do not fit; {@link DTypeError} for anything that is not a tensor of floats.
   */
  override forward(x: Tensor, gate: Tensor): Tensor {
    checkSelf(this);
    refuseMore(this.describe(), arguments, 2);
    return mul(x, this.weights(x, gate));
  }

  /**
   * The weights α of the pixels, to look at.
   *
   * @param x - `[batch, channels, height, width]`.
   * @param gate - `[batch, gateChannels, height / stride, width / stride]`.
   * @returns `[batch, 1, height, width]`.
   * @throws {@link ShapeError} for shapes that do not fit; {@link DTypeError} for anything that is not a tensor of floats.
   */
  weights(x: Tensor, gate: Tensor): Tensor {
    refuseMore("AttentionGate", arguments, 2);
    checkInput(this, x);
    checkInput(this, gate, "the gate");
    const [batch, , height, width] = x.shape;
    const [own, , ...sizes] = gate.shape;
    const fits = x.shape.length === 4 && gate.shape.length === 4 && own === batch;
    if (!fits || sizes[0]! * this.stride !== height || sizes[1]! * this.stride !== width) {
      const rule = `x must be [batch, channels, height, width], and the gate the same divided by ${this.stride}`;
      throw new ShapeError(this.describe(), rule, `${describe(x)} and ${describe(gate)}`);
    }
    const seen = relu(add(this.features.forward(x), this.gate.forward(gate)));
    const alpha = sigmoid(this.attention.forward(seen));
    return this.stride === 1 ? alpha : interpolate(alpha, { size: [height, width], mode: "bilinear" });
  }

  /** `AttentionGate(channels, gateChannels, inner)`, with the stride if it is not 2. */
  override describe(): string {
    const { features, gate, stride } = this;
    const more = stride === 2 ? "" : `, stride ${stride}`;
    return `AttentionGate(${features.inChannels}, ${gate.inChannels}, ${gate.outChannels}${more})`;
  }

  /** `[channels, gateChannels, inner, options]`, as the constructor takes them. */
  override arguments(): readonly unknown[] {
    const { features, gate, stride } = this;
    return [features.inChannels, gate.inChannels, gate.outChannels, { stride, dtype: gate.weight.dtype }];
  }
}
