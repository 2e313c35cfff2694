import { noGrad } from "./core/apply.ts";
import { isFloat } from "./core/dtype.ts";
import { StateError, textOf, ValueError } from "./core/errors.ts";
import { isTensor } from "./core/runtime.ts";
import { describe, sameShape } from "./core/shape.ts";
import type { Tensor } from "./tensor.ts";

/** A saved state: tensors by name, in a Map or a plain object. */
export type StateDict = ReadonlyMap<string, Tensor> | { readonly [name: string]: Tensor };

/** Tensors by name, in a Map that `JSON.stringify` does not take for an empty object. */
export function mapOf(entries: Iterable<readonly [string, Tensor]>): Map<string, Tensor> {
  const map = new Map<string, Tensor>();
  for (const [name, x] of entries) {
    if (map.has(name)) throw new StateError("stateDict", "names must be distinct", `two tensors as ${name}`);
    map.set(name, x);
  }
  return Object.defineProperty(map, "toJSON", { value: () => Object.fromEntries(map) });
}

/** Copies that later writes to the tensors do not change; free, since values are never written in place. */
export function snapshotState(own: Iterable<readonly [string, Tensor]>): Map<string, Tensor> {
  return mapOf([...own].map(([name, x]) => [name, x.detach()]));
}

/**
 * The entries of a state, whatever they are.
 *
 * @throws {@link StateError} for anything but a Map or a plain object.
 */
export function readState(op: string, state: unknown): Map<string, unknown> {
  const tag = Object.prototype.toString.call(state); // which Maps of other realms have, too
  const { then, stateDict, byteLength, BYTES_PER_ELEMENT } = (state ?? {}) as { readonly [name: string]: unknown };
  let hint = typeof then === "function" ? "await it first" : "";
  if (typeof stateDict === "function") hint = "pass other.stateDict()";
  if (hint === "") {
    if (tag === "[object Map]") return new Map(state as Map<string, unknown>);
    if (tag === "[object Object]") return new Map(Object.entries(state as object));
    const isBytes = byteLength !== undefined && !((BYTES_PER_ELEMENT as number) > 1);
    hint = isBytes ? "decode the bytes first: decode(bytes)" : "pass model.stateDict(), or decode(bytes) of a file";
  }
  throw new StateError(op, "a state is tensors by name, in a Map or an object", textOf(state), hint);
}

/** Most problems that an error lists. */
const most = 5;

/**
 * Loads a saved state into tensors: all of it or, if anything does not fit, nothing.
 *
 * @param check - refuses, by throwing, values that do not do.
 * @param converts - whether float32 and float64 are converted: of weights, not of keys and counts, which must not be rounded.
 * @throws {@link StateError} naming what does not fit.
 */
export function restoreState(
  op: string,
  own: Iterable<readonly [string, Tensor]>,
  state: StateDict,
  check?: (name: string, value: Tensor) => void,
  extra: readonly never[] = [],
  converts = false,
): void {
  if (extra.length > 0) {
    const hint = "all must fit: to load a part, write loadStateDict({ ...Object.fromEntries(x.stateDict()), ...part })";
    throw new ValueError(op, "takes a state and no options", textOf(extra[0]), hint);
  }
  const given = readState(op, state);
  const problems: string[] = [];
  const writes = new Map<Tensor, readonly [string, Tensor]>();
  let hint = "nothing was loaded";
  for (const [name, x] of own) {
    const value = given.get(name);
    given.delete(name);
    const [first, before] = writes.get(x) ?? [];
    if (value === undefined) problems.push(`${name} is missing`);
    else if (!isTensor(value)) {
      problems.push(`${name} is ${textOf(value)} instead of ${describe(x)}`);
      const isJson = typeof value === "object" && value !== null && Object.hasOwn(value, "values");
      hint = `nothing was loaded; ${isJson ? "of JSON, make each a tensor again: tensor(values, { dtype })" : "wrap arrays in tensor(…)"}`;
    } else if (
      !sameShape(value.shape, x.shape) ||
      !(value.dtype === x.dtype || (converts && isFloat(value.dtype) && isFloat(x.dtype)))
    ) {
      problems.push(`${name} is ${describe(value)} instead of ${describe(x)}`);
    } else if (value.dtype !== x.dtype && overflows(value, x)) {
      problems.push(`${name} has values that ${x.dtype} does not hold`);
    } else if (before !== undefined && !sameValues(before, value)) {
      problems.push(`${name} has other values than ${first}, which is the same tensor here`);
    } else {
      check?.(name, value);
      writes.set(x, [name, value]);
    }
  }
  const unexpected = [...given.keys()].map((name) => {
    return `${typeof name === "string" && name.length <= 60 ? name : textOf(name)} is unexpected`;
  });
  const count = problems.length + unexpected.length;
  if (count > 0) {
    // Of each kind some: another model's state is told by both.
    const shown = [...problems.slice(0, Math.max(3, most - unexpected.length)), ...unexpected].slice(0, most);
    const more = count > shown.length ? `, and ${count - shown.length} more` : "";
    throw new StateError(op, "the state must fit", shown.join(", ") + more, hint);
  }
  noGrad(() => {
    for (const [x, [, value]] of writes) x.assign(value);
  });
}

/** Whether values become infinite in the dtype of another tensor. */
const overflows = (value: Tensor, { dtype }: Tensor): boolean =>
  dtype === "float32" && value.values.some((v) => Number.isFinite(v) && !Number.isFinite(Math.fround(v)));

/** Whether two tensors of one shape and dtype hold the same, NaN for NaN and −0 for −0. */
function sameValues(a: Tensor, b: Tensor): boolean {
  if (a.stored === b.stored) return true;
  const { values } = b;
  return a.values.every((v, i) => Object.is(v, values[i]));
}
