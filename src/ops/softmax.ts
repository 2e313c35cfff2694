import { apply, checkTensor } from "../core/apply.ts";
import { allocate, type TypedArray } from "../core/dtype.ts";
import type { Op, Operand } from "../core/op.ts";
import { normalizeAxis } from "../core/shape.ts";
import type { ShapeOf } from "../core/shapeTypes.ts";
import { refuseMore } from "../core/surplus.ts";
import type { Tensor } from "../tensor.ts";
import type { OpCases } from "./cases.ts";
import { floatOf } from "./define.ts";
import { exp } from "./exp.ts";
import { mul } from "./mul.ts";
import { blocksOf } from "./reduce.ts";
import { sub } from "./sub.ts";
import { sum } from "./sum.ts";

export const softmaxOp: Op<number> = {
  name: "softmax",
  shape: (inputs) => inputs[0]!.shape,
  dtype: (inputs) => floatOf(inputs[0]!.dtype),
  forward: (y, [x], axis) =>
    normalize(x!, axis, (values, exps, at, step, largest) => {
      let total = 0;
      for (let i = 0, j = at; i < exps.length; i++, j += step) {
        exps[i] = Math.exp(values[j]! - largest);
        total += exps[i]!;
      }
      for (let i = 0, j = at; i < exps.length; i++, j += step) y[j] = exps[i]! / total;
    }),
  // yᵢ (gᵢ − Σ gⱼ yⱼ)
  vjp: [({ g, y, attrs: axis }) => mul(y, sub(g, sum(mul(g, y), axis, { keepDims: true })))],
};

export const logSoftmaxOp: Op<number> = {
  name: "logSoftmax",
  shape: (inputs) => inputs[0]!.shape,
  dtype: (inputs) => floatOf(inputs[0]!.dtype),
  forward: (y, [x], axis) =>
    normalize(x!, axis, (values, { length }, at, step, largest) => {
      let total = 0;
      for (let i = 0, j = at; i < length; i++, j += step) total += Math.exp(values[j]! - largest);
      const logTotal = Math.log(total);
      for (let i = 0, j = at; i < length; i++, j += step) y[j] = values[j]! - largest - logTotal;
    }),
  // gᵢ − softmax(x)ᵢ Σ gⱼ
  vjp: [({ g, y, attrs: axis }) => sub(g, mul(exp(y), sum(g, axis, { keepDims: true })))],
};

/** Runs a kernel on each lane of an axis, with the lane's largest element and room for its results in float64. */
function normalize(
  { shape, values }: Operand,
  axis: number,
  lane: (values: TypedArray, room: Float64Array, at: number, step: number, largest: number) => void,
): void {
  const { outer, count, inner } = blocksOf(shape, { start: axis, end: axis + 1 });
  const room = allocate("float64", count, "softmax") as Float64Array;
  for (let o = 0; o < outer; o++) {
    for (let i = 0; i < inner; i++) {
      const at = o * count * inner + i;
      let largest = Number.NEGATIVE_INFINITY;
      for (let c = 0, j = at; c < count; c++, j += inner) if (values[j]! > largest) largest = values[j]!;
      lane(values, room, at, inner, largest);
    }
  }
}

/**
 * Exponentials scaled to sum to 1 along an axis: `eˣ / Σ eˣ`, computed with the largest element taken out, so
 * nothing overflows.
 *
 * @param x - a tensor of any shape; integers become the default floating dtype.
 * @param axis - the axis; the last by default. A scalar may name axis 0 or −1, and becomes 1.
 * @returns a tensor of x's shape. Elements at −∞ become 0; a lane with +∞ or NaN, or of −∞ only, becomes NaN.
 * @throws {@link ShapeError} for an axis out of range.
 * @example
 * softmax(tensor([[0, 0], [1000, -1000]])).toArray(); // → [[0.5, 0.5], [1, 0]]
 */
export function softmax<T extends Tensor>(x: T, axis?: number): Tensor<ShapeOf<T>>;
export function softmax(x: Tensor, axis = -1): Tensor {
  return alongAxis(softmaxOp, x, axis, arguments);
}

/**
 * Logarithm of the {@link softmax} along an axis, `x − log Σ eˣ`: exact where the softmax itself would round to 0 or 1.
 *
 * @param x - a tensor of any shape; integers become the default floating dtype.
 * @param axis - the axis; the last by default. A scalar may name axis 0 or −1, and becomes 0.
 * @returns a tensor of x's shape. Elements at −∞ stay; a lane with +∞ or NaN, or of −∞ only, becomes NaN.
 * @throws {@link ShapeError} for an axis out of range.
 * @example
 * logSoftmax(tensor([1000, 0, -1000])).toArray(); // → [0, -1000, -2000]
 */
export function logSoftmax<T extends Tensor>(x: T, axis?: number): Tensor<ShapeOf<T>>;
export function logSoftmax(x: Tensor, axis = -1): Tensor {
  return alongAxis(logSoftmaxOp, x, axis, arguments);
}

function alongAxis(op: Op<number>, x: Tensor, axis: number, args: IArguments): Tensor {
  refuseMore(op.name, args, 2);
  checkTensor(op.name, x);
  return apply(op, [x], normalizeAxis(op.name, axis, x.shape.length));
}

const laneCases: OpCases<number> = {
  draw: (d) => {
    const shape = d.shape();
    return { inputs: [d.floats(shape)], attrs: d.int(0, Math.max(0, shape.length - 1)) };
  },
};
export const softmaxCases = laneCases;
export const logSoftmaxCases = laneCases;
