import { apply } from "../core/apply.ts";
import { type DType, getDefaultDtype, isFloat } from "../core/dtype.ts";
import { textOf, ValueError } from "../core/errors.ts";
import type { Op } from "../core/op.ts";
import { isTensor } from "../core/runtime.ts";
import type { ShapeOf } from "../core/shapeTypes.ts";
import { refuseMore } from "../core/surplus.ts";
import type { Tensor } from "../tensor.ts";
import type { OpCases } from "./cases.ts";
import { ge, le } from "./compare.ts";
import { logicalAnd } from "./logical.ts";
import { where } from "./where.ts";

/** Bounds to keep values within; null for none on that side. */
export interface ClampBounds {
  readonly min: number | null;
  readonly max: number | null;
}

export const clampOp: Op<ClampBounds> = {
  name: "clamp",
  shape: (inputs, { min, max }) => {
    if (min === null && max === null) throw new ValueError("clamp", "needs min or max", "neither");
    for (const bound of [min, max]) {
      if (bound !== null && typeof bound !== "number") {
        throw new ValueError(
          "clamp",
          "bounds are numbers or null",
          textOf(bound),
          isTensor(bound) ? "use maximum and minimum for tensors" : hintOf(bound),
        );
      }
    }
    return inputs[0]!.shape;
  },
  dtype: (inputs, { min, max }) => boundedDtype(inputs[0]!.dtype, min, max),
  forward: (y, [x], { min, max }) => {
    const { values } = x!;
    const low = min ?? Number.NEGATIVE_INFINITY;
    const high = max ?? Number.POSITIVE_INFINITY;
    if (low !== low || high !== high) y.fill(Number.NaN);
    else {
      for (let i = 0; i < y.length; i++) {
        const v = values[i]! < low ? low : values[i]!;
        y[i] = v > high ? high : v;
      }
    }
  },
  vjp: [
    ({ g, x, attrs: { min, max } }) => {
      const above = min === null ? null : ge(x, min);
      const below = max === null ? null : le(x, max);
      return where(above && below ? logicalAnd(above, below) : (above ?? below)!, g, 0);
    },
  ],
};

function hintOf(bound: unknown): string {
  const { min, max } = { min: "min", max: "max", ...(bound as object) };
  return `write clamp(x, ${min}, ${max}), with null for none`;
}

/** An integer tensor with a bound that is not an integer becomes floating, as it would beside such a number in any op. */
function boundedDtype(dtype: DType, ...bounds: (number | null)[]): DType {
  if (isFloat(dtype)) return dtype;
  return bounds.every((bound) => bound === null || (bound | 0) === bound) ? "int32" : getDefaultDtype();
}

/**
 * Keeps values within bounds: `minimum(maximum(x, min), max)` elementwise, so the result is `max` where the bounds
 * are crossed. The gradient is 1 within the bounds and on them, and 0 outside and at NaN, as in PyTorch.
 *
 * @param x - a tensor of any shape; NaN propagates. Integers stay so if the bounds are integers.
 * @param min - lower bound; null or left out for none.
 * @param max - upper bound; null or left out for none. A bound that is NaN makes all values NaN.
 * @throws {@link ValueError} without any bound.
 * @example
 * clamp(tensor([-2, 0.5, 3]), 0, 1).toArray(); // → [0, 0.5, 1]
 * clamp(tensor([-2, 0.5, 3]), null, 1).toArray(); // → [-2, 0.5, 1]
 */
export function clamp<T extends Tensor>(x: T, min?: number | null, max?: number | null): Tensor<ShapeOf<T>>;
export function clamp(x: Tensor, min: number | null = null, max: number | null = null): Tensor {
  refuseMore("clamp", arguments, 3);
  return apply(clampOp, [x], { min, max });
}

export const clampCases: OpCases<ClampBounds> = {
  draw: (d) => {
    const attrs = d.pick([
      { min: -1, max: 1 },
      { min: null, max: 1 },
      { min: -1, max: null },
      { min: 1, max: -1 },
    ]);
    return { inputs: [d.floats(d.shape(), { avoid: [-1, 1] })], attrs };
  },
  errors: [{ inputs: [[2]], attrs: { min: null, max: null }, error: "clamp: needs min or max, got neither" }],
};
