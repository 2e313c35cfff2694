import { textOf, ValueError } from "../core/errors.ts";
import { keep, readOnly } from "../core/foreign.ts";
import { inNameOf } from "../core/inNameOf.ts";
import { nearestOf } from "../core/options.ts";
import { isTensor } from "../core/runtime.ts";
import { describe } from "../core/shape.ts";
import { refuseMore } from "../core/surplus.ts";
import { type TensorLike, tensor } from "../create.ts";
import { inspectable } from "../format.ts";
import { indexSelect } from "../ops/indexSelect.ts";
import type { Tensor } from "../tensor.ts";
import { nameOf, readSamples } from "./samples.ts";

/** Samples to train with: tensors by row, usually the inputs and the targets. */
export type Batch = readonly [x: Tensor, y: Tensor, ...more: Tensor[]];

/** Inputs and targets, as tensors, nested arrays or typed arrays; `{ x, y }` stands for `new TensorDataset(x, y)`, and `{ x, y, weights }` for `new TensorDataset(x, y, weights)`. */
export interface Samples {
  /** The inputs, a row for each sample. */
  readonly x: TensorLike;
  /** The targets, as many. */
  readonly y: TensorLike;
  /** A weight for each sample: the third argument of the loss. */
  readonly weights?: TensorLike;
}

/**
 * Tensors with the same number of rows: row i of all of them is sample i.
 *
 * Arrays are converted to what layers and losses take. **Inputs** become floating: of the default floating dtype, also typed arrays of integers (the bytes of an image); floating typed arrays
 * keep their own. **Targets** (and what comes after them) become int32 if all of them are whole numbers or booleans, float64 if such a number needs more than 32 bits, else of the default floating
 * dtype; typed arrays of floating numbers keep their own. So `[0, 2, 1]` are classes for `crossEntropy`, and numbers for `mse`: computed with floating predictions, they are floating. Tensors stay as they are, such as the int32
 * inputs of an `Embedding`.
 *
 * @example
 * import { TensorDataset } from "tinygrad-ts/train";
 *
 * const data = new TensorDataset([[1, 2], [3, 4], [5, 6]], [0, 1, 0]);
 * String(data); // → TensorDataset(3 samples: float32[3, 2], int32[3])
 * const [x, y] = data.rows([2, 0]);
 * x.toArray(); // → [[5, 6], [1, 2]]
 * y.toArray(); // → [0, 0]
 */
export class TensorDataset extends /* @__PURE__ */ inspectable({ length: "write size" }) {
  /** The tensors. */
  readonly tensors!: Batch;

  /**
   * @param data - inputs, targets, and more if you like: tensors, nested arrays or typed arrays whose first axes are equal.
   * @throws `ShapeError` and `ValueError` for arrays that are ragged or hold something else than numbers, naming the row; `ValueError` if there are fewer than two, or they have different numbers of
   * rows.
   */
  constructor(...data: readonly [x: TensorLike, y: TensorLike, ...more: TensorLike[]]) {
    super();
    if (data.length < 2) {
      const got = data.length === 0 ? "nothing" : textOf(data[0]);
      throw new ValueError("TensorDataset", "needs inputs and targets", got, "write new TensorDataset(x, y)");
    }
    const tensors = data.map((each, i) => readSamples("TensorDataset", each, i));
    const rows = tensors.map(({ shape }) => shape[0]!);
    const other = rows.findIndex((n) => n !== rows[0]);
    if (other > 0) {
      const got = `${rows[0]} rows of inputs ${describe(tensors[0]!)}, ${rows[other]} of ${nameOf(other)} ${describe(tensors[other]!)}`;
      const isTurned = tensors[0]!.shape[1] === rows[other];
      const hint = isTurned ? "samples are rows: transpose the inputs" : "";
      throw new ValueError("TensorDataset", "there must be as many targets as inputs", got, hint);
    }
    // Plain JavaScript cannot put others there, which nobody would check.
    keep(this, "tensors", Object.freeze(tensors), another);
  }

  /** How many samples there are. */
  get size(): number {
    return this.tensors[0].shape[0]!;
  }
  /** @internal */
  set size(_: number) {
    readOnly("size", another);
  }

  /** How many samples, and the kinds of tensors: `TensorDataset(4 samples: float32[4, 2], int32[4])`. */
  override toString(): string {
    return `TensorDataset(${this.size} samples: ${this.tensors.map(describe).join(", ")})`;
  }

  /**
   * Some of the samples.
   *
   * @param index - which, counted from 0: an int32 tensor `[n]`, or an array.
   * @returns as many tensors as the dataset has.
   * @throws `IndexError` for an index outside the dataset; `ValueError` for anything that is not an index.
   */
  rows(index: Tensor | readonly number[]): Batch {
    refuseMore("rows", arguments, 1, "write rows([0, 1])");
    const at = isTensor(index) ? index : tensor(checkIndices(index), { dtype: "int32" });
    const select = (): readonly Tensor[] => this.tensors.map((x) => indexSelect(x, 0, at));
    return inNameOf("rows", ["indexSelect"], select) as unknown as Batch;
  }
}

const another = "write new TensorDataset(x, y)";

/** Refuses what is not a list of whole numbers. */
function checkIndices(index: readonly number[]): readonly number[] {
  const hint = "write rows([0, 1])";
  if (!Array.isArray(index)) throw new ValueError("rows", "needs a list of indices", textOf(index), hint);
  const bad = index.findIndex((i) => !Number.isInteger(i));
  if (bad < 0) return index;
  throw new ValueError("rows", "an index must be a whole number", `${textOf(index[bad])} at index ${bad}`);
}

/** Whether a value is a dataset: also one of another copy of the library, and a Proxy around one, which reads the same. */
export function isDataset(x: unknown): x is TensorDataset {
  const { tensors, rows } = (x ?? {}) as Partial<TensorDataset>;
  return Array.isArray(tensors) && tensors.length > 1 && tensors.every(isTensor) && typeof rows === "function";
}

/** Whether a value is `{ x, y }`. */
export function isSamples(data: unknown): data is Samples {
  return typeof data === "object" && data !== null && "x" in data && "y" in data;
}

/** A dataset as it is, or one of `{ x, y }`. */
export function asDataset(op: string, data: TensorDataset | Samples): TensorDataset {
  if (isDataset(data)) return data;
  if (!isSamples(data)) throw new ValueError(op, "needs { x, y } or a TensorDataset", textOf(data), dataHint(op, data));
  const { x, y, weights, ...rest } = data;
  const other = Object.keys(rest)[0];
  if (other !== undefined) {
    const meant = nameFor(other, weights === undefined ? ["weights"] : []);
    const instead =
      other === "validation" ? "it is an option of fit" : "for more tensors, write new TensorDataset(x, y, …)";
    throw new ValueError(op, "samples are { x, y, weights }", other, meant ? `call them ${meant}` : instead);
  }
  const samples = new TensorDataset(x, y);
  return weights === undefined ? samples : new TensorDataset(...samples.tensors, weightsOf(op, weights, samples.size));
}

/** The weights of samples: as many, none of them negative, and some of them not 0. */
function weightsOf(op: string, given: TensorLike, size: number): Tensor {
  const weights = readSamples(op, given, 2, "weights");
  const { shape, values } = weights;
  if (shape[0] !== size) {
    throw new ValueError(op, "there must be a weight for each sample", `${shape[0]} weights for ${size} samples`);
  }
  const bad = values.findIndex((v) => !(v >= 0 && v < Number.POSITIVE_INFINITY));
  if (bad >= 0) {
    const got = `${values[bad]} for sample ${Math.floor((bad * size) / values.length)}`;
    throw new ValueError(op, "weights must be finite numbers, 0 or more", got);
  }
  if (size === 0 || values.some((v) => v > 0)) return weights;
  throw new ValueError(op, "weights must not all be 0", `${size} of them`, "leave out the samples that do not count");
}

/** What else inputs, targets and weights are called. */
const elsewhere = {
  xs: "x",
  inputs: "x",
  features: "x",
  ys: "y",
  targets: "y",
  labels: "y",
  w: "weights",
  weight: "weights",
  sampleWeight: "weights",
};

/** Which of the names of samples that are not there yet a key stands for. */
function nameFor(key: string, free: readonly string[]): string | undefined {
  const others = Object.entries(elsewhere).filter(([, name]) => free.includes(name));
  const near = nearestOf(key, [...free, ...others.map(([other]) => other)]);
  const isShort = key.length < 2 && near?.toLowerCase() !== key.toLowerCase(); // any letter is near any other
  return near === undefined || isShort ? undefined : (elsewhere[near as keyof typeof elsewhere] ?? near);
}

/** What to write instead of what is not data. */
export function dataHint(op: string, data: unknown): string {
  if (typeof (data as PromiseLike<unknown> | null | undefined)?.then === "function") return "await it";
  const model = op === "fit" ? "model, " : "";
  if (isTensor(data) || ArrayBuffer.isView(data) || Array.isArray(data)) return `write ${op}(${model}{ x, y }, …)`;
  if (typeof data !== "object" || data === null) return "";
  if (Array.isArray((data as Partial<TensorDataset>).tensors)) return "write new TensorDataset(...data.tensors)";
  const missing = ["x", "y"].filter((name) => !(name in data));
  const meant = missing.map((name) => Object.keys(data).find((key) => nameFor(key, [name]) === name));
  if (missing.length > 1) return meant.every((key) => key !== undefined) ? "call them x and y" : "";
  return `${missing[0]} is missing${meant[0] === undefined ? "" : `: call ${meant[0]} ${missing[0]}`}`;
}
