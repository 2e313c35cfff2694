import { describe, expect, test } from "vitest";
import * as T from "../../src/index.ts";
import { ones, type Tensor, TinygradError, tensor, zeros } from "../../src/index.ts";
import * as augment from "../../src/train/index.ts";
import { kinds } from "../model/kinds.ts";

// What is easily written wrongly: each call says what to write instead.

const message = (call: () => unknown): string => {
  try {
    call();
  } catch (error) {
    expect(error).toBeInstanceOf(TinygradError);
    return (error as Error).message;
  }
  throw new Error("it was taken");
};

type Loose = (...all: unknown[]) => unknown;
const plain = T as unknown as {
  readonly [name in "grad" | "jacobian" | "oneHot" | "quantile" | "sort" | "split" | "topk" | "tril"]: Loose;
};
const image = zeros([1, 3, 8, 8]);
const weight = zeros([4, 3, 3, 3]);
const square = (x: Tensor): Tensor => x.mul(x);

test.each<[string, () => unknown, string]>([
  [
    "a swapped convolution",
    () => T.conv2d(weight, image),
    "conv2d: the kernel must not be larger than x with its padding, got x [4, 3, 3, 3], weight [1, 3, 8, 8]; x comes first: conv2d(x, weight); else pad x, or take a smaller kernel",
  ],
  [
    "one of a single image",
    () => T.conv2d(weight, zeros([3, 8, 8])),
    "conv2d: weight must be [out, in / groups, kernel height, kernel width], got [3, 8, 8]; did you mean conv1d? x comes first: conv2d(x, weight)",
  ],
  [
    "one along a single axis",
    () => T.conv1d(zeros([4, 3, 3]), zeros([1, 3, 8])),
    "conv1d: the kernel must not be larger than x with its padding, got x [4, 3, 3], weight [1, 3, 8]; x comes first: conv1d(x, weight); else pad x, or take a smaller kernel",
  ],
  [
    "a swapped transposed convolution",
    () => T.convTranspose2d(zeros([3, 4, 3, 3]), image),
    "convTranspose2d: the weight must have axis 0 of size 4, the channels of x, got weight [1, 3, 8, 8] for x [3, 4, 3, 3]; x comes first: convTranspose2d(x, weight)",
  ],
  [
    "groups that do not divide the channels",
    () => T.conv2d(image, weight, { groups: 2 }),
    "conv2d: groups must divide the channels of x, got 2 groups for x [1, 3, 8, 8]",
  ],
  [
    "an image with other channels than the layer's",
    () => new T.Conv2d(3, 4, 3).forward(zeros([4, 8, 8]) as Tensor),
    "Conv2d(3, 4, 3): x must have 3 channels, got float32[4, 8, 8]; for such an x, make the layer with 4 as its first number",
  ],
  [
    "null for a key",
    () => new T.MultiheadAttention(8, 2).forward(zeros([1, 3, 8]), null as unknown as Tensor),
    "MultiheadAttention(8, 2): key must be a tensor, got null; what is the same as the query may be left out: forward(x), or forward(x, x, x, masks)",
  ],
  [
    "null for a value",
    () => new T.MultiheadAttention(8, 2).forward(zeros([1, 3, 8]), zeros([1, 3, 8]), null as unknown as Tensor),
    "MultiheadAttention(8, 2): value must be a tensor, got null; what is the same as the query may be left out: forward(x), or forward(x, x, x, masks)",
  ],
  [
    "layers of a cell",
    () => new T.GRUCell(4, 8, { layers: 2 } as object),
    "GRUCell: there is no such option, got layers; a cell is one step of one layer: LSTM, GRU and RNN have more",
  ],
  [
    "names of classes",
    () => plain.oneHot(["cat", "dog"], 2),
    'oneHot: the index must be a tensor of whole numbers, got "cat", a string; number the classes: tensor(names.map((name) => classes.indexOf(name)), { dtype: "int32" })',
  ],
  [
    "a count of rows below 0",
    () => T.eye(-1),
    "eye: sizes are whole numbers, 0 or more, got -1; write eye(rows), or eye(rows, columns)",
  ],
  [
    "the point before the function",
    () => plain.jacobian(ones([2]), square),
    "jacobian: needs a function of tensors, got a tensor float32[2]; the function comes first: jacobian(f, …)",
  ],
  [
    "the same of what gives a function",
    () => plain.grad(ones([2]), square),
    "grad: needs a function of tensors, got a tensor float32[2]; the function comes first: grad(f)(x)",
  ],
  [
    "shares in a tensor",
    () => plain.quantile(ones([3]), tensor([0.1, 0.9])),
    "quantile: a share must be a number from 0 to 1, got a tensor float32[2]; write quantile(x, q.toArray())",
  ],
  [
    "options in the place of an axis",
    () => plain.sort(ones([3]), { descending: true }),
    "sort: axis must be an integer from -1 to 0, got an object; options come after the axis: sort(x, undefined, { descending: true })",
  ],
  [
    "the same of a quantile",
    () => plain.quantile(ones([3]), 0.5, { keepDims: true }),
    "quantile: axis must be an integer from -1 to 0, got an object; options come after the axis: quantile(x, q, undefined, { keepDims: true })",
  ],
  [
    "a way of interpolation in the place of an axis",
    () => plain.quantile(ones([3]), 0.5, { interpolation: "lower" }),
    'quantile: axis must be an integer from -1 to 0, got an object; options come after the axis: quantile(x, q, undefined, { interpolation: "lower" })',
  ],
  [
    "a diagonal in an object",
    () => plain.tril(ones([2, 2]), { k: 1 }),
    "tril: the diagonal must be an integer, got an object; pass the number itself: 1",
  ],
  [
    "a size in an object",
    () => plain.split(ones([4]), { size: 2 }),
    "split: the size of the parts must be a positive integer, or sizes a list, got an object; pass the number itself: 2",
  ],
  [
    "the largest, without how many",
    () => plain.topk(ones([4])),
    "topk: k must be an integer from 0 to 4, the size of axis 0, got undefined; write topk(x, 4)",
  ],
  [
    "counts that take gigabytes",
    () => T.bincount(tensor([2 ** 31 - 1], { dtype: "int32" })),
    "bincount: there can be at most 268435456 counts, got 2147483648 counts, 8589934592 bytes or more; for a few large numbers take unique(x), whose counts are as many as there are different numbers",
  ],
  [
    "a minimum of counts that does",
    () => T.bincount(tensor([1], { dtype: "int32" }), { minLength: 2 ** 40 }),
    "bincount: there can be at most 268435456 counts, got 1099511627776 counts, 4398046511104 bytes or more; for a few large numbers take unique(x), whose counts are as many as there are different numbers",
  ],
])("%s", (_, call, wanted) => {
  expect(message(call)).toBe(wanted);
});

test.each(["RNN", "LSTM", "GRU"] as const)("dropout of a single %s, which has nothing to drop", (name) => {
  expect(message(() => new T[name](4, 8, { dropout: 0.5 }))).toBe(
    `${name}: dropout is between layers, of which there is one, got 0.5; leave it out, write { layers: 2 }, or put a Dropout after the layer`,
  );
  expect(new T[name](4, 8, { dropout: 0.5, layers: 2 }).dropout).toBe(0.5);
  expect(new T[name](4, 8, { dropout: 0 }).dropout).toBe(0);
});

test("a padded kernel may be larger than x, and is not taken for x", () => {
  expect(T.conv2d(ones([1, 1, 2, 2]), ones([1, 1, 3, 3]), { padding: 1 }).shape).toEqual([1, 1, 2, 2]);
});

describe("methods that were taken off their layer", () => {
  test.each(Object.entries(kinds))("forward of %s", (_, [layer, x]) => {
    const { forward } = layer;
    expect(message(() => forward(x))).toMatch(/^forward: must be called on a layer, got undefined; write \(x\) =>/);
  });

  test.each(Object.entries(kinds).filter(([, [layer]]) => "run" in layer))("run of %s", (_, [layer, x]) => {
    const { run } = layer as unknown as { run(x: Tensor): unknown };
    expect(message(() => run(x))).toBe("run: must be called on a layer, got undefined; write (x) => layer.run(x)");
  });
});

test("the state of an optimizer cannot be emptied or exchanged", () => {
  const layer = new T.Linear(2, 3);
  const optimizer = new T.SGD(layer.parameters(), { lr: 0.1, momentum: 0.9 });
  const state = optimizer.state as Map<Tensor, object>;
  for (const change of [() => state.clear(), () => state.delete(layer.weight), () => state.set(layer.weight, {})]) {
    expect(message(change)).toBe("state: cannot be set; use loadStateDict(…)");
  }
  expect(state.size).toBe(2);
});

test("polygamma of high orders far out: n! / xⁿ, where powers of 1 / x are too small for numbers", () => {
  const at = (n: number, x: number): number => T.polygamma(n, tensor(x, { dtype: "float64" })).item();
  // (−1)ⁿ⁺¹ (n − 1)! / xⁿ (1 + n / 2x + …)
  for (const [n, x] of [
    [40, 1e8],
    [100, 1e4],
    [120, 1e4],
    [150, 3000],
  ] as const) {
    let wanted = (n % 2 === 0 ? -1 : 1) / x;
    for (let k = 1; k < n; k++) wanted *= k / x;
    wanted *= 1 + n / (2 * x) + (n * (n + 1)) / (12 * x * x);
    expect(Math.abs(at(n, x) / wanted - 1)).toBeLessThan(1e-6);
  }
});

const augmenting = augment as unknown as { readonly [name in keyof typeof augment]: Loose };
const maps = ones([2, 3, 8, 8]);

test.each<[string, () => unknown, string]>([
  [
    "an image and its mask, not in a list",
    () => augmenting.randomFlip(maps, maps),
    "options must be an object, got a tensor float32[2, 3, 8, 8]; what belongs together is given in a list: [images, masks]",
  ],
  [
    "the padding of a crop in place of its options",
    () => augmenting.randomCrop(maps, [8, 8], 4),
    "randomCrop: options must be an object, got 4; write { padding: 4 }",
  ],
  [
    "noise for a list",
    () => augmenting.randomNoise([maps, maps]),
    "randomNoise: x must be a tensor, got an array of tensors; noise is for images alone: give each that needs it by itself",
  ],
  [
    "a transform by another name",
    () => augmenting.batches({ x: maps, y: [0, 1] }, { augment: (batch: unknown) => batch }),
    "batches: there is no such option, got augment; did you mean transform?",
  ],
  [
    "what only averages have",
    () => (T as unknown as { maxPool2d: Loose }).maxPool2d(maps, 2, { divisorOverride: 2 }),
    "maxPool2d: there is no such option, got divisorOverride; it is for averages: avgPool1d, avgPool2d, avgPool3d",
  ],
  [
    "adaptive pooling without a size",
    () => (T as unknown as { adaptiveMaxPool2d: Loose }).adaptiveMaxPool2d(maps),
    "got undefined; write adaptiveMaxPool2d(x, 1) for the largest of all",
  ],
  [
    "attention for one query",
    () => T.scaledDotProductAttention(ones([4]), ones([3, 4]), ones([3, 4])),
    "got float32[4], float32[3, 4], float32[3, 4]; for a single one, write x.unsqueeze(0)",
  ],
  [
    "the label of what is to be left out",
    () => T.crossEntropy(ones([1, 3, 2, 2]), T.full([1, 2, 2], 255, { dtype: "int32" })),
    "the logits have 3 classes; to leave such places out, pass { ignoreIndex: 255 }",
  ],
  [
    "an activation of a convolution, as in Keras",
    () => new (T.Conv2d as unknown as new (...all: unknown[]) => unknown)(3, 4, 3, { activation: "relu" }),
    "got activation; activations are entries of their own: new Sequential(new Conv2d(…), relu)",
  ],
])("%s", (_, call, wanted) => {
  expect(message(call)).toContain(wanted);
});

test("of square images nothing is said about the order of axes", () => {
  expect(message(() => T.conv2d(maps, ones([2, 8, 1, 1])))).not.toContain("permute");
  expect(message(() => T.conv2d(ones([2, 8, 8, 3]), ones([4, 3, 3, 3])))).toContain("permute(x, [0, 3, 1, 2])");
});
