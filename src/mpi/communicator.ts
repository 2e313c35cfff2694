/** What ranks can add up. */
export type Numbers = Float32Array | Float64Array | Int32Array;

/** What ranks can send to each other. */
export type Sendable = Numbers | Uint8Array;

/**
 * How the processes of a job speak to each other: six names. Calls are synchronous, and collective: each rank makes the same call, with as many elements, in the same order. {@link groupOf} makes a group
 * of it, which looks whether they do.
 */
export interface Communicator {
  /** The number of this process, from 0 on. */
  readonly rank: number;
  /** How many processes there are. */
  readonly size: number;
  /**
   * Puts the sum over all ranks, or the largest, into `into` on each of them, element by element: the same bits on all.
   *
   * @param into - where the result goes.
   * @param op - `"sum"` or `"max"`.
   * @param from - this rank's own numbers, if they are not in `into`; they are left as they are.
   */
  allReduce(into: Numbers, op: "sum" | "max", from?: Numbers): void;
  /** Gives all ranks the values that one has. */
  broadcast(values: Sendable, root: number): void;
  /**
   * Puts the values of all ranks one after the other, on each of them.
   *
   * @param into - room for `size` times as many elements as `from` has.
   */
  gather<T extends Sendable>(from: T, into: T): void;
  /** Waits until all have come. */
  barrier(): void;
}

/** One process, which speaks to nobody. */
export function alone(): Communicator {
  return {
    rank: 0,
    size: 1,
    allReduce(into, _op, from = into) {
      if (from !== into) into.set(from);
    },
    broadcast: () => undefined,
    gather: (from, into) => into.set(from),
    barrier: () => undefined,
  };
}
