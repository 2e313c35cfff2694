import fc from "fast-check";
import { tensorOf } from "tinygrad-ts/fast-check";
import { describe, expect, test } from "vitest";
import { Linear, mlp, type Tensor, tensor, ValueError, zeros } from "../../src/index.ts";
import { decode, decodeMetadata, encode, SafetensorsError } from "../../src/safetensors/index.ts";

const bits = (x: Tensor): unknown => [x.dtype, x.shape, [...new Uint8Array(x.data.buffer)]];
const names = fc.string({ unit: "grapheme", maxLength: 8 }).filter((name) => name !== "__metadata__");

describe("what is written is read, to the bit", () => {
  const floats = fc.constantFrom("float32" as const, "float64" as const).chain((dtype) => tensorOf({ dtype }));
  const others = fc.oneof(
    fc
      .array(fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }))
      .map((v) => tensor(Int32Array.from(v), { dtype: "int32" })),
    fc.array(fc.boolean()).map((v) => (v.length === 0 ? zeros([0], { dtype: "bool" }) : tensor(v))),
    fc.array(fc.double()).map((v) => tensor(Float64Array.from(v), { dtype: "float64" })),
    fc.array(fc.float()).map((v) => tensor(Float32Array.from(v))),
  );

  test("for any names, shapes, dtypes and texts", () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.tuple(names, fc.oneof(floats, others)), { selector: ([name]) => name, maxLength: 6 }),
        fc.uniqueArray(fc.tuple(fc.string({ unit: "grapheme" }), fc.string({ unit: "grapheme" })), {
          selector: ([name]) => name,
        }),
        (tensors, metadata) => {
          const bytes = encode(new Map(tensors), new Map(metadata));
          const read = decode(bytes);
          expect([...read].map(([name, x]) => [name, bits(x)])).toEqual(tensors.map(([name, x]) => [name, bits(x)]));
          expect([...decodeMetadata(bytes)]).toEqual(metadata);
          expect(encode(read, decodeMetadata(bytes))).toEqual(bytes);
          // As it lies in a larger buffer, at any place.
          const shifted = new Uint8Array(bytes.length + 3);
          shifted.set(bytes, 3);
          expect([...decode(shifted.subarray(3))].map(([name, x]) => [name, bits(x)])).toEqual(
            [...read].map(([name, x]) => [name, bits(x)]),
          );
        },
      ),
    );
  });

  test("and nothing that is read shares memory with the file, or the file with a tensor", () => {
    const x = tensor([1, 2]);
    const bytes = encode({ x });
    const read = decode(bytes).get("x")!;
    bytes.fill(255);
    expect([x.toArray(), read.toArray(), read.requiresGrad]).toEqual([[1, 2], [1, 2], false]);
    expect(decode(encode({ x }).buffer).get("x")!.toArray()).toEqual([1, 2]);
  });
});

test("data lies at multiples of its size, and files are the same for the same content", () => {
  const model = mlp([3, 4, 2]);
  const state = model
    .stateDict()
    .set("flags", tensor([true]))
    .set("wide", zeros([3], { dtype: "float64" }));
  const bytes = encode(state, { a: "b" });
  expect(encode(state, { a: "b" })).toEqual(bytes);
  const length = new DataView(bytes.buffer).getUint32(0, true);
  expect(length % 8).toBe(0);
  const header = JSON.parse(new TextDecoder().decode(bytes.subarray(8, 8 + length))) as Record<
    string,
    { dtype: string; data_offsets: number[] }
  >;
  for (const { dtype, data_offsets: offsets } of Object.values(header).slice(1)) {
    expect(offsets[0]! % { F64: 8, F32: 4, BOOL: 1 }[dtype]!).toBe(0);
  }
  expect(Object.keys(header)).toEqual(["__metadata__", ...state.keys()]);
});

test("a model's weights come back into another", () => {
  const [a, b] = [new Linear(3, 2), new Linear(3, 2)];
  b.loadStateDict(decode(encode(a.stateDict())));
  expect(b.weight.toArray()).toEqual(a.weight.toArray());
  expect(b.weight.requiresGrad).toBe(true);
});

describe("encode refuses", () => {
  const x = tensor([1]);
  test.each<[string, () => unknown, string]>([
    ["what is no tensor", () => encode({ x: [1] as never }), 'encode: needs tensors, got an array for "x"'],
    ["no tensors", () => encode(undefined as never), "encode: tensors must be in a Map or an object, got undefined"],
    ["an array of tensors", () => encode([x] as never), "encode: tensors must be in a Map or an object, got an array"],
    [
      "a promise",
      () => encode(Promise.resolve({ x }) as never),
      "encode: tensors must be in a Map or an object, got a promise; await it first",
    ],
    [
      "metadata that is no text",
      () => encode({ x }, { epoch: 3 as never }),
      'encode: metadata must be texts, got 3 for "epoch"',
    ],
    ["a name that is no text", () => encode(new Map([[1 as never, x]])), "encode: names must be texts, got 1"],
  ])("%s", (_, call, message) => {
    expect(call).toThrow(ValueError);
    expect(call).toThrow(message);
  });

  test.each([
    ["a name that is half of a surrogate pair", () => encode({ "\ud800": x })],
    ["such a text", () => encode({ x }, { a: "\udc00" })],
    ["such a name of a text", () => encode({ x }, { "x\ud800": "a" })],
    ["the name that metadata has", () => encode({ __metadata__: x })],
  ])("%s", (_, call) => {
    expect(call).toThrow(SafetensorsError);
    expect(call).toThrow(expect.objectContaining({ code: "BAD_NAME" }));
  });
});
