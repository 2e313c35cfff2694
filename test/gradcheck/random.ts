import { threefry2x32 } from "../../src/random/threefry.ts";

/** Numbers for one trial: the same ones for the same seed and name. */
export class Random {
  readonly #seed: number;
  readonly #stream: number;
  #count = 0;

  constructor(seed: number, name: string) {
    this.#seed = seed;
    this.#stream = [...name].reduce((hash, letter) => (Math.imul(hash, 31) + letter.codePointAt(0)!) >>> 0, 7);
  }

  /** Evenly from low to high. */
  uniform(low: number, high: number): number {
    const words = new Uint32Array(2);
    threefry2x32(this.#seed, this.#stream, this.#count++, 0, words);
    return low + (high - low) * ((words[0]! + words[1]! / 2 ** 32) / 2 ** 32);
  }

  /** Powers of ten, with exponents evenly from low to high. */
  power(low: number, high: number): number {
    return 10 ** this.uniform(low, high);
  }

  /** −1 or 1. */
  sign(): number {
    return this.uniform(-1, 1) < 0 ? -1 : 1;
  }

  /** From low to high, both included. */
  int(low: number, high: number): number {
    return Math.floor(this.uniform(low, high + 1));
  }

  /** Several numbers, evenly from low to high. */
  vector(n: number, low = -2, high = 2): Float64Array {
    return Float64Array.from({ length: n }, () => this.uniform(low, high));
  }
}
