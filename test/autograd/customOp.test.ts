import { describe, expect, test } from "vitest";
import { apply, GradError, gradients, mul, type Op, ShapeError, type Tensor, tensor } from "../../src/index.ts";

/** x³ with a scale: an op of a user's own, by the record that the built-in ops use. */
const cubeOp: Op<{ scale: number }> = {
  name: "cube",
  shape: ([x]) => {
    if (x!.rank > 1) throw new ShapeError("cube", "takes scalars and vectors", `rank ${x!.rank}`, "flatten it");
    return x!.shape;
  },
  forward: (out, [x], { scale }) => {
    for (let i = 0; i < out.length; i++) out[i] = scale * x!.values[i]! ** 3;
  },
  vjp: [({ g, x, attrs }) => mul(g, mul(mul(x, x), 3 * attrs.scale))],
};
const cube = (x: Tensor, scale = 1) => apply(cubeOp, [x], { scale });
const leaf = (data: number[]) => tensor(data, { dtype: "float64", requiresGrad: true });

describe("an op of a user's own", () => {
  test("has a value, a gradient and a second derivative", () => {
    const x = leaf([1, 2]);
    const y = cube(x, 2);
    expect(y.toArray()).toEqual([2, 16]);
    const [g] = gradients(y.sum(), [x], { createGraph: true });
    expect(g.toArray()).toEqual([6, 24]);
    expect(gradients(g.sum(), [x])[0].toArray()).toEqual([12, 24]);
  });

  test("validates in its shape rule, and saved values are guarded like any", () => {
    expect(() => cube(tensor([[1]]))).toThrow("cube: takes scalars and vectors, got rank 2; flatten it");
    const x = leaf([1]);
    const y = cube(x);
    x.assign([2]);
    expect(() => y.backward()).toThrow("cube (backward): a value that it needs was overwritten");
  });

  test("a rule that returns the wrong shape is found out, not broadcast", () => {
    const wrong: Op<{ scale: number }> = { ...cubeOp, name: "wrong", vjp: [({ g }) => g.sum()] };
    const x = leaf([1, 2]);
    expect(() => apply(wrong, [x], { scale: 1 }).sum().backward()).toThrow(GradError);
    expect(() => apply(wrong, [x], { scale: 1 }).sum().backward()).toThrow(
      "wrong: a vjp must fit its input, got float64[] for float64[2]",
    );
  });

  test("one that says nondifferentiable cuts the graph", () => {
    const cut = { ...cubeOp, vjp: "nondifferentiable" } as const;
    expect(apply(cut, [leaf([1])], { scale: 1 }).requiresGrad).toBe(false);
  });

  test("inputs that are no tensors are refused by name", () => {
    expect(() => apply(cubeOp, [[1, 2] as unknown as Tensor], { scale: 1 })).toThrow(
      "cube: input 0 must be a tensor, got an array; wrap values in tensor(…)",
    );
    expect(() => mul(tensor(1), undefined as unknown as Tensor)).toThrow(
      "mul: input 1 must be a tensor or a number, got undefined",
    );
    expect(() => mul(2, 3)).toThrow("mul: an operand must be a tensor, got 2 and 3");
  });
});
