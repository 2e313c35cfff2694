import { apply } from "../core/apply.ts";
import type { Op } from "../core/op.ts";
import type { Shape } from "../core/shape.ts";
import type { Tensor } from "../tensor.ts";
import type { OpCases } from "./cases.ts";
import { cast } from "./cast.ts";
import type { CumsumAttrs } from "./cumsum.ts";
import { mul } from "./mul.ts";
import { pad } from "./pad.ts";
import { blocksOf } from "./reduce.ts";
import { slice } from "./slice.ts";
import { zerosLike } from "./zerosLike.ts";

/**
 * A recurrence along an axis: `yᵢ = xᵢ + aᵢ yᵢ₋₁`, or backwards from yᵢ₊₁. The first factor is not used. Running products are one, and so are its own
 * adjoints, in linear time and without divisions.
 */
export const linearScanOp: Op<CumsumAttrs> = {
  name: "linearScan",
  shape: (inputs) => inputs[0]!.sizes,
  forward: (y, [x, a], { axis, reverse }) => {
    const [terms, factors] = [x!.values, a!.values];
    const { outer, count, inner } = blocksOf(x!.shape, { start: axis, end: axis + 1 });
    const step = reverse ? -inner : inner;
    for (let o = 0; o < outer; o++) {
      for (let i = 0; i < inner; i++) {
        let at = (o * count + (reverse ? count - 1 : 0)) * inner + i;
        let last = 0; // in float64 for the sake of float32 results
        for (let c = 0; c < count; c++, at += step) {
          last = c === 0 ? terms[at]! : terms[at]! + factors[at]! * last;
          y[at] = last;
        }
      }
    }
  },
  vjp: [
    ({ g, b, attrs }) => adjoint(g, b, attrs),
    (saved) => {
      const { g, b, y, attrs } = saved;
      const { axis, reverse } = attrs;
      if (g.sizes.length === 0) return zerosLike(b);
      // hᵢ yᵢ₋₁, and 0 for the factor that is not used
      const product = mul(without(adjoint(g, b, attrs), axis, reverse), without(y, axis, !reverse));
      return cast(beside(product, axis, !reverse, g.sizes), saved.dtypeOf(1));
    },
  ],
};

/** `hᵢ = gᵢ + aᵢ₊₁ hᵢ₊₁` */
function adjoint(g: Tensor, a: Tensor, { axis, reverse }: CumsumAttrs): Tensor {
  const factors = beside(without(a, axis, reverse), axis, reverse, g.sizes);
  return apply(linearScanOp, [g, factors], { axis, reverse: !reverse });
}

/** x without its last element along the axis, or its first. */
function without(x: Tensor, axis: number, last: boolean): Tensor {
  if (x.sizes.length === 0 || x.sizes[axis] === 0) return x;
  return slice(x, ...x.sizes.map((n, d) => (d === axis ? ([last ? 0 : 1, last ? n - 1 : n] as const) : null)));
}

/** The same with a 0 there. */
function beside(x: Tensor, axis: number, first: boolean, shape: Shape): Tensor {
  if (shape.length === 0 || shape[axis] === 0) return x;
  return pad(
    x,
    shape.map((_, d) => (d === axis ? (first ? [1, 0] : [0, 1]) : [0, 0])),
  );
}

export const linearScanCases: OpCases<CumsumAttrs> = {
  draw: (d) => {
    const shape = d.shape();
    const attrs = { axis: d.int(0, Math.max(0, shape.length - 1)), reverse: d.pick([false, true]) };
    return { inputs: [d.floats(shape), d.floats(shape)], attrs };
  },
};
