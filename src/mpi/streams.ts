import { runtime, withState } from "../core/runtime.ts";
import { Generator, type GeneratorState } from "../random/generator.ts";

/**
 * The random numbers of what is done in pieces, on whichever rank: each piece has a stream of its own, that depends on where the generator stands and on the piece's number alone. A generator changes over to it before the first number
 * that is drawn, and afterwards stands at the same place on all ranks that have drawn from it, however many numbers each has drawn.
 */
export class Streams {
  readonly #pieces: number;
  #piece: number | null = null;
  /** Where generators stood that were drawn from. */
  readonly #starts = new Map<Generator, GeneratorState>();
  /** Where the streams of this piece begin: a generator with another key has been put elsewhere since, as to where it stood, to draw the same again. */
  readonly #streams = new Map<Generator, GeneratorState>();

  constructor(pieces: number) {
    this.#pieces = pieces;
  }

  /** Runs what {@link Streams.enter} is called in. */
  run<T>(fn: () => T): T {
    if (this.#pieces === 1) return fn();
    this.#starts.clear();
    this.#piece = null;
    const result = withState("drawing", (generator) => this.#change(generator), fn);
    this.leave();
    return result;
  }

  /** Begins a piece. */
  enter(piece: number): void {
    this.#piece = piece;
    this.#streams.clear();
    for (const [generator, start] of this.#starts) generator.state = start;
  }

  /** Ends the last piece: what is drawn from here on is the same on all ranks. While a function is recorded, nothing is drawn yet that would have to be left. */
  leave(): void {
    if (runtime.tracer !== null) return;
    this.#piece = null;
    for (const [generator, start] of this.#starts) generator.state = at(start, this.#pieces).state;
    this.#starts.clear();
  }

  #change(generator: Generator): void {
    const piece = this.#piece;
    if (piece === null || runtime.tracer !== null) return;
    const [key0, key1] = generator.state;
    const own = this.#streams.get(generator);
    if (own !== undefined && own[0] === key0 && own[1] === key1) return;
    if (!this.#starts.has(generator)) this.#starts.set(generator, generator.state);
    const stream = withState("drawing", null, () => at(generator.state, piece).split().state);
    this.#streams.set(generator, stream);
    generator.state = stream;
  }
}

/** A generator that stands some blocks further on. */
function at([key0, key1, counter0, counter1]: GeneratorState, blocks: number): Generator {
  const generator = new Generator();
  const low = counter0 + blocks;
  generator.state = [key0, key1, low >>> 0, (counter1 + Number(low >= 2 ** 32)) >>> 0];
  return generator;
}
