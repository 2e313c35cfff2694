import { checkTensor, noGrad } from "../core/apply.ts";
import { floatDtypes } from "../core/dtype.ts";
import { ShapeError } from "../core/errors.ts";
import { checkOptions, type OptionKinds } from "../core/options.ts";
import { describe, type Shape, sameShape } from "../core/shape.ts";
import type { AnyShape, Input, MapOf, MappedBy, Maps, Output, ShapeOf } from "../core/shapeTypes.ts";
import { refuseMore } from "../core/surplus.ts";
import { add } from "../ops/add.ts";
import { multiplied } from "../ops/matmul.ts";
import { mul } from "../ops/mul.ts";
import { sub } from "../ops/sub.ts";
import { drawUniform, type RandomOptions } from "../random.ts";
import type { Tensor } from "../tensor.ts";
import { checkInput, checkSizes, checkWidth, shapeOf } from "./doors.ts";
import { Layer } from "./layer.ts";

/** Options of {@link Linear}. */
export interface LinearOptions {
  /** Whether a bias is added; true by default. */
  readonly bias?: boolean;
  /** Floating dtype of the parameters; the default one if left out. */
  readonly dtype?: "float32" | "float64";
  /** Where the first values come from; {@link defaultGenerator} if left out. */
  readonly generator?: RandomOptions["generator"];
}

/** @internal */
export const linearOptions: OptionKinds<LinearOptions> = {
  bias: "boolean",
  dtype: floatDtypes,
  generator: "generator",
};

const byRows = { transposeB: true };

/**
 * Affine map of the last axis: `x wᵀ + b`.
 *
 * @param x - shape `[…, in]`.
 * @param weight - shape `[out, in]`.
 * @param bias - shape `[out]`; none if left out or null.
 * @returns shape `[…, out]`.
 * @throws {@link ShapeError} if the shapes do not fit.
 * @example
 * linear(tensor([1, 2]), tensor([[1, 0], [0, 1], [1, 1]]), tensor([0, 0, 10])).toArray(); // → [1, 2, 13]
 */
export function linear<T extends Tensor, W extends Tensor>(
  x: T,
  weight: W & MapOf<T, W>,
  bias?: Tensor | null,
): Tensor<MappedBy<ShapeOf<T>, ShapeOf<W>>>;
export function linear(x: Tensor, weight: Tensor, bias?: Tensor | null): Tensor {
  refuseMore("linear", arguments, 3);
  checkTensor("linear", x);
  checkTensor("linear", weight, 1);
  if (bias) checkTensor("linear", bias, 2);
  const { sizes } = weight;
  if (sizes.length !== 2 || x.sizes.at(-1) !== sizes[1] || (bias && !sameShape(bias.sizes, [sizes[0]!]))) {
    const got = `${describe(x)}, ${describe(weight)}${bias ? `, ${describe(bias)}` : ""}`;
    throw new ShapeError("linear", "needs x […, in], weight [out, in], bias [out]", got);
  }
  const y = multiplied("linear", x, weight, byRows);
  return bias ? add(y, bias) : y;
}

/**
 * Fully connected layer: `x wᵀ + b` on the last axis.
 *
 * The initial parameters are the same as in PyTorch: `weight` and `bias` drawn uniformly from ±1/√inFeatures, weight first. To initialise them differently, assign:
 * `layer.weight.assign(kaimingNormal(layer.weight.shape))`.
 *
 * @example
 * const layer = new Linear(784, 128);
 * layer.forward(zeros([32, 784])).shape; // → [32, 128]
 */
export class Linear<In extends number = AnyShape, Out extends number = AnyShape> extends Layer<Maps<In, Out>> {
  /** @internal */
  static readonly isOwn = true;
  /** Shape `[outFeatures, inFeatures]`. */
  weight: Tensor;
  /** Shape `[outFeatures]`, or null. */
  bias: Tensor | null;

  /**
   * @param inFeatures - size of the input's last axis.
   * @param outFeatures - size of the output's last axis.
   * @param options - `bias`, `dtype`, `generator`.
   * @throws {@link ShapeError} for sizes that are not whole numbers; {@link ValueError} for an unknown option.
   */
  constructor(inFeatures: In, outFeatures: Out, options: LinearOptions = {}) {
    super();
    refuseMore("Linear", arguments, 3);
    checkSizes("Linear", { inFeatures, outFeatures });
    const { bias = true, ...given } = checkOptions("Linear", options, linearOptions, {
      names: { useBias: "bias", device: "there are no devices" },
    });
    const bound = inFeatures && 1 / Math.sqrt(inFeatures);
    const draw = (shape: Shape): Tensor => {
      const x = noGrad(() => sub(mul(drawUniform("Linear", shape, given), 2 * bound), bound));
      x.requiresGrad = true;
      return x;
    };
    this.weight = draw([outFeatures, inFeatures]);
    this.bias = bias ? draw([outFeatures]) : null;
  }

  /**
   * {@link linear} with the layer's weight and bias.
   *
   * @param x - shape `[…, inFeatures]`.
   * @throws {@link ShapeError} for another last axis; {@link DTypeError} for anything that is not a tensor.
   */
  override forward<Self extends Layer, T extends Tensor>(this: Self, x: T & Input<Self, T>): Tensor<Output<Self, T>>;
  override forward(x: Tensor): Tensor {
    refuseMore("Linear", arguments, 1);
    checkInput(this, x);
    checkWidth(this, x, this.weight.sizes[1]!);
    return linear(x, this.weight, this.bias);
  }

  /** `Linear(in, out)`. */
  override describe(): string {
    const [out, size] = shapeOf(this.weight, 2);
    return `Linear(${size}, ${out}${this.bias ? "" : ", no bias"})`;
  }

  /** `[in, out, options]`, as the constructor takes them. */
  override arguments(): readonly unknown[] {
    const [out, size] = shapeOf(this.weight, 2);
    return [size, out, { bias: this.bias !== null, dtype: this.weight.dtype }];
  }
}
