import { runInNewContext } from "node:vm";
import { describe, expect, test } from "vitest";
import {
  DTypeError,
  ShapeError,
  setDefaultDtype,
  type Tensor,
  type TensorData,
  tensor,
  ValueError,
  zeros,
} from "../../src/index.ts";

/** Shape, dtype and values in one. */
const read = (x: Tensor): unknown => [x.dtype, x.shape, x.toArray()];

const classes = [
  ["Float32Array", "float32"],
  ["Float64Array", "float64"],
  ["Int8Array", "int32"],
  ["Uint8Array", "int32"],
  ["Uint8ClampedArray", "int32"],
  ["Int16Array", "int32"],
  ["Uint16Array", "int32"],
  ["Int32Array", "int32"],
  ["Uint32Array", "int32"],
  ["BigInt64Array", "int32"],
  ["BigUint64Array", "int32"],
] as const;

/** A typed array of some class, of this realm or of another. */
function made(name: string, values: readonly number[], isForeign: boolean): TensorData {
  const numbers = name.startsWith("Big") ? values.map(BigInt) : values;
  const code = `${name}.from(values)`;
  const { [name]: Class } = globalThis as unknown as { [name: string]: { from(v: unknown): TensorData } };
  return isForeign ? (runInNewContext(code, { values: numbers }) as TensorData) : Class!.from(numbers);
}

describe("typed arrays", () => {
  test.each(classes.flatMap(([name, dtype]) => [false, true].map((isForeign) => [name, dtype, isForeign] as const)))(
    "%s is read as %s, from another realm: %s",
    (name, dtype, isForeign) => {
      expect(read(tensor(made(name, [1, 2, 100], isForeign)))).toEqual([dtype, [3], [1, 2, 100]]);
      expect(read(tensor(made(name, [0, 2], isForeign), { dtype: "bool" }))).toEqual(["bool", [2], [false, true]]);
      expect(read(tensor(made(name, [5], isForeign), { dtype: "float64" }))).toEqual(["float64", [1], [5]]);
      const rows = [made(name, [1, 2], isForeign), made(name, [3, 4], isForeign)];
      expect(read(tensor(rows))).toEqual([dtype, [2, 2], [[1, 2], [3, 4]]]); // biome-ignore format: a matrix
      expect(
        zeros([2, 1], { dtype })
          .assign(made(name, [8, 9], isForeign))
          .toArray(),
      ).toEqual([[8], [9]]);
    },
  );

  test("a Buffer is bytes, and a copy by structuredClone is as good", () => {
    expect(read(tensor(Buffer.from([1, 255])))).toEqual(["int32", [2], [1, 255]]);
    expect(read(tensor(structuredClone(Uint8ClampedArray.of(7))))).toEqual(["int32", [1], [7]]);
  });

  test.runIf("Float16Array" in globalThis)("Float16Array is read as float32", () => {
    const { Float16Array } = globalThis as unknown as { Float16Array: { of(...v: number[]): TensorData } };
    expect(read(tensor(Float16Array.of(0.5, -2)))).toEqual(["float32", [2], [0.5, -2]]);
  });

  test("rows of different classes meet in the higher dtype, and numbers among them count as such", () => {
    expect(tensor([Int8Array.of(1), Float32Array.of(2)]).dtype).toBe("float32");
    expect(tensor([Int8Array.of(1), [2]]).dtype).toBe("float32");
    expect(tensor([[Uint8Array.of(1)], [Uint16Array.of(2)]]).shape).toEqual([2, 1, 1]);
  });

  test.each([
    [Uint32Array.of(1, 2 ** 32 - 1), "int32 holds whole numbers from −2³¹ to 2³¹ − 1, got 4294967295 at index 1"],
    [BigInt64Array.of(2n ** 40n), "got 1099511627776n at index 0"],
    [[BigUint64Array.of(1n, 2n), BigUint64Array.of(3n, 2n ** 63n)], "got 9223372036854775808n at row 1, column 1"],
  ])("what int32 does not hold is refused with its place: %#", (data, text) => {
    expect(() => tensor(data)).toThrow(ValueError);
    expect(() => tensor(data)).toThrow(text);
    expect(() => tensor(data)).toThrow('use { dtype: "float64" }');
    expect(tensor(data, { dtype: "float64" }).dtype).toBe("float64");
  });

  test("a bigint that no number equals is refused", () => {
    const data = BigInt64Array.of(1n, 2n ** 53n + 1n);
    expect(() => tensor(data, { dtype: "float64" })).toThrow("got 9007199254740993n at index 1");
  });

  test("labels with fractions do not become classes", () => {
    for (const data of [[0, 1.5], Float32Array.of(0, 1.5), [0, Number.NaN]]) {
      expect(() => tensor(data, { dtype: "int32" })).toThrow(/int32 holds whole numbers .* at index 1/);
    }
    expect(() => zeros([2], { dtype: "int32" }).assign([1, 2 ** 31])).toThrow("assign: int32 holds whole numbers");
  });

  test.each([
    [new DataView(new ArrayBuffer(4)), "a DataView"],
    [new ArrayBuffer(4), "an ArrayBuffer"],
  ])("bytes that are no numbers are refused: %#", (data, text) =>
    expect(() => tensor(data as never)).toThrow(`data must be numbers or booleans, got ${text}`),
  );
});

describe("nested arrays", () => {
  const rows = Array.from({ length: 2000 }, (_, i) => [i, i + 1]);
  test.each([
    [[...rows.slice(0, 1234), [1, "1.5"]], 'got "1.5", a string at row 1234, column 1; convert it by Number(…)'],
    [[...rows.slice(0, 1234), [1, null]], "got null at row 1234, column 1"],
    [[...rows.slice(0, 1234), null], "got null at row 1234"],
    [[...rows.slice(0, 1234), [1]], "arrays must not be ragged, got 1 entries at row 1234; the first has 2 entries"],
    [[...rows.slice(0, 1234), Float32Array.of(1)], "got 1 entries at row 1234; the first has 2 entries"],
    [[[1, 2], 3], "got a single value at row 1; the first has 2 entries"],
    [
      [
        [[1], [2]],
        [[3], [[4]]],
      ],
      "got 1 entries at [1, 1, 0]; the first has a single value",
    ],
    [[[[1]], [["x"]]], "at [1, 0, 0]"],
    [[[[1]], Float32Array.of(1)], "got a single value at [1, 0]; the first has 1 entries"],
    [[1, undefined], "got undefined at index 1"],
    // biome-ignore lint/suspicious/noSparseArray: that is the fault
    [[1, , 3], "got undefined at index 1"],
    [[1, 2n], "got 2n, a bigint at index 1"],
    [[new Date(0)], "got a Date at index 0"],
    [new Set([1]), "got a Set"],
    [{ length: 2 }, "got an object"],
    ["abc", 'got "abc", a string'],
  ])("a bad entry is named with its place: %#", (data, text) => {
    expect(() => tensor(data as never)).toThrow(text);
    expect(() => tensor(data as never)).toThrow(/^tensor: /);
  });

  test("arrays that hold themselves are refused", () => {
    const circle: unknown[] = [];
    circle.push(circle);
    expect(() => tensor(circle as never)).toThrow(ShapeError);
  });

  test("a tensor is no data", () => {
    expect(() => tensor(zeros([2]) as never)).toThrow("tensor: data must be numbers, got a tensor; use x.detach()");
  });

  test("numbers get the default dtype", () => {
    setDefaultDtype("float64");
    try {
      expect([tensor([1]).dtype, tensor([[true], [2]]).dtype]).toEqual(["float64", "float64"]);
    } finally {
      setDefaultDtype("float32");
    }
  });
});

describe("sizes and dtypes that cannot be", () => {
  test.each([
    [() => zeros([1e9, 1e9]), "zeros: the elements must fit into memory, got 1000000000000000000 of float32"],
    [
      () => zeros(2 as never, 3 as never),
      "zeros: a shape is an array of whole numbers, 0 or more, got 2, 3; write zeros([2, 3])",
    ],
    [() => zeros("2" as never), 'got "2", a string'],
    [
      () => tensor([1, 2, 3, 4], [2, 2] as never),
      "tensor: options must be an object, got an array; write tensor(data).reshape([2, 2])",
    ],
    [() => tensor(1, 2 as never), "tensor: options must be an object, got 2"],
    [
      () => tensor([1], { requires_grad: true } as never),
      "tensor: there is no such option, got requires_grad; did you mean requiresGrad?",
    ],
    [() => tensor([1], { requiresGrad: 1 as never }), "tensor: requiresGrad must be a boolean, got 1"],
  ])("%#", (call, text) => expect(call).toThrow(text));

  test("an unknown dtype", () => {
    expect(() => tensor([1], { dtype: "float16" as never })).toThrow(DTypeError);
    expect(() => tensor([1], { dtype: "float16" as never })).toThrow(
      'dtype must be "float32", "float64", "int32" or "bool"',
    );
    expect(() => tensor([1], { dtype: "constructor" as never })).toThrow(DTypeError);
  });
});
