import type { Saved } from "../core/op.ts";
import type { Beside, Broadcast, ShapeOf } from "../core/shapeTypes.ts";
import type { Tensor } from "../tensor.ts";
import { binaryCases } from "./cases.ts";
import { eq, gt, lt } from "./compare.ts";
import { applyBinary, defineBinary } from "./define.ts";
import { mul } from "./mul.ts";
import { where } from "./where.ts";

export const maximumOp = /* @__PURE__ */ defineBinary({
  name: "maximum",
  loop: (y, yi, n, a, ai, as, b, bi, bs) => {
    for (const end = yi + n; yi < end; yi++, ai += as, bi += bs) {
      const v = b[bi]!;
      y[yi] = a[ai]! < v || v !== v ? v : a[ai]!;
    }
  },
  vjp: [(saved) => share(saved, lt(saved.a, saved.b)), (saved) => share(saved, lt(saved.b, saved.a))],
});

export const minimumOp = /* @__PURE__ */ defineBinary({
  name: "minimum",
  loop: (y, yi, n, a, ai, as, b, bi, bs) => {
    for (const end = yi + n; yi < end; yi++, ai += as, bi += bs) {
      const v = b[bi]!;
      y[yi] = a[ai]! > v || v !== v ? v : a[ai]!;
    }
  },
  vjp: [(saved) => share(saved, gt(saved.a, saved.b)), (saved) => share(saved, gt(saved.b, saved.a))],
});

/**
 * What an operand gets of the cotangent: nothing where it lost, half at a tie, else all (beside NaN too, as in
 * PyTorch).
 */
function share({ g, a, b }: Saved, lost: Tensor): Tensor {
  return where(lost, 0, where(eq(a, b), mul(g, 0.5), g));
}

/**
 * The larger of `a` and `b`, elementwise with broadcasting; NaN if either is. The gradient goes to the larger operand,
 * half to each at a tie, and to both beside NaN, as in PyTorch. For a bound that is a number, {@link clamp} passes the
 * whole gradient at the bound.
 *
 * @param a - a tensor, or a number (not both numbers).
 * @param b - a tensor, or a number; the shapes broadcast.
 * @throws {@link ShapeError} if the shapes do not broadcast.
 * @example
 * maximum(tensor([1, 5, NaN]), tensor([4, 2, 0])).toArray(); // → [4, 5, NaN]
 */
export function maximum<A extends Tensor | number, B extends Tensor | number>(
  a: A,
  b: B & Beside<A, B>,
): Tensor<Broadcast<ShapeOf<A>, ShapeOf<B>>> {
  return applyBinary(maximumOp, a, b, arguments);
}

/**
 * The smaller of `a` and `b`, elementwise with broadcasting; NaN if either is. The gradient goes to the smaller
 * operand, half to each at a tie, and to both beside NaN, as in PyTorch. For a bound that is a number, {@link clamp}
 * passes the whole gradient at the bound.
 *
 * @param a - a tensor, or a number (not both numbers).
 * @param b - a tensor, or a number; the shapes broadcast.
 * @throws {@link ShapeError} if the shapes do not broadcast.
 * @example
 * minimum(tensor([1, 5, NaN]), tensor([4, 2, 0])).toArray(); // → [1, 2, NaN]
 */
export function minimum<A extends Tensor | number, B extends Tensor | number>(
  a: A,
  b: B & Beside<A, B>,
): Tensor<Broadcast<ShapeOf<A>, ShapeOf<B>>> {
  return applyBinary(minimumOp, a, b, arguments);
}

export const maximumCases = /* @__PURE__ */ binaryCases({ distinct: true });
export const minimumCases = /* @__PURE__ */ binaryCases({ distinct: true });
