import { type Direction, powerOfTwo } from "./direction.ts";
import { purposes, word } from "./draw.ts";
import { isFloat32, type Subject } from "./subject.ts";
import type { Task } from "./task.ts";

/** Values of the function around x, at x ± s·t·direction. */
export interface Samples {
  /** The size that was asked for. */
  readonly asked: number;
  /** s, relative to the size of the input. */
  readonly size: number;
  /** 0 for t = 1, ½, ¼ on both sides; else the one side that was sampled, at t = 1, ½, … 1/32. */
  readonly side: -1 | 0 | 1;
  readonly plus: readonly Float64Array[];
  readonly minus: readonly Float64Array[];
}

const centralFractions = [1, 1 / 2, 1 / 4];
const oneSidedFractions = [1, 1 / 2, 1 / 4, 1 / 8, 1 / 16, 1 / 32];

/** Below this share of the size that was asked for, a stencil is not squeezed in between x and an edge, but looks away from the edge. */
const smallestShare = 2 ** -20;

/** Samples of a function along one direction; remembers what was sampled, and where the domain was seen to end. */
export class Line {
  readonly direction: Direction;
  /** Values at single points of it, by how far from x they are. */
  readonly values = new Map<number, Float64Array | null>();
  readonly #subject: Subject;
  readonly #seed: number;
  readonly #known = new Map<string, Samples | null>();
  #below: number;
  #above: number;

  constructor(subject: Subject, direction: Direction, seed: number) {
    this.#subject = subject;
    this.direction = direction;
    this.#seed = seed;
    [this.#below, this.#above] = roomOf(subject, direction);
  }

  /**
   * Samples at about a size; null where the domain leaves no room.
   *
   * @param size - a power of two. Steps are up to a quarter less, by a jitter that keeps a function's own period, or the grid on which it
   * rounds, from hiding between them.
   * @param variant - another one has another jitter.
   */
  *at(size: number, variant = 0): Task<Samples | null> {
    const key = `${size} ${variant}`;
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    let samples: Samples | null | undefined;
    while (samples === undefined) samples = yield* this.#sample(size, variant);
    this.#known.set(key, samples);
    return samples;
  }

  /** One attempt; undefined if it met an edge that was not known, and is to be repeated with less room. */
  *#sample(wanted: number, variant: number): Task<Samples | null | undefined> {
    const least = wanted * smallestShare;
    const both = Math.min(this.#below, this.#above);
    if (both >= least) {
      const size = this.#jittered(Math.min(wanted, powerOfTwo(both)), variant);
      const plus: Float64Array[] = [];
      const minus: Float64Array[] = [];
      for (const t of centralFractions) {
        const above = yield* this.#subject.displaced(this.direction, size * t);
        if (above === null) return this.#blocked(1, size);
        plus.push(above);
        const below = yield* this.#subject.displaced(this.direction, -size * t);
        if (below === null) return this.#blocked(-1, size);
        minus.push(below);
      }
      return { asked: wanted, size, side: 0, plus, minus };
    }
    const room = Math.max(this.#below, this.#above);
    if (!(room >= least)) return null;
    const side = this.#above >= this.#below ? 1 : -1;
    const size = this.#jittered(Math.min(8 * wanted, powerOfTwo(room)), variant);
    const values: Float64Array[] = [];
    for (const t of oneSidedFractions) {
      const value = yield* this.#subject.displaced(this.direction, side * size * t);
      if (value === null) return this.#blocked(side, size);
      values.push(value);
    }
    return { asked: wanted, size, side, plus: side > 0 ? values : [], minus: side > 0 ? [] : values };
  }

  /** A size, a power of two, less up to a quarter, in no more bits than keep all steps of a stencil exact. */
  #jittered(size: number, variant: number): number {
    const [most, room] = isFloat32(this.#subject) ? [14, 17] : [20, 47];
    const bits = Math.max(7, Math.min(most, room + Math.log2(size)));
    return size * (1 - (word(this.#seed, purposes.jitter, this.direction.id, variant) % 2 ** (bits - 2)) / 2 ** bits);
  }

  #blocked(side: -1 | 1, size: number): undefined {
    if (side > 0) this.#above = Math.min(this.#above, size / 16);
    else this.#below = Math.min(this.#below, size / 16);
  }
}

/** How far x can go along a direction, backwards and forwards, within the bounds. */
export function roomOf({ x, lower, upper, isBounded }: Subject, { indices, weights }: Direction): [number, number] {
  let below = Number.POSITIVE_INFINITY;
  let above = Number.POSITIVE_INFINITY;
  if (!isBounded) return [below, above];
  for (let k = 0; k < indices.length; k++) {
    const i = indices[k]!;
    const w = weights[k]!;
    if (w === 0) continue;
    const down = (x[i]! - lower[i]!) / Math.abs(w);
    const up = (upper[i]! - x[i]!) / Math.abs(w);
    below = Math.min(below, w > 0 ? down : up);
    above = Math.min(above, w > 0 ? up : down);
  }
  return [below, above];
}
