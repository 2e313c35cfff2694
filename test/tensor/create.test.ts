import { afterEach, describe, expect, test } from "vitest";
import {
  arange,
  cast,
  DTypeError,
  eye,
  full,
  getDefaultDtype,
  linspace,
  type NestedArray,
  ones,
  onesLike,
  ShapeError,
  setDefaultDtype,
  tensor,
  ValueError,
  zeros,
  zerosLike,
} from "../../src/index.ts";

describe("tensor", () => {
  test("reads shapes and dtypes from what it is given", () => {
    expect([tensor(3).shape, tensor([]).shape, tensor([[], []]).shape]).toEqual([[], [0], [2, 0]]);
    expect([tensor([1]).dtype, tensor([true]).dtype, tensor([true, 2]).dtype]).toEqual(["float32", "bool", "float32"]);
    expect(tensor(Float64Array.of(1)).dtype).toBe("float64");
    expect(tensor(Int32Array.of(1)).dtype).toBe("int32");
    expect(tensor(Uint8Array.of(200)).toArray()).toEqual([200]);
    expect(tensor([2, 0, Number.NaN], { dtype: "bool" }).toArray()).toEqual([true, false, true]);
  });

  test("refuses ragged arrays at any depth, and says where", () => {
    expect(() => tensor([[1, 2], [3]])).toThrow(ShapeError);
    expect(() => tensor([[1, 2], [3]])).toThrow(
      "tensor: arrays must not be ragged, got 1 entries at row 1; the first has 2 entries",
    );
    expect(() => tensor([1, [2]])).toThrow("got 1 entries at index 1; the first has a single value");
    expect(() => tensor([[1], 2])).toThrow("got a single value at row 1; the first has 1 entries");
    expect(() => tensor([[[1]], [[1, 2]]])).toThrow("got 2 entries at [1, 0]; the first has 1 entries");
  });

  test("refuses what is no number", () => {
    for (const bad of ["1", null, undefined, {}, 1n, ["a"], [undefined], [[1], [null]]]) {
      expect(() => tensor(bad as unknown as NestedArray)).toThrow(ValueError);
    }
    expect(() => tensor("abc" as unknown as NestedArray)).toThrow(
      'tensor: data must be numbers or booleans, got "abc", a string; convert it by Number(…)',
    );
  });

  test.each([Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY])("refuses %d as int32", (bad) => {
    const int32 = { dtype: "int32" } as const;
    const labels = tensor([7, 8], int32);
    const calls: [string, () => unknown][] = [
      ["tensor", () => tensor([bad], int32)],
      ["tensor", () => tensor([[0], [bad]], int32)],
      ["tensor", () => tensor(Float64Array.of(1, bad), int32)],
      ["full", () => full([2], bad, int32)],
      ["cast", () => cast(tensor([1, bad]), "int32")],
      ["to", () => tensor(bad).to("int32")],
      ["assign", () => labels.assign([1, bad])],
    ];
    for (const [op, call] of calls) {
      expect(call).toThrow(ValueError);
      expect(call).toThrow(new RegExp(`^${op}: int32 (cannot hold it|holds whole numbers .*), got ${bad}`));
    }
    expect(() => labels.assign(tensor([1, 2]))).toThrow(
      'assign: a float must not lose its fraction, got float32[2] for int32[2]; write assign(source.to("int32"))',
    );
    expect(labels.toArray()).toEqual([7, 8]);
  });
});

describe("other creation functions", () => {
  test("fill", () => {
    expect([zeros([2]).toArray(), ones([1, 2]).toArray(), full([], 7).item()]).toEqual([[0, 0], [[1, 1]], 7]);
    expect(full([2], true).toArray()).toEqual([true, true]);
    expect(full([2], 5, { dtype: "bool" }).data).toEqual(Uint8Array.of(1, 1));
    const like = tensor([[1, 2]], { dtype: "float64" });
    expect([zerosLike(like).dtype, onesLike(like).toArray()]).toEqual(["float64", [[1, 1]]]);
    expect(onesLike(tensor([true, false])).toArray()).toEqual([true, true]);
  });

  test("arange, linspace, eye", () => {
    expect(arange(2, 3, 0.25).toArray()).toEqual([2, 2.25, 2.5, 2.75]);
    expect(arange(3, 0).shape).toEqual([0]);
    expect(arange(3, 0, -1, { dtype: "int32" }).data).toEqual(Int32Array.of(3, 2, 1));
    expect(linspace(0, 1, 1).toArray()).toEqual([0]);
    expect(linspace(0, 1, 0).shape).toEqual([0]);
    const tenths = linspace(0, 1, 11, { dtype: "float64" }).toArray<number[]>();
    expect([tenths[3], tenths[10]]).toEqual([0.30000000000000004, 1]);
    expect(eye(2, 3).toArray()).toEqual([
      [1, 0, 0],
      [0, 1, 0],
    ]);
  });

  test("refuse bad arguments", () => {
    expect(() => zeros([2, -1])).toThrow("zeros: a shape is an array of whole numbers, 0 or more, got [2, -1]");
    expect(() => zeros(3 as unknown as number[])).toThrow("got 3");
    expect(() => zeros([1.5])).toThrow(ShapeError);
    expect(() => arange(0, 1, 0)).toThrow("arange: needs finite bounds, and a step that is not 0, got 0, 1, 0");
    expect(() => arange(Number.POSITIVE_INFINITY)).toThrow(ValueError);
    expect(() => linspace(0, 1, -1)).toThrow("linspace: count must be a whole number, 0 or more, got -1");
  });

  test("do not hold on to the caller's shape", () => {
    const shape = [2, 2];
    const x = zeros(shape);
    shape[0] = 100;
    expect(x.shape).toEqual([2, 2]);
  });
});

describe("the default dtype", () => {
  afterEach(() => setDefaultDtype("float32"));

  test("is float32, can be float64, and nothing else", () => {
    expect(getDefaultDtype()).toBe("float32");
    setDefaultDtype("float64");
    expect([tensor(1).dtype, zeros([1]).dtype, tensor([1], { dtype: "int32" }).div(2).dtype]).toEqual(
      new Array(3).fill("float64"),
    );
    expect(() => setDefaultDtype("int32" as "float32")).toThrow(DTypeError);
  });
});
