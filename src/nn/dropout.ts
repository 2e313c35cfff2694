import { checkTensor } from "../core/apply.ts";
import { isFloat } from "../core/dtype.ts";
import { DTypeError, textOf, ValueError } from "../core/errors.ts";
import { refuseNames } from "../core/foreign.ts";
import { checkOptions, type OptionKinds } from "../core/options.ts";
import type { Input, Keeps, Output } from "../core/shapeTypes.ts";
import { refuseMore } from "../core/surplus.ts";
import { lt } from "../ops/compare.ts";
import { constant } from "../ops/define.ts";
import { mul } from "../ops/mul.ts";
import { where } from "../ops/where.ts";
import { type RandomOptions, rand } from "../random.ts";
import type { Tensor } from "../tensor.ts";
import { checkInput, layerInstead } from "./doors.ts";
import { Layer } from "./layer.ts";

/** Options of {@link dropout}. */
export interface DropoutOptions {
  /** Whether anything is dropped at all; true by default. */
  readonly training?: boolean;
  /** Where the randomness comes from; {@link defaultGenerator} if left out. */
  readonly generator?: RandomOptions["generator"];
}

/** @internal */
export const dropoutOptions: OptionKinds<DropoutOptions> = { training: "boolean", generator: "generator" };

/**
 * Zeroes each element with probability p and divides the others by 1 − p, so the mean stays (Srivastava et al.,
 * 2014).
 *
 * An element stays where `rand(x.shape)`, in x's dtype, is at least p. What is dropped is multiplied by 0, so
 * infinities and NaN become NaN, as in PyTorch.
 *
 * @param x - a floating tensor.
 * @param p - probability from 0 to 1; with 1, all becomes 0.
 * @param options - `training`: if false, or with p = 0, x is returned as it is and no number drawn; `generator`.
 * @throws {@link ValueError} if p is not from 0 to 1; {@link DTypeError} if x is not floating.
 * @example
 * dropout(ones([4]), 0.5, { training: false }).toArray(); // → [1, 1, 1, 1]
 * dropout(ones([4]), 1).toArray(); // → [0, 0, 0, 0]
 */
export const dropout: (x: Tensor, p?: number, options?: DropoutOptions) => Tensor = /* @__PURE__ */ layerInstead(
  "new Dropout(0.5)",
  {
    dropout(x: Tensor, p = 0.5, options: DropoutOptions = {}): Tensor {
      refuseMore("dropout", arguments, 3);
      checkTensor("dropout", x);
      checkProbability("dropout", p);
      const { training = true, generator } = checkOptions("dropout", options, dropoutOptions);
      if (!isFloat(x.dtype)) throw new DTypeError("dropout", "x must be floating", x.dtype, 'use to("float32")');
      if (!training || p === 0) return x;
      const scale = p === 1 ? 0 : 1 / (1 - p);
      const isDropped = lt(rand(x.shape, { dtype: x.dtype, generator }), p);
      return mul(x, where(isDropped, 0, constant(x, scale)));
    },
  }.dropout,
);

/**
 * {@link dropout} as a layer: drops elements in training, and does nothing after {@link Layer.eval}.
 *
 * @example
 * const layer = new Dropout(0.2, { generator: new Generator(1) });
 * layer.eval().forward(ones([3])).toArray(); // → [1, 1, 1]
 */
export class Dropout extends Layer<Keeps> {
  /** @internal */
  static readonly isOwn = true;
  /** The probability for an element to be zeroed. */
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
    this.p = checkProbability("Dropout", p);
    this.#generator = checkOptions(
      "Dropout",
      options,
      { generator: "generator" },
      { names: { inplace: "ops never change their input" } },
    ).generator;
    refuseMore("Dropout", arguments, 2);
  }

  /** {@link dropout}, as long as the layer is in training. */
  override forward<Self extends Layer, T extends Tensor>(this: Self, x: T & Input<Self, T>): Tensor<Output<Self, T>>;
  override forward(x: Tensor): Tensor {
    refuseMore("Dropout", arguments, 1);
    checkInput(this, x);
    return dropout(x, this.p, { training: this.training, generator: this.#generator });
  }

  /** `Dropout(p)`. */
  override describe(): string {
    return `Dropout(${this.p})`;
  }

  /** `[p]`, as the constructor takes them. */
  override arguments(): readonly unknown[] {
    return [this.p];
  }
}

/** A probability, or the error that it is none. */
export function checkProbability(op: string, p: number, name = "p"): number {
  if (typeof p === "number" && p >= 0 && p <= 1) return p;
  const rate = (p as { readonly p?: unknown } | null)?.p ?? 0.5;
  const hint =
    typeof p === "object" && typeof rate === "number"
      ? `write ${/^[A-Z]/.test(op) ? `new ${op}(` : `${op}(x, `}${rate})`
      : "";
  throw new ValueError(op, `${name} must be a probability from 0 to 1`, textOf(p), hint);
}
