import { isFloat } from "../core/dtype.ts";
import { DTypeError, ShapeError } from "../core/errors.ts";
import { checkOptions } from "../core/options.ts";
import { describe } from "../core/shape.ts";
import type { Input, Keeps, Output } from "../core/shapeTypes.ts";
import { refuseMore } from "../core/surplus.ts";
import { ones } from "../create.ts";
import { mul } from "../ops/mul.ts";
import type { Tensor } from "../tensor.ts";
import { checkInput } from "./doors.ts";
import { checkProbability, type DropoutOptions, dropout } from "./dropout.ts";
import { Layer } from "./layer.ts";

/** Layers that drop channels; they differ by the ranks that they take. */
abstract class ChannelDropout extends Layer<Keeps> {
  /** The probability for a channel to be zeroed. */
  readonly p: number;
  readonly #axes: 1 | 2 | 3;
  readonly #generator: DropoutOptions["generator"];

  protected constructor(axes: 1 | 2 | 3, p: number, options: Pick<DropoutOptions, "generator">) {
    super();
    const name = `Dropout${axes}d`;
    this.#axes = axes;
    this.p = checkProbability(name, p);
    const names = { inplace: "ops never change their input" };
    this.#generator = checkOptions(name, options, { generator: "generator" }, { names }).generator;
  }

  /**
   * Zeroes channels, as long as the layer is in training.
   *
   * @param x - `[batch, channels, …]`, floating, with as many axes after the channels as the layer's name says.
   * @throws {@link ShapeError} for another rank; {@link DTypeError} if x is not floating.
   */
  override forward<Self extends Layer, T extends Tensor>(this: Self, x: T & Input<Self, T>): Tensor<Output<Self, T>>;
  override forward(x: Tensor): Tensor {
    checkInput(this, x);
    const [name, axes] = [`Dropout${this.#axes}d`, this.#axes];
    refuseMore(name, arguments, 1);
    if (!isFloat(x.dtype)) throw new DTypeError(name, "x must be floating", x.dtype, 'use to("float32")');
    const { length } = x.shape;
    if (length !== axes + 2) {
      const other = length === 2 ? "new Dropout" : `new Dropout${length - 2}d`;
      const isOther = length >= 2 && length <= 5;
      const sample = length === axes + 1 ? "for one sample write x.unsqueeze(0)" : "";
      const hint = [sample, isOther ? `${sample && "else "}write ${other}(${this.p})` : ""].filter(Boolean).join(", ");
      const all = ["length", "height, width", "depth, height, width"][axes - 1];
      throw new ShapeError(name, `x must be [batch, channels, ${all}]`, describe(x), hint);
    }
    if (!this.training || this.p === 0) return x;
    const channels = ones([...x.shape.slice(0, 2), ...x.shape.slice(2).map(() => 1)], { dtype: x.dtype });
    return mul(x, dropout(channels, this.p, { generator: this.#generator }));
  }
}

/**
 * Zeroes whole channels of sequences in training, each with probability p, and divides the others by 1 − p (Tompson et al., 2015): neighbours in a channel are similar, so dropping
 * single elements would have little effect. Does nothing after {@link Layer.eval}.
 *
 * @example
 * new Dropout1d(1).forward(ones([1, 2, 3])).toArray(); // → [[[0, 0, 0], [0, 0, 0]]]
 */
export class Dropout1d extends ChannelDropout {
  /** @internal */
  static readonly isOwn = true;

  /**
   * @param p - probability from 0 to 1.
   * @param options - `generator`.
   * @throws {@link ValueError} if p is not from 0 to 1.
   */
  constructor(p = 0.5, options: Pick<DropoutOptions, "generator"> = {}) {
    super(1, p, options);
    refuseMore("Dropout1d", arguments, 2);
  }

  /** `Dropout1d(p)`. */
  override describe(): string {
    return `Dropout1d(${this.p})`;
  }

  /** `[p]`, as the constructor takes them. */
  override arguments(): readonly unknown[] {
    return [this.p];
  }
}

/**
 * Zeroes whole channels of images in training, each with probability p, and divides the others by 1 − p (Tompson et al., 2015): neighbours in a channel are similar, so dropping
 * single elements would have little effect. Does nothing after {@link Layer.eval}.
 *
 * @example
 * const layer = new Dropout2d(0.5, { generator: new Generator(1) });
 * const perChannel = layer.forward(ones([1, 8, 4, 4])).mean([2, 3]);
 * [...new Set(perChannel.data)].sort(); // → [0, 2]
 */
export class Dropout2d extends ChannelDropout {
  /** @internal */
  static readonly isOwn = true;

  /**
   * @param p - probability from 0 to 1.
   * @param options - `generator`.
   * @throws {@link ValueError} if p is not from 0 to 1.
   */
  constructor(p = 0.5, options: Pick<DropoutOptions, "generator"> = {}) {
    super(2, p, options);
    refuseMore("Dropout2d", arguments, 2);
  }

  /** `Dropout2d(p)`. */
  override describe(): string {
    return `Dropout2d(${this.p})`;
  }

  /** `[p]`, as the constructor takes them. */
  override arguments(): readonly unknown[] {
    return [this.p];
  }
}

/**
 * Zeroes whole channels of volumes in training, each with probability p, and divides the others by 1 − p (Tompson et al., 2015): neighbours in a channel are similar, so dropping
 * single elements would have little effect. Does nothing after {@link Layer.eval}.
 *
 * @example
 * new Dropout3d(0.2).eval().forward(ones([2, 4, 5, 8, 8])).shape; // → [2, 4, 5, 8, 8]
 */
export class Dropout3d extends ChannelDropout {
  /** @internal */
  static readonly isOwn = true;

  /**
   * @param p - probability from 0 to 1.
   * @param options - `generator`.
   * @throws {@link ValueError} if p is not from 0 to 1.
   */
  constructor(p = 0.5, options: Pick<DropoutOptions, "generator"> = {}) {
    super(3, p, options);
    refuseMore("Dropout3d", arguments, 2);
  }

  /** `Dropout3d(p)`. */
  override describe(): string {
    return `Dropout3d(${this.p})`;
  }

  /** `[p]`, as the constructor takes them. */
  override arguments(): readonly unknown[] {
    return [this.p];
  }
}
