import { readColour, rgb } from "./colours.ts";

/** Where a map is drawn. */
interface Square {
  readonly x: number;
  readonly y: number;
  readonly side: number;
  /** Radius of its corners. */
  readonly corner: number;
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

/** A picture of values from −1 to 1, of grids with so many cells on a side, one below the other, rows from the top. What is no number has a colour of its own. */
export function imageOf(grids: readonly Float32Array[], cells: number, palette: Palette): ImageData {
  const { negative, surface, positive, broken } = palette;
  const image = new ImageData(cells, cells * grids.length);
  const { data } = image;
  let at = 0;
  for (const values of grids) {
    for (let i = 0; i < values.length; i++) {
      const v = values[i]!;
      const end = Number.isNaN(v) ? broken : v < 0 ? negative : positive;
      const share = Number.isNaN(v) ? 1 : depth * Math.abs(v);
      for (let c = 0; c < 3; c++) data[at++] = surface[c]! + share * (end[c]! - surface[c]!);
      data[at++] = 255;
    }
  }
  return image;
}

/** Draws such pictures smoothly, each into its square. They lie one below the other in one small canvas first: to make a canvas costs more than to draw. */
export function drawMaps(
  context: CanvasRenderingContext2D,
  cells: number,
  maps: readonly { readonly values: Float32Array; readonly to: Square }[],
): void {
  if (maps.length === 0) return;
  const all = new OffscreenCanvas(cells, cells * maps.length);
  const grids = maps.map(({ values }) => values);
  all.getContext("2d")!.putImageData(imageOf(grids, cells, readPalette()), 0, 0);
  context.imageSmoothingEnabled = true;
  for (const [i, { to }] of maps.entries()) {
    context.save();
    context.beginPath();
    context.roundRect(to.x, to.y, to.side, to.side, to.corner);
    context.clip();
    context.drawImage(all, 0, i * cells, cells, cells, to.x, to.y, to.side, to.side);
    context.restore();
  }
}
