import { noGrad } from "../core/apply.ts";
import { ShapeError, ValueError } from "../core/errors.ts";
import { checkShape, describe } from "../core/shape.ts";
import { ones, type TensorOptions, zeros } from "../create.ts";
import { add } from "../ops/add.ts";
import { cast } from "../ops/cast.ts";
import { eq } from "../ops/compare.ts";
import { floatOf } from "../ops/define.ts";
import { div } from "../ops/div.ts";
import { max, min } from "../ops/max.ts";
import { mean } from "../ops/mean.ts";
import { mul } from "../ops/mul.ts";
import { sub } from "../ops/sub.ts";
import { std } from "../ops/variance.ts";
import { where } from "../ops/where.ts";
import type { Tensor } from "../tensor.ts";
import { Layer } from "./layer.ts";

/**
 * Shifts and scales each feature by what it has found in data: `(x − shift) / scale`. Both are kept in float64 unless `dtype` says otherwise:
 * in float32, times in milliseconds would be two minutes off.
 */
abstract class Scaler extends Layer {
  /** What is taken off each feature, shape `[features]`; 0 before {@link fit}. A buffer. */
  readonly shift: Tensor;
  /** What each feature is divided by, shape `[features]`; 1 before {@link fit}, and for features that are constant. A buffer. */
  readonly scale: Tensor;

  /**
   * @param features - size of the last axis.
   * @param options - `dtype` of shift and scale; float64 by default.
   */
  constructor(features: number, options: Pick<TensorOptions, "dtype"> = {}) {
    super();
    const shape = checkShape("Scaler", [features]);
    const { dtype = "float64" } = options;
    this.shift = zeros(shape, { dtype });
    this.scale = ones(shape, { dtype });
  }

  /** Shift and scale of data with a row for each sample. */
  protected abstract measure(x: Tensor): [shift: Tensor, scale: Tensor];

  /**
   * Measures data, in float64, and remembers.
   *
   * @param x - shape `[samples, features]`, of any dtype, with at least one sample: the training data, and no other.
   * @returns this layer.
   * @throws {@link ShapeError} for another shape.
   */
  fit(x: Tensor): this {
    if (x.shape.length !== 2 || x.shape[1] !== this.shift.size || x.shape[0] === 0) {
      throw new ShapeError(this.describe(), `needs data [samples, ${this.shift.size}]`, describe(x));
    }
    noGrad(() => {
      const [shift, scale] = this.measure(cast(x, "float64"));
      this.shift.assign(shift);
      this.scale.assign(where(eq(scale, 0), 1, scale));
    });
    return this;
  }

  /** `(x − shift) / scale`, for x of shape `[…, features]`: in x's dtype, or the default floating dtype for integers. */
  override forward(x: Tensor): Tensor {
    return cast(div(sub(x, this.shift), this.scale), floatOf(x.dtype));
  }

  /** What {@link forward} was given: `y · scale + shift`. In float64 if shift and scale are, since y has the digits of a small number. */
  inverse(y: Tensor): Tensor {
    return add(mul(y, this.scale), this.shift);
  }
}

/**
 * Brings each feature to mean 0 and standard deviation 1 (that of the samples themselves, without Bessel's correction, as scikit-learn's), where networks learn best. As a
 * model's first layer it is saved with the model.
 *
 * @example
 * const scaler = new StandardScaler(2).fit(tensor([[1, 10], [3, 30]]));
 * scaler.forward(tensor([[1, 20]])).toArray(); // → [[-1, 0]]
 * scaler.inverse(tensor([[-1, 0]])).toArray(); // → [[1, 20]]
 */
export class StandardScaler extends Scaler {
  protected override measure(x: Tensor): [Tensor, Tensor] {
    return [mean(x, 0), std(x, 0, { correction: 0 })];
  }

  /** `StandardScaler(features)`. */
  override describe(): string {
    return `StandardScaler(${this.shift.size})`;
  }
}

/**
 * Brings each feature to the range from `low` to `high`. Later samples may lie outside of it.
 *
 * @example
 * const scaler = new MinMaxScaler(1).fit(tensor([[2], [4], [6]]));
 * scaler.forward(tensor([[2], [5]])).toArray(); // → [[0], [0.75]]
 */
export class MinMaxScaler extends Scaler {
  /** Where the smallest value goes. */
  readonly low: number;
  /** Where the largest value goes. */
  readonly high: number;

  /**
   * @param features - size of the last axis.
   * @param options - `low` (0 by default), `high` (1 by default), `dtype` of shift and scale (float64 by default).
   * @throws {@link ValueError} if `low` is not below `high`.
   */
  constructor(
    features: number,
    options: Pick<TensorOptions, "dtype"> & { readonly low?: number; readonly high?: number } = {},
  ) {
    const { low = 0, high = 1, ...rest } = options;
    super(features, rest);
    if (!(low < high)) throw new ValueError("MinMaxScaler", "low must be below high", `${low} and ${high}`);
    this.low = low;
    this.high = high;
  }

  protected override measure(x: Tensor): [Tensor, Tensor] {
    const least = min(x, 0);
    const scale = div(sub(max(x, 0), least), this.high - this.low);
    return [sub(least, mul(where(eq(scale, 0), 1, scale), this.low)), scale];
  }

  /** `MinMaxScaler(features)`. */
  override describe(): string {
    return `MinMaxScaler(${this.shift.size})`;
  }
}
