import { textOf, ValueError } from "../core/errors.ts";
import type { Tensor } from "../tensor.ts";
import type { Layer } from "./layer.ts";
import { isLayer, isPlain, membersOf, tensorsOf } from "./reflect.ts";

/** A value that JSON can represent. */
export type Json = string | number | boolean | null | readonly Json[] | { readonly [name: string]: Json };

/** A layer as {@link Layer.toJSON} writes it. */
export type LayerJson = {
  /** The name of its class. */
  readonly layer: string;
  /** What its constructor takes. Layers in it are written as such objects again, functions as `{ function: "relu" }`. */
  readonly arguments: readonly Json[];
  /** Whether it is a class of your own, so it is not taken for one of the library's that is called the same. */
  readonly custom?: true;
};

/** How layers and functions are called. */
export interface Names {
  /** Whether the name alone does not tell that the class is none of the library's. */
  isCustom?(layer: Layer): boolean;
  layer(layer: Layer): string;
  function(fn: { readonly name: string }): string;
}

/** Most levels of an architecture: layers in layers, arrays and options. */
export const deepest = 200;

/** A layer and the layers in it as indented lines, in the way of PyTorch. */
export function drawLayer(layer: Layer, above: readonly Layer[] = [layer]): string {
  const lines = membersOf(layer).flatMap(([name, member]) => {
    if (!isLayer(member)) return [];
    const text = above.includes(member) ? `${member.describe()} (see above)` : drawLayer(member, [...above, member]);
    return [`  (${name.replace(/^layers\./, "")}): ${text.replaceAll("\n", "\n  ")}\n`];
  });
  return layer.describe() + (lines.length > 0 ? `(\n${lines.join("")})` : "");
}

/** The error for a layer whose class does not say what its constructor takes. */
export function unsaid({ constructor: { name } }: Layer): never {
  const hint = `give ${name} a method arguments() that returns what its constructor takes`;
  throw new ValueError("toJSON", "a layer must say its arguments", name, hint);
}

/** The names that classes and functions have in the program: a minifier may have changed them. Those of the library's classes stand in what they say of themselves. */
export const plainNames: Names = {
  isCustom: (layer) => !isOwnClass(layer),
  layer: (layer) => {
    // A class that inherits its description is another than the one that is described.
    const name = ownMethod(layer, "describe") && /^([A-Z]\w*)(\(.*\))?$/s.exec(layer.describe())?.[1];
    return name || layer.constructor.name;
  },
  function: (fn) => fn.name,
};

/** Whether a layer's class is the library's, of this copy or of another. */
export function isOwnClass(layer: Layer): boolean {
  return Object.hasOwn(layer.constructor, "isOwn");
}

function ownMethod(layer: Layer, name: string): boolean {
  return Object.hasOwn(Object.getPrototypeOf(layer), name);
}

/** What {@link Layer.toJSON} returns, under these names. */
export function architectureOf(model: Layer, names: Names = plainNames): LayerJson {
  const seen = new Set<Layer>();
  const owners = new Map<string, unknown>();
  const json = write(model, 0) as LayerJson;
  const first = new Map<Tensor, string>();
  for (const [name, x] of tensorsOf(model)) {
    const other = first.get(x);
    if (other !== undefined) refuse("tied weights cannot be said", `one tensor as ${other} and ${name}`);
    first.set(x, name);
  }
  return json;

  function write(value: unknown, depth: number): Json {
    const inside = (entry: unknown): Json => write(entry, depth + 1);
    if (depth > deepest) refuse(`layers and arguments may nest ${deepest} deep`, "more");
    if (isLayer(value)) {
      if (seen.has(value)) refuse("a layer must not be in two places", value.describe());
      seen.add(value);
      // A class that inherits its arguments() may have a constructor that takes others.
      if (!ownMethod(value, "arguments")) unsaid(value);
      const given: unknown = value.arguments();
      if (!Array.isArray(given)) refuse(`arguments() of ${value.describe()} must return an array`, textOf(given));
      const name = names.layer(value);
      unique("layer", name, isOwnClass(value) ? name : value.constructor); // two copies of the library have two classes

      const json = { layer: name, arguments: Array.from(given, inside) };
      return names.isCustom?.(value) ? { ...json, custom: true } : json;
    }
    if (typeof value === "function") {
      const name = names.function(value) || refuse("a function must have a name", textOf(value));
      return { function: unique("function", name, value) };
    }
    if (Array.isArray(value)) return Array.from(value, inside);
    if (isPlain(value)) {
      const entries = Object.entries(value).filter(([, entry]) => entry !== undefined);
      for (const [key] of entries) {
        if (/^(layer|function|__proto__)$/.test(key)) refuse("an option cannot have this name", key);
      }
      return Object.fromEntries(entries.map(([key, entry]) => [key, inside(entry)]));
    }
    if (typeof value === "string" || typeof value === "boolean" || value === null) return value;
    if (typeof value === "number" && Number.isFinite(value) && !Object.is(value, -0)) return value;
    return refuse("JSON has no way to say this argument", Object.is(value, -0) ? "-0" : textOf(value));
  }

  /** A name, unless it stands for something else already: minifiers call many classes the same. */
  function unique(kind: string, name: string, owner: unknown): string {
    const key = `${kind} ${name}`;
    if (owners.has(key) && owners.get(key) !== owner) {
      refuse(
        "a name must mean one class or function",
        `two of the name ${name}`,
        `name them in options.${kind}s of encodeModel`,
      );
    }
    owners.set(key, owner);
    return name;
  }
}

function refuse(rule: string, got: string, hint = ""): never {
  throw new ValueError("toJSON", rule, got, hint);
}
