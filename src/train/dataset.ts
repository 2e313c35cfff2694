import { textOf, ValueError } from "../core/errors.ts";
import { isTensor } from "../core/runtime.ts";
import { describe } from "../core/shape.ts";
import { tensor } from "../create.ts";
import { indexSelect } from "../ops/indexSelect.ts";
import { permutation, type RandomOptions } from "../random.ts";
import type { Tensor } from "../tensor.ts";

/** Samples to train with: tensors by row, as a rule the inputs and the targets. */
export type Batch = readonly [x: Tensor, y: Tensor, ...more: Tensor[]];

/**
 * Tensors with as many rows each: row i of all of them is sample i.
 *
 * @example
 * import { tensor } from "tinygrad-ts";
 * import { TensorDataset } from "tinygrad-ts/train";
 *
 * const data = new TensorDataset(tensor([[1, 2], [3, 4], [5, 6]]), tensor([0, 1, 0]));
 * data.size; // → 3
 * const [x, y] = data.rows([2, 0]);
 * x.toArray(); // → [[5, 6], [1, 2]]
 * y.toArray(); // → [0, 0]
 */
export class TensorDataset {
  /** The tensors. */
  readonly tensors: Batch;

  /**
   * @param tensors - inputs, targets, and more if you like; their first axes must be equal.
   * @throws `ValueError` if they are not, or are fewer than two.
   */
  constructor(...tensors: Batch) {
    const size = tensors[0]?.shape?.[0];
    for (const x of tensors) {
      if (!isTensor(x)) throw new ValueError("TensorDataset", "needs tensors", textOf(x));
    }
    if (tensors.length < 2 || size === undefined || !tensors.every(({ shape }) => shape[0] === size)) {
      const got = tensors.map(describe).join(", ");
      throw new ValueError("TensorDataset", "needs inputs and targets with as many rows", got || "nothing");
    }
    this.tensors = tensors;
  }

  /** How many samples there are. */
  get size(): number {
    return this.tensors[0].shape[0]!;
  }

  /**
   * Some of the samples.
   *
   * @param index - which, counted from 0: an int32 tensor `[n]`, or an array.
   * @returns as many tensors as the dataset has.
   * @throws `IndexError` for a sample that there is not.
   */
  rows(index: Tensor | readonly number[]): Batch {
    const at = Array.isArray(index) ? tensor(Int32Array.from(index as number[])) : (index as Tensor);
    return this.tensors.map((x) => indexSelect(x, 0, at)) as unknown as Batch;
  }
}

/** Options of {@link trainTestSplit}. */
export interface SplitOptions {
  /** Share of the samples to test with, from 0 to 1; 0.2 by default. Each part gets at least one sample. */
  readonly testShare?: number;
  /** Whether each class, by the int32 targets, is split in that share for itself; false by default. */
  readonly stratified?: boolean;
  /** Where the randomness comes from; `defaultGenerator` if left out. */
  readonly generator?: RandomOptions["generator"];
}

/**
 * Splits samples at random into some to train with and some to test with.
 *
 * @param data - two samples or more.
 * @param options - `testShare`, `stratified`, `generator`.
 * @returns both parts.
 * @throws `ValueError` for a share out of range, or fewer than two samples.
 * @example
 * import { arange } from "tinygrad-ts";
 * import { TensorDataset, trainTestSplit } from "tinygrad-ts/train";
 *
 * const [train, test] = trainTestSplit(new TensorDataset(arange(10), arange(10)));
 * [train.size, test.size]; // → [8, 2]
 */
export function trainTestSplit(
  data: TensorDataset,
  options: SplitOptions = {},
): [train: TensorDataset, test: TensorDataset] {
  const { testShare = 0.2, stratified = false, generator } = options;
  if (!(testShare > 0 && testShare < 1)) {
    throw new ValueError("trainTestSplit", "testShare must be between 0 and 1", String(testShare));
  }
  if (data.size < 2) throw new ValueError("trainTestSplit", "needs two samples or more", String(data.size));
  const order = permutation(data.size, { generator }).data;
  const groups = new Map<number, number[]>();
  const labels = stratified ? data.tensors[1].data : [];
  for (const i of order) {
    const group = groups.get(labels[i] ?? 0) ?? [];
    groups.set(labels[i] ?? 0, group);
    group.push(i);
  }
  const [train, test]: [number[], number[]] = [[], []];
  for (const group of groups.values()) {
    const count = Math.round(group.length * testShare);
    test.push(...group.slice(0, count));
    train.push(...group.slice(count));
  }
  if (test.length === 0) test.push(train.pop()!);
  if (train.length === 0) train.push(test.pop()!);
  const part = (rows: number[]): TensorDataset => new TensorDataset(...data.rows(rows.sort((a, b) => a - b)));
  return [part(train), part(test)];
}
