import { apply } from "../core/apply.ts";
import { isFloat } from "../core/dtype.ts";
import { ValueError } from "../core/errors.ts";
import { placeIn } from "../core/nested.ts";
import type { Op } from "../core/op.ts";
import type { Beside, Broadcast, ShapeOf } from "../core/shapeTypes.ts";
import { refuseMore } from "../core/surplus.ts";
import type { Tensor } from "../tensor.ts";
import type { OpCases } from "./cases.ts";
import { cast } from "./cast.ts";
import { applyBinary, checkOperands, defineBinary } from "./define.ts";
import { eachPair } from "./each.ts";
import { fit } from "./fit.ts";
import { mul } from "./mul.ts";
import { neg } from "./neg.ts";
import { zerosLike } from "./zerosLike.ts";

export const remainderOp = /* @__PURE__ */ defineBinary({
  name: "remainder",
  loop: /* @__PURE__ */ eachPair((a, b) => {
    const rest = a % b;
    return rest !== 0 && rest < 0 !== b < 0 ? rest + b : rest;
  }),
  vjp: [({ g }) => g, ({ g, a, b }) => neg(mul(g, floorDivide(a, b)))],
});

export const floorDivideOp = /* @__PURE__ */ defineBinary({
  name: "floorDivide",
  loop: /* @__PURE__ */ eachPair(quotient),
  vjp: [({ g }) => zerosLike(g), ({ g }) => zerosLike(g)],
});

/** What is left after the exact remainder is a multiple of b but for rounding: Python's way, which is right where ⌊a / b⌋ would be rounded up. */
function quotient(a: number, b: number): number {
  if (b === 0) return a / b;
  const rest = a % b;
  const whole = (a - rest) / b - (rest !== 0 && rest < 0 !== b < 0 ? 1 : 0);
  if (whole === 0) return a / b < 0 ? -0 : 0 * (a / b);
  const down = Math.floor(whole);
  return whole - down > 0.5 ? down + 1 : down;
}

/** Lets divisors of integers through that are not 0. An op, so compiled programs check them, too. */
export const divisorOp: Op<string> = {
  name: "divisor",
  shape: ([b], op) => {
    const { values, shape } = b!;
    const bad = values.indexOf(0);
    if (bad < 0) return shape;
    throw new ValueError(
      op,
      "integers must not be divided by 0",
      `0${placeIn(bad, shape)}`,
      'cast first: x.to("float64")',
    );
  },
  forward: "view",
  vjp: "nondifferentiable",
};

/**
 * The quotient rounded down, `⌊a / b⌋` elementwise with broadcasting. The derivatives are 0.
 *
 * @param a - a tensor, or a number (not both numbers).
 * @param b - a tensor, or a number; the shapes broadcast.
 * @returns a tensor of the dtype that both promote to: integers stay integers. Floats divided by 0 are ±∞, or NaN.
 * @throws {@link ShapeError} if the shapes do not broadcast.
 * @throws {@link ValueError} if integers are divided by 0.
 * @example
 * floorDivide(tensor([7, -7]), 2).toArray(); // → [3, -4]
 */
export function floorDivide<A extends Tensor | number, B extends Tensor | number>(
  a: A,
  b: B & Beside<A, B>,
): Tensor<Broadcast<ShapeOf<A>, ShapeOf<B>>>;
export function floorDivide(a: Tensor | number, b: Tensor | number): Tensor {
  refuseMore("floorDivide", arguments, 2);
  return divide(floorDivideOp, a, b);
}

/**
 * What is left of a after whole multiples of b, with the sign of b, elementwise with broadcasting: `a − b ⌊a / b⌋`, exact. It is Python's `%`; JavaScript's has the
 * sign of a. The derivatives are 1 with respect to a, and `−⌊a / b⌋` with respect to b.
 *
 * @param a - a tensor, or a number (not both numbers).
 * @param b - a tensor, or a number; the shapes broadcast.
 * @returns a tensor of the dtype that both promote to: integers stay integers. NaN where a is infinite, or b is 0.
 * @throws {@link ShapeError} if the shapes do not broadcast.
 * @throws {@link ValueError} if integers are divided by 0.
 * @example
 * remainder(tensor([7, -7]), 3).toArray(); // → [1, 2]
 */
export function remainder<A extends Tensor | number, B extends Tensor | number>(
  a: A,
  b: B & Beside<A, B>,
): Tensor<Broadcast<ShapeOf<A>, ShapeOf<B>>>;
export function remainder(a: Tensor | number, b: Tensor | number): Tensor {
  refuseMore("remainder", arguments, 2);
  return divide(remainderOp, a, b);
}

/** Integers are divided in float64, which holds all of them. */
function divide(op: Op<undefined>, a: Tensor | number, b: Tensor | number): Tensor {
  checkOperands(op.name, a, b);
  const areIntegers = [a, b].every((x) => (typeof x === "number" ? (x | 0) === x : !isFloat(x.dtype)));
  if (!areIntegers) return applyBinary(op, a, b);
  if (b === 0) throw new ValueError(op.name, "integers must not be divided by 0", "0", 'cast first: x.to("float64")');
  const by = typeof b === "number" ? b : cast(apply(divisorOp, [b], op.name), "float64");
  return fit(op.name, applyBinary(op, typeof a === "number" ? a : cast(a, "float64"), by));
}

const apart: OpCases<undefined> = {
  draw: (d) => {
    const [a, b] = d.broadcastPair();
    // Quotients whose floor does not change nearby, by one operand or the other.
    const inputs = d.pick([true, false])
      ? [d.floats(a, { low: -2.9, high: 2.9, avoid: [-2, -1, 0, 1, 2] }), d.floats(b, { low: 0.99, high: 1.01 })]
      : [d.floats(a, { low: 2.58, high: 2.62 }), d.floats(b, { low: 0.92, high: 2.2, avoid: [1.3] })];
    return { inputs, attrs: undefined };
  },
  errors: [{ inputs: [[2], [3]], attrs: undefined, error: "shapes must broadcast" }],
};
export const remainderCases: OpCases<undefined> = apart;
export const floorDivideCases: OpCases<undefined> = apart;
export const divisorCases: OpCases<string> = {
  draw: (d) => ({ inputs: [d.ints(d.shape(), 1, 5)], attrs: "remainder" }),
};
