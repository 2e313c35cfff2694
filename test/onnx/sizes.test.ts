import { describe, expect, test } from "vitest";
import * as T from "../../src/index.ts";
import { fromOnnx, OnnxError, toOnnx } from "../../src/onnx/index.ts";
import { modelProto } from "../../src/onnx/schema.ts";
import { readMessage } from "../../src/onnx/wire.ts";
import { runInOnnxruntime } from "./runtime.ts";

// What a program does with a size that has a name: what holds at all sizes is written, and the rest refused, with the size at which it changes.

const n = (x: T.Tensor): number => x.shape[0]!;
const draw = (size: number): T.Tensor => T.randn([size, 3], { generator: new T.Generator(size) });
const inputs = { x: ["batch", 3] };
const sizes = [1, 2, 3, 10, 11, 31, 32, 33, 50, 63, 64, 65, 100, 333, 1000];

function expectSame(y: T.Tensor, wanted: T.Tensor): void {
  expect(y.shape).toEqual(wanted.shape);
  expect(T.max(T.abs(T.sub(y, wanted))).item()).toBeLessThan(1e-4);
}

test.each<[what: string, forward: (x: T.Tensor) => T.Tensor]>([
  ["the first 64", (x) => x.slice([0, 64]).mul(2)],
  ["the last 64", (x) => x.slice([-64]).mul(2)],
  ["all but the last", (x) => x.slice([0, -1]).sum(0)],
  ["backwards", (x) => x.slice([null, null, -1])],
  ["Math.min", (x) => x.slice([0, Math.min(n(x), 32)]).sum(0)],
  ["Math.max", (x) => x.mul(T.ones([Math.max(n(x), 40), 1]).sum())],
  ["a reshape to what it is, for one sample", (x) => x.reshape([1, -1]).reshape([-1, 3])],
])("%s is right at all sizes, here and in onnxruntime", async (_, forward) => {
  const model = new T.Lambda(forward);
  const bytes = toOnnx(model, { inputs });
  const batches = sizes.map((size) => ({ x: draw(size) }));
  const outputs = await runInOnnxruntime(bytes, batches);
  const { model: back } = fromOnnx(bytes);
  batches.forEach(({ x }, i) => {
    expectSame(back.forward(x), model.forward(x));
    expectSame(outputs[i]!["output"]!, model.forward(x));
  });
});

test.each<[what: string, dtype: T.DType, forward: (x: T.Tensor) => T.Tensor]>([
  ["a step of a tenth", "float64", (x) => T.arange(0, 0.1 * (n(x) - 0.5), 0.1, { dtype: "float64" })],
  ["a step of a quarter", "float32", (x) => T.arange(0, 0.25 * n(x), 0.25)],
  ["a fractional start", "float64", (x) => T.arange(0.3, n(x) + 0.3, 1, { dtype: "float64" })],
  ["a step down from 0", "float64", (x) => T.div(1, T.arange(0, -0.5 * n(x), -0.5, { dtype: "float64" }))],
  ["a step down", "int32", (x) => T.arange(7, 7 - 3 * n(x), -3, { dtype: "int32" })],
])("arange with %s has as many elements in the file", async (_, dtype, make) => {
  const model = new T.Lambda((x) => T.add(x.mul(0).sum(1).to(dtype), make(x)));
  const bytes = toOnnx(model, { inputs });
  const batches = [1, 2, 3, 6, 10, 11, 50, 333].map((size) => ({ x: draw(size) }));
  const outputs = await runInOnnxruntime(bytes, batches);
  batches.forEach(({ x }, i) => {
    expect(outputs[i]!["output"]!.toArray()).toEqual(model.forward(x).toArray());
    expect(fromOnnx(bytes).model.forward(x).toArray()).toEqual(model.forward(x).toArray());
  });
});

const table = T.randn([40, 3], { generator: new T.Generator(3) });
test.each<[what: string, make: () => T.Tensor]>([
  ["has from outside", () => table],
  ["makes at each call", () => table.mul(1)],
  ["copies at each call", () => T.tensor(table.toArray() as number[][])],
])("a table that forward %s is cut to the length, up to its own", async (_, make) => {
  const model = new T.Lambda((x) => x.add(make().slice([0, n(x)])));
  const bytes = toOnnx(model, { inputs, sizes: { batch: [1, 40] } });
  const batches = [1, 17, 39, 40].map((size) => ({ x: draw(size) }));
  const outputs = await runInOnnxruntime(bytes, batches);
  batches.forEach(({ x }, i) => expectSame(outputs[i]!["output"]!, model.forward(x)));
  expectSame(fromOnnx(bytes).model.forward(draw(40)), model.forward(draw(40)));
});

test("another table at the length of the table is seen", () => {
  const model = new T.Lambda((x) => x.add(n(x) === 40 ? T.ones([40, 3]) : table.slice([0, n(x)])));
  expect(() => toOnnx(model, { inputs, sizes: { batch: [1, 40] } })).toThrow("sizes: { batch: [1, 39] }");
});

test("a table that is another where it is used again is seen", () => {
  const other = T.ones([40, 3]);
  const model = new T.Lambda((x) => {
    return x.add(table.slice([0, n(x)])).add((n(x) === 40 ? other : table).sum());
  });
  expect(() => toOnnx(model, { inputs, sizes: { batch: [1, 40] } })).toThrow("sizes: { batch: [1, 39] }");
});

test("attention that was read is written again, with a length that has a name", () => {
  const attention = new T.MultiheadAttention(8, 2, { generator: new T.Generator(4) });
  const shape = { x: ["batch", "length", 8] };
  const forward = ({ x }: { readonly [name: string]: T.Tensor }) => ({ output: attention.forward(x!, x!, x!) });
  const { model } = fromOnnx(toOnnx(attention, { inputs: shape, forward }));
  const again = fromOnnx(toOnnx(model, { inputs: shape })).model;
  const x = T.randn([3, 7, 8], { generator: new T.Generator(5) });
  expectSame(again.forward(x), attention.forward(x, x, x));
});

test.each([11, 13, 14])("a decision at size %i alone is seen", (at) => {
  const write = () => toOnnx(new T.Lambda((x) => (n(x) === at ? x.exp() : x.neg())), { inputs });
  expect(write).toThrow(OnnxError);
});

const own = [T.full([3], 2), T.full([3], 3)] as const;
test.each<[what: string, forward: (x: T.Tensor) => T.Tensor, range: string]>([
  ["another op", (x) => (n(x) > 10 ? x.relu() : x.neg()), "[1, 10]"],
  ["no op", (x) => (n(x) === 1 ? x : x.sub(x.mean(0))), "[2, Infinity]"],
  ["another attribute", (x) => x.clamp(n(x) > 20 ? 1 : 0, 5), "[1, 20]"],
  ["another number", (x) => x.mul(n(x) > 1000 ? 2 : 3), "[1, 1000]"],
  ["another tensor from outside", (x) => x.mul(own[1]).add(own[n(x) > 300 ? 0 : 1]!), "[1, 300]"],
  ["other operands", (x) => (n(x) > 20 ? x.sub(x.exp()) : x.exp().sub(x)), "[1, 20]"],
  ["an end that is another from somewhere on", (x) => x.slice([0, n(x) > 60 ? 50 : n(x)]), "[1, 50]"],
  ["half of a size", (x) => x.slice([0, n(x) >> 1]), "a number must follow from the sizes of the inputs"],
  [
    "another eps in a function that is one operator",
    (x) => T.layerNorm(x, 3, { eps: n(x) > 77 ? 1 : 1e-5 }),
    "[1, 77]",
  ],
  ["another result", (x) => [x.exp(), x.neg()][Number(n(x) > 40)]!, "[1, 40]"],
])("%s at some sizes is refused, with those at which it is the same", (_, forward, range) => {
  const write = () => toOnnx(new T.Lambda(forward), { inputs });
  expect(write).toThrow(OnnxError);
  expect(write).toThrow(range);
});

test("a decision between two sizes with names is seen in both orders, and where they are equal", () => {
  const write = (forward: (x: T.Tensor) => T.Tensor) => () =>
    toOnnx(new T.Lambda(forward), { inputs: { x: ["h", "w"] } });
  expect(write((x) => (x.shape[0]! > x.shape[1]! ? x.exp() : x.neg()))).toThrow(OnnxError);
  expect(write((x) => (x.shape[0]! === x.shape[1]! ? x.exp() : x.neg()))).toThrow(OnnxError);
});

test.each<[what: string, model: T.Layer]>([
  ["LSTM", new T.LSTM(3, 4)],
  ["GRU", new T.GRU(3, 4)],
])("a loop over the steps of a sequence is refused with what to write, by its name alone: %s", (_, model) => {
  const write = () => toOnnx(model, { inputs: { x: ["batch", "time", 3] } });
  expect(write).toThrow('a loop is as long as time, as in a recurrent layer: give a number instead of "time"');
  expect(toOnnx(model, { inputs: { x: ["batch", 2, 3] } }).length).toBeGreaterThan(0);
});

test("images of any size are pooled as a whole", async () => {
  const generator = new T.Generator(1);
  const model = new T.Sequential(
    new T.Conv2d(3, 4, 3, { generator }),
    new T.AdaptiveAvgPool2d(1),
    new T.Flatten(),
    new T.Linear(4, 2, { generator }),
  );
  const bytes = toOnnx(model, { inputs: { x: ["n", 3, "h", "w"] } });
  const shapes = [[1, 3, 3, 3], [2, 3, 9, 5], [1, 3, 40, 33]] as const; // biome-ignore format: one line
  const batches = shapes.map((shape) => ({ x: T.randn(shape, { generator }) }));
  const outputs = await runInOnnxruntime(bytes, batches);
  batches.forEach(({ x }, i) => expectSame(outputs[i]!["output"]!, model.forward(x)));
});

test("indices need a dtype, which the error says how to write", () => {
  expect(() => toOnnx(new T.Embedding(10, 3), { inputs: { x: ["batch", 5] } })).toThrow(
    'toOnnx: indices must be int32, got float32 for embedding; if it is an input, write inputs: { x: { shape: ["batch",5], dtype: "int32" } }',
  );
  expect(() => toOnnx(new T.Linear(3, 2), { inputs: { x: T.ones([2, 3]) as never } })).toThrow(
    'toOnnx: an input is given by its shape, got a tensor float32[2, 3]; write x: ["batch", 3]',
  );
});

describe("sizes that are stated", () => {
  const model = new T.Lambda((x) => (n(x) > 10 ? x.relu() : x.neg()));

  test.each<[range: [number, number], inside: number[], outside: number[], rule: string]>([
    [[1, 10], [1, 2, 7, 10], [11, 64, 1000], "batch must be from 1 to 10"],
    [[11, Number.POSITIVE_INFINITY], [11, 12, 500], [1, 10], "batch must be 11 or more"],
    [[3, 4], [3, 4], [1, 2, 5, 6], "batch must be from 3 to 4"],
  ])("%j: right inside, and refused outside when the file is run", async (range, inside, outside, rule) => {
    const bytes = toOnnx(model, { inputs, sizes: { batch: range } });
    const { model: back } = fromOnnx(bytes);
    for (const size of inside) expectSame(back.forward(draw(size)), model.forward(draw(size)));
    const found = await runInOnnxruntime(bytes, inside.map((size) => ({ x: draw(size) }))); // biome-ignore format: one line
    found.forEach(({ output }, i) => expectSame(output!, model.forward(draw(inside[i]!))));
    for (const size of outside) {
      expect(() => back.forward(draw(size))).toThrow(rule);
      await expect(runInOnnxruntime(bytes, [{ x: draw(size) }])).rejects.toThrow("requested shape");
    }
  });

  test("are in the file's remarks; each size of a small range is tried", () => {
    const { metadata } = readMessage("test", toOnnx(model, { inputs, sizes: { batch: [1, 10] } }), modelProto);
    expect(metadata.find(({ key }) => key === "tinygrad-ts.sizes")?.value).toBe('{"batch":[1,10]}');
    const odd = new T.Lambda((x) => (n(x) === 177 ? x.relu() : x.neg()));
    expect(() => toOnnx(odd, { inputs, sizes: { batch: [1, 200] } })).toThrow("sizes: { batch: [1, 176] }");
  });

  test.each<[sizes: unknown, message: string]>([
    [{ batch: 64 }, "toOnnx: a range must be the smallest and a larger size, from 1 on, got 64 for batch"],
    [{ batch: [0, 64] }, "got [0, 64] for batch; write sizes: { batch: [1, 64] }"],
    [{ batch: ["1", 3] }, 'got ["1", 3] for batch'],
    [{ batch: [4, 4] }, "got [4, 4] for batch"],
    [{ bath: [1, 64] }, "toOnnx: sizes must be those of axes that have names, got bath; there are batch"],
    [[1, 64], "toOnnx: sizes must be ranges by name, got an array; write sizes"],
  ])("%j are refused", (given, message) => {
    expect(() => toOnnx(model, { inputs, sizes: given as never })).toThrow(message);
  });

  test("sizes that the model itself refuses are refused by the file", async () => {
    const padded = new T.ReflectionPad2d(1);
    const bytes = toOnnx(padded, { inputs: { x: ["n", 1, "h", 4] } });
    const image = (h: number): T.Tensor => T.randn([2, 1, h, 4], { generator: new T.Generator(h) });
    const outputs = await runInOnnxruntime(bytes, [{ x: image(2) }, { x: image(3) }, { x: image(50) }]);
    [2, 3, 50].forEach((h, i) => {
      expectSame(outputs[i]!["output"]!, padded.forward(image(h)));
      expectSame(fromOnnx(bytes).model.forward(image(h)), padded.forward(image(h)));
    });
    expect(() => padded.forward(image(1))).toThrow(T.ShapeError);
    expect(() => fromOnnx(bytes).model.forward(image(1))).toThrow("h must be 2 or more");
    const positions = new T.LearnedPositions(40, 4);
    const long = toOnnx(positions, { inputs: { x: ["batch", "length", 4] } });
    const words = (length: number): T.Tensor => T.zeros([2, length, 4]);
    expectSame(fromOnnx(long).model.forward(words(40)), positions.forward(words(40)));
    expect(() => fromOnnx(long).model.forward(words(41))).toThrow("length must be from 1 to 40");
  });
});

test.each<[what: string, model: T.Layer, options: Parameters<typeof toOnnx>[1]]>([
  ["an input and an output", new T.Lambda((x) => x.exp()), { inputs: { output: [2] } }],
  ["an input and a weight", new T.Linear(3, 2), { inputs: { weight: [2, 3] } }],
  ["an output and a weight", new T.Linear(3, 2), { inputs, forward: ({ x }) => ({ bias: x!.exp() }) }],
  ["an output without a name", new T.Linear(3, 2), { inputs, forward: ({ x }) => ({ "": x!.exp() }) }],
])("%s of the same name are refused, and not renamed", (_, model, options) => {
  expect(() => toOnnx(model, options)).toThrow(/^toOnnx: names of inputs, outputs and tensors must differ/);
});

test.each<[what: string, options: Parameters<typeof toOnnx>[1]]>([
  ["an input", { inputs: { "\udc00": [2] } }],
  ["an output", { inputs: { x: [2] }, forward: ({ x }) => ({ "\udc00": x! }) }],
])("the name of %s must be one that a file can hold", (kind, options) => {
  const message = `a name must be text that UTF-8 can hold, got "\\udc00" for ${kind}`;
  expect(() => toOnnx(new T.Sequential(), options)).toThrow(message);
});

test("a tensor that forward makes without an op, and that cannot be written, is refused", () => {
  const model = new T.Lambda((x) => T.linspace(0, 1, n(x) + 2));
  expect(() => toOnnx(model, { inputs })).toThrow(OnnxError);
  expect(() => toOnnx(model, { inputs })).toThrow("for an output");
});

describe("what a model throws at sizes that were tried says so", () => {
  test.each<[what: string, model: T.Layer, shape: (number | string)[], message: string]>([
    ["another width", new T.Linear(4, 2), ["batch", 5], "x must be […, 4], got float32[2, 5]; tried at batch = 2"],
    ["a width that is fixed", new T.Linear(4, 2), ["n", "width"], "tried at n = 2, width = 3"],
    [
      "not what is wrong at the smallest sizes only",
      new T.Sequential(new T.Conv2d(1, 2, 5), new T.Flatten(), new T.Linear(8, 2)),
      ["batch", 1, "h", "w"],
      "Sequential[2] Linear(8, 2): x must be […, 8], got float32[8, 60]; samples are rows, so transpose it: x.T; tried at batch = 8, h = 9, w = 10",
    ],
  ])("%s", (_, model, shape, message) => {
    const write = () => toOnnx(model, { inputs: { x: shape } });
    expect(write).toThrow(T.ShapeError);
    expect(write).toThrow(message);
    try {
      write();
    } catch (error) {
      expect((error as T.ShapeError).message.endsWith((error as T.ShapeError).hint)).toBe(true);
      expect((error as Error).stack).toContain(message);
    }
  });

  test("but not where all sizes are given", () => {
    expect(() => toOnnx(new T.Linear(4, 2), { inputs: { x: [2, 5] } })).toThrow(/got float32\[2, 5\]$/);
  });
});

test.each<[given: unknown, message: string]>([
  [null, "a shape must be a list of whole numbers and names, got null for x; write { inputs:"],
  ["batch", 'must be a list of whole numbers and names, got "batch", a string for x'],
  [{ shape: null }, "must be a list of whole numbers and names, got null for x"],
  [["", 4], 'got ["", 4] for x; a name must not be empty; write a name for an axis of any size: ["batch", 784]'],
  [[-1, 4], 'got [-1, 4] for x; write a name for an axis of any size: ["batch", 784]'],
  [[null, 4], "got [null, 4] for x; write a name"],
  [[undefined, 4], "got [undefined, 4] for x; write a name"],
  [[" ", 4], 'got [" ", 4] for x; a name must not be empty'],
  [["\ud800", 4], 'got ["\\ud800", 4] for x; a name must be text that UTF-8 can hold'],
  [["batch", "4"], 'got ["batch", "4"] for x; write 4 without quotes for a size, or a name'],
])("a shape that is none says what to write: %j", (given, message) => {
  expect(() => toOnnx(new T.Linear(4, 2), { inputs: { x: given as never } })).toThrow(T.ValueError);
  expect(() => toOnnx(new T.Linear(4, 2), { inputs: { x: given as never } })).toThrow(message);
});

test("a bigint is no size", () => {
  const write = (shape: unknown) => () => toOnnx(new T.Sequential(), { inputs: { x: shape as never } });
  expect(write([2n, 4])).toThrow("got [2n, 4] for x; write 2 for a size, or a name");
  expect(write([[2n], 4])).toThrow("got [[2n], 4] for x; write a name");
  const sizes = { batch: [1n, 3] as never };
  expect(() => toOnnx(new T.Sequential(), { inputs, sizes })).toThrow("got [1n, 3] for batch");
});

test("run names the nearest input, and of those the one that is missing", () => {
  const options = { inputs: { left: ["batch", 3], right: ["batch", 4] } };
  const { model } = fromOnnx(toOnnx(new T.Bilinear(3, 4, 2), options));
  const [left, right] = [T.ones([2, 3]), T.ones([2, 4])];
  expect(() => model.run({ left, rigth: right })).toThrow("there is no such input, got rigth; did you mean right?");
  expect(() => model.run({ left, right, light: left })).toThrow(T.ValueError);
  expect(() => model.run({ left, right, mask: left })).toThrow("got mask; there are left, right");
  expect(() => (model.run as (...args: unknown[]) => unknown)({ left }, { right })).toThrow(
    "write all inputs in one object",
  );
});
