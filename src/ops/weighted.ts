import type { Tensor } from "../tensor.ts";
import { binaryCases } from "./cases.ts";
import { applyBinary, defineBinary } from "./define.ts";

/** A product in which a weight of 0 counts for nothing beside an infinity, as in `0 log 0`; beside NaN it is NaN. */
export const weightedOp = /* @__PURE__ */ defineBinary({
  name: "weighted",
  dtype: "float",
  loop: (y, yi, n, a, ai, as, b, bi, bs) => {
    for (const end = yi + n; yi < end; yi++, ai += as, bi += bs) {
      const [w, v] = [a[ai]!, b[bi]!];
      y[yi] = w === 0 && Math.abs(v) === Number.POSITIVE_INFINITY ? 0 : w * v;
    }
  },
  vjp: [({ g, b }) => weighted(g, b), ({ g, a }) => weighted(a, g)],
});

/** {@link weightedOp} of a weight and a value. */
export function weighted(weight: Tensor, value: Tensor): Tensor {
  return applyBinary(weightedOp, weight, value);
}

export const weightedCases = /* @__PURE__ */ binaryCases();
