import { apply, checkTensor } from "../core/apply.ts";
import { type DType, dtypes, getDefaultDtype } from "../core/dtype.ts";
import { DTypeError, ShapeError, textOf } from "../core/errors.ts";
import type { Op } from "../core/op.ts";
import { checkOptions } from "../core/options.ts";
import type { ShapeOf } from "../core/shapeTypes.ts";
import { refuseMore } from "../core/surplus.ts";
import type { Tensor } from "../tensor.ts";
import type { OpCases } from "./cases.ts";
import { checkIndex } from "./indices.ts";

/** How many classes there are, and in which dtype they are marked. */
export interface OneHotAttrs {
  readonly classes: number;
  readonly dtype: DType;
}

export const oneHotOp: Op<OneHotAttrs> = {
  name: "oneHot",
  shape: (inputs, { classes }) => {
    const index = inputs[0]!;
    if (!Number.isSafeInteger(classes) || classes < 0) {
      throw new ShapeError("oneHot", "the number of classes must be a non-negative integer", textOf(classes));
    }
    checkIndex("oneHot", index, classes, index.shape.length);
    return [...index.shape, classes];
  },
  dtype: (_, { dtype }) => dtype,
  forward: (y, [index], { classes }) => {
    const { values } = index!;
    for (let i = 0; i < values.length; i++) y[i * classes + values[i]!] = 1;
  },
  vjp: "nondifferentiable",
};

/**
 * Class indices as rows of zeros with a single 1.
 *
 * @param index - an int32 tensor of any shape, with values from 0 to `classes − 1`.
 * @param classes - the number of classes: the size of the new, last axis.
 * @param options - `dtype` of the result; the default floating dtype by default.
 * @returns a tensor of shape `[…index.shape, classes]`. Carries no gradient.
 * @throws {@link IndexError} for an index out of range.
 * @throws {@link DTypeError} if the index is not int32.
 * @throws {@link ShapeError} if `classes` is not a non-negative integer.
 * @example
 * oneHot(tensor([2, 0], { dtype: "int32" }), 3).toArray(); // → [[0, 0, 1], [1, 0, 0]]
 */
export function oneHot<T extends Tensor, const N extends number>(
  index: T,
  classes: N,
  options?: { readonly dtype?: DType },
): Tensor<[...ShapeOf<T>, N]>;
export function oneHot(index: Tensor, classes: number, options?: { readonly dtype?: DType }): Tensor {
  refuseNames(index);
  checkTensor("oneHot", index, "the index");
  checkOptions("oneHot", options, { dtype: dtypes });
  refuseMore("oneHot", arguments, 3);
  return apply(oneHotOp, [index], { classes, dtype: options?.dtype ?? getDefaultDtype() });
}

/** Names of classes, in the place of their indices. */
function refuseNames(index: unknown): void {
  const first: unknown = Array.isArray(index) ? index[0] : index;
  if (typeof first !== "string") return;
  const hint = 'number the classes: tensor(names.map((name) => classes.indexOf(name)), { dtype: "int32" })';
  throw new DTypeError("oneHot", "the index must be a tensor of whole numbers", textOf(first), hint);
}

export const oneHotCases: OpCases<OneHotAttrs> = {
  draw: (d) => {
    const classes = d.int(1, 4);
    return { inputs: [d.ints(d.shape(), 0, classes - 1)], attrs: { classes, dtype: d.pick(["float64", "bool"]) } };
  },
  errors: [
    { inputs: [[2]], attrs: { classes: 2, dtype: "float32" }, error: "oneHot: an index must be an int32 tensor" },
    {
      inputs: [{ shape: [1], dtype: "int32" }],
      attrs: { classes: -1, dtype: "float32" },
      error: "oneHot: the number of classes must be a non-negative integer, got -1",
    },
    {
      inputs: [{ shape: [1], dtype: "int32" }],
      attrs: { classes: 0, dtype: "float32" },
      error: "oneHot: axis 1 has no elements to index, got 0",
    },
  ],
};
