import { describe, expect, test } from "vitest";
import {
  DTypeError,
  Generator,
  ones,
  permutation,
  type RandomOptions,
  rand,
  randint,
  randLike,
  randn,
  randnLike,
  ShapeError,
  setDefaultDtype,
  tensor,
  ValueError,
} from "../../src/index.ts";

const seeded = (seed = 42): { generator: Generator } => ({ generator: new Generator(seed) });

describe("rand", () => {
  test("in float32 is the float64 number cut off to 24 bits", () => {
    const single = rand([500], seeded()).toArray<number[]>();
    const double = rand([500], { ...seeded(), dtype: "float64" }).toArray<number[]>();
    expect(single.slice(0, 2)).toEqual([0.8690483570098877, 0.15063238143920898]);
    single.forEach((u, i) => {
      expect(u).toBe(Math.floor(double[i]! * 2 ** 24) / 2 ** 24);
    });
  });

  test("is even: mean, variance and each tenth", () => {
    const u = rand([100_000], { ...seeded(), dtype: "float64" }).toArray<number[]>();
    const tenths = new Array<number>(10).fill(0);
    for (const x of u) tenths[Math.floor(x * 10)]!++;
    expect(moments(u).mean).toBeCloseTo(0.5, 2);
    expect(moments(u).variance).toBeCloseTo(1 / 12, 3);
    expect(chiSquared(tenths)).toBeLessThan(21.7); // 1 % of good generators exceed this
  });

  test("takes shape, dtype and requiresGrad", () => {
    const x = rand([2, 0, 3], { dtype: "float64", requiresGrad: true });
    expect([x.shape, x.dtype, x.requiresGrad]).toEqual([[2, 0, 3], "float64", true]);
    expect(rand([]).shape).toEqual([]);
    setDefaultDtype("float64");
    expect(rand([1]).dtype).toBe("float64");
    setDefaultDtype("float32");
  });
});

describe("randn", () => {
  test("has the numbers of an independent implementation", () => {
    const wanted = [1.121904124427729, -1.0337248287329694, 0.05095839217295022, -0.674686900303192];
    randn([4], { ...seeded(), dtype: "float64" })
      .toArray<number[]>()
      .forEach((z, i) => {
        expect(Math.abs(z - wanted[i]!)).toBeLessThan(1e-15 * 4);
      });
    expect(randn([4], seeded()).toArray()).toEqual(wanted.map(Math.fround));
  });

  test("is normal: moments, and the share within one and two deviations", () => {
    const z = randn([100_000], { ...seeded(), dtype: "float64" }).toArray<number[]>();
    const { mean, variance } = moments(z);
    expect(Math.abs(mean)).toBeLessThan(0.01);
    expect(Math.abs(variance - 1)).toBeLessThan(0.015);
    expect(Math.abs(moments(z.map((x) => x ** 3)).mean)).toBeLessThan(0.04);
    expect(Math.abs(moments(z.map((x) => x ** 4)).mean - 3)).toBeLessThan(0.1);
    expect(z.filter((x) => Math.abs(x) < 1).length / z.length).toBeCloseTo(0.6827, 2);
    expect(z.filter((x) => Math.abs(x) < 2).length / z.length).toBeCloseTo(0.9545, 2);
  });
});

describe("randint", () => {
  test("has the numbers of an independent implementation, as int32", () => {
    const x = randint(-5, 12, [4], seeded());
    expect([x.dtype, x.toArray()]).toEqual(["int32", [9, -3, 3, -1]]);
  });

  test("is even, and keeps to its bounds", () => {
    const counts = new Array<number>(7).fill(0);
    for (const k of randint(0, 7, [70_000], seeded()).toArray<number[]>()) counts[k]!++;
    expect(chiSquared(counts)).toBeLessThan(16.8);
    expect(randint(5, 6, [3]).toArray()).toEqual([5, 5, 5]);
    const wide = randint(-(2 ** 31), 2 ** 31, [10_000], seeded()).toArray<number[]>();
    expect(wide.some((k) => k < -(2 ** 30)) && wide.some((k) => k > 2 ** 30)).toBe(true);
  });

  test("gives other dtypes of numbers when asked", () => {
    expect(randint(0, 5, [2, 2], { ...seeded(), dtype: "float64" }).dtype).toBe("float64");
  });

  test.each([
    [3, 3],
    [0.5, 2],
    [0, Number.NaN],
    [-(2 ** 31) - 1, 0],
    [0, 2 ** 31 + 1],
  ])("refuses the bounds %d and %d", (low, high) => {
    expect(() => randint(low, high, [1])).toThrow(ValueError);
    expect(() => randint(low, high, [1])).toThrow(
      `randint: bounds must be integers of 32 bits with low < high, got ${low} and ${high}`,
    );
  });
});

describe("permutation", () => {
  test("has the order of an independent implementation, as int32", () => {
    const order = permutation(10, seeded());
    expect([order.dtype, order.toArray()]).toEqual(["int32", [2, 7, 5, 8, 3, 1, 6, 4, 0, 9]]);
  });

  test("has each number once, for any size", () => {
    expect([permutation(0).shape, permutation(1).toArray()]).toEqual([[0], [0]]);
    const sorted = permutation(1000, seeded()).toArray<number[]>();
    expect(sorted.sort((a, b) => a - b)).toEqual(Array.from({ length: 1000 }, (_, i) => i));
  });

  test("gives each order as often", () => {
    const generator = new Generator(5);
    const counts = new Map<string, number>();
    for (let i = 0; i < 24_000; i++) {
      const order = permutation(4, { generator }).toString();
      counts.set(order, (counts.get(order) ?? 0) + 1);
    }
    expect(counts.size).toBe(24);
    expect(chiSquared([...counts.values()])).toBeLessThan(41.6);
  });

  test.each([-1, 1.5, Number.NaN, 2 ** 31])("refuses %d", (n) => {
    expect(() => permutation(n)).toThrow(ValueError);
    expect(() => permutation(n)).toThrow(`permutation: n must be an integer from 0 to 2³¹ − 1, got ${n}`);
  });
});

test("randLike and randnLike take shape and dtype of a tensor", () => {
  const x = ones([2, 3], { dtype: "float64", requiresGrad: true });
  for (const like of [randLike, randnLike]) {
    const y = like(x, seeded());
    expect([y.shape, y.dtype, y.requiresGrad]).toEqual([[2, 3], "float64", false]);
    expect(like(x, { dtype: "float32", requiresGrad: true }).requiresGrad).toBe(true);
    expect(() => like(tensor([1], { dtype: "int32" }))).toThrow(DTypeError);
  }
  expect(randLike(x, seeded()).toArray()).toEqual(rand([2, 3], { ...seeded(), dtype: "float64" }).toArray());
  expect(randnLike(x, seeded()).toArray()).toEqual(randn([2, 3], { ...seeded(), dtype: "float64" }).toArray());
});

test("wrong dtypes and shapes are refused before anything is drawn", () => {
  const generator = new Generator(1);
  const refuse = (dtype: string): RandomOptions => ({ generator, dtype: dtype as "float32" });
  const floating = "must be floating, got int32";
  expect(() => rand([1], refuse("int32"))).toThrow(`rand: ${floating}`);
  expect(() => randn([1], refuse("int32"))).toThrow(`randn: ${floating}`);
  expect(() => rand([1], refuse("float16"))).toThrow(DTypeError);
  expect(() => randint(0, 2, [1], refuse("bool"))).toThrow("randint: the dtype must be one of numbers, got bool");
  expect(() => permutation(2, refuse("bool"))).toThrow(DTypeError);
  for (const draw of [rand, randn]) expect(() => draw([-1], { generator })).toThrow(ShapeError);
  expect(() => randint(0, 2, [1.5], { generator })).toThrow("randint: a shape is an array of whole numbers, 0 or more");
  expect(generator.state).toEqual([1, 0, 0, 0]);
});

test("ten million elements can be drawn", () => {
  expect(rand([10_000_000]).size).toBe(10_000_000);
  expect(permutation(3_000_000).size).toBe(3_000_000);
});

function moments(x: readonly number[]): { mean: number; variance: number } {
  const mean = x.reduce((s, v) => s + v, 0) / x.length;
  return { mean, variance: x.reduce((s, v) => s + (v - mean) ** 2, 0) / x.length };
}

function chiSquared(counts: readonly number[]): number {
  const expected = counts.reduce((s, c) => s + c, 0) / counts.length;
  return counts.reduce((s, c) => s + (c - expected) ** 2 / expected, 0);
}
