import { expect, test } from "vitest";
import { assertGradcheck, assertGradgradcheck } from "../../src/gradcheck/index.ts";
import {
  CELU,
  celu,
  ELU,
  elu,
  Flatten,
  flatten,
  GELU,
  GLU,
  gelu,
  glu,
  Hardswish,
  Hardtanh,
  hardswish,
  hardtanh,
  type Layer,
  LeakyReLU,
  LogSoftmax,
  leakyRelu,
  logSoftmax,
  Mish,
  mish,
  PReLU,
  prelu,
  ReLU,
  relu,
  SELU,
  Sigmoid,
  SiLU,
  Softmax,
  Softplus,
  Softsign,
  selu,
  sigmoid,
  silu,
  softmax,
  softplus,
  softsign,
  sum,
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
  [new SELU(), selu, "SELU"],
  [new CELU(), celu, "CELU(1)"],
  [new CELU(0.5), (x) => celu(x, 0.5), "CELU(0.5)"],
  [new Mish(), mish, "Mish"],
  [new Hardswish(), hardswish, "Hardswish"],
  [new Hardtanh(), hardtanh, "Hardtanh(-1, 1)"],
  [new Hardtanh(0, 2), (x) => hardtanh(x, 0, 2), "Hardtanh(0, 2)"],
  [new Softsign(), softsign, "Softsign"],
  [new GLU(0), (x) => glu(x, 0), "GLU(0)"],
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

test("PReLU has a slope for all, or one for each channel, and learns it", () => {
  const layer = new PReLU(2, { slope: 0.5, dtype: "float64" });
  expect([...layer.stateDict().keys()]).toEqual(["weight"]);
  expect(layer.describe()).toBe("PReLU(2)");
  const x = tensor([[-2, 4], [6, -8]], { dtype: "float64" }); // biome-ignore format: a matrix
  expect(layer.forward(x).toArray()).toEqual([[-1, 4], [6, -4]]); // biome-ignore format: a matrix
  sum(layer.forward(x)).backward();
  expect(layer.weight.grad!.toArray()).toEqual([-2, -8]);
  expect(new PReLU().forward(tensor([-4, 4])).toArray()).toEqual([-1, 4]);
  expect(() => prelu(x, tensor([1, 2, 3]))).toThrow("prelu: needs a weight [1] or [channels]");
  expect(() => new PReLU(0)).toThrow("PReLU: there must be a channel, got 0");
});

test.each<[string, (x: Tensor) => Tensor]>([
  ["selu", selu],
  ["celu", (x) => celu(x, 0.7)],
  ["mish", mish],
  ["softsign", softsign],
  ["hardtanh", hardtanh],
  ["hardswish", hardswish],
  ["glu", (x) => glu(x)],
])("%s has right gradients to second order", (_, fn) => {
  const x = tensor([-4, -2.5, -0.3, 0.4, 1.7, 3.2], { dtype: "float64", requiresGrad: true });
  assertGradcheck(fn, [x]);
  assertGradgradcheck(fn, [x]);
});

test.each<[() => unknown, string]>([
  [() => celu(tensor(1), 0), "celu: alpha must not be 0, got 0"],
  [() => hardtanh(tensor(1), 1, 1), "hardtanh: min must be below max, got 1 and 1"],
  [() => glu(tensor([1, 2, 3])), "glu: the axis must have an even size, got float32[3]"],
])("settings that make no sense are refused", (call, message) => {
  expect(call).toThrow(message);
});
