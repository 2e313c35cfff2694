import type { DType, TypedArray } from "../core/dtype.ts";
import type { Id } from "./ir/kind.ts";
import type { Graph } from "./ir.ts";
import type { ProgramStats } from "./stats.ts";

// All that the compiler asks of what runs its graphs. An implementation is in a folder of its own, and nothing but defaultBackend.ts knows which one there is.

/** How a graph is made ready to run. */
export interface CodeOptions {
  /** Use nothing whose results depend on the engine. */
  readonly deterministic: boolean;
  /** Check the graph after each pass. */
  readonly verify: boolean;
}

/** Memory that all programs of a backend share, so one finds there what another has left. */
export interface Memory {
  /** Room for the elements of an array, which are undefined at first. */
  block(dtype: DType, size: number): Block;
}

/** Room for the elements of an array in the memory of programs. */
export interface Block {
  readonly dtype: DType;
  readonly size: number;
  /** The elements in place, as the last run left them, and as the next one finds them; not to be kept, since memory may move. */
  readonly elements: TypedArray;
  /** A copy of the elements. */
  copy(): TypedArray;
  /** Gives the room back. */
  release(): void;
}

/** Where an output has to go. */
export interface Output {
  readonly id: Id;
  readonly block: Block;
  /** The leaf that is in that block, whose readers must come first; −1 if nobody reads there. */
  readonly leaf: Id;
}

/** Where a graph's leaves and outputs are, in blocks of the backend's memory. */
export interface Places {
  /** The block of each leaf that is read. */
  readonly leaves: ReadonlyMap<Id, Block>;
  /** For each output, in their order, where it goes. */
  readonly outputs: readonly Output[];
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
  readonly holding: Holding;
  /** Whether it works on the memory, and with the threads, in use now. */
  isPresent(): boolean;
  /** Whether it would also be made as it is now: with the same products outside. */
  isLatest(): boolean;
  /** A copy of a node's elements, for those that a failed check needs. */
  elements(id: Id): TypedArray;
  toString(): string;
}

/** What runs recorded graphs. */
export interface Backend {
  /**
   * The memory in use now.
   *
   * @throws {@link CompileError} where there is none: the engine lacks something.
   */
  memory(): Memory;
  /**
   * Is called before each call of a compiled function.
   *
   * @throws {@link CompileError} if something has ended without which programs cannot go on, as a thread; the next call finds another memory.
   */
  expectAlive(): void;
  /** Makes a recorded graph one that can be run. Leaves and outputs are in the memory in use; all else is the backend's matter. */
  make(recorded: Graph, options: CodeOptions, place: Place): Runnable;
}

/** How a program is made, and what makes it. */
export interface ProgramOptions extends CodeOptions {
  readonly backend: Backend;
}
