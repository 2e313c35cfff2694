import { isTensor, runtime } from "../core/runtime.ts";
import { describe } from "../core/shape.ts";
import { isLayer, isPlain } from "../nn/reflect.ts";
import type { Tensor } from "../tensor.ts";
import { CompileError } from "./errors.ts";

/** A field of a layer, or an element of an array in one. */
interface Field {
  readonly holder: Readonly<Record<string, unknown>>;
  readonly name: string;
  readonly value: unknown;
}

/** What the layers of a process hold, as it was before a function was recorded: to see what it replaces, and later what others replace. */
export class Fields {
  readonly #before = new Map<object, readonly Field[]>();

  constructor() {
    for (const ref of runtime.layers) {
      const layer = ref.deref();
      if (layer === undefined) runtime.layers.delete(ref);
      else this.#before.set(layer, fieldsOf(layer));
    }
  }

  /**
   * Refuses what a replay would not do: that the function puts another tensor in the place of one that it has read.
   *
   * @param isRead - whether the function has used a tensor from outside.
   */
  expectKept(isRead: (x: Tensor) => boolean): void {
    for (const { holder, name, value } of [...this.#before.values()].flat()) {
      if (!isTensor(value) || !isRead(value) || holder[name] === value) continue;
      (holder as Record<string, unknown>)[name] = value;
      const hint = `assign to it: this.${name}.assign(…), with the tensor made outside of the function`;
      throw new CompileError(
        "compile",
        `a layer's ${name} must not be replaced inside of the function`,
        describe(value),
        hint,
      );
    }
  }

  /** A condition: that the layers which hold the tensors still hold what they held, and so do those that hold these layers, and what is in them. */
  guard(isRead: (x: Tensor) => boolean): () => boolean {
    const known = new Map<object, boolean>();
    const leadsThere = (value: unknown): boolean => {
      if (isTensor(value)) return isRead(value);
      const fields = isLayer(value) ? this.#before.get(value) : undefined;
      if (fields === undefined) return false;
      const object = value as object;
      if (!known.has(object)) {
        known.set(object, false); // a layer may stand in itself
        known.set(
          object,
          fields.some((field) => leadsThere(field.value)),
        );
      }
      return known.get(object)!;
    };
    const guarded = new Set<object>();
    const include = (layer: unknown): void => {
      const fields = isLayer(layer) ? this.#before.get(layer) : undefined;
      if (fields === undefined || guarded.has(layer as object)) return;
      guarded.add(layer as object);
      for (const { value } of fields) include(value);
    };
    for (const layer of this.#before.keys()) if (leadsThere(layer)) include(layer);
    return holding([...guarded].flatMap((layer) => this.#before.get(layer)!.filter(isSteady)));
  }
}

/** Of a function of its own, so that it keeps nothing else. */
function holding(fields: readonly Field[]): () => boolean {
  return () => {
    for (const { holder, name, value } of fields) if (holder[name] !== value) return false;
    return true;
  };
}

/** Whether a field still is what it was: what was computed, such as the last result, is another one each time. */
function isSteady({ holder, name, value }: Field): boolean {
  return Object.is(holder[name], value);
}

/** The public fields, and what is in arrays and plain objects there: what a layer computes with, but for numbers and texts. */
function fieldsOf(layer: object): Field[] {
  const found: Field[] = [];
  const seen = new Set<unknown>(); // an object may contain itself
  const visit = (holder: Field["holder"], name: string): void => {
    const value = holder[name];
    const isPart =
      value === null ||
      value === undefined ||
      typeof value === "function" ||
      isLayer(value) ||
      (isTensor(value) && value.op === null);
    if (isPart || Array.isArray(value) || isPlain(value)) found.push({ holder, name, value });
    if (!(Array.isArray(value) || isPlain(value)) || seen.has(value)) return;
    seen.add(value);
    const inside = value as unknown as Field["holder"];
    if (Array.isArray(value)) found.push({ holder: inside, name: "length", value: value.length });
    for (const key of Object.keys(inside)) visit(inside, key);
  };
  for (const name of Object.keys(layer)) visit(layer as Field["holder"], name);
  return found;
}
