import type { ShapeOf } from "../core/shapeTypes.ts";
import type { Tensor } from "../tensor.ts";
import { unaryCases } from "./cases.ts";
import { applyUnary, defineUnary } from "./define.ts";
import { exp } from "./exp.ts";
import { mul } from "./mul.ts";
import { neg } from "./neg.ts";

export const erfOp = /* @__PURE__ */ defineUnary({
  name: "erf",
  dtype: "float",
  forward: (y, x) => {
    for (let i = 0; i < y.length; i++) y[i] = errorFunction(x[i]!);
  },
  // d/dx erf = 2/√π e^(−x²)
  vjp: ({ g, x }) => mul(g, mul(exp(neg(mul(x, x))), 1.1283791670955126)),
});

/**
 * @internal Cody's rational approximations (Mathematics of Computation 23, 1969): of erf itself near 0, and of erfc = 1 − erf
 * elsewhere. Beyond 6, erf differs from ±1 by less than half a unit in the last place.
 */
export function errorFunction(x: number): number {
  const a = Math.abs(x);
  if (a <= 0.46875) {
    const t = x * x;
    const over =
      (((0.185777706184603153 * t + 3.1611237438705656) * t + 113.864154151050156) * t + 377.485237685302021) * t;
    const under = (((t + 23.6012909523441209) * t + 244.024637934444173) * t + 1282.61652607737228) * t;
    return (x * (over + 3209.37758913846947)) / (under + 2844.23683343917062);
  }
  if (a >= 6) return x < 0 ? -1 : 1;
  const y = 1 - Math.exp(-a * a) * scaledComplement(a);
  return x < 0 ? -y : y; // NaN fails all comparisons, and comes through here
}

/** @internal `e^(a²) erfc(a)` from about ½ on, likewise. */
function scaledComplement(a: number): number {
  if (a > 4) {
    const t = 1 / (a * a);
    const over = far.over.reduceRight((sum, c) => sum * t + c, 0);
    const under = far.under.reduceRight((sum, c) => sum * t + c, 0);
    return (far.limit - (t * over) / under) / a;
  }
  // The first half of Horner's rule, for numerator and denominator, then the second.
  let over = ((2.15311535474403846e-8 * a + 0.564188496988670089) * a + 8.88314979438837594) * a + 66.1191906371416295;
  over = (((over * a + 298.635138197400131) * a + 881.95222124176909) * a + 1712.04761263407058) * a;
  over = (over + 2051.07837782607147) * a + 1230.33935479799725;
  let under = ((a + 15.7449261107098347) * a + 117.693950891312499) * a + 537.181101862009858;
  under = (((under * a + 1621.38957456669019) * a + 3290.79923573345963) * a + 4362.61909014324716) * a;
  under = (under + 3439.36767414372164) * a + 1230.33935480374942;
  return over / under;
}

/** Beyond 4, in 1 / a²: what `a e^(a²) erfc(a)` lacks of 1/√π. */
export const far = {
  limit: 0.5641895835477563,
  over: [
    6.58749161529837803e-4, 1.60837851487422766e-2, 1.25781726111229246e-1, 3.60344899949804439e-1,
    3.05326634961232344e-1, 1.63153871373020978e-2,
  ],
  under: [
    2.33520497626869185e-3, 6.05183413124413191e-2, 5.27905102951428412e-1, 1.87295284992346725, 2.56852019228982242, 1,
  ],
} as const;

/**
 * Error function, `2/√π ∫₀ˣ e^(−t²) dt` elementwise, to a few units in the last place everywhere. The derivative is
 * `2/√π e^(−x²)`.
 *
 * @param x - a tensor of any shape; integers become the default floating dtype.
 * @returns a tensor of x's shape with values from −1 to 1, both reached far out; NaN propagates.
 * @example
 * erf(tensor([0, 100, -Infinity])).toArray(); // → [0, 1, -1]
 */
export function erf<T extends Tensor>(x: T): Tensor<ShapeOf<T>> {
  return applyUnary(erfOp, x, arguments);
}

export const erfcOp = /* @__PURE__ */ defineUnary({
  name: "erfc",
  dtype: "float",
  forward: (y, x) => {
    for (let i = 0; i < y.length; i++) y[i] = complement(x[i]!);
  },
  vjp: ({ g, x }) => mul(g, mul(exp(neg(mul(x, x))), -1.1283791670955126)),
});

function complement(x: number): number {
  if (x < 0.46875) return x < -6 ? 2 : 1 - errorFunction(x);
  if (x > 28) return 0;
  // x² loses digits that its exponential would show: that of its first digits is exact, and the rest is small.
  const near = Math.floor(x * 16) / 16;
  return Math.exp(-near * near) * Math.exp((near - x) * (near + x)) * scaledComplement(x);
}

/**
 * Complementary error function, `1 − erf(x)` elementwise, without the cancellation: exact to the last digits also where erf is 1. The derivative is
 * `−2/√π e^(−x²)`.
 *
 * @param x - a tensor of any shape; integers become the default floating dtype.
 * @returns a tensor of x's shape with values from 2 at −∞ to 0 at ∞; NaN propagates.
 * @example
 * erfc(tensor([0, 10, -Infinity], { dtype: "float64" })).toArray(); // → [1, 2.0884875837625446e-45, 2]
 */
export function erfc<T extends Tensor>(x: T): Tensor<ShapeOf<T>> {
  return applyUnary(erfcOp, x, arguments);
}

export const erfCases = /* @__PURE__ */ unaryCases();
export const erfcCases = /* @__PURE__ */ unaryCases();
