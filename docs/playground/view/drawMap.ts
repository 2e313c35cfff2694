import { readColour, rgb } from "./colours.ts";

/** Where a map is drawn. */
interface Square {
  readonly x: number;
  readonly y: number;
  readonly side: number;
}

/** How deep the colours of −1 and 1 are. */
const depth = 0.72;

/** Draws values from −1 to 1, of a grid with so many cells on a side, rows from the top. What is no number has a colour of its own. */
export function drawMap(context: CanvasRenderingContext2D, values: Float32Array, cells: number, to: Square): void {
  const [negative, surface, positive, broken] = ["negative", "surface", "positive", "broken"].map((name) =>
    rgb(readColour(name)),
  ) as [Colour, Colour, Colour, Colour];
  const image = new ImageData(cells, cells);
  for (const [i, v] of values.entries()) {
    const [share, end] = Number.isNaN(v) ? [1, broken] : [depth * Math.abs(v), v < 0 ? negative : positive];
    for (let c = 0; c < 3; c++) image.data[4 * i + c] = surface[c]! + share * (end[c]! - surface[c]!);
    image.data[4 * i + 3] = 255;
  }
  const small = new OffscreenCanvas(cells, cells);
  small.getContext("2d")!.putImageData(image, 0, 0);
  context.imageSmoothingEnabled = true;
  context.drawImage(small, to.x, to.y, to.side, to.side);
}

type Colour = readonly [number, number, number];
