import { apply } from "../core/apply.ts";
import { isFloat } from "../core/dtype.ts";
import { DTypeError, IndexError, ShapeError, ValueError } from "../core/errors.ts";
import type { Op } from "../core/op.ts";
import { formatShape, type Shape, sameShape } from "../core/shape.ts";
import { gather } from "../ops/gather.ts";
import { mul } from "../ops/mul.ts";
import { neg } from "../ops/neg.ts";
import { squeeze, unsqueeze } from "../ops/reshape.ts";
import { logSoftmax } from "../ops/softmax.ts";
import { sum } from "../ops/sum.ts";
import type { Tensor } from "../tensor.ts";
import { type LossOptions, reduceTerms, reductionOf } from "./reduction.ts";

/**
 * Cross entropy of a classifier: −log of the probability that the softmax of the logits gives to the right class, by
 * default its mean over all places.
 *
 * The classes lie on axis 1 (`[batch, classes]`, `[batch, classes, height, width]`), or on axis 0 of a vector. The
 * target says for each place either the class, as an int32 index, or the probability of each class. Logits of any size
 * are safe, −∞ included; but a probability of 0 for a class with logit −∞ gives NaN, as in PyTorch.
 *
 * @param logits - a floating tensor with one axis or more: scores before the softmax.
 * @param target - int32 class indices, of the logits' shape without the class axis; or probabilities in a floating
 * tensor of the logits' shape (they need not add up to 1).
 * @param options - `reduction`: `"mean"` (over the places, not the classes), `"sum"` or `"none"`.
 * @returns a scalar, or for `"none"` one value per place. The mean over no places is NaN.
 * @throws {@link IndexError} for a class that does not exist; {@link ShapeError} and {@link DTypeError} for a target
 * that does not fit; {@link ValueError} for a NaN among the probabilities, or another reduction.
 * @example
 * const logits = tensor([[0, 0], [0, 1000]]);
 * crossEntropy(logits, tensor([0, 1], { dtype: "int32" }), { reduction: "sum" }).item().toFixed(4); // → 0.6931
 */
export function crossEntropy(logits: Tensor, target: Tensor, options: LossOptions = {}): Tensor {
  const reduction = reductionOf("crossEntropy", options);
  if (!isFloat(logits.dtype)) {
    throw new DTypeError("crossEntropy", "logits must be floating", logits.dtype, 'use to("float32")');
  }
  if (logits.shape.length === 0) {
    throw new ShapeError("crossEntropy", "logits must have a class axis", formatShape(logits.shape));
  }
  const axis = logits.shape.length === 1 ? 0 : 1;
  const terms = target.dtype === "int32" ? byClass(logits, target, axis) : byProbability(logits, target, axis);
  return reduceTerms(terms, reduction);
}

function byClass(logits: Tensor, target: Tensor, axis: number): Tensor {
  const places = placesOf(logits.shape, axis);
  if (!sameShape(target.shape, places)) {
    const isOneHot = sameShape(target.shape, logits.shape);
    throw unfit(places, target, logits, isOneHot ? 'for probabilities (or one-hot rows) use target.to("float32")' : "");
  }
  const classes = apply(classesOp, [target], logits.shape[axis]!);
  return neg(squeeze(gather(logSoftmax(logits, axis), axis, unsqueeze(classes, axis)), axis));
}

function byProbability(logits: Tensor, target: Tensor, axis: number): Tensor {
  const places = placesOf(logits.shape, axis);
  const indices = 'class indices must be int32: use target.to("int32")';
  if (!sameShape(target.shape, logits.shape)) {
    throw unfit(places, target, logits, sameShape(target.shape, places) ? indices : "");
  }
  if (!isFloat(target.dtype)) {
    throw new DTypeError("crossEntropy", "probabilities must be floating", target.dtype, 'use to("float32")');
  }
  return neg(sum(mul(logSoftmax(logits, axis), apply(probabilitiesOp, [target], undefined)), axis));
}

function placesOf(shape: Shape, axis: number): Shape {
  return shape.filter((_, i) => i !== axis);
}

function unfit(places: Shape, target: Tensor, logits: Tensor, hint: string): ShapeError | DTypeError {
  const shape = formatShape(logits.shape);
  const either = `classes, int32${formatShape(places)}, or probabilities, ${logits.dtype}${shape}`;
  const rule = `for logits ${shape} the target must be ${either}`;
  const Kind = sameShape(target.shape, places) ? DTypeError : ShapeError;
  return new Kind("crossEntropy", rule, `${target.dtype}${formatShape(target.shape)}`, hint);
}

/** Lets classes through, and nothing else. An op, so that compiled programs check them too. */
export const classesOp: Op<number> = {
  name: "classes",
  shape: ([target], classes) => {
    const { values, shape } = target!;
    for (let i = 0; i < values.length; i++) {
      const c = values[i]!;
      if (c >= 0 && c < classes) continue;
      const rule = classes === 0 ? "there are no classes" : `a class must be from 0 to ${classes - 1}`;
      const hint = `the logits have ${classes} classes`;
      throw new IndexError("crossEntropy", rule, `${c} at ${place(i, shape)} of the target`, hint);
    }
    return shape;
  },
  forward: "view",
  vjp: "nondifferentiable",
};

/** Lets numbers through that are not NaN. */
export const probabilitiesOp: Op<undefined> = {
  name: "probabilities",
  shape: ([target]) => {
    const { values, shape } = target!;
    const nan = values.findIndex(Number.isNaN);
    if (nan < 0) return shape;
    throw new ValueError("crossEntropy", "probabilities must not be NaN", `NaN at ${place(nan, shape)}`);
  },
  forward: "view",
  vjp: [({ g }) => g],
};

function place(i: number, shape: Shape): string {
  let rest = i;
  const index = [...shape].reverse().map((n) => {
    const at = rest % n;
    rest = Math.floor(rest / n);
    return at;
  });
  return formatShape(index.reverse());
}
