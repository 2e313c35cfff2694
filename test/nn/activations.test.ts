import { expect, test } from "vitest";
import {
  ELU,
  elu,
  Flatten,
  flatten,
  GELU,
  gelu,
  type Layer,
  LeakyReLU,
  LogSoftmax,
  leakyRelu,
  logSoftmax,
  ReLU,
  relu,
  Sigmoid,
  SiLU,
  Softmax,
  Softplus,
  sigmoid,
  silu,
  softmax,
  softplus,
  Tanh,
  type Tensor,
  tanh,
  tensor,
} from "../../src/index.ts";

test.each<[Layer, (x: Tensor) => Tensor, string]>([
  [new ReLU(), relu, "ReLU"],
  [new LeakyReLU(), leakyRelu, "LeakyReLU(0.01)"],
  [new LeakyReLU(0.2), (x) => leakyRelu(x, 0.2), "LeakyReLU(0.2)"],
  [new ELU(), elu, "ELU(1)"],
  [new ELU(0.5), (x) => elu(x, 0.5), "ELU(0.5)"],
  [new GELU(), gelu, "GELU"],
  [new GELU({ approximate: "tanh" }), (x) => gelu(x, { approximate: "tanh" }), "GELU(tanh)"],
  [new SiLU(), silu, "SiLU"],
  [new Tanh(), tanh, "Tanh"],
  [new Sigmoid(), sigmoid, "Sigmoid"],
  [new Softplus(), softplus, "Softplus"],
  [new Softmax(), softmax, "Softmax(-1)"],
  [new Softmax(0), (x) => softmax(x, 0), "Softmax(0)"],
  [new LogSoftmax(), logSoftmax, "LogSoftmax(-1)"],
  [new LogSoftmax(0), (x) => logSoftmax(x, 0), "LogSoftmax(0)"],
  [new Flatten(), (x) => flatten(x, 1), "Flatten(1, -1)"],
  [new Flatten(0, 1), (x) => flatten(x, 0, 1), "Flatten(0, 1)"],
])("$0.constructor.name computes its function, has no state and says its settings", (layer, fn, text) => {
  const x = tensor([
    [-2, -0.5, 0],
    [0.5, 1, 3],
  ]);
  expect(layer.forward(x).toArray()).toEqual(fn(x).toArray());
  expect(layer.stateDict().size).toBe(0);
  expect(layer.describe()).toBe(text);
});
