import { ValueError } from "../core/errors.ts";
import { along, type Direction } from "./direction.ts";
import { purposes, word } from "./draw.ts";
import type { Estimator } from "./estimate.ts";
import { type Judgement, judge } from "./judge.ts";
import { labelOf } from "./layout.ts";
import type { Settings } from "./options.ts";
import { type EntryReport, entryReport } from "./report.ts";
import { Line } from "./samples.ts";
import type { Measure, Sizes } from "./search.ts";
import { rootMeanSquare, type Subject } from "./subject.ts";
import { projectionOf } from "./tangent.ts";
import type { Task } from "./task.ts";

/** A derivative that a user claims: of all results of a function, along any direction. */
export interface Claim {
  /** The derivative of each result along a direction. */
  along(direction: Direction): Task<Float64Array>;
  /** ∂resultⱼ/∂xᵢ at j·n + i, if it is known as a whole; null: only along directions. */
  readonly matrix: Float64Array | null;
  /** Entries of the matrix that were not the same at a second call. */
  readonly unstable: ReadonlySet<number>;
}

/** A claim that is known as a matrix. */
export function claimOf(matrix: Float64Array, results: number, unstable: ReadonlySet<number> = new Set()): Claim {
  const n = results === 0 ? 0 : matrix.length / results;
  return {
    matrix,
    unstable,
    // biome-ignore lint/correctness/useYield: a claim of this kind never waits
    *along(direction) {
      return Float64Array.from({ length: results }, (_, j) => along(matrix, direction, j * n));
    },
  };
}

/** What was checked, and found. */
export interface Examination {
  readonly entries: readonly EntryReport[];
  readonly directions: readonly EntryReport[];
}

/** Steps that suit a precision: rounding falls with the step, the sixth-order error grows; narrower ones get past kinks. */
export function sizesOf(precision: "float64" | "float32", ratio = 1): Sizes {
  const [start, least, most] = precision === "float64" ? [2 ** -7, 2 ** -31, 2 ** -3] : [2 ** -3, 2 ** -11, 2 ** -1];
  const reach = ratio > 1 ? 2 ** Math.ceil(Math.log2(ratio)) : 1;
  return { start, least, most: most * reach };
}

/**
 * Compares a claim with the function: in every entry, or, if there are too many, in a sample of the entries and along random signed
 * directions that touch them all. If a direction is wrong though no sampled entry is, the wrong entries are found by halving.
 */
export function* examine(subject: Subject, claim: Claim, estimator: Estimator, settings: Settings): Task<Examination> {
  const { layout, results, x, magnitudes } = subject;
  const n = x.length;
  const m = results.size;
  const { matrix, unstable } = claim;
  const project = projectionOf(layout, settings.tangent);
  const typical = rootMeanSquare(x);
  const scales = scalesOf(matrix, n, m, magnitudes);

  /** Judges one result along one direction. */
  const judged = function* (line: Line, j: number, claimed: number, atol: number): Task<Judgement> {
    const measure: Measure = function* (size, variant = 0) {
      const samples = yield* line.at(size, variant);
      return samples === null ? null : estimator(samples, subject.base[j]!, j, precisionOf(subject, j));
    };
    const tolerance = (magnitude: number): number => atol + settings.rtol * magnitude;
    const { weights } = line.direction;
    const ratio = weights.length === 1 ? typical / Math.abs(weights[0]!) : 1;
    const precision = subject.eps > 2 ** -40 ? "float32" : "float64";
    return yield* judge(measure, claimed, tolerance, sizesOf(precision, ratio), settings, subject.eps);
  };

  const entryAt = function* (i: number): Task<EntryReport[]> {
    const direction = project({ indices: [i], weights: [magnitudes[i]!], id: i + 1 });
    const weight = magnitudes[i]!;
    if (direction === null) return [];
    const line = new Line(subject, direction, settings.seed);
    const claimed = yield* claim.along(direction);
    const found: EntryReport[] = [];
    for (let j = 0; j < m; j++) {
      const atol = (settings.atol ?? settings.relativeAtol * Math.min(scales.effect[j]! / weight, scales.value[j]!)) * weight;
      const judgement = unstable.has(j * n + i) ? nondeterministic : yield* judged(line, j, claimed[j]!, atol);
      const label = m === 1 && results.leaves[0]!.shape.length === 0 ? labelOf(layout, i) : `${labelOf(results, j)} by ${labelOf(layout, i)}`;
      found.push(entryReport({ label, entry: i, result: j, weight, claimed: claimed[j]!, judgement, at: x[i]!, column: labelOf(layout, i) }));
    }
    return found;
  };

  const directionAt = function* (indices: readonly number[], id: number, j: number | null): Task<EntryReport[]> {
    const weights = indices.map((i) => (word(settings.seed, purposes.signs, i, id) & 1 ? magnitudes[i]! : -magnitudes[i]!));
    const direction = project({ indices, weights, id: n + 1 + id });
    if (direction === null) return [];
    const line = new Line(subject, direction, settings.seed);
    const claimed = yield* claim.along(direction);
    const found: EntryReport[] = [];
    for (let k = j ?? 0; k < (j === null ? m : j + 1); k++) {
      let squares = 0;
      for (let q = 0; q < indices.length; q++) {
        const own = matrix === null ? 0 : matrix[k * n + indices[q]!]! * weights[q]!;
        squares += (settings.atol === null ? own : weights[q]!) ** 2;
      }
      const norm = Math.sqrt(squares);
      const relative = matrix === null ? Math.abs(claimed[k]!) : norm;
      const atol = settings.atol === null ? settings.relativeAtol * relative : settings.atol * norm;
      const judgement = yield* judged(line, k, claimed[k]!, Number.isFinite(atol) ? atol : 0);
      const label = m === 1 ? `direction ${id}` : `${labelOf(results, k)} along direction ${id}`;
      found.push(entryReport({ label, entry: -1, result: k, weight: 1, claimed: claimed[k]!, judgement, at: Number.NaN, column: "" }));
    }
    return found;
  };

  const { chosen, directions: count } = choose(subject, settings);
  const entries: EntryReport[] = [];
  for (const i of chosen) entries.push(...(yield* entryAt(i)));
  const directions: EntryReport[] = [];
  const everyEntry = Array.from({ length: count > 0 ? n : 0 }, (_, i) => i);
  for (let id = 0; id < count; id++) directions.push(...(yield* directionAt(everyEntry, id, null)));

  const wrong = directions.findIndex(({ verdict }) => verdict === "mismatch");
  if (wrong >= 0 && entries.every(({ verdict }) => verdict !== "mismatch")) {
    const id = Math.floor(wrong / m);
    const done = new Set(chosen);
    const located: number[] = [];
    const halve = function* (indices: readonly number[]): Task<void> {
      if (located.length >= 8) return;
      if (indices.length === 1) {
        if (!done.has(indices[0]!)) located.push(indices[0]!);
        return;
      }
      const middle = indices.length >> 1;
      for (const half of [indices.slice(0, middle), indices.slice(middle)]) {
        const [found] = yield* directionAt(half, id, directions[wrong]!.result);
        if (found?.verdict === "mismatch") yield* halve(half);
      }
    };
    yield* halve(everyEntry);
    for (const i of located) entries.push(...(yield* entryAt(i)));
  }
  return { entries, directions };
}

const nondeterministic: Judgement = { verdict: "nondeterministic", ok: false, estimate: null, tolerance: 0, note: "" };

/** What an estimator needs to know of a result's precision. */
export function precisionOf({ eps, noise, statedNoise }: Subject, j: number) {
  return { eps, noise: noise[j]!, statedNoise };
}

/** Each result's largest entry, by effect (entry times magnitude of the input) and by value. */
function scalesOf(matrix: Float64Array | null, n: number, m: number, magnitudes: Float64Array) {
  const effect = new Float64Array(m);
  const value = new Float64Array(m);
  for (let k = 0; matrix !== null && k < matrix.length; k++) {
    const own = Math.abs(matrix[k]!);
    if (!Number.isFinite(own)) continue;
    const j = Math.floor(k / n);
    effect[j] = Math.max(effect[j]!, own * magnitudes[k % n]!);
    value[j] = Math.max(value[j]!, own);
  }
  return { effect, value };
}

/** The entries to check one by one, and the number of directions that cover the rest. */
function choose({ layout, x }: Subject, settings: Settings): { chosen: number[]; directions: number } {
  const n = x.length;
  if (settings.only !== null) {
    const wanted = new Set(settings.only);
    const chosen = Array.from(x, (_, i) => i).filter((i) => wanted.delete(labelOf(layout, i)));
    for (const label of wanted) throw new ValueError("only", "must name entries of the input", label);
    return { chosen, directions: 0 };
  }
  if (n <= settings.maxEntries) return { chosen: Array.from(x, (_, i) => i), directions: 0 };
  const chosen = new Set<number>();
  const add = (i: number): void => {
    if (chosen.size < settings.sampledEntries) chosen.add(i);
  };
  // The ends of each leaf first: that is where an index goes wrong.
  for (const { offset, size } of layout.leaves) if (size > 0) add(offset);
  for (const { offset, size } of layout.leaves) if (size > 0) add(offset + size - 1);
  for (let k = 0; chosen.size < Math.min(settings.sampledEntries, n); k++) {
    const { offset, size } = layout.leaves[k % layout.leaves.length]!;
    if (k > 64 * n) break;
    if (size > 0) add(offset + (word(settings.seed, purposes.sample, k) % size));
  }
  return { chosen: [...chosen].sort((a, b) => a - b), directions: settings.directions };
}
