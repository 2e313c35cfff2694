import { apply, checkTensor } from "../core/apply.ts";
import type { Op } from "../core/op.ts";
import { normalizeAxis } from "../core/shape.ts";
import { refuseMore } from "../core/surplus.ts";
import type { Tensor } from "../tensor.ts";
import type { OpCases } from "./cases.ts";
import { gather } from "./gather.ts";
import { blocksOf } from "./reduce.ts";
import type { Sorted } from "./sort.ts";

/** Where the largest (or smallest) element so far stands, along an axis: the last of equals, and the last NaN if there is one. */
const define = (name: string, isMax: boolean): Op<number> => ({
  name,
  shape: (inputs) => inputs[0]!.sizes,
  dtype: () => "int32",
  forward: (y, [x], axis) => {
    const { values } = x!;
    const { outer, count, inner } = blocksOf(x!.shape, { start: axis, end: axis + 1 });
    for (let o = 0; o < outer; o++) {
      for (let i = 0; i < inner; i++) {
        const start = o * count * inner + i;
        let best = 0;
        for (let c = 0, at = start; c < count; c++, at += inner) {
          const [v, most] = [values[at]!, values[start + best * inner]!];
          if (v !== v || (isMax ? v >= most : v <= most)) best = c;
          y[at] = best;
        }
      }
    }
  },
  vjp: "nondifferentiable",
});

export const cummaxOp: Op<number> = /* @__PURE__ */ define("cummax", true);
export const cumminOp: Op<number> = /* @__PURE__ */ define("cummin", false);

/**
 * The largest elements so far along an axis, and their indices. If several are equal, it is the last one, as in PyTorch, which also gets the gradient; from the first NaN on, all are NaN.
 *
 * @param x - a tensor of any dtype.
 * @param axis - the axis; negative ones count from the end. A scalar may name axis 0.
 * @returns `{ values, indices }`, both of x's shape; the indices are int32.
 * @throws {@link ShapeError} for an axis out of range.
 * @example
 * const { values, indices } = cummax(tensor([1, 3, 2, 3]), 0);
 * values.toArray(); // → [1, 3, 3, 3]
 * indices.toArray(); // → [0, 1, 1, 3]
 */
export function cummax(x: Tensor, axis: number): Sorted {
  refuseMore("cummax", arguments, 2);
  return extremes(cummaxOp, x, axis);
}

/**
 * The smallest elements so far along an axis, and their indices. If several are equal, it is the last one, as in PyTorch, which also gets the gradient; from the first NaN on, all are NaN.
 *
 * @param x - a tensor of any dtype.
 * @param axis - the axis; negative ones count from the end. A scalar may name axis 0.
 * @returns `{ values, indices }`, both of x's shape; the indices are int32.
 * @throws {@link ShapeError} for an axis out of range.
 * @example
 * cummin(tensor([2, 3, 1]), 0).values.toArray(); // → [2, 2, 1]
 */
export function cummin(x: Tensor, axis: number): Sorted {
  refuseMore("cummin", arguments, 2);
  return extremes(cumminOp, x, axis);
}

function extremes(op: Op<number>, x: Tensor, axis: number): Sorted {
  checkTensor(op.name, x);
  const at = normalizeAxis(op.name, axis, x.sizes.length);
  const indices = apply(op, [x], at);
  return { values: x.size === 0 ? x : gather(x, at, indices), indices };
}

const indexCases: OpCases<number> = {
  draw: (d) => {
    const shape = d.shape();
    return { inputs: [d.floats(shape, { distinct: true })], attrs: d.int(0, Math.max(0, shape.length - 1)) };
  },
};
export const cummaxCases: OpCases<number> = indexCases;
export const cumminCases: OpCases<number> = indexCases;
