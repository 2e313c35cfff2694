import { ValueError } from "../core/errors.ts";
import type { Check } from "./check.ts";
import { entriesOf } from "./coverage.ts";
import { indicesOf, randomWeights } from "./direction.ts";
import { purposes, word } from "./draw.ts";
import { type EntryReport, entryReport } from "./entry.ts";
import { curvature, type Estimate } from "./estimate.ts";
import { type Judgement, judge } from "./judge.ts";
import { labelOf } from "./layout.ts";
import type { Settings } from "./options.ts";
import type { GradientReport } from "./report.ts";
import { Line } from "./samples.ts";
import type { Measure, Sizes } from "./search.ts";
import { isFloat32, precisionOf, rootMeanSquare } from "./subject.ts";
import type { Task } from "./task.ts";

/** A product of the claimed Hessian with a vector. */
export type Product = (v: Float64Array) => Task<Float64Array>;

// Second differences lose more to rounding than first ones: they have wider steps, and wider tolerances.
const float64 = { sizes: { start: 2 ** -5, least: 2 ** -13, most: 2 ** -1 }, rtol: 1e-6, atol: 1e-7 };
const float32 = { sizes: { start: 2 ** -2, least: 2 ** -6, most: 1 }, rtol: 1e-2, atol: 1e-3 };

/** The comparison of products with a Hessian with second differences of the function's values. */
export class SecondDifferences {
  readonly #check: Check;
  readonly #product: Product;
  readonly sizes: Sizes;
  readonly #rtol: number;
  readonly #relativeAtol: number;
  readonly #typical: number;
  readonly #columns = new Map<number, Float64Array>();
  readonly #lines = new Map<string, Line>();

  constructor(check: Check, product: Product) {
    const { sizes, rtol, atol } = isFloat32(check.subject) ? float32 : float64;
    this.#check = check;
    this.#product = product;
    this.sizes = sizes;
    const { nondeterminism } = check.settings;
    this.#rtol = check.given.rtol ?? Math.max(rtol, nondeterminism);
    this.#relativeAtol = Math.max(atol, nondeterminism);
    this.#typical = rootMeanSquare(check.subject.x);
  }

  /** Checks entries (i, j) of the Hessian one by one. */
  *entries(pairs: readonly (readonly [number, number])[]): Task<EntryReport[]> {
    const { layout, subject, settings } = this.#check;
    const { x, magnitudes } = subject;
    let effect = 0; // the largest |H[i, j]| times the magnitudes of both inputs
    let value = 0;
    for (const [i, j] of pairs) {
      const own = Math.abs((yield* this.#column(j))[i]!);
      if (!Number.isFinite(own)) continue;
      effect = Math.max(effect, own * magnitudes[i]! * magnitudes[j]!);
      value = Math.max(value, own);
    }
    const reports: EntryReport[] = [];
    for (const [i, j] of pairs) {
      const derivative = (yield* this.#column(j))[i]!;
      const atol = settings.atol ?? this.#relativeAtol * Math.min(effect / (magnitudes[i]! * magnitudes[j]!), value);
      const judged = (own: number, other: number): Task<Judgement> => {
        const weight = own * other;
        return this.#judged(
          this.mixed(i, j, own, other),
          [own, other],
          derivative * weight,
          Math.max(atol, Number.MIN_VALUE) * weight,
        );
      };
      let weight = magnitudes[i]! * magnitudes[j]!;
      let judgement = weight < 2 ** -900 ? underflow(settings) : yield* judged(magnitudes[i]!, magnitudes[j]!);
      if (judgement.verdict === "noisy" && Math.min(magnitudes[i]!, magnitudes[j]!) < this.#typical / 4) {
        // Inputs that are much smaller than the others move the function too little to be seen in second differences.
        const [own, other] = [Math.max(magnitudes[i]!, this.#typical), Math.max(magnitudes[j]!, this.#typical)];
        weight = own * other;
        judgement = yield* judged(own, other);
      }
      if (i === j && judgement.verdict === "mismatch") {
        const own = Math.sqrt(weight);
        judgement = (yield* this.#between(this.#line([i], [own]), judgement, derivative * weight)) ?? judgement;
      }
      const label = `${labelOf(layout, i)}, ${labelOf(layout, j)}`;
      const common = { label, column: labelOf(layout, j), entry: j, result: i, at: x[j]!, eps: subject.eps };
      const unit = judgement.estimate === null ? 1 : weight;
      reports.push(entryReport({ ...common, weight: unit, claimed: derivative * unit, judgement }));
    }
    return reports;
  }

  /** Checks the curvature along random directions that touch all entries. */
  *directions(count: number): Task<EntryReport[]> {
    const { subject, settings } = this.#check;
    const { x, magnitudes } = subject;
    const reports: EntryReport[] = [];
    for (let id = 0; id < count; id++) {
      const indices = indicesOf(x.length);
      const weights = randomWeights(settings.seed, id, indices, magnitudes);
      const line = new Line(subject, { indices, weights, id: x.length ** 2 + 1 + id }, settings.seed);
      const claimed = (yield* this.#product(weights)).reduce((sum, entry, i) => sum + entry * weights[i]!, 0);
      const atol = settings.atol ?? this.#relativeAtol * Math.abs(claimed);
      const measure: Measure = (size, variant = 0) => this.#bend(line, size, variant);
      const judgement = yield* this.#judged(measure, weights, claimed, atol);
      const label = `curvature along direction ${id}`;
      const common = { label, column: "", entry: -1, result: 0, at: Number.NaN, eps: subject.eps };
      reports.push(entryReport({ ...common, weight: 1, claimed, judgement }));
    }
    return reports;
  }

  #judged(measure: Measure, weights: ArrayLike<number>, claimed: number, atol: number): Task<Judgement> {
    const { settings, subject } = this.#check;
    const tolerance = (magnitude: number): number => atol + this.#rtol * magnitude;
    return judge(measure, claimed, tolerance, this.sizes, settings, precisionOf(subject, 0, weights));
  }

  /** uᵀHv for u and v along two axes: uᵀHu itself, or 4 uᵀHv = (u + v)ᵀH(u + v) − (u − v)ᵀH(u − v). */
  mixed(i: number, j: number, own: number, other: number): Measure {
    if (i === j) {
      const line = this.#line([i], [own]);
      return (size, variant = 0) => this.#bend(line, size, variant);
    }
    const [indices, weights] = i < j ? [[i, j], [own, other] as const] : [[j, i], [other, own] as const];
    const lines = [this.#line(indices, weights), this.#line(indices, [weights[0], -weights[1]])] as const;
    const bend = this.#bend.bind(this);
    return function* (size, variant = 0) {
      const sum = yield* bend(lines[0], size, variant);
      const difference = yield* bend(lines[1], size, variant);
      if (sum === null || difference === null) return null;
      return {
        ...sum,
        value: (sum.value - difference.value) / 4,
        error: (sum.error + difference.error) / 4,
        floor: (sum.floor + difference.floor) / 4,
        orders: sum.orders.map((own, k) => (own - difference.orders[k]!) / 4),
        magnitude: Math.max(sum.magnitude, difference.magnitude),
        swing: Math.max(sum.swing, difference.swing),
      };
    };
  }

  /** What becomes of a mismatch if the curvatures on the two sides of x differ, and the claimed one lies between: second differences show their mean. Null if they do not. */
  *#between(line: Line, { estimate, ...rest }: Judgement, claimed: number): Task<Judgement | null> {
    const { settings, subject } = this.#check;
    if (estimate === null) return null;
    const difference = function* (size: number): Task<number | null> {
      const samples = yield* line.at(size);
      if (samples === null || samples.side !== 0) return null;
      const { plus, minus } = samples;
      // The odd part over t is f′ + Δt/4 + O(t²) at t = 1, ½, ¼; two of its differences leave Δ.
      const [d0, d1, d2] = [0, 1, 2].map((k) => ((plus[k]![0]! - minus[k]![0]!) / 2) * 2 ** k) as [
        number,
        number,
        number,
      ];
      return (8 * (4 * (d1 - d2) - (d0 - d1))) / samples.size ** 2;
    };
    const [wide, narrow] = [yield* difference(estimate.asked), yield* difference(estimate.asked / 8)];
    if (wide === null || narrow === null) return null;
    const { eps, noise } = precisionOf(subject, 0, line.direction.weights);
    const rounding = (2 ** 10 * Math.max(eps * estimate.magnitude, 3 * noise)) / (estimate.size / 8) ** 2;
    // Of a smooth function there would be 8³ times less.
    const isJump = Math.abs(narrow) > 4 * rounding && Math.abs(narrow - wide) <= Math.abs(wide) / 4;
    const slack = rest.tolerance + estimate.error + Math.abs(narrow) / 64;
    const lies = settings.kinks === "skip" || Math.abs(claimed - estimate.value) <= Math.abs(narrow) / 2 + slack;
    if (!isJump || !lies) return null;
    // As near to x as rounding lets one see: the jump may be beside x, where second differences over wide steps show a mean that is none.
    const nearest = 2 ** Math.ceil(Math.log2(Math.sqrt((rounding * 2 ** 4) / Math.abs(narrow)) * (estimate.size / 8)));
    const there = nearest < estimate.asked / 8 ? yield* difference(nearest) : narrow;
    if (there === null || !(Math.abs(there - narrow) <= Math.abs(narrow) / 4)) {
      const beside = "f is not smooth beside x: give its gradient as f";
      return { ...rest, estimate, verdict: "noisy", ok: settings.inconclusive === "allow", note: beside };
    }
    const ok = settings.kinks !== "fail";
    return { ...rest, estimate, verdict: "kink", ok, note: "the curvatures on the two sides differ" };
  }

  *#bend(line: Line, size: number, variant: number): Task<Estimate | null> {
    const { subject } = this.#check;
    const samples = yield* line.at(size, variant);
    return samples === null
      ? null
      : curvature(samples, subject.base[0]!, 0, precisionOf(subject, 0, line.direction.weights));
  }

  /** The line along these axes; one and the same for the entries (i, j) and (j, i). */
  #line(indices: readonly number[], weights: readonly number[]): Line {
    const { subject, settings } = this.#check;
    const key = `${indices} ${weights}`;
    const id = indices.reduce((sum, i) => sum * subject.x.length + i + 1, 0);
    const line = this.#lines.get(key) ?? new Line(subject, { indices, weights, id }, settings.seed);
    this.#lines.set(key, line);
    return line;
  }

  *#column(j: number): Task<Float64Array> {
    const n = this.#check.layout.size;
    const known = this.#columns.get(j);
    if (known !== undefined) return known;
    const column = yield* this.#product(new Float64Array(n).fill(1, j, j + 1));
    this.#columns.set(j, column);
    return column;
  }
}

/** Squares of steps that are too small for numbers. */
function underflow({ inconclusive }: Settings): Judgement {
  const note = "the input is so small that squares of steps underflow";
  return { verdict: "outside", ok: inconclusive === "allow", estimate: null, tolerance: 0, note };
}

/** Compares products with a Hessian with the function's values: in each entry (i, j), or in some of them and along random directions. */
export function* compareWithValues(check: Check, product: Product): Task<GradientReport> {
  const { layout, subject, settings } = check;
  if (settings.tangent !== undefined || settings.retract !== undefined) {
    throw new ValueError(
      check.op,
      "tangent and retract are for first differences",
      "a function's value",
      "give its gradient as f",
    );
  }
  const total = layout.size ** 2;
  const pairs = pairsOf(check, settings);
  const isPart = pairs.length < total && settings.only === null;
  // Again where what was sampled is worth nothing, or was sampled with little effort, and fails.
  for (;;) {
    const comparison = new SecondDifferences(check, product);
    const entries = yield* comparison.entries(pairs);
    const directions = yield* comparison.directions(isPart ? settings.directions : 0);
    if (subject.wasSpoilt() || (yield* check.mustLookAgain(directions))) continue;
    return check.report(entries, directions, subject, total);
  }
}

/** All pairs if they are few, else the ends of the diagonal and a sample; with `only`, the columns that it names. */
function pairsOf({ layout }: Check, { op, only, maxEntries, sampledEntries, seed }: Settings): [number, number][] {
  const n = layout.size;
  if (sampledEntries === 0 && n * n > maxEntries) return [];
  const columns = only === null ? Array.from({ length: n }, (_, j) => j) : entriesOf(op, layout, only);
  if (only !== null || n * n <= maxEntries) {
    return columns.flatMap((j) => Array.from({ length: n }, (_, i): [number, number] => [i, j]));
  }
  const chosen = new Set<number>([0, n * n - 1]);
  const draw = (k: number, axis: number): number => word(seed, purposes.sample, k, axis) % n;
  const wanted = Math.min(sampledEntries, n * n);
  for (let k = 0; chosen.size < wanted && k < 64 * wanted; k++) chosen.add(draw(k, 0) * n + draw(k, 1));
  return [...chosen].map((k) => [Math.floor(k / n), k % n]);
}
