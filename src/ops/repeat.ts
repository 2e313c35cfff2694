import { checkTensor } from "../core/apply.ts";
import { ShapeError, textOf } from "../core/errors.ts";
import { inNameOf } from "../core/inNameOf.ts";
import { formatShape, listText, type Shape } from "../core/shape.ts";
import { oneList, refuseMore } from "../core/surplus.ts";
import type { Tensor } from "../tensor.ts";
import { expand } from "./expand.ts";
import { reshape } from "./reshape.ts";

/**
 * Copies of a whole tensor side by side. Unlike NumPy's `repeat`, it repeats no single elements: `np.tile` and PyTorch's `repeat` do the same.
 *
 * @param x - a tensor of any dtype.
 * @param times - how many copies along each axis, or a number for a vector. Numbers beyond x's rank stand in front, and
 * make new axes.
 * @returns a tensor whose sizes are x's times these numbers. The gradient adds the copies up.
 * @throws {@link ShapeError} if there are fewer numbers than axes (see {@link tile}), or one is not a whole number.
 * @example
 * repeat(tensor([1, 2]), 2).toArray(); // → [1, 2, 1, 2]
 * repeat(tensor([1, 2]), [2, 1]).toArray(); // → [[1, 2], [1, 2]]
 */
export function repeat(x: Tensor, times: number | readonly number[]): Tensor {
  refuseMore("repeat", arguments, 2, oneList);
  checkTensor("repeat", x);
  const all = checkTimes("repeat", times);
  const { length } = x.shape;
  if (all.length < length) {
    const got = `${listText(all)} for ${formatShape(x.shape)}`;
    const full = [...new Array<number>(length - all.length).fill(1), ...all];
    throw new ShapeError("repeat", "each axis needs a number of copies", got, `write repeat(x, ${formatShape(full)})`);
  }
  return repeated("repeat", x, all);
}

/**
 * Copies of a whole tensor side by side, along its last axes: like {@link repeat}, but there may be fewer numbers than axes.
 *
 * @param x - a tensor of any dtype.
 * @param times - how many copies along each of the last axes, or a number for the last one. Numbers beyond x's rank
 * make new axes in front.
 * @returns a tensor whose sizes are x's times these numbers. The gradient adds the copies up.
 * @throws {@link ShapeError} if a number is not a whole number.
 * @example
 * tile(tensor([[1], [2]]), 3).toArray(); // → [[1, 1, 1], [2, 2, 2]]
 */
export function tile(x: Tensor, times: number | readonly number[]): Tensor {
  refuseMore("tile", arguments, 2, oneList);
  checkTensor("tile", x);
  const all = checkTimes("tile", times);
  return repeated("tile", x, [...x.shape.slice(all.length).map(() => 1), ...all]);
}

/** An axis of copies before each axis, and each pair of both as one. */
function repeated(op: string, x: Tensor, times: readonly number[]): Tensor {
  const shape: Shape = [...times.slice(x.shape.length).map(() => 1), ...x.shape];
  const apart = shape.flatMap((n) => [1, n]);
  const wide = shape.flatMap((n, i) => [times[i]!, n]);
  const copies = inNameOf(op, ["expand"], () => expand(reshape(x, apart), wide));
  return reshape(
    copies,
    shape.map((n, i) => n * times[i]!),
  );
}

function checkTimes(op: string, times: number | readonly number[]): readonly number[] {
  const all = [times].flat() as number[];
  if (all.every((n) => Number.isSafeInteger(n) && n >= 0)) return all;
  const got = Array.isArray(times) ? listText(times) : textOf(times);
  throw new ShapeError(op, "times must be whole numbers, 0 or more", got, `write ${op}(x, [2, 1])`);
}
