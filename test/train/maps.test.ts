import { describe, expect, test } from "vitest";
import * as T from "../../src/index.ts";
import { diceScore, iou, pixelAccuracy } from "../../src/train/index.ts";
import { messageOf } from "../support/refusals.ts";

const int32 = (values: T.NestedArray): T.Tensor => T.tensor(values, { dtype: "int32" });

describe("metrics of maps", () => {
  const logits = T.randn([3, 4, 5, 2], { generator: new T.Generator(1) });
  const targets = T.randint(0, 4, [3, 5, 2], { generator: new T.Generator(2) });
  const predicted = T.argmax(logits, 1);

  /** Of one class: taken for it and of it, taken for it, of it. */
  const counts = (c: number): [number, number, number] => {
    const [p, t] = [T.eq(predicted, c).to("int32"), T.eq(targets, c).to("int32")];
    return [T.sum(T.mul(p, t)).item(), T.sum(p).item(), T.sum(t).item()];
  };

  test("of several classes are means over classes, of all pixels together", () => {
    const mean = (of: (both: number, taken: number, actual: number) => number) =>
      [0, 1, 2, 3].reduce((total, c) => total + of(...counts(c)), 0) / 4;
    expect(iou(logits, targets)).toBeCloseTo(
      mean((both, taken, actual) => both / (taken + actual - both)),
      12,
    );
    expect(diceScore(logits, targets)).toBeCloseTo(
      mean((both, taken, actual) => (2 * both) / (taken + actual)),
      12,
    );
    expect(pixelAccuracy(logits, targets)).toBeCloseTo(T.mean(T.eq(predicted, targets)).item(), 6);
    const [both, taken, actual] = counts(1);
    expect(iou(logits, targets, { average: "binary" })).toBeCloseTo(both / (taken + actual - both), 12);
    expect(iou(predicted, targets)).toBe(iou(logits, targets));
  });

  test("add up batch after batch", () => {
    for (const metric of [iou, diceScore, pixelAccuracy]) {
      const sum = metric.start();
      for (let i = 0; i < 3; i++) sum.add(T.slice(logits, [i, i + 1]), T.slice(targets, [i, i + 1]));
      expect(sum.value()).toBe(metric(logits, targets));
    }
  });

  test("of one channel go by the threshold, with or without the channel in the targets", () => {
    const one = T.tensor([[[0.9, 0.6, 0.2, 0.4]]]);
    const mask = [[[1, 0, 0, 1]]];
    expect(iou(one, mask, { threshold: 0.5 })).toBeCloseTo(1 / 3, 12);
    expect(diceScore(one, T.tensor(mask).squeeze(1), { threshold: 0.5 })).toBe(0.5);
    expect(pixelAccuracy(T.sub(one, 0.5), T.gt(T.tensor(mask), 0), { logits: true })).toBe(0.5);
    expect(pixelAccuracy(one, mask, { logits: false })).toBe(0.5);
  });

  test("leave out what is ignored, and know nothing of nothing", () => {
    const scores = T.tensor([[[3, 0, 3], [0, 3, 0]]]); // biome-ignore format: a map
    expect(pixelAccuracy(scores, [[0, 255, 1]], { ignoreIndex: 255 })).toBe(0.5);
    expect(iou(scores, [[0, -1, 0]], { ignoreIndex: -1 })).toBeNaN(); // class 1 occurs nowhere
    expect(iou(scores, [[0, -1, 0]], { ignoreIndex: -1, average: "macro" })).toBe(1);
    expect(pixelAccuracy(T.zeros([0, 2, 3]), T.zeros([0, 3]))).toBeNaN();
  });

  test.each<[() => unknown, string]>([
    [() => iou(T.zeros([1, 2, 3]), [[0, 2, 0]]), "iou: targets must be classes from 0 to 1, got 2 at row 0, column 1"],
    [() => iou(T.zeros([1, 2, 3]), [[0, -1, 0]]), "to leave such pixels out, pass { ignoreIndex: -1 }"],
    [() => iou(T.zeros([1, 2, 3]), [[0.5, 0, 0]]), "iou: targets must be classes from 0 to 1, got 0.5"],
    [() => diceScore(T.zeros([1, 2, 3]), T.zeros([1, 2, 3])), "of one-hot targets, write targets.argmax(1)"],
    [() => diceScore(T.zeros([3]), T.zeros([3])), "needs scores [n, classes, …] and classes [n, …]"],
    [
      () => diceScore(T.zeros([1, 1, 3]), T.zeros([1, 1, 3])),
      "ValueError: diceScore: outputs of a single channel need logits or a threshold, got float32[1, 1, 3]; write { logits: true }, or { logits: false } for probabilities; in fit, metrics: { diceScore: { start: () => diceScore.start({ logits: true }) } }",
    ],
    [
      () => iou(T.full([1, 1, 1], 1.5), [[0]], { logits: false }),
      "iou: probabilities must be from 0 to 1, got 1.5 at [0, 0, 0]; of logits, write { logits: true }",
    ],
    [() => pixelAccuracy(T.zeros([1, 1, 1]), [[0]], { logits: true, threshold: 0 }), "takes logits or a threshold"],
    [() => iou(T.full([1, 2, 1], Number.NaN), [[0]]), "iou: outputs must not be NaN, got NaN at [0, 0, 0]"],
  ])("refuse what does not fit %#", (call, message) => {
    expect(messageOf(call)).toContain(message);
  });
});

describe("losses of maps", () => {
  const logits = T.randn([2, 3, 4, 5], { dtype: "float64", generator: new T.Generator(3) });
  const targets = T.randint(0, 3, [2, 4, 5], { generator: new T.Generator(4) });

  test("dice and iou are 0 for what is certain and right, and 1 for what is certain and wrong", () => {
    const hot = T.permute(T.oneHot(targets, 3, { dtype: "float64" }), [0, 3, 1, 2]);
    const sure = T.mul(T.sub(hot, 0.5), 400);
    for (const loss of [T.dice, T.iou]) {
      expect(loss(sure, targets).item()).toBeCloseTo(0, 12);
      expect(loss(sure, hot).item()).toBeCloseTo(0, 12);
      expect(loss(T.neg(sure), hot, { smooth: 0 }).item()).toBeCloseTo(1, 12);
      expect(loss(logits, targets, { reduction: "none" }).shape).toEqual([2, 3]);
      expect(loss(T.full([1, 1, 4], -400), T.zeros([1, 1, 4])).item()).toBe(0);
    }
  });

  test("dice and iou are what their formulas say", () => {
    const p = T.softmax(logits, 1);
    const t = T.permute(T.oneHot(targets, 3, { dtype: "float64" }), [0, 3, 1, 2]);
    const [both, either] = [T.sum(T.mul(p, t), [2, 3]), T.sum(T.add(p, t), [2, 3])];
    const wanted = T.sub(1, T.div(T.add(T.mul(both, 2), 1), T.add(either, 1)));
    expect(T.dice(logits, targets).item()).toBeCloseTo(T.mean(wanted).item(), 12);
    const jaccard = T.sub(1, T.div(T.add(both, 1), T.add(T.sub(either, both), 1)));
    expect(T.iou(logits, targets).item()).toBeCloseTo(T.mean(jaccard).item(), 12);
  });

  test("focal is the cross entropy for gamma 0, and safe for logits of any size", () => {
    expect(T.focal(logits, targets, { gamma: 0 }).item()).toBeCloseTo(T.crossEntropy(logits, targets).item(), 12);
    const mask = T.gt(logits, 0.3);
    expect(T.focal(logits, mask, { gamma: 0 }).item()).toBeCloseTo(T.bceWithLogits(logits, mask).item(), 12);
    for (const gamma of [0, 0.5, 1, 2]) {
      const x = T.tensor([[1000, -1000, 1000, -1000]], { requiresGrad: true });
      const terms = T.focal(x, T.tensor([[1, 0, 0, 1]]), { gamma, reduction: "none" });
      expect(terms.toArray()).toEqual([[0, 0, 1000, 1000]]);
      T.sum(terms).backward();
      expect(x.grad!.toArray()).toEqual([[0, 0, 1, -1]]);
    }
    const [p] = [T.sigmoid(T.tensor(2, { dtype: "float64" })).item()];
    const one = T.focal(T.tensor([[2]], { dtype: "float64" }), T.ones([1, 1]), { alpha: 0.25 }).item();
    expect(one).toBeCloseTo(-0.25 * (1 - p) ** 2 * Math.log(p), 12);
  });

  test.each<[() => unknown, string]>([
    [() => T.dice(T.zeros([1, 1, 3]), int32([[0, 1, 0]])), "with one channel, write target.unsqueeze(1)"],
    [() => T.iou(logits, targets.to("float64")), 'of classes, write target.to("int32")'],
    [() => T.dice(logits, T.full([2, 3, 4, 5], 2)), "dice: a target must be from 0 to 1, got 2"],
    [() => T.dice(logits, T.zeros([2, 3, 4, 5], { dtype: "int32" })), 'of zeros and ones, write target.to("float32")'],
    [() => T.focal(logits, targets, { alpha: 0.5 }), "focal: alpha must be left out beside classes, got 0.5"],
    [() => T.focal(logits, targets, { gamma: -1 }), "focal: gamma must be 0 or more, got -1"],
    [
      () => T.iou(logits, T.full([2, 4, 5], 3, { dtype: "int32" })),
      "IndexError: iou: a class must be from 0 to 2, got 3 at sample 0 of the target",
    ],
    // There is no ignoreIndex to propose.
    [() => T.focal(logits, T.full([2, 4, 5], -1, { dtype: "int32" })), "[0, 0] in it; the logits have 3 classes"],
    [() => iou(logits, targets, { ignoreIndex: 1.5 }), "iou: ignoreIndex must be an integer, got 1.5"],
    [
      () => pixelAccuracy(logits, targets, { threshold: Number.NaN }),
      "pixelAccuracy: threshold must be a number, got NaN",
    ],
    [() => T.dice(T.zeros([1, 2, 2]), [[0, 0.5]]), "dice: a class must be a whole number, got 0.5"],
    [() => T.dice(T.zeros([3]), T.zeros([3])), "dice: the logits must be [batch, channels, …], got float32[3]"],
  ])("refuse what does not fit %#", (call, message) => {
    expect(messageOf(call)).toContain(message);
  });
});
