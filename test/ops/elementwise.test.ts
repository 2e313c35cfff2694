import { describe, expect, test } from "vitest";
import {
  clamp,
  elu,
  erf,
  gelu,
  gradients,
  leakyRelu,
  logicalAnd,
  logicalNot,
  logicalOr,
  logicalXor,
  maximum,
  minimum,
  ones,
  ShapeError,
  silu,
  type Tensor,
  type TinygradError,
  tensor,
  ValueError,
} from "../../src/index.ts";

const { NaN: nan, POSITIVE_INFINITY: inf } = Number;
const f64 = { dtype: "float64" } as const;
const leaf = (data: Parameters<typeof tensor>[0]): Tensor => tensor(data, { ...f64, requiresGrad: true });
/** Values, and the gradients of their sum (whose zeros have no sign here). */
const valuesAndGrads = (f: (...xs: Tensor[]) => Tensor, ...data: number[][]): { y: unknown; grads: unknown[] } => {
  const xs = data.map(leaf);
  const y = f(...xs);
  return { y: y.toArray(), grads: gradients(y.sum(), xs).map((g) => g.add(0).toArray()) };
};
const refuses = (call: () => unknown, type: new (...args: never[]) => TinygradError, message: string): void => {
  expect(call).toThrow(type);
  expect(call).toThrow(message);
};

describe("erf", () => {
  test.each([
    [1e-300, 1.1283791670955126e-300],
    [1e-20, 1.1283791670955125e-20],
    [0.1, 0.1124629160182849],
    [0.46875, 0.4926134732179379],
    [0.5, 0.5204998778130465],
    [1, 0.8427007929497149],
    [2, 0.9953222650189527],
    [3.5, 0.9999992569016276],
    [5, 0.9999999999984626],
    [6, 1],
  ])("erf(%d)", (x, wanted) => {
    for (const sign of [1, -1]) {
      const got = erf(tensor(sign * x, f64)).item();
      expect(Math.abs(got / (sign * wanted) - 1)).toBeLessThan(1e-15);
    }
  });

  test("reaches ±1, and passes NaN and the sign of 0 through", () => {
    const y = erf(tensor([-inf, inf, nan, 0, -0], f64)).data;
    expect([...y]).toEqual([-1, 1, nan, 0, -0]);
  });

  test("takes integers to a floating dtype", () => {
    expect(erf(tensor([1], { dtype: "int32" })).dtype).toBe("float32");
  });
});

describe("maximum and minimum", () => {
  test("split the gradient at ties, and give it to both beside NaN", () => {
    expect(valuesAndGrads(minimum, [1, nan, -inf, 2], [1, 1, inf, nan])).toEqual({
      y: [1, nan, -inf, nan],
      grads: [
        [0.5, 1, 1, 1],
        [0.5, 1, 0, 1],
      ],
    });
    expect(valuesAndGrads(maximum, [0, -0, 3], [-0, 0, 1])).toEqual({
      y: [0, -0, 3],
      grads: [
        [0.5, 0.5, 1],
        [0.5, 0.5, 0],
      ],
    });
  });

  test("broadcast, and take a number", () => {
    expect(maximum(tensor([[1], [5]]), tensor([2, 6])).toArray()).toEqual([
      [2, 6],
      [5, 6],
    ]);
    expect(valuesAndGrads((x) => minimum(2, x), [1, 2, 3])).toEqual({ y: [1, 2, 2], grads: [[1, 0.5, 0]] });
    expect(maximum(tensor([1, 2], { dtype: "int32" }), 2).dtype).toBe("int32");
  });
});

describe("clamp", () => {
  test("has gradient 1 on the bounds, and 0 outside and at NaN", () => {
    expect(valuesAndGrads((x) => clamp(x, -1, 1), [-2, -1, 0, 1, 2, nan, inf, -inf])).toEqual({
      y: [-1, -1, 0, 1, 1, nan, 1, -1],
      grads: [[0, 1, 1, 1, 0, 0, 0, 0]],
    });
  });

  test("gives the upper bound where the bounds are crossed", () => {
    expect(valuesAndGrads((x) => clamp(x, 2, 1), [0, 1.5, 3])).toEqual({ y: [1, 1, 1], grads: [[0, 0, 0]] });
  });

  test("takes one bound only, but not none", () => {
    expect(valuesAndGrads((x) => clamp(x, 0), [-1, 0, 5])).toEqual({ y: [0, 0, 5], grads: [[0, 1, 1]] });
    expect(valuesAndGrads((x) => clamp(x, null, 0), [-1, 0, 5])).toEqual({ y: [-1, 0, 0], grads: [[1, 1, 0]] });
    refuses(() => clamp(ones([2])), ValueError, "clamp: needs min or max, got neither");
    refuses(
      () => clamp(ones([2]), ones([2]) as unknown as number),
      ValueError,
      "clamp: bounds are numbers or null, got a tensor float32[2]; use maximum and minimum for tensors",
    );
  });

  test("makes everything NaN by a bound that is", () => {
    expect(valuesAndGrads((x) => clamp(x, nan, 1), [0, 2])).toEqual({ y: [nan, nan], grads: [[0, 0]] });
  });

  test("keeps integers under integer bounds, and takes them to floats under others", () => {
    const x = tensor([1, 5], { dtype: "int32" });
    expect([clamp(x, 2, null).dtype, clamp(x, 2, null).toArray()]).toEqual(["int32", [2, 5]]);
    expect([clamp(x, 1.5, null).dtype, clamp(x, 1.5, null).toArray()]).toEqual(["float32", [1.5, 5]]);
    expect(clamp(tensor([true]), 0, 1).dtype).toBe("int32");
  });
});

describe("logical functions", () => {
  test("read numbers as true but for 0", () => {
    const x = tensor([0, -0, 0.5, nan]);
    expect(logicalNot(x).toArray()).toEqual([true, true, false, false]);
    expect(logicalAnd(x, 1).toArray()).toEqual([false, false, true, true]);
    expect(logicalOr(x, tensor([[true], [false]])).toArray()).toEqual([
      [true, true, true, true],
      [false, false, true, true],
    ]);
    expect(logicalXor(x, tensor(2, { dtype: "int32" })).toArray()).toEqual([true, true, false, false]);
  });

  test("are bool, and no functions of their inputs", () => {
    const y = logicalAnd(leaf([1]), leaf([2]));
    expect([y.dtype, y.requiresGrad]).toEqual(["bool", false]);
    refuses(() => logicalOr(ones([2]) as Tensor, ones([3])), ShapeError, "logicalOr: shapes must broadcast");
  });
});

describe("activations", () => {
  test("leakyRelu has the slope at 0 and NaN", () => {
    expect(valuesAndGrads((x) => leakyRelu(x, 0.5), [-inf, -2, 0, 3, inf, nan])).toEqual({
      y: [-inf, -1, 0, 3, inf, nan],
      grads: [[0.5, 0.5, 0.5, 1, 1, 0.5]],
    });
    expect(leakyRelu(tensor([-100, 1], f64)).toArray()).toEqual([-1, 1]);
  });

  test("elu has alpha at 0, nothing infinite above it, and all digits far below", () => {
    expect(valuesAndGrads((x) => elu(x, 2), [-inf, 0, 3, 1000, inf, nan])).toEqual({
      y: [-2, 0, 3, 1000, inf, nan],
      grads: [[0, 2, 1, 1, 1, 1]],
    });
    const { y, grads } = valuesAndGrads((x) => elu(x), [-50, -1e-20]);
    expect(y).toEqual([-1, -1e-20]);
    expect(grads).toEqual([[Math.exp(-50), 1]]);
  });

  test("gelu is x Φ(x), by the error function or its approximation", () => {
    const exact = valuesAndGrads((x) => gelu(x), [-100, 0, 1, 100]);
    expect(exact.y).toEqual([-0, 0, expect.closeTo(0.8413447460685429, 14), 100]);
    expect(exact.grads).toEqual([[0, 0.5, expect.closeTo(1.0833154705876864, 14), 1]]);
    const tanh = valuesAndGrads((x) => gelu(x, { approximate: "tanh" }), [-100, 0, 1, 100]);
    expect(tanh.y).toEqual([-0, 0, expect.closeTo(0.8411919906082768, 14), 100]);
    expect(tanh.grads).toEqual([[0, 0.5, expect.closeTo(1.0829640838457826, 14), 1]]);
    expect(gelu(tensor([50_000], { dtype: "int32" }), { approximate: "tanh" }).toArray()).toEqual([50_000]);
    refuses(
      () => gelu(ones([1]), { approximate: "fast" as "tanh" }),
      ValueError,
      'gelu: approximate must be "none" or "tanh", got "fast", a string',
    );
  });

  test("silu is PyTorch's at the infinities too", () => {
    expect(valuesAndGrads(silu, [-inf, -1000, -0, 1000, inf, nan])).toEqual({
      y: [nan, -0, -0, 1000, inf, nan],
      grads: [[nan, 0, 0.5, 1, nan, nan]],
    });
  });
});
