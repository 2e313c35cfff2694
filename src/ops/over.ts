import type { Tensor } from "../tensor.ts";
import { binaryCases } from "./cases.ts";
import { applyBinary, defineBinary } from "./define.ts";
import { mul } from "./mul.ts";
import { neg } from "./neg.ts";

/** A quotient whose divisor is one for many elements: compiled code multiplies by its reciprocal, an ulp off and twice as fast. */
export const overOp = /* @__PURE__ */ defineBinary({
  name: "over",
  dtype: "float",
  loop: (y, yi, n, a, ai, as, b, bi, bs) => {
    for (const end = yi + n; yi < end; yi++, ai += as, bi += bs) y[yi] = a[ai]! / b[bi]!;
  },
  vjp: [({ g, b }) => over(g, b), ({ g, y, b }) => mul(g, over(y, neg(b)))],
});

/** {@link overOp} of two tensors. */
export function over(a: Tensor, b: Tensor): Tensor {
  return applyBinary(overOp, a, b);
}

export const overCases = /* @__PURE__ */ binaryCases({ avoid: [0], low: 0.4 });
