import { workerData } from "node:worker_threads";
import { type Group, mpi, type Seat, threadGroup } from "tinygrad-ts/mpi";

/** The processes that mpirun has started, or the workers that a test has. */
export const group: Group =
  workerData === null
    ? await mpi(JSON.parse(process.env["MPI_OPTIONS"] ?? "{}") as object)
    : threadGroup((workerData as { seat: Seat }).seat);

/** A line for the test. */
export function print(what: object): void {
  console.log(JSON.stringify({ rank: group.rank, ...what }));
}

/** What a function throws. */
export function refusal(fn: () => unknown): string {
  try {
    fn();
    return "";
  } catch (error) {
    return String(error);
  }
}
