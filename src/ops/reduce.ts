import { apply, checkTensor } from "../core/apply.ts";
import type { TypedArray } from "../core/dtype.ts";
import { ShapeError, textOf } from "../core/errors.ts";
import type { Op, Operand } from "../core/op.ts";
import { checkOptions, type OptionKinds } from "../core/options.ts";
import { isTensor } from "../core/runtime.ts";
import { axisHint, normalizeAxes, type Shape, sizeOf } from "../core/shape.ts";
import { refuseMore } from "../core/surplus.ts";
import type { Tensor } from "../tensor.ts";
import { permute } from "./permute.ts";
import { reshape } from "./reshape.ts";

/** Options of a reduction: which axes, and whether they stay with size 1. */
export interface ReduceOptions {
  /** Keep the reduced axes with size 1, so the result broadcasts against the input; false by default. */
  readonly keepDims?: boolean;
}

export const reduceOptions: OptionKinds<ReduceOptions> = { keepDims: "boolean" };

/** Ops of two tensors that have another name here than reductions, where NumPy or JavaScript has one name for both. */
const pairwise: { readonly [reduction: string]: string } = {
  sum: "add",
  prod: "mul",
  max: "maximum",
  min: "minimum",
  any: "logicalOr",
  all: "logicalAnd",
};

/**
 * Checks what a reduction is given, at its door.
 *
 * @param kinds - its options.
 * @param before - what stands before the axes in a call, if more than x.
 * @throws {@link DTypeError} for anything that is not a tensor, {@link ShapeError} for anything that is not an axis, {@link ValueError} for options; each says what to write.
 */
export function checkReduction<T extends ReduceOptions>(
  op: string,
  x: Tensor,
  axes: number | readonly number[] | undefined,
  options: T | undefined,
  kinds: OptionKinds<T>,
  before = "x, ",
): void {
  checkTensor(op, x);
  if (axes !== undefined && typeof axes !== "number" && !Array.isArray(axes)) {
    throw new ShapeError(
      op,
      "axis must be an integer, or several in an array",
      textOf(axes),
      axesHint(op, axes, before),
    );
  }
  if (options === undefined) return;
  const axis = `the axis is a separate argument: ${op}(${before}1)`;
  checkOptions(op, options, kinds, {
    names: { dim: axis, axis, unbiased: "write correction: 0 for false, 1 for true", ddof: "correction" },
    instead: (given) => {
      if (typeof given === "boolean" && "correction" in kinds)
        return `write { correction: ${+given} } for unbiased, or { keepDims: ${given} }`;
      if (typeof given !== "number") return undefined;
      return `name several axes in one array: ${op}(${before}[${[axes, given].flat().join(", ")}])`;
    },
  });
}

function axesHint(op: string, axes: unknown, before: string): string {
  if (typeof axes === "boolean") return `write ${op}(${before}undefined, { keepDims: ${axes} })`;
  if (!isTensor(axes)) return axisHint(axes, [`${op}(${before}`, ")"]);
  const other = Object.hasOwn(pairwise, op) ? pairwise[op] : undefined;
  return other === undefined ? "" : `for two tensors, write ${other}(a, b)`;
}

/** A block of adjacent axes `[start, end)`: what a reduction's record takes. The block is dropped from the shape. */
export interface AxisBlock {
  readonly start: number;
  readonly end: number;
}

/** A shape seen from an axis block: `outer` times `count` reduced elements, `inner` apart. */
export interface Blocks {
  readonly outer: number;
  readonly count: number;
  readonly inner: number;
}

/** How the axes of `shape` fall before, inside and behind a block. */
export function blocksOf(shape: Shape, { start, end }: AxisBlock): Blocks {
  return {
    outer: sizeOf(shape.slice(0, start)),
    count: sizeOf(shape.slice(start, end)),
    inner: sizeOf(shape.slice(end)),
  };
}

/** The shape that is left when a block of axes is reduced. */
export function reducedShape(shape: Shape, { start, end }: AxisBlock): Shape {
  return [...shape.slice(0, start), ...shape.slice(end)];
}

/** A reduction kernel over one lane: elements `x[at]`, `x[at + step]`, … `count` of them. */
export type LaneKernel = (x: TypedArray, at: number, step: number, count: number) => number;

/** Runs a lane kernel for each element of the result. */
export function reduceLanes(y: TypedArray, x: Operand, block: AxisBlock, lane: LaneKernel): void {
  const { outer, count, inner } = blocksOf(x.shape, block);
  const values = x.values;
  for (let o = 0, k = 0; o < outer; o++) {
    for (let i = 0; i < inner; i++, k++) y[k] = lane(values, o * count * inner + i, inner, count);
  }
}

/** Reduces any axes by an op that reduces a block of adjacent ones, block by block from the last. */
export function reduceAxes(
  name: string,
  x: Tensor,
  axes: number | readonly number[] | undefined,
  options: ReduceOptions | undefined,
  reduce: (x: Tensor, block: AxisBlock) => Tensor,
): Tensor {
  const sorted = normalizeAxes(name, axes, x.sizes.length);
  let y = x;
  let end = sorted.length;
  do {
    let start = Math.max(end - 1, 0);
    while (start > 0 && sorted[start - 1] === sorted[start]! - 1) start--;
    const first = sorted[start] ?? 0;
    y = reduce(y, { start: first, end: first + end - start });
    end = start;
  } while (end > 0);
  return options?.keepDims ? keepAxes(y, x.sizes, (axis) => sorted.includes(axis)) : y;
}

/** Reduces any axes at once, by an op that reduces a block of adjacent ones. Axes that are apart are brought to the end. */
export function reduceTogether(
  name: string,
  x: Tensor,
  axes: number | readonly number[] | undefined,
  options: ReduceOptions | undefined,
  reduce: (x: Tensor, block: AxisBlock) => Tensor,
): Tensor {
  const { length } = x.sizes;
  const reduced = normalizeAxes(name, axes, length);
  const [start = 0, end = start - 1] = [reduced[0], reduced.at(-1)];
  if (end - start < reduced.length) return reduceAxes(name, x, reduced, options, reduce);
  const kept = x.sizes.map((_, axis) => axis).filter((axis) => !reduced.includes(axis));
  const y = reduce(permute(x, [...kept, ...reduced]), { start: kept.length, end: length });
  return options?.keepDims ? keepAxes(y, x.sizes, (axis) => reduced.includes(axis)) : y;
}

/** `y` with the reduced axes of `shape` put back at size 1, so it broadcasts against what was reduced. */
export function keepAxes(y: Tensor, shape: Shape, isReduced: (axis: number) => boolean): Tensor {
  return reshape(
    y,
    shape.map((n, axis) => (isReduced(axis) ? 1 : n)),
  );
}

/** `y` with a reduced block put back at size 1. */
export function keepBlock(y: Tensor, shape: Shape, { start, end }: AxisBlock): Tensor {
  return keepAxes(y, shape, (axis) => axis >= start && axis < end);
}

/**
 * What a record gives over some axes, all at once: one after the other, ties of a largest element would not share equally.
 *
 * @param args - the `arguments` of the op's function, of which there are at most three.
 */
export function reducedAtOnce(
  op: Op<AxisBlock>,
  x: Tensor,
  axes: number | readonly number[] | undefined,
  options: ReduceOptions | undefined,
  args: IArguments,
): Tensor {
  refuseMore(op.name, args, 3);
  checkReduction(op.name, x, axes, options, reduceOptions);
  return reduceTogether(op.name, x, axes, options, (t, block) => apply(op, [t], block));
}
