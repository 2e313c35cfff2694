import { TinygradError } from "../core/errors.ts";
import type { Judgement, Verdict } from "./judge.ts";

/** What a check found in one entry of the gradient, or along one direction. */
export interface EntryReport {
  /** Its name and index: `x.w[1, 2]`; `f[0] by x[3]` where there are several results. */
  readonly label: string;
  /** The name of the input's entry alone, as the option `only` takes it; empty for a direction. */
  readonly input: string;
  /** The input's entry, counted through all of them; −1 for a direction. */
  readonly entry: number;
  /** The result, counted likewise. */
  readonly result: number;
  /** What the check says. */
  readonly verdict: Verdict;
  /** Whether the check can pass with it, by its verdict and the options. */
  readonly ok: boolean;
  /** The derivative that is checked. */
  readonly analytic: number;
  /** The derivative by differences; NaN if there is none. */
  readonly numeric: number;
  /** The numeric derivative's error bar. */
  readonly error: number;
  /** The tolerance that was applied. */
  readonly tolerance: number;
  /** |analytic − numeric|. */
  readonly absolute: number;
  /** The same, over the larger of both. */
  readonly relative: number;
  /** The same, in units in the last place of the larger of both. */
  readonly ulps: number;
  /** The step that the numeric derivative was taken with, in the input's units. */
  readonly step: number;
  /** The input there; NaN for a direction. */
  readonly at: number;
  /** At a kink, the slopes to the left and to the right. */
  readonly slopes: readonly [number, number] | null;
  /** Whether the tolerance is so wide for this entry that the check shows it to be small, and no more. */
  readonly isSmall: boolean;
  /** What else there is to say; may be empty. */
  readonly note: string;
}

/** Makes an entry's report from its judgement, which is in the units of its direction. */
export function entryReport(from: {
  label: string;
  column: string;
  entry: number;
  result: number;
  weight: number;
  claimed: number;
  judgement: Judgement;
  at: number;
}): EntryReport {
  const { estimate, verdict, ok, tolerance, note } = from.judgement;
  const analytic = from.claimed / from.weight;
  const numeric = (estimate?.value ?? Number.NaN) / from.weight;
  const absolute = Math.abs(analytic - numeric);
  const larger = Math.max(Math.abs(analytic), Math.abs(numeric));
  const sides = verdict === "kink" || note.includes("kink") ? estimate?.sides : null;
  return {
    label: from.label,
    input: from.column,
    entry: from.entry,
    result: from.result,
    verdict,
    ok,
    analytic,
    numeric,
    error: (estimate?.error ?? Number.POSITIVE_INFINITY) / from.weight,
    tolerance: tolerance / from.weight,
    absolute,
    relative: absolute === 0 ? 0 : absolute / larger,
    ulps: absolute === 0 ? 0 : absolute / 2 ** (Math.floor(Math.log2(larger)) - 52),
    step: (estimate?.size ?? Number.NaN) * from.weight,
    at: from.at,
    slopes: sides ? [sides[0].value / from.weight, sides[1].value / from.weight] : null,
    isSmall: verdict === "pass" && from.claimed !== 0 && tolerance > 0.01 * Math.abs(from.claimed),
    note,
  };
}

/** What was covered by a check. */
export interface Coverage {
  /** Entries that there are: of the input, times results. */
  readonly entries: number;
  /** Entries that were checked one by one. */
  readonly checked: number;
  /** Random directions that were checked, each of which touches every entry of the input. */
  readonly directions: number;
}

/** What is put together into a report. */
export interface Findings {
  readonly check: string;
  readonly entries: readonly EntryReport[];
  readonly directions: readonly EntryReport[];
  readonly total: number;
  readonly calls: { readonly f: number; readonly derivative: number };
  readonly problems: readonly string[];
  readonly hints: readonly string[];
  readonly noise: number;
  readonly seed: number;
}

/** How many of the worst entries a report's text shows. */
const shown = 8;

/**
 * What a check found: a census of the entries, the worst of them with all their numbers, what is wrong beside them, and hints at the
 * reason. `String(report)` is for people, `JSON.stringify(report)` for programs.
 *
 * @example
 * import { checkGradient } from "tinygrad-ts/gradcheck";
 * const report = checkGradient((x) => x[0]! ** 2 + x[1]!, (x) => [x[0]!, 1], [3, 4]);
 * report.ok; // → false
 * report.counts.mismatch; // → 1
 * report.worst[0]?.label; // → x[0]
 */
export class GradientReport {
  /** The check that was made: `checkGradient`. */
  readonly check: string;
  /** Whether everything that was checked is right. */
  readonly ok: boolean;
  /** How many of the entries that were checked got each verdict. */
  readonly counts: Readonly<Record<Verdict, number>>;
  /** The entries that were checked one by one. */
  readonly entries: readonly EntryReport[];
  /** The random directions that were checked. */
  readonly directions: readonly EntryReport[];
  /** How much of the gradient was looked at. */
  readonly coverage: Coverage;
  /** Calls made of the function, and of its derivative. */
  readonly calls: { readonly f: number; readonly derivative: number };
  /** What is wrong beside single entries: a changed input, a wrong length, a result that differs between calls. */
  readonly problems: readonly string[];
  /** What may be the reason. */
  readonly hints: readonly string[];
  /** Standard deviation of the function's own noise as it was measured, relative to its value. */
  readonly noise: number;
  /** The seed: the same one gives the same report. */
  readonly seed: number;

  /** @internal */
  constructor(findings: Findings) {
    const { entries, directions, problems } = findings;
    const counts = { pass: 0, mismatch: 0, kink: 0, noisy: 0, nondeterministic: 0, "non-finite": 0, outside: 0 };
    for (const { verdict } of entries) counts[verdict]++;
    this.check = findings.check;
    this.counts = counts;
    this.entries = entries;
    this.directions = directions;
    this.coverage = { entries: findings.total, checked: entries.length, directions: directions.length };
    this.calls = findings.calls;
    this.problems = problems;
    this.hints = findings.hints;
    this.noise = findings.noise;
    this.seed = findings.seed;
    this.ok = problems.length === 0 && entries.every(({ ok }) => ok) && directions.every(({ ok }) => ok);
  }

  /** The entries that the check fails for, worst first; if there are none, such directions; if it passes, what is nearest to failing. */
  get worst(): readonly EntryReport[] {
    const failed = this.entries.filter(({ ok }) => !ok);
    const along = this.directions.filter(({ ok }) => !ok);
    const [first, second] =
      failed.length > 0 ? [failed, []] : along.length > 0 ? [along, []] : [this.entries, this.directions];
    return [...first, ...second].sort((a, b) => badness(b) - badness(a)).slice(0, shown);
  }

  /** The relative error from which on each passed entry would have failed: the largest over all but the small ones. */
  get resolution(): number {
    return this.entries.reduce((most, { verdict, isSmall, tolerance, error, analytic }) => {
      if (verdict !== "pass" || isSmall || analytic === 0) return most;
      return Math.max(most, (tolerance + 2 * error) / Math.abs(analytic));
    }, 0);
  }

  /** A line that makes the same check again, of the worst entry if one failed. */
  get replay(): string {
    const failed = this.worst.find(({ ok, input }) => !ok && input !== "");
    const only = failed === undefined ? "" : `, only: [${JSON.stringify(failed.input)}]`;
    return `${this.check}(…, { seed: ${this.seed}${only} })`;
  }

  /** The report as text. */
  toString(): string {
    const { ok, check, counts, coverage, calls } = this;
    const lines = [`${check}: ${ok ? "ok" : "FAILED"}, ${this.summary}`];
    const { entries, checked, directions } = coverage;
    const of = checked === entries ? `all ${group(entries)}` : `${group(checked)} of ${group(entries)}`;
    const and = directions > 0 ? ` and ${directions} random directions` : "";
    const census = Object.entries(counts).flatMap(([verdict, count]) =>
      count > 0 ? [`${verdict} ${group(count)}`] : [],
    );
    lines.push(
      `  checked ${of} ${entries === 1 ? "entry" : "entries"}${and}${census.length > 0 ? `: ${census.join(", ")}` : ""}`,
    );
    lines.push(`  calls: ${group(calls.f)} of f, ${group(calls.derivative)} of the derivative`);
    if (this.noise > 1e-13) lines.push(`  f is noisy: about ${short(this.noise)} of its value`);
    const small = this.entries.filter(({ isSmall }) => isSmall).length;
    if (small > 0) lines.push(`  ${group(small)} so small that no more than their smallness was shown`);
    if (ok && this.resolution > 0)
      lines.push(`  relative errors above ${short(this.resolution)} would have been seen in each entry`);
    for (const problem of this.problems) lines.push(`  problem: ${problem}`);
    if (!ok) for (const entry of this.worst) lines.push(...entryLines(entry).map((line) => `  ${line}`));
    for (const hint of this.hints) lines.push(`  hint: ${hint}`);
    if (!ok) lines.push(`  replay: ${this.replay}`);
    return lines.join("\n");
  }

  /** One line: how many entries are wrong, and how much. */
  get summary(): string {
    const { counts, entries, directions, problems } = this;
    const failed = entries.filter(({ ok }) => !ok);
    const wrong = failed.filter(({ verdict }) => verdict === "mismatch");
    const rest = entries.filter(({ verdict }) => verdict === "pass");
    const compared = rest.filter(({ analytic, isSmall }) => analytic !== 0 && !isSmall);
    const most = compared.reduce((largest, { relative }) => Math.max(largest, relative), 0);
    const agree = compared.length === 0 || most === 0 ? "agree" : `agree to ${short(most)} (relative)`;
    const others = rest.length === 0 ? "" : `; the others ${agree}`;
    if (wrong.length > 0) {
      const sizes = wrong.map(({ relative }) => relative);
      const by = wrong.length === 1 ? short(sizes[0]!) : `${short(Math.min(...sizes))} to ${short(Math.max(...sizes))}`;
      return `${wrong.length} of ${entries.length} entries wrong, by ${by} (relative)${others}`;
    }
    if (problems.length > 0) return problems[0]!;
    if (directions.some(({ ok }) => !ok)) return "a random direction is wrong though no checked entry is";
    if (failed.length > 0) return `${failed.length} of ${entries.length} entries cannot be decided${others}`;
    return entries.length === 0 ? "nothing to check" : `${counts.pass} of ${entries.length} entries ${agree}`;
  }

  /** The report as plain data; numbers that JSON lacks as strings. */
  toJSON(): unknown {
    const { check, ok, counts, coverage, calls, problems, hints, noise, seed, resolution, replay } = this;
    const plain = (entry: EntryReport): unknown =>
      Object.fromEntries(
        Object.entries(entry).map(([key, value]) => [
          key,
          typeof value === "number" && !Number.isFinite(value) ? String(value) : value,
        ]),
      );
    const lists = { entries: this.entries.map(plain), directions: this.directions.map(plain) };
    return { check, ok, counts, coverage, calls, problems, hints, noise, seed, resolution, replay, ...lists };
  }
}

/**
 * A gradient that a check found to be wrong, or could not show to be right; thrown by the `assert` functions.
 *
 * @example
 * import { assertGradient, GradientError } from "tinygrad-ts/gradcheck";
 * try {
 *   assertGradient((x) => x[0]! ** 2, (x) => [3 * x[0]!], [2]);
 * } catch (error) {
 *   error instanceof GradientError && error.report.counts.mismatch; // → 1
 * }
 */
export class GradientError extends TinygradError {
  /** The name of the class, also after minifying. */
  override name = "GradientError";
  /** What was found. */
  readonly report: GradientReport;

  constructor(report: GradientReport) {
    super(report.check, "the derivative must be right", `\n${report}`);
    this.report = report;
  }
}

function entryLines(entry: EntryReport): string[] {
  const { label, verdict, analytic, numeric, error, absolute, relative, ulps, tolerance, at, step, slopes, note } =
    entry;
  const where = Number.isNaN(at) ? "" : `, where the input is ${short(at, 6)}`;
  const lines = [`${label}: ${verdict}${where}`];
  if (Number.isFinite(numeric)) {
    lines.push(`  analytic ${long(analytic)}, numeric ${long(numeric)} ± ${short(error)} (step ${short(step)})`);
    lines.push(
      `  off by ${short(absolute)}, relative ${short(relative)}, ${short(ulps)} ulp; tolerance ${short(tolerance)}`,
    );
  } else {
    lines.push(`  analytic ${long(analytic)}`);
  }
  if (slopes !== null) lines.push(`  slope to the left ${long(slopes[0])}, to the right ${long(slopes[1])}`);
  if (note !== "") lines.push(`  ${note}`);
  return lines;
}

function badness({ verdict, absolute, tolerance, error }: EntryReport): number {
  if (verdict === "non-finite") return Number.POSITIVE_INFINITY;
  if (verdict === "mismatch") return 1e100 + absolute / (tolerance + error);
  return Number.isFinite(absolute) ? absolute / (tolerance + error) : 1e99;
}

/** A number to a few places. */
export function short(value: number, digits = 2): string {
  const rounded = Number(value.toPrecision(digits));
  return Math.abs(rounded) >= 1e6 ? rounded.toExponential() : String(rounded);
}

function long(value: number): string {
  return String(Number(value.toPrecision(12)));
}

function group(count: number): string {
  return count.toLocaleString("en-US");
}
