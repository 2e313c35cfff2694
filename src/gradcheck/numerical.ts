import { ValueError } from "../core/errors.ts";
import { refuseMore } from "../core/surplus.ts";
import { requireFunctions, type UserFunction } from "./check.ts";
import { type Estimate, slope } from "./estimate.ts";
import { restlessness } from "./judge.ts";
import { type Layout, layoutOf } from "./layout.ts";
import { type CheckOptions, requireOptions, settle } from "./options.ts";
import { pointOf } from "./point.ts";
import { Line } from "./samples.ts";
import { type Measure, type Sizes, search, sizesOf } from "./search.ts";
import { jumpsBeside, type Search, valuesAlong } from "./stairs.ts";
import { isFloat32, precisionOf, rootMeanSquare, type Subject, subjectOf } from "./subject.ts";
import { type MaybePromise, run, type Task } from "./task.ts";

/** How reliable an entry of a numerical gradient is. */
export type Kind = "smooth" | "one-sided" | "kink" | "jump" | "noisy" | "outside" | "non-finite";

/** A gradient by differences. */
export interface NumericalGradient<X> {
  /** The gradient, in the form of x; NaN where there is none. */
  readonly value: X;
  /** Error bars, in the form of x. */
  readonly error: X;
  /** The steps that were chosen, in the form of x. */
  readonly step: X;
  /**
   * For each entry in order: `"smooth"`; `"one-sided"`, at an edge of the domain; `"kink"`, where the value is the mean of two slopes;
   * `"jump"`; `"noisy"`, where no step gave two digits; `"outside"`, where the domain leaves no room for a step; `"non-finite"`, where f(x) is NaN or
   * infinite.
   */
  readonly kind: readonly Kind[];
}

/** Options of {@link numericalGradient}: those of a check that concern the function. */
export type NumericalOptions<X = unknown> = Pick<
  CheckOptions<X>,
  "leaves" | "out" | "seed" | "precision" | "noise" | "lower" | "upper" | "domain"
>;

/** The names of {@link NumericalOptions}. */
export const names: readonly (keyof NumericalOptions)[] = [
  "leaves",
  "out",
  "seed",
  "precision",
  "noise",
  "lower",
  "upper",
  "domain",
];

/** A derivative by differences in one place: value, error bar, step and kind. */
export interface Measured {
  readonly value: number;
  readonly error: number;
  readonly step: number;
  readonly kind: Kind;
}

/** Where there is no derivative. */
export const nothing = { value: Number.NaN, error: Number.NaN, step: Number.NaN } as const;

/** A function of the user's at a point, for differences: the point as it lies in a flat array, and the function as one of that. */
export function* subjectAt(
  op: string,
  f: UserFunction,
  x: unknown,
  options: CheckOptions,
): Task<{ layout: Layout; subject: Subject; seed: number }> {
  requireFunctions(op, { f });
  requireOptions(op, options, names);
  const layout = layoutOf(op, x, "x", options.leaves);
  const settings = settle(op, options, layout, names);
  const flat = yield* pointOf(op, x, layout, settings);
  const subject = yield* subjectOf(op, f, layout, flat, settings, (text) => {
    throw new ValueError(op, "f must be a pure function", text);
  });
  yield* subject.explore(false);
  return { layout, subject, seed: settings.seed };
}

/** The line along one entry of x. */
export function axis(subject: Subject, i: number, seed: number): Line {
  return new Line(subject, { indices: [i], weights: [subject.magnitudes[i]!], id: i + 1 }, seed);
}

/**
 * The derivative of one result along a line.
 *
 * @param weight - the length of the line's direction, in whose units the derivative is wanted.
 */
export function* measured(subject: Subject, line: Line, j: number, weight: number): Task<Measured> {
  if (!Number.isFinite(subject.base[j]!)) return { ...nothing, kind: "non-finite" };
  const seen: Estimate[] = [];
  const measure: Measure = function* (size, variant = 0) {
    const samples = yield* line.at(size, variant);
    if (samples === null) return null;
    const estimate = slope(samples, subject.base[j]!, j, precisionOf(subject, j, line.direction.weights));
    seen.push(estimate);
    return estimate;
  };
  const wanted = isFloat32(subject) ? 1e-5 : 1e-10;
  // biome-ignore lint/correctness/useYield: needs no further samples to decide
  const decide = function* (e: { value: number; error: number }): Task<boolean> {
    return e.error <= wanted * Math.abs(e.value);
  };
  const ratio = Math.max(1, rootMeanSquare(subject.x)) / Math.abs(line.direction.weights[0]!);
  const sizes = sizesOf(isFloat32(subject), ratio);
  const { outcome, estimate: found } = yield* search(measure, sizes, decide, (e) => (wanted * Math.abs(e.value)) / 2);
  if (found === null) return { ...nothing, kind: "outside" };
  const isRestless = outcome === "undecided" && movesLittle(found, subject);
  const closest = outcome === "undecided" ? yield* confirmed(measure, found, sizes, isRestless) : found;
  /** So far from x, f may refuse its input: there it ends. */
  const measureFar: Measure = function* (size, variant) {
    try {
      return yield* measure(size, variant);
    } catch {
      return null;
    }
  };
  // Beside an input that is tiny, terms may be gone that are far larger than f.
  if (outcome === "decided" && ratio >= tiny) yield* measureFar(sizes.most / 16);
  const isSlope = outcome === "decided" || outcome === "undecided";
  const wide = isSlope ? yield* beyondStairs(subject, line, j, measureFar, closest, seen, sizes) : null;
  const estimate = wide ?? closest;
  const { sides, swing, magnitude } = estimate;
  // As small as rounding makes it, a slope is as good as 0: but not where f moves, by no more than that.
  const least = isRestless ? 0 : 4096;
  const shown = Math.max(0.01 * Math.abs(estimate.value), 0.01 * swing, least * subject.eps * magnitude);
  const isKink = outcome === "kink" || outcome === "jump";
  return {
    value: (outcome === "kink" ? (sides![0].value + sides![1].value) / 2 : estimate.value) / weight,
    error: estimate.error / weight,
    step: estimate.size * weight,
    kind: isKink ? outcome : estimate.error > shown ? "noisy" : sides === null ? "one-sided" : "smooth",
  };
}

/** So many times an input might be larger that is tiny. */
const tiny = 2 ** 10;

/** Whether f moves by no more than some of its roundings, over the steps of the best estimate. */
function movesLittle({ swing, size, magnitude }: Estimate, { eps, isRounded }: Subject): boolean {
  return isRounded && swing > 0 && swing * size <= restlessness * eps * magnitude;
}

/**
 * An estimate that was the best there is, unless narrower steps show another slope: wide ones may have skipped an oscillation. Where f moves by
 * little more than it rounds, it may be one that no step shows, and the error bar is that of narrow ones.
 */
function* confirmed(measure: Measure, best: Estimate, { least }: Sizes, isRestless: boolean): Task<Estimate> {
  let own = best;
  let most = best.swing;
  for (let size = best.asked / 16; size >= least; size /= 16) {
    const closer = yield* measure(size, 2);
    if (closer === null) break;
    if (isRestless || Math.abs(closer.value - own.value) > closer.error + own.error) own = closer;
    most = Math.max(most, closer.swing);
    if (closer.floor > 16 * most) break; // narrower still, there is nothing but rounding
  }
  return own;
}

/**
 * The best estimate with steps over which f jumps time and again, if it contradicts one with narrower steps: then something inside f rounds, as 1 − cos x does near 0, and narrow steps see the slope
 * of one stair. Null where f is steady, so wide steps have skipped something.
 */
function* beyondStairs(
  subject: Subject,
  line: Line,
  j: number,
  measure: Measure,
  narrow: Estimate,
  seen: readonly Estimate[],
  sizes: Sizes,
): Task<Estimate | null> {
  const [first] = seen
    .filter((e) => e.asked > narrow.asked && e.swing > 0 && contradict(e, narrow))
    .sort((a, b) => a.error - b.error);
  if (first === undefined) return null;
  const away = Math.abs(first.value - narrow.value);
  const range = { from: sizes.least, to: first.size, slope: narrow.value };
  if (!(yield* isOnStairs(subject, line, j, range, (s) => (away * s) / 1024))) return null;
  for (let size = 16 * first.asked; size <= sizes.most; size *= 16) {
    const next = yield* measure(size);
    if (next === null || next.error >= first.error) break;
  }
  // Steps that are whole units of what is rounded see the rounding at x in all of their values alike: of two that contradict each other, the wider one is right.
  const wide = seen
    .filter(({ asked }) => asked > first.asked)
    .sort((a, b) => a.asked - b.asked)
    .reduce((best, e) => (e.error < best.error || contradict(e, best) ? e : best), first);
  // The error bar of one stencil knows little of jumps: others, and wider ones, tell.
  let { error } = wide;
  for (const variant of [1, 2]) {
    const other = (yield* measure(wide.asked, variant)) ?? wide;
    error = Math.max(error, other.error, Math.abs(other.value - wide.value));
  }
  for (const e of seen) {
    const off = Math.abs(e.value - wide.value);
    if (e.asked > wide.asked && off > e.error + error) error = off;
  }
  // Over a function that jumps by itself, as x − ⌊x⌋ does, no steps agree so well.
  return error <= away / 1024 ? { ...wide, error } : null;
}

/**
 * Whether f jumps on a side of x, by more than it rounds itself.
 *
 * @param range - how far from x, in units of the line, and the slope that is taken out of f.
 * @param least - the least jump that matters at a distance.
 */
export function* isOnStairs(
  subject: Subject,
  line: Line,
  j: number,
  range: Pick<Search, "from" | "to" | "slope">,
  least: (distance: number) => number,
): Task<boolean> {
  const { eps, base } = subject;
  const jumps = yield* jumpsBeside(valuesAlong(subject, line.direction, j, line.values), base[j]!, {
    ...range,
    heights: (s, moved) => [
      Math.max(16 * eps * Math.max(Math.abs(base[j]!), moved), least(s)),
      Number.POSITIVE_INFINITY,
    ],
    narrowest: isFloat32(subject) ? 2 ** -16 : 2 ** -46,
    divisions: 20,
  });
  return jumps.some((jump) => jump !== null && jump.height > 0);
}

/** Whether two estimates cannot both be right. */
export function contradict(a: Pick<Estimate, "value" | "error">, b: Pick<Estimate, "value" | "error">): boolean {
  return Math.abs(a.value - b.value) > 2 * (a.error + b.error);
}

function* numericalTask(f: UserFunction, x: unknown, options: CheckOptions): Task<NumericalGradient<unknown>> {
  const op = "numericalGradient";
  const { layout, subject, seed } = yield* subjectAt(op, f, x, options);
  if (subject.results.size !== 1) {
    throw new ValueError(op, "f must return a number", `${subject.results.size} results`, "use numericalJacobian");
  }
  const found: Measured[] = [];
  for (let i = 0; i < layout.size; i++) {
    found.push(yield* measured(subject, axis(subject, i, seed), 0, subject.magnitudes[i]!));
  }
  return gathered(found, layout.build);
}

/** Derivatives put together: each of their parts in one form. */
export function gathered<T>(found: readonly Measured[], build: (flat: Float64Array) => T): NumericalGradient<T> {
  const of = (part: "value" | "error" | "step"): T => build(Float64Array.from(found, (own) => own[part]));
  return { value: of("value"), error: of("error"), step: of("step"), kind: found.map(({ kind }) => kind) };
}

/**
 * The gradient of a function by differences, with error bars: steps scaled by each input and made exact, central differences extrapolated
 * twice (Richardson, 1911), the width chosen by the error. About 6 calls for a smooth entry, 12 for one that is tiny beside 1 or the others, after 12 for the whole.
 *
 * Where wide steps and narrow ones contradict each other, a few hundred calls tell whether something inside f rounds, as `1 − cos x` does near 0, or f turns to and fro. If it rounds, the wide steps count.
 *
 * @param f - the function, of an x in the form of the one given, to a number.
 * @param x - the point: a number, Float64Array, Float32Array, nested arrays, or objects of these.
 * @param options - {@link NumericalOptions}.
 * @returns value, error bar and step in the form of x, and a kind for each entry; a promise of it if f returns promises. A point without
 * numbers has an empty gradient (a check of one would pass whatever is checked, and is refused).
 * @throws {@link ValueError} for arguments that cannot be used, and for an f that changes its input or gives two values at one x.
 * @example
 * import { numericalGradient } from "tinygrad-ts/gradcheck";
 * const { value, error, kind } = numericalGradient((x) => Math.exp(x), 1);
 * Math.abs(value - Math.E) <= error && error < 1e-10; // → true
 * kind; // → ["smooth"]
 * numericalGradient(() => 3, { w: [] as number[] }).value; // → { w: [] }
 */
export function numericalGradient<X>(
  f: (x: X) => PromiseLike<number>,
  x: X,
  options?: NumericalOptions<X>,
): Promise<NumericalGradient<X>>;
/** The same for a function that returns no promise. */
export function numericalGradient<X>(f: (x: X) => number, x: X, options?: NumericalOptions<X>): NumericalGradient<X>;
export function numericalGradient(
  f: UserFunction,
  x: unknown,
  options: object = {},
): MaybePromise<NumericalGradient<unknown>> {
  refuseMore("numericalGradient", arguments, 3);
  return run(numericalTask(f, x, options));
}
