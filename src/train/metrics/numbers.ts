import type { TypedArray } from "../../core/dtype.ts";
import { ValueError } from "../../core/errors.ts";
import { sameShape } from "../../core/shape.ts";
import type { TensorLike } from "../../create.ts";
import { type MetricOf, metricOf, misfit, read } from "./define.ts";

/**
 * Area under the ROC curve: the probability that a sample of class 1 has a larger score than a sample of class 0, where ties count half.
 * It keeps all scores until the end of an epoch, 16 bytes per sample, because sums cannot represent the order of scores.
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
export const auc: MetricOf<[]> = /* @__PURE__ */ metricOf("auc", true, () => {
  const numbers: number[] = []; // score, class, score, class …
  return {
    numbers,
    add(outputs, targets) {
      const [scores, wanted] = pairsOf("auc", outputs, targets);
      const bad = wanted.findIndex((v) => v !== 0 && v !== 1);
      if (bad >= 0) throw new ValueError("auc", "targets must be 0 or 1", `${wanted[bad]} at index ${bad}`);
      const nan = scores.findIndex(Number.isNaN);
      if (nan >= 0) throw new ValueError("auc", "scores must be numbers", `NaN at index ${nan}`);
      for (let i = 0; i < scores.length; i++) numbers.push(scores[i]!, wanted[i]!);
    },
    value: () => areaUnder(numbers),
  };
});

/** The area, of scores and classes in turn. */
function areaUnder(numbers: readonly number[]): number {
  const count = numbers.length / 2;
  const [scores, wanted] = [new Float64Array(count), new Uint8Array(count)];
  for (let i = 0; i < count; i++) [scores[i], wanted[i]] = [numbers[2 * i]!, numbers[2 * i + 1]!];
  const order = Uint32Array.from(scores, (_, i) => i).sort((a, b) => {
    return scores[a]! < scores[b]! ? -1 : Number(scores[a]! > scores[b]!); // not their difference: ∞ − ∞ is NaN
  });
  let [ranks, positive, at] = [0, 0, 0];
  while (at < count) {
    let end = at;
    while (end < count && scores[order[end]!] === scores[order[at]!]) end++;
    for (let i = at; i < end; i++) {
      ranks += wanted[order[i]!]! * ((at + 1 + end) / 2); // ties share their mean rank
      positive += wanted[order[i]!]!;
    }
    at = end;
  }
  return (ranks - (positive * (positive + 1)) / 2) / (positive * (count - positive));
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
export const mae: MetricOf<[]> = /* @__PURE__ */ metricOf("mae", false, () => {
  const numbers = [0, 0, 0];
  return {
    numbers,
    add(outputs, targets) {
      const [values, wanted] = pairsOf("mae", outputs, targets);
      for (let i = 0; i < values.length; i++) {
        const size = Math.abs(values[i]! - wanted[i]!);
        numbers[0]! += size;
        numbers[1]! += size / far; // where the sum itself overflows
      }
      numbers[2]! += values.length;
    },
    value() {
      const [sum, small, count] = numbers as [number, number, number];
      return sum === Number.POSITIVE_INFINITY ? (small / count) * far : sum / count;
    },
  };
});

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
export const rmse: MetricOf<[]> = /* @__PURE__ */ metricOf("rmse", false, () => {
  const numbers = [0, 0, 0, 0];
  return {
    numbers,
    add(outputs, targets) {
      const [values, wanted] = pairsOf("rmse", outputs, targets);
      for (let i = 0; i < values.length; i++) {
        const error = values[i]! - wanted[i]!;
        addProduct(numbers, 0, error, error);
      }
      numbers[3]! += values.length;
    },
    value() {
      const [sum, factor] = sumAt(numbers, 0);
      return Math.sqrt(sum / numbers[3]!) / factor;
    },
  };
});

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
export const r2: MetricOf<[]> = /* @__PURE__ */ metricOf("r2", true, () => {
  const numbers = [0, 0, 0, 1, 0, 0, 0, 0, 0, 0];
  return {
    numbers,
    add(outputs, targets) {
      const [values, wanted] = pairsOf("r2", outputs, targets);
      let [count, mean, first, isConstant] = numbers as [number, number, number, number];
      for (let i = 0; i < wanted.length; i++) {
        const v = wanted[i]!;
        if (count === 0) first = v;
        if (v !== first) isConstant = 0; // which squares may hide, since the mean is rounded
        const before = v - mean;
        mean += before / ++count;
        if (count > 1) addProduct(numbers, 4, before, v - mean); // Welford's: a sum of squares about the mean that moves
        addProduct(numbers, 7, v - values[i]!, v - values[i]!);
      }
      numbers.splice(0, 4, count, mean, first, isConstant);
    },
    value() {
      const [count, , , isConstant] = numbers as [number, number, number, number];
      if (count < 2) return Number.NaN;
      const [[total, factor], [rest, own]] = [sumAt(numbers, 4), sumAt(numbers, 7)];
      if (isConstant === 1) return rest === 0 ? 1 : 0;
      return 1 - (rest / total) * (factor / own) * (factor / own);
    },
  };
});

const far = 2 ** 600;

/** Adds a product of two numbers of about the same size to three sums: of the products as they are, and of numbers made smaller and larger. One of the three neither overflows nor underflows. */
function addProduct(sums: number[], at: number, a: number, b: number): void {
  sums[at]! += a * b;
  sums[at + 1]! += (a / far) * (b / far);
  sums[at + 2]! += a * far * (b * far);
}

/** That sum, and the factor of its numbers. */
function sumAt(sums: readonly number[], at: number): readonly [sum: number, factor: number] {
  if (sums[at] === Number.POSITIVE_INFINITY) return [sums[at + 1]!, 1 / far];
  return sums[at]! < 2 ** -900 ? [sums[at + 2]!, far] : [sums[at]!, 1];
}

function pairsOf(op: string, given: TensorLike, wanted: TensorLike): [TypedArray, TypedArray] {
  const [outputs, targets] = [read(op, given, 0), read(op, wanted, 1)];
  if (!sameShape(outputs.shape, targets.shape)) misfit(op, outputs, targets);
  return [outputs.values, targets.values];
}
