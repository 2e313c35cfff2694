import { checkTensor } from "../core/apply.ts";
import { isFloat } from "../core/dtype.ts";
import { DTypeError } from "../core/errors.ts";
import { refuseNames } from "../core/foreign.ts";
import { checkOptions } from "../core/options.ts";
import type { Input, Keeps, Output } from "../core/shapeTypes.ts";
import { refuseMore } from "../core/surplus.ts";
import { add } from "../ops/add.ts";
import { lt } from "../ops/compare.ts";
import { mul } from "../ops/mul.ts";
import { seluAlpha, seluScale } from "../ops/selu.ts";
import { where } from "../ops/where.ts";
import { type RandomOptions, rand } from "../random.ts";
import type { Tensor } from "../tensor.ts";
import { checkInput, layerInstead } from "./doors.ts";
import { checkProbability, type DropoutOptions, dropoutOptions } from "./dropout.ts";
import { Layer } from "./layer.ts";

/** What {@link selu} comes to at −∞. */
const floor = -seluScale * seluAlpha;

/**
 * Dropout for {@link selu} (Klambauer et al., 2017): with probability p, an element becomes what selu comes to at −∞, −1.7581; then all are scaled and shifted, so a mean of 0 and a
 * variance of 1 stay so.
 *
 * An element stays where `rand(x.shape)`, in x's dtype, is at least p.
 *
 * @param x - a floating tensor.
 * @param p - probability from 0 to 1; with 1, all becomes 0.
 * @param options - `training`: if false, or with p = 0, x is returned as it is and no number drawn; `generator`.
 * @throws {@link ValueError} if p is not from 0 to 1; {@link DTypeError} if x is not floating.
 * @example
 * alphaDropout(ones([3]), 0.5, { training: false }).toArray(); // → [1, 1, 1]
 */
export const alphaDropout: (x: Tensor, p?: number, options?: DropoutOptions) => Tensor = /* @__PURE__ */ layerInstead(
  "new AlphaDropout(0.5)",
  {
    alphaDropout(x: Tensor, p = 0.5, options: DropoutOptions = {}): Tensor {
      refuseMore("alphaDropout", arguments, 3);
      checkTensor("alphaDropout", x);
      checkProbability("alphaDropout", p);
      const { training = true, generator } = checkOptions("alphaDropout", options, dropoutOptions);
      if (!isFloat(x.dtype)) throw new DTypeError("alphaDropout", "x must be floating", x.dtype, 'use to("float32")');
      if (!training || p === 0) return x;
      if (p === 1) return mul(x, 0);
      const scale = 1 / Math.sqrt((1 - p) * (1 + p * floor * floor));
      const isDropped = lt(rand(x.shape, { dtype: x.dtype, generator }), p);
      return add(mul(where(isDropped, floor, x), scale), -scale * floor * p);
    },
  }.alphaDropout,
);

/**
 * {@link alphaDropout} as a layer: drops elements in training, and does nothing after {@link Layer.eval}.
 *
 * @example
 * new AlphaDropout(0.2).eval().forward(ones([3])).toArray(); // → [1, 1, 1]
 */
export class AlphaDropout extends Layer<Keeps> {
  /** @internal */
  static readonly isOwn = true;
  /** The probability for an element to be dropped. */
  readonly p: number;
  readonly #generator: RandomOptions["generator"];

  /**
   * @param p - probability from 0 to 1.
   * @param options - `generator`.
   * @throws {@link ValueError} if p is not from 0 to 1.
   */
  constructor(p = 0.5, options: Pick<DropoutOptions, "generator"> = {}) {
    super();
    refuseNames(this, { rate: "write p" });
    this.p = checkProbability("AlphaDropout", p);
    this.#generator = checkOptions(
      "AlphaDropout",
      options,
      { generator: "generator" },
      { names: { inplace: "ops never change their input" } },
    ).generator;
    refuseMore("AlphaDropout", arguments, 2);
  }

  /** {@link alphaDropout}, as long as the layer is in training. */
  override forward<Self extends Layer, T extends Tensor>(this: Self, x: T & Input<Self, T>): Tensor<Output<Self, T>>;
  override forward(x: Tensor): Tensor {
    refuseMore("AlphaDropout", arguments, 1);
    checkInput(this, x);
    return alphaDropout(x, this.p, { training: this.training, generator: this.#generator });
  }

  /** `AlphaDropout(p)`. */
  override describe(): string {
    return `AlphaDropout(${this.p})`;
  }

  /** `[p]`, as the constructor takes them. */
  override arguments(): readonly unknown[] {
    return [this.p];
  }
}
