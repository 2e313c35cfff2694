import { readColour, rgb } from "./colours.ts";

/** So many colours lie between that of 0 and that of 1. */
const shades = 128;

/** How deep the colours of −1 and 1 are. */
const depth = 0.72;

/** The colours that maps are drawn in, as the theme has them. */
export interface Palette {
  /** Those of −1 to 1 in even steps, then that of what is no number, as a picture holds them. */
  readonly colours: Uint32Array;
  /** That of text. */
  readonly text: string;
}

const palettes = new Map<boolean, Palette>();

/** The theme's palette. It is read from the style sheet once: each look at a style makes the browser work out those of all that has changed. */
export function paletteOf(isDark: boolean): Palette {
  const known = palettes.get(isDark);
  if (known !== undefined) return known;
  const palette = { colours: readShades(), text: readColour("text") };
  palettes.set(isDark, palette);
  return palette;
}

function readShades(): Uint32Array {
  const [negative, surface, positive, broken] = ["negative", "surface", "positive", "broken"].map((name) =>
    rgb(readColour(name)),
  );
  const pixels = new Uint8ClampedArray(4 * (2 * shades + 2)).fill(255);
  for (let i = 0; i <= 2 * shades; i++) {
    const end = i < shades ? negative! : positive!;
    const share = depth * Math.abs(i / shades - 1);
    for (let c = 0; c < 3; c++) pixels[4 * i + c] = surface![c]! + share * (end[c]! - surface![c]!);
  }
  pixels.set(broken!, 4 * (2 * shades + 1));
  return new Uint32Array(pixels.buffer);
}

/** The picture before: most are as large as that. */
let image: ImageData | null = null;

/** A picture of values from −1 to 1, of grids with so many cells on a side, one below the other, rows from the top. What is no number has a colour of its own. It lasts until the next one is made. */
export function imageOf(grids: readonly Float32Array[], cells: number, { colours }: Palette): ImageData {
  const height = cells * grids.length;
  if (image?.width !== cells || image.height !== height) image = new ImageData(cells, height);
  const pixels = new Uint32Array(image.data.buffer);
  let at = 0;
  for (const values of grids) {
    for (let i = 0; i < values.length; i++) {
      const v = values[i]!;
      pixels[at++] = colours[Number.isNaN(v) ? 2 * shades + 1 : Math.round(shades * (v + 1))]!;
    }
  }
  return image;
}
