import { checkTensor } from "../core/apply.ts";
import { ShapeError } from "../core/errors.ts";
import { describe } from "../core/shape.ts";
import { refuseMore } from "../core/surplus.ts";
import type { Tensor } from "../tensor.ts";
import { gt } from "./compare.ts";
import { mul } from "./mul.ts";
import { reshape } from "./reshape.ts";
import { where } from "./where.ts";

/**
 * Leaky rectifier whose slope is learned (He et al., 2015): x above 0, `weight · x` below. The derivative at 0 is the weight, as in PyTorch.
 *
 * @param x - a tensor with its channels on axis 1, or on axis 0 of a vector; any shape if there is one weight.
 * @param weight - shape `[1]` or `[channels]`.
 * @throws {@link ShapeError} if they do not fit.
 * @example
 * prelu(tensor([[-2, -2]]), tensor([0.5, 0.25])).toArray(); // → [[-1, -0.5]]
 */
export function prelu(x: Tensor, weight: Tensor): Tensor {
  refuseMore("prelu", arguments, 2);
  checkTensor("prelu", x);
  checkTensor("prelu", weight, "the weight");
  const channel = x.shape.length > 1 ? 1 : 0;
  const [size] = weight.shape;
  if (weight.shape.length !== 1 || (size !== 1 && size !== x.shape[channel])) {
    throw new ShapeError("prelu", "needs a weight [1] or [channels]", `${describe(x)} and ${describe(weight)}`);
  }
  const slope =
    size === 1
      ? reshape(weight, [])
      : reshape(
          weight,
          x.shape.map((n, i) => (i === channel ? n : 1)),
        );
  return where(gt(x, 0), x, mul(slope, x));
}
