import { appendFileSync } from "node:fs";
import { join } from "node:path";
import { workerData } from "node:worker_threads";
import { type Group, mpi, type Seat, threadGroup } from "tinygrad-ts/mpi";

/** The processes that mpirun has started, or the workers that a test has. */
export const group: Group =
  workerData === null
    ? await mpi(JSON.parse(process.env["MPI_OPTIONS"] ?? "{}") as object)
    : threadGroup((workerData as { seat: Seat }).seat);

/** A line for the test, in a file of this rank's: mpirun would cut long lines, and put others' in between. */
export function print(what: object): void {
  const line = JSON.stringify({ rank: group.rank, ...what });
  const folder = process.env["RANKS_OUTPUT"];
  if (folder === undefined || workerData !== null) console.log(line);
  else appendFileSync(join(folder, String(group.rank)), `${line}\n`);
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
