/**
 * Models out and in, in the format of ONNX, which onnxruntime and others run on servers, on phones and in browsers.
 *
 * @module tinygrad-ts/onnx
 */

export { type OnnxCode, OnnxError } from "./error.ts";
export { type FromOnnxOptions, fromOnnx, type OnnxImport, type OnnxRunner } from "./fromOnnx.ts";
export type { OnnxValueInfo } from "./import/graph.ts";
export { type OnnxInput, type OnnxShape, type ToOnnxOptions, toOnnx } from "./toOnnx.ts";
