import { TinygradError } from "../core/errors.ts";

/**
 * A function cannot be compiled: it reads a traced value as a number, uses an op that has no lowering, or there is no WebAssembly here.
 *
 * @example
 * import { CompileError, compile } from "tinygrad-ts/compile";
 * import { type Tensor, mul, tensor } from "tinygrad-ts";
 * const branch = compile((x: Tensor) => (x.item() > 0 ? x : mul(x, 0)));
 * try {
 *   branch(tensor(1));
 * } catch (error) {
 *   error instanceof CompileError; // → true
 * }
 */
export class CompileError extends TinygradError {
  /** The name of the class, also after minifying. */
  override name = "CompileError";
}
