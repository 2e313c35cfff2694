import { isGenerator, runtime } from "../core/runtime.ts";
import { rehearsal } from "../core/transaction.ts";
import { Generator, type GeneratorState } from "../random/generator.ts";

/**
 * The random numbers of a step that is done in pieces, on whichever rank: each piece has a stream of its own, that depends on where the generator stands and on the piece's number alone. After the step, the generator stands at the same place on
 * all ranks. What draws nothing stays where it was.
 */
export class Streams {
  readonly #pieces: number;
  #generators: readonly Generator[] = [];
  #states: readonly GeneratorState[] = [];

  constructor(pieces: number) {
    this.#pieces = pieces;
  }

  /** Finds out what draws, by a run that is undone. */
  look(run: () => void): void {
    if (this.#pieces === 1) return;
    rehearsal(() => {
      run();
      this.#generators = [...(runtime.undo?.keys() ?? [])].filter((x): x is Generator => isGenerator(x));
    });
  }

  /** Begins a step. */
  begin(): void {
    this.#states = this.#generators.map(({ state }) => state);
  }

  /** Begins a piece. */
  enter(piece: number): void {
    this.#generators.forEach((generator, i) => {
      generator.state = at(this.#states[i]!, piece).split().state;
    });
  }

  /** Ends the step. */
  leave(): void {
    this.#generators.forEach((generator, i) => {
      generator.state = at(this.#states[i]!, this.#pieces).state;
    });
  }
}

/** A generator that stands some blocks further on. */
function at([key0, key1, counter0, counter1]: GeneratorState, blocks: number): Generator {
  const generator = new Generator();
  const low = counter0 + blocks;
  generator.state = [key0, key1, low >>> 0, (counter1 + Number(low >= 2 ** 32)) >>> 0];
  return generator;
}
