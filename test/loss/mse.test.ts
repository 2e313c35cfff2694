import { describe, expect, test } from "vitest";
import { mse, ones, ShapeError, type Tensor, tensor, ValueError, zeros } from "../../src/index.ts";

const of = (values: number[], requiresGrad = false) => tensor(values, { dtype: "float64", requiresGrad });

describe("mse", () => {
  test("is the mean, the sum or each of the squared errors", () => {
    const [p, t] = [of([1, 2, 5]), of([1, 0, 9])];
    expect(mse(p, t).item()).toBe(20 / 3);
    expect(mse(p, t, { reduction: "sum" }).item()).toBe(20);
    expect(mse(p, t, { reduction: "none" }).toArray()).toEqual([0, 4, 16]);
    expect(mse(tensor(3), tensor(1)).item()).toBe(4);
  });

  test("has gradients to prediction and target", () => {
    const [p, t] = [of([1, 2, 5], true), of([1, 0, 9], true)];
    mse(p, t).backward();
    expect(p.grad!.toArray()).toEqual([0, 4 / 3, -8 / 3]);
    expect(t.grad!.toArray()).toEqual([-0, -4 / 3, 8 / 3]);
  });

  test("takes targets of any dtype", () => {
    expect(mse(of([1, 2]), tensor([1, 4], { dtype: "int32" })).item()).toBe(2);
    expect(mse(of([1, 2]), tensor([true, false])).dtype).toBe("float64");
  });

  test("over nothing is NaN in the mean and 0 in the sum", () => {
    const none = zeros([0, 2]);
    expect(mse(none, none).item()).toBeNaN();
    expect(mse(none, none, { reduction: "sum" }).item()).toBe(0);
  });

  test("refuses shapes that differ, also where they would broadcast", () => {
    expect(() => mse(ones([2, 1]) as Tensor, ones([2]))).toThrow(ShapeError);
    expect(() => mse(ones([2, 1]) as Tensor, ones([2]))).toThrow(
      "mse: shapes must be equal, got float32[2, 1] and float32[2]",
    );
    expect(() => mse(ones([2]) as Tensor, ones([1]))).toThrow(
      "mse: shapes must be equal, got float32[2] and float32[1]",
    );
  });

  test("refuses unknown reductions", () => {
    expect(() => mse(ones([1]), ones([1]), { reduction: "avg" as "mean" })).toThrow(ValueError);
    expect(() => mse(ones([1]), ones([1]), { reduction: "avg" as "mean" })).toThrow(
      'mse: reduction must be "mean", "sum" or "none", got "avg", a string',
    );
  });
});
