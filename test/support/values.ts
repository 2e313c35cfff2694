import type { StateDict } from "../../src/state.ts";
import type { Tensor } from "../../src/tensor.ts";

/** What a state holds, in a form that can be compared: names, dtypes, shapes and values. */
export function valuesOf(state: StateDict): unknown[] {
  const entries = state instanceof Map ? [...state] : Object.entries(state);
  return (entries as [string, Tensor][]).map(([name, x]) => [name, x.dtype, x.shape, x.data]);
}
