import { ValueError } from "../core/errors.ts";
import { checkOptions, type OptionKinds } from "../core/options.ts";
import { describe } from "../core/shape.ts";
import { refuseMore } from "../core/surplus.ts";
import { permutation, type RandomOptions } from "../random.ts";
import { asDataset, type Samples, TensorDataset } from "./dataset.ts";

/** Options of {@link trainTestSplit}. */
export interface SplitOptions {
  /** Share of the samples to test with, from 0 to 1; 0.2 by default. Each part gets at least one sample. */
  readonly testShare?: number;
  /** Whether each class, by the int32 targets, is split in that share for itself; false by default. */
  readonly stratified?: boolean;
  /** Where the randomness comes from; `defaultGenerator` if left out. */
  readonly generator?: RandomOptions["generator"];
}

const splitOptions: OptionKinds<SplitOptions> = { testShare: "number", stratified: "boolean", generator: "generator" };

/** What scikit-learn calls them. */
const seeded = "write generator: new Generator(seed)";
const elsewhere = {
  test: "testShare",
  size: "testShare",
  testSize: "testShare",
  stratify: "stratified",
  randomState: seeded,
  seed: seeded,
};

/**
 * Splits samples at random into a training set and a test set.
 *
 * @param data - a dataset or `{ x, y }`, of two samples or more.
 * @param options - `testShare`, `stratified`, `generator`.
 * @returns both parts.
 * @throws `ValueError` for a share out of range, fewer than two samples, or `stratified` with targets that are no classes.
 * @example
 * import { arange } from "tinygrad-ts";
 * import { trainTestSplit } from "tinygrad-ts/train";
 *
 * const [train, test] = trainTestSplit({ x: arange(10), y: arange(10) });
 * [train.size, test.size]; // → [8, 2]
 */
export function trainTestSplit(
  data: TensorDataset | Samples,
  options?: SplitOptions,
): [train: TensorDataset, test: TensorDataset] {
  const samples = asDataset("trainTestSplit", data);
  const {
    testShare = 0.2,
    stratified = false,
    generator,
  } = checkOptions("trainTestSplit", options, splitOptions, { names: elsewhere });
  refuseMore("trainTestSplit", arguments, 2);
  if (!(testShare > 0 && testShare < 1)) {
    throw new ValueError("trainTestSplit", "testShare must be between 0 and 1", String(testShare));
  }
  if (samples.size < 2) throw new ValueError("trainTestSplit", "needs two samples or more", String(samples.size));
  const order = permutation(samples.size, { generator }).data;
  const groups = new Map<number, number[]>();
  const labels = stratified ? classesOf(samples) : [];
  for (const i of order) {
    const group = groups.get(labels[i] ?? 0) ?? [];
    groups.set(labels[i] ?? 0, group);
    group.push(i);
  }
  const [train, test]: [number[], number[]] = [[], []];
  for (const group of groups.values()) {
    const count = Math.round(group.length * testShare);
    // One by one: a call takes no hundred thousand arguments.
    for (const [at, i] of group.entries()) (at < count ? test : train).push(i);
  }
  if (test.length === 0) test.push(train.pop()!);
  if (train.length === 0) train.push(test.pop()!);
  const part = (rows: number[]): TensorDataset => new TensorDataset(...samples.rows(rows.sort((a, b) => a - b)));
  return [part(train), part(test)];
}

/** The class of each sample. A group for each value of a target that is measured would be a group for each sample. */
function classesOf({ size, tensors: [, y] }: TensorDataset): ArrayLike<number> {
  if (y.dtype !== "float32" && y.dtype !== "float64" && y.size === size) return y.data;
  throw new ValueError("trainTestSplit", "stratified needs a class for each sample, int32 [n]", describe(y));
}
