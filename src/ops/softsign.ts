import { checkTensor } from "../core/apply.ts";
import type { ShapeOf } from "../core/shapeTypes.ts";
import { refuseMore } from "../core/surplus.ts";
import type { Tensor } from "../tensor.ts";
import { abs } from "./abs.ts";
import { add } from "./add.ts";
import { cast } from "./cast.ts";
import { floatOf } from "./define.ts";
import { div } from "./div.ts";

/**
 * `x / (1 + |x|)` elementwise: from −1 to 1, as tanh, but approaching them slowly. ±∞ become NaN, as in PyTorch.
 *
 * @param x - a tensor of any shape; integers become the default floating dtype.
 * @example
 * softsign(tensor([-1, 0, 3])).toArray(); // → [-0.5, 0, 0.75]
 */
export function softsign<T extends Tensor>(x: T): Tensor<ShapeOf<T>>;
export function softsign(x: Tensor): Tensor {
  refuseMore("softsign", arguments, 1);
  checkTensor("softsign", x);
  const v = cast(x, floatOf(x.dtype)); // of int32, |x| + 1 may wrap around
  return div(v, add(abs(v), 1));
}
