import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { crossEntropy, Linear, SGD, ShapeError, type Tensor, tensor, ValueError, zeros } from "../../src/index.ts";
import {
  accuracy,
  auc,
  binaryAccuracy,
  classes,
  confusionMatrix,
  f1,
  fit,
  mae,
  precision,
  r2,
  recall,
  rmse,
  topKAccuracy,
} from "../../src/train/index.ts";

const int = (values: readonly number[]) => tensor(Int32Array.from(values), { dtype: "int32" });
const float = (values: readonly number[]) => tensor(Float64Array.from(values), { dtype: "float64" });

/** Scores [n, classes] whose largest is at these classes. */
const scoresFor = (classes: readonly number[], count: number) =>
  tensor(classes.map((c) => Array.from({ length: count }, (_, k) => Number(k === c))));

const sample = fc.integer({ min: 2, max: 4 }).chain((count) => {
  const classes = fc.integer({ min: 0, max: count - 1 });
  return fc.record({
    count: fc.constant(count),
    pairs: fc.array(fc.tuple(classes, classes), { minLength: 1, maxLength: 12 }),
  });
});

describe("metrics of classes are what their definitions count", () => {
  const share = (
    pairs: readonly (readonly [number, number])[],
    of: (p: number, t: number) => boolean,
    among: (p: number, t: number) => boolean,
  ): number => {
    const all = pairs.filter(([p, t]) => among(p, t));
    return all.length === 0 ? 0 : all.filter(([p, t]) => of(p, t)).length / all.length;
  };

  test("for any predictions", () => {
    fc.assert(
      fc.property(sample, ({ count, pairs }) => {
        const outputs = scoresFor(
          pairs.map(([p]) => p),
          count,
        );
        const targets = int(pairs.map(([, t]) => t));
        expect(accuracy(outputs, targets)).toBeCloseTo(pairs.filter(([p, t]) => p === t).length / pairs.length, 12);
        const matrix = confusionMatrix(outputs, targets);
        for (let t = 0; t < count; t++) {
          for (let p = 0; p < count; p++)
            expect(matrix[t]![p]).toBe(pairs.filter(([a, b]) => a === p && b === t).length);
        }
        const present = Array.from({ length: count }, (_, c) => c).filter((c) =>
          pairs.some(([p, t]) => p === c || t === c),
        );
        const precisions = present.map((c) =>
          share(
            pairs,
            (_, t) => t === c,
            (p) => p === c,
          ),
        );
        const recalls = present.map((c) =>
          share(
            pairs,
            (p) => p === c,
            (_, t) => t === c,
          ),
        );
        const means = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0) / values.length;
        expect(precision(outputs, targets, { average: "macro" })).toBeCloseTo(means(precisions), 12);
        expect(recall(outputs, targets, { average: "macro" })).toBeCloseTo(means(recalls), 12);
        const harmonic = present.map((_, i) =>
          precisions[i]! + recalls[i]! === 0 ? 0 : (2 * precisions[i]! * recalls[i]!) / (precisions[i]! + recalls[i]!),
        );
        expect(f1(outputs, targets, { average: "macro" })).toBeCloseTo(means(harmonic), 12);
        for (const metric of [precision, recall, f1]) {
          expect(metric(outputs, targets, { average: "micro" })).toBeCloseTo(accuracy(outputs, targets), 12);
        }
        if (count === 2)
          expect(precision(outputs, targets)).toBeCloseTo(
            share(
              pairs,
              (_, t) => t === 1,
              (p) => p === 1,
            ),
            12,
          );
        else expect(recall(outputs, targets)).toBe(recall(outputs, targets, { average: "macro" }));
      }),
    );
  });

  test("scikit-learn's own example", () => {
    // From its documentation of f1_score: macro 0.26…, micro 0.33…
    const [outputs, targets] = [scoresFor([0, 2, 1, 0, 0, 1], 3), int([0, 1, 2, 0, 1, 2])];
    expect(f1(outputs, targets)).toBeCloseTo(0.2666667, 6);
    expect(f1(outputs, targets, { average: "micro" })).toBeCloseTo(0.3333333, 6);
    expect(precision(outputs, targets)).toBeCloseTo(0.2222222, 6);
    expect(recall(outputs, targets)).toBeCloseTo(0.3333333, 6);
  });

  test("one number an output is compared with the threshold", () => {
    const [outputs, targets] = [float([-1, 0.2, 0.7]), int([0, 1, 1])];
    expect(accuracy(outputs, targets, { threshold: 0.5 })).toBeCloseTo(2 / 3, 12);
    expect(accuracy(outputs, targets, { threshold: 0 })).toBe(1);
    expect(accuracy(outputs, targets, { logits: true })).toBe(1);
    expect(recall(outputs, targets, { threshold: 0.5 })).toBe(0.5);
  });

  test("nothing predicted, nothing there, no samples", () => {
    expect(precision(int([0, 0]), int([1, 0]))).toBe(0);
    expect(recall(int([1, 0]), int([0, 0]))).toBe(0);
    expect(f1(int([0]), int([0]))).toBe(0);
    expect(accuracy(zeros([0, 3]), zeros([0], { dtype: "int32" }))).toBeNaN();
  });
});

test("topKAccuracy counts those among the k largest", () => {
  const outputs = tensor([
    [5, 4, 3, 2],
    [1, 2, 3, 4],
    [9, 1, 8, 2],
  ]);
  const targets = int([1, 0, 2]);
  expect([1, 2, 3, 4].map((k) => topKAccuracy(outputs, targets, k))).toEqual([0, 2 / 3, 2 / 3, 1]);
});

describe("auc", () => {
  test("is the chance that a positive is above a negative, ties half", () => {
    const pair = fc.tuple(fc.integer({ min: 0, max: 5 }), fc.integer({ min: 0, max: 1 }));
    fc.assert(
      fc.property(fc.array(pair, { maxLength: 20 }), (pairs) => {
        const positives = pairs.filter(([, t]) => t === 1).map(([s]) => s);
        const negatives = pairs.filter(([, t]) => t === 0).map(([s]) => s);
        const wins = positives.flatMap((p) => negatives.map((n) => (p > n ? 1 : p === n ? 0.5 : 0)));
        const wanted = wins.length === 0 ? Number.NaN : wins.reduce<number>((a, b) => a + b, 0) / wins.length;
        const got = auc(float(pairs.map(([s]) => s)), int(pairs.map(([, t]) => t)));
        if (Number.isNaN(wanted)) expect(got).toBeNaN();
        else expect(got).toBeCloseTo(wanted, 12);
      }),
    );
  });

  test("takes infinite scores, and refuses NaN and other classes", () => {
    expect(auc(float([Number.NEGATIVE_INFINITY, 0, Number.POSITIVE_INFINITY]), int([0, 0, 1]))).toBe(1);
    expect(() => auc(float([Number.NaN, 0]), int([0, 1]))).toThrow("auc: scores must be numbers, got NaN");
    expect(() => auc(float([1, 0]), int([2, 1]))).toThrow("auc: targets must be 0 or 1");
  });
});

describe("metrics of numbers", () => {
  test("take integers of any size", () => {
    const [a, b] = [int([2147483647, -2147483648, 7]), int([-2147483648, 2147483647, 7])];
    expect(mae(a, b)).toBe((2 * (2 ** 32 - 1)) / 3);
    expect(rmse(a, b)).toBe(Math.sqrt((2 * (2 ** 32 - 1) ** 2) / 3));
    expect(r2(a, b)).toBeCloseTo(-3, 9);
    expect(r2(float([0.5, 1.5, 2]), int([0, 1, 2]))).toBeCloseTo(0.75, 12);
    expect(confusionMatrix(int([0, 1, 1]), int([0, 1, 0]))).toEqual([
      [1, 1],
      [0, 1],
    ]);
  });

  test("of targets that are all the same, whatever their mean is rounded to", () => {
    expect(r2(float([0.1, 0.1, 0.2]), float([0.1, 0.1, 0.1]))).toBe(0);
    expect(r2(float([0.1, 0.1, 0.1]), float([0.1, 0.1, 0.1]))).toBe(1);
  });

  const [outputs, targets] = [float([2.5, 0, 2, 8]), float([3, -0.5, 2, 7])];

  test("are scikit-learn's", () => {
    // Its documentation: mean absolute error 0.5, mean squared error 0.375, R² 0.948…
    expect(mae(outputs, targets)).toBe(0.5);
    expect(rmse(outputs, targets)).toBeCloseTo(Math.sqrt(0.375), 12);
    expect(r2(outputs, targets)).toBeCloseTo(0.9486081370449679, 12);
  });

  test.each([1e200, 1e160, 1e154, 1, 1e-162, 1e-200, 3e-308])("errors of %s neither overflow nor underflow", (c) => {
    const [outputs, targets] = [float([0, 2 * c, 7 * c, 4 * c]), float([c, 2 * c, 4 * c, 4 * c])];
    expect(mae(outputs, targets) / c).toBeCloseTo(1, 12);
    expect(rmse(outputs, targets) / c).toBeCloseTo(Math.sqrt(2.5), 12);
    expect(r2(outputs, targets)).toBeCloseTo(1 - 10 / 6.75, 12);
    const [near, small] = [float([1 + c, 2, 3]), float([c, -c, c])];
    if (c <= 1) expect(r2(near, float([1, 2, 3]))).toBeCloseTo(1 - (c * c) / 2, 12);
    expect(r2(float([0, 0, 0]), small)).toBeCloseTo(-1 / 8, 12);
    expect(r2(float([Number.NaN, 0, 0]), small)).toBeNaN();
    expect(rmse(float([Number.POSITIVE_INFINITY, 0, 0]), small)).toBe(Number.POSITIVE_INFINITY);
  });

  test("errors whose sum overflows have a mean", () => {
    expect(mae(float([1e308, -1e308]), float([0, 0]))).toBeCloseTo(1e308, -296);
    expect(rmse(float([1e308, -1e308]), float([0, 0])) / 1e308).toBeCloseTo(1, 12);
    expect([mae(float([Number.NaN]), float([0])), rmse(float([Number.NaN]), float([0]))]).toEqual([
      Number.NaN,
      Number.NaN,
    ]);
  });

  test("of constant targets, one sample, none", () => {
    expect([r2(float([2, 2]), float([2, 2])), r2(float([1, 3]), float([2, 2]))]).toEqual([1, 0]);
    expect([r2(float([2]), float([2])), mae(float([]), float([])), rmse(float([]), float([]))]).toEqual([
      Number.NaN,
      Number.NaN,
      Number.NaN,
    ]);
  });
});

test.each<[() => unknown, new (...args: never[]) => Error, string]>([
  [
    () => accuracy(zeros([3, 2]), zeros([2])),
    ShapeError,
    "accuracy: outputs must fit the targets, got float32[3, 2] and float32[2]",
  ],
  [
    () => confusionMatrix(zeros([1, 2]), int([-1])),
    ValueError,
    "confusionMatrix: targets must be classes from 0 to 1, got -1",
  ],
  [
    () => precision(zeros([1, 3]), int([0]), { average: "binary" }),
    ValueError,
    'precision: "binary" is for two classes, got 3',
  ],
  [() => recall(zeros([1, 3]), int([0]), { average: "mean" as never }), ValueError, "recall: average must be"],
  [
    () => accuracy([[2, 1], [0, 3]], [[0], [0]]), // biome-ignore format: one line
    ShapeError,
    "accuracy: outputs must fit the targets, got float64[2, 2] and float64[2, 1]; write targets.squeeze(1)",
  ],
  [
    () => topKAccuracy(zeros([2, 3, 5]), zeros([2, 5])),
    ShapeError,
    "topKAccuracy: outputs must fit the targets, got float32[2, 3, 5] and float32[2, 5]; classes are the last axis here; for [n, classes, …] write pixelAccuracy(outputs, targets)",
  ],
  [() => mae(zeros([3, 1]), zeros([3])), ShapeError, "mae: outputs must fit the targets"],
  [() => topKAccuracy(zeros([3]), zeros([3])), ShapeError, "topKAccuracy: outputs must fit the targets"],
])("refuses what does not fit: %#", (call, Kind, message) => {
  expect(call).toThrow(Kind);
  expect(call).toThrow(message);
});

test("classes that were predicted are counted beside those that are right, however many there are", () => {
  const taken = classes([
    [0, 3, 1],
    [2, 0, 1],
    [0, 0, 1],
  ]); // 1, 0, 2
  expect(accuracy(taken, [1, 0, 1])).toBe(2 / 3);
  expect(accuracy(Int32Array.of(2, 0, 1), [2, 0, 1])).toBe(1);
  expect(confusionMatrix(taken, [1, 0, 1])).toEqual([
    [1, 0, 0],
    [0, 1, 1],
    [0, 0, 0],
  ]);
  const [halves, whole] = [f1.start(), f1(Int32Array.of(0, 1, 1, 3), [0, 1, 2, 3])];
  halves.add(tensor([0, 1], { dtype: "int32" }), tensor([0, 1]));
  halves.add(tensor([1, 3], { dtype: "int32" }), tensor([2, 3]));
  expect(halves.value()).toBe(whole);
});

test("labels of which a row has several, or none, are samples of their own; so are one-hot rows where the metric's name says it", () => {
  const outputs = [
    [0.9, 0.6, 0.1],
    [0.2, 0.3, 0.1],
  ];
  const labels = [
    [1, 1, 0],
    [0, 1, 0],
  ];
  expect(accuracy(outputs, labels, { logits: false })).toBeCloseTo(5 / 6, 12);
  const sum = binaryAccuracy({ logits: false }).start();
  for (let i = 0; i < 2; i++) sum.add(tensor([outputs[i]!]), tensor([labels[i]!]));
  expect(sum.value()).toBeCloseTo(5 / 6, 12);
  // What the refusal of one-hot targets says to write.
  const oneHot = tensor([[1, 0, 0]]);
  expect(accuracy([outputs[0]!], oneHot.argmax(1))).toBe(1);
  expect(topKAccuracy([outputs[0]!], oneHot.argmax(1), 1)).toBe(1);
  expect(accuracy(tensor([outputs[0]!]).flatten(), oneHot.flatten(), { logits: false })).toBeCloseTo(2 / 3, 12);
  // Classes of two places each may look one-hot.
  expect(accuracy(int([1, 1]).reshape([1, 2]), int([0, 1]).reshape([1, 2]))).toBe(0.5);
});

test("averages take memory for the classes that occur, however large their numbers are", () => {
  const [outputs, targets] = [int([0, 1e9, 2e9, 2e9]), int([0, 1e9, 1e9, 2e9])];
  expect(precision(outputs, targets, { average: "macro" })).toBeCloseTo((1 + 1 + 1 / 2) / 3, 12);
  expect(recall(outputs, targets)).toBeCloseTo((1 + 1 / 2 + 1) / 3, 12);
  expect(f1(outputs, targets)).toBeCloseTo((1 + 2 / 3 + 2 / 3) / 3, 12);
  expect(f1(outputs, targets, { average: "micro" })).toBe(0.75);
  const sum = f1.start();
  sum.add(int([0, 1e9]), int([0, 1e9]));
  const again = f1.start();
  again.numbers!.push(...sum.numbers!); // as a progress that is loaded does
  again.add(int([2e9, 2e9]), int([1e9, 2e9]));
  expect(again.value()).toBe(f1(outputs, targets));
});

test("targets to be ignored do not count", async () => {
  const outputs = [
    [2, 1, 0],
    [0, 3, 0],
    [0, 0, 1],
    [5, 0, 0],
  ];
  const counted = [outputs[0]!, outputs[1]!, outputs[3]!];
  for (const ignoreIndex of [-100, 2, 7]) {
    const targets = [0, 0, ignoreIndex, 1];
    for (const metric of [accuracy, precision, recall, f1]) {
      expect(metric(outputs, targets, { ignoreIndex })).toBe(metric(counted, [0, 0, 1]));
    }
    const matrix = confusionMatrix(outputs, targets, { ignoreIndex });
    expect(matrix).toEqual(confusionMatrix(counted, [0, 0, 1]));
    const classes = tensor([0, 1, 2, 0], { dtype: "int32" });
    expect(accuracy(classes, tensor(targets, { dtype: "int32" }), { ignoreIndex })).toBe(1 / 3);
  }
  expect(accuracy(tensor([1, -1]), [1, -1], { logits: true, ignoreIndex: -1 })).toBe(1);
  expect(accuracy([[1, 0]], [-1], { ignoreIndex: -1 })).toBeNaN();
  const hint =
    "to leave such samples out, pass { ignoreIndex: -100 }; in fit, metrics: { accuracy: { start: () => accuracy.start({ ignoreIndex: -100 }) } }";
  expect(() => accuracy(outputs, [0, 0, -100, 1])).toThrow(hint);
  expect(() => accuracy(outputs, [0, 0, -100, 1], { ignoreIndex: 0.5 })).toThrow(
    "ignoreIndex must be an integer, got 0.5",
  );
  const model = new Linear(1, 3);
  const data = { x: [[1], [2]], y: Int32Array.of(0, -100) };
  const loss = (o: Tensor, t: Tensor) => crossEntropy(o, t, { ignoreIndex: -100 });
  const optimizer = new SGD(model.parameters(), { lr: 1 });
  const metrics = { accuracy: { start: () => accuracy.start({ ignoreIndex: -100 }) } };
  const { epochs } = await fit(model, data, { loss, optimizer, epochs: 20, metrics, compile: false });
  expect(epochs.at(-1)!.metrics["accuracy"]).toBe(1);
});
