import type { View } from "./ir.ts";

/** How many elements a window has. */
export function viewSize({ sizes }: View): number {
  return sizes.reduce((n, size) => n * size, 1);
}

/** The same window with as few axes as can be: axes of size 1 are dropped, and axes that run on into each other become one. */
export function simplified({ sizes, strides, offset }: View): View {
  const outSizes: number[] = [];
  const outStrides: number[] = [];
  sizes.forEach((size, d) => {
    if (size === 1) return;
    const stride = strides[d]!;
    const last = outSizes.length - 1;
    if (last >= 0 && outStrides[last] === stride * size) {
      outSizes[last]! *= size;
      outStrides[last] = stride;
    } else {
      outSizes.push(size);
      outStrides.push(stride);
    }
  });
  return { sizes: outSizes, strides: outStrides, offset };
}

/** Whether a simplified window is all of an array of so many elements, in order. */
export function isWhole({ sizes, strides, offset }: View, size: number): boolean {
  return offset === 0 && (size === 1 || (sizes.length === 1 && strides[0] === 1 && sizes[0] === size));
}

/**
 * The window of an array that a window of a window of it is; null if it is none.
 *
 * @param outer - a window of what `inner` shows, which has been laid out row-major.
 */
export function composed(inner: View, outer: View): View | null {
  const shape = inner.sizes;
  const place: number[] = []; // row-major strides of what inner shows
  for (let d = shape.length - 1; d >= 0; d--) place[d] = (place[d + 1] ?? 1) * (shape[d + 1] ?? 1);
  const at = (position: number): number[] => shape.map((n, d) => Math.floor(position / place[d]!) % n);
  const reach = at(outer.offset); // the coordinates that the window reaches at most, with those of its start
  const low = [...reach];
  const strides: number[] = [];
  const sizes: number[] = [];
  for (const [d, size] of outer.sizes.entries()) {
    const pieces = split(size, outer.strides[d]!, shape, place);
    if (pieces === null) return null;
    for (const piece of pieces) {
      sizes.push(piece.size);
      if (piece.axis < 0) strides.push(0);
      else {
        strides.push(piece.step * inner.strides[piece.axis]!);
        const move = piece.step * (piece.size - 1);
        if (move > 0) reach[piece.axis]! += move;
        else low[piece.axis]! += move;
      }
    }
  }
  if (reach.some((c, d) => c >= shape[d]!) || low.some((c) => c < 0)) return null; // a carry into the next axis
  const offset = at(outer.offset).reduce((sum, c, d) => sum + c * inner.strides[d]!, inner.offset);
  return { sizes, strides, offset };
}

interface Piece {
  readonly size: number;
  readonly axis: number;
  readonly step: number;
}

/** Cuts an axis of a window into axes that each move along one axis of what it is a window of. */
function split(size: number, stride: number, shape: readonly number[], place: readonly number[]): Piece[] | null {
  if (stride === 0 || size === 1) return [{ size, axis: -1, step: 0 }];
  const distance = Math.abs(stride);
  const sign = Math.sign(stride);
  let d = shape.length - 1;
  while (d > 0 && (shape[d] === 1 || distance % place[d - 1]! === 0)) d--;
  if (distance % place[d]! !== 0) return null;
  const step = distance / place[d]!;
  const room = shape[d]! / step;
  if (size <= room || d === 0) return [{ size, axis: d, step: sign * step }];
  if (sign < 0) {
    if (!Number.isInteger(room) || size % room !== 0) return null;
    const before = split(size / room, stride * room, shape, place);
    return before === null ? null : [...before, { size: room, axis: d, step: -step }];
  }
  if (!Number.isInteger(room) || size % room !== 0) return null;
  const before = split(size / room, stride * room, shape, place);
  return before === null ? null : [...before, { size: room, axis: d, step }];
}
