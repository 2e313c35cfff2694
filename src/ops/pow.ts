import { apply } from "../core/apply.ts";
import { isFloat } from "../core/dtype.ts";
import { ValueError } from "../core/errors.ts";
import { placeIn } from "../core/nested.ts";
import type { Op } from "../core/op.ts";
import { isRecording } from "../core/runtime.ts";
import type { Beside, Broadcast, ShapeOf } from "../core/shapeTypes.ts";
import { refuseMore } from "../core/surplus.ts";
import type { Tensor } from "../tensor.ts";
import { abs } from "./abs.ts";
import { add } from "./add.ts";
import { binaryCases, type OpCases, unaryCases } from "./cases.ts";
import { cast } from "./cast.ts";
import { eq, ge, gt, le, ne } from "./compare.ts";
import { applyBinary, checkOperands, defineBinary, defineUnary, floatOf } from "./define.ts";
import { fit } from "./fit.ts";
import { log } from "./log.ts";
import { mul } from "./mul.ts";
import { sqrt } from "./sqrt.ts";
import { sub } from "./sub.ts";
import { where } from "./where.ts";
import { zerosLike } from "./zerosLike.ts";

export const powOp = /* @__PURE__ */ defineBinary({
  name: "pow",
  loop: (y, yi, n, a, ai, as, b, bi, bs) => {
    for (const end = yi + n; yi < end; yi++, ai += as, bi += bs) y[yi] = power(a[ai]!, b[bi]!);
  },
  vjp: [
    // d/da aᵇ = b aᵇ⁻¹, and 0 for b = 0 even at a = 0 (or NaN), where no a⁻¹ must reach further derivatives
    ({ g, a, b }) => {
      const flat = eq(add(ne(b, 0), gt(abs(a), a.dtype === "float64" ? 1e-307 : 1e-38)), 0);
      const slope = where(flat, 0, mul(g, mul(b, pow(a, where(flat, 0, sub(b, 1))))));
      return b.requiresGrad && isRecording() ? add(slope, edge(b, a, b, flat)) : slope;
    },
    // d/db aᵇ = aᵇ log a, and 0 at a = 0 for b ≥ 0, where aᵇ is constant
    ({ g, a, b, y }) => {
      const flat = mul(eq(a, 0), ge(b, 0));
      const safe = where(eq(flat, 0), a, 1); // log(1) = 0, and no 0 · ∞ in second derivatives
      const slope = where(eq(flat, 0), mul(g, mul(y, log(safe))), 0);
      return a.requiresGrad && isRecording() ? add(slope, edge(a, a, b, flat)) : slope;
    },
  ],
});

/** 0, with derivative NaN with respect to x where a = 0 and 0 ≤ b ≤ 1: there the mixed derivative aᵇ⁻¹ (1 + b log a) is infinite from one side, and none. */
function edge(x: Tensor, a: Tensor, b: Tensor, flat: Tensor): Tensor {
  const isEdge = ne(mul(add(flat, eq(a, 0)), mul(ge(b, 0), le(b, 1))), 0);
  return sub(sqrt(where(isEdge, sub(x, x), 1)), where(isEdge, 0, 1));
}

/** Power with a plain number as exponent: no masks, for which values the rules hold is known beforehand. */
export const powNumberOp = /* @__PURE__ */ defineUnary<number>({
  name: "pow",
  forward: (y, x, exponent) => {
    const b = y instanceof Float32Array ? Math.fround(exponent) : exponent; // as it is where it is a tensor
    for (let i = 0; i < y.length; i++) y[i] = power(x[i]!, b);
  },
  vjp: ({ g, x, attrs: n }) => (n === 0 ? zerosLike(g) : mul(g, mul(powNumber(x, n - 1), n))),
});

/** Lets exponents through that give powers of integers which are integers. An op, so compiled programs check them, too. */
export const exponentOp: Op<undefined> = {
  name: "exponent",
  shape: ([b]) => {
    const { values, shape } = b!;
    const bad = values.findIndex((v) => v < 0);
    if (bad < 0) return shape;
    throw new ValueError("pow", negative, values[bad] + placeIn(bad, shape), 'cast first: x.to("float64")');
  },
  forward: "view",
  vjp: "nondifferentiable",
};

const negative = "the exponent of integers must not be negative";

/** `xⁿ` for a number n. */
function powNumber(x: Tensor, exponent: number): Tensor {
  if (isFloat(x.dtype)) return apply(powNumberOp, [x], exponent);
  if (!isInteger(exponent)) return apply(powNumberOp, [cast(x, floatOf(x.dtype))], exponent);
  if (exponent < 0) throw new ValueError("pow", negative, String(exponent), 'cast first: x.to("float64")');
  return fit("pow", apply(powNumberOp, [cast(x, "float64")], exponent));
}

/** Whether an operand is of integers or bools, or computes as an integer. */
function isInteger(x: Tensor | number): boolean {
  return typeof x === "number" ? (x | 0) === x : !isFloat(x.dtype);
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
 * exponent is NaN; exponents ½ and −½ are roots, which are NaN at −∞ and keep the sign of −0, in a tensor, too; the exponent's gradient is 0 at base 0 for exponents ≥ 0, and NaN at negative bases. Unlike PyTorch, the mixed second derivative is NaN at base 0 for exponents from 0 to 1, where it is infinite from one side.
 *
 * Integers to the power of integers are integers: exact, or an error.
 *
 * @param a - base: a tensor, or a number (not both numbers).
 * @param b - exponent: a tensor, or a number; the shapes broadcast.
 * @throws {@link ShapeError} if the shapes do not broadcast.
 * @throws {@link ValueError} for integers if int32 cannot hold a power, or an exponent is negative: cast to `float64` first.
 * @example
 * pow(tensor([1, 2, 3]), 2).toArray(); // → [1, 4, 9]
 */
export function pow<A extends Tensor | number, B extends Tensor | number>(
  a: A,
  b: B & Beside<A, B>,
): Tensor<Broadcast<ShapeOf<A>, ShapeOf<B>>>;
export function pow(a: Tensor | number, b: Tensor | number): Tensor {
  refuseMore("pow", arguments, 2);
  checkOperands("pow", a, b);
  if (typeof b === "number" && typeof a !== "number") return powNumber(a, b);
  if (typeof b === "number" || !isInteger(a) || !isInteger(b)) return applyBinary(powOp, a, b);
  const base = typeof a === "number" ? a : cast(a, "float64");
  return fit("pow", applyBinary(powOp, base, cast(apply(exponentOp, [b], undefined), "float64")));
}

export const powCases = /* @__PURE__ */ binaryCases({ low: 0.3, high: 2.5 });
export const exponentCases: OpCases<undefined> = {
  draw: (d) => ({ inputs: [d.ints(d.shape(), 0, 5)], attrs: undefined }),
};
export const powNumberCases = /* @__PURE__ */ unaryCases({ low: 0.3, high: 2.5, attrs: 2.5 });
