import { existsSync } from "node:fs";
import { join } from "node:path";
import { tensor } from "tinygrad-ts";
import { InputError } from "./cli.ts";
import { holdOutFifth, type ImageSet } from "./dataset.ts";
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

/** The training pictures and the test pictures of a folder in MNIST's form; or, where there are only the latter, a split of them. */
export function readIdxFolder(folder: string): { train: ImageSet; test: ImageSet } {
  const t10k = readPart(folder, "t10k");
  if (!["images-idx3", "labels-idx1"].some((kind) => find(folder, "train", kind))) return holdOutFifth(t10k);
  const train = readPart(folder, "train");
  if (train.width === t10k.width && train.height === t10k.height) return { train, test: t10k };
  const sizes = [train, t10k].map(({ width, height }) => `${width}×${height}`);
  throw new InputError(`pictures to learn from and to test with must be of one size, got ${sizes.join(" and ")}`);
}

function readPart(folder: string, part: string): ImageSet {
  const [images, labels] = ["images-idx3", "labels-idx1"].map((kind) => {
    const path = find(folder, part, kind);
    if (path === undefined) throw new InputError(`--data: ${folder} has no ${part}-${kind}-ubyte, nor that with .gz`);
    return path;
  });
  return readIdxImages(images!, labels!);
}

function find(folder: string, part: string, kind: string): string | undefined {
  const path = join(folder, `${part}-${kind}-ubyte`);
  return [path, `${path}.gz`].find((candidate) => existsSync(candidate));
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
