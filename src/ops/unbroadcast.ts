import type { DType } from "../core/dtype.ts";
import { type Shape, sameShape } from "../core/shape.ts";
import type { Tensor } from "../tensor.ts";
import { cast } from "./cast.ts";
import { reshape } from "./reshape.ts";
import { sum } from "./sum.ts";

/**
 * The adjoint of broadcasting: sums `g` over the axes along which an input of `shape` was repeated, and casts it back
 * to the input's dtype.
 */
export function unbroadcast(g: Tensor, shape: Shape, dtype: DType): Tensor {
  return g.dtype === dtype && sameShape(g.sizes, shape) ? g : cast(sumTo(g, shape), dtype);
}

/** Sums `x` down to `shape`, which broadcasts to x's own. */
export function sumTo(x: Tensor, shape: Shape): Tensor {
  if (sameShape(x.sizes, shape)) return x;
  const lead = x.sizes.length - shape.length;
  const axes: number[] = [];
  for (let i = 0; i < x.sizes.length; i++) {
    if (i < lead || (shape[i - lead] === 1 && x.sizes[i] !== 1)) axes.push(i);
  }
  return reshape(axes.length === 0 ? x : sum(x, axes), shape);
}
