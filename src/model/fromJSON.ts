import { StateError, TinygradError, textOf, ValueError } from "../core/errors.ts";
import { nearestOf } from "../core/options.ts";
import { refuseMore } from "../core/surplus.ts";
import { deepest, type Json } from "../nn/architecture.ts";
import type { Layer } from "../nn/layer.ts";
import { isLayer } from "../nn/reflect.ts";
import { defaultGenerator } from "../random/generator.ts";
import { type Known, knownBy, type LayerClass, type ModelOptions } from "./names.ts";
import { leastElements } from "./own.ts";

/**
 * Builds a model with new weights from the architecture that `JSON.stringify` wrote.
 *
 * You need not trust the text: only the library's layers and functions, and those that the options name, are created. But the sizes of layers are used as they are;
 * {@link decodeModel} compares them with the weights.
 *
 * @param json - what `toJSON` returned, through `JSON.stringify` and `JSON.parse` if you like.
 * @param options - your own `layers` and `functions`.
 * @returns the model, in training.
 * @throws `ValueError` for a layer or function that is not known, and for anything that is not an architecture; and what constructors throw.
 * @example
 * import { mlp, zeros } from "tinygrad-ts";
 * import { fromJSON } from "tinygrad-ts/model";
 *
 * const text = JSON.stringify(mlp([2, 8, 1]));
 * fromJSON(JSON.parse(text)).forward(zeros([5, 2])).shape; // → [5, 1]
 */
export function fromJSON(json: Json, options?: ModelOptions): Layer {
  refuseMore("fromJSON", arguments, 2);
  return layerOf("fromJSON", json, knownBy("fromJSON", options), Number.POSITIVE_INFINITY);
}

/**
 * Makes a model of its architecture.
 *
 * @param elements - most elements that all weights may have together.
 * @param create - calls a constructor.
 */
export function layerOf(
  op: string,
  json: Json,
  known: Known,
  elements: number,
  create = (type: LayerClass, given: readonly never[]): Layer => new type(...given),
): Layer {
  let left = elements;
  const generator = defaultGenerator();
  const { state } = generator;
  try {
    const model = read(json, 0);
    if (isLayer(model)) return model;
  } finally {
    generator.state = state; // the first weights, which are drawn, are none that anyone asked for
  }
  const hint = typeof json === "string" ? "pass JSON.parse(text)" : "";
  throw new ValueError(op, "needs a layer as toJSON writes it", textOf(json), hint);

  function read(value: Json, depth: number): unknown {
    if (depth > deepest) throw new ValueError(op, `layers and arguments may nest ${deepest} deep`, "more");
    if (Array.isArray(value)) return value.map((entry) => read(entry, depth + 1));
    if (typeof value !== "object" || value === null) return value;
    const { layer, function: name, arguments: args, custom } = value as { readonly [name: string]: Json };
    if (Object.hasOwn(value, "layer")) return make(layer, args, custom === true, depth);
    if (Object.hasOwn(value, "function")) return found("function", "functions", known.functions, name);
    if (Object.hasOwn(value, "__proto__")) throw new ValueError(op, "an option cannot have this name", "__proto__");
    return Object.fromEntries(Object.entries(value).map(([key, entry]) => [key, read(entry, depth + 1)]));
  }

  function make(name: Json | undefined, args: Json | undefined, isCustom: boolean, depth: number): Layer {
    const type = found("kind of layer", "layers", known.layers, name);
    if (isCustom && Object.hasOwn(type, "isOwn")) {
      const got = `${name}, your own class with the name of one of the library's`;
      throw new ValueError(
        op,
        "a class must not be confused with another",
        got,
        "give your class another name, and save again",
      );
    }
    if (!Array.isArray(args)) throw new ValueError(op, `${name} needs arguments`, textOf(args));
    const given = args.map((arg) => read(arg, depth + 1));
    left -= leastElements(name as string, given);
    if (!(left >= 0)) {
      const sizes = given.filter((arg) => typeof arg === "number").join(", ");
      throw new StateError(op, "the weights must be in the file", `too few of them for ${name}(${sizes})`);
    }
    try {
      return create(type, given as never[]);
    } catch (error) {
      if (error instanceof TinygradError) throw error;
      // The text says which layer it was.
      const refusal = new ValueError(op, `${name} must take the arguments that were written`, String(error));
      refusal.cause = error;
      throw refusal;
    }
  }

  function found<T>(what: string, option: string, among: ReadonlyMap<string, T>, name: Json | undefined): T {
    const value = typeof name === "string" ? among.get(name) : undefined;
    if (value !== undefined) return value;
    const near = typeof name === "string" ? nearestOf(name, [...among.keys()]) : undefined;
    const isClose = near !== undefined && Math.abs(near.length - (name as string).length) < 3;
    const hint = `${!isClose ? "" : `did you mean ${near}? Otherwise, `}name it in options.${option}`;
    throw new ValueError(op, `this ${what} is not known`, textOf(name), hint);
  }
}
