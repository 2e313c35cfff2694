import { describe, expect, test } from "vitest";
import { version } from "../../package.json";
import * as T from "../../src/index.ts";
import { fromJSON } from "../../src/model/index.ts";
import { fromOnnx, OnnxError, toOnnx } from "../../src/onnx/index.ts";
import { elements, type ModelProto, modelProto, type NodeProto, type TensorProto } from "../../src/onnx/schema.ts";
import { readMessage, writeMessage } from "../../src/onnx/wire.ts";

// What stands in a file beside the graph, and numbers and texts at the edge of what it can hold.

const empty: Omit<TensorProto, "dims"> = {
  ...{ floats: [], int32s: [], strings: [], int64s: [], doubles: [], uint64s: [], external: [] },
  name: "w",
};

/** A model of one node on x and a tensor of the file. */
function fileOf(w: TensorProto, type = "Identity", inputs = ["w"], more: Partial<ModelProto> = {}): Uint8Array {
  const info = (name: string, element: number) => ({ name, type: { tensor: { element: BigInt(element) } } });
  const node: NodeProto = { type, inputs, outputs: ["y"], attributes: [] };
  const graph = { nodes: [node], initializers: [w], sparse: [], inputs: [info("x", 7)], outputs: [{ name: "y" }] };
  const opsetImport = [{ domain: "", version: 17n }];
  return writeMessage({ irVersion: 8n, graph, opsetImport, metadata: [], functions: [], ...more }, modelProto);
}

const read = (w: TensorProto): T.Tensor => fromOnnx(fileOf(w)).model.run({ x: T.zeros([1], { dtype: "int32" }) })["y"]!;

describe("halves are widened exactly, all 65,536 of them", () => {
  const bits = Uint16Array.from({ length: 2 ** 16 }, (_, i) => i);
  const float16 = (b: number): number => {
    const [exponent, fraction] = [(b >> 10) & 31, b & 1023];
    const size =
      exponent === 31
        ? fraction === 0
          ? Number.POSITIVE_INFINITY
          : Number.NaN
        : exponent === 0
          ? fraction * 2 ** -24
          : (1024 + fraction) * 2 ** (exponent - 25);
    return b >> 15 === 0 ? size : -size;
  };
  const bfloat16 = (b: number): number => new Float32Array(Uint32Array.of(b << 16).buffer)[0]!;
  const [raw, int32s] = [new Uint8Array(bits.buffer), Array.from(bits, BigInt)];

  test.each([
    ["float16", elements.float16, float16],
    ["bfloat16", elements.bfloat16, bfloat16],
  ] as const)("%s, as raw bytes and in the field for integers", (_, type, wanted) => {
    for (const data of [{ raw }, { int32s }]) {
      const y = read({ ...empty, dims: [65536n], dataType: BigInt(type), ...data });
      expect(y.dtype).toBe("float32");
      let wrong = 0;
      y.data.forEach((v, i) => {
        if (!Object.is(v, Math.fround(wanted(i)))) wrong++;
      });
      expect(wrong).toBe(0);
    }
  });
});

describe("int64", () => {
  const int64 = (...values: bigint[]): TensorProto => {
    return { ...empty, dims: [BigInt(values.length)], dataType: 7n, int64s: values };
  };

  test("values that are exact are; others are refused, but for those that mean the end", () => {
    const twice = (w: TensorProto) => fromOnnx(fileOf(w, "Slice", ["x", "z", "w"], {})).model; // only read
    expect(() => twice(int64(2n ** 53n + 1n))).toThrow(OnnxError);
    expect(() => twice(int64(2n ** 53n + 1n))).toThrow('integers must be from −2⁵³ to 2⁵³ to be exact here, got about 9007199254740992 in "w"'); // biome-ignore format: one line
    const raw = new Uint8Array(BigInt64Array.of(-(2n ** 60n)).buffer);
    expect(() => twice({ ...empty, dims: [1n], dataType: 7n, raw })).toThrow("integers must be from");
    expect(() => twice({ ...empty, dims: [1n], dataType: 13n, uint64s: [2n ** 60n] })).toThrow("integers must be from");
    expect(read(int64(2n ** 31n - 1n, -(2n ** 31n))).toArray()).toEqual([2147483647, -2147483648]);
  });

  test("a value that a run would need, and int32 does not hold, is refused with the node", () => {
    const { model } = fromOnnx(fileOf(int64(2n ** 40n), "Add", ["x", "w"]));
    const run = () => model.run({ x: T.zeros([1], { dtype: "int32" }) });
    expect(run).toThrow(T.TinygradError);
    expect(run).toThrow("Add (y): to: int32 cannot hold it, got 1099511627776 at index 0");
  });
});

describe("texts that are not UTF-8 are refused", () => {
  const bytes = toOnnx(new T.Linear(3, 2), { inputs: { pixels: ["batch", 3] } });

  test.each(["pixels", "batch", "weight", "tinygrad-ts", "Gemm"])("in the place of %s", (text) => {
    const at = Buffer.from(bytes).indexOf(text);
    expect(at).toBeGreaterThan(0);
    for (const wrong of [[0xff], [0xc0, 0xaf], [0xed, 0xa0, 0x80]]) {
      const other = bytes.slice();
      other.set(wrong, at);
      expect(() => fromOnnx(other)).toThrow(OnnxError);
      expect(() => fromOnnx(other)).toThrow("a text that is not UTF-8");
    }
  });
});

describe("what is written", () => {
  test("has the library's version and the architecture as JSON beside the graph", () => {
    const model = new T.Sequential(new T.Linear(3, 4), T.relu, new T.Linear(4, 2));
    const bytes = toOnnx(model, { inputs: { x: ["batch", 3] } });
    const file = readMessage("test", bytes, modelProto);
    expect([file.producerName, file.producerVersion, file.irVersion]).toEqual(["tinygrad-ts", version, 8n]);
    const text = file.metadata.find(({ key }) => key === "tinygrad-ts.architecture")?.value;
    expect(text).toBe(JSON.stringify(model));
    const again = fromJSON(JSON.parse(text!));
    again.loadStateDict(fromOnnx(bytes).model.stateDict());
    expect(again.forward(T.ones([2, 3])).toArray()).toEqual(model.forward(T.ones([2, 3])).toArray());
  });

  test("is less than 2 GiB, which is known before memory is taken", () => {
    const never = (): never => {
      throw new Error("values were asked for");
    };
    class Huge extends T.Layer {
      weight: T.Tensor;
      constructor(rows: number) {
        super();
        this.weight = new T.Tensor(never, [rows, 2 ** 15], "float32");
      }
      override forward(x: T.Tensor): T.Tensor {
        return T.matmul(x, this.weight);
      }
    }
    const write = (rows: number) => () => toOnnx(new Huge(rows), { inputs: { x: ["batch", rows] } });
    expect(write(2 ** 14)).toThrow("toOnnx: a file holds less than 2 GiB, got 2147483648 bytes of weights; save the weights as safetensors"); // biome-ignore format: one line
    expect(write(2 ** 14)).toThrow(OnnxError);
    expect(write(2 ** 13)).toThrow("values were asked for"); // those that fit are written
  });
});
