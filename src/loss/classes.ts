import { apply } from "../core/apply.ts";
import { isFloat } from "../core/dtype.ts";
import { DTypeError, IndexError, ShapeError, ValueError } from "../core/errors.ts";
import type { Op } from "../core/op.ts";
import { describe, formatShape, type Shape, sameShape } from "../core/shape.ts";
import { eq } from "../ops/compare.ts";
import { constant } from "../ops/define.ts";
import { gather } from "../ops/gather.ts";
import { indexSelect } from "../ops/indexSelect.ts";
import { mul } from "../ops/mul.ts";
import { neg } from "../ops/neg.ts";
import { flatten, reshape, squeeze, unsqueeze } from "../ops/reshape.ts";
import { where } from "../ops/where.ts";
import type { Tensor } from "../tensor.ts";
import type { LossOptions } from "./reduction.ts";

/** Options of losses whose target is a class. */
export interface ClassOptions extends LossOptions {
  /** A weight for each class, shape `[classes]`; the mean is then over the weights. */
  readonly weight?: Tensor | undefined;
  /** Places with this as their class count for nothing; none if left out. It need not be a class. */
  readonly ignoreIndex?: number;
}

/** The axis on which the classes lie: 1, or 0 of a vector. */
export function classAxis(op: string, scores: Tensor): number {
  if (!isFloat(scores.dtype)) {
    throw new DTypeError(op, "logits must be floating", scores.dtype, 'use to("float32")');
  }
  if (scores.shape.length === 0) {
    throw new ShapeError(op, "logits must have a class axis", formatShape(scores.shape));
  }
  return scores.shape.length === 1 ? 0 : 1;
}

export function checkWeight(op: string, weight: Tensor | undefined, classes: number): void {
  if (weight === undefined || (isFloat(weight.dtype) && sameShape(weight.shape, [classes]))) return;
  throw new ShapeError(op, `the weight must be floating, of shape ${formatShape([classes])}`, describe(weight));
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
  const { weight, ignoreIndex } = options;
  const size = scores.shape[axis]!;
  checkWeight(op, weight, size);
  if (ignoreIndex !== undefined && !Number.isInteger(ignoreIndex)) {
    throw new ValueError(op, "ignoreIndex must be an integer", String(ignoreIndex));
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
  const weighted = weights === null ? each : mul(each, weights);
  return isIgnored === null ? weighted : where(isIgnored, 0, weighted); // also where a probability is 0
}

/** Lets classes through, and nothing else. An op, so that compiled programs check them too. */
export const classesOp: Op<{ readonly op: string; readonly size: number }> = {
  name: "classes",
  shape: ([target], { op, size }) => {
    const { values, shape } = target!;
    for (let i = 0; i < values.length; i++) {
      const c = values[i]!;
      if (c >= 0 && c < size) continue;
      const rule = size === 0 ? "there are no classes" : `a class must be from 0 to ${size - 1}`;
      throw new IndexError(op, rule, `${c} at ${placeOf(i, shape)} of the target`, `the logits have ${size} classes`);
    }
    return shape;
  },
  forward: "view",
  vjp: "nondifferentiable",
};

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
