import { apply } from "../core/apply.ts";
import type { ShapeOf } from "../core/shapeTypes.ts";
import { refuseMore } from "../core/surplus.ts";
import type { Tensor } from "../tensor.ts";
import { unaryCases } from "./cases.ts";
import { defineUnary } from "./define.ts";
import { exp } from "./exp.ts";
import { mul } from "./mul.ts";
import { neg } from "./neg.ts";

export const softplusOp = /* @__PURE__ */ defineUnary({
  name: "softplus",
  dtype: "float",
  forward: (y, x) => {
    for (let i = 0; i < y.length; i++) y[i] = Math.max(x[i]!, 0) + Math.log1p(Math.exp(-Math.abs(x[i]!)));
  },
  // σ(x) = e^−softplus(−x), which keeps its small values in float32 where sigmoid itself gives 0.
  vjp: ({ g, x }) => mul(g, exp(neg(softplus(neg(x))))),
});

/**
 * Smooth rectifier, `log(1 + eˣ)` elementwise, computed as `max(x, 0) + log1p(e^−|x|)` so that nothing overflows.
 * The derivative is `sigmoid(x)`. Unlike PyTorch, there is no threshold above which it becomes the identity.
 *
 * @param x - a tensor of any shape; integers become the default floating dtype.
 * @example
 * softplus(tensor([-1000, 1000])).toArray(); // → [0, 1000]
 */
export function softplus<T extends Tensor>(x: T): Tensor<ShapeOf<T>>;
export function softplus(x: Tensor): Tensor {
  refuseMore("softplus", arguments, 1, "for a beta, write div(softplus(mul(x, beta)), beta)");
  return apply(softplusOp, [x], undefined);
}

export const softplusCases = /* @__PURE__ */ unaryCases();
