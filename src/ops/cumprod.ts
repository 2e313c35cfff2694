import { apply, checkTensor, make } from "../core/apply.ts";
import { allocate, type DType } from "../core/dtype.ts";
import { normalizeAxis } from "../core/shape.ts";
import type { AxesOf, ShapeOf } from "../core/shapeTypes.ts";
import { refuseMore } from "../core/surplus.ts";
import type { Tensor } from "../tensor.ts";
import { cast } from "./cast.ts";
import { fit } from "./fit.ts";
import { linearScanOp } from "./linearScan.ts";
import { where } from "./where.ts";

/**
 * Running products along an axis: each element of the result is the product of x up to and with its place. The gradient is exact with zeros in x too, to any
 * order, and takes linear time.
 *
 * @param x - a tensor; `bool` is counted into `int32`. For `int32`, the products are exact, or you get an error.
 * @param axis - the axis; negative ones count from the end. A scalar may name axis 0, and is its own product.
 * @returns a tensor of x's shape. float32 is multiplied in float64 inside.
 * @throws {@link ShapeError} for an axis out of range; {@link ValueError} if `int32` cannot hold a product: cast to `float64` first.
 * @example
 * cumprod(tensor([[1, 2, 3], [4, 5, 6]]), 1).toArray(); // → [[1, 2, 6], [4, 20, 120]]
 */
export function cumprod<T extends Tensor, const X extends number>(x: T, axis: X & AxesOf<T, X>): Tensor<ShapeOf<T>>;
export function cumprod(x: Tensor, axis: number): Tensor {
  refuseMore("cumprod", arguments, 2);
  checkTensor("cumprod", x);
  const at = normalizeAxis("cumprod", axis, x.sizes.length);
  const isInteger: boolean = x.dtype === "int32" || x.dtype === "bool";
  const v = isInteger ? cast(x, "float64") : x;
  // The first element, and then −0, which leaves all products as they are, −0 too.
  const y = apply(linearScanOp, [where(isFirst(v, at), v, -0), v], { axis: at, reverse: false });
  return isInteger ? fit("cumprod", y) : y;
}

/** True at the first place of an axis, in a shape that broadcasts against x's. */
function isFirst(x: Tensor, axis: number): Tensor {
  const n = x.sizes[axis] ?? 1;
  const dtype: DType = "bool";
  const values = allocate(dtype, n);
  if (n > 0) values[0] = 1;
  const shape = x.sizes.map((_, d) => (d === axis ? n : 1));
  return make(x, values, shape, dtype);
}
