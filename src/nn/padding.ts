import { checkNumber } from "../core/arguments.ts";
import { textOf, ValueError } from "../core/errors.ts";
import { inNameOf } from "../core/inNameOf.ts";
import type { Input, Output, Pools } from "../core/shapeTypes.ts";
import { refuseMore } from "../core/surplus.ts";
import { copied, sides } from "../ops/convOptions.ts";
import { type PadMode, pad } from "../ops/pad.ts";
import { onImages } from "../ops/pooled.ts";
import type { Tensor } from "../tensor.ts";
import { settingText } from "./described.ts";
import { checkInput } from "./doors.ts";
import { Layer } from "./layer.ts";

/** How much to add around images: a number for all sides, or for height and width a number or `[before, after]`. */
export type PadWidths = number | readonly (number | readonly [before: number, after: number])[];

/** A layer that surrounds images. */
abstract class Pad extends Layer<Pools<2>> {
  /** How much to add, as it was given. */
  readonly padding: PadWidths;
  /** @internal What the class is called, and what it adds. */
  protected readonly own: { readonly kind: string; readonly value: number | PadMode };

  protected constructor(kind: string, padding: PadWidths, value: number | PadMode) {
    super();
    const list: readonly unknown[] = Array.isArray(padding) ? padding : [];
    if (list.length === 4 && list.every((n) => typeof n === "number")) {
      const [left, right, top, bottom] = list;
      const hint = `PyTorch's [left, right, top, bottom] is [[${top}, ${bottom}], [${left}, ${right}]] here`;
      throw new ValueError(kind, "padding is for height and then width", textOf(padding), hint);
    }
    sides(kind, padding, 2, "");
    this.padding = copied(padding);
    this.own = { kind, value };
  }

  /**
   * x with more around it.
   *
   * @param x - `[batch, channels, height, width]`, or without the batch.
   * @throws {@link ShapeError} for a shape that does not fit, or is too small for the mode; {@link DTypeError} for anything that is not a tensor of floats.
   */
  override forward<Self extends Layer, T extends Tensor>(this: Self, x: T & Input<Self, T>): Tensor<Output<Self, T>>;
  override forward(x: Tensor): Tensor {
    checkInput(this, x);
    refuseMore(this.describe(), arguments, 1);
    const name = this.describe();
    const around = sides(name, this.padding, 2, "");
    return onImages(name, 2, x, (images) =>
      inNameOf(name, ["pad"], () => pad(images, [[0, 0], [0, 0], ...around], this.own.value)),
    );
  }

  /** `ZeroPad2d(padding)`. */
  override describe(): string {
    return `${this.own.kind}(${settingText(this.padding)})`;
  }

  /** What the constructor takes. */
  protected given(): readonly unknown[] {
    return [this.padding];
  }
}

/**
 * Pads images with zeros: {@link pad} as a layer.
 *
 * @example
 * new ZeroPad2d(1).forward(ones([1, 1, 1])).toArray(); // → [[[0, 0, 0], [0, 1, 0], [0, 0, 0]]]
 */
export class ZeroPad2d extends Pad {
  /** @internal */
  static readonly isOwn = true;

  /**
   * @param padding - how much to add: a number for all sides, or `[height, width]`, each a number or `[before, after]`.
   * @throws {@link ValueError} for widths that are none.
   */
  constructor(padding: PadWidths) {
    super("ZeroPad2d", padding, 0);
    refuseMore("ZeroPad2d", arguments, 1);
  }

  /** `[padding]`, as the constructor takes it. */
  override arguments(): readonly unknown[] {
    return this.given();
  }
}

/**
 * Pads images with their mirror image, without repeating the edge: {@link pad} as a layer.
 *
 * @example
 * new ReflectionPad2d([0, 2]).forward(tensor([[[1, 2, 3]]])).toArray(); // → [[[3, 2, 1, 2, 3, 2, 1]]]
 */
export class ReflectionPad2d extends Pad {
  /** @internal */
  static readonly isOwn = true;

  /**
   * @param padding - how much to add: a number for all sides, or `[height, width]`, each a number or `[before, after]`.
   * @throws {@link ValueError} for widths that are none.
   */
  constructor(padding: PadWidths) {
    super("ReflectionPad2d", padding, "reflect");
    refuseMore("ReflectionPad2d", arguments, 1);
  }

  /** `[padding]`, as the constructor takes it. */
  override arguments(): readonly unknown[] {
    return this.given();
  }
}

/**
 * Pads images by repeating their edge: {@link pad} as a layer.
 *
 * @example
 * new ReplicationPad2d([0, [1, 2]]).forward(tensor([[[1, 2, 3]]])).toArray(); // → [[[1, 1, 2, 3, 3, 3]]]
 */
export class ReplicationPad2d extends Pad {
  /** @internal */
  static readonly isOwn = true;

  /**
   * @param padding - how much to add: a number for all sides, or `[height, width]`, each a number or `[before, after]`.
   * @throws {@link ValueError} for widths that are none.
   */
  constructor(padding: PadWidths) {
    super("ReplicationPad2d", padding, "replicate");
    refuseMore("ReplicationPad2d", arguments, 1);
  }

  /** `[padding]`, as the constructor takes it. */
  override arguments(): readonly unknown[] {
    return this.given();
  }
}

/**
 * Pads images with their opposite side: {@link pad} as a layer.
 *
 * @example
 * new CircularPad2d([0, 1]).forward(tensor([[[1, 2, 3]]])).toArray(); // → [[[3, 1, 2, 3, 1]]]
 */
export class CircularPad2d extends Pad {
  /** @internal */
  static readonly isOwn = true;

  /**
   * @param padding - how much to add: a number for all sides, or `[height, width]`, each a number or `[before, after]`.
   * @throws {@link ValueError} for widths that are none.
   */
  constructor(padding: PadWidths) {
    super("CircularPad2d", padding, "circular");
    refuseMore("CircularPad2d", arguments, 1);
  }

  /** `[padding]`, as the constructor takes it. */
  override arguments(): readonly unknown[] {
    return this.given();
  }
}

/**
 * Pads images with a number: {@link pad} as a layer.
 *
 * @example
 * new ConstantPad2d([0, 1], 7).forward(ones([1, 1, 1])).toArray(); // → [[[7, 1, 7]]]
 */
export class ConstantPad2d extends Pad {
  /** @internal */
  static readonly isOwn = true;

  /**
   * @param padding - how much to add: a number for all sides, or `[height, width]`, each a number or `[before, after]`.
   * @param value - what to add.
   * @throws {@link ValueError} for widths that are none, and what is not a number.
   */
  constructor(padding: PadWidths, value: number) {
    checkNumber("ConstantPad2d", "the value", value);
    super("ConstantPad2d", padding, value);
    refuseMore("ConstantPad2d", arguments, 2);
  }

  /** `ConstantPad2d(padding, value)`. */
  override describe(): string {
    return `ConstantPad2d(${settingText(this.padding)}, ${this.own.value})`;
  }

  /** `[padding, value]`, as the constructor takes them. */
  override arguments(): readonly unknown[] {
    return [this.padding, this.own.value];
  }
}
