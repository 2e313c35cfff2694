import type { Shape } from "../../../core/shape.ts";
import { elements } from "../../schema.ts";
import type { Emission, Row } from "../emission.ts";
import { none } from "./elementwise.ts";
import type { SomeRows } from "./types.ts";

/** The new shape. Of one size that depends on an input's, ONNX works it out. */
function reshape(call: Emission<Shape>): string {
  const shapes = call.each((_, { result }) => result.shape);
  const [first] = shapes as [Shape];
  const differing = first.flatMap((n, axis) => (shapes.some((shape) => shape[axis] !== n) ? [axis] : []));
  const rest = first.filter((_, axis) => !differing.includes(axis));
  if (differing.length === 1 && !rest.includes(0) && shapes.every(({ length }) => length === first.length)) {
    return call.node("Reshape", [call.x, call.ints(first.map((n, axis) => (axis === differing[0] ? -1 : n)))]);
  }
  const target = call.sizes((_, { result }) => result.shape);
  return call.node("Reshape", [call.x, target], first.includes(0) ? { allowzero: 1 } : {});
}

/** The shape to broadcast to: a size that is x's already is 1 there, which leaves it. */
function expand(call: Emission<Shape>): string {
  const name = call.sizes((_, { inputs, result }) => {
    const { shape } = result;
    const { shape: from } = inputs[0]!;
    const offset = shape.length - from.length;
    const isLeft = (axis: number): boolean =>
      axis >= offset &&
      call.each((_, step) => step.inputs[0]!.shape[axis - offset] === step.result.shape[axis]).every((is) => is);
    return shape.map((n, axis) => (isLeft(axis) ? 1 : n));
  });
  return call.node("Expand", [call.x, name]);
}

/** Ends are so far behind the starts that the last step is in, and none after it. */
const slice: SomeRows["sliceOp"] = (call) => {
  const axes = Array.from({ length: call.rank }, (_, axis) => axis).filter((axis) => {
    const isWhole = call
      .each(({ starts, steps, sizes }, { inputs }) => {
        return starts[axis] === 0 && steps[axis] === 1 && sizes[axis] === inputs[0]!.shape[axis];
      })
      .every((is) => is);
    return !isWhole;
  });
  if (axes.length === 0) return call.x;
  const steps = call.fixed("a step", (attrs) => axes.map((axis) => attrs.steps[axis]!));
  const from = call.sizes((attrs) => axes.map((axis) => attrs.starts[axis]!));
  // Backwards, the last element may be the first of the axis, and the end before that: it is counted from the axis's own end, where -1 - n is before all, and -1 alone would be the last.
  const to = call.sizes(({ starts, steps, sizes }, { inputs }) => {
    return axes.map((axis) => {
      const n = inputs[0]!.shape[axis]!;
      const end = starts[axis]! + steps[axis]! * (sizes[axis]! - 1) + Math.sign(steps[axis]!);
      if (sizes[axis] === 0) return steps[axis]! < 0 ? starts[axis]! - n : starts[axis]!;
      return steps[axis]! < 0 ? end - n : end;
    });
  });
  return call.node("Slice", [call.x, from, to, call.ints(axes), call.ints(steps)]);
};

const triangle =
  (upper: 0 | 1): Row<number> =>
  (call) => {
    const k = call.scalarInt(call.fixed("the diagonal", (attrs) => attrs));
    // onnxruntime has it for floats and int64 only.
    const isFloat = call.isFloat;
    const x = isFloat ? call.x : call.node("Cast", [call.x], { to: elements.int64 });
    const y = call.node("Trilu", [x, k], { upper });
    return isFloat ? y : call.node("Cast", [y], { to: elements[call.dtype] });
  };

/** Rows of ops that move elements. */
export const movement = {
  catOp: (call) =>
    call.node(
      "Concat",
      call.names.flatMap((_, i) => {
        const isLeftOut = call.each((_, { inputs }) => isNothing(inputs[i]!.shape)).every((is) => is);
        return isLeftOut ? [] : [call.as(i)];
      }),
      { axis: call.attrs },
    ),
  embeddingOp: rows,
  expandOp: expand,
  flipOp: (call) => {
    const axes = call.attrs;
    if (axes.length === 0) return call.x;
    const all = (n: number): string => call.ints(axes.map(() => n));
    return call.node("Slice", [call.x, all(-1), all(-(2 ** 31)), call.ints(axes), all(-1)]);
  },
  gatherOp: (call) => call.node("GatherElements", [call.x, call.names[1]!], { axis: call.attrs }),
  indexAddOp: (call) => {
    // The index gets all axes of what is added.
    const axis = call.attrs;
    const column = Array.from({ length: call.rank }, (_, i) => (i === axis ? -1 : 1));
    const index = call.node("Reshape", [call.names[1]!, call.ints(column)]);
    const all = call.node("Expand", [index, call.sizes((_, { inputs }) => inputs[2]!.shape)]);
    return call.node("ScatterElements", [call.as(0), all, call.as(2)], { axis, reduction: "add" });
  },
  indexSelectOp: rows,
  nonzeroOp: none("the shape of its result depends on values"),
  oneHotOp: (call) => {
    const { classes, dtype } = call.fixed("the number of classes", (attrs) => attrs);
    // By comparison: OneHot of int32 runs in onnxruntime for float32 only.
    const all = call.constant(
      Array.from({ length: classes }, (_, i) => i),
      "int32",
    );
    const index = call.node("Unsqueeze", [call.x, call.ints([-1])]);
    return call.cast(call.node("Equal", [index, all]), "bool", dtype);
  },
  permuteOp: (call) => call.node("Transpose", [call.x], { perm: call.attrs }),
  placeOp: (call) => {
    const value = call.scalar(call.fixed("what is filled in", (attrs) => attrs.value));
    const { steps, from } = call.fixed("a step", ({ steps }, { inputs }) => {
      const isStepped = steps.some((step) => step !== 1);
      return { steps, from: isStepped ? inputs[0]!.shape : null };
    });
    let x = call.x;
    if (from !== null) {
      if (steps.some((step) => step < 1)) call.refuse("elements cannot be put down backwards in ONNX");
      // Each element has an axis of its own, where what is between it and the next is filled in.
      const apart = call.node("Reshape", [x, call.ints(from.flatMap((n) => [n, 1]))]);
      const none = new Array<number>(2 * from.length).fill(0);
      const wide = call.node("Pad", [apart, call.ints([...none, ...steps.flatMap((step) => [0, step - 1])]), value]);
      x = call.node("Reshape", [wide, call.ints(from.map((n, axis) => n * steps[axis]!))]);
    }
    const widths = call.sizes(({ starts, shape }, { inputs }) => {
      const own = inputs[0]!.shape;
      return [...starts, ...shape.map((n, axis) => n - starts[axis]! - own[axis]! * steps[axis]!)];
    });
    return call.node("Pad", [x, widths, value]);
  },
  placeSumOp: none("it is a sum of gradients"),
  reorderOp: (call) => call.node("GatherElements", [call.x, call.names[1]!], { axis: call.attrs }),
  reshapeOp: reshape,
  scatterAddOp: (call) =>
    call.node("ScatterElements", [call.as(0), call.names[1]!, call.as(2)], { axis: call.attrs, reduction: "add" }),
  sliceOp: slice,
  trilOp: triangle(0),
  triuOp: triangle(1),
} satisfies SomeRows;

function rows(call: Emission<number>): string {
  return call.node("Gather", [call.x, call.names[1]!], { axis: call.attrs });
}

const isNothing = (shape: Shape): boolean => shape.length === 1 && shape[0] === 0;
