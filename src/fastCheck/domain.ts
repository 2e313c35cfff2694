import type { Random } from "fast-check";
import type { DType } from "../core/dtype.ts";
import { textOf, ValueError } from "../core/errors.ts";
import { checkOrder, finite } from "./options.ts";
import { pick, uniform } from "./random.ts";
import { compareSimplicity, type Round, simplerNumbers, simplestNumbers } from "./simplicity.ts";

/** Which numbers the entries are. All are finite, and none is −0: fast-check's own arbitraries make the others. */
export interface ValueConstraints {
  /** Least entry; −10 by default, or `max − 10` for a negative `max`. */
  readonly min?: number;
  /** Greatest entry; 10 by default, or `min + 10` for a positive `min`. */
  readonly max?: number;
  /** Points that every entry keeps away from, by `gap`: kinks, poles, thresholds. None by default. */
  readonly avoid?: readonly number[];
  /** Whether any two entries differ, by `gap` or more: for max, sort, topk. False by default. */
  readonly distinct?: boolean;
  /** Least distance to the points to avoid, and between distinct entries; 0.1 by default. */
  readonly gap?: number;
}

/** The names of {@link ValueConstraints}. */
export const valueConstraintNames = ["min", "max", "avoid", "distinct", "gap"] as const;

const rounds: Record<DType, Round> = {
  float64: (v) => v,
  float32: Math.fround,
  int32: (v) => Math.round(v) + 0,
  bool: (v) => Math.round(v) + 0,
};

const limits: Record<DType, readonly [least: number, most: number, defaultMost: number]> = {
  float64: [-Number.MAX_VALUE, Number.MAX_VALUE, 10],
  float32: [-3.4028234663852886e38, 3.4028234663852886e38, 10],
  int32: [-(2 ** 31), 2 ** 31 - 1, 10],
  bool: [0, 1, 1],
};

/** The numbers that one entry may be: what a dtype holds between two bounds, less the surroundings of the points to avoid. */
export class Domain {
  /** The simplest number in it. */
  readonly simplest: number;
  /** Least distance between entries; 0 if they need not differ. */
  readonly spacing: number;
  readonly round: Round;
  /** Where entries may be, in ascending order; both ends included. */
  readonly intervals: readonly (readonly [low: number, high: number])[];
  /** Numbers that tests should not miss: the simplest, and the ends of the intervals. */
  private readonly landmarks: readonly number[];
  private readonly dtype: DType;

  /**
   * @param op - who asks, for errors.
   * @throws {@link ValueError} for bounds, points or gaps that are none, or that leave no number.
   */
  constructor(op: string, constraints: ValueConstraints, dtype: DType) {
    const [least, most, usual] = limits[dtype];
    const { avoid = [], distinct = false } = constraints;
    const min = finite(op, "min", constraints.min, Math.max(least, Math.min(-usual, (constraints.max ?? 0) - usual)));
    const max = finite(op, "max", constraints.max, Math.min(most, Math.max(usual, min + usual)));
    checkOrder(op, "min", min, "max", max);
    if (min < least || max > most) throw new ValueError(op, `${dtype} must hold min and max`, `${min} and ${max}`);
    if (!Array.isArray(avoid) || !avoid.every((point) => Number.isFinite(point))) {
      throw new ValueError(op, "avoid must list finite numbers", textOf(avoid));
    }
    if (typeof distinct !== "boolean") throw new ValueError(op, "distinct must be true or false", textOf(distinct));
    const gap = finite(op, "gap", constraints.gap, 0.1);
    if (gap <= 0) throw new ValueError(op, "gap must be above 0", String(gap));
    if (constraints.gap !== undefined && avoid.length === 0 && !distinct) {
      throw new ValueError(op, "gap needs avoid or distinct", String(gap));
    }
    this.dtype = dtype;
    this.round = rounds[dtype];
    this.spacing = distinct ? gap : 0;
    this.intervals = this.cut(
      min,
      max,
      [...avoid].sort((a, b) => a - b),
      gap,
    );
    if (this.intervals.length === 0) {
      const hint = avoid.length > 0 ? "avoid less, by a smaller gap, or widen the bounds" : "";
      throw new ValueError(op, `some ${dtype} must be allowed`, `none from ${min} to ${max}`, hint);
    }
    const ends = this.intervals.flat();
    this.landmarks = [...simplestNumbers, 2, -2, ...ends, ...this.intervals.map((bounds) => this.simplestIn(bounds))]
      .filter((v) => this.contains(v))
      .sort((a, b) => this.compare(a, b));
    this.simplest = this.landmarks[0]!;
  }

  contains(v: number): boolean {
    return this.round(v) === v && !Object.is(v, -0) && this.intervals.some(([low, high]) => v >= low && v <= high);
  }

  /** Below 0 if a is simpler than b. */
  compare(a: number, b: number): number {
    return compareSimplicity(a, b, this.round);
  }

  /** The allowed numbers simpler than `v`, roughly the simplest first. */
  *simpler(v: number): Generator<number> {
    if (this.compare(this.simplest, v) < 0) yield this.simplest;
    for (const next of simplerNumbers(v, this.round)) if (next !== this.simplest && this.contains(next)) yield next;
  }

  /** A random number: a landmark where biased; else any, half of the time rounded to an integer or to one digit after the point. */
  draw(random: Random, isBiased: boolean): number {
    if (isBiased) return pick(random, this.landmarks);
    const lengths = this.intervals.map(([low, high]) => high / 2 - low / 2); // halves, as the whole may overflow
    const all = lengths.reduce((sum, length) => sum + length, 0);
    let at = uniform(random) * all;
    let k = all === 0 ? random.nextInt(0, lengths.length - 1) : 0;
    while (all > 0 && k < lengths.length - 1 && at >= lengths[k]!) at -= lengths[k++]!;
    const [low, high] = this.intervals[k]!;
    const v = Math.min(high, Math.max(low, this.round(low + at + at) + 0));
    const form = random.nextInt(0, 7);
    if (form === 0) return pick(random, this.landmarks);
    const unit = form < 3 ? 1 : 10;
    const plain = form < 5 ? this.round(Math.round(v * unit) / unit) + 0 : v;
    return this.contains(plain) ? plain : v;
  }

  /** The next number that the dtype holds, or the one after it. */
  next(v: number, sign: 1 | -1): number {
    if (this.dtype === "int32" || this.dtype === "bool") return v + sign;
    const [relative, least] = this.dtype === "float32" ? [2 ** -23, 2 ** -149] : [2 ** -52, 2 ** -1074];
    return this.round(v + sign * Math.max(Math.abs(v) * relative, least));
  }

  /** The intervals between two bounds that the points to avoid leave. */
  private cut(min: number, max: number, points: readonly number[], gap: number): (readonly [number, number])[] {
    const lows = [min, ...points.map((point) => Math.max(min, point + gap))];
    const highs = [...points.map((point) => Math.min(max, point - gap)), max];
    const allowed = (v: number) => v >= min && v <= max && points.every((point) => Math.abs(v - point) >= gap);
    const inward = (from: number, sign: 1 | -1, stop: number): number => {
      let v = this.round(from) + 0;
      // Rounding moves an end by a step or two at most.
      for (let i = 0; i < 4 && sign * v <= sign * stop && (sign * v < sign * from || !allowed(v)); i++) {
        v = this.next(v, sign);
      }
      return v;
    };
    return lows
      .map((low, k) => [inward(low, 1, highs[k]!), inward(highs[k]!, -1, low)] as const)
      .filter(([low, high]) => low <= high && allowed(low) && allowed(high));
  }

  /** The simplest number of an interval, as far as digits go. */
  private simplestIn([low, high]: readonly [number, number]): number {
    if (low <= 0 && high >= 0) return 0;
    const nearest = low > 0 ? low : high;
    const integer = Math.sign(nearest) * Math.ceil(Math.abs(nearest));
    if (this.round(integer) === integer && integer >= low && integer <= high) return integer;
    for (let digits = 1; digits <= 17; digits++) {
      for (const v of [Number(nearest.toPrecision(digits)), this.above(nearest, digits)]) {
        if (this.contains(this.round(v))) return this.round(v);
      }
    }
    return nearest;
  }

  /** `v` away from 0 to so many digits. */
  private above(v: number, digits: number): number {
    const exponent = Math.floor(Math.log10(Math.abs(v))) - digits + 1;
    return Math.sign(v) * Number(`${Math.ceil(Math.abs(v) / 10 ** exponent)}e${exponent}`);
  }
}
