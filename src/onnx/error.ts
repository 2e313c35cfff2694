import { TinygradError } from "../core/errors.ts";

/** What is wrong with a file or a model, for programs. */
export type OnnxCode =
  /** The bytes are no protobuf message, or end too early. */
  | "MALFORMED"
  /** The file is one, but no model that the format allows: a missing name, a cycle, a shape that no data has. */
  | "INVALID"
  /** It uses what this library does not have: operators, dtypes, control flow. */
  | "UNSUPPORTED"
  /** A value must be known when the file is read, and is not. */
  | "NOT_CONSTANT"
  /** A model that ONNX cannot say: an op without an operator, a shape that does not follow from the inputs'. */
  | "NOT_EXPORTABLE";

/**
 * A file that is no ONNX model, or needs what this library does not have; or a model that ONNX cannot say.
 *
 * @example
 * import { fromOnnx, OnnxError } from "tinygrad-ts/onnx";
 *
 * try {
 *   fromOnnx(new Uint8Array([7]));
 * } catch (error) {
 *   error instanceof OnnxError && error.code; // → MALFORMED
 * }
 */
export class OnnxError extends TinygradError {
  /** The name of the class, also after minifying. */
  override name = "OnnxError";
  /** What is wrong. */
  readonly code: OnnxCode;

  constructor(code: OnnxCode, op: string, rule: string, got: string, hint = "") {
    super(op, rule, got, hint);
    this.code = code;
  }
}
