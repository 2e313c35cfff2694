import { isTypedArray, type NumericArray } from "../core/dtype.ts";
import { textOf, ValueError } from "../core/errors.ts";
import { isTensor } from "../core/runtime.ts";
import { refuseMore } from "../core/surplus.ts";
import type { History } from "./history.ts";

/** The course of a loss curve. */
export type Verdict = "converging" | "oscillating" | "stalled" | "diverging" | "too short";

/** What {@link convergence} returns. */
export interface ConvergenceReport {
  /** The course of the curve, in a word. */
  readonly verdict: Verdict;
  /** How many losses there are. */
  readonly steps: number;
  /** Typical loss of the first tenth of the curve. */
  readonly first: number;
  /** Typical loss of the last tenth. */
  readonly last: number;
  /** The smallest typical loss of any tenth. */
  readonly least: number;
  /** How far losses scatter around the trend of the curve, as a standard deviation. */
  readonly noise: number;
  /** For `"diverging"`, the step at which it starts, counted from 1; else null. */
  readonly step: number | null;
  /** For `"oscillating"`, the period in steps; else null. */
  readonly period: number | null;
  /** What to try next. */
  readonly advice: readonly string[];
  /** The report as text. */
  toString(): string;
}

/** With fewer losses than this, the verdict is "too short". */
const fewest = 20;
const tenths = 10;

const advice: Record<Verdict, readonly string[]> = {
  converging: ["Continue for as long as the validation loss falls too."],
  oscillating: [
    "Lower the learning rate: steps jump from one side of the valley to the other.",
    "Lower the momentum, or use larger batches.",
  ],
  stalled: [
    "Raise the learning rate by factors of 3; if the loss still does not move, check the residuals of the layers: residuals(model, …) of tinygrad-ts/debug.",
    "Standardize the inputs, and check that the weights do not all start at 0.",
    "Check whether the targets can be learned from the inputs at all: the model should be able to memorize ten samples.",
  ],
  diverging: [
    "Lower the learning rate, first by a factor of 10.",
    "Clip the gradients: clipNorm of fit, or clipGradNorm.",
    "Warm up the learning rate, and standardize the inputs.",
  ],
  "too short": [`Train for ${fewest} steps or more.`],
};

/**
 * Classifies a loss curve, and says what to try next. It compares the typical losses of tenths of the curve, so neither the noise of batches nor single spikes decide:
 *
 * - *diverging*: a loss is NaN or infinite, or the last tenth is above the lowest one by far more than the noise explains, and by more than half of the previous decrease;
 * - *oscillating*: the losses swing around the trend with a regular period, and the swings do not get smaller;
 * - *stalled*: from the first tenth to the last, the loss decreased by less than the noise, or by less than 1 %;
 * - *converging*: all other curves, including those that have reached their minimum.
 *
 * @param curve - the loss of each step, in order, or the history that `fit` returned.
 * @returns the verdict, the numbers behind it, and advice; `String(report)` makes a text of it.
 * @throws `ValueError` for anything other than numbers.
 * @example
 * import { convergence } from "tinygrad-ts/train";
 *
 * convergence(Array.from({ length: 100 }, (_, i) => 0.95 ** i)).verdict; // → converging
 * convergence(Array.from({ length: 100 }, (_, i) => 1.05 ** i)).verdict; // → diverging
 * convergence(Array.from({ length: 100 }, (_, i) => 1 + 0.3 * (-1) ** i)).verdict; // → oscillating
 */
export function convergence(curve: readonly number[] | NumericArray | Pick<History, "losses">): ConvergenceReport {
  refuseMore("convergence", arguments, 1);
  const losses = lossesOf(curve);
  const steps = losses.length;
  const bad = losses.findIndex((v) => !Number.isFinite(v));
  const finite = bad < 0 ? losses : losses.slice(0, bad);
  const parts = cut(finite);
  const typical = parts.map(({ values }) => middleMean(values));
  const [first, last, least] = [typical[0] ?? Number.NaN, typical.at(-1) ?? Number.NaN, Math.min(...typical)];
  const rest = detrended(finite);
  const noise = deviation(rest);
  const found = (verdict: Verdict, step: number | null = null, period: number | null = null): ConvergenceReport => {
    const numbers = { verdict, steps, first, last, least, noise, step, period, advice: advice[verdict] };
    return { ...numbers, toString: () => describe(numbers) };
  };

  if (bad >= 0) return found("diverging", bad + 1);
  if (steps < fewest) return found("too short");
  // A mean of n values scatters by 1 / √n of what single ones do.
  const error = noise / Math.sqrt(parts.at(-1)!.values.length);
  const rise = last - least;
  const won = first - least;
  if (rise > 7 * error && rise > 0.5 * won && rise > 0.02 * Math.abs(least)) {
    const lowest = parts[typical.indexOf(least)]!;
    return found("diverging", lowest.start + lowest.values.length);
  }
  const swing = swingOf(finite, rest);
  if (swing !== null) return found("oscillating", null, swing);
  if (first - last <= Math.max(6 * error, 0.01 * Math.abs(first))) return found("stalled");
  return found("converging");
}

/** The losses, as numbers. */
function lossesOf(curve: unknown): readonly number[] {
  const losses: unknown = (curve as Partial<History> | null | undefined)?.losses ?? curve;
  if (!Array.isArray(losses) && !isTypedArray(losses)) {
    throw new ValueError("convergence", "needs the losses of the steps", textOf(losses), hintOn(losses));
  }
  const list: readonly unknown[] = Array.from(losses as ArrayLike<unknown>);
  const bad = list.findIndex((v) => typeof v !== "number");
  if (bad < 0) return list as readonly number[];
  const hint = "write convergence(history), or history.losses";
  throw new ValueError("convergence", "losses must be numbers", `${textOf(list[bad])} at index ${bad}`, hint);
}

function hintOn(losses: unknown): string {
  if (isTensor(losses)) return "write convergence(x.data)";
  return typeof (losses as PromiseLike<unknown> | null | undefined)?.then === "function"
    ? "await it"
    : "write convergence(history)";
}

interface Part {
  readonly start: number;
  readonly values: readonly number[];
}

/** The curve in tenths. */
function cut(losses: readonly number[]): Part[] {
  const count = Math.min(tenths, losses.length);
  return Array.from({ length: count }, (_, k) => {
    const start = Math.floor((k * losses.length) / count);
    return { start, values: losses.slice(start, Math.floor(((k + 1) * losses.length) / count)) };
  });
}

/** What is left of the losses without their course, which is the mean of each one's surroundings. */
function detrended(losses: readonly number[]): number[] {
  const half = Math.max(2, Math.round(losses.length / 12));
  return losses.map((v, i) => {
    const [from, to] = [Math.max(0, i - half), Math.min(losses.length, i + half + 1)];
    const reach = Math.min(i - from, to - 1 - i); // the same on both sides, so a slope cancels
    const window = losses.slice(i - reach, i + reach + 1);
    return v - (reach < half / 2 ? v : meanOf(window));
  });
}

/**
 * How long a regular swing takes, if there is one that matters in the last half of the curve: noise is not like itself some steps later, a swing is.
 */
function swingOf(losses: readonly number[], rest: readonly number[]): number | null {
  const late = rest.slice(Math.floor(rest.length / 2)).filter((_, i, list) => i < list.length * 0.8);
  const power = dot(late, late, 0);
  const level = Math.abs(median(losses.slice(-Math.ceil(losses.length / 4))));
  const size = Math.sqrt(power / late.length);
  if (!(size > 0.02 * level) || late.length < 8) return null;
  const early = rest.slice(0, Math.floor(rest.length / 2));
  if (size < 0.3 * Math.sqrt(dot(early, early, 0) / early.length)) return null; // it dies down
  // The correlation with itself so many steps later; shorter sums are made up for.
  const likeness = (lag: number): number => (dot(late, late, lag) / power) * (late.length / (late.length - lag));
  let half = 1;
  while (half <= late.length / 5 && likeness(half) > -0.6) half++;
  if (half > late.length / 5) return null;
  // Half a period later it stands on the other side, a whole one later where it was.
  const lags = Array.from({ length: Math.ceil(1.5 * half) + 1 }, (_, i) => half + 1 + i);
  const period = lags.reduce((best, lag) => (likeness(lag) > likeness(best) + 0.05 ? lag : best));
  return likeness(period) > 0.5 ? period : null;
}

function describe({
  verdict,
  steps,
  first,
  last,
  noise,
  step,
  period,
  advice: hints,
}: Omit<ConvergenceReport, "toString">): string {
  const number = (v: number): string => (Number.isFinite(v) ? Number(v.toPrecision(4)).toString() : String(v));
  const where = step === null ? "" : ` from step ${step} on`;
  const how = period === null ? "" : `, a swing in ${period} steps`;
  const lines = [
    `${verdict}${where}${how}`,
    `  ${steps} steps; loss ${number(first)} at first, ${number(last)} at last; noise ${number(noise)}`,
    ...hints.map((hint) => `  - ${hint}`),
  ];
  return lines.join("\n");
}

function dot(a: readonly number[], b: readonly number[], lag: number): number {
  let total = 0;
  for (let i = lag; i < a.length; i++) total += a[i]! * b[i - lag]!;
  return total;
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

/** The mean without the largest and smallest fifth, which single spikes do not move. */
function middleMean(values: readonly number[]): number {
  const cutOff = Math.floor(values.length / 5);
  return meanOf([...values].sort((a, b) => a - b).slice(cutOff, values.length - cutOff));
}

/** A standard deviation that single spikes do not move: from the median size (1.4826 times it, for normal noise). */
function deviation(values: readonly number[]): number {
  const sizes = values.filter((v) => v !== 0).map(Math.abs);
  return sizes.length === 0 ? 0 : 1.4826 * median(sizes);
}

function meanOf(values: readonly number[]): number {
  return values.reduce((sum, v) => sum + v, 0) / values.length;
}
