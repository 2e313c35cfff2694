import { describe, expect, test } from "vitest";
import {
  all,
  any,
  argmax,
  argmin,
  cumsum,
  gradients,
  logSoftmax,
  logSumExp,
  norm,
  ones,
  prod,
  ShapeError,
  softmax,
  std,
  type Tensor,
  type TinygradError,
  tensor,
  ValueError,
  variance,
  zeros,
} from "../../src/index.ts";

const { NaN: nan, POSITIVE_INFINITY: inf } = Number;
const f64 = { dtype: "float64" } as const;
const leaf = (data: Parameters<typeof tensor>[0]): Tensor => tensor(data, { ...f64, requiresGrad: true });
/** The gradient of the sum of `f(x)`, and of the sum of that gradient; zeros have no sign here. */
const derivatives = (f: (x: Tensor) => Tensor, x: Tensor): { y: unknown; first: unknown; second: unknown } => {
  const y = f(x);
  const [first] = gradients(y.sum(), [x], { createGraph: true });
  const second = first.requiresGrad ? gradients(first.sum(), [x], { allowUnused: true })[0] : null;
  return { y: y.toArray(), first: first.add(0).toArray(), second: second?.add(0).toArray() ?? null };
};
const firstOf = (f: (x: Tensor) => Tensor, data: Parameters<typeof tensor>[0]): unknown =>
  derivatives(f, leaf(data)).first;
const refuses = (call: () => unknown, type: new (...args: never[]) => TinygradError, message: string): void => {
  expect(call).toThrow(type);
  expect(call).toThrow(message);
};

describe("prod", () => {
  test("of nothing is 1, and still has a gradient", () => {
    expect(derivatives(prod, leaf([]))).toMatchObject({ y: 1, first: [] });
    expect(prod(zeros([0, 2]), 0).toArray()).toEqual([1, 1]);
    expect(prod(zeros([0, 2]), 1).toArray()).toEqual([]);
  });

  test("has exact derivatives at zeros", () => {
    expect(firstOf(prod, [2, 0, 3])).toEqual([0, 6, 0]);
    expect(firstOf(prod, [0, 2, 0])).toEqual([0, 0, 0]);
    // ∂²/∂x₀∂x₂ of x₀x₁x₂ is x₁
    expect(derivatives(prod, leaf([0, 2, 0])).second).toEqual([2, 0, 2]);
  });

  test("does not divide by infinite elements", () => {
    expect(firstOf(prod, [inf, 2])).toEqual([2, inf]);
  });

  test.each([1, 2, 3, 5, 7, 8, 13, 31])("multiplies all of %i elements", (n) => {
    const x = Array.from({ length: n }, (_, i) => 1 + ((i * 7) % 5) / 4);
    const wanted = x.reduce((a, b) => a * b, 1);
    expect(prod(tensor(x, f64)).item()).toBeCloseTo(wanted, 9);
    const first = firstOf(prod, x) as number[];
    first.forEach((g, i) => {
      expect(g / (wanted / x[i]!)).toBeCloseTo(1, 12);
    });
  });

  test("takes any axes, keeps them if asked, and counts bools in int32", () => {
    const x = tensor(
      [
        [
          [1, 2],
          [3, 4],
        ],
        [
          [5, 6],
          [7, 8],
        ],
      ],
      f64,
    );
    expect(prod(x, [0, -1]).toArray()).toEqual([60, 672]);
    expect(prod(x, [-1, 0], { keepDims: true }).shape).toEqual([1, 2, 1]);
    expect(prod(x, []).toArray()).toEqual(x.toArray());
    const flags = prod(
      tensor([
        [true, true],
        [true, false],
      ]),
      1,
    );
    expect([flags.dtype, flags.toArray()]).toEqual(["int32", [1, 0]]);
    refuses(() => prod(x as Tensor, [0, 0]), ShapeError, "prod: axes must be distinct, got [0, 0]");
  });
});

describe("variance and std", () => {
  test("of one element is NaN, as is the gradient, and 0 with correction 0", () => {
    expect(derivatives(variance, leaf([3])).y).toBe(nan);
    expect(firstOf(variance, [3])).toEqual([nan]);
    expect(firstOf(std, [3])).toEqual([nan]);
    const population = (x: Tensor): Tensor => variance(x, undefined, { correction: 0 });
    expect(derivatives(population, leaf([3]))).toEqual({ y: 0, first: [0], second: [0] });
  });

  test("of nothing is NaN, with an empty gradient", () => {
    expect(derivatives(variance, leaf([]))).toEqual({ y: nan, first: [], second: [] });
    expect(std(zeros([2, 0]), 1).toArray()).toEqual([nan, nan]);
  });

  test("keeps its digits beside a large mean", () => {
    const x = leaf([1e9 + 4, 1e9 + 7, 1e9 + 13, 1e9 + 16]);
    expect(derivatives(variance, x)).toMatchObject({ y: 30, first: [-4, -2, 2, 4] });
  });

  test("keeps its digits beside a mean that float32 cannot hold", () => {
    // The mean ends in ⅓, where float32 has steps of ¼.
    const x = tensor(
      Float32Array.from({ length: 999 }, (_, i) => 4e6 + (i % 3 === 0 ? 1 : 0)),
      { requiresGrad: true },
    );
    const y = variance(x, undefined, { correction: 0 });
    expect(Math.abs(y.item() / (2 / 9) - 1)).toBeLessThan(1e-6);
    y.backward();
    expect(Math.abs(x.grad!.data[0]! / ((2 / 999) * (2 / 3)) - 1)).toBeLessThan(1e-6);
  });

  test("std has gradient 0 where it is 0, and no second derivative", () => {
    expect(derivatives(std, leaf([2, 2, 2]))).toEqual({ y: 0, first: [0, 0, 0], second: [nan, nan, nan] });
    expect(
      firstOf(
        (x) => std(x, 1, { correction: 0 }),
        [
          [2, 2],
          [1, 3],
        ],
      ),
    ).toEqual([
      [0, 0],
      [-0.5, 0.5],
    ]);
  });

  test("with fewer elements than the correction, the divisor is 0", () => {
    expect(variance(tensor([1, 3]), 0, { correction: 5 }).item()).toBe(inf);
  });

  test("takes axes, keepDims and integers, and refuses corrections that are no numbers", () => {
    const x = tensor(
      [
        [1, 3],
        [2, 6],
      ],
      { dtype: "int32" },
    );
    expect([variance(x, 1).dtype, variance(x, 1).toArray()]).toEqual(["float32", [2, 8]]);
    expect(std(x, [0, 1], { keepDims: true }).shape).toEqual([1, 1]);
    refuses(() => std(x, 0, { correction: nan }), ValueError, "std: correction must be a finite number, got NaN");
    refuses(() => variance(x as Tensor, 2), ShapeError, "variance: axis must be an integer from -2 to 1, got 2");
  });
});

describe("norm", () => {
  test.each([1, 2, 3, 6, 0.5, inf, -inf, -1, 0])("p = %d of a zero vector is 0, with gradient 0", (p) => {
    const { y, first, second } = derivatives((x) => norm(x, p), leaf([0, 0]));
    expect(y).toBe(0);
    expect(first).toEqual([0, 0]);
    // No second derivative exists, so that of the norm's square is NaN, and not a silent 0. Sums and extremes of |x| are linear.
    const linear = [1, inf, -inf, 0].includes(p);
    expect((second as number[] | null)?.every((g) => (linear ? g === 0 : Number.isNaN(g))) ?? true).toBe(true);
  });

  test("zeros among other elements get no infinite gradient", () => {
    expect(derivatives((x) => norm(x, 0.5), leaf([0, 4]))).toMatchObject({ y: 4, first: [0, 1] });
    expect(firstOf((x) => norm(x, -1), [0, 4])).toEqual([0, 0]);
    expect(
      firstOf(
        (x) => norm(x, 2, 1),
        [
          [0, 0],
          [3, 4],
        ],
      ),
    ).toEqual([
      [0, 0],
      [0.6, 0.8],
    ]);
  });

  test("p = 0 counts, NaN too, and has gradient 0", () => {
    expect(derivatives((x) => norm(x, 0), leaf([0, -0, 5, nan]))).toMatchObject({ y: 2, first: [0, 0, 0, 0] });
  });

  test("p = ±∞ splits its gradient over ties", () => {
    expect(derivatives((x) => norm(x, inf), leaf([-3, 1, 3]))).toMatchObject({ y: 3, first: [-0.5, 0, 0.5] });
    expect(derivatives((x) => norm(x, -inf), leaf([-3, 1, -1]))).toMatchObject({ y: 1, first: [0, 0.5, -0.5] });
  });

  test("of nothing is 0 where that makes sense", () => {
    for (const p of [0, 0.5, 1, 2, 3])
      expect(derivatives((x) => norm(x, p), leaf([]))).toMatchObject({ y: 0, first: [] });
    refuses(() => norm(zeros([2, 0]), inf), ShapeError, "norm: there is no Infinity-norm of no elements, got [2, 0]");
    refuses(() => norm(zeros([0]), -1), ShapeError, "norm: there is no -1-norm of no elements, got [0]");
    expect(norm(zeros([2, 0]), inf, 0).shape).toEqual([0]);
  });

  test("has a second derivative", () => {
    // |x| is the norm of one element; for two, d²/dx₀² |x| = x₁² / |x|³
    const x = leaf([3, 4]);
    const [g] = gradients(norm(x), [x], { createGraph: true });
    const [h] = gradients(g, [x], { cotangents: [tensor([1, 0], f64)] });
    expect(h.data[0]).toBeCloseTo(16 / 125, 14);
    expect(h.data[1]).toBeCloseTo(-12 / 125, 14);
  });

  test("takes axes, scalars and integers, and refuses a p that is no number", () => {
    expect(norm(ones([2, 3, 4]), 2, [0, 2], { keepDims: true }).shape).toEqual([1, 3, 1]);
    expect(norm(tensor(-3), 3).item()).toBeCloseTo(3, 6);
    expect(norm(tensor([3, 4], { dtype: "int32" })).dtype).toBe("float32");
    refuses(() => norm(ones([2]), nan), ValueError, "norm: p must be a number or ±Infinity, got NaN");
    refuses(() => norm(ones([2]), "fro" as unknown as number), ValueError, 'got "fro", a string');
  });
});

describe("logSumExp", () => {
  test("does not overflow, nor lose what is small", () => {
    expect(derivatives((x) => logSumExp(x), leaf([1000, 1000]))).toMatchObject({
      y: 1000 + Math.LN2,
      first: [0.5, 0.5],
    });
    expect(logSumExp(tensor([-1000, -1000], f64)).item()).toBe(-1000 + Math.LN2);
  });

  test("takes infinities", () => {
    expect(derivatives((x) => logSumExp(x), leaf([-inf, 0]))).toMatchObject({ y: 0, first: [0, 1] });
    expect(derivatives((x) => logSumExp(x), leaf([inf, 0]))).toMatchObject({ y: inf, first: [nan, 0] });
    // The gradient is the softmax, which there is none of.
    expect(derivatives((x) => logSumExp(x), leaf([-inf, -inf]))).toMatchObject({ y: -inf, first: [nan, nan] });
    expect(logSumExp(tensor([nan, inf])).item()).toBe(nan);
  });

  test("of nothing is −∞", () => {
    expect(derivatives((x) => logSumExp(x), leaf([]))).toMatchObject({ y: -inf, first: [] });
    expect(logSumExp(zeros([2, 0]), 1).toArray()).toEqual([-inf, -inf]);
    expect(logSumExp(zeros([0, 2]), 1).shape).toEqual([0]);
  });

  test("has the second derivatives of softmax, which sum to 0", () => {
    const { second } = derivatives((x) => logSumExp(x), leaf([1, 2]));
    for (const h of second as number[]) expect(Math.abs(h)).toBeLessThan(1e-15);
  });

  test("takes axes, scalars and integers", () => {
    const x = tensor(
      [
        [0, 0],
        [0, 0],
      ],
      { dtype: "int32" },
    );
    expect(logSumExp(x, [0, 1], { keepDims: true }).shape).toEqual([1, 1]);
    expect(logSumExp(x, -1).dtype).toBe("float32");
    expect(logSumExp(tensor([2_000_000_000, -2_000_000_000], { dtype: "int32" })).item()).toBe(2e9);
    expect(derivatives((t) => logSumExp(t), leaf(3))).toMatchObject({ y: 3, first: 1 });
  });
});

describe("argmax and argmin", () => {
  test("take the first of equals, and the first NaN before all", () => {
    const x = tensor([
      [1, 3, 3],
      [nan, 9, nan],
      [0, -0, 0],
    ]);
    expect(argmax(x, 1).toArray()).toEqual([1, 0, 0]);
    expect(argmin(x, 1).toArray()).toEqual([0, 0, 0]);
    expect(argmax(tensor([1, nan, 2, nan])).item()).toBe(1);
    expect(argmin(tensor([1, nan, -inf])).item()).toBe(1);
    expect(argmax(tensor([-inf, -inf])).item()).toBe(0);
  });

  test("without an axis count in row-major order", () => {
    const x = tensor([
      [1, 5, 2],
      [7, 3, 0],
    ]);
    expect([argmax(x).item(), argmin(x).item()]).toEqual([3, 5]);
    expect(argmax(x, undefined, { keepDims: true }).toArray()).toEqual([[3]]);
    expect(argmax(x, 0, { keepDims: true }).toArray()).toEqual([[1, 0, 0]]);
  });

  test("are int32, and no function of x", () => {
    const y = argmax(leaf([1, 2]));
    expect([y.dtype, y.requiresGrad]).toEqual(["int32", false]);
    expect(argmin(tensor([true, false])).item()).toBe(1);
  });

  test("take a scalar, and refuse nothing at all", () => {
    expect([argmax(tensor(5)).item(), argmax(tensor(5), -1).shape]).toEqual([0, []]);
    expect(argmax(zeros([0, 2]), 1).shape).toEqual([0]);
    refuses(() => argmax(zeros([0, 2]), 0), ShapeError, "argmax: there is no extreme of no elements, got [0, 2]");
    refuses(() => argmin(zeros([0])), ShapeError, "argmin: there is no extreme of no elements, got [0]");
    refuses(() => argmax(zeros([2]) as Tensor, 1), ShapeError, "argmax: axis must be an integer from -1 to 0, got 1");
  });
});

describe("any and all", () => {
  test("read numbers as true but for 0, and decide what nothing is", () => {
    const x = tensor([
      [0, nan],
      [-0, 0],
      [1, -2],
    ]);
    expect(any(x, 1).toArray()).toEqual([true, false, true]);
    expect(all(x, 1).toArray()).toEqual([false, false, true]);
    expect([any(x).item(), all(x).item()]).toEqual([1, 0]);
    expect([any(zeros([0])).toArray(), all(zeros([0])).toArray()]).toEqual([false, true]);
    expect(any(ones([2, 3, 4]), [0, 2], { keepDims: true }).shape).toEqual([1, 3, 1]);
    expect(all(leaf([1])).dtype).toBe("bool");
  });
});

describe("cumsum", () => {
  test("adds along any axis, and its gradient the other way", () => {
    const data = [
      [1, 2, 3],
      [4, 5, 6],
    ];
    expect(cumsum(tensor(data), 0).toArray()).toEqual([
      [1, 2, 3],
      [5, 7, 9],
    ]);
    expect(firstOf((x) => cumsum(x, -1), data)).toEqual([
      [3, 2, 1],
      [3, 2, 1],
    ]);
    expect(derivatives((x) => cumsum(x, 0), leaf(4))).toMatchObject({ y: 4, first: 1 });
    refuses(() => cumsum(tensor(data), 2), ShapeError, "cumsum: axis must be an integer from -2 to 1, got 2");
  });

  test("counts bools, and refuses what int32 cannot hold", () => {
    const flags = cumsum(tensor([true, false, true]), 0);
    expect([flags.dtype, flags.toArray()]).toEqual(["int32", [1, 1, 2]]);
    const large = tensor([2 ** 31 - 1, 1, 1], { dtype: "int32" });
    refuses(() => cumsum(large, 0), ValueError, "cumsum: int32 overflows, got 2147483648 at index 1");
  });

  test("counts on beyond what float32 can add one to", () => {
    const n = 2 ** 24 + 4;
    const y = cumsum(ones([n]), 0);
    expect(y.data[n - 1]).toBe(n);
  });
});

describe("softmax and logSoftmax", () => {
  test("do not overflow", () => {
    const { y, first } = derivatives((x) => softmax(x), leaf([1000, 1001, -1000]));
    expect(y).toEqual([0.2689414213699951, 0.7310585786300049, 0]);
    for (const g of first as number[]) expect(Math.abs(g)).toBeLessThan(1e-15);
    expect(derivatives((x) => logSoftmax(x), leaf([1000, 0, -1000]))).toMatchObject({
      y: [0, -1000, -2000],
      first: [-2, 1, 1],
    });
  });

  test("give masked elements no weight and no gradient", () => {
    expect(derivatives((x) => softmax(x), leaf([-inf, 0, 0]))).toMatchObject({ y: [0, 0.5, 0.5], first: [0, 0, 0] });
    expect(logSoftmax(tensor([-inf, 0])).toArray()).toEqual([-inf, 0]);
  });

  test("are NaN where there is no answer, and only in that lane", () => {
    const x = [
      [inf, 0],
      [-inf, -inf],
      [nan, 0],
      [0, 0],
    ];
    const nothing = [nan, nan];
    expect(softmax(tensor(x)).toArray()).toEqual([nothing, nothing, nothing, [0.5, 0.5]]);
    expect((logSoftmax(tensor(x, f64)).toArray() as number[][]).slice(0, 3)).toEqual([nothing, nothing, nothing]);
    expect(firstOf((t) => softmax(t), x)).toEqual([nothing, nothing, nothing, [0, 0]]);
  });

  test("take a scalar by axis 0 or −1, empty axes, and integers", () => {
    expect(derivatives((x) => softmax(x, 0), leaf(7))).toMatchObject({ y: 1, first: 0 });
    expect(derivatives((x) => logSoftmax(x, -1), leaf(7))).toMatchObject({ y: 0, first: 0 });
    expect([softmax(zeros([2, 0])).shape, logSoftmax(zeros([0, 2]), 0).shape]).toEqual([
      [2, 0],
      [0, 2],
    ]);
    expect(softmax(tensor([0, 0], { dtype: "int32" })).dtype).toBe("float32");
    refuses(() => softmax(tensor(7), 1), ShapeError, "softmax: axis must be an integer from -1 to 0, got 1");
    refuses(() => logSoftmax(ones([2]), -2), ShapeError, "logSoftmax: axis must be an integer from -1 to 0, got -2");
  });
});
