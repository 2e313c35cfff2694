import { type Shape, sizeOf } from "../core/shape.ts";
import type { Move } from "./arbitrary.ts";
import type { Entries } from "./entries.ts";
import type { ShapeRange } from "./shapeRange.ts";

/**
 * Smaller tensors that keep some of the entries: one index of an axis, whose axis goes; then an axis without some of its slices. What
 * made a test fail often stays.
 *
 * @param fill - entries for a tensor that had none.
 */
export function* shorter(
  state: Entries,
  range: ShapeRange,
  fill: (count: number) => Float64Array,
): Generator<Move<Entries>> {
  const { shape } = state;
  for (let axis = 0; axis < shape.length; axis++) yield () => withoutAxis(state, axis, range, fill);
  for (let axis = 0; axis < shape.length; axis++) yield () => withoutSlices(state, axis, range);
}

function* withoutAxis(
  state: Entries,
  axis: number,
  range: ShapeRange,
  fill: (count: number) => Float64Array,
): Generator<Entries> {
  const shape = removed(state.shape, axis);
  if (!range.contains(shape)) return;
  if (state.values.length === 0) yield { shape, values: fill(sizeOf(shape)) };
  else for (let i = 0; i < state.shape[axis]!; i++) yield { shape, values: take(state, axis, (index) => index === i) };
}

/** Without as many slices as may go, then half of these, … down to one, wherever they stand. */
function* withoutSlices(state: Entries, axis: number, range: ShapeRange): Generator<Entries> {
  const size = state.shape[axis]!;
  for (let count = size - range.minSize; count >= 1; count = Math.floor(count / 2)) {
    const shape = replaced(state.shape, axis, size - count);
    // Shortening fills no tensor that was empty, so that the entries stay few enough.
    for (let start = size - count; start > -count; start -= count) {
      const from = Math.max(0, start);
      yield { shape, values: take(state, axis, (index) => index < from || index >= from + count) };
    }
  }
}

/** The entries whose index along an axis is kept. */
function take({ shape, values }: Entries, axis: number, isKept: (index: number) => boolean): Float64Array {
  const inner = sizeOf(shape.slice(axis + 1));
  return values.filter((_, i) => isKept(Math.floor(i / inner) % shape[axis]!));
}

function removed(shape: Shape, axis: number): number[] {
  return shape.filter((_, i) => i !== axis);
}

function replaced(shape: Shape, axis: number, size: number): number[] {
  return shape.map((n, i) => (i === axis ? size : n));
}
