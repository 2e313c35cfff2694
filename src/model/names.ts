import { textOf, ValueError } from "../core/errors.ts";
import { checkOptions } from "../core/options.ts";
import type { Layer } from "../nn/layer.ts";
import { isLayerClass } from "../nn/reflect.ts";
import type { LayerFunction } from "../nn/sequential.ts";
import { ownFunctions, ownLayers } from "./own.ts";

/** A class of layers. */
export interface LayerClass<L extends Layer = Layer> {
  /** Makes a layer. */
  new (...args: never[]): L;
}

/** Your own layers and functions in a model, by their names in the file. */
export interface ModelOptions {
  /** Classes of layers, each with a method `arguments`: `{ MyLayer }`. */
  readonly layers?: { readonly [name: string]: LayerClass };
  /** Functions that stand in a `Sequential`: `{ square }`. */
  readonly functions?: { readonly [name: string]: LayerFunction };
}

/** The library's layers and functions, and your own, by name. In Maps, where `constructor` and `__proto__` are names like any other. */
export interface Known {
  readonly layers: ReadonlyMap<string, LayerClass>;
  readonly functions: ReadonlyMap<string, LayerFunction>;
}

/** Checks the options, and adds what the library has. */
export function knownBy(op: string, options: ModelOptions | undefined): Known {
  const { layers, functions } = checkOptions(op, options, { layers: "any", functions: "any" });
  const isFunction = (value: unknown): boolean => typeof value === "function" && !isLayerClass(value);
  return {
    layers: joined(op, "layers", ownLayers(), layers, isLayerClass, "a class of layers"),
    functions: joined(op, "functions", ownFunctions(), functions, isFunction, "a function"),
  };
}

function joined<T>(
  op: string,
  option: string,
  own: Map<string, T>,
  given: { readonly [name: string]: T } = {},
  isRight: (value: unknown) => boolean,
  what: string,
): Map<string, T> {
  if (Object.prototype.toString.call(given) !== "[object Object]") {
    throw new ValueError(op, `${option} must be an object`, textOf(given), `write { ${option}: { name: … } }`);
  }
  for (const [name, value] of Object.entries(given)) {
    if (!isRight(value)) throw new ValueError(op, `${option}.${name} must be ${what}`, textOf(value));
    if (own.has(name) && own.get(name) !== value) {
      throw new ValueError(op, `${option} cannot have this name, which the library uses`, name, "choose another");
    }
    own.set(name, value);
  }
  return own;
}
