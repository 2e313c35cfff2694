/**
 * Training on many processes and machines: the processes that `mpirun` has started, or workers, as a group. For Node, Deno and Bun.
 *
 * @module tinygrad-ts/mpi
 */

export type { Communicator, Numbers, Sendable } from "./communicator.ts";
export { MpiError } from "./errors.ts";
export type { Group } from "./group.ts";
export { groupOf } from "./groupOf.ts";
export { type MpiOptions, mpi } from "./mpi.ts";
export { type Seat, threadGroup, threadSeats } from "./threads.ts";
