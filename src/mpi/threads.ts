import { textOf, ValueError } from "../core/errors.ts";
import { refuseMore } from "../core/surplus.ts";
import type { Communicator, Numbers, Sendable } from "./communicator.ts";
import { MpiError } from "./errors.ts";
import { type Group, groupWith } from "./group.ts";

/** A place in a group of workers: send each worker one, by `postMessage` or as `workerData`. Made by {@link threadSeats}. */
export interface Seat {
  /** The worker's number, from 0 on. */
  readonly rank: number;
  /** How many workers there are. */
  readonly size: number;
  /** What they have in common. */
  readonly memory: SharedArrayBuffer;
}

/** Bytes that each worker can show the others at a time. */
const room = 2 ** 18;
/** Bytes before those: how many have come, how often all have and whether one has ended, and who has. */
const head = 64;
/** So long is waited for the others: they are lost. */
const patience = 120_000;

/** What is used of Node's `process`, which workers of Node, Deno and Bun have, too. */
interface Host {
  on(event: "exit", listener: () => void): void;
}

/**
 * Places for workers that are to be a group, as {@link threadGroup} makes it: processes without MPI, and without leaving the program. For tests, and for a machine with many cores.
 *
 * @param size - how many workers.
 * @returns a place for each.
 * @throws `ValueError` for anything that is not a count, or more than memory has room for; {@link MpiError} in a page that is not isolated.
 * @example
 * import { threadGroup, threadSeats } from "tinygrad-ts/mpi";
 * const [seat] = threadSeats(1);
 * threadGroup(seat!).size; // → 1
 */
export function threadSeats(size: number): Seat[] {
  refuseMore("threadSeats", arguments, 1);
  if (!Number.isInteger(size) || size < 1) {
    throw new ValueError("threadSeats", "needs how many workers there are", textOf(size), "write threadSeats(2)");
  }
  const memory = memoryFor(size);
  return Array.from({ length: size }, (_, rank) => ({ rank, size, memory }));
}

/**
 * The group of the workers that have the seats. Each waits for the others, as processes do: not in a page's main thread, which may not wait.
 *
 * If a worker of `node:worker_threads` ends, by an error say, those that wait for it throw at once; the error itself is in the `"error"` event of its `Worker`. One that somebody terminates, and a worker of a page, cannot tell: the others wait for two minutes,
 * unless you terminate them, too.
 *
 * @param seat - this worker's.
 * @returns the group.
 * @throws `ValueError` for anything that is not a seat. Later, {@link MpiError} from calls for which a worker does not come within two minutes, or never will, since it has ended.
 * @example
 * import { threadGroup, threadSeats } from "tinygrad-ts/mpi";
 * const group = threadGroup(threadSeats(1)[0]!);
 * const values = Float32Array.of(1, 2);
 * group.allReduce(values);
 * [...values]; // → [1, 2]
 */
export function threadGroup(seat: Seat): Group {
  refuseMore("threadGroup", arguments, 1);
  const { rank, size, memory } = (seat ?? {}) as Partial<Seat>;
  const isPlaced = Number.isInteger(rank) && Number.isInteger(size) && rank! >= 0 && rank! < size!;
  const isShared = typeof SharedArrayBuffer === "function" && memory instanceof SharedArrayBuffer;
  if (!isShared || !isPlaced || memory.byteLength !== head + size! * room) {
    const got = isShared && isPlaced ? `rank ${rank} of ${size} with ${memory.byteLength} bytes` : textOf(seat);
    throw new ValueError("threadGroup", "needs a seat, as threadSeats makes it", got, "write threadGroup(threadSeats(2)[0])"); // biome-ignore format: one line
  }
  return groupWith(sitting(seat), null);
}

function refuse(got: string, hint?: string): never {
  throw new MpiError("group", "each worker must come", got, hint);
}

const endedHint = 'its error is in worker.on("error", (error) => { … }); other workers need other seats';

/** Memory that workers have in common, for so many of them. */
function memoryFor(size: number): SharedArrayBuffer {
  if (typeof SharedArrayBuffer !== "function") {
    const hint =
      "serve the page with Cross-Origin-Opener-Policy: same-origin and Cross-Origin-Embedder-Policy: require-corp";
    throw new MpiError("threadSeats", "needs SharedArrayBuffer", "a page that is not isolated", hint);
  }
  try {
    return new SharedArrayBuffer(head + size * room);
  } catch (error) {
    const got = `${size} workers (${(error as Error).message})`;
    throw new ValueError("threadSeats", `needs ${room / 1024} KiB of memory for each worker`, got, "take fewer");
  }
}

function sitting({ rank, size, memory }: Seat): Communicator {
  const [come, turns, gone] = [0, 1, 2];
  const words = new Int32Array(memory, 0, 3);
  const { process } = globalThis as { readonly process?: Partial<Host> };
  if (size > 1) {
    process?.on?.("exit", () => {
      Atomics.compareExchange(words, gone, 0, rank + 1); // the first one
      Atomics.or(words, turns, 1); // who is about to wait for what was there before does not
      Atomics.notify(words, turns);
    });
  }
  const bytesOf = (x: Sendable): Uint8Array => new Uint8Array(x.buffer, x.byteOffset, x.byteLength);
  const shown = (of: number): Uint8Array => new Uint8Array(memory, head + of * room, room);
  // Turns are counted by twos. The lowest bit says that one has ended: who has, had come to all turns that are over, and will not come to this one.
  const barrier = (): void => {
    const turn = Atomics.load(words, turns) >> 1;
    if (Atomics.add(words, come, 1) === size - 1) {
      Atomics.store(words, come, 0);
      Atomics.add(words, turns, 2);
      Atomics.notify(words, turns);
      return;
    }
    // Again and again: what is notified late, for the last turn, wakes those who wait for this one.
    for (;;) {
      const now = Atomics.load(words, turns);
      if (now >> 1 !== turn) return;
      if ((now & 1) === 1) refuse(`rank ${Atomics.load(words, gone) - 1}, which has ended`, endedHint);
      if (Atomics.wait(words, turns, now, patience) === "timed-out")
        refuse(`not all within ${patience / 1000} seconds`);
    }
  };
  /** Shows this worker's bytes, part by part, and has `use` look at those of all. */
  const inParts = (from: Sendable, use: (start: number, bytes: number) => void): void => {
    const own = bytesOf(from);
    for (let start = 0; start < own.length; start += room) {
      const part = own.subarray(start, start + room);
      shown(rank).set(part);
      barrier();
      use(start, part.length);
      barrier();
    }
  };
  return {
    rank,
    size,
    barrier,
    allReduce(into, op, from = into) {
      const width = into.BYTES_PER_ELEMENT;
      const Class = into.constructor as new (buffer: SharedArrayBuffer, at: number, length: number) => Numbers;
      inParts(from, (start, bytes) => {
        const all = Array.from({ length: size }, (_, of) => new Class(memory, head + of * room, bytes / width));
        for (let i = 0; i < bytes / width; i++) {
          let y = all[0]![i]!;
          for (let of = 1; of < size; of++) y = op === "sum" ? y + all[of]![i]! : Math.max(y, all[of]![i]!);
          into[start / width + i] = y;
        }
      });
    },
    broadcast: (values, root) =>
      inParts(values, (start, bytes) => bytesOf(values).set(shown(root).subarray(0, bytes), start)),
    gather: (from, into) =>
      inParts(from, (start, bytes) => {
        for (let of = 0; of < size; of++) {
          bytesOf(into).set(shown(of).subarray(0, bytes), of * from.byteLength + start);
        }
      }),
  };
}
