import type { TinygradError } from "../core/errors.ts";
import { isTensor } from "../core/runtime.ts";
import type { Tensor } from "../tensor.ts";
import { isSamples } from "./dataset.ts";

/**
 * An error of a model or loss whose hint speaks of the samples as they were given, `{ x, y }`, and not of an argument that nobody wrote.
 *
 * @param data - what was given.
 * @param batch - inputs and targets as the model and the loss took them.
 */
export function forSamples(error: TinygradError, data: unknown, batch: readonly Tensor[]): TinygradError {
  const hint = isSamples(data) ? hintFor(error, data, batch) : error.hint;
  if (hint === error.hint) return error;
  const Kind = error.constructor as new (op: string, rule: string, got: string, hint: string) => TinygradError;
  const own = new Kind(error.op, error.rule, error.got, hint);
  return error.path === "" ? own : own.within(error.path);
}

function hintFor({ op, hint }: TinygradError, { x, y }: { x: unknown; y: unknown }, batch: readonly Tensor[]): string {
  const [inputs, targets] = batch;
  // Indices become floating where they are given as arrays, as all inputs do. Fractions are no indices: those are looked up deeper in the model.
  if (op === "embedding" && hint === 'use to("int32")' && inputs!.values.every(Number.isInteger)) {
    return `write x: ${isTensor(x) ? 'x.to("int32")' : 'tensor(x, { dtype: "int32" })'}`;
  }
  const [, cast] = /target(\.to\(.*\))/.exec(hint) ?? [];
  // A tensor of whole numbers would be floating, too.
  const dtype = cast === undefined && targets?.dtype === "int32" ? ', { dtype: "int32" }' : "";
  const own = `y: ${isTensor(y) ? "y" : `tensor(y${dtype})`}`;
  return cast === undefined ? hint.replace(/target(?=\.(un)?squeeze)/, own) : `write ${own}${cast}`;
}
