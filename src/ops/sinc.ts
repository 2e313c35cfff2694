import { apply, checkTensor } from "../core/apply.ts";
import type { Op } from "../core/op.ts";
import type { ShapeOf } from "../core/shapeTypes.ts";
import { refuseMore } from "../core/surplus.ts";
import type { Tensor } from "../tensor.ts";
import type { OpCases } from "./cases.ts";
import { defineUnary } from "./define.ts";
import { mul } from "./mul.ts";

/** The nth derivative of sinc, which is its own family: `πⁿ f⁽ⁿ⁾(πx)` with `f(u) = sin(u) / u`. */
export const sincOp: Op<number> = /* @__PURE__ */ defineUnary<number>({
  name: "sinc",
  dtype: "float",
  forward: (y, x, n) => {
    const near = sincSeries(n);
    for (let i = 0; i < y.length; i++) y[i] = sincDerivative(x[i]!, n, near);
  },
  vjp: ({ g, x, attrs: n }) => mul(g, apply(sincOp, [x], n + 1)),
});

/** Up to this u, the series is used. */
export const sincBound = (n: number): number => 1 + n / 3;

/** Coefficients, in u², of `f⁽ⁿ⁾(u)`, or `f⁽ⁿ⁾(u) / u` for odd n: `(−1)ᵏ / ((2k + 1) (2k − n)!)`, as far as they count at the bound. */
export function sincSeries(n: number): number[] {
  const series: number[] = [];
  let factorial = 1;
  for (let k = Math.ceil(n / 2), power = 1; power / factorial > 1e-20; k++) {
    series.push((k % 2 === 0 ? 1 : -1) / ((2 * k + 1) * factorial));
    factorial *= (2 * k - n + 1) * (2 * k - n + 2);
    power *= sincBound(n) ** 2;
  }
  return series;
}

function sincDerivative(x: number, n: number, near: readonly number[]): number {
  const u = Math.PI * x;
  if (n === 0) return x === 0 ? 1 : sinPi(x) / u + 0; // no −0
  let y = 0;
  if (Math.abs(u) <= sincBound(n)) {
    for (let k = near.length - 1; k >= 0; k--) y = y * u * u + near[k]!;
    if (n % 2 === 1) y *= u;
  } else {
    // From u f = sin u: u f⁽ᵐ⁾ + m f⁽ᵐ⁻¹⁾ = sin⁽ᵐ⁾ u
    const [s, c] = [sinPi(x), cosPi(x)];
    for (let m = 0; m <= n; m++) y = ((m % 2 === 0 ? s : c) * (m % 4 < 2 ? 1 : -1) - m * y) / u;
  }
  return y * Math.PI ** n;
}

/** sin(πx), exactly 0 at integers. */
export function sinPi(x: number): number {
  const r = x - 2 * Math.round(x / 2); // exact, from −1 to 1
  const a = Math.abs(r);
  return Math.sin(Math.PI * (a > 0.5 ? (1 - a) * Math.sign(r) : r));
}

/** cos(πx), exactly 0 halfway between integers. */
export function cosPi(x: number): number {
  return Math.sin(Math.PI * (0.5 - Math.abs(x - 2 * Math.round(x / 2))));
}

/**
 * Cardinal sine, `sin(πx) / (πx)` elementwise, 1 at 0 and exactly 0 at all other integers. The derivative, and all further ones, are exact to the last digits near 0 too.
 *
 * @param x - a tensor of any shape; integers become the default floating dtype.
 * @returns a tensor of x's shape; NaN at ±∞, as in PyTorch.
 * @example
 * sinc(tensor([0, 0.5, 1], { dtype: "float64" })).toArray(); // → [1, 0.6366197723675814, 0]
 */
export function sinc<T extends Tensor>(x: T): Tensor<ShapeOf<T>>;
export function sinc(x: Tensor): Tensor {
  refuseMore("sinc", arguments, 1);
  checkTensor("sinc", x);
  return apply(sincOp, [x], 0);
}

export const sincCases: OpCases<number> = {
  draw: (d) => ({ inputs: [d.floats(d.shape())], attrs: d.int(0, 3) }),
};
