import { checkGradient, type EntryReport, type GradientReport } from "../../../src/gradcheck/index.ts";
import { Random } from "../random.ts";
import { Expression } from "./expression.ts";

/** A function at a point, with its gradient. */
export interface Sample extends Pick<Expression, "gradient" | "isHiddenWave"> {
  readonly x: Float64Array | Float32Array;
  value(x: Float64Array | Float32Array): number;
  slopes(x: Float64Array | Float32Array): Float64Array;
  /** The smallest relative error that is planted, as a power of ten; −5 unless given. */
  readonly leastError?: number;
  /** The entries that are checked, and spoilt; all, and those which matter, unless given. */
  mattering?(gradient: Float64Array): number[];
}

/** What became of random expressions. */
export interface Measured {
  expressions: number;
  /** How many of them have a wave that is rounded away. */
  waves: number;
  /** Expressions whose right gradient was called wrong. */
  mismatches: number;
  /** Entries that matter: |xᵢ·∂ᵢf| ≥ 1e-3·|f|, unless the function chooses. */
  entries: number;
  /** How many of them could not be decided. */
  undecided: number;
  /** In how many f does not move. */
  flat: number;
  /** Expressions with one wrong entry among those that matter, off by 1e-5 or more of itself (1e-2 in float32). */
  planted: number;
  /** How many of those the check failed for. */
  caught: number;
  /** How many of those it called wrong; of the others it said that they cannot be decided. */
  named: number;
  /** Seeds of what went wrong. */
  readonly seeds: { readonly mismatch: number[]; readonly undecided: number[]; readonly missed: number[] };
}

/** A gradient, as a function of the point. */
export type Gradient = (x: Float64Array | Float32Array) => Float64Array;

/** A report on an expression with its gradient, or another one. */
export function reportOn(expression: Sample, gradient: Gradient = (x) => expression.slopes(x)): GradientReport {
  const f = (x: Float64Array): number => expression.value(x);
  const only = expression.mattering?.(expression.gradient()!).map((i) => `x[${i}]`);
  return checkGradient(f, gradient, expression.x as Float64Array, only && { only });
}

/** Entries whose derivative is not small beside f. */
export function mattering(expression: Sample, gradient: Float64Array): number[] {
  if (expression.mattering !== undefined) return expression.mattering(gradient);
  const value = Math.abs(expression.value(expression.x));
  return [...gradient.keys()].filter(
    (i) => gradient[i] !== 0 && Math.abs(expression.x[i]! * gradient[i]!) >= 1e-3 * value,
  );
}

/** A gradient with an error in one entry: off by 1e-5 (float32: 1e-2) to 1 of itself, with another sign, doubled, or dropped. */
export function spoilt(seed: number, expression: Sample, among: readonly number[]): Gradient {
  const random = new Random(seed, "spoilt");
  const factors = [1 + random.sign() * random.power(expression.leastError ?? -5, 0), -1, 2, 0];
  const i = among[random.int(0, among.length - 1)]!;
  const factor = factors[Math.max(0, random.int(-6, 3))]!;
  return (x) => expression.slopes(x).map((g, k) => (k === i ? factor * g : g));
}

/** Checks expressions, or other functions that a seed draws, with the right gradient, and with a wrong one. */
export function measure(
  first: number,
  count: number,
  draw: (seed: number) => Sample = (seed) => new Expression(seed),
): Measured {
  const seeds = { mismatch: [] as number[], undecided: [] as number[], missed: [] as number[] };
  const all: Measured = {
    expressions: 0,
    waves: 0,
    mismatches: 0,
    entries: 0,
    undecided: 0,
    flat: 0,
    planted: 0,
    caught: 0,
    named: 0,
    seeds,
  };
  for (let seed = first; seed < first + count; seed++) {
    const expression = draw(seed);
    const gradient = expression.gradient();
    if (gradient === null) continue;
    all.expressions++;
    if (expression.isHiddenWave) all.waves++;
    const report = reportOn(expression);
    if (report.counts.mismatch > 0 || report.problems.length > 0) {
      all.mismatches++;
      seeds.mismatch.push(seed);
    }
    const among = mattering(expression, gradient);
    const reported = new Map(report.entries.map((own) => [own.entry, own]));
    const flat = ({ verdict }: EntryReport): boolean => verdict === "flat";
    const entries = among.map((i) => reported.get(i)!);
    const undecided = entries.filter((entry) => !entry.ok && !flat(entry) && entry.verdict !== "mismatch").length;
    all.entries += entries.length;
    all.undecided += undecided;
    all.flat += entries.filter(flat).length;
    if (undecided > 0) seeds.undecided.push(seed);
    const testable = among.filter((i) => !flat(reported.get(i)!));
    if (testable.length === 0) continue;
    all.planted++;
    const other = reportOn(expression, spoilt(seed, expression, testable));
    if (other.counts.mismatch > 0) all.named++;
    if (!other.ok) all.caught++;
    else seeds.missed.push(seed);
  }
  return all;
}
