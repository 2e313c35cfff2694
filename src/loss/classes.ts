import { apply } from "../core/apply.ts";
import { isFloat } from "../core/dtype.ts";
import { DTypeError, IndexError, ShapeError, textOf, ValueError } from "../core/errors.ts";
import type { Op } from "../core/op.ts";
import type { OptionKinds } from "../core/options.ts";
import { isTensor, withState } from "../core/runtime.ts";
import { describe, formatShape, type Shape, sameShape, sizeOf } from "../core/shape.ts";
import { asTensor, type TensorLike } from "../create.ts";
import { eq } from "../ops/compare.ts";
import { constant } from "../ops/define.ts";
import { gather } from "../ops/gather.ts";
import { indexSelect } from "../ops/indexSelect.ts";
import { neg } from "../ops/neg.ts";
import { flatten, reshape, squeeze, unsqueeze } from "../ops/reshape.ts";
import { weighted as product } from "../ops/weighted.ts";
import { where } from "../ops/where.ts";
import type { Tensor } from "../tensor.ts";
import { besides, checkPrediction } from "./pair.ts";
import { type LossOptions, lossOptions } from "./reduction.ts";

/** Options of losses whose target is a class. */
export interface ClassOptions extends LossOptions {
  /** A weight for each class, a tensor of shape `[classes]` or an array; the mean is then over the weights. */
  readonly weight?: TensorLike | undefined;
  /** Places with this as their class count for nothing; none if left out. It need not be a class. */
  readonly ignoreIndex?: number;
}

/**
 * A target as a tensor. In arrays of the places' shape, numbers are classes, which must be whole; in others, they are probabilities.
 *
 * @throws {@link ValueError} for a class that is not a whole number, naming its sample.
 */
export function classTarget(op: string, target: TensorLike, scores: Tensor, axis: number): Tensor {
  if (isTensor(target)) return target;
  const places = scores.shape.filter((_, i) => i !== axis);
  const own = besides(op, "the target", target, scores);
  if (!sameShape(own.shape, places)) return own;
  refuseFractions(op, asTensor(op, target, "float64"));
  return asTensor(op, target, "int32");
}

/** Refuses a class of 1.5, where floats are refused anyway: so that values may be looked at, also while a function is compiled. */
export function refuseFractions(op: string, target: Tensor): void {
  const values = withState("tracer", null, () => target.values);
  const bad = values.findIndex((v) => !Number.isInteger(v));
  if (bad < 0) return;
  const got = `${values[bad]}${sampleAt(bad, target.shape)}`;
  throw new ValueError(op, "a class must be a whole number", got, "to predict numbers, use mse");
}

/** What makes a target fit whose classes stand in a column: `[[0], [1]]`. */
export function squeezeHint({ dtype, shape }: Tensor, places: Shape, axis: number): string {
  if (!sameShape(shape, [...places.slice(0, axis), 1, ...places.slice(axis)])) return "";
  return `write target.squeeze(${axis})${dtype === "int32" ? "" : '.to("int32")'}`;
}

/** The axis on which the classes lie: 1, or 0 of a vector. */
export function classAxis(op: string, scores: Tensor, target: TensorLike): number {
  checkPrediction(op, scores, target, op === "nll" ? "the logs" : "the logits");
  if (!isFloat(scores.dtype)) {
    throw new DTypeError(op, "logits must be floating", scores.dtype, 'use to("float32")');
  }
  if (scores.shape.length === 0) {
    throw new ShapeError(op, "logits must have a class axis", formatShape(scores.shape));
  }
  return scores.shape.length === 1 ? 0 : 1;
}

export const classOptions: OptionKinds<ClassOptions> = { ...lossOptions, weight: "any", ignoreIndex: "number" };

/** The weights of the classes. */
export function weightOf(op: string, { weight }: ClassOptions, scores: Tensor, axis: number): Tensor | undefined {
  if (weight === undefined) return undefined;
  const own = besides(op, "the weight", weight, scores);
  const classes = scores.shape[axis]!;
  if (isFloat(own.dtype) && sameShape(own.shape, [classes])) return own;
  throw new ShapeError(op, `the weight must be floating, of shape ${formatShape([classes])}`, describe(own));
}

/** What is chosen for each place: which are ignored, the class, and its weight. */
export interface Chosen {
  readonly isIgnored: Tensor | null;
  /** `[…]` without the class axis, int32; a class that exists where the place is ignored. */
  readonly classes: Tensor;
  /** Null if all weigh 1. */
  readonly weights: Tensor | null;
}

/** Looks at a target of classes. Refuses those that do not exist. */
export function choose(op: string, scores: Tensor, target: Tensor, axis: number, options: ClassOptions): Chosen {
  const { ignoreIndex } = options;
  const size = scores.shape[axis]!;
  const weight = weightOf(op, options, scores, axis);
  if (ignoreIndex !== undefined && !Number.isInteger(ignoreIndex)) {
    throw new ValueError(op, "ignoreIndex must be an integer", textOf(ignoreIndex));
  }
  const isIgnored = ignoreIndex === undefined ? null : eq(target, ignoreIndex);
  const safe = isIgnored === null ? target : where(isIgnored, 0, target);
  const classes = apply(classesOp, [safe], { op, size });
  const one = constant(scores, 1);
  let weights: Tensor | null = null;
  if (weight !== undefined) weights = reshape(indexSelect(weight, 0, flatten(classes)), classes.shape);
  if (isIgnored !== null) weights = where(isIgnored, 0, weights ?? one);
  return { isIgnored, classes, weights };
}

/** −log probability of each place's class, weighted; 0 where it is ignored. */
export function likelihoods(logs: Tensor, axis: number, { isIgnored, classes, weights }: Chosen): Tensor {
  const each = neg(squeeze(gather(logs, axis, unsqueeze(classes, axis)), axis));
  const weighted = weights === null ? each : product(weights, each);
  return isIgnored === null ? weighted : where(isIgnored, 0, weighted); // also where a probability is 0
}

/** Lets classes through, and nothing else. An op, so compiled programs check them too. `isWhole`: the loss leaves no places out. */
export const classesOp: Op<{ readonly op: string; readonly size: number; readonly isWhole?: boolean }> = {
  name: "classes",
  shape: ([target], { op, size, isWhole }) => {
    const { values, shape } = target!;
    for (let i = 0; i < values.length; i++) {
      const c = values[i]!;
      if (c >= 0 && c < size) continue;
      const rule = size === 0 ? "there are no classes" : `a class must be from 0 to ${size - 1}`;
      throw new IndexError(op, rule, `${c}${sampleAt(i, shape)}`, classHint(c, size, isWhole));
    }
    return shape;
  },
  forward: "view",
  vjp: "nondifferentiable",
};

/** ` at sample 12 of the target`: samples are on axis 0. */
export function sampleAt(i: number, shape: Shape): string {
  if (shape.length === 0) return "";
  if (shape.length === 1) return ` at sample ${i} of the target`;
  const inner = sizeOf(shape.slice(1));
  return ` at sample ${Math.floor(i / inner)} of the target, ${placeOf(i % inner, shape.slice(1))} in it`;
}

function classHint(c: number, size: number, isWhole = false): string {
  if (c === size && size > 0) return `classes count from 0; the logits have ${size}`;
  const ignored = `to leave such places out, pass { ignoreIndex: ${c} }`;
  if (c < 0 && !isWhole) return ignored;
  if (c === 255) return `the logits have ${size} classes; ${ignored}`;
  return `the logits have ${size} classes`;
}

/** Where an element stands, as text. */
export function placeOf(i: number, shape: Shape): string {
  let rest = i;
  const index = [...shape].reverse().map((n) => {
    const at = rest % n;
    rest = Math.floor(rest / n);
    return at;
  });
  return formatShape(index.reverse());
}
