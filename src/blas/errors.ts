import { TinygradError } from "../core/errors.ts";

/**
 * No BLAS is used: there is no `koffi`, no library, or one that does not multiply as it should. The message says what to install.
 *
 * @example
 * import { BlasError, blas } from "tinygrad-ts/blas";
 * try {
 *   await blas({ library: "libnowhere.so" });
 * } catch (error) {
 *   error instanceof BlasError; // → true
 * }
 */
export class BlasError extends TinygradError {
  /** The name of the class, also after minifying. */
  override name = "BlasError";
}
