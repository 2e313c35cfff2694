import { noGrad } from "../../core/apply.ts";
import { isFloat, type TypedArray } from "../../core/dtype.ts";
import { ShapeError, textOf, ValueError } from "../../core/errors.ts";
import { floatDtypeOf, placeIn } from "../../core/nested.ts";
import { checkOptions, type OptionKinds } from "../../core/options.ts";
import { isTensor } from "../../core/runtime.ts";
import { describe, sameShape } from "../../core/shape.ts";
import { refuseMore } from "../../core/surplus.ts";
import type { TensorLike } from "../../create.ts";
import { argmax } from "../../ops/argmax.ts";
import { gt } from "../../ops/compare.ts";
import { topk } from "../../ops/sort.ts";
import type { Tensor } from "../../tensor.ts";
import type { AccumulatingMetric } from "../metric.ts";
import { type MetricOf, metricOf, misfit, read, type Sum } from "./define.ts";

/** The meaning of one number for each sample. Set one of the two, because the numbers do not say it. */
export interface BinaryOptions {
  /** Whether outputs of two classes, one number each, are logits, which count as class 1 above 0; false for probabilities, which do above 0.5. */
  readonly logits?: boolean;
  /** What such outputs must be above to count as class 1, if it is something else. */
  readonly threshold?: number;
}

/** Options of metrics for classes. */
export interface ClassMetricOptions extends BinaryOptions {
  /** Targets of this class do not count, as with the same option of `crossEntropy`; by default all do. */
  readonly ignoreIndex?: number;
}

/** Options of {@link precision}, {@link recall} and {@link f1}. */
export interface AverageOptions extends ClassMetricOptions {
  /**
   * `"binary"`: of class 1 alone; `"macro"`: the mean over the classes that occur; `"micro"`: counts of all classes together. `"binary"` by default for two classes, else `"macro"`.
   */
  readonly average?: "binary" | "macro" | "micro";
}

const binaryOptions: OptionKinds<BinaryOptions> = { logits: "boolean", threshold: "number" };
const classOptions: OptionKinds<ClassMetricOptions> = { ...binaryOptions, ignoreIndex: "number" };
const averageOptions: OptionKinds<AverageOptions> = { ...classOptions, average: ["binary", "macro", "micro"] };

/** What PyTorch's and Keras's call it. */
const lead = { names: { avg: "average", fromLogits: "logits" } };

/**
 * The share of samples whose class is right. If outputs have one axis more than the targets, the class is the largest along the last axis. If outputs have the shape of the targets, or
 * one column more, values above a threshold are class 1. Numbers do not say whether they are logits or probabilities, so such outputs need `logits` or `threshold`, unless they are classes already, int32 (of
 * any number of classes, as {@link classes} gives them) or booleans. In `fit`, write `metrics: { accuracy: binaryAccuracy({ logits: true }) }`.
 *
 * @param outputs - `[n, classes]` scores, or `[n]` or `[n, 1]` numbers for two classes: a tensor or arrays.
 * @param targets - `[n]` classes, counted from 0.
 * @param options - `logits` or `threshold`, for one number for each sample; `ignoreIndex`.
 * @returns from 0 to 1; NaN for no samples.
 * @throws `ShapeError` if the shapes do not fit; `ValueError` for a class that is none of them, a NaN, one number for each sample without `logits` or `threshold`, rows of scores with one, and one-hot targets.
 * @example
 * import { accuracy } from "tinygrad-ts/train";
 *
 * accuracy([[2, 1], [0, 3]], [0, 0]); // → 0.5
 */
export const accuracy: MetricOf<[options?: ClassMetricOptions]> = /* @__PURE__ */ metricOf(
  "accuracy",
  true,
  (options?: ClassMetricOptions) => accuracySum("accuracy", checkOptions("accuracy", options, classOptions, lead)),
);

function accuracySum(op: string, options: ClassMetricOptions, isBinary = false): Sum {
  const numbers = [0, 0];
  return {
    numbers,
    add(outputs, targets) {
      const [predicted, wanted] = classesOf(op, outputs, targets, options, isBinary);
      for (let i = 0; i < wanted.length; i++) numbers[0]! += Number(predicted[i] === wanted[i]);
      numbers[1]! += wanted.length;
    },
    value: () => numbers[0]! / numbers[1]!,
  };
}

/**
 * The share of samples whose class is among the k largest scores.
 *
 * @param outputs - `[n, classes]` scores.
 * @param targets - `[n]` classes, counted from 0.
 * @param k - how many count; 5 by default.
 * @returns from 0 to 1; NaN for no samples.
 * @throws `ShapeError` if the shapes do not fit; `ValueError` if there are fewer than k classes, for a class that is none of them, a NaN, and one-hot targets.
 * @example
 * import { tensor } from "tinygrad-ts";
 * import { topKAccuracy } from "tinygrad-ts/train";
 *
 * topKAccuracy(tensor([[3, 2, 1], [3, 2, 1]]), tensor([1, 2]), 2); // → 0.5
 */
export const topKAccuracy: MetricOf<[k?: number]> = /* @__PURE__ */ metricOf("topKAccuracy", true, (given?: number) => {
  const k = given === undefined ? 5 : given; // null is none
  if (!Number.isSafeInteger(k) || k < 1) {
    const hint = typeof k === "object" ? "write topKAccuracy(outputs, targets, 5)" : "";
    throw new ValueError("topKAccuracy", "k must be a whole number, 1 or more", textOf(k), hint);
  }
  const numbers = [0, 0];
  return {
    numbers,
    add(outputs, targets) {
      const [scores, right] = [read("topKAccuracy", outputs, 0), read("topKAccuracy", targets, 1)];
      refuseOneHot("topKAccuracy", scores, right, isTensor(targets));
      if (scores.shape.length === 0 || !sameShape(scores.shape.slice(0, -1), right.shape)) {
        misfit("topKAccuracy", scores, right, hintOfScores(scores, right));
      }
      const wanted = right.values;
      const classes = scores.shape.at(-1)!;
      if (k > classes) {
        throw new ValueError(
          "topKAccuracy",
          "k must be at most the number of classes",
          `${k} of ${classes}`,
          "give a smaller k",
        );
      }
      refuseNaN("topKAccuracy", scores);
      refuseOthers("topKAccuracy", right, classes);
      const found = noGrad(() => topk(scores, k).indices).values;
      for (let i = 0; i < wanted.length; i++) {
        numbers[0]! += Number(found.subarray(i * k, (i + 1) * k).includes(wanted[i]!));
      }
      numbers[1]! += wanted.length;
    },
    value: () => numbers[0]! / numbers[1]!,
  };
});

/** A matrix of more has 25 million counts and takes 200 MB. */
const mostClasses = 5000;

/**
 * How often samples of each class were predicted as each class.
 *
 * @param outputs - as for {@link accuracy}.
 * @param targets - `[n]` classes, counted from 0.
 * @param options - `logits` or `threshold`, for one number for each sample; `ignoreIndex`.
 * @returns counts: a row for each true class, a column for each predicted one; as many as there are scores; of int32 classes, one more than the largest that occurs, and 2 at least.
 * @throws `ShapeError` if the shapes do not fit; `ValueError` for more than 5000 classes, a class that is none of them, a NaN, one number for each sample without `logits` or `threshold`, rows of scores with one, and one-hot targets.
 * @example
 * import { tensor } from "tinygrad-ts";
 * import { confusionMatrix } from "tinygrad-ts/train";
 *
 * confusionMatrix(tensor([0.9, 0.2, 0.7]), tensor([1, 1, 0]), { logits: false }); // → [[0, 1], [1, 1]]
 */
export function confusionMatrix(outputs: TensorLike, targets: TensorLike, options?: ClassMetricOptions): number[][] {
  const known = checkOptions("confusionMatrix", options, classOptions, lead);
  refuseMore("confusionMatrix", arguments, 3);
  const [predicted, wanted, count] = classesOf("confusionMatrix", outputs, targets, known);
  if (count > mostClasses) {
    // Before it is made: one class number that is an id would take all memory.
    const hint = "number the classes that occur from 0, without gaps";
    throw new ValueError("confusionMatrix", `takes ${mostClasses} classes at most`, `classes up to ${count - 1}`, hint);
  }
  const matrix = Array.from({ length: count }, () => new Array<number>(count).fill(0));
  for (let i = 0; i < wanted.length; i++) matrix[wanted[i]!]![predicted[i]!]!++;
  return matrix;
}

/**
 * The share of the samples predicted as a class that really are of this class: true positives divided by all predicted positives.
 *
 * @param outputs - as for {@link accuracy}.
 * @param targets - `[n]` classes, counted from 0.
 * @param options - `average`; `logits` or `threshold`, for one number for each sample; `ignoreIndex`.
 * @returns from 0 to 1; 0 if no sample was predicted as the class, as in scikit-learn.
 * @throws `ShapeError` if the shapes do not fit; `ValueError` for a class that is none of them, a NaN, one number for each sample without `logits` or `threshold`, rows of scores with one, and one-hot targets.
 * @example
 * import { tensor } from "tinygrad-ts";
 * import { precision } from "tinygrad-ts/train";
 *
 * precision(tensor([0.9, 0.8, 0.1, 0.2]), tensor([1, 0, 1, 0]), { logits: false }); // → 0.5
 */
export const precision: MetricOf<[options?: AverageOptions]> = /* @__PURE__ */ averaged("precision", precisionOf);

/**
 * The share of the samples of a class that were predicted as this class: true positives divided by all samples of the class.
 *
 * @param outputs - as for {@link accuracy}.
 * @param targets - `[n]` classes, counted from 0.
 * @param options - `average`; `logits` or `threshold`, for one number for each sample; `ignoreIndex`.
 * @returns from 0 to 1; 0 where there are none of the class, as scikit-learn has it.
 * @throws `ShapeError` if the shapes do not fit; `ValueError` for a class that is none of them, a NaN, one number for each sample without `logits` or `threshold`, rows of scores with one, and one-hot targets.
 * @example
 * import { tensor } from "tinygrad-ts";
 * import { recall } from "tinygrad-ts/train";
 *
 * recall(tensor([0.9, 0.8, 0.1, 0.7]), tensor([1, 0, 1, 1]), { logits: false }).toFixed(3); // → 0.667
 */
export const recall: MetricOf<[options?: AverageOptions]> = /* @__PURE__ */ averaged("recall", recallOf);

/**
 * Harmonic mean of {@link precision} and {@link recall}.
 *
 * @param outputs - as for {@link accuracy}.
 * @param targets - `[n]` classes, counted from 0.
 * @param options - `average`; `logits` or `threshold`, for one number for each sample; `ignoreIndex`.
 * @returns from 0 to 1; 0 where both are 0.
 * @throws `ShapeError` if the shapes do not fit; `ValueError` for a class that is none of them, a NaN, one number for each sample without `logits` or `threshold`, rows of scores with one, and one-hot targets.
 * @example
 * import { tensor } from "tinygrad-ts";
 * import { f1 } from "tinygrad-ts/train";
 *
 * f1(tensor([[1, 0], [0, 1], [0, 1]]), tensor([0, 1, 0])).toFixed(3); // → 0.667
 */
export const f1: MetricOf<[options?: AverageOptions]> = /* @__PURE__ */ averaged("f1", f1Of);

/**
 * {@link accuracy} of a model with one output for each sample, for the `metrics` of `fit`.
 *
 * @param options - `logits`, or `threshold`: one of both.
 * @returns a metric of outputs `[n]` or `[n, 1]` and targets `[n]` (or both of one shape, such as `[n, labels]`: each number counts by itself), 0 or 1. Of classes that exclude each other, write
 * {@link accuracy} with their numbers: of one-hot targets, `targets.argmax(1)`.
 * @throws `ValueError` if it is not said what the outputs are; while measuring, for probabilities that are not from 0 to 1, and for rows of scores.
 * @example
 * import { bceWithLogits, Linear, SGD } from "tinygrad-ts";
 * import { binaryAccuracy, fit } from "tinygrad-ts/train";
 *
 * const model = new Linear(1, 1);
 * const optimizer = new SGD(model.parameters(), { lr: 1 });
 * const metrics = { accuracy: binaryAccuracy({ logits: true }) };
 * const data = { x: [[-1], [1]], y: [[0], [1]] };
 * const { epochs } = await fit(model, data, { loss: bceWithLogits, optimizer, epochs: 100, metrics });
 * epochs.at(-1)!.metrics.accuracy; // → 1
 */
export function binaryAccuracy(options: BinaryOptions): AccumulatingMetric {
  refuseMore("binaryAccuracy", arguments, 1);
  const known = checkBinary("binaryAccuracy", options);
  return { start: () => accuracySum("binaryAccuracy", known, true), higherIsBetter: true };
}

/**
 * {@link precision} of class 1, of a model with one output for each sample, for the `metrics` of `fit`.
 *
 * @param options - as for {@link binaryAccuracy}.
 * @returns a metric, as {@link binaryAccuracy} does.
 * @throws what {@link binaryAccuracy} throws.
 * @example
 * import { tensor } from "tinygrad-ts";
 * import { binaryPrecision } from "tinygrad-ts/train";
 *
 * const sum = binaryPrecision({ logits: true }).start();
 * sum.add(tensor([2, -1]), tensor([1, 0]));
 * sum.add(tensor([3, -2]), tensor([0, 1]));
 * sum.value(); // → 0.5
 */
export function binaryPrecision(options: BinaryOptions): AccumulatingMetric {
  refuseMore("binaryPrecision", arguments, 1);
  return binary("binaryPrecision", options, precisionOf);
}

/**
 * {@link recall} of class 1, of a model with one output for each sample, for the `metrics` of `fit`.
 *
 * @param options - as for {@link binaryAccuracy}.
 * @returns a metric, as {@link binaryAccuracy} does.
 * @throws what {@link binaryAccuracy} throws.
 * @example
 * import { tensor } from "tinygrad-ts";
 * import { binaryRecall } from "tinygrad-ts/train";
 *
 * const sum = binaryRecall({ logits: false }).start();
 * sum.add(tensor([0.9, 0.2, 0.7, 0.4]), tensor([1, 1, 1, 1]));
 * sum.value(); // → 0.5
 */
export function binaryRecall(options: BinaryOptions): AccumulatingMetric {
  refuseMore("binaryRecall", arguments, 1);
  return binary("binaryRecall", options, recallOf);
}

/**
 * {@link f1} of class 1, of a model with one output for each sample, for the `metrics` of `fit`.
 *
 * @param options - as for {@link binaryAccuracy}.
 * @returns a metric, as {@link binaryAccuracy} does.
 * @throws what {@link binaryAccuracy} throws.
 * @example
 * import { tensor } from "tinygrad-ts";
 * import { binaryF1 } from "tinygrad-ts/train";
 *
 * const sum = binaryF1({ threshold: 0.8 }).start();
 * sum.add(tensor([0.9, 0.7]), tensor([1, 0]));
 * sum.value(); // → 1
 */
export function binaryF1(options: BinaryOptions): AccumulatingMetric {
  refuseMore("binaryF1", arguments, 1);
  return binary("binaryF1", options, f1Of);
}

/** Of one class, or of all: how many were taken for it, are of it, and both. */
interface Counts {
  readonly right: number;
  readonly taken: number;
  readonly actual: number;
}

type Score = (counts: Counts) => number;

// Declarations, since the constants above are made before what is below them.
function precisionOf({ right, taken }: Counts): number {
  return ratio(right, taken);
}

function recallOf({ right, actual }: Counts): number {
  return ratio(right, actual);
}

function f1Of({ right, taken, actual }: Counts): number {
  return ratio(2 * right, taken + actual);
}

function ratio(a: number, b: number): number {
  return b === 0 ? 0 : a / b;
}

function averaged(op: string, score: Score): MetricOf<[options?: AverageOptions]> {
  return metricOf(op, true, (options?: AverageOptions) => {
    return averagedSum(op, checkOptions(op, options, averageOptions, lead), score);
  });
}

function binary(op: string, options: BinaryOptions, score: Score): AccumulatingMetric {
  const known = checkBinary(op, options);
  return { start: () => averagedSum(op, known, score, true), higherIsBetter: true };
}

function checkBinary(op: string, options: BinaryOptions): BinaryOptions {
  const known = checkOptions(op, options, binaryOptions, lead);
  if ((known.logits === undefined) === (known.threshold === undefined)) {
    const got = known.logits === undefined ? "neither" : "both";
    throw new ValueError(op, "needs logits or a threshold", got, howTo(op));
  }
  return known;
}

function howTo(op: string): string {
  return `write ${op}({ logits: true }), or { logits: false } for probabilities`;
}

function averagedSum(op: string, options: AverageOptions, score: Score, isBinary = false): Sum {
  const { average: wish, ...rest } = options;
  // How many classes there are, then of each that occurs: class, right, taken, actual. Room for all would be as much as the largest class number says.
  const numbers: number[] = [];
  return {
    numbers,
    add(outputs, targets) {
      const [predicted, wanted, count, isOpen = false] = classesOf(op, outputs, targets, rest, isBinary);
      if (wish === "binary" && count !== 2) {
        throw new ValueError(op, '"binary" is for two classes', String(count), 'say "macro" or "micro"');
      }
      const before = numbers[0] ?? count;
      if (before !== count && !isOpen) {
        throw new ShapeError(op, "all batches must have as many classes", `${count} after ${before}`);
      }
      numbers[0] = Math.max(before, count);
      const places = new Map<number, number>();
      for (let at = 1; at < numbers.length; at += 4) places.set(numbers[at]!, at);
      const placeOf = (c: number): number => {
        const known = places.get(c);
        if (known !== undefined) return known;
        const at = numbers.push(c, 0, 0, 0) - 4;
        places.set(c, at);
        return at;
      };
      for (let i = 0; i < wanted.length; i++) {
        const [p, c] = [placeOf(predicted[i]!), placeOf(wanted[i]!)];
        numbers[c + 3]!++;
        numbers[p + 2]!++;
        if (c === p) numbers[c + 1]!++;
      }
    },
    value() {
      if (numbers.length === 0) return Number.NaN;
      const counts = Array.from({ length: (numbers.length - 1) / 4 }, (_, i) => {
        const [of, right, taken, actual] = numbers.slice(4 * i + 1, 4 * i + 5) as [number, number, number, number];
        return { of, right, taken, actual };
      }).sort((a, b) => a.of - b.of); // a sum in the order of classes, not of samples
      const sum = (of: (counts: Counts) => number): number => counts.reduce((total, c) => total + of(c), 0);
      switch (wish ?? (numbers[0] === 2 ? "binary" : "macro")) {
        case "binary":
          return score(counts.find(({ of }) => of === 1) ?? { right: 0, taken: 0, actual: 0 });
        case "macro":
          return sum(score) / counts.length;
        case "micro":
          return score({ right: sum((c) => c.right), taken: sum((c) => c.taken), actual: sum((c) => c.actual) });
      }
    },
  };
}

/** Predicted and true classes, and how many classes there are. */
function classesOf(
  op: string,
  given: TensorLike,
  wanted: TensorLike,
  options: ClassMetricOptions,
  isBinary = false,
): [predicted: TypedArray, wanted: TypedArray, count: number, isOpen?: boolean] {
  const isWhole = !isTensor(given) && ArrayBuffer.isView(given) && floatDtypeOf(given) === undefined; // classes, in an Int32Array
  const [outputs, targets] = [read(op, given, 0, isWhole ? "int32" : "float64"), read(op, wanted, 1)];
  if (!isBinary) refuseOneHot(op, outputs, targets, isTensor(wanted));
  const isScores = outputs.shape.length === targets.shape.length + 1;
  if (!sameShape(isScores ? outputs.shape.slice(0, -1) : outputs.shape, targets.shape)) {
    misfit(op, outputs, targets, hintOfScores(outputs, targets));
  }
  // A column of one is a number for each sample, as what is in the targets' shape is: there are two classes.
  const size = isScores ? outputs.shape.at(-1)! : 1;
  refuseNaN(op, outputs);
  const { ignoreIndex } = options;
  if (ignoreIndex !== undefined && !Number.isInteger(ignoreIndex)) {
    throw new ValueError(op, "ignoreIndex must be an integer", String(ignoreIndex));
  }
  if (size !== 1 && (isBinary || options.logits !== undefined || options.threshold !== undefined)) {
    const hint = isBinary ? `for rows of scores, write ${nameOfAll(op)}` : `a row of ${size} scores needs none`;
    throw new ValueError(op, "logits and threshold are for one number for each sample", describe(outputs), hint);
  }
  const isSaid = isBinary || options.logits !== undefined || options.threshold !== undefined;
  if (size === 1 && !isSaid && !isFloat(outputs.dtype)) return [...pairOf(op, outputs, targets, ignoreIndex), true];
  const count = size === 1 ? 2 : size;
  const threshold = size === 1 ? thresholdFor(op, outputs, options) : 0;
  const predicted = noGrad(() => (size === 1 ? gt(outputs, threshold) : argmax(outputs, -1)));
  const hint = size === 1 ? "outputs for more classes are a row of scores for each sample" : "";
  refuseOthers(op, targets, count, hint, ignoreIndex);
  return [...countedOf(predicted.values, targets.values, ignoreIndex), count];
}

/** Predicted and right classes without those places whose target is to be ignored. */
function countedOf(predicted: TypedArray, wanted: TypedArray, ignoreIndex?: number): [TypedArray, TypedArray] {
  if (ignoreIndex === undefined) return [predicted, wanted];
  return [predicted.filter((_, i) => wanted[i] !== ignoreIndex), wanted.filter((c) => c !== ignoreIndex)];
}

function refuseNaN(op: string, outputs: Tensor): void {
  const nan = outputs.values.findIndex(Number.isNaN);
  if (nan >= 0) throw new ValueError(op, "outputs must be numbers", `NaN${placeIn(nan, outputs.shape)}`);
}

/** Refuses what is not a class, with a hint for those that would be of more classes. */
function refuseOthers(op: string, { values, shape }: Tensor, count: number, ofMore = "", ignoreIndex?: number): void {
  const bad = values.findIndex((c) => c !== ignoreIndex && !(Number.isInteger(c) && c >= 0 && c < count));
  if (bad < 0) return;
  const hint = values[bad]! > 1 ? ofMore : toLeaveOut(op, values[bad]!);
  throw new ValueError(op, `targets must be classes from 0 to ${count - 1}`, values[bad] + placeIn(bad, shape), hint);
}

/** What to write where targets are a column, or classes are not the last axis of their scores. */
function hintOfScores({ shape: [n, ...rest] }: Tensor, { shape }: Tensor): string {
  if (rest.length > 0 && sameShape([n!, ...rest.slice(0, -1), 1], shape))
    return `write targets.squeeze(${rest.length})`;
  const isMap = rest.length > 1 && sameShape([n!, ...rest.slice(1)], shape);
  return isMap ? "classes are the last axis here; for [n, classes, …] write pixelAccuracy(outputs, targets)" : "";
}

/**
 * Refuses one-hot rows beside scores, or beside classes: compared number by number, the zeros count as right, too. Integers of one shape may be classes of several places each, so there the outputs
 * must be one-hot as well.
 */
function refuseOneHot(op: string, outputs: Tensor, targets: Tensor, isMade: boolean): void {
  const rows = targets.shape.slice(0, -1);
  if (rows.length === 0 || !isOneHot(targets)) return;
  const isSame = sameShape(outputs.shape, targets.shape);
  if (isSame ? !isFloat(outputs.dtype) && !isOneHot(outputs) : !sameShape(outputs.shape, rows)) return;
  const apart = isSame && op !== "topKAccuracy" ? ", or flatten both if each number is a separate sample" : "";
  const hint = `write ${isMade ? "targets" : "tensor(targets)"}.argmax(${rows.length})${apart}`;
  throw new ValueError(op, "targets must be class numbers", `one-hot rows ${describe(targets)}`, hint);
}

/** Whether each row has a single 1, and zeros. */
function isOneHot({ values, shape }: Tensor): boolean {
  const size = shape.at(-1)!;
  if (size < 2 || values.length === 0) return false;
  let ones = 0;
  for (let i = 0; i < values.length; i++) {
    if (values[i] !== 0 && values[i] !== 1) return false;
    ones += values[i]!;
    if (i % size !== size - 1) continue;
    if (ones !== 1) return false;
    ones = 0;
  }
  return true;
}

/** Classes that were predicted beside those that are right: nobody says how many there are, so as many as occur, two at least. */
function pairOf(op: string, outputs: Tensor, targets: Tensor, ignoreIndex?: number): [TypedArray, TypedArray, number] {
  let count = 2;
  for (const [name, { values, shape }] of Object.entries({ outputs, targets })) {
    const ignored = name === "targets" ? ignoreIndex : undefined;
    const bad = values.findIndex((c) => c !== ignored && !(Number.isInteger(c) && c >= 0));
    if (bad >= 0) {
      const rule = `${name} must be classes, whole numbers from 0`;
      const hint = name === "targets" ? toLeaveOut(op, values[bad]!) : "";
      throw new ValueError(op, rule, values[bad] + placeIn(bad, shape), hint);
    }
    for (const c of values) count = Math.max(count, c === ignored ? 0 : c + 1);
  }
  return [...countedOf(outputs.values, targets.values, ignoreIndex), count];
}

/** How a class that is none is left out, in metrics that take the option. */
function toLeaveOut(op: string, c: number): string {
  if (op.startsWith("binary") || op === "topKAccuracy" || !Number.isInteger(c) || c >= 0) return "";
  const options = `{ ignoreIndex: ${c} }`;
  const inFit =
    op === "confusionMatrix" ? "" : `; in fit, metrics: { ${op}: { start: () => ${op}.start(${options}) } }`;
  return `to leave such samples out, pass ${options}${inFit}`;
}

/** What one number for each sample must be above to be class 1: as it was said, never as the numbers look. */
function thresholdFor(op: string, outputs: Tensor, { logits, threshold }: BinaryOptions): number {
  if (logits !== undefined && threshold !== undefined) {
    throw new ValueError(op, "takes logits or a threshold", "both", "logits: true is a threshold of 0");
  }
  if (threshold !== undefined) {
    if (!Number.isNaN(threshold)) return threshold;
    throw new ValueError(op, "threshold must be a number", "NaN");
  }
  if (logits === true) return 0;
  const isClasses = logits === undefined && !isFloat(outputs.dtype);
  if (logits === undefined && !isClasses) {
    const name = op.startsWith("binary") ? op : `binary${op[0]!.toUpperCase()}${op.slice(1)}`;
    const isWhole = !op.startsWith("binary") && outputs.values.every((v) => Number.isInteger(v) && v >= 0);
    const ofClasses = isWhole ? "of classes, make an int32 tensor of them; of scores, " : "";
    const hint = `${ofClasses}write { logits: true }, or { logits: false } for probabilities${op === "confusionMatrix" ? "" : `; in fit, ${name}({ logits: true })`}`;
    throw new ValueError(op, "one number for each sample needs logits or a threshold", describe(outputs), hint);
  }
  const bad = outputs.values.findIndex((v) => !(isClasses ? v === 0 || v === 1 : v >= 0 && v <= 1));
  if (bad < 0) return 0.5;
  const got = outputs.values[bad] + placeIn(bad, outputs.shape);
  if (isClasses) throw new ValueError(op, "outputs that are whole numbers must be classes, 0 or 1", got);
  throw new ValueError(op, "probabilities must be from 0 to 1", got, "of logits, write { logits: true }");
}

/** The metric of rows of scores beside that of one number for each sample: `binaryF1` → `f1`. */
function nameOfAll(op: string): string {
  const name = op.slice("binary".length);
  return name[0]!.toLowerCase() + name.slice(1);
}
