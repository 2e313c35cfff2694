import { apply, checkTensor } from "../core/apply.ts";
import type { TypedArray } from "../core/dtype.ts";
import { DTypeError } from "../core/errors.ts";
import type { Op } from "../core/op.ts";
import { isTensor } from "../core/runtime.ts";
import { broadcastShapes } from "../core/shape.ts";
import type { Beside, Broadcast, ShapeOf, Sound } from "../core/shapeTypes.ts";
import { refuseMore } from "../core/surplus.ts";
import type { Tensor } from "../tensor.ts";
import type { OpCases } from "./cases.ts";
import { cast } from "./cast.ts";
import { constant, noOperand, promotePair } from "./define.ts";
import { expandValues } from "./expand.ts";
import { sumTo } from "./unbroadcast.ts";

export const whereOp: Op<undefined> = {
  name: "where",
  shape: (inputs) => {
    const [mask, a, b] = inputs;
    if (mask!.dtype !== "bool") {
      throw new DTypeError("where", "the condition must be a bool tensor", mask!.dtype, "compare it: gt(x, 0)");
    }
    return broadcastShapes("where", mask!.shape, broadcastShapes("where", a!.shape, b!.shape));
  },
  dtype: (inputs) => promotePair(inputs[1]!, inputs[2]!),
  forward: (y, inputs, _, shape) => {
    // Scalars are read in steps of 0; other broadcasts are expanded first, being rare.
    const [m, a, b] = inputs.map(({ values, shape: from }) =>
      values.length === 1 || values.length === y.length ? values : expandValues("where", values, from, shape),
    );
    select(y, m!, a!, b!);
  },
  vjp: [
    "nondifferentiable",
    (saved) => cast(sumTo(where(saved.input(0), saved.g, 0), saved.shapeOf(1)), saved.dtypeOf(1)),
    (saved) => cast(sumTo(where(saved.input(0), 0, saved.g), saved.shapeOf(2)), saved.dtypeOf(2)),
  ],
};

function select(y: TypedArray, m: TypedArray, a: TypedArray, b: TypedArray): void {
  const ms = m.length === 1 ? 0 : 1;
  const as = a.length === 1 ? 0 : 1;
  const bs = b.length === 1 ? 0 : 1;
  for (let i = 0; i < y.length; i++) y[i] = m[i * ms] !== 0 ? a[i * as]! : b[i * bs]!;
}

/**
 * `mask ? a : b` elementwise with broadcasting. The cotangent goes to the operand that was chosen, and 0 to the other.
 *
 * A value that is not chosen does not leak into the result, NaN included. Its *gradient* can still be NaN where the op that made it
 * has an infinite derivative (0 · ∞), as in every autograd: make the input safe first, not only the output.
 *
 * @param mask - a bool tensor.
 * @param a - tensor or number where the mask is true.
 * @param b - tensor or number where it is false; all three broadcast.
 * @throws {@link DTypeError} if the mask is not bool.
 * @throws {@link ShapeError} if the shapes do not broadcast.
 * @example
 * const x = tensor([4, -1]);
 * const safe = where(gt(x, 0), x, 1);
 * where(gt(x, 0), sqrt(safe), 0).toArray(); // → [2, 0]
 */
export function where<M extends Tensor, A extends Tensor | number, B extends Tensor | number>(
  mask: M,
  a: A & Beside<M, A>,
  b: B & Sound<Broadcast<Broadcast<ShapeOf<M>, ShapeOf<A>>, ShapeOf<B>>>,
): Tensor<Broadcast<Broadcast<ShapeOf<M>, ShapeOf<A>>, ShapeOf<B>>>;
export function where(mask: Tensor, a: Tensor | number, b: Tensor | number): Tensor {
  refuseMore("where", arguments, 3);
  checkTensor("where", mask, "the condition");
  if (typeof a !== "number" && !isTensor(a)) throw noOperand("where", a, 1);
  if (typeof b !== "number" && !isTensor(b)) throw noOperand("where", b, 2);
  const x = typeof a === "number" ? constant(typeof b === "number" ? mask : b, a) : a;
  return apply(whereOp, [mask, x, typeof b === "number" ? constant(x, b) : b], undefined);
}

export const whereCases: OpCases<undefined> = {
  draw: (d) => {
    const [m, a] = d.broadcastPair();
    return { inputs: [d.bools(m), d.floats(a), d.floats(a)], attrs: undefined };
  },
  errors: [
    { inputs: [[2], [2], [2]], attrs: undefined, error: "where: the condition must be a bool tensor, got float64" },
  ],
};
