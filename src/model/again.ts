import { textOf, ValueError } from "../core/errors.ts";
import { isTensor, runtime } from "../core/runtime.ts";
import { describe } from "../core/shape.ts";
import type { LayerJson } from "../nn/architecture.ts";
import type { Layer } from "../nn/layer.ts";
import { entriesOf, isLayer, isPlain } from "../nn/reflect.ts";
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
  compare(model, again, "", model);

  /** @param maker - the layer whose constructor made b. */
  function compare(a: unknown, b: unknown, path: string, maker: Layer): void {
    if (Object.is(a, b)) return;
    const [kind, wanted] = [kindOf(a), kindOf(b)];
    if (kind === hidden && (wanted === hidden || (b ?? null) === null)) return;
    const partner = partners.get(b) ?? a;
    if (kind !== wanted || partner !== a) {
      const rule = "a model must be the same when arguments() makes it again";
      const got = `${path}: ${textFor(a)}, a new ${maker.constructor.name} has ${textFor(b)}`;
      const hint = "write a class of your own that makes it so, keep it #private, or encode(model.stateDict())";
      throw new ValueError("encodeModel", rule, got, hint);
    }
    if (typeof a !== "object" || partners.has(b)) return;
    partners.set(b, a);
    const from = isLayer(a) && written.has(a) ? a : maker;
    const [own, other] = [fieldsOf(a), fieldsOf(b)];
    for (const key of new Set([...own.keys(), ...other.keys()])) {
      compare(own.get(key), other.get(key), path + (path && ".") + String(key), from);
    }
  }
}

/** The kind of objects that nobody looks into: of other classes, and results of recorded ops. */
const hidden = "hidden";

/** What two values must have in common, beside what is in them. */
function kindOf(x: unknown): unknown {
  if (isLayer(x)) return x.constructor;
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
  return x === undefined ? "none" : textOf(x) + (kindOf(x) === hidden ? ", no state" : "");
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
