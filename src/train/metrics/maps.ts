import { isFloat, type TypedArray } from "../../core/dtype.ts";
import { ShapeError, ValueError } from "../../core/errors.ts";
import { placeIn } from "../../core/nested.ts";
import { checkOptions, type OptionKinds } from "../../core/options.ts";
import { describe, sameShape, sizeOf } from "../../core/shape.ts";
import type { TensorLike } from "../../create.ts";
import type { Tensor } from "../../tensor.ts";
import { type MetricOf, metricOf, read, type Sum } from "./define.ts";

/** Options of {@link iou}, {@link diceScore} and {@link pixelAccuracy}. */
export interface MapOptions {
  /** Whether outputs of a single channel are logits, which count as class 1 above 0; false for probabilities, which do above 0.5. The numbers do not say it, so such outputs need this, or a threshold. */
  readonly logits?: boolean;
  /** What outputs of a single channel must be above to count as class 1, if it is something else. */
  readonly threshold?: number;
  /** A class whose pixels count for nothing; none if left out. */
  readonly ignoreIndex?: number;
}

/** Options of {@link iou} and {@link diceScore}. */
export interface OverlapMetricOptions extends MapOptions {
  /** `"binary"`: of class 1 alone; `"macro"`: the mean over the classes that occur, in outputs or targets. `"binary"` by default for two classes, else `"macro"`. */
  readonly average?: "binary" | "macro";
}

const mapOptions: OptionKinds<MapOptions> = { logits: "boolean", threshold: "number", ignoreIndex: "number" };
const overlapOptions: OptionKinds<OverlapMetricOptions> = { ...mapOptions, average: ["binary", "macro"] };
const lead = { names: { fromLogits: "logits" } };

/**
 * Intersection over union (Jaccard index) of the pixels of a class: the pixels that are of the class and predicted as it, divided by those that are either. Computed over all pixels of all samples together.
 *
 * @param outputs - `[n, classes, …]` scores; with a single channel, those above a threshold are class 1, and you must say which: `logits` or `threshold`. Or classes, int32 or bool, in the targets' shape.
 * @param targets - `[n, …]` classes, counted from 0; `[n, 1, …]`, 0 or 1, for a single channel.
 * @param options - `average`, `logits` or `threshold`, `ignoreIndex`.
 * @returns from 0 to 1; NaN where no class occurs.
 * @throws `ShapeError` if the shapes do not fit; `ValueError` for a class that is none of them, a NaN, a single channel without `logits` or `threshold`, or an unknown option.
 * @example
 * import { tensor } from "tinygrad-ts";
 * import { iou } from "tinygrad-ts/train";
 *
 * const logits = tensor([[[2, 1, -1, -2]]]); // one sample, one channel, four pixels
 * iou(logits, tensor([[[1, 0, 0, 0]]]), { logits: true }); // → 0.5
 */
export const iou: MetricOf<[options?: OverlapMetricOptions]> = /* @__PURE__ */ overlapOf(
  "iou",
  (both, taken, actual) => both / (taken + actual - both),
);

/**
 * Dice score (F1) of the pixels of a class: twice the pixels that are of the class and predicted as it, divided by the pixels of the class plus those predicted as it. Computed over all pixels of all samples together.
 *
 * @param outputs - as for {@link iou}.
 * @param targets - as for {@link iou}.
 * @param options - `average`, `logits` or `threshold`, `ignoreIndex`.
 * @returns from 0 to 1; NaN where no class occurs.
 * @throws `ShapeError` if the shapes do not fit; `ValueError` for a class that is none of them, a NaN, a single channel without `logits` or `threshold`, or an unknown option.
 * @example
 * import { tensor } from "tinygrad-ts";
 * import { diceScore } from "tinygrad-ts/train";
 *
 * diceScore(tensor([[[2, 1, -1, -2]]]), tensor([[[1, 0, 0, 0]]]), { logits: true }).toFixed(3); // → 0.667
 */
export const diceScore: MetricOf<[options?: OverlapMetricOptions]> = /* @__PURE__ */ overlapOf(
  "diceScore",
  (both, taken, actual) => (2 * both) / (taken + actual),
);

/**
 * The share of pixels whose class is right.
 *
 * @param outputs - as for {@link iou}.
 * @param targets - as for {@link iou}.
 * @param options - `logits` or `threshold`, `ignoreIndex`.
 * @returns from 0 to 1; NaN for no pixels.
 * @throws `ShapeError` if the shapes do not fit; `ValueError` for a class that is none of them, a NaN, a single channel without `logits` or `threshold`, or an unknown option.
 * @example
 * import { tensor } from "tinygrad-ts";
 * import { pixelAccuracy } from "tinygrad-ts/train";
 *
 * pixelAccuracy(tensor([[[2, 1, -1, -2]]]), tensor([[[1, 0, 0, 0]]]), { logits: true }); // → 0.75
 */
export const pixelAccuracy: MetricOf<[options?: MapOptions]> = /* @__PURE__ */ metricOf(
  "pixelAccuracy",
  true,
  (options?: MapOptions): Sum => {
    const known = checkMap("pixelAccuracy", checkOptions("pixelAccuracy", options, mapOptions, lead));
    const numbers = [0, 0];
    return {
      numbers,
      add(outputs, targets) {
        eachPixel("pixelAccuracy", outputs, targets, known, (predicted, wanted) => {
          numbers[0]! += Number(predicted === wanted);
          numbers[1]!++;
        });
      },
      value: () => numbers[0]! / numbers[1]!,
    };
  },
);

/** A metric of three counts for each class: taken for it and of it, taken for it, of it. */
function overlapOf(
  op: string,
  share: (both: number, taken: number, actual: number) => number,
): MetricOf<[options?: OverlapMetricOptions]> {
  return metricOf(op, true, (options?: OverlapMetricOptions): Sum => {
    const known = checkMap(op, checkOptions(op, options, overlapOptions, lead));
    const numbers: number[] = []; // three for each class
    return {
      numbers,
      add(outputs, targets) {
        const classes = eachPixel(op, outputs, targets, known, (predicted, wanted) => {
          const most = 3 * Math.max(predicted, wanted) + 3;
          while (numbers.length < most) numbers.push(0);
          if (predicted === wanted) numbers[3 * wanted]!++;
          numbers[3 * predicted + 1]!++;
          numbers[3 * wanted + 2]!++;
        });
        while (numbers.length < 3 * classes) numbers.push(0);
      },
      value() {
        const classes = numbers.length / 3;
        const average = known.average ?? (classes <= 2 ? "binary" : "macro");
        const of = (c: number): number => share(...(numbers.slice(3 * c, 3 * c + 3) as [number, number, number]));
        if (average === "binary") return classes < 2 ? Number.NaN : of(1);
        const each = Array.from({ length: classes }, (_, c) => of(c)).filter((value) => !Number.isNaN(value));
        return each.reduce((total, value) => total + value, 0) / each.length;
      },
    };
  });
}

/** Refuses what no output is above, and a class that no pixel has. */
function checkMap<O extends MapOptions>(op: string, options: O): O {
  const { logits, threshold, ignoreIndex = 0 } = options;
  if (logits !== undefined && threshold !== undefined) {
    throw new ValueError(op, "takes logits or a threshold", "both", "logits: true is a threshold of 0");
  }
  if (Number.isNaN(threshold)) throw new ValueError(op, "threshold must be a number", "NaN");
  if (!Number.isInteger(ignoreIndex)) throw new ValueError(op, "ignoreIndex must be an integer", String(ignoreIndex));
  return options;
}

/** Calls a function with the class that was predicted, and the right one, of each pixel that counts; gives the number of classes. */
function eachPixel(
  op: string,
  outputs: TensorLike,
  targets: TensorLike,
  options: MapOptions,
  visit: (predicted: number, wanted: number) => void,
): number {
  const [scores, right] = [read(op, outputs, 0), read(op, targets, 1)];
  const { classes, predicted } = predictedOf(op, scores, right, options);
  const wanted = right.values;
  for (let i = 0; i < wanted.length; i++) {
    const c = wanted[i]!;
    if (c === options.ignoreIndex) continue;
    if (!(Number.isInteger(c) && c >= 0 && c < classes)) {
      const hint = Number.isInteger(c) && c < 0 ? `to leave such pixels out, pass { ignoreIndex: ${c} }` : "";
      throw new ValueError(op, `targets must be classes from 0 to ${classes - 1}`, c + placeIn(i, right.shape), hint);
    }
    visit(predicted[i]!, c);
  }
  return classes;
}

function predictedOf(
  op: string,
  scores: Tensor,
  right: Tensor,
  options: MapOptions,
): { readonly classes: number; readonly predicted: TypedArray | number[] } {
  const { values, shape } = scores;
  if (!isFloat(scores.dtype) && sameShape(shape, right.shape)) {
    return { classes: [...values, ...right.values].reduce((most, c) => Math.max(most, c + 1), 2), predicted: values };
  }
  const nan = values.findIndex(Number.isNaN);
  if (nan >= 0) throw new ValueError(op, "outputs must not be NaN", `NaN${placeIn(nan, shape)}`);
  const places = shape.filter((_, i) => i !== 1);
  const isSingle = shape[1] === 1 && (sameShape(right.shape, shape) || sameShape(right.shape, places));
  if (isSingle) {
    const threshold = thresholdOf(op, scores, options);
    return { classes: 2, predicted: Array.from(values, (v) => Number(v > threshold)) };
  }
  if (shape.length < 2 || !sameShape(right.shape, places)) {
    const isHot = sameShape(right.shape, shape);
    const hint = isHot ? "of one-hot targets, write targets.argmax(1)" : "";
    const rule = "needs scores [n, classes, …] and classes [n, …]";
    throw new ShapeError(op, rule, `${describe(scores)} and ${describe(right)}`, hint);
  }
  const [samples, classes] = [shape[0]!, shape[1]!];
  const pixels = sizeOf(shape.slice(2));
  const predicted = new Array<number>(samples * pixels).fill(0);
  for (let n = 0; n < samples; n++) {
    for (let c = 1; c < classes; c++) {
      const from = (n * classes + c) * pixels;
      for (let i = 0; i < pixels; i++) {
        const at = n * pixels + i;
        if (values[from + i]! > values[(n * classes + predicted[at]!) * pixels + i]!) predicted[at] = c;
      }
    }
  }
  return { classes, predicted };
}

/** What a single channel must be above: above 0, all probabilities would be class 1. */
function thresholdOf(op: string, scores: Tensor, { logits, threshold }: MapOptions): number {
  if (threshold !== undefined) return threshold;
  const { values, shape } = scores;
  if (logits === undefined) {
    const fit = `in fit, metrics: { ${op}: { start: () => ${op}.start({ logits: true }) } }`;
    const hint = `write { logits: true }, or { logits: false } for probabilities; ${fit}`;
    throw new ValueError(op, "outputs of a single channel need logits or a threshold", describe(scores), hint);
  }
  const bad = logits ? -1 : values.findIndex((v) => v < 0 || v > 1);
  if (bad < 0) return logits ? 0 : 0.5;
  const at = values[bad] + placeIn(bad, shape);
  throw new ValueError(op, "probabilities must be from 0 to 1", at, "of logits, write { logits: true }");
}
