import { apply, checkTensor } from "../core/apply.ts";
import type { TypedArray } from "../core/dtype.ts";
import { ShapeError } from "../core/errors.ts";
import type { Op } from "../core/op.ts";
import { formatShape, normalizeAxis, type Shape, sameShape } from "../core/shape.ts";
import { refuseMore } from "../core/surplus.ts";
import type { Tensor } from "../tensor.ts";
import type { OpCases } from "./cases.ts";
import { constant } from "./define.ts";
import { expand } from "./expand.ts";
import { fit } from "./fit.ts";
import { addUp, checkAddable } from "./gather.ts";
import { checkIndex } from "./indices.ts";
import { blocksOf } from "./reduce.ts";
import { reshape } from "./reshape.ts";
import { summedDtype } from "./sum.ts";

/** From so many numbers on, a row is copied faster as a block than by a loop: by 1.6 at 32 numbers, by 5 at 784. */
const longRow = 32;

/** Copies blocks of `inner` numbers to where they follow each other: those that an index names among `count`, `outer` times. */
export function copyRows(
  to: TypedArray,
  from: TypedArray,
  rows: TypedArray,
  { outer, count, inner }: { readonly outer: number; readonly count: number; readonly inner: number },
): void {
  for (let o = 0, k = 0; o < outer; o++) {
    for (let j = 0; j < rows.length; j++) {
      let p = (o * count + rows[j]!) * inner;
      const end = p + inner;
      if (inner < longRow) for (; p < end; p++, k++) to[k] = from[p]!;
      else {
        to.set(from.subarray(p, end), k);
        k += inner;
      }
    }
  }
}

const selection = (name: string): Op<number> => ({
  name,
  shape: (inputs, axis) => selectedShape(name, inputs[0]!, inputs[1]!, axis),
  forward: (y, [x, index], axis) => {
    const { outer, count, inner } = blocksOf(x!.shape, { start: axis, end: axis + 1 });
    const from = x!.values;
    const rows = index!.values;
    copyRows(y, from, rows, { outer, count, inner });
  },
  vjp: [
    (saved) => {
      const zeros = expand(constant(saved.g, 0), saved.shapeOf(0));
      return apply(indexAddOp, [zeros, saved.input(1), saved.g], saved.attrs);
    },
    "nondifferentiable",
  ],
});

export const indexSelectOp = /* @__PURE__ */ selection("indexSelect");
/** The same in the name of a function that looks rows up. */
export const embeddingOp = /* @__PURE__ */ selection("embedding");

export const indexAddOp: Op<number> = {
  name: "indexAdd",
  shape: (inputs, axis) => {
    const [x, index, source] = inputs;
    const wanted = selectedShape("indexAdd", x!, index!, axis);
    if (!sameShape(source!.shape, wanted)) {
      const got = `${formatShape(source!.shape)} for ${formatShape(wanted)}`;
      throw new ShapeError("indexAdd", "the source must have the shape that the index selects", got);
    }
    checkAddable("indexAdd", x!, source!);
    return x!.shape;
  },
  dtype: ([x]) => summedDtype(x!.dtype),
  forward: (y, [x, index, source], axis) => {
    const { outer, count, inner } = blocksOf(x!.shape, { start: axis, end: axis + 1 });
    const added = source!.values;
    const rows = index!.values;
    addUp(y, x!, added.length, (sums) => {
      for (let o = 0, k = 0; o < outer; o++) {
        for (let j = 0; j < rows.length; j++) {
          for (let p = (o * count + rows[j]!) * inner, end = p + inner; p < end; p++, k++) sums[p]! += added[k]!;
        }
      }
    });
  },
  vjp: [({ g }) => g, "nondifferentiable", (saved) => apply(indexSelectOp, [saved.g, saved.input(1)], saved.attrs)],
};

function selectedShape(op: string, x: Tensor, index: Tensor, axis: number): Shape {
  if (index.shape.length !== 1) {
    throw new ShapeError(op, "the index must have one axis", formatShape(index.shape), "use gather or index");
  }
  checkIndex(op, index, x.shape[axis]!, axis);
  return x.shape.map((n, d) => (d === axis ? index.shape[0]! : n));
}

/** A scalar counts as a vector with one element, as in PyTorch. */
function asVector(x: Tensor): Tensor {
  return x.shape.length === 0 ? reshape(x, [1]) : x;
}

/**
 * Takes slices of a tensor along one axis, in the order of an index: rows of an embedding table, say. The gradient adds
 * up where a slice was taken more than once.
 *
 * @param x - a tensor of any dtype. A scalar counts as a vector with one element, which may be taken once.
 * @param axis - the axis. Negative ones count from the end.
 * @param index - int32, with one axis (or a scalar, for one slice), and values from 0 to x's size on `axis` less 1.
 * @returns x's shape with the index's length on that axis, in x's dtype.
 * @throws {@link IndexError} for an index out of range.
 * @throws {@link ShapeError} for an index with more axes, or an axis out of range.
 * @throws {@link DTypeError} if the index is not int32.
 * @example
 * const table = tensor([[1, 2], [3, 4], [5, 6]]);
 * indexSelect(table, 0, tensor([2, 0], { dtype: "int32" })).toArray(); // → [[5, 6], [1, 2]]
 */
export function indexSelect(x: Tensor, axis: number, index: Tensor): Tensor {
  refuseMore("indexSelect", arguments, 3);
  checkTensor("indexSelect", x);
  const at = normalizeAxis("indexSelect", axis, x.shape.length, ["indexSelect(x, ", ", index)"]);
  checkTensor("indexSelect", index, "the index");
  const y = apply(indexSelectOp, [asVector(x), asVector(index)], at);
  if (x.shape.length > 0) return y;
  if (y.shape[0] !== 1) {
    throw new ShapeError("indexSelect", "a scalar has one element to take", `${y.shape[0]} indices`);
  }
  return reshape(y, []);
}

/**
 * Adds slices of a source to slices of a copy of x along one axis: for axis 0, `y[index[j]] += source[j]`. The adjoint
 * of {@link indexSelect}. (float32 is added up in float64 and rounded once; sums of int32 are exact, or
 * refused.)
 *
 * @param x - a tensor of numbers; it is not changed.
 * @param axis - the axis. Negative ones count from the end.
 * @param index - int32, with one axis (or a scalar), and values from 0 to x's size on `axis` less 1.
 * @param source - of x's dtype, and of x's shape with the index's length on that axis.
 * @returns a tensor of x's shape and dtype.
 * @throws {@link IndexError} for an index out of range.
 * @throws {@link ShapeError} if the shapes do not fit, or for an axis out of range.
 * @throws {@link DTypeError} if the index is not int32, or x and source differ in dtype.
 * @throws {@link ValueError} if `int32` cannot hold a sum: cast to `float64` first.
 * @example
 * const i = tensor([1, 1], { dtype: "int32" });
 * indexAdd(zeros([2, 2]), 0, i, tensor([[1, 2], [3, 4]])).toArray(); // → [[0, 0], [4, 6]]
 */
export function indexAdd(x: Tensor, axis: number, index: Tensor, source: Tensor): Tensor {
  refuseMore("indexAdd", arguments, 4);
  checkTensor("indexAdd", x);
  const at = normalizeAxis("indexAdd", axis, x.shape.length, ["indexAdd(x, ", ", index, source)"]);
  checkTensor("indexAdd", index, "the index");
  checkTensor("indexAdd", source, "the source");
  const part = x.shape.length === 0 ? asVector(source) : source;
  const y = reshape(apply(indexAddOp, [asVector(x), asVector(index), part], at), x.shape);
  return x.dtype === "int32" ? fit("indexAdd", y) : y;
}

export const indexSelectCases: OpCases<number> = {
  draw: (d) => {
    const shape = d.shape({ minRank: 1 });
    const axis = d.int(0, shape.length - 1);
    const n = shape[axis]!;
    return { inputs: [d.floats(shape), d.ints([n === 0 ? 0 : d.int(0, 5)], 0, Math.max(0, n - 1))], attrs: axis };
  },
  errors: [
    {
      inputs: [[2], { shape: [2, 2], dtype: "int32" }],
      attrs: 0,
      error: "indexSelect: the index must have one axis, got [2, 2]; use gather or index",
    },
    { inputs: [[2], [2]], attrs: 0, error: "indexSelect: an index must be an int32 tensor, got float64" },
    { inputs: [[2, 0], { shape: [1], dtype: "int32" }], attrs: 1, error: "axis 1 has no elements to index, got 0" },
  ],
};

export const embeddingCases: OpCases<number> = { draw: indexSelectCases.draw };

export const indexAddCases: OpCases<number> = {
  draw: (d) => {
    const { inputs, attrs: axis } = indexSelectCases.draw(d);
    const [x, index] = inputs;
    const shape = x!.shape.map((n, i) => (i === axis ? index!.shape[0]! : n));
    return { inputs: [x!, index!, d.floats(shape)], attrs: axis };
  },
  errors: [
    {
      inputs: [[3, 2], { shape: [2], dtype: "int32" }, [3, 2]],
      attrs: 0,
      error: "indexAdd: the source must have the shape that the index selects, got [3, 2] for [2, 2]",
    },
    {
      inputs: [[3], { shape: [1], dtype: "int32" }, { shape: [1], dtype: "int32" }],
      attrs: 0,
      error: "indexAdd: tensor and source must be numbers of one dtype, got float64 and int32; use to()",
    },
  ],
};
