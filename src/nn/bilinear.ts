import { noGrad } from "../core/apply.ts";
import { inNameOf } from "../core/inNameOf.ts";
import { checkOptions } from "../core/options.ts";
import { broadcastShapes, type Shape } from "../core/shape.ts";
import { refuseMore } from "../core/surplus.ts";
import { add } from "../ops/add.ts";
import { einsum } from "../ops/einsum.ts";
import { mul } from "../ops/mul.ts";
import { sub } from "../ops/sub.ts";
import { drawUniform } from "../random.ts";
import type { Tensor } from "../tensor.ts";
import { checkInput, checkSizes, checkWidth, shapeOf } from "./doors.ts";
import { Layer } from "./layer.ts";
import { type LinearOptions, linearOptions } from "./linear.ts";

/**
 * Bilinear map of two inputs: `y[k] = aᵀ W[k] b + bias[k]`.
 *
 * The parameters are drawn uniformly from ±1/√aFeatures, weight first, as in PyTorch.
 *
 * @example
 * new Bilinear(2, 3, 4).forward(zeros([5, 2]), zeros([5, 3])).shape; // → [5, 4]
 */
export class Bilinear extends Layer {
  /** @internal */
  static readonly isOwn = true;
  /** Shape `[outFeatures, aFeatures, bFeatures]`. */
  weight: Tensor;
  /** Shape `[outFeatures]`, or null. */
  bias: Tensor | null;

  /**
   * @param aFeatures - size of the first input's last axis.
   * @param bFeatures - size of the second input's last axis.
   * @param outFeatures - size of the output's last axis.
   * @param options - `bias`, `dtype`, `generator`.
   * @throws {@link ShapeError} for sizes that are not whole numbers; {@link ValueError} for an unknown option.
   */
  constructor(aFeatures: number, bFeatures: number, outFeatures: number, options: LinearOptions = {}) {
    super();
    checkSizes("Bilinear", { aFeatures, bFeatures, outFeatures });
    const { bias = true, ...given } = checkOptions("Bilinear", options, linearOptions);
    refuseMore("Bilinear", arguments, 4);
    const bound = aFeatures && 1 / Math.sqrt(aFeatures);
    const draw = (shape: Shape): Tensor => {
      const x = noGrad(() => sub(mul(drawUniform("Bilinear", shape, given), 2 * bound), bound));
      x.requiresGrad = true;
      return x;
    };
    this.weight = draw([outFeatures, aFeatures, bFeatures]);
    this.bias = bias ? draw([outFeatures]) : null;
  }

  /**
   * Applies the map.
   *
   * @param a - shape `[…, aFeatures]`.
   * @param b - shape `[…, bFeatures]`.
   * @returns shape `[…, outFeatures]`.
   * @throws {@link ShapeError} if the shapes do not fit.
   */
  override forward(a: Tensor, b: Tensor): Tensor {
    refuseMore("Bilinear", arguments, 2);
    checkInput(this, a, "a");
    const [, ...widths] = this.weight.shape as readonly [number, number, number];
    checkWidth(this, a, widths[0], "a");
    checkWidth(this, b, widths[1], "b");
    broadcastShapes(this.describe(), a.shape.slice(0, -1), b.shape.slice(0, -1));
    const y = inNameOf(this.describe(), ["einsum"], () => einsum("...i,oij,...j->...o", a, this.weight, b));
    return this.bias === null ? y : add(y, this.bias);
  }

  /** `Bilinear(a, b, out)`. */
  override describe(): string {
    const [out, a, b] = shapeOf(this.weight, 3);
    return `Bilinear(${a}, ${b}, ${out}${this.bias ? "" : ", no bias"})`;
  }

  /** `[a, b, out, options]`, as the constructor takes them. */
  override arguments(): readonly unknown[] {
    const [out, a, b] = shapeOf(this.weight, 3);
    return [a, b, out, { bias: this.bias !== null, dtype: this.weight.dtype }];
  }
}
