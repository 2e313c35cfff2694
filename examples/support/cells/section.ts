import { existsSync } from "node:fs";
import { join } from "node:path";
import { PNG } from "pngjs";
import { InputError } from "../cli.ts";
import { readBytes } from "../files.ts";

/** A picture of cells, and which of its pixels are membranes. */
export interface Section {
  readonly width: number;
  readonly height: number;
  /** Brightness of each pixel, from 0 to 1. */
  readonly light: Float32Array;
  /** 1 on membranes, else 0. */
  readonly membrane: Float32Array;
}

/** Reads `image/0.png`, `image/1.png`, … and, of the same names, `label/0.png`, …: white inside of cells, black on membranes. */
export function readSections(folder: string): Section[] {
  const sections: Section[] = [];
  for (;;) {
    const [image, label] = ["image", "label"].map((part) => join(folder, part, `${sections.length}.png`));
    if (!existsSync(image!)) break;
    const [light, inside] = [readGrey(image!), readGrey(label!)];
    if (light.width !== inside.width || light.height !== inside.height) {
      const sizes = [light, inside].map(({ width, height }) => `${width}×${height}`);
      throw new InputError(`${image} and its label must be of one size, got ${sizes.join(" and ")}`);
    }
    const membrane = inside.values.map((v) => (v < 0.5 ? 1 : 0));
    sections.push({ width: light.width, height: light.height, light: light.values, membrane });
  }
  if (sections.length < 2) throw new InputError(`--data: ${folder} must have image/0.png, image/1.png and so on`);
  return sections;
}

function readGrey(path: string): { width: number; height: number; values: Float32Array } {
  try {
    const { width, height, data } = PNG.sync.read(readBytes(path));
    return { width, height, values: Float32Array.from({ length: width * height }, (_, i) => data[4 * i]! / 255) };
  } catch (error) {
    if (error instanceof InputError) throw error;
    throw new InputError(`${path} is not a PNG file: ${(error as Error).message}`);
  }
}

/** Brightness with mean 0 and variance 1. */
export function standardized(light: Float32Array): Float32Array {
  const mean = light.reduce((sum, v) => sum + v, 0) / light.length;
  const spread = Math.sqrt(light.reduce((sum, v) => sum + (v - mean) ** 2, 0) / light.length) || 1;
  return light.map((v) => (v - mean) / spread);
}
