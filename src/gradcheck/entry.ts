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
  /** The same, in units in the last place of the larger of both, in the precision that f computes in. */
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
  eps: number;
}): EntryReport {
  const { estimate, verdict, ok, tolerance, note } = from.judgement;
  const analytic = from.claimed / from.weight;
  const numeric = (estimate?.value ?? Number.NaN) / from.weight;
  const absolute = Math.abs(analytic - numeric);
  const larger = Math.max(Math.abs(analytic), Math.abs(numeric));
  // A claim of 0 is small where the function shows that the derivative is not 0.
  const shown =
    estimate !== null && Math.abs(estimate.value) > 2 * estimate.error
      ? Math.abs(estimate.value)
      : Number.POSITIVE_INFINITY;
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
    ulps: absolute === 0 ? 0 : absolute / (2 ** Math.max(Math.floor(Math.log2(larger)), -1022) * from.eps),
    step: (estimate?.size ?? Number.NaN) * from.weight,
    at: from.at,
    slopes: sides ? [sides[0].value / from.weight, sides[1].value / from.weight] : null,
    isSmall: verdict === "pass" && tolerance > 0.01 * (Math.abs(from.claimed) || shown),
    note,
  };
}

/** The text of an entry in a report. */
export function entryLines(entry: EntryReport): string[] {
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

/** A number to a few places. */
export function short(value: number, digits = 2): string {
  const rounded = Number(value.toPrecision(digits));
  return Math.abs(rounded) >= 1e6 ? rounded.toExponential() : String(rounded);
}

function long(value: number): string {
  return String(Number(value.toPrecision(12)));
}

/** Up to four names, and how many more there are. */
export function listed(names: readonly string[]): string {
  const more = names.length > 4 ? ` and ${group(names.length - 4)} more` : "";
  return `${names.slice(0, 4).join(", ")}${more}`;
}

/** A count, with its thousands set apart. */
export function group(count: number): string {
  return count.toLocaleString("en-US");
}
