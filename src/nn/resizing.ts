import { textOf, ValueError } from "../core/errors.ts";
import { inNameOf } from "../core/inNameOf.ts";
import { refuseMore } from "../core/surplus.ts";
import { copied } from "../ops/convOptions.ts";
import { checkInterpolation, type InterpolateOptions, interpolate } from "../ops/interpolate.ts";
import { pixelShuffle, pixelUnshuffle } from "../ops/pixelShuffle.ts";
import type { Tensor } from "../tensor.ts";
import { settingsText } from "./described.ts";
import { checkInput } from "./doors.ts";
import { Layer } from "./layer.ts";

/**
 * {@link interpolate} as a layer: images, signals or volumes at another size.
 *
 * @example
 * new Upsample({ scaleFactor: 2 }).forward(zeros([8, 16, 7, 7])).shape; // → [8, 16, 14, 14]
 * new Upsample({ scaleFactor: 2, mode: "bilinear" }).describe(); // → Upsample(scale factor 2, mode bilinear)
 */
export class Upsample extends Layer {
  /** @internal */
  static readonly isOwn = true;
  /** @internal The options, as they were given. */
  protected readonly settings: InterpolateOptions;

  /**
   * @param options - `size` or `scaleFactor`, `mode`, `alignCorners`: see {@link InterpolateOptions}.
   * @throws {@link ValueError} for options that are none.
   */
  constructor(options: InterpolateOptions) {
    super();
    refuseMore("Upsample", arguments, 1);
    this.settings = copied(checkInterpolation("Upsample", options));
  }

  /**
   * x at another size.
   *
   * @param x - `[batch, channels, …]`.
   * @throws {@link ShapeError} for a shape that does not fit; {@link DTypeError} for anything that is not a tensor of floats.
   */
  override forward(x: Tensor): Tensor {
    checkInput(this, x);
    refuseMore(this.describe(), arguments, 1);
    return inNameOf(this.describe(), ["interpolate"], () => interpolate(x, this.settings));
  }

  /** `Upsample(scale factor 2)`: the options that were given. */
  override describe(): string {
    return `Upsample(${settingsText(this.settings).slice(2)})`;
  }

  /** `[options]`, as the constructor takes them. */
  override arguments(): readonly unknown[] {
    return [this.settings];
  }
}

abstract class Shuffle extends Layer {
  /** How much larger, or smaller, images become. */
  readonly factor: number;
  /** @internal What the class is called. */
  protected readonly kind: "PixelShuffle" | "PixelUnshuffle";

  protected constructor(kind: "PixelShuffle" | "PixelUnshuffle", factor: number) {
    super();
    if (!Number.isSafeInteger(factor) || factor < 1) {
      throw new ValueError(
        kind,
        "the factor must be a whole number, 1 or more",
        textOf(factor),
        `write new ${kind}(2)`,
      );
    }
    this.factor = factor;
    this.kind = kind;
  }

  /**
   * Pixels of x's channels, or channels of its pixels.
   *
   * @param x - `[…, channels, height, width]`.
   * @throws {@link ShapeError} for a shape that does not fit; {@link DTypeError} for anything that is not a tensor.
   */
  override forward(x: Tensor): Tensor {
    checkInput(this, x);
    refuseMore(this.describe(), arguments, 1);
    const shuffle = this.kind === "PixelShuffle" ? pixelShuffle : pixelUnshuffle;
    return inNameOf(this.describe(), ["pixelShuffle", "pixelUnshuffle"], () => shuffle(x, this.factor));
  }

  /** `PixelShuffle(factor)`. */
  override describe(): string {
    return `${this.kind}(${this.factor})`;
  }
}

/**
 * {@link pixelShuffle} as a layer: channels made into pixels.
 *
 * @example
 * new PixelShuffle(2).forward(zeros([8, 16, 7, 7])).shape; // → [8, 4, 14, 14]
 */
export class PixelShuffle extends Shuffle {
  /** @internal */
  static readonly isOwn = true;

  /**
   * @param factor - how much larger images become.
   * @throws {@link ValueError} for a factor that is none.
   */
  constructor(factor: number) {
    super("PixelShuffle", factor);
    refuseMore("PixelShuffle", arguments, 1);
  }

  /** `[factor]`, as the constructor takes it. */
  override arguments(): readonly unknown[] {
    return [this.factor];
  }
}

/**
 * {@link pixelUnshuffle} as a layer: pixels made into channels.
 *
 * @example
 * new PixelUnshuffle(2).forward(zeros([8, 4, 14, 14])).shape; // → [8, 16, 7, 7]
 */
export class PixelUnshuffle extends Shuffle {
  /** @internal */
  static readonly isOwn = true;

  /**
   * @param factor - how much smaller images become.
   * @throws {@link ValueError} for a factor that is none.
   */
  constructor(factor: number) {
    super("PixelUnshuffle", factor);
    refuseMore("PixelUnshuffle", arguments, 1);
  }

  /** `[factor]`, as the constructor takes it. */
  override arguments(): readonly unknown[] {
    return [this.factor];
  }
}
