import { ShapeError } from "../core/errors.ts";
import { checkShape, formatShape, normalizeAxis, type Shape, sizeOf } from "../core/shape.ts";
import type { AnyShape, Flattens, Input, Output } from "../core/shapeTypes.ts";
import { refuseMore } from "../core/surplus.ts";
import { flatten, reshape } from "../ops/reshape.ts";
import type { Tensor } from "../tensor.ts";
import { checkAxis, checkInput } from "./doors.ts";
import { Layer } from "./layer.ts";

/**
 * Merges axes into one; by default all but the first, the batch. See {@link flatten}.
 *
 * @example
 * new Flatten().forward(zeros([32, 28, 28])).shape; // → [32, 784]
 */
export class Flatten<
  A extends readonly [start?: number | undefined, end?: number | undefined] = AnyShape,
> extends Layer<Flattens<A>> {
  /** @internal */
  static readonly isOwn = true;
  /** First axis to merge. */
  readonly start: number;
  /** Last axis to merge. */
  readonly end: number;

  /**
   * @param axes - the first and the last axis to merge, 1 and −1 by default.
   * @throws {@link ShapeError} for axes that are not whole numbers.
   */
  constructor(...axes: A);
  constructor(start = 1, end = -1) {
    super();
    refuseMore("Flatten", arguments, 2);
    this.start = checkAxis("Flatten", "start", start);
    this.end = checkAxis("Flatten", "end", end);
  }

  /** {@link flatten} with the layer's axes. */
  override forward<Self extends Layer, T extends Tensor>(this: Self, x: T & Input<Self, T>): Tensor<Output<Self, T>>;
  override forward(x: Tensor): Tensor {
    refuseMore("Flatten", arguments, 1);
    checkInput(this, x);
    return flatten(x, this.start, this.end);
  }

  /** `Flatten(start, end)`. */
  override describe(): string {
    return `Flatten(${this.start}, ${this.end})`;
  }

  /** `[start, end]`, as the constructor takes them. */
  override arguments(): readonly unknown[] {
    return [this.start, this.end];
  }
}

/**
 * Splits an axis into several: the inverse of {@link Flatten}.
 *
 * @example
 * new Unflatten(1, [16, 7, 7]).forward(zeros([32, 784])).shape; // → [32, 16, 7, 7]
 */
export class Unflatten extends Layer {
  /** @internal */
  static readonly isOwn = true;
  /** The axis to split. */
  readonly axis: number;
  /** The sizes of what it becomes. */
  readonly sizes: Shape;

  /**
   * @param axis - the axis to split. Negative ones count from the end.
   * @param sizes - the sizes of what it becomes, which multiply to its own.
   * @throws {@link ShapeError} for an axis or sizes that are not whole numbers.
   */
  constructor(axis: number, sizes: Shape) {
    super();
    refuseMore("Unflatten", arguments, 2);
    this.axis = checkAxis("Unflatten", "axis", axis);
    this.sizes = checkShape("Unflatten", sizes, undefined, `new Unflatten(${axis}, `);
  }

  /**
   * x with the axis split.
   *
   * @param x - a tensor of any dtype.
   * @throws {@link ShapeError} for an axis that x lacks, or of another size; {@link DTypeError} for anything that is not a tensor.
   */
  override forward(x: Tensor): Tensor {
    checkInput(this, x);
    refuseMore(this.describe(), arguments, 1);
    const { shape } = x;
    const at = normalizeAxis(this.describe(), this.axis, shape.length);
    if (shape[at] !== sizeOf(this.sizes)) {
      const rule = `axis ${this.axis} must have size ${sizeOf(this.sizes)}, that of ${formatShape(this.sizes)}`;
      throw new ShapeError(this.describe(), rule, `x ${formatShape(shape)}`);
    }
    return reshape(x, [...shape.slice(0, at), ...this.sizes, ...shape.slice(at + 1)]);
  }

  /** `Unflatten(axis, sizes)`. */
  override describe(): string {
    return `Unflatten(${this.axis}, ${formatShape(this.sizes)})`;
  }

  /** `[axis, sizes]`, as the constructor takes them. */
  override arguments(): readonly unknown[] {
    return [this.axis, this.sizes];
  }
}
