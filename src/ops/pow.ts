import { apply } from "../core/apply.ts";
import { isFloat } from "../core/dtype.ts";
import type { Tensor } from "../tensor.ts";
import { binaryCases, unaryCases } from "./cases.ts";
import { cast } from "./cast.ts";
import { eq, ge } from "./compare.ts";
import { applyBinary, defineBinary, defineUnary, floatOf } from "./define.ts";
import { log } from "./log.ts";
import { mul } from "./mul.ts";
import { sub } from "./sub.ts";
import { where } from "./where.ts";
import { zerosLike } from "./zerosLike.ts";

export const powOp = /* @__PURE__ */ defineBinary({
  name: "pow",
  loop: (y, yi, n, a, ai, as, b, bi, bs) => {
    for (const end = yi + n; yi < end; yi++, ai += as, bi += bs) y[yi] = power(a[ai]!, b[bi]!);
  },
  vjp: [
    // d/da aᵇ = b aᵇ⁻¹, and 0 for b = 0 even at a = 0
    ({ g, a, b }) => where(eq(b, 0), 0, mul(g, mul(b, pow(a, sub(b, 1))))),
    // d/db aᵇ = aᵇ log a, and 0 at a = 0 for b ≥ 0, where aᵇ is constant
    ({ g, a, b, y }) => {
      const flat = mul(eq(a, 0), ge(b, 0));
      const safe = where(eq(flat, 0), a, 1); // log(1) = 0, and no 0 · ∞ in second derivatives
      return where(eq(flat, 0), mul(g, mul(y, log(safe))), 0);
    },
  ],
});

/** Power with a plain number as exponent: no masks, for which values the rules hold is known beforehand. */
export const powNumberOp = /* @__PURE__ */ defineUnary<number>({
  name: "pow",
  forward: (y, x, exponent) => {
    for (let i = 0; i < y.length; i++) y[i] = power(x[i]!, exponent);
  },
  vjp: ({ g, x, attrs: n }) => (n === 0 ? zerosLike(g) : mul(g, mul(powNumber(x, n - 1), n))),
});

/** `xⁿ` for a number n: what {@link pow} does for one, and the method. */
export function powNumber(x: Tensor, exponent: number): Tensor {
  return apply(powNumberOp, [isFloat(x.dtype) || Number.isInteger(exponent) ? x : cast(x, floatOf(x.dtype))], exponent);
}

/** IEEE 754's pow, which JavaScript's departs from where the base is ±1; exponents ±½ are roots, exact and NaN below 0. */
function power(a: number, b: number): number {
  if (b === 2) return a * a;
  if (b === 0.5) return Math.sqrt(a);
  if (b === -0.5) return 1 / Math.sqrt(a);
  if (a === 1 || (a === -1 && (b === Number.POSITIVE_INFINITY || b === Number.NEGATIVE_INFINITY))) return 1;
  return a ** b;
}

/**
 * Power, `aᵇ` elementwise with broadcasting. The derivatives are `b aᵇ⁻¹` and `aᵇ log a`.
 *
 * Edge cases follow PyTorch: anything to the power 0 is 1, with gradient 0; 1 to any power is 1; a negative base with a fractional
 * exponent is NaN; the exponent's gradient is 0 at base 0 for exponents ≥ 0, and NaN at negative bases.
 *
 * @param a - base: a tensor, or a number (not both numbers).
 * @param b - exponent: a tensor, or a number; the shapes broadcast.
 * @throws {@link ShapeError} if the shapes do not broadcast.
 * @example
 * pow(tensor([1, 2, 3]), 2).toArray(); // → [1, 4, 9]
 */
export function pow(a: Tensor | number, b: Tensor | number): Tensor {
  return typeof b === "number" && typeof a !== "number" ? powNumber(a, b) : applyBinary(powOp, a, b);
}

export const powCases = /* @__PURE__ */ binaryCases({ low: 0.3, high: 2.5 });
export const powNumberCases = /* @__PURE__ */ unaryCases({ low: 0.3, high: 2.5, attrs: 2.5 });
