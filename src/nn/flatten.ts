import { flatten } from "../ops/reshape.ts";
import type { Tensor } from "../tensor.ts";
import { checkAxis, checkInput } from "./doors.ts";
import { Layer } from "./layer.ts";

/**
 * Merges axes into one; by default all but the first, the batch. See {@link flatten}.
 *
 * @example
 * new Flatten().forward(zeros([32, 28, 28])).shape; // → [32, 784]
 */
export class Flatten extends Layer {
  /** @internal */
  static readonly isOwn = true;
  /** First axis to merge. */
  readonly start: number;
  /** Last axis to merge. */
  readonly end: number;

  /**
   * @param start - first axis to merge.
   * @param end - last axis to merge.
   * @throws {@link ShapeError} for axes that are no whole numbers.
   */
  constructor(start = 1, end = -1) {
    super();
    this.start = checkAxis("Flatten", "start", start);
    this.end = checkAxis("Flatten", "end", end);
  }

  /** {@link flatten} with the layer's axes. */
  override forward(x: Tensor): Tensor {
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
