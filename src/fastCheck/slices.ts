import { sizeOf } from "../core/shape.ts";
import type { Move } from "./arbitrary.ts";
import type { Entries } from "./entries.ts";
import { joinAxes, type ShapeRange, withoutAxis, withSize } from "./shapeRange.ts";

/**
 * Smaller tensors that keep some of the entries: those at one index of an axis, which goes; all of them, with two axes made one; those
 * that are left when some slices of an axis go. What made a test fail often stays.
 *
 * @param fill - entries for a tensor that had none.
 */
export function* shorter(
  state: Entries,
  range: ShapeRange,
  fill: (count: number) => Float64Array,
): Generator<Move<Entries>> {
  const { shape } = state;
  for (let axis = 0; axis < shape.length; axis++) yield () => atIndex(state, axis, range, fill);
  for (let axis = 1; axis < shape.length; axis++) {
    const joined = joinAxes(shape, axis);
    yield () => (range.contains(joined) ? [{ shape: joined, values: state.values }] : []);
  }
  for (let axis = 0; axis < shape.length; axis++) yield () => withoutSlices(state, axis, range);
}

function* atIndex(
  state: Entries,
  axis: number,
  range: ShapeRange,
  fill: (count: number) => Float64Array,
): Generator<Entries> {
  const shape = withoutAxis(state.shape, axis);
  if (!range.contains(shape)) return;
  if (state.values.length === 0) yield { shape, values: fill(sizeOf(shape)) };
  else for (let i = 0; i < state.shape[axis]!; i++) yield { shape, values: take(state, axis, (index) => index === i) };
}

/** Without as many slices as may go, then half of these, … down to one, wherever they stand. */
function* withoutSlices(state: Entries, axis: number, range: ShapeRange): Generator<Entries> {
  const size = state.shape[axis]!;
  for (let count = size - range.minSize; count >= 1; count = Math.floor(count / 2)) {
    const shape = withSize(state.shape, axis, size - count);
    // Shortening fills no tensor that was empty, so the entries stay few enough.
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
