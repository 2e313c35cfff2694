import { apply, checkTensor } from "../core/apply.ts";
import { DTypeError, ShapeError } from "../core/errors.ts";
import type { Op } from "../core/op.ts";
import { broadcastShapes, formatShape, type Shape, sizeOf, stridesOf } from "../core/shape.ts";
import type { Tensor } from "../tensor.ts";
import { add } from "./add.ts";
import type { OpCases } from "./cases.ts";
import { lt } from "./compare.ts";
import { expand } from "./expand.ts";
import { indexSelectOp } from "./indexSelect.ts";
import { checkIndex } from "./indices.ts";
import { mul } from "./mul.ts";
import { permute } from "./permute.ts";
import { reshape } from "./reshape.ts";
import { where } from "./where.ts";

/** Where a mask is true, as places in its row-major order: how many there are depends on its values. */
export const nonzeroOp: Op<undefined> = {
  name: "nonzero",
  shape: (inputs) => {
    const { values } = inputs[0]!;
    let count = 0;
    for (let i = 0; i < values.length; i++) if (values[i] !== 0) count++;
    return [count];
  },
  dtype: () => "int32",
  forward: (y, [mask]) => {
    const { values } = mask!;
    for (let i = 0, k = 0; i < values.length; i++) if (values[i] !== 0) y[k++] = i;
  },
  vjp: "nondifferentiable",
};

/**
 * Elements chosen by index tensors (`x[i, j]` of NumPy and PyTorch, "advanced" indexing), or by a mask.
 *
 * Index tensors broadcast together, and the result has their common shape instead of the axes that they index: where
 * the first of those axes stood, or in front if an axis that is kept lies between them. (A scalar index drops its axis
 * and does not count for that, as in PyTorch.) Elements may be chosen any number of times; the gradient adds up.
 *
 * @param x - a tensor of any dtype.
 * @param indices - for each axis from the first an int32 tensor (negative values count from the end), or null for the
 * whole axis; axes not named are kept whole. Or one bool tensor of the shape of x's first axes: the result has one axis
 * in their place, with the elements where it is true, in row-major order.
 * @returns a tensor of x's dtype.
 * @throws {@link IndexError} for an index out of range.
 * @throws {@link ShapeError} if the index tensors do not broadcast, there are more than axes, or a mask's shape is not
 * that of x's axes.
 * @throws {@link DTypeError} for indices that are neither int32 nor one bool mask.
 * @example
 * const x = tensor([[1, 2, 3], [4, 5, 6]]);
 * const rows = tensor([0, 1], { dtype: "int32" });
 * const columns = tensor([2, -1], { dtype: "int32" });
 * index(x, rows, columns).toArray(); // → [3, 6]
 * index(x, null, columns).toArray(); // → [[3, 3], [6, 6]]
 * index(x, gt(x, 2)).toArray(); // → [3, 4, 5, 6]
 */
export function index(x: Tensor, ...indices: (Tensor | null)[]): Tensor {
  checkTensor("index", x);
  indices.forEach((t, axis) => t === null || checkTensor("index", t, `index ${axis}`));
  if (indices.length === 1 && indices[0]?.dtype === "bool") return select(x, indices[0]);
  const { shape } = x;
  if (indices.length > shape.length) {
    throw new ShapeError("index", "at most one index per axis", `${indices.length} for ${formatShape(shape)}`);
  }
  const indexed: number[] = []; // axes with an index tensor
  const placed: number[] = []; // those whose tensor has axes
  let common: Shape = [];
  const checked = [...indices];
  indices.forEach((t, axis) => {
    if (t === null) return;
    if (t.dtype === "bool") throw new DTypeError("index", "a mask must be the only index", `${indices.length} indices`);
    checked[axis] = apply(indexWithinOp, [t], { size: shape[axis]!, axis });
    common = broadcastShapes("index", common, t.shape);
    indexed.push(axis);
    if (t.shape.length > 0) placed.push(axis);
  });
  if (indexed.length === 0) return x;
  const kept = shape.map((_, axis) => axis).filter((axis) => !indexed.includes(axis));
  const first = placed[0] ?? 0;
  const apart = kept.some((axis) => axis > first && axis < placed[placed.length - 1]!);
  const before = apart ? [] : kept.filter((axis) => axis < first);
  const after = kept.slice(before.length);
  const sizesOf = (axes: readonly number[]): number[] => axes.map((axis) => shape[axis]!);
  const flat = permute(x, [...before, ...indexed, ...after]);
  const lead = sizesOf(before);
  const rows = reshape(flat, [sizeOf(lead), sizeOf(sizesOf(indexed)), sizeOf(sizesOf(after))]);
  const y = apply(indexSelectOp, [rows, flatIndex(checked, indexed, shape, common)], 1);
  return reshape(y, [...lead, ...common, ...sizesOf(after)]);
}

/** The index tensors as one: the row-major place among the indexed axes, negative indices resolved. */
function flatIndex(indices: (Tensor | null)[], indexed: readonly number[], shape: Shape, common: Shape): Tensor {
  const strides = stridesOf(indexed.map((axis) => shape[axis]!));
  const terms = indexed.map((axis, i) => {
    const t = indices[axis]!;
    const positive = where(lt(t, 0), add(t, shape[axis]!), t);
    return strides[i] === 1 ? positive : mul(positive, strides[i]!);
  });
  return reshape(expand(terms.reduce(add), common), [sizeOf(common)]);
}

/** The elements where a mask over the first axes is true. */
function select(x: Tensor, mask: Tensor): Tensor {
  const rank = mask.shape.length;
  if (rank > x.shape.length || mask.shape.some((n, axis) => n !== x.shape[axis])) {
    const got = `${formatShape(mask.shape)} for ${formatShape(x.shape)}`;
    throw new ShapeError("index", "a mask must have the shape of the first axes", got);
  }
  const rest = x.shape.slice(rank);
  return apply(indexSelectOp, [reshape(x, [sizeOf(mask.shape), ...rest]), apply(nonzeroOp, [mask], undefined)], 0);
}

/** What an index must be within. */
export interface IndexBounds {
  /** Number of elements; negative indices down to −size count from the end. */
  readonly size: number;
  /** For the error. */
  readonly axis: number;
}

/** Lets indices through that are within bounds. An op, so compiled programs check them too. */
export const indexWithinOp: Op<IndexBounds> = {
  name: "indexWithin",
  shape: ([index], { size, axis }) => {
    checkIndex("index", index!, size, axis, -size);
    return index!.shape;
  },
  forward: "view",
  vjp: "nondifferentiable",
};

export const indexWithinCases: OpCases<IndexBounds> = {
  draw: (d) => {
    const size = d.int(1, 4);
    return { inputs: [d.ints(d.shape(), -size, size - 1)], attrs: { size, axis: 0 } };
  },
  errors: [{ inputs: [[2]], attrs: { size: 2, axis: 0 }, error: "index: an index must be an int32 tensor" }],
};

export const nonzeroCases: OpCases<undefined> = {
  draw: (d) => ({ inputs: [d.bools(d.shape())], attrs: undefined }),
};
