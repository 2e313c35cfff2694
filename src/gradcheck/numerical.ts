import { ValueError } from "../core/errors.ts";
import { requireFunctions, type UserFunction } from "./check.ts";
import { slope } from "./estimate.ts";
import { layoutOf } from "./layout.ts";
import { type CheckOptions, requireOptions, settle } from "./options.ts";
import { pointOf } from "./point.ts";
import { Line } from "./samples.ts";
import { type Measure, search, sizesOf } from "./search.ts";
import { isFloat32, precisionOf, rootMeanSquare, subjectOf } from "./subject.ts";
import { type MaybePromise, run, type Task } from "./task.ts";

/** What an entry of a numerical gradient is worth. */
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

const names: readonly (keyof NumericalOptions)[] = [
  "leaves",
  "out",
  "seed",
  "precision",
  "noise",
  "lower",
  "upper",
  "domain",
];

function* numericalTask(f: UserFunction, x: unknown, options: CheckOptions): Task<NumericalGradient<unknown>> {
  const op = "numericalGradient";
  requireFunctions(op, { f });
  requireOptions(op, options, names);
  const layout = layoutOf(op, x, "x", options.leaves);
  const settings = settle(op, options, layout, names);
  const flat = yield* pointOf(op, x, layout, settings);
  const subject = yield* subjectOf(op, f, layout, flat, settings, (text) => {
    throw new ValueError(op, "f must be a pure function", text);
  });
  if (subject.results.size !== 1) throw new ValueError(op, "f must return a number", `${subject.results.size} results`);
  const nan = () => new Float64Array(flat.length).fill(Number.NaN);
  const [value, error, step] = [nan(), nan(), nan()];
  const kind: Kind[] = [];
  for (let i = 0; i < flat.length; i++) {
    if (!Number.isFinite(subject.base[0]!)) {
      kind.push("non-finite");
      continue;
    }
    const weight = subject.magnitudes[i]!;
    const line = new Line(subject, { indices: [i], weights: [weight], id: i + 1 }, settings.seed);
    let isOneSided = false;
    const measure: Measure = function* (size, variant = 0) {
      const samples = yield* line.at(size, variant);
      if (samples === null) return null;
      isOneSided = samples.side !== 0;
      return slope(samples, subject.base[0]!, 0, precisionOf(subject, 0, line.direction.weights));
    };
    const wanted = isFloat32(subject) ? 1e-5 : 1e-10;
    // biome-ignore lint/correctness/useYield: needs no further samples to decide
    const decide = function* (e: { value: number; error: number }): Task<boolean> {
      return e.error <= wanted * Math.abs(e.value);
    };
    const { outcome, estimate } = yield* search(
      measure,
      sizesOf(isFloat32(subject), Math.max(1, rootMeanSquare(flat)) / weight),
      decide,
      (e) => (wanted * Math.abs(e.value)) / 2,
    );
    if (estimate === null) {
      kind.push("outside");
      continue;
    }
    const shown = Math.max(
      0.01 * Math.abs(estimate.value),
      0.01 * estimate.swing,
      4096 * subject.eps * estimate.magnitude,
    );
    const isNoisy = estimate.error > shown;
    kind.push(
      outcome === "kink" || outcome === "jump" ? outcome : isNoisy ? "noisy" : isOneSided ? "one-sided" : "smooth",
    );
    value[i] = estimate.value / weight;
    error[i] = estimate.error / weight;
    step[i] = estimate.size * weight;
    if (outcome === "kink") value[i] = (estimate.sides![0].value + estimate.sides![1].value) / 2 / weight;
  }
  return { value: layout.build(value), error: layout.build(error), step: layout.build(step), kind };
}

/**
 * The gradient of a function by differences, with error bars: steps scaled by each input and made exact, central differences extrapolated
 * twice (Richardson, 1911), the width chosen by the error. About 6 calls for a smooth entry, after 12 for the whole.
 *
 * @param f - the function, of an x in the form of the one given, to a number.
 * @param x - the point: a number, Float64Array, Float32Array, nested arrays, or plain objects of these.
 * @param options - {@link NumericalOptions}.
 * @returns value, error bar and step in the form of x, and a kind for each entry; a promise of it if f returns promises.
 * @throws {@link ValueError} for arguments that cannot be used, and for an f that changes its input or gives two values at one x.
 * @example
 * import { numericalGradient } from "tinygrad-ts/gradcheck";
 * const { value, error, kind } = numericalGradient((x) => Math.exp(x), 1);
 * Math.abs(value - Math.E) <= error && error < 1e-10; // → true
 * kind; // → ["smooth"]
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
  return run(numericalTask(f, x, options));
}
