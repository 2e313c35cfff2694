import { describe, expect, test } from "vitest";
import { compile } from "../../src/compile/index.ts";
import * as T from "../../src/index.ts";
import { fromOnnx, OnnxError } from "../../src/onnx/index.ts";
import { modelProto, type NodeProto, type TensorProto } from "../../src/onnx/schema.ts";
import { writeTensor } from "../../src/onnx/tensors.ts";
import { writeMessage } from "../../src/onnx/wire.ts";

/** A model from x of any shape to y. */
function model(
  nodes: readonly Partial<NodeProto>[],
  initializers: readonly TensorProto[] = [],
  opset = 17n,
): Uint8Array {
  const info = (name: string) => ({ name, type: { tensor: { element: 1n } } });
  const graph = {
    nodes: nodes.map((node) => ({ inputs: ["x"], outputs: ["y"], attributes: [], ...node })),
    initializers: [...initializers],
    sparse: [],
    inputs: [info("x")],
    outputs: [info("y")],
  };
  return writeMessage(
    { irVersion: 8n, graph, opsetImport: [{ domain: "", version: opset }], metadata: [], functions: [] },
    modelProto,
  );
}

const ints = (name: string, value: readonly bigint[]) => ({
  name,
  ints: [...value],
  floats: [],
  strings: [],
  type: 7n,
});
const list = (name: string, values: readonly number[]) => writeTensor(T.tensor(Float64Array.from(values)), name, true);

describe("what is too large is refused before memory is taken", () => {
  const nothing = { ...writeTensor(T.zeros([0]), "w"), dims: [0n, 10n ** 9n] };
  const often = {
    type: "Concat",
    inputs: new Array<string>(2 ** 11).fill("x"),
    attributes: [{ name: "axis", i: 0n, ints: [], floats: [], strings: [], type: 2n }],
  };
  const pool = (type: string) => ({
    type,
    attributes: [ints("kernel_shape", [20000n, 20000n]), ints("pads", [10000n, 10000n, 10000n, 10000n])],
  });
  const cases: [what: string, bytes: Uint8Array, shape: number[]][] = [
    ["EyeLike of no rows", model([{ type: "EyeLike", inputs: ["w"] }], [nothing]), [1]],
    ["EyeLike of no rows in a run", model([{ type: "EyeLike" }]), [0, 10 ** 9]],
    ["Expand", model([{ type: "Expand", inputs: ["x", "w"] }], [list("w", [40000, 40000])]), [1, 1]],
    ["Tile", model([{ type: "Tile", inputs: ["x", "w"] }], [list("w", [40000, 40000])]), [1, 1]],
    ["Pad", model([{ type: "Pad", inputs: ["x", "w"] }], [list("w", [0, 0, 40000, 40000])]), [1, 1]],
    ["Concat of a value with itself", model([often]), [2 ** 18]],
    ["MaxPool", model([pool("MaxPool")]), [1, 1, 4, 4]],
    ["AveragePool", model([pool("AveragePool")]), [1, 1, 4, 4]],
    [
      "ConvTranspose",
      model(
        [{ type: "ConvTranspose", inputs: ["x", "w"], attributes: [ints("output_shape", [40000n, 40000n])] }],
        [writeTensor(T.ones([1, 1, 2, 2]), "w")],
      ),
      [1, 1, 2, 2],
    ],
    [
      "Resize",
      model([{ type: "Resize", inputs: ["x", "", "", "w"] }], [list("w", [1, 1, 40000, 40000])]),
      [1, 1, 1, 1],
    ],
  ];
  const [tall, wide] = [writeTensor(T.zeros([2 ** 15, 1]), "w"), writeTensor(T.zeros([1, 2 ** 15]), "v")];
  const grown = { type: "Add", inputs: ["x", "w"], outputs: ["u"] };
  for (const type of ["Add", "Mul", "MatMul", "Pow", "Equal", "Max", "Sum", "PRelu"]) {
    cases.push([`${type} of a column and a row`, model([grown, { type, inputs: ["u", "v"] }], [tall, wide]), [1]]);
  }
  const text = {
    name: "equation",
    s: new TextEncoder().encode("ij,kl->ijkl"),
    ints: [],
    floats: [],
    strings: [],
    type: 3n,
  };
  cases.push(["Einsum of a column and a row", model([grown, { type: "Einsum", inputs: ["u", "v"], attributes: [text] }], [tall, wide]), [1]]); // biome-ignore format: one line
  const chosen = { type: "Where", inputs: ["c", "u", "v"] };
  cases.push(["Where of a column and a row", model([grown, { type: "Greater", inputs: ["u", "x"], outputs: ["c"] }, chosen], [tall, wide]), [1]]); // biome-ignore format: one line
  test.each(cases)("%s", (_, bytes, shape) => {
    const run = () => fromOnnx(bytes).model.forward(T.zeros(shape));
    expect(run).toThrow(OnnxError);
    expect(run).toThrow(/elements/);
  });

  test("many values, each of which is small enough", () => {
    const value = { name: "value", t: writeTensor(T.tensor([false])), ints: [], floats: [], strings: [], type: 4n };
    const many = Array.from({ length: 5 }, (_, i) => {
      return { type: "ConstantOfShape", inputs: ["w"], outputs: [`v${i}`], attributes: [value] };
    });
    const read = () => fromOnnx(model([...many, { type: "Relu" }], [list("w", [2 ** 25])]));
    expect(read).toThrow(OnnxError);
    expect(read).toThrow("what is known of a model may have 134217728 elements in all, got 167772160 or more");
  });

  test("when a run is compiled, too, and inputs of many elements may make more", () => {
    const { model: read } = fromOnnx(model([grown, { type: "Mul", inputs: ["u", "v"] }], [tall, wide]));
    expect(() => compile((x: T.Tensor) => read.forward(x))(T.zeros([1]))).toThrow(/a value may have \d+ elements/);
    const [column, row] = [writeTensor(T.ones([300, 1]), "w"), writeTensor(T.ones([1, 300]), "v")];
    const small = fromOnnx(model([grown, { type: "Mul", inputs: ["u", "v"] }], [column, row])).model;
    expect(small.forward(T.zeros([1])).shape).toEqual([300, 300]);
  });
});

test.each(["RNN", "LSTM", "GRU"])("%s of another hidden_size than its weights have is refused at once", (type) => {
  const gates = { RNN: 1, LSTM: 4, GRU: 3 }[type]!;
  const weights = [["w", 2], ["r", 3]].map(([name, n]) => writeTensor(T.zeros([1, 3 * gates, n as number]), name as string)); // biome-ignore format: one line
  const size = { name: "hidden_size", i: 10n ** 9n, ints: [], floats: [], strings: [], type: 2n };
  const bytes = model([{ type, inputs: ["x", "w", "r"], attributes: [size] }], weights);
  const run = () => fromOnnx(bytes).model.forward(T.zeros([2, 1, 2]));
  expect(run).toThrow(OnnxError);
  expect(run).toThrow("hidden_size must be that of the recurrent weights, got 1000000000 and 3");
});

describe("scales of float32", () => {
  test.each([
    ["Resize", 1.3, 10, 13],
    ["Resize", 1.1, 10, 11],
    ["Resize", 0.7, 10, 7],
    ["Resize", 2.5, 3, 7],
  ])("%s by %d makes of %d %d", (type, scale, n, wanted) => {
    const scales = writeTensor(T.tensor(Float32Array.of(1, 1, scale)), "w");
    const bytes = model([{ type, inputs: ["x", "", "w"] }], [scales]);
    expect(fromOnnx(bytes).model.forward(T.zeros([1, 1, n])).shape).toEqual([1, 1, wanted]);
    const old = model([{ type: "Upsample", inputs: ["x", "w"] }], [scales], 9n);
    expect(fromOnnx(old).model.forward(T.zeros([1, 1, n])).shape).toEqual([1, 1, wanted]);
  });
});

test("operator sets that are newer than what is known are refused", () => {
  const relu = (opset: bigint) => fromOnnx(model([{ type: "Relu" }], [], opset)).model.forward(T.tensor([-1, 2]));
  expect(relu(24n).toArray()).toEqual([0, 2]);
  expect(() => relu(25n)).toThrow(OnnxError);
  expect(() => relu(25n)).toThrow("fromOnnx: the operator set must be one of version 1 to 24, got 25; write the file");
});
