import { describe, expect, test } from "vitest";
import { compile } from "../../src/compile/index.ts";
import { assertGradcheck, assertGradgradcheck } from "../../src/gradcheck/index.ts";
import * as T from "../../src/index.ts";

const of = (values: number | T.NestedArray, requiresGrad = false) =>
  T.tensor(values as T.NestedArray, { dtype: "float64", requiresGrad });
const classes = (values: number[]) => T.tensor(values, { dtype: "int32" });
const none = { reduction: "none" } as const;

type Term = (x: T.Tensor, options: { readonly reduction?: T.Reduction }) => T.Tensor;

const targets = {
  real: of([[0.5, -1], [2, 0.25]]), // biome-ignore format: a matrix
  unit: of([[0.1, 0.8], [1, 0]]), // biome-ignore format: a matrix
  sign: of([[1, -1], [-1, 1]]), // biome-ignore format: a matrix
};

/** Every loss as a function of one prediction, of shape [2, 2], with one term for each element or row. */
const losses: Record<string, { readonly of: Term; readonly low?: number; readonly high?: number }> = {
  mse: { of: (x, o) => T.mse(x, targets.real, o) },
  l1: { of: (x, o) => T.l1(x, targets.real, o) },
  huber: { of: (x, o) => T.huber(x, targets.real, { delta: 0.8, ...o }) },
  smoothL1: { of: (x, o) => T.smoothL1(x, targets.real, { beta: 0.8, ...o }) },
  poissonNll: { of: (x, o) => T.poissonNll(x, T.abs(targets.real), { full: true, ...o }) },
  "poissonNll of rates": { of: (x, o) => T.poissonNll(x, T.abs(targets.real), { isLog: false, ...o }), low: 0.2 },
  gaussianNll: { of: (x, o) => T.gaussianNll(x, targets.real, T.exp(x), o) },
  bce: { of: (x, o) => T.bce(x, targets.unit, o), low: 0.1, high: 0.9 },
  bceWithLogits: { of: (x, o) => T.bceWithLogits(x, targets.unit, { posWeight: of([2, 0.5]), ...o }) },
  klDiv: { of: (x, o) => T.klDiv(x, targets.unit, { reduction: o.reduction ?? "mean" }) },
  hinge: { of: (x, o) => T.hinge(x, targets.sign, o) },
  hingeEmbedding: { of: (x, o) => T.hingeEmbedding(x, targets.sign, o), low: 0.1 },
  cosineEmbedding: { of: (x, o) => T.cosineEmbedding(x, targets.real, of([1, -1]), { margin: -0.9, ...o }) },
  tripletMargin: { of: (x, o) => T.tripletMargin(x, targets.real, targets.unit, { margin: 4, ...o }) },
  dice: { of: (x, o) => T.dice(x, targets.unit, o) },
  "dice of classes": { of: (x, o) => T.dice(x, classes([1, 0]), { smooth: 0.5, ...o }) },
  iou: { of: (x, o) => T.iou(x, targets.unit, o) },
  "iou of classes": { of: (x, o) => T.iou(x, classes([1, 0]), o) },
  focal: { of: (x, o) => T.focal(x, targets.unit, { alpha: 0.25, ...o }) },
  "focal of classes": { of: (x, o) => T.focal(x, classes([1, 0]), { gamma: 1.5, ...o }) },
  nll: { of: (x, o) => T.nll(x, classes([1, 0]), { weight: of([1, 3]), ...o }) },
  crossEntropy: { of: (x, o) => T.crossEntropy(x, classes([1, 0]), { weight: of([1, 3]), labelSmoothing: 0.2, ...o }) },
};

describe.each(Object.entries(losses))("%s", (name, { of: loss, low = -1, high = 2 }) => {
  const x = T.add(T.mul(T.rand([2, 2], { dtype: "float64", generator: new T.Generator(8) }), high - low), low).detach();
  x.requiresGrad = true;

  test("has right gradients, of the first order and the second", () => {
    assertGradcheck((v) => loss(v, {}), [x]);
    assertGradgradcheck((v) => loss(v, {}), [x]);
  });

  test("is the sum of its terms, and their mean", () => {
    const terms = loss(x, none);
    const total = loss(x, { reduction: "sum" }).item();
    expect(total).toBeCloseTo(T.sum(terms).item(), 12);
    const weight = name === "nll" || name === "crossEntropy" ? 4 : terms.size; // the weights of the classes 1 and 0
    expect(loss(x, {}).item()).toBeCloseTo(total / weight, 12);
  });

  test("refuses other reductions, and targets of another shape", () => {
    expect(() => loss(x, { reduction: "avg" as "mean" })).toThrow(T.ValueError);
    expect(() => loss(T.cat([x, x]), {})).toThrow(T.ShapeError);
  });
});

describe("values", () => {
  test("of huber and smoothL1 on both sides of the threshold, and far out", () => {
    expect(T.huber(of([0, 0, 0]), of([1, 2, 5]), { delta: 2, ...none }).toArray()).toEqual([0.5, 2, 8]);
    expect(T.smoothL1(of([0, 0, 0]), of([1, 2, 5]), { beta: 2, ...none }).toArray()).toEqual([0.25, 1, 4]);
    expect(T.smoothL1(of([0, 0]), of([1, -5]), { beta: 0, ...none }).toArray()).toEqual([1, 5]);
    expect(T.huber(of(1e200), of(0)).item()).toBe(1e200);
  });

  test("of hinge, at the margin and beyond", () => {
    const x = of([1, 0.25, -1, 1], true);
    const terms = T.hinge(x, of([1, 1, 1, -1]), none);
    expect(terms.toArray()).toEqual([0, 0.75, 2, 2]);
    T.sum(terms).backward();
    expect(x.grad!.toArray()).toEqual([-0, -1, -1, 1]);
  });

  test("of bce where a prediction is exactly right or wrong: finite, as its gradient", () => {
    const p = of([0, 1, 0, 1], true);
    const terms = T.bce(p, of([0, 1, 1, 0]), none);
    expect(terms.toArray()).toEqual([0, -0, 100, 100]);
    T.sum(terms).backward();
    expect(p.grad!.toArray()).toEqual([0, 0, -1e12, 1e12]);
  });

  test("of bceWithLogits for scores of any size", () => {
    const x = of([1e4, -1e4, 1e4, -1e4], true);
    const terms = T.bceWithLogits(x, of([1, 0, 0, 1]), none);
    expect(terms.toArray()).toEqual([0, 0, 1e4, 1e4]);
    T.sum(terms).backward();
    expect(x.grad!.toArray()).toEqual([0, 0, 1, -1]);
  });

  test("of klDiv: nothing between equal distributions, and by batch unless asked otherwise", () => {
    const p = of([[0.5, 0.5, 0], [0.1, 0.2, 0.7]]); // biome-ignore format: a matrix
    const logs = T.log(T.add(p, 1e-300));
    expect(T.klDiv(logs, p).item()).toBeCloseTo(0, 12);
    const q = T.log(of([[0.25, 0.25, 0.5], [0.1, 0.2, 0.7]])); // biome-ignore format: a matrix
    expect(T.klDiv(q, p).item()).toBeCloseTo(Math.log(2) / 2, 12);
    expect(T.klDiv(q, p, { reduction: "sum" }).item()).toBeCloseTo(Math.log(2), 12);
    expect(T.klDiv(q, T.log(p), { isLogTarget: true, reduction: "sum" }).item()).toBeCloseTo(Math.log(2), 12); // 0 log 0 is 0
  });
});

describe("classes", () => {
  const logits = of([[1, 2, 0], [0, 1, -1], [3, 0, 1]], true); // biome-ignore format: a matrix

  test("that are ignored count for nothing, whatever their number and the logits", () => {
    const two = T.crossEntropy(T.slice(logits, [0, 2]), classes([0, 2]));
    expect(T.crossEntropy(logits, classes([0, 2, -1]), { ignoreIndex: -1 }).item()).toBeCloseTo(two.item(), 12);
    const wild = of([[1, 2, 0], [0, 1, -1], [Number.POSITIVE_INFINITY, Number.NaN, 1]], true); // biome-ignore format: a matrix
    const loss = T.crossEntropy(wild, classes([0, 2, 7]), { ignoreIndex: 7, reduction: "none" });
    expect(loss.data[2]).toBe(0);
    expect(T.crossEntropy(logits, classes([5, 5, 5]), { ignoreIndex: 5 }).item()).toBeNaN();
    expect(T.crossEntropy(logits, classes([5, 5, 5]), { ignoreIndex: 5, reduction: "sum" }).item()).toBe(0);
  });

  test("that do not exist are refused beside an ignored one", () => {
    expect(() => T.nll(logits, classes([0, 3, 9]), { ignoreIndex: 9 })).toThrow(
      "nll: a class must be from 0 to 2, got 3 at sample 1 of the target; classes count from 0; the logits have 3",
    );
  });

  test("have one weight each", () => {
    expect(() => T.crossEntropy(logits, classes([0, 1, 2]), { weight: of([1, 2]) })).toThrow(
      "crossEntropy: the weight must be floating, of shape [3], got float64[2]",
    );
  });

  test("are what ignoreIndex is for, and labelSmoothing is a share", () => {
    expect(() => T.crossEntropy(logits, T.softmax(logits), { ignoreIndex: 0 })).toThrow(T.ValueError);
    for (const labelSmoothing of [-0.1, 1.1, Number.NaN]) {
      expect(() => T.crossEntropy(logits, classes([0, 1, 2]), { labelSmoothing })).toThrow(
        `crossEntropy: labelSmoothing must be from 0 to 1, got ${labelSmoothing}`,
      );
    }
  });
});

test.each<[string, () => unknown, string]>([
  ["delta", () => T.huber(of(1), of(1), { delta: 0 }), "huber: delta must be a number above 0, got 0"],
  ["beta", () => T.smoothL1(of(1), of(1), { beta: -1 }), "smoothL1: beta must be a number from 0 on, got -1"],
  ["eps", () => T.gaussianNll(of(1), of(1), of(1), { eps: 0 }), "gaussianNll: eps must be a number above 0, got 0"],
  ["variance", () => T.gaussianNll(of([1]), of([1]), of([1, 2])), "gaussianNll: the variance must have"],
  [
    "negative variance",
    () => T.gaussianNll(of([[1, 2]]), of([[1, 2]]), of([[1, -2]])),
    "gaussianNll: a variance must not be negative, got -2 at row 0, column 1; predict its logarithm, and give exp of that, or softplus",
  ],
  ["sign", () => T.hinge(of([1]), of([0])), "hinge: a target must be 1 or −1, got 0"],
  ["probability", () => T.bce(of([Number.NaN]), of([0])), "got NaN at [0]; bceWithLogits takes any score"],
  ["posWeight", () => T.bceWithLogits(of([1]), of([1]), { posWeight: of([1, 2]) }), "posWeight must broadcast to"],
  ["batch", () => T.klDiv(of(0), of(1)), 'klDiv: "batchMean" needs an axis, got a scalar; use "sum"'],
  ["margin", () => T.cosineEmbedding(of([[1]]), of([[1]]), of([1]), { margin: 2 }), "margin must be from −1 to 1"],
  ["vectors", () => T.tripletMargin(of(1), of(1), of(1)), "tripletMargin: needs vectors […, size], got float64[]"],
])("a wrong %s is refused", (_, call, message) => {
  expect(call).toThrow(message);
});

test.each([false, true])(
  "targets of which the loss of logits would be below 0 are refused; compiled %s",
  (isCompiled) => {
    for (const reduction of ["mean", "sum", "none"] as const) {
      const f = (x: T.Tensor, t: T.Tensor): T.Tensor => T.bceWithLogits(x, t, { reduction });
      const run = isCompiled ? compile(f) : f;
      run(of([1, 2, 3]), of([0, 1, 0.5]));
      for (const bad of [-1, 2, Number.NaN]) {
        const call = (): T.Tensor => run(of([1, 2, 3]), of([0, bad, 0]));
        // Terms may be masked.
        if (reduction === "none")
          expect(call().data[1]!.toFixed(9)).toBe((Math.log1p(Math.exp(-2)) + (1 - bad) * 2).toFixed(9));
        else expect(call).toThrow(`bceWithLogits: a target must be from 0 to 1, got ${bad} at [1]; for more than two`);
      }
    }
  },
);

test("a compiled gaussianNll refuses a negative variance, too", () => {
  const loss = compile((v: T.Tensor) => T.gaussianNll(of([1, 2]), of([1, 2]), v));
  loss(of([1, 1]));
  expect(loss(of([1, 2])).item()).toBeCloseTo(Math.log(2) / 4);
  expect(() => loss(of([1, -2]))).toThrow("gaussianNll: a variance must not be negative, got -2 at index 1");
});
