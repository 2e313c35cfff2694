import { inspect } from "node:util";
import { describe, expect, test } from "vitest";
import { arange, cast, mul, ShapeError, sub, tensor, zeros } from "../../src/index.ts";

describe("reading values", () => {
  test("item, toArray and data", () => {
    expect(() => zeros([2]).item()).toThrow(ShapeError);
    expect(() => zeros([0]).item()).toThrow("item: must have one element, got float32[0]; use toArray()");
    expect(tensor([[5]]).item()).toBe(5);
    expect(tensor(true).item()).toBe(1);
    expect(tensor(true).toArray()).toBe(true);
    expect(zeros([2, 0]).toArray()).toEqual([[], []]);
    expect(zeros([0, 2]).toArray()).toEqual([]);
    expect(tensor([[1, 2]]).data).toEqual(Float32Array.of(1, 2));
    const { rank, size } = zeros([2, 3]);
    expect([rank, size]).toEqual([2, 6]);
  });
});

describe("printing", () => {
  test("says dtype and shape, and aligns values", () => {
    expect(String(tensor(1.5))).toBe("float32[] 1.5");
    expect(String(tensor([1, -2.5, 10]))).toBe("float32[3] [   1, -2.5,   10]");
    expect(
      String(
        tensor(
          [
            [1, 20],
            [300, 4],
          ],
          { dtype: "int32" },
        ),
      ),
    ).toBe("int32[2, 2]\n[[  1,  20],\n [300,   4]]");
    expect(String(tensor([true, false]))).toBe("bool[2] [ true, false]");
    expect(String(tensor([Number.NaN, Number.POSITIVE_INFINITY, -0]))).toBe(
      "float32[3] [     NaN, Infinity,       -0]",
    );
    expect(String(zeros([0, 3]))).toBe("float32[0, 3] []");
    expect(String(zeros([2, 1, 2]))).toBe("float32[2, 1, 2]\n[[[0, 0]],\n [[0, 0]]]");
    expect(String(tensor([0.1, 1e-10, 123456.7]))).toBe("float32[3] [     0.1,    1e-10, 123456.7]");
  });

  test("elides the middle of what is large, and stays short", () => {
    expect(String(arange(1000))).toBe("float32[1000] [  0,   1,   2, …, 997, 998, 999]");
    const text = String(zeros([1000, 1000]));
    expect(text.split("\n").length).toBe(8);
    expect(text.length).toBeLessThan(300);
  });

  test("console.log shows the same", () => {
    expect(inspect(tensor([1, 2]))).toBe("float32[2] [1, 2]");
    expect(inspect({ x: tensor(1) })).toContain("float32[] 1");
  });
});

describe("dtypes meet as in PyTorch", () => {
  const of = (dtype: "bool" | "int32" | "float32" | "float64", shape: number[] = [2]) => cast(zeros(shape), dtype);
  test.each([
    [of("bool"), of("int32"), "int32"],
    [of("int32"), of("float32"), "float32"],
    [of("float32"), of("float64"), "float64"],
    [of("float32"), of("float64", []), "float32"],
    [of("int32"), of("float64", []), "float64"],
    [of("bool"), of("int32", []), "int32"],
    [of("int32"), of("bool", []), "int32"],
    [of("float64", []), of("float32", []), "float64"],
  ])("%#", (a, b, dtype) => {
    expect([mul(a, b).dtype, mul(b, a).dtype]).toEqual([dtype, dtype]);
  });

  test("numbers take the tensor's dtype, unless an integer tensor cannot hold them", () => {
    expect([mul(of("float64"), 0.1).dtype, mul(of("int32"), 3).dtype, mul(of("int32"), 0.5).dtype]).toEqual([
      "float64",
      "int32",
      "float32",
    ]);
    expect([mul(of("bool"), 2).dtype, sub(of("int32"), 2 ** 40).dtype]).toEqual(["int32", "float32"]);
    expect(of("int32").div(of("int32")).dtype).toBe("float32");
  });
});
