import { noGrad } from "../core/apply.ts";
import { type FloatDType, floatDtypes, getDefaultDtype } from "../core/dtype.ts";
import { ShapeError, ValueError } from "../core/errors.ts";
import { checkOptions, type OptionKinds } from "../core/options.ts";
import { describe } from "../core/shape.ts";
import { refuseMore } from "../core/surplus.ts";
import { tensor } from "../create.ts";
import { add } from "../ops/add.ts";
import { cast } from "../ops/cast.ts";
import { floatOf } from "../ops/define.ts";
import { slice } from "../ops/slice.ts";
import { drawNormal, type RandomOptions } from "../random.ts";
import type { Tensor } from "../tensor.ts";
import { checkSelf, checkSizes, checkWidth, shapeOf } from "./doors.ts";
import { Layer } from "./layer.ts";

/** Options of {@link sinusoidalPositions} and {@link SinusoidalPositions}. */
export interface SinusoidalOptions {
  /** Sets the longest wave, 2π · base positions; 10,000 by default. */
  readonly base?: number;
  /** Floating dtype; the default one for the function, and x's for the layer, if left out. */
  readonly dtype?: FloatDType;
}

const sinusoidalOptions: OptionKinds<SinusoidalOptions> = { base: "number", dtype: floatDtypes };

/**
 * A vector for each position (Vaswani et al., 2017): element 2i is sin(position / base^(2i / size)), element 2i + 1 the cosine.
 *
 * @param length - number of positions.
 * @param size - of the vectors.
 * @param options - `base`, `dtype`.
 * @returns shape `[length, size]`.
 * @throws {@link ShapeError} for sizes that are not whole numbers; {@link ValueError} for a base that is not positive and finite, or an unknown option.
 * @example
 * sinusoidalPositions(2, 4).at(0).toArray(); // → [0, 1, 0, 1]
 * sinusoidalPositions(2, 4).at(1).at(0).item().toFixed(4); // → 0.8415
 */
export function sinusoidalPositions(length: number, size: number, options: SinusoidalOptions = {}): Tensor {
  checkSizes("sinusoidalPositions", { length, size });
  const given = checkOptions("sinusoidalPositions", options, sinusoidalOptions);
  refuseMore("sinusoidalPositions", arguments, 3);
  const { base = 10000, dtype = getDefaultDtype() } = given;
  checkBase("sinusoidalPositions", base);
  const values = new Float64Array(length * size);
  for (let i = 0; i < size; i++) {
    const speed = base ** -((i - (i % 2)) / size);
    for (let at = 0; at < length; at++)
      values[at * size + i] = i % 2 === 0 ? Math.sin(at * speed) : Math.cos(at * speed);
  }
  return tensor(values, { dtype }).reshape([length, size]);
}

function checkBase(op: string, base: number): void {
  if (!(base > 0 && base < Number.POSITIVE_INFINITY)) {
    throw new ValueError(op, "base must be positive and finite", String(base), "leave it out for 10000");
  }
}

/**
 * Adds {@link sinusoidalPositions} to a sequence of any length, so attention can tell one place from another. Nothing is learned.
 *
 * @example
 * new SinusoidalPositions(4).forward(zeros([2, 3, 4])).at(1).at(0).toArray(); // → [0, 1, 0, 1]
 */
export class SinusoidalPositions extends Layer {
  /** @internal */
  static readonly isOwn = true;
  /** Size of the vectors. */
  readonly size: number;
  /** Sets the longest wave. */
  readonly base: number;

  /**
   * @param size - of the vectors.
   * @param options - `base`.
   * @throws {@link ShapeError} for a size that is not a whole number; {@link ValueError} for a base that is not positive and finite, or an unknown option.
   */
  constructor(size: number, options: Omit<SinusoidalOptions, "dtype"> = {}) {
    super();
    checkSizes("SinusoidalPositions", { size });
    const { base = 10000 } = checkOptions("SinusoidalPositions", options, { base: "number" });
    refuseMore("SinusoidalPositions", arguments, 2);
    checkBase("SinusoidalPositions", base);
    this.size = size;
    this.base = base;
  }

  /**
   * Adds the positions' vectors.
   *
   * @param x - shape `[…, length, size]`; integers become the default floating dtype.
   * @returns x's shape.
   * @throws {@link ShapeError} for other shapes.
   */
  override forward(x: Tensor): Tensor {
    refuseMore("SinusoidalPositions", arguments, 1);
    checkSelf(this);
    const length = lengthOf(this, x, this.size);
    return add(
      x,
      cast(sinusoidalPositions(length, this.size, { base: this.base, dtype: "float64" }), floatOf(x.dtype)),
    );
  }

  /** `SinusoidalPositions(size)`. */
  override describe(): string {
    return `SinusoidalPositions(${this.size})`;
  }

  /** `[size, options]`, as the constructor takes them. */
  override arguments(): readonly unknown[] {
    return [this.size, { base: this.base }];
  }
}

/** Options of {@link LearnedPositions}. */
export interface LearnedPositionsOptions {
  /** Standard deviation of the first values, which are normally distributed around 0; 0.02 by default. */
  readonly std?: number;
  /** Floating dtype of the vectors; the default one if left out. */
  readonly dtype?: FloatDType;
  /** Where the first values come from; {@link defaultGenerator} if left out. */
  readonly generator?: RandomOptions["generator"];
}

/**
 * Adds a learned vector for each position to a sequence (Gehring et al., 2017).
 *
 * @example
 * const layer = new LearnedPositions(64, 16); // for sequences of at most 64 vectors
 * layer.forward(zeros([2, 10, 16])).shape; // → [2, 10, 16]
 */
export class LearnedPositions extends Layer {
  /** @internal */
  static readonly isOwn = true;
  /** The vectors, shape `[length, size]`. */
  weight: Tensor;

  /**
   * @param length - of the longest sequence.
   * @param size - of its vectors.
   * @param options - `std`, `dtype`, `generator`.
   * @throws {@link ShapeError} for sizes that are not whole numbers; {@link ValueError} for a standard deviation that is negative or not finite, or an unknown option.
   */
  constructor(length: number, size: number, options: LearnedPositionsOptions = {}) {
    super();
    checkSizes("LearnedPositions", { length, size });
    const kinds: OptionKinds<LearnedPositionsOptions> = { std: "number", dtype: floatDtypes, generator: "generator" };
    const { std = 0.02, ...given } = checkOptions("LearnedPositions", options, kinds, {
      names: { stddev: "std", initializerRange: "std" },
    });
    refuseMore("LearnedPositions", arguments, 3);
    if (!(std >= 0 && std < Number.POSITIVE_INFINITY)) {
      throw new ValueError("LearnedPositions", "std must be finite and not negative", String(std));
    }
    this.weight = noGrad(() => drawNormal("LearnedPositions", [length, size], given).mul(std));
    this.weight.requiresGrad = true;
  }

  /**
   * Adds the vectors of positions 0 to length − 1.
   *
   * @param x - shape `[…, length, size]`.
   * @returns x's shape.
   * @throws {@link ShapeError} for other shapes, and for sequences longer than there are vectors.
   */
  override forward(x: Tensor): Tensor {
    refuseMore("LearnedPositions", arguments, 1);
    checkSelf(this);
    const [most, size] = this.weight.shape as [number, number];
    const length = lengthOf(this, x, size);
    if (length > most) throw new ShapeError(this.describe(), `a sequence must be of at most ${most}`, describe(x));
    return add(x, length === most ? this.weight : slice(this.weight, [0, length]));
  }

  /** `LearnedPositions(length, size)`. */
  override describe(): string {
    return `LearnedPositions(${shapeOf(this.weight, 2).join(", ")})`;
  }

  /** `[length, size, options]`, as the constructor takes them. */
  override arguments(): readonly unknown[] {
    return [...this.weight.shape, { dtype: this.weight.dtype }];
  }
}

function lengthOf(layer: Layer, x: Tensor, size: number): number {
  checkWidth(layer, x, size);
  if (x.shape.length >= 2) return x.shape.at(-2)!;
  throw new ShapeError(
    layer.describe(),
    `x must be […, length, ${size}]`,
    describe(x),
    "give it an axis: x.unsqueeze(0)",
  );
}
