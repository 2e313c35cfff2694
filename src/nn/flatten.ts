import { flatten } from "../ops/reshape.ts";
import type { Tensor } from "../tensor.ts";
import { Layer } from "./layer.ts";

/**
 * Merges axes into one; by default all but the first, the batch. See {@link flatten}.
 *
 * @example
 * new Flatten().forward(zeros([32, 28, 28])).shape; // → [32, 784]
 */
export class Flatten extends Layer {
  /** First axis to merge. */
  readonly start: number;
  /** Last axis to merge. */
  readonly end: number;

  /**
   * @param start - first axis to merge.
   * @param end - last axis to merge.
   */
  constructor(start = 1, end = -1) {
    super();
    this.start = start;
    this.end = end;
  }

  /** {@link flatten} with the layer's axes. */
  override forward(x: Tensor): Tensor {
    return flatten(x, this.start, this.end);
  }

  /** `Flatten(start, end)`. */
  override describe(): string {
    return `Flatten(${this.start}, ${this.end})`;
  }
}
