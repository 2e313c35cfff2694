import { TinygradError } from "../core/errors.ts";

/** What is wrong with a file, for programs. */
export type SafetensorsCode =
  | "TOO_SHORT"
  | "HEADER_TOO_LARGE"
  | "HEADER_OUT_OF_BOUNDS"
  | "BAD_UTF8"
  | "BAD_JSON"
  | "DUPLICATE_KEY"
  | "BAD_METADATA"
  | "BAD_ENTRY"
  | "BAD_NAME"
  | "BAD_DTYPE"
  | "BAD_SHAPE"
  | "BAD_OFFSETS"
  | "WRONG_SIZE"
  | "HOLE"
  | "OVERLAP"
  | "TRUNCATED"
  | "TRAILING_DATA"
  | "BAD_VALUE";

/**
 * A file that is not a safetensors file, or contains what this library does not support; or tensors that such a file cannot contain.
 *
 * @example
 * import { decode, SafetensorsError } from "tinygrad-ts/safetensors";
 *
 * try {
 *   decode(new Uint8Array(3));
 * } catch (error) {
 *   error instanceof SafetensorsError && error.code; // → TOO_SHORT
 * }
 */
export class SafetensorsError extends TinygradError {
  /** The name of the class, also after minifying. */
  override name = "SafetensorsError";
  /** What is wrong. */
  readonly code: SafetensorsCode;

  constructor(code: SafetensorsCode, op: string, rule: string, got: string, hint = "") {
    super(op, rule, got, hint);
    this.code = code;
  }
}
