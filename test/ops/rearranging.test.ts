import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { compile } from "../../src/compile/index.ts";
import * as T from "../../src/index.ts";
import { loose } from "../support/refusals.ts";

const {
  arange,
  diag,
  diagonal,
  gradients,
  meshgrid,
  outer,
  repeat,
  roll,
  ShapeError,
  tensor,
  tile,
  trace,
  ValueError,
} = T;
type Tensor = T.Tensor;

/** Elements that tell their places. */
const counting = (shape: readonly number[]): Tensor =>
  T.reshape(arange(1, shape.reduce((a, b) => a * b, 1) + 1, { dtype: "float64" }), shape);

/** Movement is linear, so that its gradient is its transpose: ⟨c, f(x)⟩ = ⟨fᵀ(c), x⟩. Compiled, it is the same. */
function expectMoves(
  f: (x: Tensor) => Tensor,
  shape: readonly number[],
  at: (x: Tensor, place: number[]) => number,
): void {
  const x = counting(shape);
  x.requiresGrad = true;
  const y = f(x);
  const [values, sizes] = [y.data, y.shape];
  for (let i = 0; i < values.length; i++) {
    let rest = i;
    const place = sizes.map(() => 0);
    for (let d = sizes.length - 1; d >= 0; d--) {
      place[d] = rest % sizes[d]!;
      rest = Math.floor(rest / sizes[d]!);
    }
    expect(values[i]).toBe(at(x, place));
  }
  const c = T.sub(counting(sizes), 2.5);
  const [g] = gradients(y, [x], { cotangents: [c], createGraph: true });
  expect(g!.mul(x).sum().item()).toBeCloseTo(c.mul(y).sum().item(), 6);
  const run = compile(f, { verify: true });
  run(counting(shape));
  expect(run(x.detach()).toArray()).toEqual(y.toArray());
}

const at = (x: Tensor, place: readonly number[]): number => T.slice(x, ...place).item();
const sizes = fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 3 });

describe("movement", () => {
  test("roll", () => {
    const draw = fc.tuple(sizes, fc.array(fc.tuple(fc.integer({ min: -9, max: 9 }), fc.nat()), { maxLength: 3 }));
    fc.assert(
      fc.property(draw, ([shape, moves]) => {
        const axes = moves.map(([, axis]) => axis % shape.length);
        const shifts = moves.map(([shift]) => shift);
        expectMoves((x) => roll(x, shifts, axes), shape, (x, place) => {
          const from = [...place];
          axes.forEach((axis, i) => {
            const n = shape[axis]!;
            from[axis] = (((from[axis]! - shifts[i]!) % n) + n) % n;
          });
          return at(x, from);
        }); // biome-ignore format: one call
      }),
      { numRuns: 60 },
    );
    expect(roll(tensor([[1, 2], [3, 4]]), 1).toArray()).toEqual([[4, 1], [2, 3]]); // biome-ignore format: matrices
    expect(roll(tensor(5), 3).toArray()).toBe(5);
    expect(roll(T.zeros([0, 2]), 3, 0).shape).toEqual([0, 2]);
  });

  test("repeat and tile", () => {
    const draw = fc.tuple(sizes, fc.array(fc.integer({ min: 0, max: 3 }), { minLength: 1, maxLength: 4 }));
    fc.assert(
      fc.property(draw, ([shape, times]) => {
        const lead = Math.max(0, times.length - shape.length);
        const from = (x: Tensor, place: readonly number[]): number =>
          at(
            x,
            place.slice(lead).map((i, d) => i % shape[d]!),
          );
        expectMoves((x) => tile(x, times), shape, from);
        if (times.length >= shape.length) expectMoves((x) => repeat(x, times), shape, from);
      }),
      { numRuns: 60 },
    );
    expect(tile(tensor(7), 2).toArray()).toEqual([7, 7]);
    expect(repeat(tensor(7), []).toArray()).toBe(7);
  });

  test("diagonal and diag", () => {
    const draw = fc.tuple(
      fc.array(fc.nat(4), { minLength: 2, maxLength: 4 }),
      fc.nat(),
      fc.nat(),
      fc.integer({ min: -5, max: 5 }),
    );
    fc.assert(
      fc.property(draw, ([shape, first, second, k]) => {
        const i = first % shape.length;
        const j = (i + 1 + (second % (shape.length - 1))) % shape.length;
        const f = (x: Tensor): Tensor => diagonal(x, k, i, j - shape.length);
        const kept = shape.filter((_, d) => d !== i && d !== j);
        const count = Math.max(0, Math.min(shape[i]! + Math.min(k, 0), shape[j]! - Math.max(k, 0)));
        expect(f(T.zeros(shape)).shape).toEqual([...kept, count]);
        expectMoves(f, shape, (x, place) => {
          const others = [...place];
          const step = others.pop()!;
          return at(x, shape.map((_, d) => (d === i ? step - Math.min(k, 0) : d === j ? step + Math.max(k, 0) : others.shift()!)));
        }); // biome-ignore format: one call
      }),
      { numRuns: 80 },
    );
    for (const k of [-2, -1, 0, 1, 2]) {
      const n = 3 + Math.abs(k);
      expectMoves((x) => diag(x, k), [3], (x, [i, j]) => (j! - i! === k ? at(x, [i! + Math.min(k, 0)]) : 0)); // biome-ignore format: one line
      expect(diag(diag(counting([3]), k), k).toArray()).toEqual([1, 2, 3]);
      expect(diag(counting([3]), k).shape).toEqual([n, n]);
      expect(diag(T.zeros([0]), k).shape).toEqual([n - 3, n - 3]);
    }
  });

  test("meshgrid", () => {
    for (const indexing of ["ij", "xy"] as const) {
      const order = indexing === "ij" ? [0, 1, 2] : [1, 0, 2];
      [2, 3, 4].forEach((n, k) => {
        const f = (x: Tensor): Tensor =>
          meshgrid(
            [2, 3, 4].map((size, i) => (i === k ? x : T.zeros([size]))),
            { indexing },
          )[k]!;
        expect(f(T.zeros([n])).shape).toEqual(order.map((i) => [2, 3, 4][i]));
        expectMoves(f, [n], (x, place) => at(x, [place[order.indexOf(k)]!]));
      });
    }
    expect(meshgrid([tensor(1), tensor([2, 3])]).map((x) => x.toArray())).toEqual([[[1, 1]], [[2, 3]]]);
    expect(meshgrid([tensor([2, 3])], { indexing: "xy" })[0]!.toArray()).toEqual([2, 3]);
  });
});

test("trace and outer, with their dtypes", () => {
  const x = tensor([[1, 2, 3], [4, 5, 6]], { requiresGrad: true }); // biome-ignore format: a matrix
  expect(trace(x).item()).toBe(6);
  expect(gradients(trace(x), [x])[0]!.toArray()).toEqual([[1, 0, 0], [0, 1, 0]]); // biome-ignore format: a matrix
  expect(trace(tensor([[true]])).dtype).toBe("int32");
  expect(trace(T.zeros([0, 3])).item()).toBe(0);
  const [a, b] = [tensor([1, 2], { requiresGrad: true }), tensor([3, 4, 5])];
  const [da] = gradients(outer(a, b).sum(), [a], { createGraph: true });
  expect(da!.toArray()).toEqual([12, 12]);
  expect(outer(tensor([1], { dtype: "int32" }), b).dtype).toBe("float32");
});

describe("refusals", () => {
  const any = loose(T);
  const x = T.zeros([2, 3]);
  test.each<[() => unknown, new (...args: never[]) => T.TinygradError, string]>([
    [() => roll(x, 0.5, 0), ValueError, "roll: shifts must be integers, got 0.5; write roll(x, 1, 0)"],
    [() => roll(x, [1, 2], 0), ShapeError, "roll: each shift needs an axis, got 2 shifts and 1 axes"],
    [() => roll(x, [1, 2]), ShapeError, "roll: each shift needs an axis, got [1, 2]; write roll(x, [1, 2], axes)"],
    [() => roll(x, 1, 2), ShapeError, "roll: axis must be an integer from -2 to 1, got 2"],
    [
      () => repeat(x, 2),
      ShapeError,
      "repeat: each axis needs a number of copies, got [2] for [2, 3]; write repeat(x, [1, 2])",
    ],
    [() => repeat(x, [1, -1]), ShapeError, "repeat: times must be whole numbers, 0 or more, got [1, -1]"],
    [() => any.repeat(x, 2, 3), ValueError, "repeat: takes no argument 3, got 3; write repeat(x, [2, 3])"],
    [() => tile(x, 1.5), ShapeError, "tile: times must be whole numbers, 0 or more, got 1.5"],
    [() => meshgrid([]), ValueError, "meshgrid: needs at least one tensor, got an empty array"],
    [
      () => meshgrid([x]),
      ShapeError,
      "meshgrid: tensors must be vectors, got float32[2, 3] (tensor 0); flatten it first",
    ],
    [() => any.meshgrid(x, x), ValueError, "meshgrid: takes an array of tensors"],
    [
      () => any.meshgrid([x.slice(0)], { indexing: "yx" }),
      ValueError,
      'meshgrid: indexing must be "ij" or "xy", got "yx"',
    ],
    [() => diagonal(x.slice(0)), ShapeError, "diagonal: needs at least two axes, got float32[3]"],
    [() => diagonal(x, 0.5), ValueError, "diagonal: the diagonal must be an integer, got 0.5"],
    [() => diagonal(x, 0, 1, -1), ShapeError, "diagonal: axes must be distinct, got 1 and -1"],
    [() => diag(tensor(1)), ShapeError, "diag: takes a vector or a matrix, got float32[]; reshape it to [1]"],
    [() => trace(x.slice(0)), ShapeError, "trace: takes a matrix, got float32[3]"],
    [() => outer(x, x), ShapeError, "outer: takes two vectors, got float32[2, 3] (input 0)"],
  ])("%#", (call, type, message) => {
    expect(call).toThrow(type);
    expect(call).toThrow(message);
  });
});
