import type { Layer } from "../nn/layer.ts";
import { isLayer, tensorsOf } from "../nn/reflect.ts";
import type { Tensor } from "../tensor.ts";

/** Names for tensors: a model, whose tensors go by their paths in it, or an object of tensors by name. */
export type Names = Layer | { readonly [name: string]: Tensor };

/** The names of tensors. */
export function namesOf(names: Names | undefined): Map<Tensor, string> {
  if (names === undefined) return new Map();
  const entries = isLayer(names) ? tensorsOf(names) : Object.entries(names);
  return new Map(entries.map(([name, x]) => [x, name]));
}
