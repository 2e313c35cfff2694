import { indexSelect, type Tensor, tensor } from "tinygrad-ts";
import { InputError } from "./cli.ts";

/** Examples to classify. */
export interface Dataset {
  /** One row per example: [examples, features]. */
  readonly inputs: Tensor;
  /** The class of each, counted from 0: int32, [examples]. */
  readonly labels: Tensor;
}

/** Pictures of one size, a row of pixels from 0 (paper) to 1 (ink) each. */
export interface ImageSet extends Dataset {
  readonly width: number;
  readonly height: number;
}

/** Splits off every fifth picture, to test with: the same ones on each run, whatever the seed. */
export function holdOutFifth(all: ImageSet): { train: ImageSet; test: ImageSet } {
  const count = all.labels.size;
  if (count < 5) throw new InputError(`a fifth held out needs at least 5 pictures, got ${count}`);
  const rows = Array.from({ length: count }, (_, i) => i);
  return {
    train: select(
      all,
      rows.filter((i) => i % 5 !== 4),
    ),
    test: select(
      all,
      rows.filter((i) => i % 5 === 4),
    ),
  };
}

function select(all: ImageSet, rows: readonly number[]): ImageSet {
  const index = tensor(rows, { dtype: "int32" });
  return { ...all, inputs: indexSelect(all.inputs, 0, index), labels: indexSelect(all.labels, 0, index) };
}
