import { slice } from "tinygrad-ts";
import type { ImageSet } from "./dataset.ts";

const shades = [" ", "░", "▒", "▓", "█"];
const widest = 16;
const gap = "   ";

/**
 * Pictures side by side in block characters, with a caption under each; as many in a row as the terminal is wide.
 *
 * @param chosen - which pictures of the set.
 */
export function drawImages(set: ImageSet, chosen: readonly number[], caption: (i: number) => string): string {
  const blocks = chosen.map((i) => [...drawImage(set, i), caption(i)]);
  const width = Math.max(...blocks.map((lines) => lines[0]!.length + gap.length));
  const perRow = Math.max(1, Math.floor((process.stdout.columns ?? 80) / width));
  const rows: string[] = [];
  for (let first = 0; first < blocks.length; first += perRow) {
    const row = blocks.slice(first, first + perRow);
    const sideBySide = (k: number) => row.map((lines) => lines[k]!.padEnd(width)).join("");
    const lines = row[0]!.map((_, k) => sideBySide(k).trimEnd());
    rows.push(lines.slice(lines.findIndex((line) => line !== "")).join("\n"));
  }
  return rows.join("\n\n");
}

/** One picture as lines: a pixel is two characters wide; large pictures are shrunk by averaging squares of pixels. */
function drawImage({ inputs, width, height }: ImageSet, i: number): string[] {
  const pixels = slice(inputs, i).data;
  const at = (x: number, y: number) => (x < width && y < height ? pixels[y * width + x]! : 0);
  const side = Math.ceil(Math.max(width, height) / widest);
  const lines: string[] = [];
  for (let top = 0; top < height; top += side) {
    let line = "";
    for (let left = 0; left < width; left += side) {
      let ink = 0;
      for (let y = top; y < top + side; y++) for (let x = left; x < left + side; x++) ink += at(x, y);
      line += shades[Math.min(shades.length - 1, Math.round((ink / side ** 2) * (shades.length - 1)))]!.repeat(2);
    }
    lines.push(line);
  }
  return lines;
}
