/** Pixels of a picture on a side, and in all. */
export const side = 8;
export const pixelCount = side * side;
/** Ink of a pixel in the file: from 0, paper, to this. */
const ink = 16;

/** Pictures of digits. */
export interface Pictures {
  readonly count: number;
  /** Row by row, from 0 (paper) to 1 (ink): count × 64. */
  readonly pixels: Float32Array;
  /** The digit that each shows. */
  readonly digits: Int32Array;
}

/** Reads `digits.csv`, 64 pixels and the digit in each line. Every fifth picture is held out, to test with. */
export function readDigits(text: string): { readonly train: Pictures; readonly test: Pictures } {
  const rows = text
    .trim()
    .split("\n")
    .map((line) => line.split(",").map(Number));
  return {
    train: picturesOf(rows.filter((_, i) => i % 5 !== 4)),
    test: picturesOf(rows.filter((_, i) => i % 5 === 4)),
  };
}

/** One picture's pixels. */
export function pictureAt({ pixels }: Pictures, index: number): Float32Array {
  return pixels.slice(index * pixelCount, (index + 1) * pixelCount);
}

function picturesOf(rows: readonly (readonly number[])[]): Pictures {
  const pixels = Float32Array.from(rows.flatMap((row) => row.slice(0, pixelCount).map((v) => v / ink)));
  return { count: rows.length, pixels, digits: Int32Array.from(rows, (row) => row[pixelCount]!) };
}
