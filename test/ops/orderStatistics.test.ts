import { describe, expect, test } from "vitest";
import { CompileError, compile } from "../../src/compile/index.ts";
import * as T from "../../src/index.ts";
import { loose } from "../support/refusals.ts";

const { bincount, gradients, median, quantile, tensor, unique } = T;
type Tensor = T.Tensor;
const { NaN: nan, POSITIVE_INFINITY: inf } = Number;
const any = loose(T);

const rows = [[3, 1, 4, 1.5], [9, 2, 6, 5]]; // biome-ignore format: a matrix
const x = (): Tensor => tensor(rows, { dtype: "float64", requiresGrad: true });

/** The same eager and compiled, with gradients. */
function gradientOf(f: (x: Tensor) => Tensor): unknown {
  const leaf = x();
  const run = (): Tensor => gradients(f(leaf).sum(), [leaf])[0]!;
  const wanted = run().toArray();
  const compiled = compile(run, { verify: true });
  compiled();
  expect(compiled().toArray()).toEqual(wanted);
  return wanted;
}

describe("median", () => {
  test("is the lower of two in the middle, and gives it all of the gradient", () => {
    expect(median(x()).item()).toBe(3);
    expect(median(x(), 1).toArray()).toEqual([1.5, 5]);
    expect(median(x(), 0, { keepDims: true }).toArray()).toEqual([[3, 1, 4, 1.5]]);
    expect(median(x(), undefined, { keepDims: true }).shape).toEqual([1, 1]);
    expect(gradientOf((v) => median(v, -1))).toEqual([[0, 0, 0, 1], [0, 0, 0, 1]]); // biome-ignore format: a matrix
    expect(gradientOf((v) => median(v))).toEqual([[1, 0, 0, 0], [0, 0, 0, 0]]); // biome-ignore format: a matrix
  });

  test("of all elements: equals share the gradient, along an axis one has it", () => {
    const ties = (): Tensor => tensor([3, 1, 2, 2], { dtype: "float64", requiresGrad: true });
    for (const [f, wanted] of [
      [(v: Tensor) => median(v), [0, 0, 0.5, 0.5]],
      [(v: Tensor) => median(v, 0), [0, 0, 1, 0]],
    ] as const) {
      const v = ties();
      expect(gradients(f(v), [v])[0]!.toArray()).toEqual(wanted);
    }
  });

  test("is NaN where there is one, of no elements too; keeps int32; takes scalars", () => {
    expect(median(tensor([[1, nan, 2], [3, 1, 2]]), 1).toArray()).toEqual([nan, 2]); // biome-ignore format: a matrix
    expect(median(T.zeros([0])).item()).toBe(nan);
    expect(median(tensor([3, 1, 2], { dtype: "int32" })).dtype).toBe("int32");
    expect(median(tensor(4), 0).item()).toBe(4);
    expect(() => median(T.zeros([0, 2]), 0)).toThrow("median: needs at least one element, got float32[0, 2]");
    expect(() => median(tensor([true]))).toThrow("median: needs numbers, got bool");
    expect(() => any.median(x(), [0, 1])).toThrow("median: axis must be an integer from -2 to 1");
  });
});

describe("quantile", () => {
  // As PyTorch 1.13 has them.
  test.each([
    ["linear", [[1.15, 2.9], [2.25, 5.5], [3.7, 8.1]], 2.1],
    ["lower", [[1, 2], [1.5, 5], [3, 6]], 2],
    ["higher", [[1.5, 5], [3, 6], [4, 9]], 3],
    ["nearest", [[1, 2], [3, 6], [4, 9]], 2],
    ["midpoint", [[1.25, 3.5], [2.25, 5.5], [3.5, 7.5]], 2.5],
  ] as const)("%s", (interpolation, wanted, ofAll) => {
    const got = quantile(x(), [0.1, 0.5, 0.9], 1, { interpolation });
    got.data.forEach((v, i) => expect(v).toBeCloseTo(wanted.flat()[i]!, 12));
    expect(got.shape).toEqual([3, 2]);
    expect(quantile(x(), 0.3, undefined, { interpolation }).item()).toBeCloseTo(ofAll, 12);
  }); // biome-ignore format: rows

  test("gives the gradient to the elements that it is made of", () => {
    expect(gradientOf((v) => quantile(v, 0.5, 1))).toEqual([[0.5, 0, 0, 0.5], [0, 0, 0.5, 0.5]]); // biome-ignore format: a matrix
    expect(gradientOf((v) => quantile(v, 1, 1))).toEqual([[0, 0, 1, 0], [1, 0, 0, 0]]); // biome-ignore format: a matrix
  });

  test("NaN, infinities, shapes and dtypes", () => {
    expect(quantile(tensor([1, nan]), 0).item()).toBe(nan);
    expect(quantile(tensor([inf, 1]), 0).item()).toBe(1);
    expect(quantile(x(), [0.5], 0, { keepDims: true }).shape).toEqual([1, 1, 4]);
    expect(quantile(tensor([1, 2], { dtype: "int32" }), 0.5).item()).toBe(1.5);
    expect(quantile(tensor(2), 0.5, 0).item()).toBe(2);
  });

  test("refuses", () => {
    expect(() => quantile(x(), 1.5)).toThrow("quantile: a share must be a number from 0 to 1, got 1.5");
    expect(() => quantile(x(), [])).toThrow("quantile: a share must be a number from 0 to 1, got []");
    expect(() => quantile(x(), 0.5, 2)).toThrow("quantile: axis must be an integer from -2 to 1, got 2");
    expect(() => quantile(T.zeros([0]), 0.5)).toThrow("quantile: needs at least one element, got float32[0]");
    expect(() => any.quantile(x(), 0.5, 1, { interpolation: "linaer" })).toThrow('did you mean "linear"?');
  });
});

describe("unique", () => {
  test("values, places and counts; each NaN is one of its own", () => {
    const { values, inverse, counts } = unique(tensor([[3, 1], [3, nan], [nan, 0]])); // biome-ignore format: a matrix
    expect(values.toArray()).toEqual([0, 1, 3, nan, nan]);
    expect(inverse.toArray()).toEqual([[2, 1], [2, 3], [4, 0]]); // biome-ignore format: a matrix
    expect(counts.toArray()).toEqual([1, 1, 2, 1, 1]);
    expect(unique(x()).values.requiresGrad).toBe(false);
  });

  test("of nothing, scalars and bools", () => {
    expect(unique(T.zeros([0])).counts.shape).toEqual([0]);
    expect(unique(tensor(5)).inverse.toArray()).toBe(0);
    expect(unique(tensor([true, false, true])).values.toArray()).toEqual([false, true]);
  });
});

test("quantile: what is finite does not move an infinity", () => {
  const wide = [-inf, 1, inf];
  for (const interpolation of ["linear", "midpoint"] as const) {
    const at = (q: number): unknown => quantile(tensor(wide), q, 0, { interpolation }).item();
    expect([at(0.1), at(0.5), at(0.9)]).toEqual([-inf, 1, inf]);
    expect(quantile(tensor([-inf, -inf]), 0.3, 0, { interpolation }).item()).toBe(-inf);
    expect(quantile(tensor([inf, inf]), 0.3, 0, { interpolation }).item()).toBe(inf);
    expect(quantile(tensor([-inf, inf]), 0.3, 0, { interpolation }).item()).toBe(nan);
  }
});

test("what is too large is refused by the name that was called", () => {
  const places = tensor([0, 1], { dtype: "int32" });
  const rest = "the elements must fit into memory";
  expect(() => bincount(places, { minLength: 1e12 })).toThrow("bincount: there can be at most 268435456 counts");
  expect(() => T.repeat(places, 1e12)).toThrow(`repeat: ${rest}`);
  expect(() => T.tile(places, 1e12)).toThrow(`tile: ${rest}`);
  expect(() => T.diag(places, 1e9)).toThrow(`diag: ${rest}`);
});

test("polygamma refuses an order that no float64 holds, at once", () => {
  expect(() => T.polygamma(1e9, tensor([1]))).toThrow("polygamma: the order must be at most 150, got 1000000000");
  expect(T.polygamma(150, tensor([-1.5], { dtype: "float64" })).item()).toBeCloseTo(-4.655347466357e202, -190);
});

test("diagonals say how they are chosen, and a trace of a vector has no batches", () => {
  expect(() => any.diag(tensor([1]), { diagonal: 1 })).toThrow("got an object; write diag(x, 1)");
  expect(() => any.diagonal(tensor([[1]]), { offset: 1 })).toThrow("got an object; write diagonal(x, 1)");
  expect(() => T.trace(tensor([1]))).toThrow(/got float32\[1\]$/);
});

describe("bincount", () => {
  const places = tensor([0, 3, 3], { dtype: "int32" });

  test("counts, or adds weights up, which get their gradient", () => {
    expect(bincount(places).toArray()).toEqual([1, 0, 0, 2]);
    expect(bincount(places, { minLength: 6 }).toArray()).toEqual([1, 0, 0, 2, 0, 0]);
    expect(bincount(T.zeros([0], { dtype: "int32" }), { minLength: 2 }).toArray()).toEqual([0, 0]);
    const weights = tensor([0.5, 1, 2], { requiresGrad: true });
    const y = bincount(places, { weights });
    expect(y.toArray()).toEqual([0.5, 0, 0, 3]);
    expect(gradients(y.mul(T.arange(4)).sum(), [weights])[0]!.toArray()).toEqual([0, 3, 3]);
  });

  test("refuses", () => {
    expect(() => bincount(tensor([1, -2], { dtype: "int32" }))).toThrow(
      "bincount: numbers must be 0 or more, got -2 at index 1",
    );
    expect(() => bincount(tensor([1]))).toThrow('bincount: counts int32, got float32; cast first: x.to("int32")');
    expect(() => bincount(tensor([[1]], { dtype: "int32" }))).toThrow("bincount: takes a vector, got int32[1, 1]");
    expect(() => bincount(places, { weights: tensor([1]) })).toThrow(
      "bincount: each element needs a weight, got [1] for [3]",
    );
    expect(() => bincount(places, { minLength: -1 })).toThrow("bincount: minLength must be a whole number, got -1");
  });
});

test("what depends on values in its shape cannot be compiled", () => {
  const places = tensor([0, 3], { dtype: "int32" });
  expect(() => compile((v: Tensor) => bincount(v))(places)).toThrow(CompileError);
  expect(() => compile((v: Tensor) => unique(v).values)(places)).toThrow(CompileError);
});
