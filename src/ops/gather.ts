import { apply, checkTensor } from "../core/apply.ts";
import { allocate, type TypedArray } from "../core/dtype.ts";
import { DTypeError, ShapeError } from "../core/errors.ts";
import type { Op, Operand } from "../core/op.ts";
import { formatShape, normalizeAxis, type Shape, sameShape, stridesOf } from "../core/shape.ts";
import { refuseMore } from "../core/surplus.ts";
import type { Tensor } from "../tensor.ts";
import type { Draw, OpCases } from "./cases.ts";
import { constant } from "./define.ts";
import { expand } from "./expand.ts";
import { fit, mended, mostExact } from "./fit.ts";
import { checkIndex } from "./indices.ts";
import { slice } from "./slice.ts";
import { summedDtype } from "./sum.ts";

export const gatherOp: Op<number> = {
  name: "gather",
  shape: (inputs, axis) => {
    checkFit("gather", inputs[0]!, inputs[1]!, axis);
    return inputs[1]!.shape;
  },
  forward: (y, [x, index], axis) => {
    const { values } = x!;
    const at = positions(x!.shape, index!, axis);
    for (let k = 0; k < y.length; k++) y[k] = values[at[k]!]!;
  },
  vjp: [
    (saved) => {
      const zeros = expand(constant(saved.g, 0), saved.shapeOf(0));
      return apply(scatterAddOp, [zeros, saved.input(1), saved.g], saved.attrs);
    },
    "nondifferentiable",
  ],
};

export const scatterAddOp: Op<number> = {
  name: "scatterAdd",
  shape: (inputs, axis) => {
    const [x, index, source] = inputs;
    checkFit("scatterAdd", x!, index!, axis);
    if (!sameShape(index!.shape, source!.shape)) {
      const got = `${formatShape(source!.shape)} for an index of shape ${formatShape(index!.shape)}`;
      throw new ShapeError("scatterAdd", "the source must be at least as large as the index on each axis", got);
    }
    checkAddable("scatterAdd", x!, source!);
    return x!.shape;
  },
  dtype: ([x]) => summedDtype(x!.dtype),
  forward: (y, [x, index, source], axis) => {
    const at = positions(x!.shape, index!, axis);
    const added = source!.values;
    addUp(y, x!, added.length, (sums) => {
      for (let k = 0; k < added.length; k++) sums[at[k]!]! += added[k]!;
    });
  },
  vjp: [({ g }) => g, "nondifferentiable", (saved) => apply(gatherOp, [saved.g, saved.input(1)], saved.attrs)],
};

/**
 * Fills y with x's elements, and what a function adds to them: in float64, rounded once, since many terms may meet in one place. So many
 * integers that float64 may round on the way are added a second time in int32, for their last bits.
 */
export function addUp(y: TypedArray, x: Operand, terms: number, add: (sums: TypedArray) => void): void {
  const sums = y instanceof Float64Array ? y : allocate("float64", y.length, "scatterAdd");
  sums.set(x.values);
  add(sums);
  if (sums !== y) y.set(sums);
  if (x.dtype !== "int32" || terms < mostExact) return;
  const last = Int32Array.from(x.values);
  add(last);
  for (let i = 0; i < y.length; i++) y[i] = mended(last[i]!, y[i]!);
}

/** Refuses sums that the result's dtype would not hold. */
export function checkAddable(op: string, x: Tensor, source: Tensor): void {
  if (x.dtype !== source.dtype || x.dtype === "bool") {
    throw new DTypeError(
      op,
      "tensor and source must be numbers of one dtype",
      `${x.dtype} and ${source.dtype}`,
      "use to()",
    );
  }
}

/** A scalar counts as a vector with one element, as in PyTorch. */
function withAxis(shape: Shape): Shape {
  return shape.length === 0 ? [1] : shape;
}

function checkFit(op: string, x: Tensor, index: Tensor, axis: number): void {
  const shape = withAxis(x.shape);
  const sizes = withAxis(index.shape);
  if (sizes.length !== shape.length || sizes.some((n, d) => d !== axis && n > shape[d]!)) {
    const rule = `the index must have the tensor's rank and no larger sizes but on axis ${axis}`;
    throw new ShapeError(op, rule, `${formatShape(index.shape)} for ${formatShape(x.shape)}`);
  }
  checkIndex(op, index, shape[axis]!, axis);
}

/**
 * For each element of `index`, where in a tensor of `shape` it points: its own place, but for the coordinate on `axis`.
 */
function positions(shape: Shape, index: Operand, axis: number): Uint32Array {
  const { values } = index;
  const sizes = withAxis(index.shape);
  const strides = stridesOf(withAxis(shape));
  const step = strides[axis]!;
  strides[axis] = 0;
  const last = sizes.length - 1;
  const inner = sizes[last]!;
  const stride = strides[last]!;
  const at = new Uint32Array(values.length);
  const counter = new Array<number>(sizes.length).fill(0);
  let base = 0;
  for (let k = 0; k < at.length; k += inner) {
    for (let i = 0; i < inner; i++) at[k + i] = base + i * stride + values[k + i]! * step;
    for (let d = last - 1; d >= 0; d--) {
      base += strides[d]!;
      if (++counter[d]! < sizes[d]!) break;
      base -= strides[d]! * sizes[d]!;
      counter[d] = 0;
    }
  }
  return at;
}

/**
 * Picks elements along an axis, for each place of the index separately: for axis 1 of a matrix, `y[i, j] = x[i,
 * index[i, j]]`. The gradient adds up where an element was picked more than once.
 *
 * @param x - a tensor of any dtype.
 * @param axis - the axis to pick along. Negative ones count from the end.
 * @param index - int32, of x's rank, with sizes up to x's on the other axes, and values from 0 to x's size on `axis`
 * less 1.
 * @returns a tensor of the index's shape and x's dtype.
 * @throws {@link IndexError} for an index out of range.
 * @throws {@link ShapeError} if the shapes do not fit, or for an axis out of range.
 * @throws {@link DTypeError} if the index is not int32.
 * @example
 * const logits = tensor([[1, 2, 3], [4, 5, 6]]);
 * gather(logits, 1, tensor([[2], [0]], { dtype: "int32" })).toArray(); // → [[3], [4]]
 */
export function gather(x: Tensor, axis: number, index: Tensor): Tensor {
  refuseMore("gather", arguments, 3);
  checkTensor("gather", x);
  const at = normalizeAxis("gather", axis, x.shape.length, ["gather(x, ", ", index)"]);
  checkTensor("gather", index, "the index");
  return apply(gatherOp, [x, index], at);
}

/**
 * Adds elements of a source into a copy of x along an axis, each at the place that the index says: for axis 1 of a
 * matrix, `y[i, index[i, j]] += source[i, j]`. The adjoint of {@link gather}. (float32 is added up in float64 and
 * rounded once; sums of int32 are exact, or an error.)
 *
 * @param x - a tensor of numbers; it is not changed.
 * @param axis - the axis to place along. Negative ones count from the end.
 * @param index - int32, of x's rank, with sizes up to x's on the other axes, and values from 0 to x's size on `axis`
 * less 1.
 * @param source - of x's dtype, and at least as large as the index on each axis; what lies beyond is not used.
 * @returns a tensor of x's shape and dtype.
 * @throws {@link IndexError} for an index out of range.
 * @throws {@link ShapeError} if the shapes do not fit, or for an axis out of range.
 * @throws {@link DTypeError} if the index is not int32, or x and source differ in dtype.
 * @throws {@link ValueError} if `int32` cannot hold a sum: cast to `float64` first.
 * @example
 * const counts = scatterAdd(zeros([3]), 0, tensor([2, 0, 2], { dtype: "int32" }), ones([3]));
 * counts.toArray(); // → [1, 0, 2]
 */
export function scatterAdd(x: Tensor, axis: number, index: Tensor, source: Tensor): Tensor {
  refuseMore("scatterAdd", arguments, 4);
  checkTensor("scatterAdd", x);
  const at = normalizeAxis("scatterAdd", axis, x.shape.length, ["scatterAdd(x, ", ", index, source)"]);
  checkTensor("scatterAdd", index, "the index");
  checkTensor("scatterAdd", source, "the source");
  const sizes = index.shape;
  const larger = source.shape.length === sizes.length && source.shape.every((n, d) => n >= sizes[d]!);
  const used = larger ? slice(source, ...sizes.map((n) => [0, n] as const)) : source;
  const y = apply(scatterAddOp, [x, index, used], at);
  return x.dtype === "int32" ? fit("scatterAdd", y) : y;
}

function drawGather(d: Draw) {
  const shape = d.shape();
  const axis = d.int(0, Math.max(0, shape.length - 1));
  const sizes = shape.map((n, i) => (i === axis ? (n === 0 ? 0 : d.int(0, 5)) : d.int(0, n)));
  return { shape, axis, index: d.ints(sizes, 0, Math.max(0, (shape[axis] ?? 1) - 1)) };
}

export const gatherCases: OpCases<number> = {
  draw: (d) => {
    const { shape, axis, index } = drawGather(d);
    return { inputs: [d.floats(shape), index], attrs: axis };
  },
  errors: [
    {
      inputs: [[0], { shape: [2], dtype: "int32" }],
      attrs: 0,
      error: "gather: axis 0 has no elements to index, got 0",
    },
    { inputs: [[2], [2]], attrs: 0, error: 'gather: an index must be an int32 tensor, got float64; use to("int32")' },
    {
      inputs: [[2, 2], { shape: [3, 1], dtype: "int32" }],
      attrs: 1,
      error: "gather: the index must have the tensor's rank and no larger sizes but on axis 1, got [3, 1] for [2, 2]",
    },
    { inputs: [[2, 2], { shape: [2], dtype: "int32" }], attrs: 1, error: "got [2] for [2, 2]" },
  ],
};

export const scatterAddCases: OpCases<number> = {
  draw: (d) => {
    const { shape, axis, index } = drawGather(d);
    return { inputs: [d.floats(shape), index, d.floats(index.shape)], attrs: axis };
  },
  errors: [
    {
      inputs: [[3], { shape: [2], dtype: "int32" }, [1]],
      attrs: 0,
      error:
        "scatterAdd: the source must be at least as large as the index on each axis, got [1] for an index of shape [2]",
    },
    {
      inputs: [[3], { shape: [2], dtype: "int32" }, { shape: [2], dtype: "float32" }],
      attrs: 0,
      error: "scatterAdd: tensor and source must be numbers of one dtype, got float64 and float32; use to()",
    },
    { inputs: [[3], [2], [2]], attrs: 0, error: "scatterAdd: an index must be an int32 tensor, got float64" },
  ],
};
