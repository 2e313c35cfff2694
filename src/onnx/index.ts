/**
 * Models out and in, in the format of ONNX, which onnxruntime and others run on servers, on phones and in browsers.
 *
 * @module tinygrad-ts/onnx
 */

export { type OnnxCode, OnnxError } from "./error.ts";
export { type FromOnnxOptions, fromOnnx, type OnnxImport } from "./fromOnnx.ts";
export type { OnnxValueInfo } from "./import/graph.ts";
export { OnnxModel } from "./import/model.ts";
export { type OnnxShape, type ToOnnxOptions, toOnnx } from "./toOnnx.ts";
