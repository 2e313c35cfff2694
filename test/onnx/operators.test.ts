import { describe, expect, test } from "vitest";
import { compile } from "../../src/compile/index.ts";
import * as T from "../../src/index.ts";
import { fromOnnx, OnnxError } from "../../src/onnx/index.ts";
import { type AttributeProto, elements, type ModelProto, modelProto } from "../../src/onnx/schema.ts";
import { writeTensor } from "../../src/onnx/tensors.ts";
import { writeMessage } from "../../src/onnx/wire.ts";
import { runInOnnxruntime } from "./runtime.ts";

// Modes of operators that ONNX's own models do not have, compared with onnxruntime.

const text = (name: string, s: string): AttributeProto => ({
  ...{ name, floats: [], ints: [], strings: [] },
  s: new TextEncoder().encode(s),
  type: 3n,
});
const int = (name: string, i: bigint): AttributeProto => ({ name, i, floats: [], ints: [], strings: [], type: 2n });

/** A file of one node: its inputs by name, each with its element type, or a tensor that is in the file. */
function fileOf(
  type: string,
  inputs: { readonly [name: string]: number | T.Tensor },
  attributes: AttributeProto[],
  outputs = ["y"],
  opset = 18n,
  element = 1,
): Uint8Array {
  const info = (name: string, own: number) => ({ name, type: { tensor: { element: BigInt(own) } } });
  const entries = Object.entries(inputs);
  const graph = {
    name: "g",
    nodes: [{ type, inputs: entries.map(([name]) => name), outputs, attributes }],
    initializers: entries.flatMap(([name, x]) =>
      typeof x === "number" ? [] : [writeTensor(x, name, x.dtype === "int32")],
    ),
    sparse: [],
    inputs: entries.flatMap(([name, x]) => (typeof x === "number" ? [info(name, x)] : [])),
    outputs: outputs.map((name) => info(name, element)),
  };
  const model: ModelProto = {
    irVersion: 8n,
    graph,
    opsetImport: [{ domain: "", version: opset }],
    metadata: [],
    functions: [],
  };
  return writeMessage(model, modelProto);
}

const draw = (shape: readonly number[], seed: number): T.Tensor => T.randn(shape, { generator: new T.Generator(seed) });

function expectNear(y: T.Tensor, wanted: T.Tensor): void {
  expect([y.shape, y.dtype]).toEqual([wanted.shape, wanted.dtype]);
  expect(T.max(T.abs(T.sub(y, wanted))).item()).toBeLessThan(1e-4);
}

const gridModes = ["zeros", "border", "reflection"].flatMap((padding) =>
  ["bilinear", "nearest", "bicubic"].flatMap((mode) => [0, 1].map((aligned) => [mode, padding, aligned] as const)),
);
test.each(gridModes)("GridSample %s, %s, align_corners %d is onnxruntime's", async (mode, padding, aligned) => {
  const attributes = [text("mode", mode), text("padding_mode", padding), int("align_corners", BigInt(aligned))];
  const bytes = fileOf("GridSample", { x: 1, grid: 1 }, attributes);
  const given = { x: draw([2, 3, 5, 4], 1), grid: draw([2, 3, 6, 2], 2) };
  const [found] = await runInOnnxruntime(bytes, [given]);
  expectNear(fromOnnx(bytes).model.run(given)["y"]!, found!["y"]!);
});

describe("ScatterND and ScatterElements", () => {
  const x = draw([4, 3], 1);
  const tuples = T.tensor([[1], [3], [1], [1]], { dtype: "int32" });
  const rows = T.tensor([[0, -1, 2], [0, 1, 2]], { dtype: "int32" }); // biome-ignore format: one line
  const cases = ["add", "mul", "min", "max"].flatMap((how) => [
    [how, "ScatterND", tuples, draw([4, 3], 2)] as const,
    [how, "ScatterElements", rows, draw([2, 3], 3)] as const,
  ]);

  test.each(cases)("%s of several elements for one place: %s", async (how, type, index, updates) => {
    const bytes = fileOf(type, { x: 1, index, updates }, [text("reduction", how)]);
    const [found] = await runInOnnxruntime(bytes, [{ x }]);
    const { model } = fromOnnx(bytes);
    expectNear(model.forward(x), found!["y"]!);
    expectNear(compile((x: T.Tensor) => model.forward(x))(x), found!["y"]!);
  });

  test("put bools, and refuse an order that would decide, and reductions that there are not", () => {
    const index = T.tensor([[2], [0]], { dtype: "int32" });
    const bools = fileOf("ScatterND", { x: elements.bool, index, updates: T.tensor([false, true]) }, [], ["y"], 18n, 9);
    expect(
      fromOnnx(bools)
        .model.forward(T.tensor([false, false, true]))
        .toArray(),
    ).toEqual([true, false, false]);
    const of = (how: string) => () =>
      fromOnnx(fileOf("ScatterND", { x: 1, index: tuples, updates: draw([4, 3], 2) }, [text("reduction", how)])).model.forward(x); // biome-ignore format: one line
    expect(of("none")).toThrow("ScatterND (y): indices must differ, got one twice");
    expect(of("sum")).toThrow("ScatterND (y): the reduction must be none, add, mul, min or max, got sum");
  });

  test("gradients flow through a product", () => {
    const own = T.randn([4, 3], { generator: new T.Generator(1), requiresGrad: true });
    const index = T.tensor([[1]], { dtype: "int32" });
    const bytes = fileOf("ScatterND", { x: 1, index, updates: T.full([1, 3], 5) }, [text("reduction", "mul")]);
    T.sum(fromOnnx(bytes).model.forward(own)).backward();
    expect(own.grad!.toArray()).toEqual([[1, 1, 1], [5, 5, 5], [1, 1, 1], [1, 1, 1]]); // biome-ignore format: one line
  });
});

test("BatchNormalization in training gives new statistics, as PyTorch's formula has them", () => {
  const state = { scale: draw([2], 2), bias: draw([2], 3), mean: T.zeros([2]), variance: T.ones([2]) };
  const bytes = fileOf("BatchNormalization", { x: 1, ...state }, [int("training_mode", 1n)], ["y", "m", "v"], 15n);
  const x = draw([3, 2, 4], 1);
  const found = fromOnnx(bytes).model.run({ x });
  const layer = new T.BatchNorm1d(2);
  layer.loadStateDict({ ...Object.fromEntries(layer.stateDict()), weight: state.scale, bias: state.bias });
  expectNear(found["y"]!, layer.forward(x));
  expectNear(found["m"]!, T.mean(x, [0, 2]).mul(0.1));
  expectNear(found["v"]!, T.variance(x, [0, 2], { correction: 0 }).mul(0.1).add(0.9));
});

test("BitShift is of integers without a sign, and loses what goes over their width", () => {
  const of = (element: number, direction: string) =>
    fromOnnx(fileOf("BitShift", { x: element, by: element }, [text("direction", direction)], ["y"], 18n, element))
      .model;
  const given = { x: T.tensor([200, 1], { dtype: "int32" }), by: T.tensor([1, 9], { dtype: "int32" }) };
  expect(of(elements.uint8, "LEFT").run(given)["y"]!.toArray()).toEqual([144, 0]);
  expect(of(elements.uint16, "LEFT").run(given)["y"]!.toArray()).toEqual([400, 512]);
  expect(of(elements.uint8, "RIGHT").run(given)["y"]!.toArray()).toEqual([100, 0]);
  expect(() => of(elements.int32, "LEFT").run(given)).toThrow(OnnxError);
  expect(() => of(elements.int32, "LEFT").run(given)).toThrow("must be of integers without a sign, got int32");
  expect(() => of(elements.uint8, "UP").run(given)).toThrow("the direction must be LEFT or RIGHT, got UP");
});
