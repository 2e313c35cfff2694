/// <reference types="node" />

import { readFile } from "node:fs/promises";
import { inNameOf } from "../core/inNameOf.ts";
import { refuseMore } from "../core/surplus.ts";
import { decodeModel } from "../model/decodeModel.ts";
import { encodeModel } from "../model/encodeModel.ts";
import { knownBy, type ModelOptions } from "../model/names.ts";
import type { Layer } from "../nn/layer.ts";
import { pathOf } from "./path.ts";
import { writeBytes } from "./writeFileAtomic.ts";

/**
 * Saves a model as one file, with `encodeModel` of `tinygrad-ts/model` and `writeFileAtomic`. Whatever happens, you find either the old file or the new one, complete.
 *
 * @param path - where, as a string or a `file:` URL; the folder must exist.
 * @param model - a layer.
 * @param options - your own `layers` and `functions`, as `encodeModel` takes them.
 * @throws `ValueError` for what a file cannot say, before anything is written; the system's errors, with their `code`, such as ENOENT.
 * @example
 * import { mkdtemp } from "node:fs/promises";
 * import { tmpdir } from "node:os";
 * import { join } from "node:path";
 * import { Linear, relu, Sequential } from "tinygrad-ts";
 * import { loadModel, saveModel } from "tinygrad-ts/node";
 *
 * const path = join(await mkdtemp(join(tmpdir(), "models-")), "model.safetensors");
 * await saveModel(path, new Sequential(new Linear(2, 3), relu));
 * console.log(String(await loadModel(path)).split("\n")); // → ["Sequential(", "  (0): Linear(2, 3)", "  (1): relu", ")"]
 */
export async function saveModel(path: string | URL, model: Layer, options?: ModelOptions): Promise<void> {
  refuseMore("saveModel", arguments, 3);
  const target = pathOf("saveModel", path, "write saveModel(path, model)");
  const bytes = inNameOf("saveModel", ["encodeModel", "encode"], () => encodeModel(model, options));
  await writeBytes("saveModel", target, bytes);
}

/**
 * Loads a model from a file that {@link saveModel} wrote. You need not trust the file.
 *
 * @param path - where, as a string or a `file:` URL.
 * @param options - your own `layers` and `functions`, as `decodeModel` of `tinygrad-ts/model` takes them.
 * @returns the model, in training or out of it as it was when it was saved.
 * @throws what `decodeModel` throws; the system's errors, with their `code`, such as ENOENT.
 * @example
 * import { mkdtemp } from "node:fs/promises";
 * import { tmpdir } from "node:os";
 * import { join } from "node:path";
 * import { Linear } from "tinygrad-ts";
 * import { loadModel, saveModel } from "tinygrad-ts/node";
 *
 * const path = join(await mkdtemp(join(tmpdir(), "models-")), "model.safetensors");
 * await saveModel(path, new Linear(2, 3));
 * (await loadModel(path)).parameters().length; // → 2
 */
export async function loadModel(path: string | URL, options?: ModelOptions): Promise<Layer> {
  refuseMore("loadModel", arguments, 2);
  const from = pathOf("loadModel", path);
  knownBy("loadModel", options);
  const bytes = await readFile(from);
  return inNameOf("loadModel", ["decodeModel"], () => decodeModel(bytes, options));
}
