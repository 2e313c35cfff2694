import * as fc from "fast-check";
import { tensor, ValueError } from "tinygrad-ts";
import { spd, wellConditioned } from "tinygrad-ts/fast-check";
import { describe, expect, test } from "vitest";
import { ends, walk } from "./walk.ts";

type Rows = number[][];

/** AᵀA. */
const gram = (a: Rows): Rows => a.map((_, i) => a.map((_, j) => a.reduce((sum, row) => sum + row[i]! * row[j]!, 0)));

/** How many eigenvalues of a symmetric matrix lie below a number: as many as pivots of S − λI are negative (Sylvester, 1852). */
function countBelow(s: Rows, lambda: number): number {
  const a = s.map((row, i) => row.map((v, j) => (i === j ? v - lambda : v)));
  let count = 0;
  for (let k = 0; k < a.length; k++) {
    const pivot = a[k]![k]! || 1e-300;
    if (pivot < 0) count++;
    for (let i = k + 1; i < a.length; i++) {
      const factor = a[i]![k]! / pivot;
      for (let j = k; j < a.length; j++) a[i]![j]! -= factor * a[k]![j]!;
    }
  }
  return count;
}

/** Least and greatest eigenvalue of a symmetric matrix with none below 0, by bisection. */
function extremes(s: Rows): [number, number] {
  const trace = s.reduce((sum, row, i) => sum + row[i]!, 0);
  return [1, s.length].map((wanted) => {
    let [low, high] = [0, trace * 1.01];
    for (let i = 0; i < 200; i++) {
      const middle = (low + high) / 2;
      if (countBelow(s, middle) >= wanted) high = middle;
      else low = middle;
    }
    return (low + high) / 2;
  }) as [number, number];
}

/** The condition number in the 2-norm, from the eigenvalues of AᵀA. */
function conditionByEigenvalues(a: Rows): number {
  const [least, greatest] = extremes(gram(a));
  return Math.sqrt(greatest / least);
}

function hasCholesky(a: Rows): boolean {
  const l: Rows = a.map((row) => row.map(() => 0));
  for (let j = 0; j < a.length; j++) {
    for (let i = j; i < a.length; i++) {
      const rest = a[i]![j]! - l[i]!.reduce((sum, v, k) => (k < j ? sum + v * l[j]![k]! : sum), 0);
      if (i === j && rest <= 0) return false;
      l[i]![j] = i === j ? Math.sqrt(rest) : rest / l[j]![j]!;
    }
  }
  return true;
}

function expectSquare(rows: Rows, least: number, most: number): void {
  expect(rows.length >= least && rows.length <= most).toBe(true);
  for (const row of rows) expect(row.length).toBe(rows.length);
  expect(rows.flat().every((v) => Number.isFinite(v) && !Object.is(v, -0))).toBe(true);
}

test("the measure of these tests is right", () => {
  expect(conditionByEigenvalues([[3]])).toBeCloseTo(1, 12);
  expect(
    conditionByEigenvalues([
      [4, 0],
      [0, 0.5],
    ]),
  ).toBeCloseTo(8, 10);
  expect(
    conditionByEigenvalues([
      [1, 1],
      [0, 1],
    ]),
  ).toBeCloseTo((3 + Math.sqrt(5)) / 2, 10);
  expect(
    conditionByEigenvalues([
      [2, 1],
      [1, 2],
    ]),
  ).toBeCloseTo(3, 10);
  expect(
    hasCholesky([
      [2, 1],
      [1, 2],
    ]),
  ).toBe(true);
  expect(
    hasCholesky([
      [1, 2],
      [2, 1],
    ]),
  ).toBe(false);
});

describe("wellConditioned", () => {
  for (const maxCondition of [1, 1.5, 10, 100, 1e4]) {
    test(`drawn and shrunk matrices have a condition of at most ${maxCondition}`, () => {
      let greatest = 0;
      walk(wellConditioned({ maxCondition }), (rows) => {
        expectSquare(rows, 1, 4);
        const condition = conditionByEigenvalues(rows);
        greatest = Math.max(greatest, condition);
        expect(condition).toBeLessThanOrEqual(maxCondition * (1 + (maxCondition === 1e4 ? 1e-6 : 1e-12)));
      });
      if (maxCondition > 1) expect(greatest).toBeGreaterThan(maxCondition ** 0.8); // the bound is made use of
    });
  }

  test("matrices are not symmetric, not diagonal, and of either sign of the determinant", () => {
    const drawn = fc.sample(wellConditioned({ size: 2 }), { numRuns: 500, seed: 1 });
    const share = (is: (m: Rows) => boolean) => drawn.filter(is).length / drawn.length;
    expect(share(([r, s]) => r![1] !== s![0])).toBeGreaterThan(0.4);
    expect(share(([r, s]) => r![1] !== 0 && s![0] !== 0)).toBeGreaterThan(0.4);
    expect(share(([r, s]) => r![0]! * s![1]! < r![1]! * s![0]!)).toBeGreaterThan(0.2);
    expect(share(([r, s]) => r![0]! * s![1]! > r![1]! * s![0]!)).toBeGreaterThan(0.2);
    expect(share((m) => m.flat().every(Number.isInteger))).toBeGreaterThan(0.2);
    expect(share((m) => m.flat().some((v) => String(v).length > 12))).toBeGreaterThan(0.2);
  });

  test("shrinks to fewer rows, then to the identity, then to small integers", () => {
    const shrunk = (holds: (m: Rows) => boolean, constraints = {}) => [
      ...new Set(ends(wellConditioned(constraints), holds).map((m) => JSON.stringify(m))),
    ];
    expect(shrunk(() => false)).toEqual(["[[1]]"]);
    expect(shrunk((m) => m.length < 3)).toEqual(["[[1,0,0],[0,1,0],[0,0,1]]"]);
    expect(shrunk(() => false, { size: 2 })).toEqual(["[[1,0],[0,1]]"]);
    expect(shrunk((m) => m[0]![0]! < 2)).toEqual(["[[2]]"]);
    const isDiagonal = (m: Rows) => m.every((row, i) => row.every((v, j) => i === j || v === 0));
    expect(shrunk(isDiagonal).sort()).toEqual(["[[1,0],[1,1]]", "[[1,1],[0,1]]"]);
  });
});

describe("spd", () => {
  for (const maxCondition of [1, 2, 100, 1e6]) {
    test(`drawn and shrunk matrices are symmetric positive definite, with a condition of at most ${maxCondition}`, () => {
      let greatest = 0;
      walk(spd({ maxCondition, maxSize: 5 }), (rows) => {
        expectSquare(rows, 1, 5);
        for (const [i, row] of rows.entries()) for (const [j, v] of row.entries()) expect(v).toBe(rows[j]![i]);
        expect(hasCholesky(rows)).toBe(true);
        const [least, most] = extremes(rows);
        greatest = Math.max(greatest, most / least);
        expect(most / least).toBeLessThanOrEqual(maxCondition * (1 + (maxCondition === 1e6 ? 1e-6 : 1e-12)));
      });
      if (maxCondition > 1) expect(greatest).toBeGreaterThan(maxCondition ** 0.8);
    });
  }

  test("shrinks to fewer rows, then to the identity, then to simple numbers", () => {
    const shrunk = (holds: (m: Rows) => boolean, constraints = {}) => [
      ...new Set(ends(spd(constraints), holds).map((m) => JSON.stringify(m))),
    ];
    expect(shrunk(() => false)).toEqual(["[[1]]"]);
    expect(shrunk((m) => m.length < 2)).toEqual(["[[1,0],[0,1]]"]);
    expect(shrunk((m) => m.every((row, i) => row[i]! < 1.7))).toEqual(["[[2]]"]);
    const isDiagonal = (m: Rows) => m.every((row, i) => row.every((v, j) => i === j || v === 0));
    for (const m of ends(spd(), isDiagonal)) {
      expect(m.length).toBe(2);
      expect(m.flat().every((v) => [0.5, 1, 2].includes(v))).toBe(true);
    }
  });
});

test("matrices become tensors by map, and still shrink", () => {
  const arbitrary = spd({ size: 2 }).map((rows) => tensor(rows, { dtype: "float64", requiresGrad: true }));
  expect(String(ends(arbitrary, () => false, 1)[0])).toContain("[[1, 0]");
});

test("sizes keep to their bounds, and a matrix that the user gives as an example shrinks as well", () => {
  walk(wellConditioned({ size: 3 }), (rows) => expectSquare(rows, 3, 3));
  walk(spd({ minSize: 2, maxSize: 3 }), (rows) => expectSquare(rows, 2, 3));
  walk(spd({ minSize: 6 }), (rows) => expectSquare(rows, 6, 6));
  const arbitrary = spd();
  expect(
    arbitrary.canShrinkWithoutContext([
      [2, 1],
      [1, 2],
    ]),
  ).toBe(true);
  expect(
    arbitrary.canShrinkWithoutContext([
      [2, 1],
      [0, 2],
    ]),
  ).toBe(false);
  expect(
    arbitrary.canShrinkWithoutContext([
      [1, 2],
      [2, 1],
    ]),
  ).toBe(false);
  expect(arbitrary.canShrinkWithoutContext([[1, 2]])).toBe(false);
  expect(arbitrary.canShrinkWithoutContext([["1"]])).toBe(false);
  expect(
    wellConditioned().canShrinkWithoutContext([
      [1, 2],
      [2, 4],
    ]),
  ).toBe(false);
  const property = fc.property(arbitrary, (rows) => rows.length < 2);
  const { counterexample } = fc.check(property, {
    examples: [
      [
        [
          [2, 1],
          [1, 2],
        ],
      ],
    ],
    numRuns: 1,
  });
  expect(counterexample).toEqual([
    [
      [1, 0],
      [0, 1],
    ],
  ]);
});

test("the same seed gives the same matrices, and a path leads back to a failure", () => {
  for (const arbitrary of [spd(), wellConditioned()]) {
    expect(fc.sample(arbitrary, { seed: 5, numRuns: 20 })).toEqual(fc.sample(arbitrary, { seed: 5, numRuns: 20 }));
    const property = fc.property(arbitrary, (rows) => rows.flat().every((v) => v < 1.5));
    const first = fc.check(property, { seed: 5 });
    const again = fc.check(property, { seed: 5, path: first.counterexamplePath! });
    expect(first.numShrinks).toBeGreaterThan(0);
    expect(again.counterexample).toEqual(first.counterexample);
    expect(again.numShrinks).toBe(0);
  }
});

test("bad constraints are refused when the arbitrary is made", () => {
  const messages: [object, string][] = [
    [{ maxCondition: 0.5 }, "spd: maxCondition must be from 1 to 1e12, got 0.5"],
    [{ maxCondition: Number.POSITIVE_INFINITY }, "spd: maxCondition must be from 1 to 1e12, got Infinity"],
    [{ maxCondition: null }, "spd: maxCondition must be from 1 to 1e12, got null"],
    [{ maxCondition: "9" }, 'spd: maxCondition must be from 1 to 1e12, got "9", a string'],
    [new Map(), "spd: constraints must be an object, got a Map; there are size, minSize, maxSize, maxCondition"],
    [{ size: 0 }, "spd: size must be an integer, 1 or more, got 0"],
    [{ minSize: 3, maxSize: 2 }, "spd: minSize must not exceed maxSize, got 3 and 2"],
    [{ size: 3, minSize: 2 }, "spd: size stands alone, got minSize too"],
    [{ rows: 3 }, "spd: there is no such constraint, got rows; there are size, minSize, maxSize, maxCondition"],
  ];
  for (const [constraints, message] of messages) {
    expect(() => spd(constraints)).toThrow(ValueError);
    expect(() => spd(constraints)).toThrow(message);
    expect(() => wellConditioned(constraints)).toThrow(message.replace("spd", "wellConditioned"));
  }
});
