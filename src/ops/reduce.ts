import type { TypedArray } from "../core/dtype.ts";
import type { Operand } from "../core/op.ts";
import { normalizeAxes, type Shape } from "../core/shape.ts";
import type { Tensor } from "../tensor.ts";
import { permute } from "./permute.ts";
import { reshape } from "./reshape.ts";

/** Options of a reduction: which axes, and whether they stay with size 1. */
export interface ReduceOptions {
  /** Keep the reduced axes with size 1, so that the result broadcasts against the input; false by default. */
  readonly keepDims?: boolean;
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
  let outer = 1;
  let count = 1;
  let inner = 1;
  for (let i = 0; i < shape.length; i++) {
    if (i < start) outer *= shape[i]!;
    else if (i < end) count *= shape[i]!;
    else inner *= shape[i]!;
  }
  return { outer, count, inner };
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

/**
 * Reduces any axes by an op that reduces a block of adjacent ones: axes that are apart are first brought to the end.
 */
export function reduceAxes(
  name: string,
  x: Tensor,
  axes: number | readonly number[] | undefined,
  options: ReduceOptions | undefined,
  reduce: (x: Tensor, block: AxisBlock) => Tensor,
): Tensor {
  const rank = x.shape.length;
  const sorted = normalizeAxes(name, axes, rank);
  const first = sorted[0] ?? 0;
  const adjacent = sorted.every((axis, i) => axis === first + i);
  let y: Tensor;
  if (adjacent) y = reduce(x, { start: first, end: first + sorted.length });
  else {
    const kept = x.shape.map((_, i) => i).filter((i) => !sorted.includes(i));
    y = reduce(permute(x, [...kept, ...sorted]), { start: kept.length, end: rank });
  }
  return options?.keepDims ? keepAxes(y, x.shape, sorted) : y;
}

/** `y` with the reduced axes of `shape` put back at size 1, so that it broadcasts against what was reduced. */
export function keepAxes(y: Tensor, shape: Shape, axes: readonly number[]): Tensor {
  return reshape(
    y,
    shape.map((n, i) => (axes.includes(i) ? 1 : n)),
  );
}

/** `y` with a reduced block put back at size 1. */
export function keepBlock(y: Tensor, shape: Shape, { start, end }: AxisBlock): Tensor {
  return reshape(
    y,
    shape.map((n, i) => (i >= start && i < end ? 1 : n)),
  );
}
