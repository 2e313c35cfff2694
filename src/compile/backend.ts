import type { TypedArray } from "../core/dtype.ts";
import type { Graph, Id } from "./ir.ts";
import type { ProgramStats } from "./stats.ts";
import type { Target } from "./webassembly/plan.ts";

/** How a graph is made ready to run. */
export interface CodeOptions {
  /** Use nothing whose results depend on the engine. */
  readonly deterministic: boolean;
  /** Check the graph after each pass. */
  readonly verify: boolean;
}

/** Where a graph's leaves and outputs are in the heap. */
export interface Places {
  /** The address of each leaf that is read. */
  readonly leaves: ReadonlyMap<Id, number>;
  /** For each output, in their order, where it goes. */
  readonly targets: readonly Target[];
}

/** Says where leaves and outputs are, given the leaves in their order, which of them are read, and the outputs. */
export type Place = (leaves: readonly Id[], isRead: (id: Id) => boolean, outputs: readonly Id[]) => Places;

/** What was taken for a graph. */
export interface Holding {
  release(): void;
}

/** A graph that can be run. */
export interface Runnable {
  /** The graph that is run, after all passes. */
  readonly graph: Graph;
  readonly stats: ProgramStats;
  /** Reads the leaves and writes the outputs; 0, or, with nothing written, 1 plus the number of the check that ended it. */
  readonly run: () => number;
  /** What it gives back when it is not used any more; it does not refer to what runs. */
  readonly memory: Holding;
  /** Whether it works on the memory, and with the threads, in use now. */
  isPresent(): boolean;
  /** Whether it would also be made as it is now: with the same products outside. */
  isLatest(): boolean;
  /** A copy of a node's elements, for those that a failed check needs. */
  elements(id: Id): TypedArray;
  toString(): string;
}

/** Makes a recorded graph one that can be run. Leaves and outputs are in the heap; all else is the backend's matter. */
export type Backend = (recorded: Graph, options: CodeOptions, place: Place) => Runnable;

/** The same, and what makes it ready. */
export interface ProgramOptions extends CodeOptions {
  readonly backend: Backend;
}
