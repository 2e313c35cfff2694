import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { argsort, ShapeError, sort, tensor, topk, zeros } from "../../src/index.ts";
import { gradOf, int32, leaf, refuses } from "../support/expecting.ts";

const { NaN: nan, POSITIVE_INFINITY: inf } = Number;
const f64 = { dtype: "float64" } as const;

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
    // @ts-expect-error: an axis that there is not
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
