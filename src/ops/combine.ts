import { apply } from "../core/apply.ts";
import { isFloat } from "../core/dtype.ts";
import { DTypeError, ShapeError } from "../core/errors.ts";
import type { Op } from "../core/op.ts";
import { formatShape, sameShape } from "../core/shape.ts";
import type { Tensor } from "../tensor.ts";
import type { OpCases } from "./cases.ts";
import { cast } from "./cast.ts";
import { mul } from "./mul.ts";
import { sum } from "./sum.ts";

/** Factors of {@link combineOp}. */
export interface CombineAttrs {
  readonly alpha: number;
  readonly beta: number;
}

/**
 * `α·a + β·b`, or `α·a + β·s·b` with a scalar tensor s: what optimizers are made of. One op, since as three it is three
 * passes over memory and three arrays: with it and {@link adamStepOp}, Adam's share of the bench's small training step
 * fell to a third.
 */
export const combineOp: Op<CombineAttrs> = {
  name: "combine",
  shape: (inputs) => {
    const [a, b, s] = inputs;
    if (!sameShape(a!.sizes, b!.sizes) || (s !== undefined && s.sizes.length > 0)) {
      const got = inputs.map((x) => formatShape(x.sizes)).join(", ");
      throw new ShapeError("combine", "operands must have one shape, and the factor be a scalar", got);
    }
    if (!isFloat(a!.dtype) || !isFloat(b!.dtype)) {
      throw new DTypeError("combine", "operands must be floating", `${a!.dtype} and ${b!.dtype}`, 'use to("float32")');
    }
    return a!.sizes;
  },
  forward: (y, [a, b, s], { alpha, beta }) => {
    const [av, bv] = [a!.values, b!.values];
    const factor = s === undefined ? beta : beta * s.values[0]!;
    for (let i = 0; i < y.length; i++) y[i] = alpha * av[i]! + factor * bv[i]!;
  },
  vjp: [
    ({ g, attrs }) => (attrs.alpha === 1 ? g : mul(g, attrs.alpha)),
    (saved) => {
      const { inputs } = saved.result;
      const g = mul(saved.g, saved.attrs.beta);
      return cast(inputs.length === 2 ? g : mul(g, saved.input(2)), saved.dtypeOf(1));
    },
    (saved) => cast(mul(sum(mul(saved.g, saved.b)), saved.attrs.beta), saved.dtypeOf(2)),
  ],
};

/**
 * Linear combination `α·a + β·b`, or `α·a + β·s·b`.
 *
 * @param alpha - factor of a.
 * @param a - a floating tensor.
 * @param beta - factor of b.
 * @param b - a floating tensor of a's shape.
 * @param s - a further factor of b: a number, or a scalar tensor.
 * @returns a tensor of a's shape and dtype.
 * @throws {@link ShapeError} if the shapes differ or s is not a scalar; {@link DTypeError} for integers.
 */
export function combine(alpha: number, a: Tensor, beta: number, b: Tensor, s: Tensor | number = 1): Tensor {
  if (typeof s === "number") return apply(combineOp, [a, b], { alpha, beta: beta * s });
  return apply(combineOp, [a, b, s], { alpha, beta });
}

export const combineCases: OpCases<CombineAttrs> = {
  draw: (d) => {
    const shape = d.shape();
    const scaled = d.pick([[], [d.floats([])]]);
    return {
      inputs: [d.floats(shape), d.floats(shape), ...scaled],
      attrs: { alpha: d.pick([1, -0.5]), beta: d.pick([1, 2.5]) },
    };
  },
  errors: [
    {
      inputs: [[2], [3]],
      attrs: { alpha: 1, beta: 1 },
      error: "combine: operands must have one shape, and the factor be a scalar, got [2], [3]",
    },
    {
      inputs: [[2], { shape: [2], dtype: "int32" }],
      attrs: { alpha: 1, beta: 1 },
      error: 'combine: operands must be floating, got float64 and int32; use to("float32")',
    },
  ],
};
