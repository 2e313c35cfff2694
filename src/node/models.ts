/// <reference types="node" />
import { readFile } from "node:fs/promises";
import { textOf, ValueError } from "../core/errors.ts";
import { decodeModel } from "../model/decodeModel.ts";
import { encodeModel } from "../model/encodeModel.ts";
import { knownBy, type ModelOptions } from "../model/names.ts";
import type { Layer } from "../nn/layer.ts";
import { writeFileAtomic } from "./writeFileAtomic.ts";

/**
 * Saves a model as one file, by `encodeModel` of `tinygrad-ts/model` and {@link writeFileAtomic}: whatever happens, the old or the new file is there, and whole.
 *
 * @param path - where; the folder must exist.
 * @param model - a layer.
 * @param options - `layers` and `functions` of your own, as `encodeModel` takes them.
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
export async function saveModel(path: string, model: Layer, options?: ModelOptions): Promise<void> {
  if (typeof path !== "string") throw new ValueError("saveModel", "needs a path", textOf(path));
  await writeFileAtomic(path, encodeModel(model, options));
}

/**
 * Loads a model from a file that {@link saveModel} wrote. The file need not be trusted.
 *
 * @param path - where.
 * @param options - `layers` and `functions` of your own, as `decodeModel` of `tinygrad-ts/model` takes them.
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
export async function loadModel(path: string, options?: ModelOptions): Promise<Layer> {
  if (typeof path !== "string") throw new ValueError("loadModel", "needs a path", textOf(path));
  knownBy("loadModel", options);
  return decodeModel(await readFile(path), options);
}
