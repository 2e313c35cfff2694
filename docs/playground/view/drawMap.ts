import { readColour, rgb } from "./colours.ts";

/** Where a map is drawn. */
interface Square {
  readonly x: number;
  readonly y: number;
  readonly side: number;
}

/** How deep the colours of −1 and 1 are. */
const depth = 0.72;

/** The colours that a map is drawn in, as the theme has them. */
export interface Palette {
  readonly negative: Colour;
  readonly surface: Colour;
  readonly positive: Colour;
  readonly broken: Colour;
}

type Colour = readonly [number, number, number];

export function readPalette(): Palette {
  const read = (name: string): Colour => rgb(readColour(name));
  return { negative: read("negative"), surface: read("surface"), positive: read("positive"), broken: read("broken") };
}

/** A picture of values from −1 to 1, of a grid with so many cells on a side, rows from the top. What is no number has a colour of its own. */
export function imageOf(values: Float32Array, cells: number, palette: Palette): ImageData {
  const { negative, surface, positive, broken } = palette;
  const image = new ImageData(cells, cells);
  for (const [i, v] of values.entries()) {
    const [share, end] = Number.isNaN(v) ? [1, broken] : [depth * Math.abs(v), v < 0 ? negative : positive];
    for (let c = 0; c < 3; c++) image.data[4 * i + c] = surface[c]! + share * (end[c]! - surface[c]!);
    image.data[4 * i + 3] = 255;
  }
  return image;
}

/** Draws such a picture, smoothly. */
export function drawMap(context: CanvasRenderingContext2D, values: Float32Array, cells: number, to: Square): void {
  const small = new OffscreenCanvas(cells, cells);
  small.getContext("2d")!.putImageData(imageOf(values, cells, readPalette()), 0, 0);
  context.imageSmoothingEnabled = true;
  context.drawImage(small, to.x, to.y, to.side, to.side);
}
