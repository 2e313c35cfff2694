/**
 * Models in one file, with architecture and weights, so you can load a model without the code that built it. Also weights under PyTorch's names.
 *
 * @module tinygrad-ts/model
 */

export { decodeModel } from "./decodeModel.ts";
export { encodeModel } from "./encodeModel.ts";
export { fromJSON } from "./fromJSON.ts";
export type { LayerClass, ModelOptions } from "./names.ts";
export { loadPytorchStateDict, pytorchStateDict } from "./pytorch.ts";
