import { tensor } from "tinygrad-ts";
import { InputError } from "./cli.ts";
import type { ImageSet } from "./dataset.ts";
import { readBytes } from "./files.ts";

/** What an IDX file of bytes holds. */
interface IdxFile {
  readonly shape: readonly number[];
  readonly values: Uint8Array;
}

/**
 * Reads pictures and their labels from a pair of IDX files, MNIST's format: two zero bytes, the type of the elements (8: unsigned
 * bytes), the number of axes, their sizes as big-endian integers of 32 bits, the elements. May be packed by gzip.
 */
export function readIdxImages(imagesPath: string, labelsPath: string): ImageSet {
  const { shape, values } = readIdx(imagesPath, 3);
  const labels = readIdx(labelsPath, 1).values;
  const [count, height, width] = shape as [number, number, number];
  if (count === 0 || width === 0 || height === 0)
    throw new InputError(`${imagesPath}: no pixels, its sizes are ${shape.join("×")}`);
  if (count !== labels.length) {
    throw new InputError(`${imagesPath} has ${count} pictures, but ${labelsPath} ${labels.length} labels`);
  }
  const strange = labels.findIndex((label) => label > 9);
  if (strange >= 0) throw new InputError(`${labelsPath}: label ${strange} must be a digit, got ${labels[strange]}`);
  const inputs = Float32Array.from(values, (v) => v / 255);
  return { inputs: tensor(inputs).reshape([count, width * height]), labels: tensor(labels), width, height };
}

function readIdx(path: string, axes: number): IdxFile {
  const bytes = readBytes(path);
  const header = 4 + 4 * axes;
  const magic = 0x0800 + axes;
  if (bytes.length < header || bytes.readUInt32BE(0) !== magic) {
    const wanted = `0x${magic.toString(16).padStart(8, "0")}, as IDX files of bytes along ${axes} axes do`;
    const got = bytes.length < 4 ? `a file of ${bytes.length} bytes` : `0x${bytes.toString("hex", 0, 4)}`;
    throw new InputError(`${path} must begin with ${wanted}, got ${got}`);
  }
  const shape = Array.from({ length: axes }, (_, axis) => bytes.readUInt32BE(4 + 4 * axis));
  const size = shape.reduce((product, n) => product * n, 1);
  if (bytes.length !== header + size) {
    throw new InputError(`${path}: sizes ${shape.join("×")} need ${header + size} bytes, got ${bytes.length}`);
  }
  return { shape, values: bytes.subarray(header) };
}
