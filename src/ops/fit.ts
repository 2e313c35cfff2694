import { apply } from "../core/apply.ts";
import { ValueError } from "../core/errors.ts";
import { placeIn } from "../core/nested.ts";
import type { Op } from "../core/op.ts";
import type { Tensor } from "../tensor.ts";
import type { OpCases } from "./cases.ts";

const smallest = -(2 ** 31);
const largest = 2 ** 31 - 1;

/**
 * Takes integers that were computed in float64 to int32, for the op that is named, and refuses those that do not fit. An op, so
 * compiled programs refuse them too.
 */
export const fitOp: Op<string> = {
  name: "fit",
  shape: ([x], op) => {
    const { values, shape } = x!;
    for (let i = 0; i < values.length; i++) {
      const v = Math.round(values[i]!);
      if (v >= smallest && v <= largest) continue;
      const got = Number.isSafeInteger(v) ? String(v) : v.toPrecision(7); // whose last digits are rounded
      throw new ValueError(op, "int32 overflows", got + placeIn(i, shape), 'cast first: x.to("float64")');
    }
    return shape;
  },
  dtype: () => "int32",
  forward: (y, [x]) => {
    const { values } = x!;
    for (let i = 0; i < y.length; i++) y[i] = Math.round(values[i]!);
  },
  vjp: "nondifferentiable",
};

/**
 * The int32 result of an op that computed integers in float64.
 *
 * @param op - who is asked, for the message.
 * @throws {@link ValueError} for what int32 cannot hold.
 */
export function fit(op: string, x: Tensor): Tensor {
  return apply(fitOp, [x], op);
}

/** So many int32 values have a sum, with all sums on the way, that float64 holds exactly. */
export const mostExact = 2 ** 22;

/**
 * The integer whose last 32 bits are `last`, and that lies less than 2³¹ from `near`: what wrapping arithmetic and a float64 that has been
 * rounded know about it together.
 */
export function mended(last: number, near: number): number {
  return last + 2 ** 32 * Math.round((near - last) / 2 ** 32);
}

export const fitCases: OpCases<string> = {
  draw: (d) => ({ inputs: [d.ints(d.shape(), -9, 9)], attrs: "sum" }),
};
