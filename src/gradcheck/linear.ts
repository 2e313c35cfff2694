import type { Check } from "./check.ts";
import { purposes, symmetric } from "./draw.ts";
import { type Layout, labelOf } from "./layout.ts";
import { RoundingOf } from "./rounding.ts";
import { isFloat32 } from "./subject.ts";
import type { Task } from "./task.ts";

/** A map that should be linear, and what it gave for some inputs. */
export interface Claims {
  readonly name: string;
  /** @param left - what it finds where it may write its output; zeros unless given. */
  apply(input: Float64Array, left?: Float64Array): Task<Float64Array | null>;
  /** Entries of an input. */
  readonly size: number;
  readonly inputs: readonly Float64Array[];
  /** What it gave for each, one after the other. */
  readonly outputs: Float64Array;
  /** What rounding may make of an input's output, where the terms that add up to it are gone: of each entry. */
  roundingOf(input: Float64Array): (k: number) => number;
}

/** The unit vectors of a space. */
export function columnsOf(n: number): Float64Array[] {
  return Array.from({ length: n }, (_, i) => new Float64Array(n).fill(1, i, i + 1));
}

/** How far two computations of one number may differ, as a share of the terms that they add. */
const slackOf = ({ subject, given, settings }: Check): number =>
  Math.max(given.rtol ?? 0, isFloat32(subject) ? 1e-4 : 1e-10, 4 * settings.nondeterminism);

/**
 * Checks, without differences, that a map gives 0 for 0, the same at a second call, and for a combination of the inputs the same combination
 * of what it gave for them.
 */
export function* checkLinear(check: Check, { name, apply, size, inputs, outputs, roundingOf }: Claims): Task<void> {
  if (inputs.length === 0) return; // with little effort
  const n = outputs.length / inputs.length;
  const zero = yield* apply(new Float64Array(size));
  const bad = zero?.findIndex((value) => value !== 0) ?? -1;
  if (bad >= 0) check.problem(`the ${name} of a zero is not 0 but ${zero![bad]} in entry ${bad}`);
  const again = yield* apply(inputs[0]!, outputs.slice(0, n));
  const [differs = -1] = again === null ? [] : check.differing(outputs.subarray(0, n), again);
  if (differs >= 0) {
    const doubled = again!.every((value, i) => Math.abs(value - 2 * outputs[i]!) <= 1e-9 * Math.abs(value));
    check.problem(
      `the ${name} is nondeterministic: a second call gave ${again![differs]} after ${outputs[differs]} in entry ${differs}`,
      doubled ? "the second call gave twice the first: it accumulates into an array that is not zeroed" : undefined,
    );
    return;
  }
  const weights = inputs.map((_, k) => symmetric(check.settings.seed, purposes.cotangent, k, 1 << 20));
  const combined = new Float64Array(size);
  for (const [k, input] of inputs.entries()) for (let i = 0; i < size; i++) combined[i]! += weights[k]! * input[i]!;
  const got = yield* apply(combined);
  const large = yield* apply(combined.map((value) => -1024 * value));
  if (got === null || large === null) return;
  const rounding = roundingOf(combined);
  const bent = got.findIndex((value, i) => {
    const slack = slackOf(check) * Math.abs(large[i]!) + 1024 * rounding(i) + 2 * check.slack(large);
    return Math.abs(large[i]! + 1024 * value) > slack;
  });
  if (bent >= 0) {
    check.problem(
      `the ${name} is not linear: of −1024 times a vector it is ${large[bent]} in entry ${bent}, of the vector ${got[bent]}`,
    );
    return;
  }
  const stated = 2 * inputs.length * check.slack(outputs);
  for (let i = 0; i < n; i++) {
    let wanted = 0;
    let terms = 0;
    for (let k = 0; k < inputs.length; k++) {
      wanted += weights[k]! * outputs[k * n + i]!;
      terms += Math.abs(weights[k]! * outputs[k * n + i]!);
    }
    if (Math.abs(got[i]! - wanted) <= slackOf(check) * terms + rounding(i) + stated || Number.isNaN(wanted)) continue;
    check.problem(
      `the ${name} is not linear: of a combination it is ${got[i]} in entry ${i}, the combination of its values is ${wanted}`,
    );
    return;
  }
}

/** Checks, without differences, that ⟨J v, u⟩ = ⟨v, Jᵀ u⟩ for random u and v. */
export function* checkAdjoint(
  check: Check,
  push: (v: Float64Array) => Task<Float64Array | null>,
  pull: (u: Float64Array) => Task<Float64Array | null>,
): Task<void> {
  const { subject, settings } = check;
  const roundings = new RoundingOf(subject);
  for (let k = 0; k < 3; k++) {
    const v = subject.x.map((_, i) => symmetric(settings.seed, purposes.elsewhere, i, k + 1));
    const u = subject.base.map((_, j) => symmetric(settings.seed, purposes.cotangent, j, (1 << 21) + k));
    const jv = yield* push(v);
    const ju = yield* pull(u);
    if (jv === null || ju === null) return;
    const [left, leftTerms] = product(jv, u);
    const [right, rightTerms] = product(v, ju);
    const rounding = roundings.jvp(v);
    const floor = u.reduce((sum, value, j) => sum + Math.abs(value) * rounding(j), 0);
    if (Math.abs(left - right) <= slackOf(check) * Math.max(leftTerms, rightTerms) + floor) continue;
    check.problem(`jvp and vjp disagree: ⟨J v, u⟩ is ${left}, ⟨v, Jᵀ u⟩ is ${right}`);
    return;
  }
}

/** Checks that a matrix over x is symmetric: the Jacobian of a gradient, or the Hessian of a function. */
export function checkSymmetric(check: Check, matrix: Float64Array, layout: Layout, ofGradient: boolean): void {
  const n = layout.size;
  const scale = matrix.reduce((most, value) => (Number.isFinite(value) ? Math.max(most, Math.abs(value)) : most), 0);
  const roundings = new RoundingOf(check.subject);
  for (let i = 0; i < n; i++) {
    const axis = new Float64Array(n).fill(1, i, i + 1);
    const rounding = ofGradient ? roundings.jvp(axis) : roundings.hvp(axis);
    for (let j = 0; j < i; j++) {
      const [a, b] = [matrix[i * n + j]!, matrix[j * n + i]!];
      if (!(Math.abs(a - b) > slackOf(check) * Math.max(scale, Math.abs(a)) + rounding(j))) continue;
      const names = [labelOf(layout, i), labelOf(layout, j)];
      check.problem(
        `the Hessian is not symmetric: by ${names.join(" and ")} it is ${a}, by ${names.reverse().join(" and ")} ${b}`,
      );
      return;
    }
  }
}

function product(a: Float64Array, b: Float64Array): [sum: number, terms: number] {
  let sum = 0;
  let terms = 0;
  for (let i = 0; i < a.length; i++) {
    sum += a[i]! * b[i]!;
    terms += Math.abs(a[i]! * b[i]!);
  }
  return [sum, terms];
}
