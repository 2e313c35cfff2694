import { describe, expect, test } from "vitest";
import {
  crossEntropy,
  DTypeError,
  IndexError,
  type NestedArray,
  oneHot,
  ones,
  randn,
  ShapeError,
  type Tensor,
  tensor,
  transpose,
  ValueError,
  zeros,
} from "../../src/index.ts";

const of = (values: NestedArray, requiresGrad = false): Tensor => tensor(values, { dtype: "float64", requiresGrad });
const classes = (values: NestedArray): Tensor => tensor(values, { dtype: "int32" });
const logits = [
  [1, 2, 0.5],
  [-1, 0, 3],
];

/** −log softmax, written out. */
function lossOf(row: readonly number[], target: number): number {
  return Math.log(row.reduce((s, v) => s + Math.exp(v), 0)) - row[target]!;
}

describe("crossEntropy of class indices", () => {
  test("is −log of the right class's share, in mean, sum and each", () => {
    const wanted = [lossOf(logits[0]!, 2), lossOf(logits[1]!, 0)];
    const [x, t] = [of(logits), classes([2, 0])];
    expect(crossEntropy(x, t).item()).toBeCloseTo((wanted[0]! + wanted[1]!) / 2, 14);
    expect(crossEntropy(x, t, { reduction: "sum" }).item()).toBeCloseTo(wanted[0]! + wanted[1]!, 14);
    const each = crossEntropy(x, t, { reduction: "none" });
    expect(each.shape).toEqual([2]);
    each.toArray<number[]>().forEach((v, i) => {
      expect(v).toBeCloseTo(wanted[i]!, 14);
    });
  });

  test("has the gradient softmax − one-hot, over the number of places", () => {
    const x = of(logits, true);
    crossEntropy(x, classes([2, 0])).backward();
    x.grad!.toArray<number[][]>().forEach((row, i) => {
      row.forEach((g, j) => {
        const share = Math.exp(-lossOf(logits[i]!, j));
        expect(g).toBeCloseTo((share - (j === [2, 0][i] ? 1 : 0)) / 2, 14);
      });
    });
  });

  test("has its classes on axis 1, or on axis 0 of a vector", () => {
    const vector = crossEntropy(of(logits[1]!), classes(1));
    expect([vector.shape, vector.item()]).toEqual([[], lossOf(logits[1]!, 1)]);
    const x = randn([2, 3, 4, 5], { dtype: "float64" });
    const t = Array.from({ length: 2 }, (_, n) =>
      Array.from({ length: 4 }, (_, i) => Array.from({ length: 5 }, (_, j) => (n + i + j) % 3)),
    );
    const each = crossEntropy(x, classes(t), { reduction: "none" });
    expect(each.shape).toEqual([2, 4, 5]);
    const values = x.toArray<number[][][][]>();
    each.toArray<number[][][]>().forEach((plane, n) => {
      plane.forEach((row, i) => {
        row.forEach((loss, j) => {
          const at = values[n]!.map((channel) => channel[i]![j]!);
          expect(loss).toBeCloseTo(lossOf(at, t[n]![i]![j]!), 13);
        });
      });
    });
    expect(crossEntropy(x, classes(t)).item()).toBeCloseTo(each.mean().item(), 14);
  });

  test("is safe for logits of any size", () => {
    const x = of(
      [
        [1000, 0],
        [1000, 0],
        [Number.NEGATIVE_INFINITY, 0],
      ],
      true,
    );
    const each = crossEntropy(x, classes([0, 1, 1]), { reduction: "none" });
    expect(each.toArray()).toEqual([-0, 1000, -0]);
    each.sum().backward();
    expect(x.grad!.toArray()).toEqual([
      [0, 0],
      [1, -1],
      [0, 0],
    ]);
    const impossible = crossEntropy(of([[Number.NEGATIVE_INFINITY, 0]]), classes([0]));
    expect(impossible.item()).toBe(Number.POSITIVE_INFINITY);
  });

  test("over no places is NaN in the mean, and has an empty gradient", () => {
    const x = zeros([0, 3], { requiresGrad: true });
    const loss = crossEntropy(x, zeros([0], { dtype: "int32" }));
    expect(loss.item()).toBeNaN();
    loss.backward();
    expect(x.grad!.shape).toEqual([0, 3]);
    expect(crossEntropy(x, zeros([0], { dtype: "int32" }), { reduction: "sum" }).item()).toBe(0);
  });

  test.each<[NestedArray, NestedArray, string]>([
    [
      [[1, 2]],
      [2],
      "crossEntropy: a class must be from 0 to 1, got 2 at sample 0 of the target; classes count from 0; the logits have 2",
    ],
    [
      [[1, 2]],
      [-1],
      "crossEntropy: a class must be from 0 to 1, got -1 at sample 0 of the target; to leave such places out, pass { ignoreIndex: -1 }",
    ],
    [[1, 2, 3], 3, "crossEntropy: a class must be from 0 to 2, got 3; classes count from 0; the logits have 3"],
    [[[]], [0], "crossEntropy: there are no classes, got 0 at sample 0 of the target; the logits have 0 classes"],
  ])("refuses classes that do not exist: %j with %j", (x, t, message) => {
    expect(() => crossEntropy(of(x), classes(t))).toThrow(IndexError);
    expect(() => crossEntropy(of(x), classes(t))).toThrow(message);
  });

  test("says where in the target a wrong class is", () => {
    const t = classes([
      [0, 1, 2],
      [0, 7, 0],
    ]);
    expect(() => crossEntropy(randn([2, 3, 3]), t)).toThrow(
      "got 7 at sample 1 of the target, [1] in it; the logits have 3 classes",
    );
  });
});

describe("crossEntropy of probabilities", () => {
  test("of one-hot rows is that of the classes", () => {
    const x = randn([4, 3, 2], { dtype: "float64" });
    const t = classes([
      [0, 1],
      [2, 2],
      [1, 0],
      [0, 0],
    ]);
    const rows = oneHot(t, 3, { dtype: "float64" });
    const swapped = transpose(rows, 1, 2);
    for (const reduction of ["mean", "sum"] as const) {
      const [a, b] = [crossEntropy(x, t, { reduction }), crossEntropy(x, swapped, { reduction })];
      expect(a.item()).toBeCloseTo(b.item(), 13);
    }
    expect(crossEntropy(x, swapped, { reduction: "none" }).shape).toEqual([4, 2]);
  });

  test("weighs the classes, on axis 0 of a vector too", () => {
    const x = logits[0]!;
    const wanted = 0.2 * lossOf(x, 0) + 0.8 * lossOf(x, 2);
    expect(crossEntropy(of(x), of([0.2, 0, 0.8])).item()).toBeCloseTo(wanted, 14);
    expect(crossEntropy(of([x]), of([[0.2, 0, 0.8]])).item()).toBeCloseTo(wanted, 14);
  });

  test("has gradients to the probabilities too", () => {
    const t = of([[0.5, 0.5, 0]], true);
    crossEntropy(of([logits[0]!]), t).backward();
    t.grad!.toArray<number[][]>()[0]!.forEach((g, i) => {
      expect(g).toBeCloseTo(lossOf(logits[0]!, i), 14);
    });
  });

  test("refuses NaN", () => {
    const t = of([
      [0.5, 0.5],
      [1, Number.NaN],
    ]);
    expect(() =>
      crossEntropy(
        of([
          [1, 2],
          [3, 4],
        ]),
        t,
      ),
    ).toThrow(ValueError);
    expect(() =>
      crossEntropy(
        of([
          [1, 2],
          [3, 4],
        ]),
        t,
      ),
    ).toThrow("crossEntropy: probabilities must not be NaN, got NaN at [1, 1]");
  });
});

describe("crossEntropy refuses", () => {
  const rule =
    "crossEntropy: for logits [4, 3] the target must be classes, int32[4], or probabilities, float32[4, 3], got";

  test.each<[Tensor, new (...args: never[]) => Error, string]>([
    [tensor([0, 1, 2, 0]), DTypeError, `${rule} float32[4]; class indices must be int32: use target.to("int32")`],
    [tensor([0, Number.NaN, 2, 0]), ValueError, "crossEntropy: a class must be a whole number, got NaN at sample 1"],
    [tensor([true, false, true, true]), DTypeError, `${rule} bool[4]; class indices must be int32`],
    [zeros([4, 1]), ShapeError, `${rule} float32[4, 1]`],
    [classes([0, 1]), ShapeError, `${rule} int32[2]`],
    [
      zeros([4, 3], { dtype: "int32" }),
      ShapeError,
      `${rule} int32[4, 3]; for probabilities (or one-hot rows) use target.to("float32")`,
    ],
    [zeros([4, 3], { dtype: "bool" }), DTypeError, "crossEntropy: probabilities must be floating, got bool"],
  ])("targets that do not fit: %#", (target, kind, message) => {
    expect(() => crossEntropy(ones([4, 3]), target)).toThrow(kind);
    expect(() => crossEntropy(ones([4, 3]), target)).toThrow(message);
  });

  test("logits without classes, integers, and unknown reductions", () => {
    expect(() => crossEntropy(tensor(1), classes(0))).toThrow("crossEntropy: logits must have a class axis, got []");
    expect(() => crossEntropy(classes([1]), classes(0))).toThrow("crossEntropy: logits must be floating, got int32");
    expect(() => crossEntropy(ones([2]), classes(0), { reduction: "max" as "sum" })).toThrow(
      'crossEntropy: reduction must be "mean", "sum" or "none", got "max", a string',
    );
  });
});
