import { PNG } from "pngjs";
import type { Section } from "./section.ts";

type Colour = readonly [red: number, green: number, blue: number];

const gap = 8;
/** Apart for the colour-blind, too: blue where a membrane was missed, orange where there is none. */
const [missed, invented]: readonly Colour[] = [
  [0, 114, 178],
  [230, 159, 0],
];

/** Four pictures side by side, as PNG: the image, the truth, the probability of membranes, and the error. */
export function drawPicture({ width, height, light, membrane }: Section, found: Float32Array): Uint8Array {
  const png = new PNG({ width: 4 * width + 3 * gap, height });
  png.data.fill(255);
  const panels: readonly ((i: number) => Colour)[] = [
    (i) => grey(light[i]!),
    (i) => grey(1 - membrane[i]!),
    (i) => grey(1 - found[i]!),
    (i) => {
      const [isFound, isThere] = [found[i]! > 0.5, membrane[i] === 1];
      return isFound === isThere ? grey(isThere ? 0.75 : 1) : isThere ? missed! : invented!;
    },
  ];
  for (const [k, colourAt] of panels.entries()) {
    for (let i = 0; i < width * height; i++) {
      const column = k * (width + gap) + (i % width);
      png.data.set(colourAt(i), 4 * (Math.floor(i / width) * png.width + column));
    }
  }
  return PNG.sync.write(png);
}

function grey(v: number): Colour {
  const byte = Math.round(255 * v);
  return [byte, byte, byte];
}
