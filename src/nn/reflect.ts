import { keepOutside } from "../core/arguments.ts";
import { textOf, ValueError } from "../core/errors.ts";
import { isTensor, runtime } from "../core/runtime.ts";
import type { Tensor } from "../tensor.ts";
import type { Layer } from "./layer.ts";

/** Whether a value is a layer: of this copy of the library, or of another that shares its state; no copy, and no Proxy around one. */
export function isLayer(x: unknown): x is Layer {
  return (x as Layer | null | undefined)?.layerRuntime === runtime;
}

/** Whether a value is a class of layers, instead of a layer. */
export function isLayerClass(x: unknown): x is { readonly name: string } {
  return typeof x === "function" && x.prototype !== undefined && "layerRuntime" in x.prototype;
}

/** Refuses what is not a layer. */
export function checkLayer(op: string, x: unknown): asserts x is Layer {
  if (isLayer(x)) return;
  throw new ValueError(op, "needs a layer", textOf(x), layerHint(x));
}

/** What to write instead of what is not a layer. */
export function layerHint(x: unknown): string {
  if (isLayerClass(x)) return `write new ${x.name}(…)`;
  if (Array.isArray(x) && x.every(isTensor)) return "pass the model itself";
  const { forward, then, describe } = (x ?? {}) as { readonly [name: string]: unknown };
  if (typeof then === "function") return "await it";
  if (typeof forward !== "function") return "";
  if (typeof describe !== "function") return "write class … extends Layer { forward(x) { … } }";
  return `a Proxy around a layer is none: ${keepOutside}`;
}

/**
 * The tensors and layers in a layer's public fields, alone or in arrays, plain objects, Maps and Sets, by field order: `["weight", Tensor]`, `["layers.0", Layer]`, `["heads.q", Layer]`.
 * Results of recorded ops are left out: they are no state, but computed from it.
 */
export function membersOf(layer: Layer): [string, Tensor | Layer][] {
  const found: [string, Tensor | Layer][] = [];
  const visit = (entries: Iterable<readonly [unknown, unknown]>, path: string, above: readonly unknown[]): void => {
    for (const [key, value] of entries) {
      if (typeof value !== "object" || value === null) continue; // at once: there may be many numbers
      const name = path + String(key); // which symbols, as keys of a Map, do not refuse
      if (isLayer(value)) found.push([name, value]);
      else if (isTensor(value)) {
        if (value.op === null) found.push([name, value]);
      } else if (!above.includes(value)) visit(entriesOf(value), `${name}.`, [...above, value]);
    }
  };
  visit(Object.entries(layer), "", []);
  return found;
}

/** What is in an array, a plain object, a Map or a Set, of any realm, by name. A Map's keys that are objects go by their numbers. */
export function entriesOf(value: object): Iterable<readonly [unknown, unknown]> {
  if (isPlain(value)) return Object.entries(value);
  const kind = /^\[object (Array|Map|Set)]$/.exec(Object.prototype.toString.call(value))?.[1];
  const list = kind === undefined ? [] : [...(value as Iterable<unknown>)];
  if (kind !== "Map") return list.entries();
  return (list as [unknown, unknown][]).map(([key, entry], i) => [/^[sn]/.test(typeof key) ? key : i, entry]);
}

/** Whether a value is an object without a class, of any realm. */
export function isPlain(value: unknown): value is object {
  if (typeof value !== "object" || value === null || isTensor(value)) return false;
  const proto = Object.getPrototypeOf(value);
  return proto === null || Object.getPrototypeOf(proto) === null;
}

/**
 * A layer and everything in it, with paths (`""` for the layer itself), layers before what they hold. A layer that stands in itself is
 * not looked into again.
 */
export function walk(layer: Layer): [string, Tensor | Layer][] {
  checkLayer("Layer", layer);
  const found: [string, Tensor | Layer][] = [["", layer]];
  const visit = (from: Layer, path: string, above: readonly Layer[]): void => {
    for (const [name, member] of membersOf(from)) {
      if (isTensor(member)) found.push([path + name, member]);
      else if (!above.includes(member)) {
        found.push([path + name, member]);
        visit(member, `${path}${name}.`, [...above, member]);
      }
    }
  };
  visit(layer, "", [layer]);
  return found;
}

/** A layer and all layers in it, by path. */
export function layersOf(layer: Layer): [string, Layer][] {
  return walk(layer).filter((entry): entry is [string, Layer] => isLayer(entry[1]));
}

/** All tensors in a layer, by path. One that several paths lead to is listed for each. */
export function tensorsOf(layer: Layer): [string, Tensor][] {
  return walk(layer).filter((entry): entry is [string, Tensor] => isTensor(entry[1]));
}

/** The tensors in a layer's own fields; not those of the layers in it. */
export function ownTensorsOf(layer: Layer): Tensor[] {
  return membersOf(layer).flatMap(([, member]) => (isTensor(member) ? [member] : []));
}
