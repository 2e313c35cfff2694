import { expect, test } from "vitest";
import { accelerate } from "../../src/compile/index.ts";
import {
  AdaptiveAvgPool2d,
  AvgPool2d,
  avgPool2d,
  Conv2d,
  ConvTranspose2d,
  Dropout,
  defaultGenerator,
  dropout,
  Flatten,
  GRU,
  identityBlock,
  Layer,
  Linear,
  MaxPool2d,
  MultiheadAttention,
  manualSeed,
  ones,
  relu,
  Sequential,
  ShapeError,
  SqueezeExcite,
  summary,
  type Tensor,
  TransformerDecoderLayer,
  tensor,
  zeros,
} from "../../src/index.ts";

const digits = (): Sequential =>
  new Sequential(
    new Flatten(),
    new Linear(64, 1000),
    relu,
    new Sequential(new Dropout(0.1), new Linear(1000, 10, { bias: false })),
  );

/** A layer that counts its uses in a buffer, in training or not. */
class Counting extends Layer {
  readonly uses = tensor(0);
  readonly unused = new Linear(1, 1);
  readonly body: Layer;
  constructor(body: Layer) {
    super();
    this.body = body;
  }
  forward(x: Tensor): Tensor {
    this.uses.assign(this.uses.add(1));
    return this.body.forward(dropout(this.body.forward(x), 0.5));
  }
}

test("the summary shows paths, settings, output shapes, parameters and counts", () => {
  expect(summary(digits(), [5, 8, 8])).toBe(
    `
Layer              Kind                       Output     Parameters                       Count  Multiply-adds
──────────────────────────────────────────────────────────────────────────────────────────────────────────────
(all)              Sequential                 [5, 10]                                                  370,000
layers.0           Flatten(1, -1)             [5, 64]
layers.1           Linear(64, 1000)           [5, 1000]  weight [1000, 64], bias [1000]  65,000        320,000
layers.2           relu                       [5, 1000]
layers.3           Sequential                 [5, 10]                                                   50,000
layers.3.layers.0  Dropout(0.1)               [5, 1000]
layers.3.layers.1  Linear(1000, 10, no bias)  [5, 10]    weight [10, 1000]               10,000         50,000
──────────────────────────────────────────────────────────────────────────────────────────────────────────────
75,000 trainable, 0 frozen
`.trim(),
  );
});

test("without an input shape it shows no outputs, and runs nothing", () => {
  const model = new Counting(new Linear(2, 2));
  model.body.train(false);
  (model.body as Linear).weight.requiresGrad = false;
  expect(summary(model)).toBe(
    `
Layer   Kind          Parameters                        Count
─────────────────────────────────────────────────────────────
(all)   Counting      uses [] (frozen)                      1
unused  Linear(1, 1)  weight [1, 1], bias [1]               2
body    Linear(2, 2)  weight [2, 2] (frozen), bias [2]      6
─────────────────────────────────────────────────────────────
4 trainable, 5 frozen
`.trim(),
  );
  expect(model.uses.item()).toBe(0);
});

test("running the model leaves no trace: buffers, training, forward, generator, gradients", () => {
  const model = new Counting(new Sequential(new Linear(2, 2), new Dropout(0.5)));
  model.body.eval();
  const own = (x: Tensor): Tensor => x.mul(2);
  const doubling = Object.assign(new Linear(2, 2), { forward: own });
  const whole = new Sequential(model, doubling);
  const { state } = manualSeed(3);
  const before = whole.stateDict();
  const text = summary(whole, [4, 2]);
  expect(text).toContain("not used");
  expect(text.split("\n")[2]).toMatch(/^\(all\) {19}Sequential {4}\[4, 2\] +32$/);
  expect(defaultGenerator().state).toEqual(state);
  expect([whole.training, model.training, model.body.training]).toEqual([true, true, false]);
  expect(doubling.forward).toBe(own);
  expect(Object.keys(model)).toEqual(["uses", "unused", "body"]);
  for (const [name, x] of whole.stateDict()) expect(x.values).toBe(before.get(name)!.values);
  expect(whole.parameters().every((p) => p.grad === null && p.op === null)).toBe(true);
});

test("a model that refuses the shape says so, and is left as it was", () => {
  const model = digits();
  expect(() => summary(model, [5, 8, 9])).toThrow(ShapeError);
  expect(() => summary(model, [5, 8, 9])).toThrow("Sequential[1] Linear(64, 1000): x must be […, 64]");
  expect(model.training).toBe(true);
  expect(Object.hasOwn(model.layers[1]!, "forward")).toBe(false);
});

test("a layer that is used several times shows all its outputs, and counts once in the total", () => {
  const shared = new Linear(3, 3);
  const model = new Sequential(shared, (x) => x.reshape([1, -1, 3]), shared);
  const lines = summary(model, [2, 3]).split("\n");
  expect(lines[3]).toContain("[2, 3], [1, 2, 3]");
  expect(lines.at(-1)).toBe("12 trainable, 0 frozen");
});

test.each<[string, () => Layer, number[], number]>([
  [
    "a convolution",
    () => new Conv2d(4, 6, 3, { padding: 1, stride: 2, groups: 2 }),
    [2, 4, 8, 8],
    2 * 6 * 16 * (2 * 9),
  ],
  ["a transposed one", () => new ConvTranspose2d(4, 6, 2, { stride: 2 }), [2, 4, 8, 8], 2 * 4 * 64 * (6 * 4)],
  ["a block", () => identityBlock(8), [1, 8, 5, 5], 25 * (8 * 2 + 2 * 2 * 9 + 2 * 8)],
  ["attention", () => new MultiheadAttention(8, 2), [3, 5, 8], 3 * (4 * 5 * 8 * 8 + 2 * 5 * 5 * 8)],
  ["recurrence", () => new GRU(3, 4), [2, 5, 3], 2 * 5 * (3 * 4) * (3 + 4)],
  [
    "a convolution of ones",
    () => {
      const layer = new Conv2d(2, 2, 2, { groups: 2 });
      layer.weight.assign(ones([2, 1, 2, 2]));
      return layer;
    },
    [1, 2, 3, 3],
    2 * 4 * 4,
  ],
  [
    "a layer before pooling",
    () =>
      new Sequential(
        new Conv2d(2, 2, 1),
        new AvgPool2d(2),
        new MaxPool2d(2),
        (x) => avgPool2d(x, 2, { stride: 1 }),
        new AdaptiveAvgPool2d(2),
        new Conv2d(2, 1, 1),
      ),
    [1, 2, 16, 16],
    256 * 4 + 4 * 2,
  ],
  ["channels that are weighed", () => new SqueezeExcite(8, { reduction: 4 }), [3, 8, 4, 4], 3 * 2 * (8 * 2)],
])("multiply-adds of %s", (_, make, shape, work) => {
  const [all] = summary(make(), shape).split("\n").slice(2);
  expect(all!.split(/\s{2,}/).at(-1)).toBe(work.toLocaleString("en-US"));
});

test("a layer that is used twice does its work twice, and accelerated products are counted", () => {
  const shared = new Linear(3, 3);
  const undo = accelerate();
  try {
    const lines = summary(new Sequential(shared, relu, shared), [2, 3]).split("\n");
    expect(lines[2]!.endsWith(" 36")).toBe(true);
    expect(lines[3]!.endsWith(" 36")).toBe(true);
  } finally {
    undo();
  }
});

test("zeros are of the model's dtype", () => {
  const seen: string[] = [];
  const note = (x: Tensor): Tensor => {
    seen.push(x.dtype);
    return x;
  };
  summary(new Sequential(note, new Linear(1, 1, { dtype: "float64" })), [1, 1]);
  summary(new Sequential(note), [1]);
  expect(seen).toEqual(["float64", "float32"]);
  expect(summary(new Sequential(() => zeros([0])), [1])).toContain("[0]");
});

test.each([Object.freeze, Object.seal, Object.preventExtensions])(
  "a layer that is closed is refused, by %o",
  (close) => {
    const inner = new Linear(2, 2);
    const model = new Sequential(new Linear(2, 2), inner);
    close(inner);
    expect(() => summary(model, [1, 2])).toThrow(
      "Linear(2, 2): tensors and layers must not be frozen, got one; leave out Object.freeze",
    );
    expect(Object.hasOwn(model, "forward")).toBe(false);
    expect(Object.hasOwn(model.layers[0]!, "forward")).toBe(false);
  },
);

test("a model with several inputs has a shape for each", () => {
  const decoder = new TransformerDecoderLayer(8, 2, { hidden: 16 });
  const [, , all] = summary(decoder, [2, 7, 8], [2, 5, 8]).split("\n");
  // Both attentions' maps, their scores and sums, and the two linear layers.
  const maps = 2 * (4 * 7 + 2 * 7 + 2 * 5) * 64;
  const attention = 2 * 2 * (7 * 7 + 7 * 5) * 8;
  expect(all).toMatch(new RegExp(`${(maps + attention + 2 * 14 * 8 * 16).toLocaleString("en-US")}$`));
  const shapes = [
    [2, 3],
    [2, 5],
  ];
  expect(() => summary(decoder, shapes as never)).toThrow(
    "write a shape for each input: summary(model, [1, 3], [1, 5])",
  );
  expect(() => summary(decoder, 3 as never, 5 as never)).toThrow("got 3; write [3, 5]");
});
