import * as fc from "fast-check";
import { add, matmul, ValueError, zeros } from "tinygrad-ts";
import { broadcastableShapes, matmulShapes, shape } from "tinygrad-ts/fast-check";
import { describe, expect, test } from "vitest";
import { ends, walk } from "./walk.ts";

const entriesOf = (sizes: readonly number[]) => sizes.reduce((n, size) => n * size, 1);
const sample = <T>(arbitrary: fc.Arbitrary<T>, numRuns = 2000) => fc.sample(arbitrary, { numRuns, seed: 1 });

/** The sizes that two shapes may have in common at each axis from the right, told by sets: at most one besides 1. */
function broadcastByRule(a: readonly number[], b: readonly number[]): number[] {
  const rank = Math.max(a.length, b.length);
  const padded = [a, b].map((sizes) => [...new Array<number>(rank - sizes.length).fill(1), ...sizes]);
  return Array.from({ length: rank }, (_, axis) => {
    const sizes = new Set(padded.map((p) => p[axis]!));
    sizes.delete(1);
    expect(sizes.size, `${a} and ${b}`).toBeLessThanOrEqual(1);
    return [...sizes][0] ?? 1;
  });
}

describe("shape", () => {
  const cases = [
    {},
    { minRank: 2 },
    { maxRank: 1, minSize: 1 },
    { minRank: 6, minSize: 1 },
    { minSize: 3, maxEntries: 30 },
    { maxSize: 0 },
    { minRank: 2, minSize: 6, maxSize: 7 },
    { maxSize: 20, maxEntries: 7 },
    { maxEntries: 1 },
  ];
  for (const constraints of cases) {
    test(`drawn and shrunk shapes meet ${JSON.stringify(constraints)}`, () => {
      const { minRank = 0, maxRank = Math.max(4, minRank), minSize = 0, maxSize = Math.max(5, minSize) } = constraints;
      const most = "maxEntries" in constraints ? constraints.maxEntries! : 100;
      walk(shape(constraints), (sizes) => {
        expect(sizes.length).toBeGreaterThanOrEqual(minRank);
        expect(sizes.length).toBeLessThanOrEqual(maxRank);
        for (const n of sizes) expect(n >= minSize && n <= maxSize && Number.isInteger(n)).toBe(true);
        expect(entriesOf(sizes)).toBeLessThanOrEqual(most);
      });
    });
  }

  test("every rank and size is drawn, scalars and empty ones too, but not too often", () => {
    const drawn = sample(shape());
    expect([...new Set(drawn.map((sizes) => sizes.length))].sort()).toEqual([0, 1, 2, 3, 4]);
    for (let axis = 0; axis < 4; axis++) {
      const sizes = new Set(drawn.filter((s) => s.length === 4).map((s) => s[axis]));
      expect([...sizes].sort()).toEqual([0, 1, 2, 3, 4, 5]);
    }
    const emptyShare = drawn.filter((sizes) => entriesOf(sizes) === 0).length / drawn.length;
    expect(emptyShare).toBeGreaterThan(0.04);
    expect(emptyShare).toBeLessThan(0.2);
    expect(drawn.some((sizes) => entriesOf(sizes) > 90)).toBe(true);
  });

  test("shrinks to fewer axes, then to smaller sizes", () => {
    const shrunk = (holds: (s: number[]) => boolean, constraints = {}) => [
      ...new Set(ends(shape(constraints), holds).map(String)),
    ];
    expect(shrunk(() => false)).toEqual([""]);
    expect(shrunk(() => false, { minRank: 2, minSize: 2 })).toEqual(["2,2"]);
    expect(shrunk((s) => s.length < 3)).toEqual(["0,0,0"]);
    expect(shrunk((s) => entriesOf(s) < 4)).toEqual(["4"]);
    expect(shrunk((s) => s.every((n) => n < 3))).toEqual(["3"]);
    expect(shrunk((s) => entriesOf(s) < 7)).toEqual(expect.arrayContaining(["2,4"]));
  });

  test("a shape that the user gives as an example shrinks as well, within the constraints", () => {
    const arbitrary = shape({ maxEntries: 20 });
    for (const good of [[], [5, 4], [0, 5, 5]]) expect(arbitrary.canShrinkWithoutContext(good)).toBe(true);
    for (const bad of [[5, 5], [6], [1, 1, 1, 1, 1], [-1], [1.5], ["1"], "", null]) {
      expect(arbitrary.canShrinkWithoutContext(bad)).toBe(false);
    }
    // Without its 0, the shape would hold too many entries.
    const seen: number[] = [];
    const property = fc.property(arbitrary, (sizes) => {
      seen.push(entriesOf(sizes));
      return !sizes.includes(5);
    });
    expect(fc.check(property, { examples: [[[0, 5, 5]]], numRuns: 1 }).counterexample).toEqual([[5]]);
    expect(Math.max(...seen)).toBeLessThanOrEqual(20);
  });

  test("bad constraints are refused when the arbitrary is made", () => {
    const messages: [object, string][] = [
      [{ minRank: 3, maxRank: 2 }, "shape: minRank must not exceed maxRank, got 3 and 2"],
      [{ minSize: 3, maxSize: 2 }, "shape: minSize must not exceed maxSize, got 3 and 2"],
      [{ minSize: -1 }, "shape: minSize must be an integer, 0 or more, got -1"],
      [{ maxRank: 1.5 }, "shape: maxRank must be an integer, 0 or more, got 1.5"],
      [{ maxEntries: 0 }, "shape: maxEntries must be an integer, 1 or more, got 0"],
      [
        { minRank: 3, minSize: 3, maxEntries: 20 },
        "shape: shapes must be allowed of at most 20 entries, got minRank 3 and minSize 3",
      ],
      [
        { maxDim: 3 },
        "shape: there is no such constraint, got maxDim; there are minRank, maxRank, minSize, maxSize, maxEntries",
      ],
    ];
    for (const [constraints, message] of messages) {
      expect(() => shape(constraints)).toThrow(ValueError);
      expect(() => shape(constraints)).toThrow(message);
      expect(() => broadcastableShapes(constraints)).toThrow(ValueError);
      expect(() => matmulShapes(constraints)).toThrow(ValueError);
    }
    expect(() => matmulShapes({ minRank: 0 })).toThrow("matmulShapes: operands have at least 1 axis, got minRank 0");
    expect(() => matmulShapes({ maxRank: 0 })).toThrow("matmulShapes: operands have at least 1 axis");
  });
});

describe("broadcastableShapes", () => {
  for (const constraints of [
    {},
    { minRank: 2, maxRank: 3 },
    { minSize: 2 },
    { minSize: 2, minRank: 2 },
    { maxEntries: 12 },
    { maxSize: 0 },
    { minSize: 1, minRank: 1 },
  ]) {
    test(`drawn and shrunk pairs broadcast, within ${JSON.stringify(constraints)}`, () => {
      const {
        minRank = 0,
        maxRank = 4,
        minSize = 0,
        maxSize = 5,
        maxEntries = 100,
      } = constraints as Record<string, number>;
      walk(broadcastableShapes(constraints), ({ a, b, result }) => {
        expect(result).toEqual(broadcastByRule(a, b));
        expect(result).toEqual(add(zeros(a), zeros(b)).shape);
        for (const sizes of [a, b, result]) {
          expect(sizes.length >= minRank && sizes.length <= maxRank).toBe(true);
          expect(sizes.every((n) => n === 1 || (n >= minSize && n <= maxSize))).toBe(true);
          expect(entriesOf(sizes)).toBeLessThanOrEqual(maxEntries);
        }
      });
    });
  }

  test("every way to broadcast is drawn", () => {
    const drawn = sample(broadcastableShapes());
    const share = (is: (a: number[], b: number[], result: number[]) => boolean) =>
      drawn.filter(({ a, b, result }) => is(a, b, result)).length / drawn.length;
    expect(share((a, b) => a.length < b.length)).toBeGreaterThan(0.1);
    expect(share((a, b) => a.length > b.length)).toBeGreaterThan(0.1);
    expect(share((a, b) => String(a) === String(b) && a.length > 0)).toBeGreaterThan(0.05);
    expect(share((a, b) => a.some((n, i) => n === 1 && b.at(i - a.length)! > 1))).toBeGreaterThan(0.1);
    expect(share((a, b) => b.some((n, i) => n === 1 && a.at(i - b.length)! > 1))).toBeGreaterThan(0.1);
    const stretchesBoth = (a: number[], _: number[], result: number[]) =>
      a.length > 1 && result.some((n, i) => n !== a.at(i - result.length));
    expect(share((a, b, r) => stretchesBoth(a, b, r) && stretchesBoth(b, a, r))).toBeGreaterThan(0.02);
    expect(share((a, b) => a.some((n, i) => n === 0 && b.at(i - a.length) === 1))).toBeGreaterThan(0.005);
    expect(share((a) => a.length === 0)).toBeGreaterThan(0.05);
    expect(share((_a, _b, result) => entriesOf(result) === 0)).toBeGreaterThan(0.04);
  });

  test("shrinks to fewer axes, then to smaller sizes", () => {
    const shrunk = (holds: (a: number[], b: number[]) => boolean, constraints = {}) => [
      ...new Set(ends(broadcastableShapes(constraints), ({ a, b }) => holds(a, b)).map(({ a, b }) => `${a} | ${b}`)),
    ];
    expect(shrunk(() => false)).toEqual([" | "]);
    expect(shrunk((a) => a.length < 2)).toEqual(["0,0 | "]);
    expect(shrunk((a, b) => String(a) === String(b), { minSize: 1 }).sort()).toEqual([" | 1", "1 | "]);
    expect(shrunk((a, b) => !(a.length === 1 && b.length === 1 && a[0] === 1 && b[0]! > 1))).toEqual(["1 | 2"]);
    expect(shrunk(() => false, { minRank: 2, minSize: 3 })).toEqual(["1,1 | 1,1"]);
  });

  test("a pair that the user gives as an example shrinks as well", () => {
    const arbitrary = broadcastableShapes();
    expect(arbitrary.canShrinkWithoutContext({ a: [2, 1], b: [3], result: [2, 3] })).toBe(true);
    expect(arbitrary.canShrinkWithoutContext({ a: [2, 1], b: [3], result: [3, 3] })).toBe(false);
    expect(arbitrary.canShrinkWithoutContext({ a: [2], b: [3], result: [3] })).toBe(false);
    expect(arbitrary.canShrinkWithoutContext({ a: [6], b: [], result: [6] })).toBe(false);
    expect(arbitrary.canShrinkWithoutContext(null)).toBe(false);
    const property = fc.property(arbitrary, ({ result }) => result.length < 2);
    const { counterexample } = fc.check(property, { examples: [[{ a: [2, 1], b: [3], result: [2, 3] }]], numRuns: 1 });
    expect(counterexample).toEqual([{ a: [0, 0], b: [], result: [0, 0] }]);
  });
});

describe("matmulShapes", () => {
  /** PyTorch's rule, by making vectors into matrices. */
  const productByRule = (a: readonly number[], b: readonly number[]): number[] => {
    const [left, right] = [a.length === 1 ? [1, ...a] : a, b.length === 1 ? [...b, 1] : b];
    expect(left.at(-1)).toBe(right.at(-2));
    const result = broadcastByRule(left.slice(0, -2), right.slice(0, -2));
    return [...result, ...(a.length === 1 ? [] : left.slice(-2, -1)), ...(b.length === 1 ? [] : right.slice(-1))];
  };

  const cases = [
    {},
    { minRank: 2 },
    { minRank: 3 },
    { minRank: 3, minSize: 2 },
    { maxRank: 1 },
    { maxRank: 2 },
    { minSize: 2, maxEntries: 9 },
    { minSize: 1, maxRank: 6 },
    { maxSize: 0 },
  ];
  for (const constraints of cases) {
    test(`drawn and shrunk shapes multiply, within ${JSON.stringify(constraints)}`, () => {
      const {
        minRank = 1,
        maxRank = 4,
        minSize = 0,
        maxSize = 5,
        maxEntries = 100,
      } = constraints as Record<string, number>;
      walk(matmulShapes(constraints), ({ a, b, result }) => {
        expect(result).toEqual(productByRule(a, b));
        expect(result).toEqual(matmul(zeros(a), zeros(b)).shape);
        for (const sizes of [a, b]) expect(sizes.length >= minRank && sizes.length <= maxRank).toBe(true);
        for (const sizes of [a, b, result]) {
          expect(sizes.length).toBeLessThanOrEqual(maxRank);
          expect(sizes.every((n) => n === 1 || (n >= minSize && n <= maxSize))).toBe(true);
          expect(entriesOf(sizes)).toBeLessThanOrEqual(maxEntries);
        }
        expect(a.slice(-2).every((n) => n >= minSize)).toBe(true);
      });
    });
  }

  test("every form of product is drawn", () => {
    const drawn = sample(matmulShapes());
    const share = (is: (a: number[], b: number[]) => boolean) =>
      drawn.filter(({ a, b }) => is(a, b)).length / drawn.length;
    expect(share((a, b) => a.length === 1 && b.length === 1)).toBeGreaterThan(0.01);
    expect(share((a, b) => a.length === 1 && b.length > 1)).toBeGreaterThan(0.05);
    expect(share((a, b) => a.length > 2 && b.length === 1)).toBeGreaterThan(0.02);
    expect(share((a, b) => a.length === 2 && b.length === 2)).toBeGreaterThan(0.05);
    expect(share((a, b) => a.length === 3 && b.length === 3 && a[0] !== b[0])).toBeGreaterThan(0.01);
    expect(share((a, b) => a.length > 2 && b.length > 2 && a.length !== b.length)).toBeGreaterThan(0.05);
    expect(share((a) => a.at(-1) === 0)).toBeGreaterThan(0.02);
    expect(share((a) => a.at(-1)! > 2)).toBeGreaterThan(0.2);
    expect(share((a) => a.length > 1 && a.at(-2) === 0)).toBeGreaterThan(0.02);
  });

  test("shrinks to fewer axes, then to smaller sizes", () => {
    const shrunk = (holds: (a: number[], b: number[]) => boolean, constraints = {}) => [
      ...new Set(ends(matmulShapes(constraints), ({ a, b }) => holds(a, b)).map(({ a, b }) => `${a} | ${b}`)),
    ];
    expect(shrunk(() => false)).toEqual(["0 | 0"]);
    expect(shrunk(() => false, { minRank: 2, minSize: 1 })).toEqual(["1,1 | 1,1"]);
    expect(shrunk(() => false, { minRank: 3, minSize: 2 })).toEqual(["1,2,2 | 1,2,2"]);
    expect(shrunk((a) => a.at(-1)! < 3)).toEqual(["3 | 3"]);
    expect(shrunk((a) => a.length < 3, { minSize: 1 })).toEqual(["1,1,1 | 1"]);
    expect(shrunk((_, b) => b.length < 2 || b.at(-1)! < 2, { minSize: 1 })).toEqual(["1 | 1,2"]);
    const isBatchStretched = (a: number[], b: number[]) => a.length > 2 && b.length > 2 && a.at(-3) !== b.at(-3);
    expect(shrunk((a, b) => !isBatchStretched(a, b), { minSize: 1 }).sort()).toEqual([
      "1,1,1 | 2,1,1",
      "2,1,1 | 1,1,1",
    ]);
  });

  test("shapes that the user gives as an example shrink as well", () => {
    const arbitrary = matmulShapes();
    const good = { a: [2, 3, 4], b: [4], result: [2, 3] };
    expect(arbitrary.canShrinkWithoutContext(good)).toBe(true);
    expect(arbitrary.canShrinkWithoutContext({ ...good, result: [3, 2] })).toBe(false);
    expect(arbitrary.canShrinkWithoutContext({ ...good, b: [3] })).toBe(false);
    expect(arbitrary.canShrinkWithoutContext({ ...good, b: [] })).toBe(false);
    expect(arbitrary.canShrinkWithoutContext({ a: [2, 1, 1], b: [3, 1, 1], result: [2, 1, 1] })).toBe(false);
    expect(matmulShapes({ maxEntries: 7 }).canShrinkWithoutContext({ a: [2, 3], b: [3], result: [2] })).toBe(true);
    expect(matmulShapes({ maxEntries: 5 }).canShrinkWithoutContext({ a: [2, 3], b: [3], result: [2] })).toBe(false);
    expect(matmulShapes({ maxEntries: 5 }).canShrinkWithoutContext({ a: [3, 1], b: [1, 3], result: [3, 3] })).toBe(
      false,
    );
    const property = fc.property(arbitrary, ({ a }) => a.length < 2);
    expect(fc.check(property, { examples: [[good]], numRuns: 1 }).counterexample).toEqual([
      { a: [0, 0], b: [0], result: [0] },
    ]);
  });
});

test("the same seed gives the same shapes, and a path leads back to a failure", () => {
  for (const arbitrary of [shape(), broadcastableShapes(), matmulShapes()] as fc.Arbitrary<unknown>[]) {
    expect(fc.sample(arbitrary, { seed: 5, numRuns: 20 })).toEqual(fc.sample(arbitrary, { seed: 5, numRuns: 20 }));
    const property = fc.property(arbitrary, (value) => !JSON.stringify(value).includes("3"));
    const first = fc.check(property, { seed: 5 });
    const again = fc.check(property, { seed: 5, path: first.counterexamplePath! });
    expect(first.numShrinks).toBeGreaterThan(0);
    expect(again.counterexample).toEqual(first.counterexample);
    expect(again.numShrinks).toBe(0);
  }
});
