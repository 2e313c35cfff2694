import { refuseProxy } from "../core/arguments.ts";
import type { TypedArray } from "../core/dtype.ts";
import { textOf, ValueError } from "../core/errors.ts";
import { type Runtime, runtime } from "../core/runtime.ts";
import { refuseMore } from "../core/surplus.ts";
import { remember } from "../core/transaction.ts";
import { inspectable } from "../format.ts";
import { threefry2x32 } from "./threefry.ts";

/**
 * A generator's state: low and high word of the key, then of the counter, each from 0 to 2³² − 1. Plain numbers, fit
 * for JSON.
 */
export type GeneratorState = readonly [key0: number, key1: number, counter0: number, counter1: number];

/** Makes a number of the two random words of one block. */
export type FromWords = (x0: number, x1: number) => number;

/**
 * A source of random numbers, the same on every platform: Threefry-2x32-20 (Salmon et al., 2011) under a 64-bit key
 * made from the seed, applied to a 64-bit counter.
 *
 * Every element that is drawn takes one block: element i of a draw is a function of the key and of counter + i alone,
 * whatever its dtype and whatever else is drawn; afterwards the counter has advanced by the number of elements. Not for
 * cryptography.
 *
 * @example
 * const generator = new Generator(7);
 * const { state } = generator;
 * const a = rand([], { generator }).item();
 * generator.state = state;
 * const b = rand([], { generator }).item();
 * a === b; // → true
 */
export class Generator extends /* @__PURE__ */ inspectable({ seed: "write new Generator(seed)" }) {
  #state!: GeneratorState;

  /** @internal What `isGenerator` looks at: a Proxy has it not. */
  get generatorRuntime(): Runtime | undefined {
    return #state in this ? runtime : undefined;
  }

  /**
   * @param seed - any safe integer; its 64-bit two's complement is the key.
   * @throws {@link ValueError} for anything else.
   */
  constructor(seed = 0) {
    super();
    refuseMore("Generator", arguments, 1);
    this.reseed(seed);
  }

  /** @internal Starts the stream of a seed from its beginning. */
  reseed(seed: number, op = "Generator"): void {
    if (!Number.isSafeInteger(seed)) throw new ValueError(op, "the seed must be a safe integer", textOf(seed));
    this.state = [seed >>> 0, Math.floor(seed / 2 ** 32) >>> 0, 0, 0];
  }

  /** `Generator(…)` with the words of its state. */
  override toString(): string {
    return `Generator(${this.state.join(", ")})`;
  }

  /** The position of the generator; set it to continue from there. */
  get state(): GeneratorState {
    refuseProxy("Generator.state", #state in this);
    runtime.tracer?.state?.(this);
    return this.#state;
  }
  /** @throws {@link ValueError} when set to anything but four integers from 0 to 2³² − 1. */
  set state(state: GeneratorState) {
    refuseProxy("Generator.state", #state in this);
    if (!Array.isArray(state) || state.length !== 4 || !state.every((word) => word === word >>> 0)) {
      throw new ValueError("Generator", "a state is four 32-bit integers", textOf(state));
    }
    runtime.tracer?.seed(this, state, !this.#state);
    this.#remember();
    this.#state = [...state] as unknown as GeneratorState;
  }

  /**
   * A generator with a stream of its own, keyed by this one's next block: so that parts of a program can draw in any
   * order and amount without changing what the others get. This generator's counter advances by 1.
   *
   * @example
   * const parent = new Generator(7);
   * const child = parent.split();
   * rand([], { generator: child }).item() === rand([], { generator: parent }).item(); // → false
   */
  split(): Generator {
    refuseMore("split", arguments, 0, "call it once for each generator");
    runtime.tracer?.split();
    const child = fresh();
    this.fill([0], (key0, key1) => {
      child.#state = [key0, key1, 0, 0];
      return 0;
    });
    return child;
  }

  #remember(): void {
    const state = this.#state;
    // One that is made here keeps what it began with.
    if (state)
      remember(this, () => () => {
        this.#state = state;
      });
  }

  /** @internal Fills `out` with numbers made of the next blocks, one each. */
  fill(out: TypedArray | number[], value: FromWords): void {
    refuseProxy("Generator", #state in this);
    runtime.drawing?.(this);
    this.#remember();
    const words = new Uint32Array(2);
    let [key0, key1, counter0, counter1] = this.#state;
    for (let i = 0; i < out.length; i++) {
      threefry2x32(key0, key1, counter0, counter1, words);
      out[i] = value(words[0]!, words[1]!);
      counter0 = (counter0 + 1) >>> 0;
      if (counter0 === 0) counter1 = (counter1 + 1) >>> 0;
    }
    this.#state = [key0, key1, counter0, counter1];
  }
}

/** Outside of the class: where its body names it, bundlers give it another name. */
function fresh(): Generator {
  return new Generator();
}

/**
 * The generator that is used if you do not pass one. It starts from seed 0, the same in each run: a program is
 * reproducible unless it asks for something else, say by `manualSeed(Date.now())`.
 *
 * @returns always the same object.
 * @example
 * defaultGenerator() === defaultGenerator(); // → true
 */
export function defaultGenerator(): Generator {
  runtime.generator ??= new Generator(0);
  return runtime.generator;
}

/**
 * Restarts the default generator from a seed.
 *
 * @param seed - any safe integer.
 * @returns the default generator.
 * @throws {@link ValueError} if the seed is not a safe integer.
 * @example
 * manualSeed(42);
 * const a = rand([]).item();
 * manualSeed(42);
 * rand([]).item() === a; // → true
 */
export function manualSeed(seed: number): Generator {
  refuseMore("manualSeed", arguments, 1);
  const generator = defaultGenerator();
  generator.reseed(seed, "manualSeed");
  return generator;
}
