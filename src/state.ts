import { noGrad } from "./core/apply.ts";
import { StateError } from "./core/errors.ts";
import { isTensor } from "./core/runtime.ts";
import { describe, sameShape } from "./core/shape.ts";
import type { Tensor } from "./tensor.ts";

/** A saved state: tensors by name, in a Map or a plain object. */
export type StateDict = ReadonlyMap<string, Tensor> | { readonly [name: string]: Tensor };

/** Copies that later writes to the tensors do not change; free, since values are never written in place. */
export function snapshotState(own: Iterable<readonly [string, Tensor]>): Map<string, Tensor> {
  return new Map([...own].map(([name, x]) => [name, x.detach()]));
}

/**
 * Loads a saved state into tensors: all of it or, if anything does not fit, nothing.
 *
 * @param check - refuses, by throwing, values that do not do.
 * @throws {@link StateError} naming everything that does not fit.
 */
export function restoreState(
  op: string,
  own: Iterable<readonly [string, Tensor]>,
  state: StateDict,
  check?: (name: string, value: Tensor) => void,
): void {
  const given = new Map(state instanceof Map ? state : Object.entries(state ?? {}));
  const problems: string[] = [];
  const writes: [Tensor, Tensor][] = [];
  for (const [name, x] of own) {
    const value = given.get(name);
    given.delete(name);
    if (!isTensor(value)) {
      problems.push(`${name} is missing`);
    } else if (sameShape(value.shape, x.shape) && value.dtype === x.dtype) {
      check?.(name, value);
      writes.push([x, value]);
    } else problems.push(`${name} is ${describe(value)} instead of ${describe(x)}`);
  }
  for (const name of given.keys()) problems.push(`${name} is unexpected`);
  if (problems.length > 0) throw new StateError(op, "the state must fit", problems.join(", "), "nothing was loaded");
  noGrad(() => {
    for (const [x, value] of writes) x.assign(value);
  });
}
