import { isFloat } from "../core/dtype.ts";
import { DTypeError, ShapeError } from "../core/errors.ts";
import type { Op, Saved } from "../core/op.ts";
import { formatShape, sameShape } from "../core/shape.ts";
import type { Tensor } from "../tensor.ts";
import { add } from "./add.ts";
import type { OpCases } from "./cases.ts";
import { cast } from "./cast.ts";
import { div } from "./div.ts";
import { mul } from "./mul.ts";
import { neg } from "./neg.ts";
import { pow } from "./pow.ts";
import { sqrt } from "./sqrt.ts";
import { sub } from "./sub.ts";
import { sum } from "./sum.ts";

/** Settings of {@link adamStepOp}. */
export interface AdamStepAttrs {
  readonly beta1: number;
  readonly beta2: number;
  readonly eps: number;
  /** Decoupled weight decay: p is first multiplied by 1 − lr · decay. */
  readonly decay: number;
}

/**
 * Where Adam takes a parameter: `(1 − lr·decay)·p − lr / (1 − β₁ᵗ) · m / (√v / √(1 − β₂ᵗ) + eps)`, of the inputs p, m,
 * v, and the scalars t and lr. One op for the reason given at {@link combineOp}. Differentiable in all but the count t.
 */
export const adamStepOp: Op<AdamStepAttrs> = {
  name: "adamStep",
  shape: (inputs) => {
    const [p, m, v, t, lr] = inputs;
    if (!inputs.every((x) => isFloat(x.dtype))) {
      throw new DTypeError("adamStep", "inputs must be floating", inputs.map((x) => x.dtype).join(", "));
    }
    if (!sameShape(p!.sizes, m!.sizes) || !sameShape(p!.sizes, v!.sizes) || t!.sizes.length + lr!.sizes.length > 0) {
      const got = inputs.map((x) => formatShape(x.sizes)).join(", ");
      throw new ShapeError("adamStep", "p, m and v must have one shape, and t and lr be scalars", got);
    }
    return p!.sizes;
  },
  forward: (y, [p, m, v, t, lr], { beta1, beta2, eps, decay }) => {
    const [pv, mv, vv] = [p!.values, m!.values, v!.values];
    const step = t!.values[0]!;
    const keep = 1 - lr!.values[0]! * decay;
    const rate = lr!.values[0]! / (1 - beta1 ** step);
    const scale = Math.sqrt(1 - beta2 ** step);
    for (let i = 0; i < y.length; i++) {
      y[i] = keep * pv[i]! - rate * (mv[i]! / (Math.sqrt(vv[i]!) / scale + eps));
    }
  },
  vjp: [
    // With c₁ = 1 − β₁ᵗ, c₂ = 1 − β₂ᵗ and d = √(v / c₂) + eps, the step is p (1 − lr·decay) − lr / c₁ · m / d.
    (saved) => cast(mul(saved.g, sub(1, mul(saved.input(4), saved.attrs.decay))), saved.dtypeOf(0)),
    (saved) => cast(neg(mul(saved.g, div(rate(saved), denominator(saved)))), saved.dtypeOf(1)),
    (saved) => {
      const [m, v, d] = [saved.input(1), saved.input(2), denominator(saved)];
      const slope = div(mul(rate(saved), m), mul(mul(d, d), 2)); // times 1 / √(v c₂), from d's own derivative
      return cast(mul(saved.g, div(slope, sqrt(mul(v, bias(saved, saved.attrs.beta2))))), saved.dtypeOf(2));
    },
    "nondifferentiable",
    (saved) => {
      const update = div(saved.input(1), mul(denominator(saved), bias(saved, saved.attrs.beta1)));
      return cast(neg(sum(mul(saved.g, add(update, mul(saved.input(0), saved.attrs.decay))))), saved.dtypeOf(4));
    },
  ],
};

/** 1 − βᵗ. */
function bias(saved: Saved<AdamStepAttrs>, beta: number): Tensor {
  return sub(1, pow(beta, saved.input(3)));
}

function rate(saved: Saved<AdamStepAttrs>): Tensor {
  return div(saved.input(4), bias(saved, saved.attrs.beta1));
}

function denominator(saved: Saved<AdamStepAttrs>): Tensor {
  return add(sqrt(div(saved.input(2), bias(saved, saved.attrs.beta2))), saved.attrs.eps);
}

export const adamStepCases: OpCases<AdamStepAttrs> = {
  draw: (d) => {
    const shape = d.shape();
    const [p, m, v] = [d.floats(shape), d.floats(shape), d.floats(shape, { low: 0.3, high: 3 })];
    const [t, lr] = [d.floats([], { low: 1, high: 5 }), d.floats([], { low: 0.1, high: 1 })];
    return { inputs: [p, m, v, t, lr], attrs: { beta1: 0.8, beta2: 0.9, eps: 0.01, decay: d.pick([0, 0.5]) } };
  },
  errors: [
    {
      inputs: [[2], [2], [3], [], []],
      attrs: { beta1: 0.9, beta2: 0.99, eps: 0, decay: 0 },
      error: "adamStep: p, m and v must have one shape, and t and lr be scalars, got [2], [2], [3], [], []",
    },
    {
      inputs: [[2], [2], [2], { shape: [], dtype: "int32" }, []],
      attrs: { beta1: 0.9, beta2: 0.99, eps: 0, decay: 0 },
      error: "adamStep: inputs must be floating, got float64, float64, float64, int32, float64",
    },
  ],
};
