import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  DTypeError,
  gather,
  IndexError,
  index,
  indexAdd,
  indexSelect,
  maskedFill,
  oneHot,
  ShapeError,
  scatterAdd,
  tensor,
  zeros,
} from "../../src/index.ts";
import { gradOf, int32, leaf, refuses } from "../support/expecting.ts";

const { POSITIVE_INFINITY: inf } = Number;
const f64 = { dtype: "float64" } as const;

describe("gather and scatterAdd", () => {
  test("gather picks along the axis, and its gradient adds up at duplicates", () => {
    const x = leaf([
      [1, 2],
      [3, 4],
    ]);
    const y = gather(
      x,
      1,
      int32([
        [0, 0, 0],
        [1, 0, 1],
      ]),
    );
    expect(y.toArray()).toEqual([
      [1, 1, 1],
      [4, 3, 4],
    ]);
    expect(gradOf(x, y)).toEqual([
      [3, 0],
      [1, 2],
    ]);
  });

  test("an index may be smaller than the tensor on other axes", () => {
    const x = leaf([
      [1, 2, 3],
      [4, 5, 6],
    ]);
    const y = gather(x, 0, int32([[1], [0], [1]]));
    expect(y.toArray()).toEqual([[4], [1], [4]]);
    expect(gradOf(x, y)).toEqual([
      [1, 0, 0],
      [2, 0, 0],
    ]);
  });

  test("scatterAdd adds what meets in one place, and takes no more of the source than the index names", () => {
    const x = leaf([1, 2, 3]);
    const source = leaf([10, 20, 30, 99]);
    const y = scatterAdd(x, 0, int32([0, 0, 2]), source);
    expect(y.toArray()).toEqual([31, 2, 33]);
    expect(x.toArray()).toEqual([1, 2, 3]);
    expect(gradOf(source, y, [5, 6, 7])).toEqual([5, 5, 7, 0]);
    expect(gradOf(x, y, [5, 6, 7])).toEqual([5, 6, 7]);
  });

  test("float32 sums are rounded once, so that counting does not stall", () => {
    const index = zeros([100], { dtype: "int32" });
    expect(scatterAdd(tensor([2 ** 24]), 0, index, tensor(new Float32Array(100).fill(1))).item()).toBe(2 ** 24 + 100);
    expect(indexAdd(tensor([2 ** 24]), 0, index, tensor(new Float32Array(100).fill(1))).item()).toBe(2 ** 24 + 100);
  });

  test("scalars count as vectors with one element, and an empty index gives an empty result", () => {
    expect(gather(tensor(7), 0, int32(0)).shape).toEqual([]);
    expect(gather(tensor(7), 0, int32([0, 0])).toArray()).toEqual([7, 7]);
    expect(gather(tensor([1, 2]), 0, int32([])).shape).toEqual([0]);
    expect(scatterAdd(tensor(7), 0, int32(0), tensor(1)).item()).toBe(8);
  });

  test("errors", () => {
    refuses(
      () => gather(tensor([1, 2]), 0, int32([5])),
      IndexError,
      "gather: index must be from 0 to 1 on axis 0, got 5",
    );
    refuses(
      () => gather(tensor([1, 2]), 0, int32([-1])),
      IndexError,
      "gather: index must be from 0 to 1 on axis 0, got -1; only index() and slice() count negative indices from the end",
    );
    refuses(
      () => gather(tensor([1, 2]), 1, int32([0])),
      ShapeError,
      "gather: axis must be an integer from -1 to 0, got 1",
    );
    refuses(() => gather(tensor([[1, 2]]), 1, int32([0])), ShapeError, "got [1] for [1, 2]");
    refuses(
      () => gather(tensor([1]), 0, tensor([0])),
      DTypeError,
      "gather: an index must be an int32 tensor, got float32",
    );
    refuses(
      () => scatterAdd(zeros([2]), 0, int32([2]), zeros([1])),
      IndexError,
      "scatterAdd: index must be from 0 to 1",
    );
    refuses(
      () => scatterAdd(zeros([2]), 0, int32([0, 1]), zeros([1])),
      ShapeError,
      "the source must be at least as large as the index on each axis, got [1] for an index of shape [2]",
    );
    refuses(() => scatterAdd(zeros([2]), 0, int32([0]), zeros([1], f64)), DTypeError, "got float32 and float64");
    const bool = tensor([true]);
    refuses(() => scatterAdd(bool, 0, int32([0]), bool), DTypeError, "got bool and bool");
  });
});

describe("indexSelect and indexAdd", () => {
  test("rows in any order, with gradients that add up", () => {
    const x = leaf([
      [1, 2],
      [3, 4],
      [5, 6],
    ]);
    const y = indexSelect(x, 0, int32([2, 0, 2]));
    expect(y.toArray()).toEqual([
      [5, 6],
      [1, 2],
      [5, 6],
    ]);
    expect(gradOf(x, y)).toEqual([
      [1, 1],
      [0, 0],
      [2, 2],
    ]);
    expect(indexSelect(x, -1, int32([1])).toArray()).toEqual([[2], [4], [6]]);
    expect(indexSelect(x, 0, int32(1)).toArray()).toEqual([[3, 4]]);
  });

  test("scalars count as vectors with one element", () => {
    expect(indexSelect(tensor(7), 0, int32([0])).shape).toEqual([]);
    expect(indexAdd(tensor(7), 0, int32([0]), tensor(2)).item()).toBe(9);
    refuses(
      () => indexSelect(tensor(7), 0, int32([0, 0])),
      ShapeError,
      "indexSelect: a scalar has one element to take, got 2 indices",
    );
  });

  test("errors", () => {
    refuses(() => indexSelect(zeros([2, 3]), 1, int32([3])), IndexError, "index must be from 0 to 2 on axis 1, got 3");
    refuses(() => indexSelect(zeros([0]), 0, int32([0])), IndexError, "axis 0 has no elements to index, got 0");
    refuses(() => indexAdd(zeros([2, 3]), 0, int32([1]), zeros([2, 3])), ShapeError, "got [2, 3] for [1, 3]");
  });
});

describe("index", () => {
  test("agrees with the definition for any combination of axes", () => {
    // The definition: for each place, read the coordinates from the index tensors and the kept axes.
    const check = (shape: number[], kinds: (string | null)[], seed: number): void => {
      const size = shape.reduce((a, b) => a * b, 1);
      const x = tensor(Float64Array.from({ length: size }, (_, i) => i)).reshape(shape);
      const forms: Record<string, number[]> = { scalar: [], vector: [3], column: [2, 1], matrix: [2, 3] };
      let next = seed;
      const indices = kinds.map((kind, axis) => {
        if (kind === null) return null;
        const sizes = forms[kind]!;
        const n = shape[axis]!;
        const data = Int32Array.from({ length: sizes.reduce((a, b) => a * b, 1) }, () => {
          next = (Math.imul(next, 1103515245) + 12345) >>> 0;
          return (Math.floor(next / 65536) % (2 * n)) - n;
        });
        return tensor(data).reshape(sizes);
      });
      const y = index(x, ...indices);
      const tensors = indices.filter((t) => t !== null);
      const rank = tensors.reduce((m, t) => Math.max(m, t.rank), 0);
      const common = Array.from({ length: rank }, (_, d) =>
        tensors.reduce((m, t) => Math.max(m, t.shape[t.rank - rank + d] ?? 1), 1),
      );
      const placed = kinds.flatMap((kind, axis) => (kind === null || kind === "scalar" ? [] : [axis]));
      const kept = shape.map((_, axis) => axis).filter((axis) => (kinds[axis] ?? null) === null);
      const between = kept.some((axis) => axis > placed[0]! && axis < placed[placed.length - 1]!);
      const before = between ? 0 : kept.filter((axis) => axis < (placed[0] ?? 0)).length;
      const wanted = [
        ...kept.slice(0, before).map((axis) => shape[axis]!),
        ...common,
        ...kept.slice(before).map((axis) => shape[axis]!),
      ];
      expect(y.shape).toEqual(wanted);
      const data = y.data;
      data.forEach((value, k) => {
        const at: number[] = [];
        for (let d = wanted.length - 1, rest = k; d >= 0; d--) {
          at[d] = rest % wanted[d]!;
          rest = Math.floor(rest / wanted[d]!);
        }
        const lead = at.slice(before, before + rank);
        const others = [...at.slice(0, before), ...at.slice(before + rank)];
        let place = 0;
        shape.forEach((n, axis) => {
          const t = indices[axis] ?? null;
          let c: number;
          if (t === null) c = others[kept.indexOf(axis)]!;
          else {
            let p = 0;
            t.shape.forEach((m, d) => {
              p = p * m + (m === 1 ? 0 : lead[rank - t.rank + d]!);
            });
            c = t.data[p]!;
          }
          place = place * n + (c < 0 ? c + n : c);
        });
        expect(value).toBe(place);
      });
    };
    const kind = fc.constantFrom(null, "scalar", "vector", "column", "matrix");
    const shapes = fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 4 });
    const calls = shapes.chain((shape) =>
      fc.tuple(fc.constant(shape), fc.array(kind, { maxLength: shape.length }), fc.integer({ min: 0, max: 1e6 })),
    );
    fc.assert(
      fc.property(calls, ([shape, kinds, seed]) => check(shape, kinds, seed)),
      { seed: 1, numRuns: 300 },
    );
  });

  test("the gradient adds up at duplicates, negative indices included", () => {
    const x = leaf([
      [1, 2, 3],
      [4, 5, 6],
    ]);
    const y = index(x, int32([0, 0, -1]), int32([2, -1, 0]));
    expect(y.toArray()).toEqual([3, 3, 4]);
    expect(gradOf(x, y, [1, 10, 100])).toEqual([
      [0, 0, 11],
      [100, 0, 0],
    ]);
  });

  test("a mask over the first axes", () => {
    const x = leaf([
      [1, 2],
      [3, 4],
      [5, 6],
    ]);
    const rows = index(x, tensor([true, false, true]));
    expect(rows.toArray()).toEqual([
      [1, 2],
      [5, 6],
    ]);
    expect(gradOf(x, rows)).toEqual([
      [1, 1],
      [0, 0],
      [1, 1],
    ]);
    const elements = index(
      x,
      tensor([
        [true, false],
        [false, true],
        [false, false],
      ]),
    );
    expect(elements.toArray()).toEqual([1, 4]);
    expect(index(x, zeros([3], { dtype: "bool" })).shape).toEqual([0, 2]);
    expect(index(x, tensor(true)).shape).toEqual([1, 3, 2]);
    expect(index(x, tensor(false)).shape).toEqual([0, 3, 2]);
  });

  test("no index, or none but null, is the tensor itself", () => {
    const x = leaf([1, 2]);
    expect(index(x)).toBe(x);
    expect(index(x, null)).toBe(x);
  });

  test("errors", () => {
    const x = zeros([2, 3]);
    refuses(() => index(x, int32([2])), IndexError, "index: index must be from -2 to 1 on axis 0, got 2");
    refuses(() => index(x, null, int32([-4])), IndexError, "index: index must be from -3 to 2 on axis 1, got -4");
    refuses(() => index(x, int32([0, 1]), int32([0, 1, 2])), ShapeError, "index: shapes must broadcast");
    refuses(() => index(x, null, null, int32([0])), ShapeError, "index: at most one index per axis, got 3 for [2, 3]");
    refuses(() => index(x, tensor([0])), DTypeError, "index: an index must be an int32 tensor, got float32");
    refuses(
      () => index(x, tensor([true])),
      ShapeError,
      "index: a mask must have the shape of the first axes, got [1] for",
    );
    refuses(() => index(x, tensor([true, false]), int32([0])), DTypeError, "index: a mask must be the only index");
  });
});

describe("maskedFill and oneHot", () => {
  test("a filled place has no gradient, and a scalar tensor gets all of theirs", () => {
    const x = leaf([
      [1, 2],
      [3, 4],
    ]);
    const mask = tensor([true, false]);
    const y = maskedFill(x, mask, -inf);
    expect(y.toArray()).toEqual([
      [-inf, 2],
      [-inf, 4],
    ]);
    expect(gradOf(x, y)).toEqual([
      [0, 1],
      [0, 1],
    ]);
    const value = tensor(5, { requiresGrad: true });
    const filled = maskedFill(x, mask, value);
    expect(filled.dtype).toBe("float64");
    expect(gradOf(value, filled, [1, 2, 3, 4])).toBe(4);
    expect(value.grad?.dtype).toBe("float32");
  });

  test("the tensor keeps shape and dtype", () => {
    expect(maskedFill(int32([1, 2]), tensor([true, false]), 7).toString()).toBe("int32[2] [7, 2]");
    expect(maskedFill(tensor([false, false]), tensor([true, false]), 1).toArray()).toEqual([true, false]);
    refuses(
      () => maskedFill(int32([1]), tensor([true]), 0.5),
      DTypeError,
      "maskedFill: the value must be a number that int32",
    );
    refuses(
      () => maskedFill(zeros([2]), zeros([2]), 0),
      DTypeError,
      "maskedFill: the mask must be a bool tensor, got float32",
    );
    refuses(
      () => maskedFill(zeros([2]), tensor([[true], [false]]), 0),
      ShapeError,
      "maskedFill: the mask must broadcast to the tensor's shape, got [2, 1] for [2]",
    );
    refuses(
      () => maskedFill(zeros([1]), tensor([true]), zeros([1])),
      ShapeError,
      "the value must be a number or a scalar",
    );
  });

  test("oneHot", () => {
    expect(oneHot(int32([[0], [2]]), 3).toArray()).toEqual([[[1, 0, 0]], [[0, 0, 1]]]);
    expect(oneHot(int32(1), 2, { dtype: "bool" }).toArray()).toEqual([false, true]);
    expect(oneHot(int32([]), 0).shape).toEqual([0, 0]);
    refuses(() => oneHot(int32([3]), 3), IndexError, "oneHot: index must be from 0 to 2 on axis 1, got 3");
    refuses(() => oneHot(int32([-1]), 3), IndexError, "got -1");
  });
});

test.each(["float32", "float64", "int32", "bool"] as const)("rows of any width are copied whole: %s", (dtype) => {
  const value = (i: number): number => (dtype === "bool" ? i % 2 : i);
  for (const inner of [1, 31, 32, 33, 100]) {
    const x = tensor(Array.from({ length: 2 * 3 * inner }, (_, i) => value(i)))
      .reshape(2, 3, inner)
      .to(dtype);
    const places = [2, 0, 0, 1];
    const wanted = [0, 1].map((o) =>
      places.map((j) => Array.from({ length: inner }, (_, i) => value((o * 3 + j) * inner + i))),
    );
    expect(indexSelect(x, 1, int32(places)).to("int32").toArray()).toEqual(wanted);
  }
});
