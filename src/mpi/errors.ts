import { TinygradError } from "../core/errors.ts";

/**
 * Processes cannot work together: there is no `koffi`, no MPI library, or not the one of this `mpirun`; they do not do the same; or one of them has failed.
 *
 * @example
 * import { MpiError, mpi } from "tinygrad-ts/mpi";
 * try {
 *   await mpi({ library: "libnowhere.so" });
 * } catch (error) {
 *   error instanceof MpiError; // → true
 * }
 */
export class MpiError extends TinygradError {
  /** The name of the class, also after minifying. */
  override name = "MpiError";
}
