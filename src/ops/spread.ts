import { apply } from "../core/apply.ts";
import type { Op } from "../core/op.ts";
import type { Tensor } from "../tensor.ts";
import { add } from "./add.ts";
import type { OpCases } from "./cases.ts";
import { eq } from "./compare.ts";
import { div } from "./div.ts";
import { mul } from "./mul.ts";
import { over } from "./over.ts";
import { type AxisBlock, blocksOf, keepBlock, type ReduceOptions, reducedShape, reduceTogether } from "./reduce.ts";
import { sqrt } from "./sqrt.ts";
import { sub } from "./sub.ts";
import { sumInto } from "./sum.ts";
import { where } from "./where.ts";

/** What squares are divided by, what is added then, and whether the root is taken. */
export interface Spread {
  readonly divisor: number;
  readonly eps: number;
  readonly isRoot: boolean;
}

/** Sums of squares beyond these bounds are computed again from elements times 2^∓600, so no square overflows or vanishes. */
export const squareBounds = { high: 2 ** 900, low: 2 ** -900, scale: 2 ** -600 };

/** `Σx² / divisor + eps` over a block of axes, or its root, in float64: right wherever the result is a number of the dtype. */
export const spreadOp: Op<AxisBlock & Spread> = {
  name: "spread",
  shape: ([x], block) => reducedShape(x!.sizes, block),
  forward: (y, [x], attrs) => {
    const { values, shape } = x!;
    const { divisor, eps, isRoot } = attrs;
    const { high, low, scale } = squareBounds;
    const { count, inner } = blocksOf(shape, attrs);
    const sums = new Float64Array(y.length);
    sumInto(sums, x!, attrs, false, true);
    for (let k = 0; k < y.length; k++) {
      let s = sums[k]! / divisor + eps;
      let by = 1;
      if (divisor > 0 && (s > high || s < low)) {
        by = s > high ? scale : 1 / scale;
        s = 0;
        const at = (k - (k % inner)) * count + (k % inner);
        for (let c = 0; c < count; c++) s += (values[at + c * inner]! * by) ** 2;
        s = s / divisor + eps * by * by;
      }
      y[k] = isRoot ? Math.sqrt(s) / by : s / by / by;
    }
  },
  vjp: [
    ({ g, x, y, attrs }) => {
      const share = keepBlock(div(g, attrs.divisor), x.sizes, attrs);
      return mul(share, attrs.isRoot ? direction(x, keepBlock(y, x.sizes, attrs)) : mul(x, 2));
    },
  ],
};

/**
 * x / length; 0 where both are 0, as in PyTorch. That has no derivative there, and the infinite one of the root makes
 * second derivatives say so: they are NaN.
 */
export function direction(x: Tensor, length: Tensor): Tensor {
  const known = add(length, sub(length, length)); // of a length that overflowed, NaN and not a silent 0
  return over(x, where(eq(length, 0), add(sqrt(length), 1), known));
}

/** {@link spreadOp} over some axes. */
export function spread(
  name: string,
  x: Tensor,
  axes: number | readonly number[] | undefined,
  options: ReduceOptions | undefined,
  how: Spread,
): Tensor {
  return reduceTogether(name, x, axes, options, (t, block) => apply(spreadOp, [t], { ...block, ...how }));
}

export const spreadCases: OpCases<AxisBlock & Spread> = {
  draw: (d) => {
    const shape = d.shape();
    const start = d.int(0, shape.length);
    const how = { divisor: d.pick([1, 3]), eps: d.pick([0.1, 1]), isRoot: d.pick([true, false]) };
    return { inputs: [d.floats(shape)], attrs: { start, end: d.int(start, shape.length), ...how } };
  },
};
