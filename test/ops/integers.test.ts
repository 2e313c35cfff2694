import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Tensor } from "../../src/index.ts";
import * as T from "../../src/index.ts";
import { int32, refuses } from "../support/expecting.ts";
import {
  exactly,
  type Grid,
  grid,
  least,
  most,
  type Outcome,
  pairOf,
  toTensor,
  values,
  wrapping,
} from "../support/integers.ts";

// int32 against BigInt, eagerly and compiled. More: INT_RUNS=2000 npx vitest run test/ops/integers.test.ts
const numRuns = Number(process.env["INT_RUNS"] ?? 150);

const size = fc.integer({ min: 1, max: 4 });

/** Checks that both ways of computing come to what BigInt comes to. */
function agree(
  f: (...inputs: Tensor[]) => Tensor,
  inputs: fc.Arbitrary<readonly Grid[]>,
  reference: (...inputs: Grid[]) => Outcome,
) {
  const both = pairOf(f);
  fc.assert(
    fc.property(inputs, (grids) => {
      const { eager, compiled } = both(...grids.map(toTensor));
      expect(eager).toEqual(reference(...grids));
      expect(compiled).toEqual(eager);
    }),
    { numRuns, seed: 16 },
  );
}

const matrix = fc.tuple(size, size).chain(([m, n]) => grid([m, n]));
const alone = fc.tuple(matrix);
/** A matrix, and what broadcasts to it: its like, a row, or a scalar. */
const pairs = fc
  .tuple(size, size, fc.nat({ max: 2 }))
  .chain(([m, n, axes]) => fc.tuple(grid([m, n]), grid([m, n].slice(axes))));

/** `f` of each element of a, and of b's that broadcasts to it. */
const zipped = (a: Grid, b: Grid, f: (v: bigint, w: bigint) => bigint): Grid => ({
  shape: a.shape,
  at: a.at.map((v, i) => f(v, b.at[i % b.at.length]!)),
});
const mapped = ({ shape, at }: Grid, f: (v: bigint) => bigint): Grid => ({ shape, at: at.map(f) });
const absolute = (v: bigint): bigint => (v < 0n ? -v : v);

describe("elementwise arithmetic wraps around, as in C", () => {
  const two: Record<string, [(a: Tensor, b: Tensor) => Tensor, (v: bigint, w: bigint) => bigint]> = {
    add: [T.add, (v, w) => v + w],
    sub: [T.sub, (v, w) => v - w],
    mul: [T.mul, (v, w) => v * w],
    maximum: [T.maximum, (v, w) => (v > w ? v : w)],
    minimum: [T.minimum, (v, w) => (v < w ? v : w)],
    where: [(a, b) => T.where(T.lt(a, b), a, b), (v, w) => (v < w ? v : w)],
    "b - a": [(a, b) => T.sub(b, a), (v, w) => w - v],
  };
  test.each(Object.entries(two))("%s", (_, [f, reference]) => {
    agree(f, pairs, (a, b) => wrapping(zipped(a, b, reference)));
  });

  const one: Record<string, [(x: Tensor) => Tensor, (v: bigint) => bigint]> = {
    neg: [T.neg, (v) => -v],
    abs: [T.abs, absolute],
    relu: [T.relu, (v) => (v > 0n ? v : 0n)],
    sign: [T.sign, (v) => (v > 0n ? 1n : v < 0n ? -1n : 0n)],
    floor: [T.floor, (v) => v],
    round: [T.round, (v) => v],
    clamp: [(x) => T.clamp(x, -5, most - 1), (v) => (v < -5n ? -5n : v > most - 1 ? BigInt(most - 1) : v)],
    maskedFill: [(x) => T.maskedFill(x, T.gt(x, 3), most), (v) => (v > 3n ? BigInt(most) : v)],
    "3 - x": [(x) => T.sub(3, x), (v) => 3n - v],
    "times a number": [(x) => T.mul(x, most), (v) => v * BigInt(most)],
  };
  test.each(Object.entries(one))("%s", (_, [f, reference]) => {
    agree(f, alone, (x) => wrapping(mapped(x, reference)));
  });

  test("the examples that were wrong", () => {
    expect(T.mul(int32([most]), int32([most])).toArray()).toEqual([1]);
    expect(T.abs(int32([least])).toArray()).toEqual([least]);
  });
});

describe("powers of integers", () => {
  const few = fc.oneof(fc.integer({ min: 0, max: 8 }), fc.constantFrom(0, 1, 30, 31, 32));

  test("are exact, or refused", () => {
    const base = fc.oneof(values, fc.integer({ min: -7, max: 7 }));
    const inputs = fc.tuple(size, size).chain(([m, n]) => fc.tuple(grid([m, n], base), grid([n], few)));
    agree(T.pow, inputs, (a, b) =>
      exactly(
        "pow",
        zipped(a, b, (v, w) => v ** w),
      ),
    );
  });

  test.each([0, 1, 2, 3, 5, 31])("to the number %d as well", (n) => {
    agree((x) => T.pow(x, n), alone, (x) => exactly("pow", mapped(x, (v) => v ** BigInt(n)))); // biome-ignore format: one line
  });

  test("of a number, and by the method", () => {
    expect(T.pow(2, int32([0, 30])).toArray()).toEqual([1, 2 ** 30]);
    expect(
      int32([3])
        .pow(int32([4]))
        .toArray(),
    ).toEqual([81]);
    expect(T.pow(T.tensor([true, false]), 2).toString()).toBe("int32[2] [1, 0]");
    refuses(() => T.pow(2, int32([31])), T.ValueError, "pow: int32 overflows, got 2147483648 at index 0; cast first");
  });

  test("to a negative one are refused, however it is given", () => {
    const text = 'pow: the exponent of integers must not be negative, got -1; cast first: x.to("float64")';
    refuses(() => T.pow(int32([2]), -1), T.ValueError, text);
    refuses(() => int32([1]).pow(-1), T.ValueError, text);
    const { eager, compiled } = pairOf(T.pow)(int32([2, 2]), int32([1, -1]));
    expect(eager).toMatch("must not be negative, got -1 at index 1; cast first");
    expect(compiled).toBe(eager);
  });

  test("to a fraction, and of fractions, are floats", () => {
    expect(T.pow(int32([4]), 0.5).toString()).toBe("float32[1] [2]");
    expect(T.pow(T.tensor([2]), int32([-1])).toArray()).toEqual([0.5]);
    expect(T.pow(0.5, int32([-1])).toArray()).toEqual([2]);
  });
});

/** A tensor of three axes as sums or products over some of them. */
function reduced(
  { shape, at }: Grid,
  axes: readonly number[],
  start: bigint,
  f: (v: bigint, w: bigint) => bigint,
): Grid {
  const [m, n, p] = shape as [number, number, number];
  const kept = shape.filter((_, axis) => !axes.includes(axis));
  const out = new Array<bigint>(kept.reduce((a, b) => a * b, 1)).fill(start);
  for (let i = 0, k = 0; i < m; i++) {
    for (let j = 0; j < n; j++) {
      for (let l = 0; l < p; l++, k++) {
        const index = [i, j, l].filter((_, axis) => !axes.includes(axis));
        const to = index.reduce((place, v, d) => place * kept[d]! + v, 0);
        out[to] = f(out[to]!, at[k]!);
      }
    }
  }
  return { shape: kept, at: out };
}

const cube = fc.tuple(fc.tuple(size, size, size).chain((shape) => grid(shape)));
const someAxes = [[0], [1], [2], [0, 1], [1, 2], [0, 2], [0, 1, 2]];

describe("reductions are exact, or refused", () => {
  test.each(someAxes.map((axes) => [axes]))("sum over %j", (axes) => {
    agree((x) => T.sum(x, axes), cube, (x) => exactly("sum", reduced(x, axes, 0n, (v, w) => v + w))); // biome-ignore format: one line
  });

  test.each(someAxes.map((axes) => [axes]))("prod over %j", (axes) => {
    agree((x) => T.prod(x, axes), cube, (x) => exactly("prod", reduced(x, axes, 1n, (v, w) => v * w))); // biome-ignore format: one line
  });

  test("cumsum", () => {
    agree(
      (x) => T.cumsum(x, 1),
      alone,
      ({ shape, at }) => {
        const n = shape[1]!;
        const sums = at.map((_, i) => at.slice(i - (i % n), i + 1).reduce((v, w) => v + w, 0n));
        return exactly("cumsum", { shape, at: sums });
      },
    );
  });

  test("max and min", () => {
    agree((x) => T.max(x, [0, 2]), cube, (x) => wrapping(reduced(x, [0, 2], BigInt(least), (v, w) => (v > w ? v : w)))); // biome-ignore format: one line
    agree((x) => T.min(x, 1), cube, (x) => wrapping(reduced(x, [1], BigInt(most), (v, w) => (v < w ? v : w)))); // biome-ignore format: one line
  });

  test("mean is that of exact sums, in the default dtype", () => {
    agree(
      (x) => T.mean(x, [0, 2]),
      cube,
      (x) => {
        const { shape, at } = reduced(x, [0, 2], 0n, (v, w) => v + w);
        const count = x.at.length / at.length;
        return { dtype: "float32", shape, values: at.map((v) => Math.fround(Number(v) / count) + 0) };
      },
    );
  });

  test("sums of nothing, and over no axes", () => {
    expect(T.sum(T.zeros([0, 2], { dtype: "int32" }), 0).toString()).toBe("int32[2] [0, 0]");
    expect(T.sum(int32([most]), []).toString()).toBe("int32[1] [2147483647]");
    expect(T.sum(int32([[1, 2]]), 1, { keepDims: true }).shape).toEqual([1, 1]);
    expect(T.prod(T.zeros([0], { dtype: "int32" })).toString()).toBe("int32[] 1");
  });

  test("a product with a zero is 0, however large the others are", () => {
    const x = int32([...new Array<number>(64).fill(most), 0]);
    expect(T.prod(x).item()).toBe(0);
    refuses(() => T.prod(T.full([64], most, { dtype: "int32" })), T.ValueError, "prod: int32 overflows, got Infinity");
  });

  test("bools are counted", () => {
    const flags = T.tensor([true, false, true]);
    expect([T.sum(flags), T.prod(flags), T.cumsum(flags, 0), T.matmul(flags, flags)].map(String)).toEqual([
      "int32[] 2",
      "int32[] 0",
      "int32[3] [1, 1, 2]",
      "int32[] 2",
    ]);
  });
});

/** The product of an m × k and a k × n matrix. */
function product(a: Grid, b: Grid): Grid {
  const [m, k] = a.shape as [number, number];
  const n = b.shape[1]!;
  const entry = (i: number, j: number): bigint => {
    let total = 0n;
    for (let p = 0; p < k; p++) total += a.at[i * k + p]! * b.at[p * n + j]!;
    return total;
  };
  return { shape: [m, n], at: Array.from({ length: m * n }, (_, i) => entry(Math.floor(i / n), i % n)) };
}

const transposed = ({ shape: [m, n], at }: Grid): Grid => ({
  shape: [n!, m!],
  at: Array.from({ length: m! * n! }, (_, i) => at[(i % m!) * n! + Math.floor(i / m!)]!),
});

describe("products of matrices are exact, or refused", () => {
  // Of each two columns one is the other's negative, so that sums of products beyond 2⁶² come back.
  const cancelling = fc.tuple(size, size, size).chain(([m, k, n]) =>
    fc.tuple(grid([m, 2 * k]), grid([2 * k, n])).map(([a, b]) => {
      const at = a.at.map((v, i) => (i % 2 === 0 || v === BigInt(least) ? v : -a.at[i - 1]!));
      const fitting = at.map((v) => (v > most ? BigInt(most) : v));
      const rows = b.at.map((v, i) => (Math.floor(i / n) % 2 === 0 ? v : b.at[i - n]!));
      return [
        { shape: a.shape, at: fitting },
        { shape: b.shape, at: rows },
      ] as const;
    }),
  );
  const any = fc.tuple(size, size, size).chain(([m, k, n]) => fc.tuple(grid([m, k]), grid([k, n])));
  const both = fc.oneof(any, cancelling);

  test("matmul", () =>
    agree(
      (a, b) => T.matmul(a, b),
      both,
      (a, b) => exactly("matmul", product(a, b)),
    ));

  test("matmul of transposed operands", () => {
    const inputs = both.map(([a, b]) => [transposed(a), transposed(b)]);
    const options = { transposeA: true, transposeB: true };
    agree((a, b) => T.matmul(a, b, options), inputs, (a, b) => exactly("matmul", product(transposed(a), transposed(b)))); // biome-ignore format: one line
  });

  test("dot products", () => {
    const inputs = both.map(([a, b]) => [{ ...a, at: a.at.slice(0, a.shape[1]), shape: [a.shape[1]!] }, { shape: [b.shape[0]!], at: transposed(b).at.slice(0, b.shape[0]) }]); // biome-ignore format: one line
    agree(
      (a, b) => T.matmul(a, b),
      inputs,
      (a, b) => {
        const { at } = product({ ...a, shape: [1, a.at.length] }, { ...b, shape: [b.at.length, 1] });
        return exactly("matmul", { shape: [], at });
      },
    );
  });

  test("einsum, under its own name", () => {
    agree((a, b) => T.einsum("ij,jk->ik", a, b), both, (a, b) => exactly("einsum", product(a, b))); // biome-ignore format: one line
    agree(
      (a) => T.einsum("ij->j", a),
      alone,
      (a) => {
        const [m, n] = a.shape as [number, number];
        return exactly(
          "einsum",
          reduced({ shape: [1, m, n], at: a.at }, [0, 1], 0n, (v, w) => v + w),
        );
      },
    );
    const outer = fc.tuple(size, size).chain(([m, n]) => fc.tuple(grid([m]), grid([n])));
    agree(
      (a, b) => T.einsum("i,j->ij", a, b),
      outer,
      (a, b) => exactly("einsum", product({ ...a, shape: [a.at.length, 1] }, { ...b, shape: [1, b.at.length] })),
    );
  });

  // Of one sign, half of them, so that sums on the way are far beyond what float64 holds exactly.
  test.each([1, 512, 513, 100_000])("of twice %d terms", (k) => {
    const draw = fc.sample(fc.integer({ min: 2 ** 30, max: most }), { numRuns: 2 * k, seed: k });
    const half = draw.slice(0, k);
    const a = { shape: [1, 2 * k + 1], at: [...half, ...half.map((v) => -v), 7].map(BigInt) };
    const b = { shape: [2 * k + 1, 1], at: [...draw.slice(k), ...draw.slice(k), 11].map(BigInt) };
    expect(product(a, b).at).toEqual([77n]);
    const { eager, compiled } = pairOf((v, w) => T.matmul(v, w))(toTensor(a), toTensor(b));
    expect(eager).toEqual({ dtype: "int32", shape: [1, 1], values: [77] });
    expect(compiled).toEqual(eager);
  });

  test("batches broadcast, bools count, and floats make floats", () => {
    const a = int32([[[1, 2]], [[3, 4]]]);
    refuses(
      () => T.matmul(a, int32([[most], [0]])),
      T.ValueError,
      "matmul: int32 overflows, got 6442450941 at [1, 0, 0]",
    );
    expect(T.matmul(int32([[most]]), T.tensor([[true]])).toArray()).toEqual([[most]]);
    expect(T.matmul(int32([2]), T.tensor([0.5])).dtype).toBe("float32");
    const nothing = T.zeros([2, 0], { dtype: "int32" });
    const { eager, compiled } = pairOf((v, w) => T.matmul(v, w))(nothing, T.transpose(nothing));
    expect(eager).toEqual({ dtype: "int32", shape: [2, 2], values: [0, 0, 0, 0] });
    expect(compiled).toEqual(eager);
  });
});

describe("adding in places is exact, or refused", () => {
  const inputs = fc
    .tuple(size, fc.integer({ min: 1, max: 6 }))
    .chain(([n, terms]) => fc.tuple(grid([n]), grid([terms])));
  const into = (x: Grid, source: Grid): Grid => {
    const at = [...x.at];
    source.at.forEach((v, i) => {
      at[i % at.length]! += v;
    });
    return { shape: x.shape, at };
  };
  const index = (x: Tensor, source: Tensor): Tensor => int32(Array.from({ length: source.size }, (_, i) => i % x.size));

  test("scatterAdd", () => {
    const f = (x: Tensor, source: Tensor): Tensor => T.scatterAdd(x, 0, index(x, source), source);
    agree(f, inputs, (x, source) => exactly("scatterAdd", into(x, source)));
  });

  test("indexAdd", () => {
    const f = (x: Tensor, source: Tensor): Tensor => T.indexAdd(x, 0, index(x, source), source);
    agree(f, inputs, (x, source) => exactly("indexAdd", into(x, source)));
  });
});

describe("what integers are averaged and compared in", () => {
  const close = (got: Tensor, wanted: number): void => {
    expect(got.dtype).toBe("float32");
    expect(Math.abs(got.item() - wanted)).toBeLessThanOrEqual(1e-6 * Math.abs(wanted));
  };

  test("variance, std and norm are computed in float64", () => {
    const both = [T.variance, T.std, T.norm].map((f: (x: Tensor) => Tensor) => pairOf((x) => f(x)));
    fc.assert(
      fc.property(
        fc.integer({ min: 2, max: 9 }).chain((n) => grid([n])),
        (x) => {
          const n = BigInt(x.at.length);
          const sum = x.at.reduce((v, w) => v + w, 0n);
          const squares = x.at.reduce((v, w) => v + (n * w - sum) ** 2n, 0n);
          const wide = toTensor(x).to("float64");
          const variance = Number(squares) / Number(n * n * (n - 1n));
          const wanted = [variance, Math.sqrt(variance), T.norm(wide).item()];
          both.forEach((run, i) => {
            const { eager, compiled } = run(toTensor(x));
            for (const outcome of [eager, compiled]) close(T.tensor((outcome as { values: number[] }).values[0]!), wanted[i]!); // biome-ignore format: one line
          });
        },
      ),
      { numRuns, seed: 16 },
    );
  });

  test("the mean of a photograph's bytes", () => {
    const photograph = T.full([3840 * 2160 * 3], 200, { dtype: "int32" });
    expect(T.mean(photograph).item()).toBe(200);
  });

  const losses: Record<string, (a: Tensor, b: Tensor) => Tensor> = {
    mse: (a, b) => T.mse(a, b),
    l1: (a, b) => T.l1(a, b),
    "l1, not reduced": (a, b) => T.l1(a, b, { reduction: "none" }),
    "mse, summed": (a, b) => T.mse(a, b, { reduction: "sum" }),
    huber: (a, b) => T.huber(a, b),
    smoothL1: (a, b) => T.smoothL1(a, b),
    "smoothL1 of 0": (a, b) => T.smoothL1(a, b, { beta: 0 }),
    poissonNll: (a, b) => T.poissonNll(a, b, { isLog: false }),
    gaussianNll: (a, b) => T.gaussianNll(a, b, T.ones([2])),
    "gaussianNll with integer variances": (a, b) => T.gaussianNll(a, b, T.abs(b)),
    bceWithLogits: (a, b) => T.bceWithLogits(a, b, { reduction: "none" }),
    "bceWithLogits with integer weights": (a, b) =>
      T.bceWithLogits(a, b, { posWeight: int32([most, 3]), reduction: "none" }),
    hinge: (a) => T.hinge(a, int32([-1, 1])),
    hingeEmbedding: (a) => T.hingeEmbedding(a, int32([-1, 1])),
    klDiv: (a, b) => T.klDiv(a, T.abs(b)),
    cosineEmbedding: (a, b) => T.cosineEmbedding(a.reshape([1, 2]), b.reshape([1, 2]), int32([1])),
    tripletMargin: (a, b) => T.tripletMargin(a.reshape([1, 2]), b.reshape([1, 2]), T.zeros([1, 2], { dtype: "int32" })),
  };
  test.each(Object.entries(losses))("%s of integers is that of the same numbers in float64", (_, loss) => {
    const run = pairOf(loss);
    for (const [a, b] of [
      [
        [most, 1],
        [least + 1, 1],
      ],
      [
        [least, -1],
        [most, 2],
      ],
      [
        [46_341, 65_536],
        [0, -65_536],
      ],
      [
        [3, -4],
        [5, 12],
      ],
    ] as const) {
      const wide = (list: readonly number[]): Tensor => T.tensor(list, { dtype: "float64" });
      const wanted = loss(wide(a), wide(b)).to("float32");
      const { eager, compiled } = run(int32(a), int32(b));
      expect(eager).toEqual({ dtype: "float32", shape: wanted.shape, values: [...wanted.data].map((v) => v + 0) });
      expect(compiled).toMatchObject({ dtype: "float32", shape: wanted.shape });
      (compiled as { values: number[] }).values.forEach((v, i) => {
        const w = wanted.data[i]!;
        expect(Object.is(v, w) || Math.abs(v - w) <= 1e-6 * Math.abs(w)).toBe(true);
      });
    }
  });

  test("a float prediction keeps its dtype beside an integer target", () => {
    expect(T.mse(T.tensor([1]), int32([3])).toString()).toBe("float32[] 4");
    expect(T.mse(T.tensor([1], { dtype: "float64" }), int32([3])).dtype).toBe("float64");
    const scores = T.tensor([1], { requiresGrad: true });
    T.mse(scores, int32([3])).backward();
    expect(String(scores.grad)).toBe("float32[1] [-4]");
    expect(T.bceWithLogits(int32([least]), T.tensor([1])).item()).toBe(2 ** 31);
    expect(T.l1(T.tensor([true]), T.tensor([false]), { reduction: "none" }).toString()).toBe("float32[1] [1]");
  });
});

describe("functions into the reals see integers as they are", () => {
  const functions: Record<string, (x: Tensor) => Tensor> = {
    sin: T.sin,
    softmax: (x) => T.softmax(x),
    logSoftmax: (x) => T.logSoftmax(x),
    softsign: T.softsign,
    div: (x) => T.div(x, 3),
    "less a float": (x) => T.sub(x, T.full([2], 16_777_216)),
    "times a matrix of floats": (x) => T.matmul(x, T.tensor([[1], [-1]])),
  };
  test.each(Object.entries(functions))("%s", (_, f) => {
    const run = pairOf(f);
    for (const x of [int32([[16_777_217, 16_777_216]]), int32([[most, most - 1]]), int32([[least, least + 1]])]) {
      const { eager, compiled } = run(x);
      const wanted = f(x.to("float64")).data;
      for (const outcome of [eager, compiled]) {
        const { dtype, values: got } = outcome as { dtype: string; values: number[] };
        expect(dtype).toBe("float32");
        got.forEach((v, i) => expect(Math.abs(v - wanted[i]!)).toBeLessThanOrEqual(2e-7 * Math.max(1, Math.abs(v))));
      }
    }
  });
});

describe("casts to int32", () => {
  const run = pairOf((x) => x.to("int32"));
  const of = (list: number[][], dtype: T.DType = "float64"): Tensor => T.tensor(list, { dtype });

  test("cut fractions off towards zero", () => {
    const { eager, compiled } = run(
      of([
        [1.9, -1.9],
        [most + 0.9, least - 0.9],
      ]),
    );
    expect(eager).toEqual({ dtype: "int32", shape: [2, 2], values: [1, -1, most, least] });
    expect(compiled).toEqual(eager);
  });

  test.each([2 ** 31, -(2 ** 31) - 1, 1e300, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY])(
    "refuse %d, and say where it is",
    (bad) => {
      const { eager, compiled } = run(
        of([
          [0, 1],
          [bad, bad],
        ]),
      );
      expect(eager).toBe(
        `ValueError to: int32 cannot hold it, got ${bad} at row 1, column 0; it holds numbers from −2³¹ to 2³¹ − 1`,
      );
      expect(compiled).toBe(eager);
    },
  );

  test("of float32 as well", () => {
    const { eager, compiled } = run(of([[2 ** 31]], "float32"));
    expect(eager).toMatch("to: int32 cannot hold it, got 2147483648 at row 0, column 0");
    expect(compiled).toBe(eager);
    expect(run(of([[-(2 ** 31)]], "float32")).compiled).toMatchObject({ values: [least] });
  });
});

test("integer tensors take no fraction in silence", () => {
  const x = int32([1, 2]);
  refuses(() => T.fullLike(x, 0.5), T.DTypeError, "fullLike: the value must be a number that int32 can hold, got 0.5");
  refuses(() => T.fullLike(x, 2 ** 31), T.DTypeError, "got 2147483648");
  refuses(
    () => T.maskedFill(x, T.gt(x, 1), T.tensor(0.5)),
    T.DTypeError,
    "maskedFill: the value must be of int32, got float32; cast the tensor first",
  );
  expect(T.maskedFill(x, T.gt(x, 1), int32(7)).toArray()).toEqual([1, 7]);
});

test("integers are printed with all their digits", () => {
  expect(int32([most, least]).toString()).toBe("int32[2] [ 2147483647, -2147483648]");
});
