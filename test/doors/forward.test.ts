import { describe, expect, test } from "vitest";
import { compile, setThreads } from "../../src/compile/index.ts";
import * as api from "../../src/index.ts";
import { Layer, Linear, ones, relu, Sequential, type Tensor, tensor, zeros } from "../../src/index.ts";
import { writeFileAtomic } from "../../src/node/index.ts";
import { messageOf, proxied, testRefusals } from "../support/refusals.ts";

// What a layer's forward is given that is no tensor, or none that fits; and what is async.

/** Arguments for the layers that cannot do without. */
const needed: { readonly [name: string]: readonly unknown[] } = {
  Linear: [2, 3],
  Bilinear: [2, 3, 4],
  BatchNorm1d: [2],
  BatchNorm2d: [2],
  BatchNorm3d: [2],
  InstanceNorm1d: [2],
  InstanceNorm2d: [2],
  InstanceNorm3d: [2],
  SqueezeExcite: [2],
  Conv1d: [2, 3, 1],
  Conv2d: [2, 3, 1],
  Conv3d: [2, 3, 1],
  ConvTranspose1d: [2, 3, 1],
  ConvTranspose2d: [2, 3, 1],
  ConvTranspose3d: [2, 3, 1],
  MaxPool1d: [2],
  AdaptiveMaxPool1d: [2],
  MaxPool2d: [2],
  AdaptiveMaxPool2d: [2],
  MaxPool3d: [2],
  AdaptiveMaxPool3d: [2],
  AvgPool1d: [2],
  AdaptiveAvgPool1d: [2],
  AvgPool2d: [2],
  AdaptiveAvgPool2d: [2],
  AvgPool3d: [2],
  AdaptiveAvgPool3d: [2],
  ZeroPad2d: [1],
  ReflectionPad2d: [1],
  ReplicationPad2d: [1],
  CircularPad2d: [1],
  ConstantPad2d: [1, 2],
  PixelShuffle: [2],
  PixelUnshuffle: [2],
  Unflatten: [1, [2]],
  Upsample: [{ scaleFactor: 2 }],
  LayerNorm: [2],
  RMSNorm: [2],
  GroupNorm: [1, 2],
  Embedding: [2, 2],
  Residual: [relu],
  Parallel: [[relu]],
  Lambda: [relu],
  AttentionGate: [2, 3, 1],
  MultiheadAttention: [4, 2],
  TransformerEncoderLayer: [4, 2, { hidden: 3 }],
  TransformerDecoderLayer: [4, 2, { hidden: 3 }],
  SinusoidalPositions: [2],
  LearnedPositions: [2, 2],
  RNN: [2, 3],
  RNNCell: [2, 3],
  LSTM: [2, 3],
  LSTMCell: [2, 3],
  GRU: [2, 3],
  GRUCell: [2, 3],
};

type LayerType = new (...args: unknown[]) => Layer;

const types = Object.entries(api as unknown as { readonly [name: string]: unknown }).filter(
  (entry): entry is [string, LayerType] => {
    const prototype = (entry[1] as { readonly prototype?: unknown } | undefined)?.prototype;
    return prototype instanceof Layer && !("fit" in prototype); // scalers have tests of their own
  },
);

test("all layers are here", () => {
  expect(types.length).toBeGreaterThan(30);
});

describe.each(types)("%s", (name, Type) => {
  const layer = new Type(...(needed[name] ?? []));
  const x = ones([2, 2]);
  const copy = structuredClone({ shape: x.shape, dtype: x.dtype, stored: x.data });

  const isIndex = name === "Embedding";
  const wrap = (data: string): string =>
    isIndex ? `write tensor(${data}, { dtype: "int32" })` : "wrap values in tensor(…)";

  test.each<[string, unknown, string]>([
    ["nested arrays", [[1, 2]], `an array; ${wrap("[[1, 2]]")}`],
    ["a typed array", new Float32Array(2), `a Float32Array; ${wrap("…")}`],
    ["nothing", undefined, "undefined"],
    ["null", null, "null"],
    ["what was posted", copy, "what postMessage, structuredClone or JSON left of a tensor"],
    ["a Proxy of a tensor", proxied(x), "a Proxy or copy of a tensor"],
    ["a promise", Promise.resolve(x), "a promise"],
    ["a layer", new Linear(1, 1), "a Linear"],
  ])("refuses %s", (_, value, got) => {
    expect(messageOf(() => layer.forward(value as Tensor))).toMatch(/^DTypeError: .* must be a tensor, got /);
    expect(messageOf(() => layer.forward(value as Tensor))).toContain(`, got ${got}`);
  });
});

describe("the layer is named", () => {
  const wrong = [[1, 2]] as unknown as Tensor;
  testRefusals([
    [
      () => new Linear(2, 3).forward(wrong),
      "DTypeError",
      "Linear(2, 3): x must be a tensor, got an array; wrap values in tensor(…)",
    ],
    [
      () => new api.Dropout().forward(wrong),
      "DTypeError",
      "Dropout(0.5): x must be a tensor, got an array; wrap values in tensor(…)",
    ],
    [
      () => new api.Bilinear(1, 2, 3).forward(ones([1]), wrong),
      "DTypeError",
      "Bilinear(1, 2, 3): b must be a tensor, got an array; wrap values in tensor(…)",
    ],
    [
      () => new Sequential(new Linear(2, 3)).forward(wrong),
      "DTypeError",
      "Sequential: x must be a tensor, got an array; wrap values in tensor(…)",
    ],
    [
      () => new Sequential(relu, new Sequential((() => 5) as never, new Linear(2, 3))).forward(ones([1, 2])),
      "ValueError",
      "Sequential[1] Sequential[0] function: forward: must return a tensor, got 5",
    ],
  ]);
});

describe("a width that does not fit is named with the layer's, and what to write", () => {
  const layer: Linear = new Linear(784, 10);
  testRefusals([
    [
      () => layer.forward(zeros([32, 28, 28])),
      "ShapeError",
      "Linear(784, 10): x must be […, 784], got float32[32, 28, 28]; flatten it first: x.flatten(1)",
    ],
    [
      () => layer.forward(zeros([28, 28])),
      "ShapeError",
      "Linear(784, 10): x must be […, 784], got float32[28, 28]; if it is one sample, flatten it: x.flatten()",
    ],
    [
      () => layer.forward(zeros([784, 5])),
      "ShapeError",
      "Linear(784, 10): x must be […, 784], got float32[784, 5]; samples are rows, so transpose it: x.T",
    ],
    [() => layer.forward(zeros([32, 783])), "ShapeError", "Linear(784, 10): x must be […, 784], got float32[32, 783]"],
    [() => layer.forward(tensor(1) as Tensor), "ShapeError", "Linear(784, 10): x must be […, 784], got float32[]"],
    [
      () => new Linear(1, 4).forward(zeros([7]) as Tensor),
      "ShapeError",
      "Linear(1, 4): x must be […, 1], got float32[7]; give each value a row: x.unsqueeze(1)",
    ],
    [
      () => new Linear(1, 4).forward(tensor(3) as Tensor),
      "ShapeError",
      "Linear(1, 4): x must be […, 1], got float32[]; give it an axis: x.reshape([1])",
    ],
    [
      () => new Sequential(new Linear(2, 3), new Sequential(new Linear(4, 1) as Layer)).forward(zeros([5, 2])),
      "ShapeError",
      "Sequential[1] Sequential[0] Linear(4, 1): x must be […, 4], got float32[5, 3]",
    ],
  ]);

  test("the proposals work", () => {
    expect(layer.forward(zeros([32, 28, 28]).flatten(1)).shape).toEqual([32, 10]);
    expect(layer.forward(zeros([28, 28]).flatten()).shape).toEqual([10]);
    expect(layer.forward(zeros([784, 5]).T).shape).toEqual([5, 10]);
    expect(new Linear(1, 4).forward(zeros([7]).unsqueeze(1)).shape).toEqual([7, 4]);
    expect(new Linear(1, 4).forward(tensor(3).reshape([1])).shape).toEqual([4]);
  });

  test("a compiled function says the same", () => {
    expect(messageOf(() => compile((x: Tensor) => layer.forward(x))(zeros([2, 5])))).toBe(
      "ShapeError: Linear(784, 10): x must be […, 784], got float32[2, 5]",
    );
  });
});

test("a layer of one's own that takes arguments has a constructor for them", () => {
  class Twice extends Layer {
    override forward(x: Tensor): Tensor {
      return x.mul(2);
    }
  }
  const Loose = Twice as unknown as new (...args: unknown[]) => Twice;
  expect(messageOf(() => new Loose(3))).toBe("ValueError: Twice: takes no arguments, got 3");
  expect(new Twice().forward(tensor([1])).toArray()).toEqual([2]);
});

test.each<[string, () => Promise<unknown>, string]>([
  [
    "threads as text",
    () => setThreads("2" as never),
    'setThreads: the number of threads must be an integer from 1 to 64, got "2", a string',
  ],
  [
    "a switch",
    () => setThreads(2, true as never),
    "setThreads: options must be an object, got true; write { worker: … }",
  ],
  [
    "another option",
    () => setThreads(2, { workers: 1 } as never),
    "setThreads: there is no such option, got workers; did you mean worker?",
  ],
  [
    "a model for bytes",
    () => writeFileAtomic("a", new Linear(1, 1) as never),
    "writeFileAtomic: needs bytes: a Uint8Array or an ArrayBuffer, got a Linear; write writeFileAtomic(path, encode(model.stateDict()))",
  ],
  [
    "no path",
    () => writeFileAtomic(5 as never, new Uint8Array(1)),
    "writeFileAtomic: needs a path, or a file: URL, got 5; write writeFileAtomic(path, encode(model.stateDict()))",
  ],
])("%s", async (_, call, message) => {
  await expect(call()).rejects.toThrow(message);
});
