import { tensor } from "tinygrad-ts";
import { InputError } from "./cli.ts";
import type { ImageSet } from "./dataset.ts";
import { readBytes } from "./files.ts";

const pixels = 64;
const ink = 16;

/** Reads 8×8 pictures of digits: 64 pixels from 0 to 16 and the digit on each line. */
export function readDigits(path: string): ImageSet {
  const lines = readBytes(path).toString("utf8").trim().split("\n");
  const inputs = new Float32Array(lines.length * pixels);
  const labels = new Int32Array(lines.length);
  for (const [i, line] of lines.entries()) {
    const numbers = line.split(",").map(Number);
    const isValid = (v: number, k: number) => Number.isInteger(v) && v >= 0 && v <= (k < pixels ? ink : 9);
    if (numbers.length !== pixels + 1 || !numbers.every(isValid)) {
      throw new InputError(
        `${path}, line ${i + 1}: needs 64 pixels from 0 to 16 and a digit, got "${line.slice(0, 40)}"`,
      );
    }
    for (let k = 0; k < pixels; k++) inputs[i * pixels + k] = numbers[k]! / ink;
    labels[i] = numbers[pixels]!;
  }
  return { inputs: tensor(inputs).reshape([lines.length, pixels]), labels: tensor(labels), width: 8, height: 8 };
}
