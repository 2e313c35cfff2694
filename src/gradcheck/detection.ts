import { refuseMore } from "../core/surplus.ts";
import type { Check, UserFunction } from "./check.ts";
import { type Claim, claimOf } from "./claim.ts";
import { type Plan, planOf } from "./coverage.ts";
import { purposes, word } from "./draw.ts";
import { short } from "./entry.ts";
import { slope } from "./estimate.ts";
import { Examination, type LineStore } from "./examine.ts";
import { claimedGradient, type GradientResult } from "./gradient.ts";
import { GradientError } from "./gradientError.ts";
import { type Layout, labelOf } from "./layout.ts";
import type { CheckOptions } from "./options.ts";
import type { GradientReport } from "./report.ts";
import { type MaybePromise, run, type Task } from "./task.ts";

/** Faults of one kind, and how many were caught. */
export interface FaultReport {
  /** `"sign flip"`, `"doubled entry"`, `"dropped entry"` or `"transposed matrix"`. */
  readonly fault: string;
  /** How often it was injected, each time alone; where it changes nothing (a dropped 0), it is not. */
  readonly injected: number;
  /** How often the check failed with it. */
  readonly caught: number;
  /** Where it did not: names of entries, or of the matrix. */
  readonly missed: readonly string[];
}

/** The smallest error that a check catches in one entry. */
export interface Threshold {
  /** The entry's name. */
  readonly label: string;
  /** The smallest error that is caught, relative to the entry; Infinity for an entry that is 0. */
  readonly relative: number;
  /** The same, in the units of the gradient; Infinity if no error is caught. */
  readonly absolute: number;
}

/** At most so many entries get faults injected, spread over those that are checked one by one; and some that are not, if there are. */
const mostEntries = 64;
const mostOthers = 8;

/**
 * What a check would catch; see {@link detectionPower}. `String(power)` returns readable text.
 *
 * @example
 * import { detectionPower } from "tinygrad-ts/gradcheck";
 * // An entry that is tiny beside the other: whatever its gradient is, the check passes.
 * const power = detectionPower(([a, b]) => a! ** 2 + 1e-15 * b!, ([a]) => [2 * a!, 1e-15], [3, 1]);
 * power.faults[0]; // → { fault: "sign flip", injected: 2, caught: 1, missed: ["x[1]"] }
 * power.thresholds[0]?.label; // → x[0]
 */
export class DetectionPower {
  /** The report on the gradient as it is, which is right. */
  readonly report: GradientReport;
  /** Faults by kind. */
  readonly faults: readonly FaultReport[];
  /** For each entry that was tried, the smallest error that is caught there; the most tolerant first. */
  readonly thresholds: readonly Threshold[];

  /** @internal */
  constructor(report: GradientReport, faults: readonly FaultReport[], thresholds: readonly Threshold[]) {
    this.report = report;
    this.faults = faults;
    this.thresholds = [...thresholds].sort((a, b) => b.absolute - a.absolute);
  }

  /** The smallest error, in the gradient's units, that is caught in each of the entries that were tried; NaN if there are none. */
  get absolute(): number {
    return this.thresholds[0]?.absolute ?? Number.NaN;
  }

  /** The smallest relative error that is caught in each of the entries that were tried and are not 0; NaN if there are none. */
  get relative(): number {
    return this.#relatives.at(-1) ?? Number.NaN;
  }

  /** The relative thresholds of the entries that are not 0, in rising order. */
  get #relatives(): number[] {
    const notZero = this.thresholds.filter(
      ({ absolute, relative }) => relative < Number.POSITIVE_INFINITY || absolute === Number.POSITIVE_INFINITY,
    );
    return notZero.map(({ relative }) => relative).sort((a, b) => a - b);
  }

  /** The power as text. */
  toString(): string {
    const { faults, thresholds } = this;
    const total = (key: "injected" | "caught"): number => faults.reduce((sum, fault) => sum + fault[key], 0);
    const lines = [`detectionPower: ${total("caught")} of ${total("injected")} injected faults caught`];
    for (const { fault, injected, caught, missed } of faults) {
      const places = `${missed.slice(0, 8).join(", ")}${missed.length > 8 ? ", …" : ""}`;
      lines.push(`  ${fault}: ${caught} of ${injected}${missed.length > 0 ? `; missed in ${places}` : ""}`);
    }
    const relative = this.#relatives;
    if (relative.length > 0) {
      const [half, all] = [relative[relative.length >> 1]!, relative.at(-1)!].map((value) => short(value));
      lines.push(
        `  smallest relative error caught: ${half} in half of ${relative.length} entries, ${all} in all of them`,
      );
    }
    const [first] = thresholds;
    if (first !== undefined) {
      lines.push(
        `  the most tolerant entry is ${first.label}: errors below ${short(first.absolute)} are not seen there`,
      );
    }
    return lines.join("\n");
  }
}

function* detectionTask(f: UserFunction, grad: UserFunction, x: unknown, options: CheckOptions): Task<DetectionPower> {
  const [check, claim] = yield* claimedGradient("detectionPower", f, grad, x, options);
  const lines: LineStore = new Map();
  const report = yield* check.conclude(claim, slope, undefined, lines);
  if (claim === null || !report.ok) throw new GradientError(report);
  const injection = new Injection(check, claim, lines);
  const faults: FaultReport[] = [
    yield* injection.each("sign flip", (g) => -g),
    yield* injection.each("doubled entry", (g) => 2 * g),
    yield* injection.each("dropped entry", () => 0),
    yield* injection.transposed(),
  ];
  const thresholds: Threshold[] = [];
  for (const i of injection.entries) thresholds.push(yield* injection.threshold(i));
  return new DetectionPower(report, faults, thresholds);
}

/** Makes copies of a right gradient with a fault in them, and asks the check about them; samples of f are taken once for all. */
class Injection {
  /** The entries that get faults. */
  readonly entries: readonly number[];
  readonly #check: Check;
  readonly #matrix: Float64Array;
  readonly #lines: LineStore;
  readonly #plan: Plan;
  readonly #scale: number;

  constructor(check: Check, claim: Claim, lines: LineStore) {
    this.#check = check;
    this.#matrix = claim.matrix!;
    this.#lines = lines;
    this.#plan = planOf(check.layout, check.settings);
    this.#scale = this.#matrix.reduce((most, g) => Math.max(most, Math.abs(g)), 0) || 1;
    const { entries } = this.#plan;
    const step = Math.max(1, entries.length / mostEntries);
    const chosen = new Set(entries.filter((_, k) => Math.floor(k / step) !== Math.floor((k - 1) / step)));
    const n = check.layout.size;
    for (let k = 0; k < mostOthers && entries.length < n && this.#plan.directions > 0; k++) {
      chosen.add(word(check.settings.seed, purposes.sample, k, 1) % n);
    }
    this.entries = [...chosen];
  }

  /** A fault in one entry after the other. */
  *each(fault: string, change: (g: number) => number): Task<FaultReport> {
    const missed: string[] = [];
    let injected = 0;
    for (const i of this.entries) {
      const g = this.#matrix[i]!;
      const wrong = change(g);
      if (wrong === g) continue;
      injected++;
      if (!(yield* this.#isCaughtAt(i, wrong))) missed.push(labelOf(this.#check.layout, i));
    }
    return { fault, injected, caught: injected - missed.length, missed };
  }

  /** Each matrix of the gradient with rows and columns exchanged, in the same memory. */
  *transposed(): Task<FaultReport> {
    const { layout } = this.#check;
    const missed: string[] = [];
    let injected = 0;
    for (const leaf of layout.leaves.filter(({ shape }) => shape.length === 2)) {
      const wrong = transposedIn(this.#matrix, leaf);
      const changed = [...wrong.keys()].filter((i) => wrong[i] !== this.#matrix[i]);
      if (changed.length === 0) continue;
      injected++;
      if (!(yield* this.#isCaught(wrong, changed))) missed.push(leaf.path);
    }
    return { fault: "transposed matrix", injected, caught: injected - missed.length, missed };
  }

  /** The smallest error that is caught in an entry, by bisection on a logarithmic scale, to within a tenth. */
  *threshold(i: number): Task<Threshold> {
    const label = labelOf(this.#check.layout, i);
    const g = this.#matrix[i]!;
    const scale = Math.abs(g) || this.#scale;
    let [low, high] = [-54, 70];
    const isCaught = (exponent: number): Task<boolean> => this.#isCaughtAt(i, g + scale * 2 ** exponent);
    if (!(yield* isCaught(high)))
      return { label, relative: Number.POSITIVE_INFINITY, absolute: Number.POSITIVE_INFINITY };
    while (high - low > 1 / 8) {
      const middle = (low + high) / 2;
      if (yield* isCaught(middle)) high = middle;
      else low = middle;
    }
    const absolute = scale * 2 ** high;
    return { label, relative: g === 0 ? Number.POSITIVE_INFINITY : absolute / Math.abs(g), absolute };
  }

  #isCaughtAt(i: number, value: number): Task<boolean> {
    const wrong = this.#matrix.slice();
    wrong[i] = value;
    return this.#isCaught(wrong, [i]);
  }

  /** Whether the check would fail with another gradient, which differs from the right one in these entries. */
  *#isCaught(matrix: Float64Array, changed: readonly number[]): Task<boolean> {
    const { subject, settings } = this.#check;
    const examination = new Examination(subject, claimOf(matrix, 1), slope, settings, this.#lines);
    const looked = new Set(this.#plan.entries);
    const entries = yield* examination.entries(changed.filter((i) => looked.has(i)));
    if (entries.some(({ ok }) => !ok)) return true;
    const directions = yield* examination.directions(this.#plan.directions);
    return directions.some(({ ok }) => !ok);
  }
}

function transposedIn(gradient: Float64Array, { offset, shape }: Layout["leaves"][number]): Float64Array {
  const [rows, columns] = shape as readonly [number, number];
  const wrong = gradient.slice();
  for (let r = 0; r < rows; r++) {
    for (let c = 0; c < columns; c++) wrong[offset + c * rows + r] = gradient[offset + r * columns + c]!;
  }
  return wrong;
}

/**
 * Measures what a check would catch. It injects faults into a right gradient (signs flipped, entries doubled and dropped, matrices
 * transposed, one at a time), and for up to 64 entries it finds the smallest error that makes the check fail. If a gradient entry is
 * tiny compared with the others, or f is noisy, you see here that faults are missed.
 *
 * @param f - the function, as for {@link checkGradient}.
 * @param grad - its gradient, which must be right.
 * @param x - the point.
 * @param options - {@link CheckOptions}: those of the check that is tried.
 * @returns faults by kind, and the smallest error that is caught in each entry; a promise of it if `f` or `grad` returns promises.
 * @throws {@link GradientError} if the gradient does not pass as it is; {@link ValueError} for arguments that cannot be checked.
 * @example
 * import { detectionPower } from "tinygrad-ts/gradcheck";
 * const power = detectionPower((x) => x[0]! ** 2 + Math.exp(x[1]!), (x) => [2 * x[0]!, Math.exp(x[1]!)], [3, 1]);
 * power.faults.map(({ injected, caught }) => `${caught} of ${injected}`); // → ["2 of 2", "2 of 2", "2 of 2", "0 of 0"]
 * power.relative < 1e-6; // → true
 */
export function detectionPower<X>(
  f: (x: X) => number,
  grad: (x: X, out: X) => GradientResult<X>,
  x: X,
  options?: CheckOptions<X>,
): DetectionPower;
/** The same for a function that returns a promise. */
export function detectionPower<X>(
  f: (x: X) => PromiseLike<number>,
  grad: (x: X, out: X) => MaybePromise<GradientResult<X>>,
  x: X,
  options?: CheckOptions<X>,
): Promise<DetectionPower>;
/** The same for a gradient that returns a promise. */
export function detectionPower<X>(
  f: (x: X) => number,
  grad: (x: X, out: X) => PromiseLike<GradientResult<X>>,
  x: X,
  options?: CheckOptions<X>,
): Promise<DetectionPower>;
export function detectionPower(
  f: UserFunction,
  grad: UserFunction,
  x: unknown,
  options: CheckOptions = {},
): MaybePromise<DetectionPower> {
  refuseMore("detectionPower", arguments, 4);
  return run(detectionTask(f, grad, x, options));
}
