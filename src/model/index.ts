/**
 * Models in one file: the architecture and the weights, from which a model is made without its code. And weights under PyTorch's names.
 *
 * @module tinygrad-ts/model
 */

export { decodeModel } from "./decodeModel.ts";
export { encodeModel } from "./encodeModel.ts";
export { fromJSON } from "./fromJSON.ts";
export type { LayerClass, ModelOptions } from "./names.ts";
export { loadPytorchStateDict, pytorchStateDict } from "./pytorch.ts";
