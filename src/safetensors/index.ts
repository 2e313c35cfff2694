/**
 * Saving and loading tensors, models and whole training runs, in the safetensors format.
 *
 * @module tinygrad-ts/safetensors
 */

export type { Bytes } from "../core/bytes.ts";
export { type CheckpointParts, encodeCheckpoint, loadCheckpoint, type Stateful } from "./checkpoint.ts";
export { type DecodeOptions, decode, decodeMetadata } from "./decode.ts";
export { encode, type Metadata } from "./encode.ts";
export { type SafetensorsCode, SafetensorsError } from "./error.ts";
