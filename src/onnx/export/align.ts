import { isSame as isSameValue } from "../../compile/same.ts";
import type { Op } from "../../core/op.ts";
import { sameShape } from "../../core/shape.ts";
import { expandOp } from "../../ops/expand.ts";
import { reshapeOp } from "../../ops/reshape.ts";
import { sliceOp } from "../../ops/slice.ts";
import type { Tensor } from "../../tensor.ts";
import { NoRoom } from "../import/guard.ts";
import { type Step, TooLarge, type Trace } from "./trace.ts";

/** What two traces differ in first: a step of each, if there is one. */
export interface Difference {
  readonly first: Step | undefined;
  readonly other: Step | undefined;
}

/**
 * Has the steps of another trace in line with those of a first: the same ops on the same tensors. Where an op of the first changes nothing at the other sizes, as a `reshape` to the shape that a tensor has,
 * functions leave it out; then it stands there as one that changes nothing.
 *
 * @param isRepeat - whether both are of the same sizes, so whatever forward makes itself must be the same, too.
 */
export function align(
  first: Trace,
  other: Trace,
  state: ReadonlyMap<Tensor, string>,
  isRepeat = false,
): Trace | Difference {
  /** For each tensor of the first trace, the one that stands for it. */
  const twins = new Map<Tensor, Tensor>();
  for (const [name, x] of first.inputs) twins.set(x, other.inputs.get(name)!);
  const taken = new Set([...other.inputs.values(), ...other.steps.map(({ result }) => result)]);
  const made = new Set([...first.inputs.values(), ...first.steps.map(({ result }) => result)]);
  /** Those that stand for themselves, where the other trace has not used them before: it must have the same. */
  const constants = new Set<Tensor>();
  const isTwin = (a: Tensor, b: Tensor): boolean => {
    const known = twins.get(a);
    if (known !== undefined) return known === b || (constants.has(known) && isConstant(b) && isEqual(known, b));
    if (taken.has(b)) return false;
    if (isRepeat || state.has(a) || state.has(b)) return a === b || isEqual(a, b);
    twins.set(a, b); // what forward makes itself: it is looked at where it is written
    return true;
  };
  /** What is no input, no weight and no op's result: a table that forward makes, or has from outside. */
  const isConstant = (x: Tensor): boolean => !taken.has(x) && !made.has(x) && !state.has(x);
  const steps: Step[] = [];
  let next = 0;
  for (const step of first.steps) {
    const twin = other.steps[next];
    const isSame =
      twin !== undefined &&
      step.op === twin.op &&
      step.inputs.length === twin.inputs.length &&
      (!isRepeat || isSameValue(step.attrs, twin.attrs)) &&
      step.inputs.every((x, k) => isTwin(x, twin.inputs[k]!));
    const [x] = step.inputs as [Tensor];
    if (!isSame && x !== undefined && !twins.has(x) && isConstant(x)) {
      constants.add(x);
      twins.set(x, x);
    }
    const own = isSame ? twin : leftOut(step, twins.get(x) ?? (state.has(x) ? x : undefined));
    if (own === null) return { first: step, other: twin };
    if (isSame) next++;
    twins.set(step.result, own.result);
    steps.push(own);
  }
  const outputs = first.outputs.map(([name, x], k) => {
    const [otherName, y] = other.outputs[k] ?? [];
    return name === otherName && isTwin(x, y!);
  });
  const isWhole = other.outputs.length === first.outputs.length && outputs.every((is) => is);
  if (next < other.steps.length || !isWhole) return { first: undefined, other: other.steps[next] };
  return { ...other, steps };
}

/** An op that would change nothing on a tensor; null if it would. */
function leftOut(step: Step, x: Tensor | undefined): Step | null {
  if (x === undefined || x.shape.length !== step.result.shape.length) return null;
  const is = (op: unknown): boolean => step.op === (op as Op);
  const { shape } = x;
  const isMoved = is(sliceOp) && (step.attrs as { steps: number[] }).steps.some((by) => by !== 1);
  if (isMoved || !(is(reshapeOp) || is(expandOp) || is(sliceOp))) return null;
  const attrs = is(sliceOp) ? { ...(step.attrs as object), starts: shape.map(() => 0), sizes: shape } : shape;
  return { ...step, attrs, inputs: [x], result: x };
}

function isEqual(a: Tensor, b: Tensor): boolean {
  if (a.dtype !== b.dtype || !sameShape(a.shape, b.shape)) return false;
  const [u, v] = [a.values, b.values];
  return u.every((value, i) => Object.is(value, v[i]));
}

/** Whether an error is of a trace's own, and not of the model: that of a model which was read is what it says of large values. */
export const isTooLarge = (error: unknown): boolean => error instanceof TooLarge || error instanceof NoRoom;
