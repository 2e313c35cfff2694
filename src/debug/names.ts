import { textOf, ValueError } from "../core/errors.ts";
import { isTensor } from "../core/runtime.ts";
import type { Layer } from "../nn/layer.ts";
import { isLayer, tensorsOf } from "../nn/reflect.ts";
import type { Tensor } from "../tensor.ts";

/** Names for tensors: a model, whose tensors go by their paths in it, or an object of tensors by name. */
export type Names = Layer | { readonly [name: string]: Tensor };

/** The names of tensors. */
export function namesOf(op: string, names: Names | undefined): Map<Tensor, string> {
  if (names === undefined) return new Map();
  const isObject = Object.prototype.toString.call(names) === "[object Object]";
  const entries = isLayer(names) ? tensorsOf(names) : Object.entries(isObject ? names : {});
  const bad = entries.find(([, x]) => !isTensor(x));
  if (bad !== undefined || (!isObject && !isLayer(names))) {
    const got = bad === undefined ? textOf(names) : `${textOf(bad[1])} for ${bad[0]}`;
    throw new ValueError(op, "names must be a model, or tensors by name", got, "write { names: { w } }");
  }
  return new Map(entries.map(([name, x]) => [x, name]));
}
