import { textOf, ValueError } from "../core/errors.ts";
import { inNameOf } from "../core/inNameOf.ts";
import { refuseMore } from "../core/surplus.ts";
import { architectureOf, isOwnClass, plainNames } from "../nn/architecture.ts";
import type { Layer } from "../nn/layer.ts";
import { checkLayer, layersOf, tensorsOf } from "../nn/reflect.ts";
import { encode } from "../safetensors/encode.ts";
import { modelKey } from "../safetensors/modelKey.ts";
import { checkAgain } from "./again.ts";
import { type Known, knownBy, type LayerClass, type ModelOptions } from "./names.ts";

/** The version of what stands under {@link modelKey}. */
export const version = 1;

/**
 * Writes a model as one safetensors file: its weights and buffers, and the architecture, so {@link decodeModel} can rebuild it without your code. PyTorch and
 * others read its tensors like those of any other file.
 *
 * The file also says which parameters are frozen, and which layers are in training mode. It does not contain the random generators of layers.
 *
 * A model comes back as it is, or is refused: `encodeModel` makes the model again by its `arguments()`, and compares the two. So it runs the constructors of your own classes. The default
 * generator is as before. All public fields are compared, but not the values of tensors, results of ops, and objects of other classes; functions are compared by their text. In your own classes, layers, tensors and
 * single values are.
 *
 * @param model - a layer that is made of the library's layers and functions, and of your own: classes with a method `arguments`, and functions that the options name.
 * @param options - your own `functions`, by name; also your own `layers`, by name, if a minifier changes the names of classes; otherwise each is written under its class's name.
 * @returns the file. The same model gives the same bytes.
 * @throws `ValueError` for what a file cannot say: a layer or tensor in two places, a class without `arguments()`, a function without a name in the options, an argument
 * such as Infinity; a layer that was changed since it was made in a way that its `arguments()` does not say, such as another `eps` in one part of a `TransformerEncoderLayer`.
 * @example
 * import { mlp, ones } from "tinygrad-ts";
 * import { decodeModel, encodeModel } from "tinygrad-ts/model";
 *
 * const trained = mlp([4, 8, 2]);
 * const bytes = encodeModel(trained);
 * const model = decodeModel(bytes);
 * model.forward(ones([1, 4])).sub(trained.forward(ones([1, 4]))).toArray(); // → [[0, 0]]
 */
export function encodeModel(
  model: Layer,
  options?: ModelOptions,
): Uint8Array & {
  /** Memory of its own, which is not shared. */
  readonly buffer: ArrayBuffer;
} {
  refuseMore("encodeModel", arguments, 2);
  checkLayer("encodeModel", model);
  const known = knownBy("encodeModel", options);
  const names = namesOf(known);
  const layers = new Map(known.layers);
  const written = new Set<Layer>();
  const layer = (part: Layer): string => {
    const name = names.layer(part);
    layers.set(name, part.constructor as LayerClass);
    written.add(part);
    return name;
  };
  const architecture = inNameOf("encodeModel", ["toJSON"], () => architectureOf(model, { ...names, layer }));
  checkAgain(model, architecture, { ...known, layers }, written);
  // Buffers are among them: what is a parameter shows only when the model has been made.
  const frozen = tensorsOf(model).flatMap(([name, x]) => (x.requiresGrad ? [] : [name]));
  const resting = layersOf(model).flatMap(([name, { training }]) => (training ? [] : [name]));
  return encode(model.stateDict(), { [modelKey]: JSON.stringify({ version, architecture, frozen, resting }) });
}

/** Names by identity: classes and functions may be called otherwise in a program that is minified. */
function namesOf({ layers, functions }: Known) {
  const ofLayers = new Map<unknown, string>([...layers].map(([name, type]) => [type, name]));
  const ofFunctions = new Map<unknown, string>([...functions].map(([name, fn]) => [fn, name]));
  return {
    layer(layer: Layer): string {
      const type = layer.constructor;
      const name = ofLayers.get(type);
      if (name !== undefined) return name;
      // Of another copy of the library, it stands for the same.
      if (isOwnClass(layer) && layers.has(plainNames.layer(layer))) return plainNames.layer(layer);
      if (type.name !== "" && !layers.has(type.name)) return type.name;
      const rule = "a class needs a name that no other has";
      throw new ValueError("encodeModel", rule, type.name || "a class without one", "name it in options.layers");
    },
    function(fn: { readonly name: string }): string {
      const name = ofFunctions.get(fn);
      if (name !== undefined) return name;
      const got = fn.name || textOf(fn);
      const copies = "two copies of the package are loaded: import it everywhere, or require it everywhere";
      const hint = functions.has(got) ? `if it is the library's, ${copies}; else give it another name, and` : "";
      throw new ValueError(
        "encodeModel",
        "this function is not known",
        got,
        `${hint} name it in options.functions`.trim(),
      );
    },
  };
}
