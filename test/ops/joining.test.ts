import { describe, expect, test } from "vitest";
import {
  cat,
  DTypeError,
  flip,
  pad,
  ShapeError,
  slice,
  split,
  stack,
  type Tensor,
  tensor,
  tril,
  triu,
  ValueError,
  zeros,
} from "../../src/index.ts";
import { gradOf, int32, leaf, refuses } from "../support/expecting.ts";

const { NaN: nan, POSITIVE_INFINITY: inf } = Number;
const f64 = { dtype: "float64" } as const;

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

  const partsOf = (n: number): Tensor[] => Array.from({ length: n }, (_, i) => leaf([i]));
  const joined =
    (join: (all: Tensor[]) => Tensor) =>
    (n: number): (() => void) => {
      const parts = partsOf(n);
      return () => {
        const y = join(parts);
        expect([y.size, y.data[n - 1]]).toEqual([n, n - 1]);
        parts[n - 1]!.grad = null;
        y.sum().backward();
        expect(parts[n - 1]!.grad?.data[0]).toBe(1);
      };
    };
  const cutUp =
    (cut: (x: Tensor) => Tensor[]) =>
    (n: number): (() => void) => {
      const x = zeros([n], { requiresGrad: true });
      return () => {
        x.grad = null;
        cat(cut(x)).sum().backward();
        expect(x.grad!.sum().item()).toBe(n);
      };
    };

  test.each<[string, (n: number) => () => void]>([
    ["cat", joined((all) => cat(all))],
    ["stack", joined((all) => stack(all))],
    ["split", cutUp((x) => split(x, 1))],
    ["slices", cutUp((x) => Array.from({ length: x.shape[0]! }, (_, i) => slice(x, [i, i + 1])))],
    ["rows", cutUp((x) => [...x].map((row) => row.unsqueeze(0)))],
  ])("10⁵ parts by %s, and their gradients, are linear work", (_, work) => {
    const time = (run: () => void): number => {
      const start = performance.now();
      run();
      return performance.now() - start;
    };
    const [few, many] = [work(10_000), work(100_000)];
    const short = Math.min(...Array.from({ length: 5 }, () => time(few)));
    // The least of several runs: whatever else the machine does only adds time.
    let long = time(many);
    for (let run = 0; run < 8 && long / short >= 25; run++) long = Math.min(long, time(many));
    expect(long / short).toBeLessThan(40); // 100 where each part costs what all parts cost
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
      () => cat<Tensor[]>([tensor([[1]]), tensor([[1, 2]])]),
      ShapeError,
      "cat: shapes must be equal in all axes but axis 0, got [1, 1] and [1, 2] (tensor 1)",
    );
    refuses(() => cat([]), ValueError, "cat: needs at least one tensor, got an empty array");
    refuses(() => stack([]), ValueError, "stack: needs at least one tensor");
    refuses(
      () => cat(zeros([2]) as unknown as Tensor[]),
      ValueError,
      "cat: takes an array of tensors, got a tensor float32[2]; write cat([a, b])",
    );
    refuses(() => cat([zeros([2]) as Tensor], 1), ShapeError, "cat: axis must be an integer from -1 to 0, got 1");
    refuses(
      () => cat([tensor(1), tensor(2)]),
      ShapeError,
      "cat: tensors must have at least one axis, got a scalar; use stack",
    );
    refuses(
      () => stack<Tensor[]>([zeros([2]), zeros([3])]),
      ShapeError,
      "stack: shapes must be equal, got [2] and [3] (tensor 1)",
    );
    refuses(() => stack([zeros([2]) as Tensor], 2), ShapeError, "stack: axis must be an integer from -2 to 1, got 2");
    refuses(
      () => split(zeros([3]), 0),
      ShapeError,
      "split: the size of the parts must be a positive integer, or sizes a list, got 0",
    );
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
    // @ts-expect-error: an axis that is named twice
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
    refuses(
      () => pad(x, [[0.5, 0]]),
      ShapeError,
      "pad: widths must be pairs of integers, got [0.5, 0] on axis 0; write pad(x, [[1, 1]])",
    );
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
