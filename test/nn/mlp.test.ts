import { describe, expect, test } from "vitest";
import * as T from "../../src/index.ts";
import { mlp, type Sequential } from "../../src/index.ts";

describe("mlp", () => {
  const layersOf = (model: Sequential): string[] => model.layers.map((layer) => layer.describe());

  test("is linear layers with activations between", () => {
    expect(layersOf(mlp([4, 8, 6, 2]))).toEqual(["Linear(4, 8)", "relu", "Linear(8, 6)", "relu", "Linear(6, 2)"]);
    expect(layersOf(mlp([4, 2]))).toEqual(["Linear(4, 2)"]);
    const options = { activation: T.PReLU, dropout: 0.5, norm: "batch", bias: false, dtype: "float64" } as const;
    const model = mlp([4, 8, 8, 2], options);
    const hidden = ["BatchNorm1d(8)", "PReLU(1)", "Dropout(0.5)"];
    expect(layersOf(model)).toEqual([
      "Linear(4, 8, no bias)",
      ...hidden,
      "Linear(8, 8, no bias)",
      ...hidden,
      "Linear(8, 2, no bias)",
    ]);
    expect(model.layers[2]).not.toBe(model.layers[6]);
    expect(layersOf(mlp([1, 2, 1], { norm: "rms" }))[1]).toBe("RMSNorm(2)");
  });

  test("draws from the generator that it is given, dropout too", () => {
    const make = (): Sequential => mlp([4, 50, 2], { dropout: 0.5, generator: new T.Generator(5) });
    const outputs = [make(), make()].map((model) => model.forward(T.ones([3, 4])).toArray());
    expect(outputs[0]).toEqual(outputs[1]);
  });

  test.each<[() => unknown, string]>([
    [() => mlp([3]), "mlp: needs the number of inputs and of outputs, got [3]; write mlp([784, 128, 10])"],
    [() => mlp(3 as never), "mlp: needs the number of inputs and of outputs, got 3"],
    [
      () => mlp([3, 2, 1], { norm: "instance" as never }),
      'mlp: norm must be "batch", "layer" or "rms", got "instance", a string',
    ],
    [
      () => mlp([3, 2, 1], { activation: "relu" as never }),
      'mlp: activation must be a function, or a class of layers, got "relu", a string',
    ],
    [() => mlp([3, 2, 1], { dropout: 2 }), "Dropout"],
    [() => mlp([3, -2, 1]), "mlp: size 1 must be a whole number, 0 or more, got -2"],
  ])("refuses %#", (call, message) => {
    expect(call).toThrow(message);
  });
});
