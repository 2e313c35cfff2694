import { type Generator, rand, randn } from "tinygrad-ts";
import type { Section } from "./section.ts";

/** How far apart cells are, and how wide their membranes, in pixels. */
const [spacing, width] = [20, 3];

/**
 * Cells under a microscope, drawn: places around scattered points, with dark membranes where two of them are equally near, dark spots inside (which are no membranes), uneven light and noise.
 */
export function drawCells(size: number, generator: Generator): Section {
  const draw = (n: number): ArrayLike<number> => rand([n], { generator }).data;
  const count = Math.ceil(size / spacing) + 4;
  const [xs, ys, greys] = [draw(count ** 2), draw(count ** 2), draw(count ** 2)];
  const waves = draw(8);
  const noise = randn([size * size], { generator }).data;
  const light = new Float32Array(size * size);
  const membrane = new Float32Array(size * size);
  for (let row = 0; row < size; row++) {
    for (let column = 0; column < size; column++) {
      // Waves bend what would be straight edges.
      const y = row + 3 * Math.sin(column / (6 + 4 * waves[0]!) + 7 * waves[1]!);
      const x = column + 3 * Math.sin(row / (6 + 4 * waves[2]!) + 7 * waves[3]!);
      let [first, second, cell] = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY, 0];
      const [across, down] = [Math.floor(x / spacing) + 2, Math.floor(y / spacing) + 2];
      for (let j = Math.max(down - 2, 0); j <= Math.min(down + 2, count - 1); j++) {
        for (let i = Math.max(across - 2, 0); i <= Math.min(across + 2, count - 1); i++) {
          const at = j * count + i;
          const distance = Math.hypot((i - 1.8 + 0.6 * xs[at]!) * spacing - x, (j - 1.8 + 0.6 * ys[at]!) * spacing - y);
          if (distance < first) [first, second, cell] = [distance, first, at];
          else if (distance < second) second = distance;
        }
      }
      const at = row * size + column;
      const isMembrane = second - first < width;
      const isSpot = greys[cell]! < 0.6 && first < 1.5 + 3 * greys[cell]!;
      const own = isMembrane || isSpot ? 0.3 : 0.62 + 0.2 * greys[cell]!;
      const lamp = 0.85 + 0.25 * Math.sin((row * waves[4]! + column * waves[5]!) / 40 + 7 * waves[6]!);
      membrane[at] = isMembrane ? 1 : 0;
      light[at] = Math.min(1, Math.max(0, own * lamp + 0.12 * noise[at]!));
    }
  }
  return { width: size, height: size, light, membrane };
}
