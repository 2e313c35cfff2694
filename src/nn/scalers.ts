import { noGrad } from "../core/apply.ts";
import { type FloatDType, getDefaultDtype } from "../core/dtype.ts";
import { ShapeError, textOf, ValueError } from "../core/errors.ts";
import { floatDtypeOf } from "../core/nested.ts";
import { checkOptions, type OptionKinds } from "../core/options.ts";
import { isTensor } from "../core/runtime.ts";
import { describe } from "../core/shape.ts";
import { refuseMore } from "../core/surplus.ts";
import { asTensor, full, type TensorLike } from "../create.ts";
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
import { checkSelf, checkWidth } from "./doors.ts";
import { Layer } from "./layer.ts";

/** Options of {@link StandardScaler}. */
export interface ScalerOptions {
  /** The dtype of shift and scale; float64 by default. */
  readonly dtype?: FloatDType;
}

/** Options of {@link MinMaxScaler}. */
export interface MinMaxScalerOptions extends ScalerOptions {
  /** Where the smallest value goes; 0 by default. */
  readonly low?: number;
  /** Where the largest value goes; 1 by default. */
  readonly high?: number;
}

const scalerOptions: OptionKinds<ScalerOptions> = { dtype: ["float32", "float64"] };

const minMaxScalerOptions: OptionKinds<MinMaxScalerOptions> = {
  ...scalerOptions,
  low: "number",
  high: "number",
};

/**
 * Shifts and scales each feature by what it has found in data: `(x − shift) / scale`. Both are kept in float64 unless `dtype` says otherwise:
 * in float32, times in milliseconds would be two minutes off.
 */
abstract class Scaler extends Layer {
  /** What is taken off each feature, shape `[features]`; NaN before {@link fit}, so what is not fitted gives no numbers. A buffer. */
  readonly shift: Tensor;
  /** What each feature is divided by, shape `[features]`; NaN before {@link fit}, and 1 for features that are constant. A buffer. */
  readonly scale: Tensor;

  constructor(op: string, features: number, dtype: FloatDType = "float64") {
    super();
    if (!Number.isSafeInteger(features) || features < 0) {
      const data: unknown = features;
      const row: unknown = isTensor(data) ? data.shape.at(-1) : Array.isArray(data) && [data[0]].flat().length;
      const [low, high, ...more] = Array.isArray(data) ? (data as readonly unknown[]) : [];
      const isRange = typeof low === "number" && typeof high === "number" && more.length === 0 && op === "MinMaxScaler";
      const hint = isRange
        ? `write new MinMaxScaler(features, { low: ${low}, high: ${high} })`
        : `write new ${op}(${row || "features"}).fit(x)`;
      throw new ShapeError(op, "features must be a whole number, 0 or more", textOf(features), hint);
    }
    this.shift = full([features], Number.NaN, { dtype });
    this.scale = full([features], Number.NaN, { dtype });
  }

  /** Shift and scale of data with a row for each sample. */
  protected abstract measure(x: Tensor): [shift: Tensor, scale: Tensor];

  /**
   * Measures data, in float64, and remembers.
   *
   * @param data - shape `[samples, features]`, a tensor of any dtype or arrays, with at least one sample: the training data, and no other.
   * @returns this layer.
   * @throws {@link ShapeError} for another shape.
   */
  fit(data: TensorLike): this {
    refuseMore(`${this.describe()}.fit`, arguments, 1);
    const x = this.#read(data);
    if (x.shape.length !== 2 || x.shape[1] !== this.shift.size || x.shape[0] === 0) {
      const isColumn = x.shape.length === 1 && this.shift.size === 1;
      const hint = isColumn ? "samples are rows: write [[1], [2]], or x.unsqueeze(1)" : "";
      throw new ShapeError(this.describe(), `needs data [samples, ${this.shift.size}]`, describe(x), hint);
    }
    noGrad(() => {
      const [shift, scale] = this.measure(cast(x, "float64"));
      this.shift.assign(shift);
      // Divided by an infinite scale, all would silently be 0: it becomes NaN.
      this.scale.assign(where(eq(scale, 0), 1, add(scale, sub(scale, scale))));
    });
    return this;
  }

  /**
   * `(x − shift) / scale`.
   *
   * @param x - shape `[…, features]`: a tensor, or arrays.
   * @returns in x's dtype if it is floating, else in the default floating dtype.
   */
  override forward(x: TensorLike): Tensor {
    checkSelf(this);
    refuseMore(this.describe(), arguments, 1);
    const dtype = isTensor(x) ? floatOf(x.dtype) : (floatDtypeOf(x) ?? getDefaultDtype());
    const given = this.#read(x);
    checkWidth(this, given, this.shift.size);
    return cast(div(sub(given, this.shift), this.scale), dtype);
  }

  /** What {@link forward} was given: `y · scale + shift`. In float64 if shift and scale are, since y has the digits of a small number. */
  inverse(y: TensorLike): Tensor {
    refuseMore(`${this.describe()}.inverse`, arguments, 1);
    const given = this.#read(y);
    checkWidth(this, given, this.shift.size);
    return add(mul(given, this.scale), this.shift);
  }

  /** A tensor as it is, and numbers in all their digits. */
  #read(x: TensorLike): Tensor {
    return isTensor(x) ? x : asTensor(this.describe(), x, floatDtypeOf(x) ?? "float64");
  }
}

/**
 * Brings each feature to mean 0 and standard deviation 1 (that of the samples themselves, without Bessel's correction, as scikit-learn's), where networks learn best. As a
 * model's first layer it is saved with the model.
 *
 * @example
 * const scaler = new StandardScaler(2).fit([[1, 10], [3, 30]]);
 * scaler.forward([[1, 20]]).toArray(); // → [[-1, 0]]
 * scaler.inverse([[-1, 0]]).toArray(); // → [[1, 20]]
 */
export class StandardScaler extends Scaler {
  /** @internal */
  static readonly isOwn = true;
  /**
   * @param features - size of the last axis.
   * @param options - `dtype` of shift and scale (float64 by default).
   * @throws {@link ShapeError} for an invalid size; {@link ValueError} for an unknown option.
   */
  constructor(features: number, options?: ScalerOptions) {
    super("StandardScaler", features, checkOptions("StandardScaler", options, scalerOptions).dtype);
    refuseMore("StandardScaler", arguments, 2);
  }

  protected override measure(x: Tensor): [Tensor, Tensor] {
    return [mean(x, 0), std(x, 0, { correction: 0 })];
  }

  /** `StandardScaler(features)`. */
  override describe(): string {
    return `StandardScaler(${this.shift.size})`;
  }

  /** `[features, options]`, as the constructor takes them. */
  override arguments(): readonly unknown[] {
    return [this.shift.size, { dtype: this.shift.dtype }];
  }
}

/**
 * Brings each feature to the range from `low` to `high`. Later samples may lie outside of it.
 *
 * @example
 * const scaler = new MinMaxScaler(1).fit([[2], [4], [6]]);
 * scaler.forward([[2], [5]]).toArray(); // → [[0], [0.75]]
 */
export class MinMaxScaler extends Scaler {
  /** @internal */
  static readonly isOwn = true;
  /** Where the smallest value goes. */
  readonly low: number;
  /** Where the largest value goes. */
  readonly high: number;

  /**
   * @param features - size of the last axis.
   * @param options - `low` (0 by default), `high` (1 by default), `dtype` of shift and scale (float64 by default).
   * @throws {@link ShapeError} for an invalid size; {@link ValueError} if `low` is not below `high`, or they are not finite, or for an unknown option.
   */
  constructor(features: number, options?: MinMaxScalerOptions) {
    const {
      low = 0,
      high = 1,
      dtype,
    } = checkOptions("MinMaxScaler", options, minMaxScalerOptions, {
      names: { min: "low", max: "high", featureRange: "write { low, high }" },
    });
    super("MinMaxScaler", features, dtype);
    refuseMore("MinMaxScaler", arguments, 2);
    if (!(low < high && Number.isFinite(high - low))) {
      throw new ValueError("MinMaxScaler", "low must be below high, and both finite", `${low} and ${high}`);
    }
    this.low = low;
    this.high = high;
  }

  protected override measure(x: Tensor): [Tensor, Tensor] {
    const least = min(x, 0);
    const range = this.high - this.low;
    const scale = sub(div(max(x, 0), range), div(least, range));
    return [sub(least, mul(where(eq(scale, 0), 1, scale), this.low)), scale];
  }

  /** `MinMaxScaler(features)`. */
  override describe(): string {
    return `MinMaxScaler(${this.shift.size})`;
  }

  /** `[features, options]`, as the constructor takes them. */
  override arguments(): readonly unknown[] {
    return [this.shift.size, { low: this.low, high: this.high, dtype: this.shift.dtype }];
  }
}
