import { apply } from "../core/apply.ts";
import type { Op } from "../core/op.ts";
import { normalizeAxes } from "../core/shape.ts";
import type { Tensor } from "../tensor.ts";
import { mean } from "./mean.ts";
import { type AxisBlock, blocksOf } from "./reduce.ts";
import { sub } from "./sub.ts";
import { sumCases, sumInto } from "./sum.ts";

/**
 * x less its mean over a block of axes. The mean is never rounded to float32, where its steps may be wider than the
 * spread. Its own adjoint.
 */
export const centreOp: Op<AxisBlock> = {
  name: "centre",
  shape: ([x]) => x!.sizes,
  forward: (y, [x], block) => {
    const { shape } = x!;
    const { outer, count, inner } = blocksOf(shape, block);
    const means = new Float64Array(outer * inner);
    let from = x!.values;
    // float64 means are rounded, too, so what is left of them is taken off afterwards.
    for (let passes = y instanceof Float64Array ? 2 : 1; passes > 0; passes--) {
      sumInto(means, { values: from, shape, dtype: "float64" }, block, true);
      for (let o = 0, k = 0; o < outer; o++) {
        for (let c = 0; c < count; c++) for (let i = 0; i < inner; i++, k++) y[k] = from[k]! - means[o * inner + i]!;
      }
      from = y;
    }
  },
  vjp: [({ g, attrs }) => apply(centreOp, [g], attrs)],
};

/** x less its mean over some axes. */
export function centre(name: string, x: Tensor, axes: number | readonly number[] | undefined): Tensor {
  const over = normalizeAxes(name, axes, x.sizes.length);
  const start = over[0] ?? 0;
  const end = start + over.length;
  if (over.length === 0 || over.at(-1) === end - 1) return apply(centreOp, [x], { start, end });
  // Any mean may be taken off first, and so takes no gradient.
  const near = sub(x, mean(x.detach(), over, { keepDims: true }));
  return sub(near, mean(near, over, { keepDims: true }));
}

export const centreCases = sumCases;
