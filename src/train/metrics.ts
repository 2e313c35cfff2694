import { noGrad } from "../core/apply.ts";
import { ShapeError, textOf, ValueError } from "../core/errors.ts";
import { placeIn } from "../core/nested.ts";
import { checkOptions, type OptionKinds } from "../core/options.ts";
import { describe, type Shape, sameShape } from "../core/shape.ts";
import { asTensor, type TensorLike } from "../create.ts";
import { argmax } from "../ops/argmax.ts";
import { gt } from "../ops/compare.ts";
import { topk } from "../ops/sort.ts";
import type { Tensor } from "../tensor.ts";
import { named } from "./samples.ts";

/** A number that says how good outputs are, over all samples at once. */
export type Metric = (outputs: Tensor, targets: Tensor) => number;

/** Options of metrics for classes. */
export interface ClassMetricOptions {
  /** What outputs of two classes, one number each, must be above to count as class 1; 0.5 by default, for probabilities. For logits, 0. */
  readonly threshold?: number;
}

/** Options of {@link precision}, {@link recall} and {@link f1}. */
export interface AverageOptions extends ClassMetricOptions {
  /**
   * `"binary"`: of class 1 alone; `"macro"`: the mean over the classes that occur; `"micro"`: counts of all classes together. `"binary"` by default for two classes, else `"macro"`.
   */
  readonly average?: "binary" | "macro" | "micro";
}

const classMetricOptions: OptionKinds<ClassMetricOptions> = { threshold: "number" };
const averageOptions: OptionKinds<AverageOptions> = { ...classMetricOptions, average: ["binary", "macro", "micro"] };

/**
 * The share of samples whose class is right. Of outputs with one axis more than the targets, the largest along the last axis is the class; of outputs in the targets' shape, or with
 * one column more, those above the threshold are class 1.
 *
 * @param outputs - `[n, classes]` scores, or `[n]` or `[n, 1]` numbers for two classes: a tensor or arrays.
 * @param targets - `[n]` classes, counted from 0.
 * @param options - `threshold`.
 * @returns from 0 to 1; NaN for no samples.
 * @throws `ShapeError` if the shapes do not fit.
 * @example
 * import { accuracy } from "tinygrad-ts/train";
 *
 * accuracy([[2, 1], [0, 3]], [0, 0]); // → 0.5
 */
export function accuracy(outputs: TensorLike, targets: TensorLike, options?: ClassMetricOptions): number {
  const [predicted, wanted] = classesOf("accuracy", outputs, targets, options);
  return predicted.reduce((right, c, i) => right + Number(c === wanted[i]), 0) / wanted.length;
}

/**
 * The share of samples whose class is among the k largest scores.
 *
 * @param outputs - `[n, classes]` scores.
 * @param targets - `[n]` classes, counted from 0.
 * @param k - how many count; 5 by default.
 * @returns from 0 to 1; NaN for no samples.
 * @throws `ShapeError` if the shapes do not fit, or there are fewer than k classes.
 * @example
 * import { tensor } from "tinygrad-ts";
 * import { topKAccuracy } from "tinygrad-ts/train";
 *
 * topKAccuracy(tensor([[3, 2, 1], [3, 2, 1]]), tensor([1, 2]), 2); // → 0.5
 */
export function topKAccuracy(outputs: TensorLike, targets: TensorLike, k = 5): number {
  if (!Number.isSafeInteger(k) || k < 1) {
    const hint = typeof k === "object" ? "write topKAccuracy(outputs, targets, 5)" : "";
    throw new ValueError("topKAccuracy", "k must be a whole number, 1 or more", textOf(k), hint);
  }
  const [scores, right] = [read("topKAccuracy", outputs, 0), read("topKAccuracy", targets, 1)];
  if (scores.shape.length === 0 || !sameShape(scores.shape.slice(0, -1), right.shape)) {
    misfit("topKAccuracy", scores, right);
  }
  const wanted = right.data;
  const found = noGrad(() => topk(scores, k).indices).data;
  let hits = 0;
  for (let i = 0; i < wanted.length; i++) hits += Number(found.subarray(i * k, (i + 1) * k).includes(wanted[i]!));
  return hits / wanted.length;
}

/**
 * How often samples of each class were taken for each class.
 *
 * @param outputs - as for {@link accuracy}.
 * @param targets - `[n]` classes, counted from 0.
 * @param options - `threshold`.
 * @returns counts: a row for each true class, a column for each predicted one; as many as there are scores, or 2.
 * @throws `ShapeError` if the shapes do not fit; `ValueError` for a class that is none of them.
 * @example
 * import { tensor } from "tinygrad-ts";
 * import { confusionMatrix } from "tinygrad-ts/train";
 *
 * confusionMatrix(tensor([0.9, 0.2, 0.7]), tensor([1, 1, 0])); // → [[0, 1], [1, 1]]
 */
export function confusionMatrix(outputs: TensorLike, targets: TensorLike, options?: ClassMetricOptions): number[][] {
  const [predicted, wanted, count] = classesOf("confusionMatrix", outputs, targets, options);
  const matrix = Array.from({ length: count }, () => new Array<number>(count).fill(0));
  wanted.forEach((c, i) => {
    matrix[c]![predicted[i]!]!++;
  });
  return matrix;
}

/**
 * Of what was taken for a class, the share that is: true positives by all positives.
 *
 * @param outputs - as for {@link accuracy}.
 * @param targets - `[n]` classes, counted from 0.
 * @param options - `average`, `threshold`.
 * @returns from 0 to 1; 0 where nothing was taken for the class, as scikit-learn has it.
 * @throws `ShapeError` if the shapes do not fit; `ValueError` for a class that is none of them.
 * @example
 * import { tensor } from "tinygrad-ts";
 * import { precision } from "tinygrad-ts/train";
 *
 * precision(tensor([0.9, 0.8, 0.1, 0.2]), tensor([1, 0, 1, 0])); // → 0.5
 */
export function precision(outputs: TensorLike, targets: TensorLike, options?: AverageOptions): number {
  return averaged("precision", outputs, targets, options, ({ right, taken }) => ratio(right, taken));
}

/**
 * Of what is of a class, the share that was found: true positives by all that are.
 *
 * @param outputs - as for {@link accuracy}.
 * @param targets - `[n]` classes, counted from 0.
 * @param options - `average`, `threshold`.
 * @returns from 0 to 1; 0 where there are none of the class, as scikit-learn has it.
 * @throws `ShapeError` if the shapes do not fit; `ValueError` for a class that is none of them.
 * @example
 * import { tensor } from "tinygrad-ts";
 * import { recall } from "tinygrad-ts/train";
 *
 * recall(tensor([0.9, 0.8, 0.1, 0.7]), tensor([1, 0, 1, 1])).toFixed(3); // → 0.667
 */
export function recall(outputs: TensorLike, targets: TensorLike, options?: AverageOptions): number {
  return averaged("recall", outputs, targets, options, ({ right, actual }) => ratio(right, actual));
}

/**
 * Harmonic mean of {@link precision} and {@link recall}.
 *
 * @param outputs - as for {@link accuracy}.
 * @param targets - `[n]` classes, counted from 0.
 * @param options - `average`, `threshold`.
 * @returns from 0 to 1; 0 where both are 0.
 * @throws `ShapeError` if the shapes do not fit; `ValueError` for a class that is none of them.
 * @example
 * import { tensor } from "tinygrad-ts";
 * import { f1 } from "tinygrad-ts/train";
 *
 * f1(tensor([[1, 0], [0, 1], [0, 1]]), tensor([0, 1, 0])).toFixed(3); // → 0.667
 */
export function f1(outputs: TensorLike, targets: TensorLike, options?: AverageOptions): number {
  return averaged("f1", outputs, targets, options, ({ right, taken, actual }) => ratio(2 * right, taken + actual));
}

/**
 * Area under the ROC curve: the chance that a sample of class 1 has a larger score than one of class 0, ties counting half.
 *
 * @param outputs - `[n]` scores: probabilities, logits, or anything that grows with them.
 * @param targets - `[n]`, 1 or 0.
 * @returns from 0 to 1; NaN if there is but one class.
 * @throws `ShapeError` if the shapes differ; `ValueError` for a target that is neither 1 nor 0, or a NaN.
 * @example
 * import { tensor } from "tinygrad-ts";
 * import { auc } from "tinygrad-ts/train";
 *
 * auc(tensor([0.1, 0.4, 0.4, 0.8]), tensor([0, 0, 1, 1])); // → 0.875
 */
export function auc(outputs: TensorLike, targets: TensorLike): number {
  const [scores, wanted] = pairsOf("auc", outputs, targets);
  const bad = wanted.findIndex((v) => v !== 0 && v !== 1);
  if (bad >= 0) throw new ValueError("auc", "targets must be 0 or 1", `${wanted[bad]} at index ${bad}`);
  const nan = scores.findIndex(Number.isNaN);
  if (nan >= 0) throw new ValueError("auc", "scores must be numbers", `NaN at index ${nan}`);
  const order = scores.map((_, i) => i).sort((a, b) => scores[a]! - scores[b]!);
  let [ranks, at] = [0, 0];
  while (at < order.length) {
    let end = at;
    while (end < order.length && scores[order[end]!] === scores[order[at]!]) end++;
    for (let i = at; i < end; i++) ranks += wanted[order[i]!]! * ((at + 1 + end) / 2); // ties share their mean rank
    at = end;
  }
  const positive = wanted.filter((v) => v === 1).length;
  return (ranks - (positive * (positive + 1)) / 2) / (positive * (wanted.length - positive));
}

/**
 * Mean absolute error, over all elements.
 *
 * @param outputs - a tensor of any shape.
 * @param targets - of the same shape.
 * @returns 0 or more; NaN for no elements.
 * @throws `ShapeError` if the shapes differ.
 * @example
 * import { tensor } from "tinygrad-ts";
 * import { mae } from "tinygrad-ts/train";
 *
 * mae(tensor([1, 2]), tensor([2, 4])); // → 1.5
 */
export function mae(outputs: TensorLike, targets: TensorLike): number {
  const [values, wanted] = pairsOf("mae", outputs, targets);
  return values.reduce((sum, v, i) => sum + Math.abs(v - wanted[i]!), 0) / values.length;
}

/**
 * Root of the mean squared error, over all elements.
 *
 * @param outputs - a tensor of any shape.
 * @param targets - of the same shape.
 * @returns 0 or more; NaN for no elements.
 * @throws `ShapeError` if the shapes differ.
 * @example
 * import { tensor } from "tinygrad-ts";
 * import { rmse } from "tinygrad-ts/train";
 *
 * rmse(tensor([1, 2]), tensor([4, 6])).toFixed(4); // → 3.5355
 */
export function rmse(outputs: TensorLike, targets: TensorLike): number {
  const [values, wanted] = pairsOf("rmse", outputs, targets);
  return Math.sqrt(squares(values, (i) => wanted[i]!) / values.length);
}

/**
 * Coefficient of determination R²: the share of the targets' variance that the outputs explain. Over all elements.
 *
 * @param outputs - a tensor of any shape.
 * @param targets - of the same shape.
 * @returns at most 1; below 0 for outputs that are worse than the targets' mean. For targets that are all the same, 1 if the outputs are right and else 0, as scikit-learn has
 * it; NaN for fewer than two.
 * @throws `ShapeError` if the shapes differ.
 * @example
 * import { tensor } from "tinygrad-ts";
 * import { r2 } from "tinygrad-ts/train";
 *
 * r2(tensor([1, 2, 4]), tensor([1, 2, 3])); // → 0.5
 */
export function r2(outputs: TensorLike, targets: TensorLike): number {
  const [values, wanted] = pairsOf("r2", outputs, targets);
  if (wanted.length < 2) return Number.NaN;
  const isConstant = wanted.every((v) => v === wanted[0]); // which their squares may hide, since the mean is rounded
  const mean = wanted.reduce((sum, v) => sum + v, 0) / wanted.length;
  const [rest, total] = [squares(values, (i) => wanted[i]!), squares(wanted, () => mean)];
  if (isConstant) return rest === 0 ? 1 : 0;
  return 1 - rest / total;
}

/** Of one class, or of all: how many were taken for it, are of it, and both. */
interface Counts {
  right: number;
  taken: number;
  actual: number;
}

function averaged(
  op: string,
  outputs: TensorLike,
  targets: TensorLike,
  given: AverageOptions | undefined,
  score: (counts: Counts) => number,
): number {
  const { average: wish, ...options } = checkOptions(op, given, averageOptions, { names: { avg: "average" } });
  const [predicted, wanted, count] = classesOf(op, outputs, targets, options);
  const average = wish ?? (count === 2 ? "binary" : "macro");
  const counts = Array.from({ length: count }, (): Counts => ({ right: 0, taken: 0, actual: 0 }));
  wanted.forEach((c, i) => {
    counts[c]!.actual++;
    counts[predicted[i]!]!.taken++;
    if (c === predicted[i]) counts[c]!.right++;
  });
  switch (average) {
    case "binary":
      if (count !== 2) throw new ValueError(op, '"binary" is for two classes', String(count), 'say "macro" or "micro"');
      return score(counts[1]!);
    case "macro": {
      const scores = counts.filter(({ taken, actual }) => taken + actual > 0).map(score);
      return scores.reduce((sum, v) => sum + v, 0) / scores.length;
    }
    case "micro": {
      const right = counts.reduce((sum, c) => sum + c.right, 0);
      return score({ right, taken: wanted.length, actual: wanted.length });
    }
  }
}

const ratio = (a: number, b: number): number => (b === 0 ? 0 : a / b);

/** Predicted and true classes, and how many classes there are. */
function classesOf(
  op: string,
  given: TensorLike,
  wanted: TensorLike,
  options: ClassMetricOptions | undefined,
): [number[], number[], number] {
  const { threshold = 0.5 } = checkOptions(op, options, classMetricOptions);
  const [outputs, targets] = [read(op, given, 0), read(op, wanted, 1)];
  const isScores = outputs.shape.length === targets.shape.length + 1;
  if (!sameShape(isScores ? outputs.shape.slice(0, -1) : outputs.shape, targets.shape)) misfit(op, outputs, targets);
  // A column of one is a number for each sample, as what is in the targets' shape is: there are two classes.
  const size = isScores ? outputs.shape.at(-1)! : 1;
  const count = size === 1 ? 2 : size;
  const predicted = noGrad(() => (size === 1 ? gt(outputs, threshold) : argmax(outputs, -1)));
  const classes = [...targets.data];
  const bad = classes.findIndex((c) => !(Number.isInteger(c) && c >= 0 && c < count));
  if (bad < 0) return [[...predicted.data], classes, count];
  const hint = size === 1 && classes[bad]! > 1 ? "outputs for more classes are a row of scores for each sample" : "";
  const got = classes[bad] + placeIn(bad, targets.shape);
  throw new ValueError(op, `targets must be classes from 0 to ${count - 1}`, got, hint);
}

function pairsOf(op: string, given: TensorLike, wanted: TensorLike): [number[], number[]] {
  const [outputs, targets] = [read(op, given, 0), read(op, wanted, 1)];
  if (!sameShape(outputs.shape, targets.shape)) misfit(op, outputs, targets);
  return [[...outputs.data], [...targets.data]];
}

/** A tensor as it is, and numbers in all their digits. */
function read(op: string, data: TensorLike, i: number): Tensor {
  return named(i === 0 ? "outputs" : "targets", () => asTensor(op, data, "float64"));
}

function squares(values: readonly number[], from: (i: number) => number): number {
  return values.reduce((sum, v, i) => sum + (v - from(i)) ** 2, 0);
}

function misfit(op: string, outputs: Tensor, targets: Tensor): never {
  const [a, b] = [outputs.shape, targets.shape];
  const isColumn = (x: Shape, y: Shape): boolean => x.length === 2 && sameShape(x, [...y, 1]);
  const hint = isColumn(a, b) ? "write outputs.squeeze(1)" : isColumn(b, a) ? "write targets.squeeze(1)" : "";
  throw new ShapeError(op, "outputs must fit the targets", `${describe(outputs)} and ${describe(targets)}`, hint);
}
