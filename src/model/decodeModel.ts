import { type Bytes, bytesOf } from "../core/bytes.ts";
import { StateError, ValueError } from "../core/errors.ts";
import { inNameOf } from "../core/inNameOf.ts";
import { refuseMore } from "../core/surplus.ts";
import type { Json } from "../nn/architecture.ts";
import type { Layer } from "../nn/layer.ts";
import { layersOf, tensorsOf } from "../nn/reflect.ts";
import { decode, decodeMetadata } from "../safetensors/decode.ts";
import { modelKey } from "../safetensors/modelKey.ts";
import { version } from "./encodeModel.ts";
import { layerOf } from "./fromJSON.ts";
import { knownBy, type ModelOptions } from "./names.ts";

/**
 * Builds a model from a file that {@link encodeModel} wrote, with the same layers, weights and buffers, bit for bit. What was frozen is frozen again, and what was in training mode, or
 * in evaluation mode, is so again.
 *
 * You need not trust the file. Nothing in it is run. It names layers and functions, but only the library's own and those that the options name are created, and no memory is
 * allocated for weights that are not in it.
 *
 * @param bytes - the file, in a `Uint8Array`, a `Buffer`, an `ArrayBuffer` or other bytes, of any realm.
 * @param options - your own `layers` and `functions`, by the names under which they were saved.
 * @returns the model, in training or out of it as it was when it was saved: if that was during training, call `eval()` before you use it by `forward`.
 * @throws `SafetensorsError` for bytes that are not safetensors file; `ValueError` for a file without an architecture, for layers and functions that are not known, and for
 * arguments that their constructors refuse; `StateError` for weights that do not fit the architecture.
 * @example
 * import { Layer, Sequential, ones, type Tensor } from "tinygrad-ts";
 * import { decodeModel, encodeModel } from "tinygrad-ts/model";
 *
 * class Scale extends Layer {
 *   factor: Tensor;
 *   constructor(size: number) {
 *     super();
 *     this.factor = ones([size], { requiresGrad: true });
 *   }
 *   override forward(x: Tensor) {
 *     return x.mul(this.factor);
 *   }
 *   override arguments() {
 *     return [this.factor.size];
 *   }
 * }
 * const square = (x: Tensor) => x.mul(x);
 * const bytes = encodeModel(new Sequential(new Scale(3), square), { functions: { square } });
 * const model = decodeModel(bytes, { layers: { Scale }, functions: { square } });
 * console.log(model.toString().split("\n")); // → ["Sequential(", "  (0): Scale", "  (1): square", ")"]
 */
export function decodeModel(bytes: Bytes, options?: ModelOptions): Layer {
  refuseMore("decodeModel", arguments, 2);
  const known = knownBy("decodeModel", options);
  const file = bytesOf("decodeModel", bytes, "pass what encodeModel returned");
  const { architecture, frozen, resting } = remarkOf(
    inNameOf("decodeModel", ["decodeMetadata"], () => decodeMetadata(file)).get(modelKey),
  );
  const state = inNameOf("decodeModel", ["decode"], () => decode(file));
  let elements = 0;
  for (const x of state.values()) elements += x.size;
  const model = layerOf("decodeModel", architecture, known, elements);
  model.loadStateDict(state);
  for (const name of frozen) {
    if (!state.has(name)) throw new StateError("decodeModel", "what is frozen must be in the file", name);
  }
  const layers = new Map(layersOf(model));
  for (const name of resting) {
    const layer = layers.get(name);
    if (layer === undefined) throw new StateError("decodeModel", "what is out of training must be in the model", name);
    layer.training = false;
  }
  for (const [name, x] of tensorsOf(model)) if (x.requiresGrad === frozen.has(name)) x.requiresGrad = !frozen.has(name);
  return model;
}

/** What {@link encodeModel} wrote beside the tensors. */
function remarkOf(text: string | undefined): { architecture: Json; frozen: Set<string>; resting: readonly string[] } {
  if (text === undefined) {
    const hint = "decode(bytes) reads them, and loadCheckpoint what encodeCheckpoint wrote";
    throw new ValueError("decodeModel", "needs a file that encodeModel wrote", "a file of tensors only", hint);
  }
  let remark: unknown;
  try {
    remark = JSON.parse(text);
  } catch (error) {
    throw new ValueError("decodeModel", "the architecture must be JSON", String(error));
  }
  const found = (typeof remark === "object" && remark) || {};
  const { version: given, architecture, frozen, resting = [] } = found as { readonly [name: string]: Json };
  if (given !== version) {
    const hint = "a later version of the library may have written it";
    throw new ValueError("decodeModel", `the architecture must be of version ${version}`, String(given), hint);
  }
  if (architecture === undefined || !areNames(frozen) || !areNames(resting)) {
    const rule = "needs an architecture, and the names of what is frozen and of what is out of training";
    throw new ValueError("decodeModel", rule, "something else");
  }
  return { architecture, frozen: new Set(frozen), resting };
}

function areNames(value: Json | undefined): value is readonly string[] {
  return Array.isArray(value) && value.every((name) => typeof name === "string");
}
