import { checkCount } from "../core/arguments.ts";
import { floatDtypes } from "../core/dtype.ts";
import { ShapeError } from "../core/errors.ts";
import { checkOptions, type OptionKinds } from "../core/options.ts";
import { refuseMore } from "../core/surplus.ts";
import { relu } from "../ops/relu.ts";
import { type Activation, activationFor } from "./activation.ts";
import { BatchNorm2d } from "./batchNorm.ts";
import { Conv2d } from "./conv.ts";
import { checkSizes } from "./doors.ts";
import type { LinearOptions } from "./linear.ts";
import { Residual } from "./residual.ts";
import { Sequential } from "./sequential.ts";

/** Options of {@link identityBlock}. */
export interface IdentityBlockOptions extends Pick<LinearOptions, "dtype" | "generator"> {
  /** Channels of the 3 × 3 convolution; by default a quarter of the block's, 1 at least. */
  readonly width?: number;
  /** What follows each normalization but the last, and the sum: a function, or a layer's class, of which each place gets an instance; {@link relu} by default. */
  readonly activation?: Activation;
}

/** Options of {@link projectionBlock}. */
export interface ProjectionBlockOptions extends IdentityBlockOptions {
  /** Stride of the 3 × 3 convolution and of the projection; 2 by default, which halves height and width. */
  readonly stride?: number;
}

const blockKinds: OptionKinds<IdentityBlockOptions> = {
  width: "number",
  activation: "any",
  dtype: floatDtypes,
  generator: "generator",
};

/**
 * The identity block of a residual network (He et al., 2016): three convolutions, 1 × 1 to few channels, 3 × 3, and 1 × 1 back, each followed by batch normalization; the input is added
 * to what they give, and the activation comes after the sum: `relu(inner(x) + x)`. The path around the layers is empty, so the input passes unchanged.
 *
 * @param channels - channels of input and output.
 * @param options - `width`, `activation`, `dtype`, `generator`.
 * @returns a {@link Sequential} of a {@link Residual} and the activation: `[batch, channels, height, width]` to the same shape.
 * @throws {@link ShapeError} for channels that are no count; {@link ValueError} for an option that is not allowed.
 * @example
 * const block = identityBlock(64);
 * block.forward(randn([2, 64, 7, 7])).shape; // → [2, 64, 7, 7]
 * const { inner } = block.layers[0] as Residual;
 * (inner as Sequential).layers[3]!.describe(); // → Conv2d(16, 16, 3, padding 1, no bias)
 */
export function identityBlock(channels: number, options: IdentityBlockOptions = {}): Sequential {
  checkSizes("identityBlock", { channels });
  const own = checkOptions("identityBlock", options, blockKinds);
  refuseMore("identityBlock", arguments, 2);
  return block("identityBlock", channels, channels, own);
}

/**
 * The projection block of a residual network (He et al., 2016): as {@link identityBlock}, but it changes the number of channels and the size of the images. So a 1 × 1 convolution of the same
 * stride, with batch normalization, stands on the way around: `relu(inner(x) + projection(x))`.
 *
 * @param inChannels - channels of the input.
 * @param outChannels - channels of the output.
 * @param options - `stride` (2 by default), `width` (by default a quarter of outChannels), `activation`, `dtype`, `generator`.
 * @returns a {@link Sequential} of a {@link Residual} and the activation.
 * @throws {@link ShapeError} for channels that are no count; {@link ValueError} for an option that is not allowed.
 * @example
 * projectionBlock(64, 128).forward(randn([2, 64, 14, 14])).shape; // → [2, 128, 7, 7]
 */
export function projectionBlock(
  inChannels: number,
  outChannels: number,
  options: ProjectionBlockOptions = {},
): Sequential {
  checkSizes("projectionBlock", { inChannels, outChannels });
  const own = checkOptions("projectionBlock", options, { ...blockKinds, stride: "number" });
  refuseMore("projectionBlock", arguments, 3);
  const { stride = 2, ...rest } = own;
  checkCount("projectionBlock", "stride", stride, 1);
  return block("projectionBlock", inChannels, outChannels, rest, stride);
}

/** Without a stride, there is no projection. */
function block(
  op: string,
  inChannels: number,
  outChannels: number,
  options: IdentityBlockOptions,
  stride?: number,
): Sequential {
  const { width = Math.max(Math.round(outChannels / 4), 1), activation = relu, ...given } = options;
  checkCount(op, "width", width, 1);
  const most = Math.max(inChannels, outChannels, 9 * width) * Math.max(width, stride === undefined ? 0 : inChannels);
  if (most > 2 ** 31) throw new ShapeError(op, "the weights must fit into memory", `${most} elements in one of them`);
  const activate = activationFor(op, activation);
  const conv = (from: number, to: number, kernel: number, more: object = {}): Conv2d =>
    new Conv2d(from, to, kernel, { bias: false, ...more, ...given });
  const norm = (channels: number): BatchNorm2d => new BatchNorm2d(channels, given.dtype && { dtype: given.dtype });
  const inner = new Sequential(
    conv(inChannels, width, 1),
    norm(width),
    activate(),
    conv(width, width, 3, { ...(stride !== undefined && { stride }), padding: 1 }),
    norm(width),
    activate(),
    conv(width, outChannels, 1),
    norm(outChannels),
  );
  if (stride === undefined) return new Sequential(new Residual(inner), activate());
  const projection = new Sequential(conv(inChannels, outChannels, 1, { stride }), norm(outChannels));
  return new Sequential(new Residual(inner, { projection }), activate());
}
