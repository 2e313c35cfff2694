import { describe, expect, test } from "vitest";
import {
  abs,
  Generator,
  Linear,
  linear,
  matmul,
  max,
  ones,
  rand,
  randn,
  ShapeError,
  transpose,
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

  test.each<[number[], number[], number[] | undefined, string]>([
    [[2, 4], [5, 3], undefined, "float32[2, 4], float32[5, 3]"],
    [[], [5, 3], undefined, "float32[], float32[5, 3]"],
    [[28, 28], [5, 784], undefined, "float32[28, 28], float32[5, 784]"],
    [[2, 3], [3], undefined, "float32[2, 3], float32[3]"],
    [[2, 3], [5, 3], [3], "float32[2, 3], float32[5, 3], float32[3]"],
    [[2, 3], [5, 3], [2, 5], "float32[2, 3], float32[5, 3], float32[2, 5]"],
    [[2, 3], [5, 3], [], "float32[2, 3], float32[5, 3], float32[]"],
  ])("refuses x %j with weight %j and bias %j", (x, w, b, got) => {
    const run = (): unknown => linear(ones(x), ones(w), b && ones(b));
    expect(run).toThrow(ShapeError);
    expect(messageOf(run)).toBe(`linear: needs x […, in], weight [out, in], bias [out], got ${got}`);
  });
});

describe("Linear", () => {
  test("starts with weight and bias drawn evenly from ±1/√in, weight first", () => {
    const layer = new Linear(400, 50, { generator: new Generator(3) });
    const generator = new Generator(3);
    expect(layer.weight.toArray()).toEqual(rand([50, 400], { generator }).mul(0.1).sub(0.05).toArray());
    expect(layer.bias!.toArray()).toEqual(rand([50], { generator }).mul(0.1).sub(0.05).toArray());
    expect(max(abs(layer.weight)).item()).toBeLessThanOrEqual(Math.fround(0.05));
    expect(generator.state).toEqual([3, 0, 50 * 401, 0]);
    expect(layer.weight.mul(layer.weight).mean().item()).toBeCloseTo(0.05 ** 2 / 3, 4);
  });

  test("knows its sizes and says them", () => {
    const layer = new Linear(3, 2, { bias: false });
    expect([layer.weight.shape, layer.bias]).toEqual([[2, 3], null]);
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

  test("takes other values by assign, and stays what trains", () => {
    const layer = new Linear(3, 2);
    layer.weight.assign(randn(layer.weight.shape).mul(0).add(2));
    layer.bias!.assign(zeros([2]));
    expect(layer.forward(ones([3])).toArray()).toEqual([6, 6]);
    expect(layer.parameters().map((p) => [p.requiresGrad, p.op])).toEqual([
      [true, null],
      [true, null],
    ]);
  });

  test("takes zero sizes, and refuses others that are none", () => {
    const layer = new Linear(0, 2);
    expect([layer.forward(ones([3, 0])).shape, layer.bias!.toArray()]).toEqual([
      [3, 2],
      [0, 0],
    ]);
    expect(() => new Linear(-1, 2)).toThrow(ShapeError);
    expect(() => new Linear(2.5, 2)).toThrow(
      "Linear: inFeatures must be a whole number, 0 or more, got 2.5; write new Linear(inFeatures, 2)",
    );
  });
});
