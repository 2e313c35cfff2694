import type { Claim } from "./claim.ts";
import { type Plan, planOf } from "./coverage.ts";
import { type Direction, indicesOf, randomWeights } from "./direction.ts";
import { type EntryReport, entryReport } from "./entry.ts";
import { type Estimator, type Precision, slope } from "./estimate.ts";
import { isFineAlong } from "./grain.ts";
import { type Judgement, judge, type Values } from "./judge.ts";
import { labelOf } from "./layout.ts";
import { everywhere, noiseAlong } from "./noise.ts";
import type { Settings } from "./options.ts";
import { Line } from "./samples.ts";
import { type Measure, type Sizes, sizesOf, wideEnough } from "./search.ts";
import { valuesAlong } from "./stairs.ts";
import { isFloat32, precisionOf, rootMeanSquare, type Subject } from "./subject.ts";
import type { Task } from "./task.ts";

/** What was checked, and found. */
export interface Findings {
  readonly entries: readonly EntryReport[];
  readonly directions: readonly EntryReport[];
}

/** Samples along lines that were taken already, by the line's direction: for checks that examine several claims. */
export type LineStore = Map<number, Line>;

/** An entry of the input with what is claimed of it, in all results. */
interface Column {
  readonly i: number;
  readonly direction: Direction;
  readonly claimed: Float64Array;
}

/** So many times a gradient that is wrong is asked for beside x, whether it is smooth there: each time takes up to 30 calls of it. */
const mostAsked = 8;

/** So many times f is searched for jumps before a gradient is called wrong: then it is wrong somewhere, and f is steady. Each search takes some hundred calls of f. */
const mostSearched = 4;

/** Up to so many inputs, the smallest ones, are moved one by one to see whether f jumps. */
const mostMoved = 2;

/** So many times it is looked whether f rounds anything larger than itself. Each time takes some hundred calls of f. */
const mostLooked = 8;

/** After so many entries that many estimates have left undecided, the others are not given as many. */
const mostPatience = 16;

/** As far as that f is followed at least to where it may have grown, in units of the inputs. */
const farthest = 4;

/** A line on which f may be seen to jump, from how far from x to how far, and what is known of it. */
interface Other {
  readonly direction: Direction;
  readonly from: number;
  readonly to: number;
  readonly known: Map<number, Float64Array | null>;
}

/** Up to so many wrong entries are located behind a wrong direction. */
const mostLocated = 8;

/** A derivative, times the size of the input, may be off by so many times the noise of the value. */
const mostShaken = 8;

/** The comparison of a claim with its function, entry by entry and along directions. */
export class Examination {
  readonly #subject: Subject;
  readonly #claim: Claim;
  readonly #estimator: Estimator;
  readonly #settings: Settings;
  readonly #typical: number;
  readonly #lines: LineStore | null;
  #refuted = 0;
  #undecided = 0;
  #isBrief = false;
  #others: Other[] | null = null;
  /** How many times each result was seen to round its own last digit alone; −1 where it was seen to round more. */
  readonly #grains = new Map<number, number>();

  /** @param lines - where to look for samples, and to put them; null: each line is forgotten after use. */
  constructor(
    subject: Subject,
    claim: Claim,
    estimator: Estimator,
    settings: Settings,
    lines: LineStore | null = null,
  ) {
    this.#subject = subject;
    this.#claim = claim;
    this.#estimator = estimator;
    this.#settings = settings;
    this.#typical = Math.max(1, rootMeanSquare(subject.x));
    this.#lines = lines;
  }

  /**
   * Every entry, or, if there are too many, a sample of them and random signed directions that touch them all. If a direction is wrong
   * though no sampled entry is, the wrong entries are found by halving.
   *
   * @param isBrief - whether they are not: what fails will be looked at again.
   */
  *run(isBrief: boolean): Task<Findings> {
    this.#isBrief = isBrief;
    let findings = yield* this.#look(isBrief);
    if (this.#subject.wasSpoilt()) {
      this.#lines?.clear();
      findings = yield* this.#look(isBrief);
    }
    return findings;
  }

  *#look(isBrief: boolean): Task<Findings> {
    const plan = planOf(this.#subject.layout, this.#settings);
    const entries = yield* this.entries(plan.entries);
    const directions = yield* this.directions(plan.directions);
    const wrong = directions.find(({ verdict }) => verdict === "mismatch");
    if (!isBrief && wrong !== undefined && entries.every(({ verdict }) => verdict !== "mismatch")) {
      const id = Math.floor(directions.indexOf(wrong) / this.#subject.results.size);
      const among = wrong.note === zerosLeftOut ? this.#nonzero : this.#all;
      entries.push(...(yield* this.entries(yield* this.#locate(plan, among, id, wrong.result))));
    }
    return { entries, directions };
  }

  /** Checks entries of the input one by one, in all results. */
  *entries(chosen: readonly number[]): Task<EntryReport[]> {
    const columns: Column[] = [];
    for (const i of chosen) {
      const direction = this.#subject.project({ indices: [i], weights: [this.#subject.magnitudes[i]!], id: i + 1 });
      if (direction !== null) columns.push({ i, direction, claimed: yield* this.#claim.along(direction) });
    }
    const reports = yield* this.#judgedColumns(columns, new Set());
    // A claim that is let through must not set the scale for those that are compared.
    const isExcused = ({ ok, verdict }: EntryReport): boolean =>
      ok && verdict !== "pass" && (verdict !== "kink" || this.#settings.kinks === "skip");
    const excused = reports.filter(isExcused).map(({ entry, result }) => result * this.#subject.x.length + entry);
    return excused.length === 0 ? reports : yield* this.#judgedColumns(columns, new Set(excused));
  }

  *#judgedColumns(columns: readonly Column[], without: ReadonlySet<number>): Task<EntryReport[]> {
    const { layout, results, x, magnitudes } = this.#subject;
    if (columns.length === 0) return [];
    const scales = this.#scales(columns, without);
    const isScalar = results.size === 1 && results.leaves[0]!.shape.length === 0;
    const reports: EntryReport[] = [];
    for (const { i, direction, claimed } of columns) {
      const line = this.#line(direction);
      const weight = magnitudes[i]!;
      const column = labelOf(layout, i);
      for (let j = 0; j < results.size; j++) {
        const { relativeAtol, atol = relativeAtol * Math.min(scales.effect[j]! / weight, scales.value[j]!) } =
          this.#settings;
        const isUnstable = this.#claim.unstable.has(j * x.length + i);
        const judgement = isUnstable
          ? nondeterministic
          : yield* this.#judged(line, j, claimed[j]!, Math.max(atol, Number.MIN_VALUE) * weight);
        const label = isScalar ? column : `${labelOf(results, j)} by ${column}`;
        reports.push(
          entryReport({
            label,
            column,
            entry: i,
            result: j,
            weight,
            claimed: claimed[j]!,
            judgement,
            at: x[i]!,
            eps: this.#subject.eps,
          }),
        );
      }
    }
    return reports;
  }

  /** Checks random directions that touch all entries, the first so many of the seed's. */
  *directions(count: number): Task<EntryReport[]> {
    if (count === 0) return [];
    const all = this.#all;
    const reports: EntryReport[] = [];
    const { kinks } = this.#settings;
    for (let id = 0; id < count; id++) {
      for (const report of yield* this.#direction(all, id, null)) {
        // Kinks are mostly at zeros (relu, abs), and the slopes of many leave room for any error of another entry.
        const nonzero = report.verdict === "kink" && report.ok ? this.#nonzero : all;
        const rest = nonzero.length < all.length ? yield* this.#direction(nonzero, id, report.result) : [];
        reports.push(
          ...(rest.length > 0 ? rest.map((own) => ({ ...own, note: zerosLeftOut })) : [report]).map((own) =>
            kinks === "skip" ? own : undecided(own),
          ),
        );
      }
    }
    return reports;
  }

  /** Checks a random direction, or the part of it over some entries, in one result or in all. */
  *#direction(indices: Int32Array, id: number, only: number | null): Task<EntryReport[]> {
    const { results, x } = this.#subject;
    const { atol, relativeAtol } = this.#settings;
    const { matrix } = this.#claim;
    const line = this.#random(indices, id);
    if (line === null) return [];
    const { direction } = line;
    const claimed = yield* this.#claim.along(direction);
    const reports: EntryReport[] = [];
    for (const j of only === null ? this.#subject.base.keys() : [only]) {
      // Of the terms that add up to the derivative.
      const norm =
        atol !== undefined
          ? norm2(direction)
          : matrix === null
            ? Math.abs(claimed[j]!)
            : norm2(direction, matrix.subarray(j * x.length, (j + 1) * x.length));
      const slack = (atol ?? relativeAtol) * norm;
      const judgement = yield* this.#judged(line, j, claimed[j]!, Number.isFinite(slack) ? slack : 0);
      const label = results.size === 1 ? `direction ${id}` : `${labelOf(results, j)} along direction ${id}`;
      const common = { label, column: "", entry: -1, at: Number.NaN, eps: this.#subject.eps };
      reports.push(entryReport({ ...common, result: j, weight: 1, claimed: claimed[j]!, judgement }));
    }
    return reports;
  }

  get #all(): Int32Array {
    return indicesOf(this.#subject.x.length);
  }

  get #nonzero(): Int32Array {
    return this.#all.filter((i) => this.#subject.x[i] !== 0);
  }

  /** The line along a random direction, or along the part of it over some entries; null where a constraint leaves nothing of it. */
  #random(indices: Int32Array, id: number): Line | null {
    const { x, magnitudes } = this.#subject;
    const { seed } = this.#settings;
    // Parts of a direction are other lines than the whole, which alone is kept.
    const isWhole = indices.length === x.length;
    const number = x.length * (id + 1) + (isWhole ? 1 : 2 + indices[0]!);
    const known = this.#lines?.get(number);
    if (known !== undefined) return known;
    const weights = randomWeights(seed, id, indices, magnitudes);
    const direction = this.#subject.project({ indices, weights, id: number });
    if (direction === null) return null;
    return isWhole ? this.#line(direction) : new Line(this.#subject, direction, seed);
  }

  /** The wrong entries behind a wrong direction, by halving; those that were checked already are left out. */
  *#locate({ entries }: Plan, among: Int32Array, id: number, result: number): Task<number[]> {
    const done = new Set(entries);
    const found: number[] = [];
    const waiting: Int32Array[] = [among];
    this.#isBrief = true; // parts only show the way: what is found is looked at in full
    for (let part = waiting.pop(); part !== undefined && found.length < mostLocated; part = waiting.pop()) {
      if (part.length === 1) {
        if (!done.has(part[0]!)) found.push(part[0]!);
        continue;
      }
      const middle = part.length >> 1;
      for (const half of [part.subarray(middle), part.subarray(0, middle)]) {
        const [report] = yield* this.#direction(half, id, result);
        if (report?.verdict === "mismatch") waiting.push(half);
      }
    }
    this.#isBrief = false;
    return found;
  }

  /** Judges one result along one line. */
  *#judged(line: Line, j: number, claimed: number, atol: number): Task<Judgement> {
    const subject = this.#subject;
    const judgement = yield* this.#judgedByNoise(line, j, claimed, atol);
    const { verdict, estimate } = judgement;
    if (verdict !== "mismatch" || line.direction.weights.length > 1) return judgement;
    // What is noise along other lines may be a factor here: of v(x) · y, the derivative by y is v with its rounding.
    if (!(Math.abs(claimed - estimate!.value) <= mostShaken * subject.noise[j]!)) return judgement;
    const note = "f is as noisy as the gradient is off";
    return { ...judgement, verdict: "noisy", ok: this.#settings.inconclusive === "allow", note };
  }

  /** The same, by the noise along the line. */
  *#judgedByNoise(line: Line, j: number, claimed: number, atol: number): Task<Judgement> {
    const subject = this.#subject;
    const precision = precisionOf(subject, j, line.direction.weights);
    const judgement = yield* this.#judgedWith(precision, line, j, claimed, atol);
    const isNoisy = judgement.verdict === "noisy" && subject.noise[j]! > subject.eps * Math.abs(subject.base[j]!);
    if (!isNoisy || !isInside(subject, line.direction)) return judgement;
    // The noise was measured with all inputs moving; along this line it may be less.
    const noise = (yield* noiseAlong(subject, () => line.direction))[j]!;
    if (noise > subject.noise[j]! / 2) return judgement;
    return yield* this.#judgedWith({ ...precision, noise }, line, j, claimed, atol);
  }

  *#judgedWith(precision: Precision, line: Line, j: number, claimed: number, atol: number): Task<Judgement> {
    const subject = this.#subject;
    const estimator = this.#estimator;
    const measure: Measure = function* (size, variant = 0) {
      const samples = yield* line.at(size, variant);
      return samples === null ? null : estimator(samples, subject.base[j]!, j, precision);
    };
    const { rtol, relativeAtol } = this.#settings;
    const { weights } = line.direction;
    const usual = sizesOf(isFloat32(subject), weights.length === 1 ? this.#typical / Math.abs(weights[0]!) : 1);
    const isFast = this.#settings.effort === "fast" && weights.length > 1;
    const sizes = isFast ? wideEnough(usual, precision, weights.length, atol + rtol * Math.abs(claimed)) : usual;
    // For a derivative of 0, the function's own slopes nearby say what is small: the least, since wide steps may go over a wall.
    const first = claimed === 0 && this.#settings.atol === undefined ? yield* measure(sizes.start) : null;
    const tolerance = (magnitude: number, swing: number): number =>
      Math.max(atol, relativeAtol * Math.min(first?.swing ?? 0, swing)) + rtol * magnitude;
    // What a brief look calls wrong is looked at again.
    const may = (most: number): boolean => !this.#isBrief && this.#refuted < most;
    const beside = may(mostAsked) ? (s: number): Task<number | null> => this.#claim.beside(line.direction, s, j) : null;
    const values = estimator === slope && !this.#isBrief ? (): Values => this.#values(line, j, sizes) : null;
    const judgement = yield* judge(
      measure,
      claimed,
      tolerance,
      sizes,
      this.#settings,
      precision,
      beside,
      values,
      this.#undecided < mostPatience,
    );
    if (judgement.verdict === "mismatch") this.#refuted++;
    if (judgement.verdict === "noisy") this.#undecided++;
    return judgement;
  }

  /** The function along a line, and along others, whose values serve for several entries. */
  #values(line: Line, j: number, { most }: Sizes): Values {
    const subject = this.#subject;
    this.#others ??= this.#otherLines().map((own) => ({ ...own, known: new Map() }));
    const others = this.#others.map(({ direction, from, to, known }) => {
      return { along: valuesAlong(subject, direction, j, known), from, to, isOwn: direction.id === line.direction.id };
    });
    const own = valuesAlong(subject, line.direction, j, line.values);
    const ways = [{ along: own, to: 64 * most }, ...others.map((way) => ({ ...way, to: Math.max(way.to, farthest) }))];
    const grains = this.#grains;
    const isFine = function* (): Task<boolean> {
      const known = grains.get(j) ?? 0;
      if (known < 0 || known >= mostLooked) return known > 0;
      const found = yield* isFineAlong(ways, subject.eps);
      if (found !== null) grains.set(j, found ? known + 1 : -1);
      return found === true;
    };
    return { along: own, others, center: subject.base[j]!, isSearched: this.#refuted < mostSearched, isFine };
  }

  /** Where all inputs move, and where one does that is so small that it may be moved much further; with how far. */
  #otherLines(): Omit<Other, "known">[] {
    const subject = this.#subject;
    const { magnitudes, project } = subject;
    const lines = [{ direction: everywhere(subject, this.#settings.seed, 2 ** -4), from: 2 ** -12, to: 2 ** -4 }];
    let smallest: number[] = [];
    for (const i of magnitudes.keys()) {
      if (smallest.length === mostMoved && magnitudes[i]! >= magnitudes[smallest[mostMoved - 1]!]!) continue;
      smallest = [...smallest, i].sort((a, b) => magnitudes[a]! - magnitudes[b]!).slice(0, mostMoved);
    }
    for (const i of smallest) {
      const direction = project({ indices: [i], weights: [magnitudes[i]!], id: i + 1 });
      const { most } = sizesOf(isFloat32(subject), this.#typical / magnitudes[i]!);
      if (direction !== null) lines.push({ direction, from: 2 ** -7, to: 64 * most });
    }
    return lines;
  }

  /** Each result's largest entry, by effect (entry times magnitude of the input) and by value, over all that is known. */
  #scales(columns: readonly Column[], without: ReadonlySet<number>): { effect: Float64Array; value: Float64Array } {
    const { results, x, magnitudes } = this.#subject;
    const effect = new Float64Array(results.size);
    const value = new Float64Array(results.size);
    const note = (j: number, i: number, own: number): void => {
      if (!Number.isFinite(own) || without.has(j * x.length + i)) return;
      effect[j] = Math.max(effect[j]!, own * magnitudes[i]!);
      value[j] = Math.max(value[j]!, own);
    };
    const { matrix } = this.#claim;
    if (matrix !== null) {
      for (let k = 0; k < matrix.length; k++) note(Math.floor(k / x.length), k % x.length, Math.abs(matrix[k]!));
    } else {
      for (const { i, claimed } of columns) claimed.forEach((own, j) => note(j, i, Math.abs(own / magnitudes[i]!)));
    }
    return { effect, value };
  }

  #line(direction: Direction): Line {
    const line = this.#lines?.get(direction.id) ?? new Line(this.#subject, direction, this.#settings.seed);
    this.#lines?.set(direction.id, line);
    return line;
  }
}

/** √(Σ (vᵢ wᵢ)²) over a direction's entries; v is 1 unless given. */
function norm2({ indices, weights }: Direction, v?: Float64Array): number {
  let squares = 0;
  for (let k = 0; k < indices.length; k++) {
    const term = v === undefined ? weights[k]! : v[indices[k]!]! * weights[k]!;
    squares += term * term;
  }
  return Math.sqrt(squares);
}

const zerosLeftOut = "inputs that are 0 left out: there are kinks";

/** A kink in a direction hides what the entries without one add to it. */
function undecided(report: EntryReport): EntryReport {
  if (report.verdict !== "kink" || !report.ok) return report;
  return { ...report, ok: false, note: 'kinks hide the other entries: raise maxEntries, or kinks: "skip"' };
}

const nondeterministic: Judgement = {
  verdict: "nondeterministic",
  ok: false,
  estimate: null,
  tolerance: 0,
  note: "",
};

/** Whether short steps along a direction stay within the bounds. */
function isInside({ x, lower, upper, isBounded }: Subject, { indices, weights }: Direction): boolean {
  if (!isBounded) return true;
  return Array.from(indices).every((i, k) => {
    const end = x[i]! + weights[k]! / 64;
    return end >= lower[i]! && end <= upper[i]!;
  });
}
