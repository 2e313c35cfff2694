import { apply, checkTensor } from "../core/apply.ts";
import { promote } from "../core/dtype.ts";
import { ShapeError, textOf, ValueError } from "../core/errors.ts";
import type { Op, Operand, Saved } from "../core/op.ts";
import { formatShape, normalizeAxis, type Shape, sizeOf } from "../core/shape.ts";
import type { Asked, Joined, Joins, JoinsAt, Optional, Spread, Stacked, Stacks, StacksAt } from "../core/shapeTypes.ts";
import { refuseMore } from "../core/surplus.ts";
import type { Tensor } from "../tensor.ts";
import type { OpCases } from "./cases.ts";
import { cast } from "./cast.ts";
import { constant } from "./define.ts";
import { expand } from "./expand.ts";
import { unsqueeze } from "./reshape.ts";
import { slice } from "./slice.ts";

export const catOp: Op<number> = {
  name: "cat",
  shape: (inputs, axis) => {
    const first = inputs.find((x) => !isNothing(x.shape))?.shape ?? [0];
    if (first.length === 0) throw new ShapeError("cat", "tensors must have at least one axis", "a scalar", "use stack");
    let size = 0;
    inputs.forEach(({ shape }, i) => {
      if (isNothing(shape)) return;
      if (shape.length !== first.length || !shape.every((n, d) => d === axis || n === first[d])) {
        const got = `${formatShape(first)} and ${formatShape(shape)} (tensor ${i})`;
        throw new ShapeError("cat", `shapes must be equal in all axes but axis ${axis}`, got);
      }
      size += shape[axis]!;
    });
    return first.map((n, d) => (d === axis ? size : n));
  },
  dtype: (inputs) => inputs.reduce((dtype, x) => promote(dtype, x.dtype), inputs[0]!.dtype),
  forward: (y, inputs, axis, shape) => {
    const outer = sizeOf(shape.slice(0, axis));
    const row = outer === 0 ? 0 : y.length / outer;
    let start = 0;
    for (const { values } of inputs as readonly Operand[]) {
      const width = outer === 0 ? 0 : values.length / outer;
      if (outer === 1) y.set(values, start);
      else {
        for (let o = 0; o < outer; o++) {
          for (let i = 0, from = o * width, to = o * row + start; i < width; i++) y[to + i] = values[from + i]!;
        }
      }
      start += width;
    }
  },
  vjp: partOf,
};

/**
 * An empty vector may stand among tensors of any rank, and adds nothing: PyTorch's rule, for lists that start out
 * empty.
 */
function isNothing(shape: Shape): boolean {
  return shape.length === 1 && shape[0] === 0;
}

/** Where each input of a recorded result begins on the axis: counted once for all, since each input's rule asks. */
const startsOf = /* @__PURE__ */ new WeakMap<Tensor, readonly number[]>();

/** The part of the cotangent that belongs to one input. */
function partOf(saved: Saved<number>): Tensor {
  const { g, index, attrs: axis, result } = saved;
  const shape = saved.shapeOf(index);
  if (isNothing(shape)) return cast(expand(constant(g, 0), shape), saved.dtypeOf(index));
  let starts = startsOf.get(result);
  if (starts === undefined) {
    let size = 0;
    starts = result.inputs.map((x) => {
      const start = size;
      if (!isNothing(x.shape)) size += x.shape[axis]!;
      return start;
    });
    startsOf.set(result, starts);
  }
  const start = starts[index]!;
  const specs = shape.map((n, d) => (d === axis ? ([start, start + n] as const) : null));
  return cast(slice(g, ...specs), saved.dtypeOf(index));
}

function checkList(op: string, tensors: readonly Tensor[]): void {
  if (!Array.isArray(tensors))
    throw new ValueError(op, "takes an array of tensors", textOf(tensors), `write ${op}([a, b])`);
  if (tensors.length === 0) throw new ValueError(op, "needs at least one tensor", "an empty array");
  tensors.forEach((x, i) => checkTensor(op, x, `tensor ${i}`));
}

/**
 * Joins tensors along an existing axis.
 *
 * @param tensors - one or more, of equal shapes but for that axis, and of any dtypes. Empty vectors (shape `[0]`) are
 * skipped, whatever the rank of the others, as in PyTorch; their gradient is empty too.
 * @param axis - the axis; 0 by default. Negative ones count from the end.
 * @returns a tensor whose size on that axis is the sum of theirs, in the dtype that all of them promote to.
 * @throws {@link ShapeError} if other sizes differ, for scalars, or for an axis out of range.
 * @throws {@link ValueError} for an empty array.
 * @example
 * cat([tensor([[1, 2]]), tensor([[3, 4], [5, 6]])]).toArray(); // → [[1, 2], [3, 4], [5, 6]]
 */
export function cat<
  const L extends readonly Tensor[],
  const X extends number | undefined = 0,
  const None extends never = never,
>(tensors: Asked<Spread<L, Tensor>, Joins<L, X>, None>, axis: Optional<X & JoinsAt<L, X>>): Tensor<Joined<L, X>>;
export function cat(tensors: readonly Tensor[], axis = 0): Tensor {
  refuseMore("cat", arguments, 2);
  checkList("cat", tensors);
  const rank = tensors.find((x) => !isNothing(x.shape))?.shape.length ?? 1;
  const at = normalizeAxis("cat", axis, rank, ["cat(tensors, ", ")"]);
  return apply(catOp, [...tensors], at); // the graph's own list, whatever is pushed to this one later
}

/**
 * Joins tensors along a new axis.
 *
 * @param tensors - one or more, of one shape, and of any dtypes.
 * @param axis - where the new axis stands in the result; 0 by default. Negative ones count from the end of the result's
 * shape.
 * @returns a tensor with one axis more, in the dtype that all of them promote to.
 * @throws {@link ShapeError} if the shapes differ, or for an axis out of range.
 * @throws {@link ValueError} for an empty array.
 * @example
 * stack([tensor([1, 2]), tensor([3, 4])], 1).toArray(); // → [[1, 3], [2, 4]]
 */
export function stack<
  const L extends readonly Tensor[],
  const X extends number | undefined = 0,
  const None extends never = never,
>(tensors: Asked<Spread<L, Tensor>, Stacks<L>, None>, axis: Optional<X & StacksAt<L, X>>): Tensor<Stacked<L, X>>;
export function stack(tensors: readonly Tensor[], axis = 0): Tensor {
  refuseMore("stack", arguments, 2);
  checkList("stack", tensors);
  const first = tensors[0]!.shape;
  const at = normalizeAxis("stack", axis, first.length + 1, ["stack(tensors, ", ")"]);
  tensors.forEach(({ shape }, i) => {
    if (shape.length === first.length && shape.every((n, d) => n === first[d])) return;
    const got = `${formatShape(first)} and ${formatShape(shape)} (tensor ${i})`;
    throw new ShapeError("stack", "shapes must be equal", got, "use cat to join along an axis");
  });
  const parts = tensors.map((x) => unsqueeze(x, at));
  return apply(catOp, parts, at);
}

export const catCases: OpCases<number> = {
  draw: (d) => {
    const shape = d.shape({ minRank: 1 });
    const axis = d.int(0, shape.length - 1);
    const inputs = Array.from({ length: d.int(1, 3) }, () => {
      const own = shape.map((n, i) => (i === axis ? d.int(0, 3) : n));
      return d.floats(d.int(0, 9) === 0 ? [0] : own);
    });
    // With nothing but empty vectors, the result is one too.
    return { inputs, attrs: inputs.every((x) => isNothing(x.shape)) ? 0 : axis };
  },
  errors: [
    {
      inputs: [
        [1, 1],
        [1, 2],
      ],
      attrs: 0,
      error: "cat: shapes must be equal in all axes but axis 0, got [1, 1] and [1, 2] (tensor 1)",
    },
    { inputs: [[2], [2, 2]], attrs: 0, error: "got [2] and [2, 2] (tensor 1)" },
    { inputs: [[], []], attrs: 0, error: "cat: tensors must have at least one axis, got a scalar; use stack" },
  ],
};
