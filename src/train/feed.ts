import { textOf, ValueError } from "../core/errors.ts";
import { isBatches } from "./batches.ts";
import type { BatchLike, BatchSource } from "./fit.ts";

/** Batches, one by one, in passes through the data. */
export class Feed {
  /** How many passes are complete. */
  passes = 0;
  /** How many batches of the pass under way were given out. If it has not begun here, as many are left out, but of {@link Batches}, which know themselves where they stand. */
  taken = 0;
  readonly source: BatchSource;
  readonly #name: string;
  #open: Iterator<BatchLike> | AsyncIterator<BatchLike> | null = null;

  constructor(name: string, source: BatchSource) {
    this.#name = name;
    this.source = source;
  }

  /** The next batch; null at the end of each pass. */
  async next(): Promise<BatchLike | null> {
    const open = this.#open ?? (await this.#begin());
    this.#open = open;
    const { done, value } = await open.next();
    if (done !== true) {
      this.taken++;
      return await value;
    }
    this.#open = null;
    if (this.taken === 0 && !isBatches(this.source)) {
      const hint = "a generator runs once: pass the function that makes it";
      const rule = `the ${this.#name} must have batches in each epoch`;
      throw new ValueError("fit", rule, `none in epoch ${this.passes + 1}`, hint);
    }
    this.taken = 0;
    this.passes++;
    return null;
  }

  /** Takes the last batch back, which came to nothing. */
  giveBack(): void {
    this.taken--;
    if (isBatches(this.source)) this.source.giveBack();
  }

  /** Lets a generator clean up. */
  async close(): Promise<void> {
    const open = this.#open;
    this.#open = null;
    await open?.return?.();
  }

  async #begin(): Promise<Iterator<BatchLike> | AsyncIterator<BatchLike>> {
    const { source } = this;
    const all: unknown = typeof source === "function" ? await source(this.passes + 1) : source;
    if (!isIterable(all)) {
      throw new ValueError("fit", `the function for ${this.#name} must return batches`, textOf(all), "write function*");
    }
    const open = Symbol.asyncIterator in all ? all[Symbol.asyncIterator]() : all[Symbol.iterator]();
    if (!isBatches(source)) for (let i = 0; i < this.taken; i++) await open.next();
    return open;
  }
}

/** Whether something can be looped over that is no text. */
export function isIterable(x: unknown): x is Iterable<BatchLike> | AsyncIterable<BatchLike> {
  return typeof x === "object" && x !== null && (Symbol.iterator in x || Symbol.asyncIterator in x);
}
