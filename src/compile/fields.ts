import { isTensor, runtime } from "../core/runtime.ts";
import { describe } from "../core/shape.ts";
import { isLayer } from "../nn/reflect.ts";
import type { Tensor } from "../tensor.ts";
import { Beside } from "./beside.ts";
import { allOf, type Contents, contentsOf } from "./contents.ts";
import { CompileError } from "./errors.ts";
import type { Guard } from "./trace.ts";

/** What the layers of a process hold, and the objects that are arguments, as it was before a function was recorded: to see what it replaces, and later what others replace. */
export class Fields {
  readonly #before = new Map<object, readonly Contents[]>();
  readonly #objects: readonly object[];

  constructor(objects: readonly object[]) {
    for (const ref of runtime.layers) {
      const layer = ref.deref();
      if (layer === undefined) runtime.layers.delete(ref);
      else this.#before.set(layer, contentsOf(layer));
    }
    this.#objects = objects;
    for (const object of objects) if (!isLayer(object)) this.#before.set(object, allOf(object, true));
  }

  /** Whether a layer was there before the function was recorded. */
  knows(layer: object): boolean {
    return this.#before.has(layer);
  }

  /**
   * Refuses what a replay would not do: that the function puts another tensor in the place of one that it has read, or another number in an argument.
   *
   * @param isRead - whether the function has used a tensor from outside.
   */
  expectKept(isRead: (x: Tensor) => boolean): void {
    for (const contents of [...this.#before.values()].flat()) {
      const changed = contents.changed();
      if (contents.isWhole && changed.some(([, own]) => typeof own !== "object" && typeof own !== "function")) {
        const got = contents.difference()!;
        contents.restore();
        const hint = "return the new value instead, or keep it in a tensor, and assign to that";
        throw new CompileError("compile", "arguments must not be changed inside of the function", got, hint);
      }
      const [name, value] = changed.find(([, own]) => isTensor(own) && isRead(own)) ?? [];
      if (value === undefined) continue;
      contents.restore();
      const hint = `assign to it: this.${String(name)}.assign(…), with the tensor made outside of the function`;
      throw new CompileError(
        "compile",
        `a layer's ${String(name)} must not be replaced inside of the function`,
        describe(value as Tensor),
        hint,
      );
    }
  }

  /**
   * A condition: that all is in the arguments that was, that what holds the tensors still holds what it held, and so do the layers that hold it, and what is in them. Of all other layers, nobody knows whether the function uses them: they are
   * looked at, too, and those that hold tensors, or stand in such a layer, are {@link Beside} it, since most belong to other models.
   */
  guard(isRead: (x: Tensor) => boolean): { readonly guard: Guard; readonly beside: Beside | null } {
    const inside = new Set([...this.#before.values()].flat().flatMap(({ values }) => values));
    const guarded = new Set<object>();
    const include = (value: unknown): void => {
      const all = this.#before.get(value as object);
      if (all === undefined || guarded.has(value as object)) return;
      guarded.add(value as object);
      for (const { values } of all) for (const own of values) include(own);
    };
    for (const object of this.#objects) include(object);
    const leading = this.#leadingTo(isRead);
    const holding = this.#leadingTo(() => true);
    for (const object of this.#before.keys()) {
      if (leading(object) || !(holding(object) || inside.has(object))) include(object);
    }
    const steady = (object: object): readonly Contents[] => {
      const before = this.#before.get(object)!;
      const after = before.flatMap((own) => own.steady() ?? []);
      return before.length === after.length && after.every((own, i) => own === before[i]) ? before : after; // one list for all functions
    };
    const others = [...this.#before.keys()].filter((object) => !guarded.has(object));
    return {
      guard: unchanged([...guarded].flatMap(steady)),
      beside: others.length === 0 ? null : new Beside(others.map((object) => [object, steady(object)])),
    };
  }

  /** Whether tensors that pass a test are in an object, or in a layer in it. */
  #leadingTo(passes: (x: Tensor) => boolean): (value: unknown) => boolean {
    const known = new Map<object, boolean>();
    const leads = (value: unknown): boolean => {
      if (isTensor(value)) return passes(value);
      const all = this.#before.get(value as object);
      if (all === undefined) return false;
      const object = value as object;
      if (!known.has(object)) {
        known.set(object, false); // a layer may stand in itself
        known.set(
          object,
          all.some(({ values }) => values.some(leads)),
        );
      }
      return known.get(object)!;
    };
    return leads;
  }
}

/** Of a function of its own, so it keeps nothing else. */
function unchanged(all: readonly Contents[]): Guard {
  const holds = (): boolean => {
    for (const contents of all) if (!contents.holds()) return false;
    return true;
  };
  const difference = (): string | null => all.find((contents) => !contents.holds())?.difference() ?? null;
  return Object.assign(holds, { difference });
}
