import { binaryCases } from "./cases.ts";
import { clamp } from "./clamp.ts";
import { defineBinary } from "./define.ts";
import { div } from "./div.ts";
import { log } from "./log.ts";
import { log1p } from "./log1p.ts";
import { mul } from "./mul.ts";
import { neg } from "./neg.ts";
import { sub } from "./sub.ts";

/** Logarithms are not taken to be less than this, so a wrong prediction of exactly 0 or 1 costs 100 and not ∞. */
export const leastLog = -100;

/** Binary cross entropy of a probability and a target, elementwise; see `bce`. */
export const bceOp = /* @__PURE__ */ defineBinary({
  name: "bce",
  dtype: "float",
  loop: (y, yi, n, a, ai, as, b, bi, bs) => {
    for (const end = yi + n; yi < end; yi++, ai += as, bi += bs) {
      const [x, t] = [a[ai]!, b[bi]!];
      y[yi] = -(t * Math.max(Math.log(x), leastLog) + (1 - t) * Math.max(Math.log1p(-x), leastLog));
    }
  },
  vjp: [
    // (x − t) / (x (1 − x)), the divisor held at 10⁻¹² or more, as in PyTorch.
    ({ g, a, b }) => mul(g, div(sub(a, b), clamp(mul(a, sub(1, a)), 1e-12))),
    ({ g, a }) => mul(g, sub(clamp(log1p(neg(a)), leastLog), clamp(log(a), leastLog))),
  ],
});

export const bceCases = /* @__PURE__ */ binaryCases({ low: 0.1, high: 0.9 });
