import { imageOf, type Palette } from "./palette.ts";

/** Where a map is drawn. */
interface Square {
  readonly x: number;
  readonly y: number;
  readonly side: number;
  /** Radius of its corners. */
  readonly corner: number;
}

/** Where pictures lie one below the other before they are drawn: to make a canvas costs more than to draw. */
let sheet: OffscreenCanvas | null = null;

/** Draws such pictures smoothly, each into its square. Nothing else may be on the canvas, if the squares have round corners. */
export function drawMaps(
  context: CanvasRenderingContext2D,
  cells: number,
  maps: readonly { readonly values: Float32Array; readonly to: Square }[],
  palette: Palette,
): void {
  if (maps.length === 0) return;
  const height = cells * maps.length;
  sheet ??= new OffscreenCanvas(cells, height);
  if (sheet.width < cells) sheet.width = cells;
  if (sheet.height < height) sheet.height = height;
  const grids = maps.map(({ values }) => values);
  sheet.getContext("2d")!.putImageData(imageOf(grids, cells, palette), 0, 0);
  context.imageSmoothingEnabled = true;
  context.save();
  if (maps.some(({ to }) => to.corner > 0)) {
    // All corners are cut at once: to clip each picture costs more than to draw it.
    context.beginPath();
    for (const { to } of maps) context.roundRect(to.x, to.y, to.side, to.side, to.corner);
    context.clip();
  }
  for (const [i, { to }] of maps.entries()) {
    context.drawImage(sheet, 0, i * cells, cells, cells, to.x, to.y, to.side, to.side);
  }
  context.restore();
}
