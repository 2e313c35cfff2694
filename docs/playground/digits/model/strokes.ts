import { pixelCount, side } from "./data.ts";

/** A point of a drawing: whole numbers from 0 to 99, across and down. */
export type Spot = readonly [x: number, y: number];
/** Where the pen went without being lifted. */
export type Stroke = readonly Spot[];

/** Spots on a side of the board. */
export const board = 100;

/** Where the square that the network sees lies on the board. */
export interface Frame {
  readonly x: number;
  readonly y: number;
  readonly size: number;
}

/** Points on a side of the square in which ink is counted, as in the data: 32 × 32, of which 4 × 4 make a pixel. */
const fine = 32;
/** Half the pen's width in that square. */
const pen = 2.5;

/** The square around a drawing, as the data have theirs: the strokes, with the pen's width, fill its height, and stand in its middle. */
export function frameOf(strokes: readonly Stroke[]): Frame {
  const [xs, ys] = [0, 1].map((axis) => strokes.flat().map((spot) => spot[axis]!)) as [number[], number[]];
  const [left, right, top, bottom] = [Math.min(...xs), Math.max(...xs), Math.min(...ys), Math.max(...ys)];
  // A dot does not become as large as the board.
  const size = (Math.max(right - left, bottom - top, 20) * fine) / (fine - 2 * pen);
  return { x: (left + right - size) / 2, y: (top + bottom - size) / 2, size };
}

/** A drawing as the network sees it: 8 × 8 pixels, row by row, from 0 to 1. */
export function shrink(strokes: readonly Stroke[]): Float32Array {
  const pixels = new Float32Array(pixelCount);
  if (strokes.length === 0) return pixels;
  const frame = frameOf(strokes);
  const place = ([x, y]: Spot): Spot => [((x - frame.x) / frame.size) * fine, ((y - frame.y) / frame.size) * fine];
  const lines = strokes.map((stroke) => stroke.map(place));
  const each = fine / side;
  for (let row = 0; row < fine; row++) {
    for (let column = 0; column < fine; column++) {
      const spot: Spot = [column + 0.5, row + 0.5];
      if (!lines.some((line) => touches(line, spot))) continue;
      pixels[Math.floor(row / each) * side + Math.floor(column / each)]! += 1 / each ** 2;
    }
  }
  return pixels;
}

/** Whether the pen, on its way, comes over a spot. */
function touches(line: Stroke, [x, y]: Spot): boolean {
  return line.some(([x1, y1], i) => {
    const [x0, y0] = line[Math.max(i - 1, 0)]!;
    const [dx, dy] = [x1 - x0, y1 - y0];
    const length = dx * dx + dy * dy;
    const along = length === 0 ? 0 : Math.min(Math.max(((x - x0) * dx + (y - y0) * dy) / length, 0), 1);
    return Math.hypot(x - x0 - along * dx, y - y0 - along * dy) <= pen;
  });
}

/** Most spots of a drawing, so that a link can hold it. */
export const mostSpots = 400;

/** A drawing as text, for an address: four digits to a spot, strokes apart by hyphens. */
export function formatStrokes(strokes: readonly Stroke[]): string {
  const two = (v: number): string => String(v).padStart(2, "0");
  return strokes.map((stroke) => stroke.map(([x, y]) => two(x) + two(y)).join("")).join("-");
}

/** Reads such a text; undefined if it is none. */
export function parseStrokes(text: string): readonly Stroke[] | undefined {
  if (!/^(\d{4})+(-(\d{4})+)*$/.test(text)) return undefined;
  const strokes = text
    .split("-")
    .map((part) => Array.from(part.matchAll(/(..)(..)/g), ([, x, y]): Spot => [Number(x), Number(y)]));
  return strokes.flat().length <= mostSpots ? strokes : undefined;
}
