import { textOf, ValueError } from "../core/errors.ts";
import { isTensor, runtime } from "../core/runtime.ts";
import { describe } from "../core/shape.ts";
import { isOwnClass, type LayerJson } from "../nn/architecture.ts";
import type { Layer } from "../nn/layer.ts";
import { entriesOf, isLayer, isPlain, tensorsOf } from "../nn/reflect.ts";
import { defaultGenerator } from "../random/generator.ts";
import { layerOf } from "./fromJSON.ts";
import type { Known, LayerClass } from "./names.ts";

/**
 * Refuses a model that its architecture does not say completely: it is made again, and the two are compared in all but the values of tensors, which a file has.
 *
 * @param written - the layers that stand in the architecture. The others are made by the constructors of these.
 */
export function checkAgain(model: Layer, architecture: LayerJson, known: Known, written: ReadonlySet<Layer>): void {
  const again = layerOf("encodeModel", architecture, known, Number.POSITIVE_INFINITY, made);
  const partners = new Map<unknown, unknown>();
  compare(model, again, "", model, false);
  const [here, there] = [new Map(tensorsOf(model)), new Map(tensorsOf(again))];
  for (const name of new Set([...here.keys(), ...there.keys()])) compare(here.get(name), there.get(name), name, model, true); // biome-ignore format: one line

  /**
   * @param maker - the layer whose constructor made b.
   * @param isDirect - whether they are fields of a layer.
   */
  function compare(a: unknown, b: unknown, path: string, maker: Layer, isDirect: boolean): void {
    if (Object.is(a, b) || (a ?? b ?? null) === null) return;
    const [kind, wanted] = [kindOf(a), kindOf(b)];
    if (kind === hidden && (wanted === hidden || (b ?? null) === null)) return;
    const partner = partners.get(b) ?? a;
    const isOwn = isOwnClass(maker);
    if (kind !== wanted || partner !== a) {
      // What classes of others keep beside layers and tensors says little of what they do: but for single values that are others.
      const isSetting = isDirect && typeof a === typeof b && typeof a !== "object";
      if (!(isOwn || isSetting || [a, b].some((x) => isLayer(x) || isTensor(x)))) return;
      const rule = "a model must be the same when arguments() makes it again";
      const [text, other] = [textFor(a), textFor(b)];
      const got = `${path}: ${text}, a new ${maker.constructor.name} has ${text === other ? "another" : other}`;
      const way = isOwn ? "write a class of your own that makes it so" : "return it from arguments(), keep it #private";
      const hint = isTensor(a) && a.op !== null ? "detach() it" : `${way}, or encode(model.stateDict())`;
      throw new ValueError("encodeModel", rule, got, hint);
    }
    if (typeof a !== "object" || partners.has(b)) return;
    partners.set(b, a);
    const from = isLayer(a) && written.has(a) ? a : maker;
    const [own, other] = [fieldsOf(a), fieldsOf(b)];
    for (const key of new Set([...own.keys(), ...other.keys()])) {
      compare(own.get(key), other.get(key), path + (path && ".") + String(key), from, isLayer(a));
    }
  }
}

/** The kind of objects that nobody looks into: of other classes, and results of recorded ops. */
const hidden = "hidden";

/** What two values must have in common, beside what is in them. */
function kindOf(x: unknown): unknown {
  if (isLayer(x)) return isOwnClass(x) ? x.constructor.name : x.constructor; // there may be two copies of the library
  if (isTensor(x)) return x.op === null ? describe(x) : hidden;
  // Each layer of a class may make functions of its own, as `forward = (x) => …` does.
  if (typeof x === "function") return String(x);
  if (typeof x !== "object") return x;
  const tag = Object.prototype.toString.call(x);
  return isPlain(x) || /^\[object (Array|Map|Null|Set)]$/.test(tag) ? tag : hidden;
}

function fieldsOf(x: unknown): Map<unknown, unknown> {
  return new Map(isLayer(x) ? Object.entries(x) : entriesOf(x as object));
}

function textFor(x: unknown): string {
  if (x === undefined) return "none";
  return (typeof x === "function" && x.name ? x.name : textOf(x)) + (kindOf(x) === hidden ? ", no state" : "");
}

/**
 * Makes a layer: one of the library without drawing and computing its first weights, which is most of the time. All tensors are of zeros then. Nothing else depends on values there; in a class of another it may.
 */
function made(type: LayerClass, given: readonly never[]): Layer {
  if (!Object.hasOwn(type, "isOwn")) return new type(...given);
  const generator = defaultGenerator();
  const value = (): boolean => true; // done, as an accelerator says it
  runtime.accelerators.push(value);
  Reflect.set(generator, "fill", value);
  try {
    return new type(...given);
  } finally {
    Reflect.deleteProperty(generator, "fill");
    runtime.accelerators.pop();
  }
}
