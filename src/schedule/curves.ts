import { checkCount, checkFunction, numberHint } from "../core/arguments.ts";
import { textOf, ValueError } from "../core/errors.ts";
import { checkOptions, type OptionKinds } from "../core/options.ts";
import { refuseMore } from "../core/surplus.ts";

/**
 * The course of a learning rate: a function from the number of steps that a {@link Schedule} has taken, first 0, to a factor of the rate with which the optimizer was
 * created. You can use any such function.
 */
export type Curve = (step: number) => number;

/**
 * Lowers the rate every few steps: `gamma ** floor(step / every)`. PyTorch's `StepLR`.
 *
 * @param every - a whole number of steps, 1 or more.
 * @param gamma - the factor; 0.1 by default.
 * @throws {@link ValueError} for arguments out of range.
 * @example
 * [0, 1, 2, 3, 4].map(stepDecay(2, 0.5)); // → [1, 1, 0.5, 0.5, 0.25]
 */
export function stepDecay(every: number, gamma = 0.1): Curve {
  refuseMore("stepDecay", arguments, 2);
  checkCount("stepDecay", "every", every, 1, optimizerHint("stepDecay", every));
  checkFactor("stepDecay", "gamma", gamma);
  return (step) => gamma ** Math.floor(step / every);
}

/**
 * Lowers the rate at given steps. PyTorch's `MultiStepLR`.
 *
 * @param milestones - whole numbers of steps, in any order; one that is there twice counts twice.
 * @param gamma - the factor; 0.1 by default.
 * @throws {@link ValueError} for arguments out of range.
 * @example
 * [0, 1, 2, 3, 4].map(multiStep([1, 3], 0.5)); // → [1, 0.5, 0.5, 0.25, 0.25]
 */
export function multiStep(milestones: readonly number[], gamma = 0.1): Curve {
  refuseMore("multiStep", arguments, 2);
  if (!Array.isArray(milestones)) {
    const hint = `write multiStep([${typeof milestones === "number" ? milestones : "30, 80"}])`;
    throw new ValueError("multiStep", "milestones must be an array", textOf(milestones), hint);
  }
  for (const milestone of milestones) checkCount("multiStep", "milestones", milestone, 0);
  checkFactor("multiStep", "gamma", gamma);
  const steps = [...milestones];
  return (step) => gamma ** steps.filter((milestone) => milestone <= step).length;
}

/**
 * Lowers the rate by a factor in each step: `gamma ** step`. PyTorch's `ExponentialLR`.
 *
 * @param gamma - the factor.
 * @throws {@link ValueError} for a negative factor.
 * @example
 * [0, 1, 2, 3].map(exponential(0.5)); // → [1, 0.5, 0.25, 0.125]
 */
export function exponential(gamma: number): Curve {
  refuseMore("exponential", arguments, 1);
  checkFactor("exponential", "gamma", gamma);
  return (step) => gamma ** step;
}

/**
 * Lowers the rate along half a cosine wave, from 1 to `end`, and keeps it there (Loshchilov and Hutter, "SGDR", 2017). PyTorch's
 * `CosineAnnealingLR`, which after that many steps would climb again.
 *
 * @param steps - how many steps it takes; a whole number, 1 or more.
 * @param end - the last factor; 0 by default.
 * @throws {@link ValueError} for arguments out of range.
 * @example
 * [0, 1, 2, 3].map(cosine(2)); // → [1, 0.5, 0, 0]
 */
export function cosine(steps: number, end = 0): Curve {
  refuseMore("cosine", arguments, 2);
  checkCount("cosine", "steps", steps, 1, optimizerHint("cosine", steps));
  checkFactor("cosine", "end", end);
  return (step) => between(1, end, Math.min(step / steps, 1), "cosine");
}

/**
 * {@link cosine} again and again, each time `growth` times as long (Loshchilov and Hutter, "SGDR: stochastic gradient descent with warm restarts",
 * 2017). PyTorch's `CosineAnnealingWarmRestarts`.
 *
 * @param steps - length of the first; a whole number, 1 or more.
 * @param growth - how many times as long each is as the one before; a whole number, 1 by default.
 * @param end - the factor that each goes to; 0 by default.
 * @throws {@link ValueError} for arguments out of range.
 * @example
 * [0, 1, 2, 3, 4].map(cosineWarmRestarts(2)); // → [1, 0.5, 1, 0.5, 1]
 */
export function cosineWarmRestarts(steps: number, growth = 1, end = 0): Curve {
  refuseMore("cosineWarmRestarts", arguments, 3);
  checkCount("cosineWarmRestarts", "steps", steps, 1, optimizerHint("cosineWarmRestarts", steps));
  checkCount("cosineWarmRestarts", "growth", growth, 1);
  checkFactor("cosineWarmRestarts", "end", end);
  return (step) => {
    let [length, at] = [steps, step];
    if (growth === 1) at %= steps;
    for (; at >= length; length *= growth) at -= length;
    return between(1, end, at / length, "cosine");
  };
}

/** Options of {@link oneCycle}. */
export interface OneCycleOptions {
  /** Share of the steps that go up; 0.3 by default. */
  readonly warmup?: number;
  /** How many times smaller the first rate is than the highest; 25 by default. */
  readonly divide?: number;
  /** How many times smaller the last rate is than the first; 10,000 by default. */
  readonly finalDivide?: number;
  /** `"cosine"` by default, or `"linear"`. */
  readonly shape?: "cosine" | "linear";
}

const oneCycleOptions: OptionKinds<OneCycleOptions> = {
  warmup: "number",
  divide: "number",
  finalDivide: "number",
  shape: ["cosine", "linear"],
};

/**
 * Raises the rate to its full value, then lowers it far down, in one training run (Smith and Topin, "Super-convergence", 2018). PyTorch's `OneCycleLR`, but it does not change
 * the momentum. The rate of the optimizer is the highest.
 *
 * @param steps - how many steps the training has; a whole number, 2 or more.
 * @param options - `warmup`, `divide`, `finalDivide`, `shape`.
 * @throws {@link ValueError} for arguments out of range.
 * @example
 * [0, 1, 2, 3].map(oneCycle(4, { warmup: 0.5, divide: 4, finalDivide: 1 })); // → [0.25, 1, 0.625, 0.25]
 */
export function oneCycle(steps: number, options: OneCycleOptions = {}): Curve {
  checkCount("oneCycle", "steps", steps, 2, stepsHint(steps));
  checkOptions("oneCycle", options, oneCycleOptions, {
    names: {
      pctStart: "warmup",
      divFactor: "divide",
      finalDivFactor: "finalDivide",
      annealStrategy: "shape",
      maxLr: "the highest rate is the optimizer's: new SGD(parameters, { lr })",
      totalSteps: "the steps come first: oneCycle(steps)",
    },
  });
  refuseMore("oneCycle", arguments, 2);
  const { warmup = 0.3, divide = 25, finalDivide = 1e4, shape = "cosine" } = options;
  if (!(warmup >= 0 && warmup <= 1)) throw new ValueError("oneCycle", "warmup must be from 0 to 1", String(warmup));
  for (const [name, value] of Object.entries({ divide, finalDivide })) {
    if (!(value > 0)) throw new ValueError("oneCycle", `${name} must be above 0`, String(value));
  }
  const peak = Math.max(warmup * steps - 1, 0);
  const end = 1 / (divide * finalDivide);
  return (step) => {
    if (step <= peak && peak > 0) return between(1 / divide, 1, step / peak, shape);
    return between(1, end, Math.min((step - peak) / (steps - 1 - peak), 1), shape);
  };
}

/** What to write where an optimizer stands in the place of the steps: a curve knows none. */
function optimizerHint(name: string, given: unknown): string {
  const isOptimizer = Array.isArray((given as { readonly groups?: unknown } | null | undefined)?.groups);
  return isOptimizer ? `write new Schedule(optimizer, ${name}(100))` : "";
}

/** What to write where options stand in the place of the steps. */
function stepsHint(given: unknown): string {
  const hint = optimizerHint("oneCycle", given);
  if (hint !== "") return hint;
  return typeof given === "object" && given !== null ? "the steps come first: oneCycle(100, { warmup })" : "";
}

/**
 * Raises the rate to its full value in equal steps, and keeps it there. With `start` above 1, lowers it. PyTorch's `LinearLR`.
 *
 * @param steps - how many steps it takes; a whole number, 1 or more.
 * @param start - the first factor; 0 by default, where the first step does nothing. PyTorch's is 1/3.
 * @throws {@link ValueError} for arguments out of range.
 * @example
 * [0, 1, 2, 3, 4, 5].map(linearWarmup(4)); // → [0, 0.25, 0.5, 0.75, 1, 1]
 */
export function linearWarmup(steps: number, start = 0): Curve {
  refuseMore("linearWarmup", arguments, 2);
  checkCount("linearWarmup", "steps", steps, 1, optimizerHint("linearWarmup", steps));
  checkFactor("linearWarmup", "start", start);
  return (step) => between(start, 1, Math.min(step / steps, 1), "linear");
}

/**
 * Lowers the rate to 0: `(1 - step / steps) ** power`. PyTorch's `PolynomialLR`.
 *
 * @param steps - how many steps it takes; a whole number, 1 or more.
 * @param power - 1 by default, a straight line.
 * @throws {@link ValueError} for arguments out of range.
 * @example
 * [0, 1, 2, 3, 4, 5].map(polynomial(4, 2)); // → [1, 0.5625, 0.25, 0.0625, 0, 0]
 */
export function polynomial(steps: number, power = 1): Curve {
  refuseMore("polynomial", arguments, 2);
  checkCount("polynomial", "steps", steps, 1, optimizerHint("polynomial", steps));
  checkFactor("polynomial", "power", power);
  return (step) => (1 - Math.min(step / steps, 1)) ** power;
}

/**
 * Combines several curves: the product of their factors. PyTorch's `ChainedScheduler`.
 *
 * @param curves - any number of curves.
 * @example
 * [0, 1, 2, 3].map(chained(linearWarmup(2), exponential(0.5))); // → [0, 0.25, 0.25, 0.125]
 */
export function chained(...curves: readonly Curve[]): Curve {
  curves.forEach((curve, i) => checkFunction("chained", `curve ${i}`, curve));
  return (step) => curves.reduce((factor, curve) => factor * curve(step), 1);
}

/**
 * Runs several curves one after the other. Each counts its steps from 0. PyTorch's `SequentialLR`.
 *
 * @param parts - curves, each with the number of steps that it holds for; the last may go without, and holds on.
 * @throws {@link ValueError} for anything that is not a curve, and if a number is missing, or is not a whole one.
 * @example
 * [0, 1, 2, 3, 4].map(sequential([linearWarmup(2), 2], [cosine(2)])); // → [0, 0.5, 1, 0.5, 0]
 */
export function sequential(...parts: readonly (readonly [curve: Curve, steps?: number])[]): Curve {
  parts.forEach((part, i) => {
    const hint = "write sequential([linearWarmup(10), 10], [cosine(90)])";
    if (!Array.isArray(part)) throw new ValueError("sequential", `part ${i} must be an array`, textOf(part), hint);
    const [curve, steps] = part;
    checkFunction("sequential", `curve ${i}`, curve, hint);
    if (i < parts.length - 1) checkCount("sequential", `steps of curve ${i}`, steps, 1);
  });
  return (step) => {
    let at = step;
    for (const [i, [curve, steps = 0]] of parts.entries()) {
      if (i === parts.length - 1 || at < steps) return curve(at);
      at -= steps;
    }
    return 1;
  };
}

/** From a to b, as t goes from 0 to 1. */
function between(a: number, b: number, t: number, shape: "cosine" | "linear"): number {
  const share = shape === "linear" ? t : (1 - Math.cos(Math.PI * t)) / 2;
  return a * (1 - share) + b * share;
}

function checkFactor(op: string, name: string, value: number): void {
  if (Number.isFinite(value) && value >= 0) return;
  throw new ValueError(op, `${name} must be a finite number, 0 or more`, textOf(value), numberHint(value));
}
