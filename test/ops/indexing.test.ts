import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  argsort,
  cat,
  DTypeError,
  flip,
  gather,
  IndexError,
  index,
  indexAdd,
  indexSelect,
  maskedFill,
  oneHot,
  pad,
  ShapeError,
  scatterAdd,
  slice,
  sort,
  split,
  stack,
  type Tensor,
  type TinygradError,
  tensor,
  topk,
  tril,
  triu,
  ValueError,
  zeros,
} from "../../src/index.ts";

const { NaN: nan, POSITIVE_INFINITY: inf } = Number;
const f64 = { dtype: "float64" } as const;
const leaf = (data: Parameters<typeof tensor>[0]): Tensor => tensor(data, { ...f64, requiresGrad: true });
const int32 = (data: Parameters<typeof tensor>[0]): Tensor => tensor(data, { dtype: "int32" });
/** The gradient of `x` for a cotangent of `y` (ones if left out). */
const gradOf = (x: Tensor, y: Tensor, cotangent?: number[]): unknown => {
  x.grad = null;
  const c = tensor(cotangent ?? new Array<number>(y.size).fill(1), f64).reshape(y.shape);
  y.backward(c);
  return (x.grad as Tensor | null)?.toArray();
};
const refuses = (call: () => unknown, type: new (...args: never[]) => TinygradError, message: string): void => {
  expect(call).toThrow(type);
  expect(call).toThrow(message);
};

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

describe("cat, stack and split", () => {
  test("overlapping parts get the sum of gradients", () => {
    const x = leaf([1, 2, 3]);
    const y = cat([slice(x, [0, 2]), slice(x, [1, 3])]);
    expect(y.toArray()).toEqual([1, 2, 2, 3]);
    expect(gradOf(x, y)).toEqual([1, 2, 1]);
    expect(gradOf(x, stack([x, x, x]))).toEqual([3, 3, 3]);
  });

  test("empty vectors are skipped, whatever the rank, and get an empty gradient", () => {
    const nothing = leaf([]);
    const x = leaf([[1, 2]]);
    const y = cat([nothing, x, nothing], -1);
    expect(y.toArray()).toEqual([[1, 2]]);
    expect(gradOf(nothing, y)).toEqual([]);
    expect(gradOf(x, y)).toEqual([[1, 1]]);
    expect(cat([nothing, nothing]).shape).toEqual([0]);
    expect(cat([nothing, leaf([1, 2])]).toArray()).toEqual([1, 2]);
  });

  test("dtypes are promoted, and gradients cast back", () => {
    const a = tensor([1.5], { requiresGrad: true });
    const b = leaf([2]);
    const y = cat([a, b, int32([3])]);
    expect([y.dtype, y.toArray()]).toEqual(["float64", [1.5, 2, 3]]);
    y.backward(tensor([1, 2, 3], f64));
    expect([a.grad?.dtype, a.grad?.item(), b.grad?.item()]).toEqual(["float32", 1, 2]);
    expect(cat([tensor([true]), int32([2])]).dtype).toBe("int32");
  });

  test("10⁴ tensors", () => {
    const parts = Array.from({ length: 10_000 }, (_, i) => leaf([i]));
    const y = cat(parts);
    expect(y.size).toBe(10_000);
    y.sum().backward();
    expect(parts[9_999]!.grad?.item()).toBe(1);
  });

  test("split is the inverse of cat, and stack adds an axis", () => {
    const x = tensor([
      [1, 2, 3, 4, 5],
      [6, 7, 8, 9, 10],
    ]);
    expect(split(x, 2, 1).map((t) => t.shape)).toEqual([
      [2, 2],
      [2, 2],
      [2, 1],
    ]);
    expect(split(x, [1, 0, 4], -1).map((t) => t.shape)).toEqual([
      [2, 1],
      [2, 0],
      [2, 4],
    ]);
    expect(cat(split(x, 2, 1), 1).toArray()).toEqual(x.toArray());
    expect(split(zeros([0, 3]), 2).map((t) => t.shape)).toEqual([[0, 3]]);
    expect(stack([zeros([2, 3]), zeros([2, 3])], -1).shape).toEqual([2, 3, 2]);
    expect(stack([zeros([0, 1]), zeros([0, 1])], 1).shape).toEqual([0, 2, 1]);
  });

  test("errors", () => {
    refuses(
      () => cat([tensor([[1]]), tensor([[1, 2]])]),
      ShapeError,
      "cat: shapes must be equal in all axes but axis 0, got [1, 1] and [1, 2] (tensor 1)",
    );
    refuses(() => cat([]), ValueError, "cat: needs at least one tensor, got an empty array");
    refuses(() => stack([]), ValueError, "stack: needs at least one tensor");
    refuses(
      () => cat(zeros([2]) as unknown as Tensor[]),
      ValueError,
      "cat: takes an array of tensors, got object; write cat([a, b])",
    );
    refuses(() => cat([zeros([2])], 1), ShapeError, "cat: axis must be an integer from -1 to 0, got 1");
    refuses(
      () => cat([tensor(1), tensor(2)]),
      ShapeError,
      "cat: tensors must have at least one axis, got a scalar; use stack",
    );
    refuses(
      () => stack([zeros([2]), zeros([3])]),
      ShapeError,
      "stack: shapes must be equal, got [2] and [3] (tensor 1)",
    );
    refuses(() => stack([zeros([2])], 2), ShapeError, "stack: axis must be an integer from -2 to 1, got 2");
    refuses(() => split(zeros([3]), 0), ShapeError, "split: the size of the parts must be a positive integer, got 0");
    refuses(() => split(zeros([3]), [1, 1]), ShapeError, "got [1, 1]; axis 0 has size 3");
    refuses(
      () => split(zeros([3]), [4, -1]),
      ShapeError,
      "split: sizes must be non-negative integers that add up to the axis",
    );
    refuses(() => split(tensor(1), 1), ShapeError, "split: needs at least one axis, got a scalar");
  });
});

describe("flip, pad and triangles", () => {
  test("flip reverses, also its gradient", () => {
    const x = leaf([1, 2, 3]);
    expect(gradOf(x, flip(x), [1, 10, 100])).toEqual([100, 10, 1]);
    expect(
      flip(
        tensor([
          [1, 2],
          [3, 4],
        ]),
      ).toArray(),
    ).toEqual([
      [4, 3],
      [2, 1],
    ]);
    expect(flip(x, [])).toBe(x);
    expect(flip(zeros([0, 3]), [0, 1]).shape).toEqual([0, 3]);
    refuses(() => flip(zeros([2, 2]), [0, -2]), ShapeError, "flip: axes must be distinct, got [0, -2]");
  });

  test("pad adds and crops", () => {
    const x = leaf([
      [1, 2, 3],
      [4, 5, 6],
    ]);
    const y = pad(
      x,
      [
        [1, 0],
        [-1, 1],
      ],
      9,
    );
    expect(y.toArray()).toEqual([
      [9, 9, 9],
      [2, 3, 9],
      [5, 6, 9],
    ]);
    expect(gradOf(x, y)).toEqual([
      [0, 1, 1],
      [0, 1, 1],
    ]);
    expect(pad(x, [])).toBe(x);
    expect(pad(x, [[-2, 3]]).toArray()).toEqual([
      [0, 0, 0],
      [0, 0, 0],
      [0, 0, 0],
    ]);
    expect(pad(zeros([0, 1]), [[1, 1]], -inf).toArray()).toEqual([[-inf], [-inf]]);
    expect(pad(tensor(3), []).item()).toBe(3);
  });

  test("pad refuses", () => {
    const x = zeros([2]);
    refuses(
      () =>
        pad(x, [
          [1, 1],
          [0, 0],
        ]),
      ShapeError,
      "pad: at most one pair of widths per axis, got 2 for [2]",
    );
    refuses(
      () => pad(x, [[-1, -2]]),
      ShapeError,
      "pad: cannot cut off more than there is, got [-1, -2] for size 2 of axis 0",
    );
    refuses(() => pad(x, [[0.5, 0]]), ShapeError, "pad: widths must be pairs of integers, got [0.5,0] on axis 0");
    refuses(() => pad(x, [1, 1] as unknown as [number, number][]), ShapeError, "pad: at most one pair");
    refuses(
      () => pad(x, [1] as unknown as [number, number][]),
      ShapeError,
      "pad: widths must be pairs of integers, got 1",
    );
    refuses(
      () => pad(int32([1]), [[1, 1]], 0.5),
      DTypeError,
      "pad: the value must be a number that int32 can hold, got 0.5",
    );
  });

  test("triangles replace NaN by 0, on any diagonal, for each matrix of a batch", () => {
    const x = leaf([
      [1, 2],
      [nan, 4],
    ]);
    expect(triu(x).toArray()).toEqual([
      [1, 2],
      [0, 4],
    ]);
    expect(gradOf(x, triu(x))).toEqual([
      [1, 1],
      [0, 1],
    ]);
    expect(gradOf(x, triu(x), [1, 1, nan, 1])).toEqual([
      [1, 1],
      [0, 1],
    ]);
    const ones = tensor([
      [
        [1, 1, 1],
        [1, 1, 1],
      ],
      [
        [1, 1, 1],
        [1, 1, 1],
      ],
    ]);
    expect(tril(ones, 1).toArray()).toEqual([
      [
        [1, 1, 0],
        [1, 1, 1],
      ],
      [
        [1, 1, 0],
        [1, 1, 1],
      ],
    ]);
    expect(tril(ones, -5).sum().item()).toBe(0);
    expect(triu(ones, -5).sum().item()).toBe(12);
    expect(triu(zeros([0, 2])).shape).toEqual([0, 2]);
    refuses(() => tril(zeros([3])), ShapeError, "tril: needs at least two axes, got [3]");
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

describe("sort, argsort and topk", () => {
  test("agree with a stable sort that takes NaN for the largest", () => {
    const value = fc.oneof(fc.integer({ min: -5, max: 5 }), fc.constantFrom(nan, inf, -inf, -0, 0), fc.double());
    const lanes = fc.tuple(fc.array(value, { maxLength: 90 }), fc.boolean());
    const compare = (a: number, b: number): number => {
      if (a !== a || b !== b) return Number(a !== a) - Number(b !== b);
      return a < b ? -1 : Number(a > b);
    };
    fc.assert(
      fc.property(lanes, ([values, descending]) => {
        const order = values.map((_, i) => i);
        order.sort((i, j) => compare(values[i]!, values[j]!) * (descending ? -1 : 1) || i - j);
        expect(argsort(tensor(values, f64), 0, { descending }).toArray()).toEqual(order);
      }),
      { seed: 1, numRuns: 300 },
    );
  });

  test("long lanes, sorted or not", () => {
    const n = 5000;
    const shuffled = Float64Array.from({ length: n }, (_, i) => (i * 2741) % n);
    const { values, indices } = sort(tensor(shuffled));
    expect(values.toArray()).toEqual(Array.from({ length: n }, (_, i) => i));
    expect(shuffled[indices.data[17]!]).toBe(17);
    expect(sort(values, 0, { descending: true }).values.toArray()).toEqual(
      Array.from({ length: n }, (_, i) => n - 1 - i),
    );
  });

  test("along any axis; the gradient goes back to where values came from", () => {
    const x = leaf([
      [3, 1],
      [2, 5],
      [1, 4],
    ]);
    const { values, indices } = sort(x, 0);
    expect(values.toArray()).toEqual([
      [1, 1],
      [2, 4],
      [3, 5],
    ]);
    expect([indices.dtype, indices.toArray()]).toEqual([
      "int32",
      [
        [2, 0],
        [1, 2],
        [0, 1],
      ],
    ]);
    expect(gradOf(x, values, [1, 2, 3, 4, 5, 6])).toEqual([
      [5, 2],
      [3, 6],
      [1, 4],
    ]);
    expect(sort(x, -2, { descending: true }).indices.toArray()).toEqual([
      [0, 1],
      [1, 2],
      [2, 0],
    ]);
  });

  test("integers, bools, scalars and empty tensors", () => {
    expect(sort(int32([2, -(2 ** 31), 1]), 0, { descending: true }).values.toArray()).toEqual([2, 1, -(2 ** 31)]);
    expect(sort(tensor([true, false])).values.toArray()).toEqual([false, true]);
    expect(sort(tensor(5)).values.item()).toBe(5);
    expect(sort(zeros([2, 0])).indices.shape).toEqual([2, 0]);
    refuses(() => sort(zeros([2]), 1), ShapeError, "sort: axis must be an integer from -1 to 0, got 1");
    refuses(() => argsort(zeros([2]), 1), ShapeError, "argsort: axis must be");
  });

  test("topk", () => {
    const x = leaf([
      [3, nan, 1],
      [5, 5, 4],
    ]);
    const { values, indices } = topk(x, 2);
    expect(values.toArray()).toEqual([
      [nan, 3],
      [5, 5],
    ]);
    expect(indices.toArray()).toEqual([
      [1, 0],
      [0, 1],
    ]);
    expect(gradOf(x, values)).toEqual([
      [1, 1, 0],
      [1, 1, 0],
    ]);
    expect(topk(x, 1, 0, { largest: false }).values.toArray()).toEqual([[3, 5, 1]]);
    expect(topk(x, 0).values.shape).toEqual([2, 0]);
    expect(topk(tensor(4), 1).values.item()).toBe(4);
    refuses(() => topk(x, 4), ShapeError, "topk: k must be an integer from 0 to 3, the size of axis 1, got 4");
    refuses(() => topk(x, -1), ShapeError, "topk: k must be an integer");
  });
});
