import { textOf, ValueError } from "../core/errors.ts";
import { refuseMore } from "../core/surplus.ts";
import type { Communicator } from "./communicator.ts";
import { type Group, groupWith } from "./group.ts";

const names = ["allReduce", "broadcast", "gather", "barrier"] as const;

/**
 * Makes a group of processes from your own way to communicate, such as sockets.
 *
 * @param communicator - {@link Communicator}.
 * @returns the group.
 * @throws `ValueError` for anything that is not a communicator.
 * @example
 * import { type Communicator, groupOf } from "tinygrad-ts/mpi";
 * const silent: Communicator = {
 *   rank: 0, size: 1, allReduce() {}, broadcast() {}, gather: (from, into) => into.set(from), barrier() {},
 * };
 * String(groupOf(silent)); // → Group(rank 0 of 1)
 */
export function groupOf(communicator: Communicator): Group {
  refuseMore("groupOf", arguments, 1);
  const own = (communicator ?? {}) as Partial<Communicator>;
  const missing = names.find((name) => typeof own[name] !== "function");
  const { rank, size } = own;
  const isPlaced = Number.isInteger(size) && Number.isInteger(rank) && rank! >= 0 && rank! < size!;
  if (missing === undefined && isPlaced) return groupWith(waiting(communicator), null);
  const got =
    missing === undefined ? `rank ${textOf(rank)} of ${textOf(size)}` : `no ${missing} in ${textOf(communicator)}`;
  const hint = "write groupOf({ rank, size, allReduce, broadcast, gather, barrier })";
  throw new ValueError("groupOf", "needs a communicator", got, hint);
}

/** The same communicator, which refuses functions that return before they are done. */
function waiting(own: Communicator): Communicator {
  const done = (name: string, result: unknown): void => {
    if (typeof (result as { readonly then?: unknown } | null | undefined)?.then !== "function") return;
    throw new ValueError(
      "groupOf",
      `${name} must be synchronous`,
      "a promise",
      "wait inside of it, as Atomics.wait does",
    );
  };
  return {
    rank: own.rank,
    size: own.size,
    allReduce: (into, op, from) => done("allReduce", own.allReduce(into, op, from)),
    broadcast: (values, root) => done("broadcast", own.broadcast(values, root)),
    gather: (from, into) => done("gather", own.gather(from, into)),
    barrier: () => done("barrier", own.barrier()),
  };
}
