import { describe, expect, test } from "vitest";
import {
  abs,
  Generator,
  Linear,
  linear,
  matmul,
  max,
  ones,
  randn,
  ShapeError,
  transpose,
  uniform,
  zeros,
} from "../../src/index.ts";

function messageOf(run: () => unknown): string {
  try {
    run();
    return "";
  } catch (error) {
    return String((error as Error).message);
  }
}

describe("linear", () => {
  test("is x wᵀ + b on the last axis, for inputs of any rank", () => {
    const [w, b] = [randn([4, 3], { dtype: "float64" }), randn([4], { dtype: "float64" })];
    for (const shape of [[3], [5, 3], [2, 5, 3], [0, 3]]) {
      const x = randn(shape, { dtype: "float64" });
      const wanted = matmul(x, transpose(w)).add(b);
      expect(linear(x, w, b).shape).toEqual([...shape.slice(0, -1), 4]);
      expect(linear(x, w, b).toArray()).toEqual(wanted.toArray());
      expect(linear(x, w, null).toArray()).toEqual(linear(x, w).toArray());
    }
  });

  test("takes a vector for a weight", () => {
    expect(linear(ones([2, 3]), ones([3])).toArray()).toEqual([3, 3]);
  });

  test.each<[number[], number[], number[] | undefined, string]>([
    [[2, 4], [5, 3], undefined, "linear: the last axis of x must have size 3, got [2, 4]"],
    [[], [5, 3], undefined, "linear: the last axis of x must have size 3, got []"],
    [
      [8, 28, 28],
      [5, 784],
      undefined,
      "linear: the last axis of x must have size 784, got [8, 28, 28]; flatten it first: flatten(x, 1)",
    ],
    [[2, 3], [5, 3], [3], "add: shapes must broadcast, got [2, 5] and [3]"],
  ])("refuses x %j with weight %j and bias %j", (x, w, b, message) => {
    const run = (): unknown => linear(ones(x), ones(w), b && ones(b));
    expect(run).toThrow(ShapeError);
    expect(messageOf(run)).toContain(message);
  });
});

describe("Linear", () => {
  test("starts with weight and bias drawn evenly from ±1/√in, weight first", () => {
    const layer = new Linear(400, 50, { generator: new Generator(3) });
    const generator = new Generator(3);
    expect(layer.weight.toArray()).toEqual(uniform([50, 400], { low: -0.05, high: 0.05, generator }).toArray());
    expect(layer.bias!.toArray()).toEqual(uniform([50], { low: -0.05, high: 0.05, generator }).toArray());
    expect(max(abs(layer.weight)).item()).toBeLessThanOrEqual(0.05);
    expect(layer.weight.mul(layer.weight).mean().item()).toBeCloseTo(0.05 ** 2 / 3, 4);
  });

  test("knows its sizes and says them", () => {
    const layer = new Linear(3, 2, { bias: false });
    expect([layer.inFeatures, layer.outFeatures, layer.bias]).toEqual([3, 2, null]);
    expect([layer.describe(), new Linear(3, 2).describe()]).toEqual(["Linear(3, 2, no bias)", "Linear(3, 2)"]);
    expect([...layer.stateDict().keys()]).toEqual(["weight"]);
  });

  test("has parameters that train, in the dtype asked for", () => {
    const layer = new Linear(3, 2, { dtype: "float64" });
    expect(layer.parameters().map((p) => [p.dtype, p.requiresGrad, p.op])).toEqual([
      ["float64", true, null],
      ["float64", true, null],
    ]);
    layer
      .forward(ones([4, 3], { dtype: "float64" }))
      .sum()
      .backward();
    expect(layer.weight.grad!.toArray()).toEqual([
      [4, 4, 4],
      [4, 4, 4],
    ]);
    expect(layer.bias!.grad!.toArray()).toEqual([4, 4]);
  });

  test("takes initialisers, also ones written with ops", () => {
    const layer = new Linear(3, 2, {
      weightInit: (shape, options) => randn(shape, options).mul(0).add(2),
      biasInit: zeros,
    });
    expect(layer.forward(ones([3])).toArray()).toEqual([6, 6]);
    expect(layer.parameters().map((p) => [p.requiresGrad, p.op])).toEqual([
      [true, null],
      [true, null],
    ]);
  });

  test("refuses initialisers that return something else", () => {
    expect(() => new Linear(3, 2, { weightInit: () => ones([3, 2]) })).toThrow(
      "Linear: weightInit must return a tensor of shape [2, 3], got a tensor of shape [3, 2]",
    );
    expect(() => new Linear(3, 2, { biasInit: () => 0 as never })).toThrow(ShapeError);
    expect(() => new Linear(3, 2, { dtype: "float64", weightInit: (shape) => ones(shape) })).toThrow(
      "Linear: weightInit must return float64[2, 3]",
    );
    expect(() => new Linear(3, 2, { weightInit: (shape) => ones(shape, { dtype: "int32" }) })).toThrow(
      "must be floating",
    );
  });

  test("takes zero sizes, and refuses others that are none", () => {
    const layer = new Linear(0, 2);
    expect([layer.forward(ones([3, 0])).shape, layer.bias!.toArray()]).toEqual([
      [3, 2],
      [0, 0],
    ]);
    expect(() => new Linear(-1, 2)).toThrow(ShapeError);
    expect(() => new Linear(2.5, 2)).toThrow("Linear: a shape is non-negative integers, got [2, 2.5]");
  });
});
