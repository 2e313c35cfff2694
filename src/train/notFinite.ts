import { GradError, type TinygradError } from "../core/errors.ts";
import { stridesOf } from "../core/shape.ts";
import type { Layer } from "../nn/layer.ts";
import { tensorsOf } from "../nn/reflect.ts";
import type { Tensor } from "../tensor.ts";
import { isBatches } from "./batches.ts";

/** What a step was given. */
interface Given {
  readonly model: Layer;
  readonly x: Tensor;
  readonly y: Tensor;
  /** Where the batches come from. */
  readonly data: unknown;
}

/**
 * The error for a loss or gradient of a step of `fit` that is not finite, with what was not finite before it: a row of the inputs or targets, a parameter, a buffer. Other errors are returned as they are.
 */
export function explainNotFinite(error: TinygradError, given: Given): TinygradError {
  if (error.name !== "GradError" || error.path !== "" || !/^(fit|clipGradNorm)$/.test(error.op)) return error;
  const hint = "nothing was changed; to find the op, run the step in detectAnomaly of tinygrad-ts/debug";
  return new GradError("fit", error.rule, `${error.got}, from ${causeOf(given)}`, hint);
}

/** What was not finite before the loss. */
export function causeOf({ model, x, y, data }: Given): string {
  const samples = isBatches(data) ? data.dataset.tensors : [];
  const found = [
    badRow("inputs", x, samples[0]),
    badRow("targets", y, samples[1]),
    ...tensorsOf(model).map(([name, own]) => badValue(name, own)),
  ].filter((text) => text !== null);
  const more = found.length > 3 ? `, and ${found.length - 3} more` : "";
  return found.length > 0 ? found.slice(0, 3).join(", ") + more : "finite inputs, targets and parameters";
}

/** `row 3 of the inputs (NaN at [3, 0])`, with the place in all data if it is there; null if each element is finite. */
function badRow(what: string, x: Tensor, all: Tensor | undefined): string | null {
  const at = badIndex(x);
  if (at < 0 || x.rank === 0) return badValue(`the ${what}`, x);
  const size = x.size / x.shape[0]!;
  const row = Math.floor(at / size);
  const values = x.values.subarray(row * size, (row + 1) * size);
  const sample = all === undefined ? -1 : rowIn(all, values);
  return badValue(`row ${row} of the ${what}`, x, sample < 0 ? "" : `; sample ${sample} of the data`);
}

/** `weight (NaN at [3, 0])`, or null. */
export function badValue(name: string, x: Tensor, more = ""): string | null {
  const at = badIndex(x);
  if (at < 0) return null;
  const place = stridesOf(x.shape).map((stride, axis) => Math.floor(at / stride) % x.shape[axis]!);
  return `${name} (${x.values[at]}${x.rank === 0 ? "" : ` at [${place.join(", ")}]`}${more})`;
}

function badIndex({ values }: Tensor): number {
  let i = 0;
  while (i < values.length && Number.isFinite(values[i])) i++; // a third of the time of findIndex
  return i < values.length ? i : -1;
}

/** The first row with these values, or −1. */
function rowIn({ values, shape }: Tensor, row: ArrayLike<number>): number {
  for (let i = 0; i < shape[0]!; i++) {
    let k = 0;
    while (k < row.length && Object.is(values[i * row.length + k], row[k])) k++;
    if (k === row.length) return i;
  }
  return -1;
}
