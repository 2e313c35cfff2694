import { describe, expect, test } from "vitest";
import * as T from "../../src/index.ts";

const int = (values: T.NestedArray) => T.tensor(values, { dtype: "int32" });

describe("Embedding", () => {
  test("looks vectors up, and trains those that were used, but not the padding's", () => {
    const layer = new T.Embedding(4, 2, { paddingIndex: 0, generator: new T.Generator(1) });
    expect(T.slice(layer.weight, 0).toArray()).toEqual([0, 0]);
    const y = layer.forward(int([[1, 0], [3, 1]])); // biome-ignore format: a matrix
    expect(y.shape).toEqual([2, 2, 2]);
    expect(T.slice(y, 1, 0).data).toEqual(T.slice(layer.weight, 3).data);
    T.sum(y).backward();
    expect(layer.weight.grad!.toArray()).toEqual([[0, 0], [2, 2], [0, 0], [1, 1]]); // biome-ignore format: a matrix
    expect(layer.describe()).toBe("Embedding(4, 2)");
  });

  test("refuses what is no index", () => {
    const layer = new T.Embedding(4, 2);
    expect(() => layer.forward(T.ones([1]))).toThrow('embedding: indices must be int32, got float32; use to("int32")');
    expect(() => layer.forward(int([4]))).toThrow(T.IndexError);
    expect(() => new T.Embedding(4, 2, { paddingIndex: 4 })).toThrow("paddingIndex must be from 0 to 3, got 4");
  });
});

test("Bilinear is a product of both inputs", () => {
  const layer = new T.Bilinear(2, 3, 1, { bias: false, dtype: "float64" });
  layer.weight.assign(T.tensor([[[1, 2, 3], [4, 5, 6]]], { dtype: "float64" })); // biome-ignore format: a matrix
  const [a, b] = [T.tensor([1, 10], { dtype: "float64" }), T.tensor([1, 0, 2], { dtype: "float64" })];
  expect(layer.forward(a, b).toArray()).toEqual([1 + 6 + 10 * (4 + 12)]);
  expect(layer.describe()).toBe("Bilinear(2, 3, 1, no bias)");
  expect(new T.Bilinear(2, 3, 4).bias!.shape).toEqual([4]);
});

describe("Residual", () => {
  test("adds its input, through a projection where shapes differ", () => {
    const x = T.tensor([[1, 2]]);
    expect(new T.Residual((v) => T.mul(v, 3)).forward(x).toArray()).toEqual([[4, 8]]);
    const projection = new T.Linear(2, 3, { bias: false });
    const block = new T.Residual(new T.Linear(2, 3), { projection });
    expect(block.forward(x).shape).toEqual([1, 3]);
    expect([...block.stateDict().keys()]).toEqual(["inner.weight", "inner.bias", "projection.weight"]);
  });

  test("refuses shapes that differ, also where they would broadcast", () => {
    const block = new T.Residual((v) => T.sum(v, 1, { keepDims: true }));
    expect(() => block.forward(T.ones([3, 2]))).toThrow(
      "Residual: both ways must have one shape, got float32[3, 1] and float32[3, 2]; pass { projection: new Linear(in, out) }",
    );
    expect(() => new T.Residual(3 as unknown as T.Layer)).toThrow("Residual: entry 0 must be a layer or a function");
  });
});

test("Parallel joins what its layers make of one input", () => {
  const both = new T.Parallel([new T.Identity(), (x) => T.mul(x, 2)]);
  expect(both.forward(T.tensor([[1, 2]])).toArray()).toEqual([[1, 2, 2, 4]]);
  expect(new T.Parallel([T.relu, T.tanh], { axis: 0 }).forward(T.zeros([2, 3])).shape).toEqual([4, 3]);
  expect([both.describe(), both.layers[0]!.describe()]).toEqual(["Parallel", "Identity"]);
});
