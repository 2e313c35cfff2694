import * as fc from "fast-check";
import { type Tensor, ValueError } from "tinygrad-ts";
import { float64Array, tensorOf, type ValueConstraints } from "tinygrad-ts/fast-check";
import { describe, expect, test } from "vitest";
import { ends, walk } from "./walk.ts";

const sum = (x: ArrayLike<number>) => Array.from(x).reduce((total, v) => total + v, 0);

/** The constraints, once more and in full, on entries that somebody drew or shrank. */
function expectWithin(
  values: ArrayLike<number>,
  { min, max, avoid = [], distinct, gap = 0.1 }: ValueConstraints,
): void {
  for (const [i, v] of Array.from(values).entries()) {
    expect(Number.isFinite(v) && !Object.is(v, -0), `${v}`).toBe(true);
    if (min !== undefined) expect(v).toBeGreaterThanOrEqual(min);
    if (max !== undefined) expect(v).toBeLessThanOrEqual(max);
    for (const point of avoid) expect(Math.abs(v - point)).toBeGreaterThanOrEqual(gap);
    if (distinct) for (let k = 0; k < i; k++) expect(Math.abs(v - values[k]!)).toBeGreaterThanOrEqual(gap);
  }
}

const cases: ValueConstraints[] = [
  {},
  { min: 0 },
  { max: -3 },
  { min: 0.1, max: 0.9 },
  { min: 1e-9, max: 2e-9 },
  { min: -1e300, max: 1e300 },
  { min: -Number.MAX_VALUE, max: Number.MAX_VALUE },
  { min: 0.1234567, max: 0.123459 },
  { min: 1 / 3, max: 1 / 3 },
  { avoid: [0] },
  { avoid: [0, 0.1, 0.25, -7], gap: 0.3 },
  { avoid: [Math.PI, 1 / 3], gap: 1e-12 },
  { avoid: [0], gap: 10 },
  { distinct: true },
  { distinct: true, gap: 0.1, min: 0, max: 1 },
  { distinct: true, gap: 3 },
  { distinct: true, avoid: [0, 1, 2], gap: 0.5, min: -2, max: 4 },
  { distinct: true, gap: 1e-15, min: 1, max: 1.0000001 },
];

describe("float64Array", () => {
  for (const constraints of cases) {
    test(`drawn and shrunk arrays meet ${JSON.stringify(constraints)}`, () => {
      walk(float64Array(constraints), (x) => {
        expect(x).toBeInstanceOf(Float64Array);
        expect(x.length).toBeLessThanOrEqual(10);
        expectWithin(x, { min: -10 - Math.max(0, -(constraints.max ?? 0)), max: 10, ...constraints });
      });
    });
  }

  test("drawn and shrunk arrays meet any constraints that are accepted", () => {
    const numbers = fc.oneof(fc.integer({ min: -3, max: 3 }), fc.double({ min: -4, max: 4, noNaN: true }));
    const anyConstraints = fc.record({
      min: numbers,
      span: numbers.map(Math.abs),
      avoid: fc.array(numbers, { maxLength: 4 }),
      distinct: fc.boolean(),
      gap: fc.double({ min: 1e-3, max: 2, noNaN: true }),
    });
    let accepted = 0;
    fc.assert(
      fc.property(anyConstraints, ({ min, span, avoid, distinct, gap }) => {
        const constraints = { min, max: min + span, avoid: [...avoid, 100], distinct, gap };
        let arbitrary: fc.Arbitrary<Float64Array>;
        try {
          arbitrary = float64Array({ ...constraints, minLength: 1 });
        } catch (error) {
          expect(error).toBeInstanceOf(ValueError);
          // Refused rightly: no number of a fine grid, nor an end, is far enough from every point.
          for (let k = 0; k <= 1000; k++) {
            const v = min + (span * k) / 1000;
            expect(avoid.some((point) => Math.abs(v - point) < gap + 1e-12)).toBe(true);
          }
          return;
        }
        accepted++;
        for (const x of fc.sample(arbitrary, { numRuns: 5, seed: 1 })) expectWithin(x, constraints);
        walk(arbitrary, (x) => expectWithin(x, constraints), { seeds: 2, shrinks: 0 });
      }),
      { numRuns: 300, seed: 7 },
    );
    expect(accepted).toBeGreaterThan(100);
  });

  test("lengths keep to their bounds, drawn and shrunk", () => {
    walk(float64Array({ length: 3 }), (x) => expect(x.length).toBe(3));
    walk(float64Array({ minLength: 2, maxLength: 5 }), (x) => expect([2, 3, 4, 5]).toContain(x.length));
    walk(float64Array({ minLength: 15 }), (x) => expect(x.length).toBe(15));
    walk(float64Array({ maxLength: 0, avoid: [0] }), (x) => expect(x.length).toBe(0), { shrinks: 0 });
    const lengths = new Set(fc.sample(float64Array({ maxLength: 4 }), { numRuns: 500, seed: 1 }).map((x) => x.length));
    expect([...lengths].sort()).toEqual([0, 1, 2, 3, 4]);
  });

  test("distinct entries may take all the room there is", () => {
    const full = float64Array({ distinct: true, gap: 0.25, min: 0, max: 1, length: 5 });
    walk(full, (x) => expect([...x].sort()).toEqual([0, 0.25, 0.5, 0.75, 1]), { shrinks: 0 });
    expect(new Set(fc.sample(full, { numRuns: 50, seed: 1 }).map(String)).size).toBeGreaterThan(20);
    expect(() => float64Array({ distinct: true, gap: 0.25, min: 0, max: 1, length: 6 })).toThrow("room for 5");
  });

  test("simple numbers, ends and ties come often, and so do numbers with all digits", () => {
    const drawn = fc.sample(float64Array({ min: -7.5, max: 9.25, length: 3 }), { numRuns: 1000, seed: 1 });
    const shareOf = (is: (v: number) => boolean) => drawn.filter((x) => x.some(is)).length / drawn.length;
    for (const v of [0, 1, -1, 0.5, -0.5, -7.5, 9.25]) expect(shareOf((entry) => entry === v)).toBeGreaterThan(0.05);
    expect(shareOf((v) => String(v).length > 12)).toBeGreaterThan(0.3);
    const isMixed = (x: Float64Array) => x.includes(-7.5) && x.some((v) => String(v).length > 12);
    expect(drawn.filter(isMixed).length / drawn.length).toBeGreaterThan(0.008);
    expect(drawn.filter((x) => new Set(x).size < 3).length / drawn.length).toBeGreaterThan(0.05);
    // And all parts of a domain are met.
    const parts = fc.sample(float64Array({ avoid: [-2, 5], gap: 1, length: 1 }), { numRuns: 300, seed: 1 });
    const shares = [-10, -1, 6].map((low, k) => parts.filter(([v]) => v! >= low && v! <= [-3, 4, 10][k]!).length / 300);
    for (const share of shares) expect(share).toBeGreaterThan(0.1);
    expect(sum(shares)).toBe(1);
  });

  test("a failing sum ends in small integers", () => {
    for (const x of ends(float64Array(), (values) => sum(values) < 3.3)) {
      expect(sum(x)).toBe(4);
      expect(x.every((v) => Number.isInteger(v) && v > 0)).toBe(true);
    }
    for (const x of ends(float64Array({ length: 4 }), (values) => sum(values) < 3.3)) {
      expect(sum(x)).toBe(4);
      expect(x.every((v) => Number.isInteger(v) && v >= 0)).toBe(true);
    }
  });

  test("a failing length ends with zeros", () => {
    for (const x of ends(float64Array(), (values) => values.length < 2)) expect(x).toEqual(Float64Array.of(0, 0));
    for (const x of ends(float64Array({ length: 7 }), () => false)) expect(x).toEqual(new Float64Array(7));
  });

  test("entries end at 0, ±1 or ±½, then at integers, then at few digits", () => {
    const endsAt = (constraints: ValueConstraints, holds: (v: number) => boolean) => [
      ...new Set(ends(float64Array({ length: 1, ...constraints }), (x) => holds(x[0]!)).map((x) => x[0])),
    ];
    expect(endsAt({}, () => false)).toEqual([0]);
    expect(endsAt({ avoid: [0] }, () => false)).toEqual([1]);
    expect(endsAt({ avoid: [0] }, (v) => v > 0)).toEqual([-1]);
    expect(endsAt({ avoid: [0, 1, -1], gap: 0.4 }, () => false)).toEqual([0.5]);
    expect(endsAt({ avoid: [0], max: 0.7 }, (v) => v < 0)).toEqual([0.5]);
    expect(endsAt({ min: -0.7 }, (v) => v >= 0)).toEqual([-0.5]);
    expect(endsAt({}, (v) => v <= 4.2)).toEqual([5]);
    expect(endsAt({ max: 100_000 }, (v) => v < 4711)).toEqual([4711]);
    expect(endsAt({}, (v) => v >= -6)).toEqual([-7]);
    expect(endsAt({ min: 0.1, max: 0.9 }, (v) => v <= 0.55)).toEqual([0.6]);
    expect(endsAt({ min: 5.3, max: 5.9 }, () => false)).toEqual([5.3]);
    expect(endsAt({ min: 1e-9, max: 2e-9 }, () => false)).toEqual([1e-9]);
    expect(endsAt({ min: 0.1234567, max: 0.123459 }, () => false)).toEqual([0.123457]);
  });

  test("distinct entries end as the simplest distinct ones, in the order that failed", () => {
    for (const x of ends(float64Array({ distinct: true }), (v) => v.length < 3)) {
      expect([...x].sort((a, b) => a - b)).toEqual([-1, 0, 1]);
    }
    for (const x of ends(float64Array({ distinct: true }), (v) => v.length < 5)) {
      expect([...x].sort((a, b) => a - b)).toEqual([-1, -0.5, 0, 0.5, 1]);
    }
    const isArgmaxFirst = (x: Float64Array) => x.indexOf(Math.max(...x)) <= 0;
    for (const x of ends(float64Array({ distinct: true }), isArgmaxFirst)) expect(x).toEqual(Float64Array.of(0, 1));
  });

  test("long arrays shrink in few runs", () => {
    let runs = 0;
    const holds = (x: Float64Array) => {
      runs++;
      return !x.some((v) => v > 6) || !x.some((v) => v < -6);
    };
    for (const x of ends(float64Array({ length: 400 }), holds, 5)) expect(sum(x.map(Math.abs))).toBe(14);
    expect(runs / 5).toBeLessThan(400);
    // Here every entry has to shrink by itself: for the next one, what failed for those before is not tried again.
    runs = 0;
    const example = new Float64Array(60).map((_, i) => 5.123456 + i / 100);
    const property = fc.property(float64Array({ length: 60 }), (x) => {
      runs++;
      return !x.every((v) => v > 2.4);
    });
    const { counterexample } = fc.check(property, { examples: [[example]], numRuns: 1 });
    expect(counterexample).toEqual([new Float64Array(60).fill(3)]);
    expect(runs).toBeLessThan(3000);
  });

  test("a value that the user gives as an example shrinks as well", () => {
    const shrunk = (example: Float64Array) =>
      fc.check(
        fc.property(float64Array(), (x) => x.every((v) => v < 3)),
        { examples: [[example]], numRuns: 1 },
      ).counterexample;
    expect(shrunk(Float64Array.of(-1.25, 7.123, 2))).toEqual([Float64Array.of(3)]);
    expect(shrunk(Float64Array.of(500))).toEqual([Float64Array.of(500)]); // outside of the domain: left alone
  });

  test("a property that overwrites its argument changes nothing", () => {
    walk(float64Array({ min: 1 }), (x) => {
      expectWithin(x, { min: 1, max: 11 });
      x.fill(Number.NaN);
    });
  });

  test("the same seed gives the same values, and a path leads back to a failure", () => {
    const draw = (seed: number) => fc.sample(float64Array(), { seed, numRuns: 20 });
    expect(draw(3)).toEqual(draw(3));
    expect(draw(3)).not.toEqual(draw(4));
    const property = fc.property(float64Array({ avoid: [0] }), (x) => sum(x) < 7.5);
    const first = fc.check(property, { seed: 11 });
    expect(first.numShrinks).toBeGreaterThan(0);
    const again = fc.check(property, { seed: 11, path: first.counterexamplePath! });
    expect(again.counterexample).toEqual(first.counterexample);
    expect(again.numShrinks).toBe(0);
  });

  test("constraints that cannot be met are refused when the arbitrary is made", () => {
    const messages: [object, string][] = [
      [{ min: 2, max: 1 }, "float64Array: min must not exceed max, got 2 and 1"],
      [{ min: Number.NaN }, "float64Array: min must be a finite number, got NaN"],
      [{ max: Number.POSITIVE_INFINITY }, "float64Array: max must be a finite number, got Infinity"],
      [
        { min: -1, max: 1, avoid: [0], gap: 2 },
        "float64Array: some float64 must be allowed, got none from -1 to 1; avoid less, by a smaller gap, or widen the bounds",
      ],
      [{ avoid: 0 }, "float64Array: avoid must list finite numbers, got 0"],
      [{ avoid: [0], gap: 0 }, "float64Array: gap must be above 0, got 0"],
      [{ gap: 1 }, "float64Array: gap needs avoid or distinct, got 1"],
      [{ distinct: 1 }, "float64Array: distinct must be true or false, got 1"],
      [
        { distinct: true, min: 0, max: 1, minLength: 20 },
        "float64Array: there must be room for 20 distinct entries, got room for 10; lower gap, widen the bounds, or ask for fewer entries",
      ],
      [
        { distinct: true, min: 0, max: 0.5, minLength: 9 },
        "float64Array: shapes must be allowed of at most 5 entries, got minRank 1 and minSize 9; there is room for no more distinct ones",
      ],
      [{ length: -1 }, "float64Array: length must be an integer, 0 or more, got -1"],
      [{ length: 2, maxLength: 3 }, "float64Array: length stands alone, got maxLength too"],
      [{ minLength: 3, maxLength: 2 }, "float64Array: minLength must not exceed maxLength, got 3 and 2"],
      [
        { size: 3 },
        "float64Array: there is no such constraint, got size; there are length, minLength, maxLength, min, max, avoid, distinct, gap",
      ],
    ];
    for (const [constraints, message] of messages) {
      expect(() => float64Array(constraints)).toThrow(ValueError);
      expect(() => float64Array(constraints)).toThrow(message);
    }
    expect(() => float64Array(null as never)).toThrow("constraints must be an object");
  });
});

describe("tensorOf", () => {
  const sizes = { maxRank: 3, maxSize: 4 };
  for (const dtype of ["float64", "float32", "int32", "bool"] as const) {
    test(`drawn and shrunk ${dtype} tensors meet their constraints`, () => {
      const constraintSets = dtype === "bool" ? [{}] : [{}, { avoid: [0, 3] }, { distinct: true }, { min: 2, max: 6 }];
      for (const constraints of constraintSets) {
        walk(tensorOf({ ...constraints, dtype, shape: sizes }), (x) => {
          expect(x.dtype).toBe(dtype);
          expect(x.requiresGrad).toBe(false);
          expect(x.op).toBe(null);
          expect(x.rank).toBeLessThanOrEqual(3);
          expect(x.shape.every((n) => n <= 4)).toBe(true);
          expectWithin(x.values, { min: dtype === "bool" ? 0 : -10, max: dtype === "bool" ? 1 : 10, ...constraints });
        });
      }
    });
  }

  test("float32 tensors keep to bounds and points that float32 cannot hold", () => {
    const constraints = { min: 0.1, max: 0.9, avoid: [0.3, 0.7], gap: 0.1 };
    walk(tensorOf({ ...constraints, dtype: "float32" }), (x) => expectWithin(x.values, constraints));
    walk(tensorOf({ min: 0.1, max: 0.3, dtype: "float32", distinct: true, gap: 0.02 }), (x) =>
      expectWithin(x.values, { min: 0.1, max: 0.3, distinct: true, gap: 0.02 }),
    );
  });

  test("a fixed shape stays, and gradients may be wanted", () => {
    walk(tensorOf({ shape: [2, 0, 3], requiresGrad: true }), (x) => expect(x.shape).toEqual([2, 0, 3]), { shrinks: 0 });
    walk(tensorOf({ shape: [2, 3], requiresGrad: true, dtype: "float32" }), (x) => {
      expect(x.shape).toEqual([2, 3]);
      expect(x.requiresGrad).toBe(true);
    });
  });

  test("shrinks the shape first, then the entries", () => {
    const shrunk = (holds: (x: Tensor) => boolean, constraints = {}) => [
      ...new Set(
        ends(tensorOf(constraints), holds).map((x) => `${JSON.stringify(x.shape)} ${JSON.stringify(x.toArray())}`),
      ),
    ];
    expect(shrunk(() => false)).toEqual(["[] 0"]);
    expect(shrunk((x) => x.size < 2)).toEqual(["[2] [0,0]"]);
    expect(shrunk((x) => x.size < 4)).toEqual(["[4] [0,0,0,0]"]);
    expect(shrunk((x) => x.rank < 2)).toEqual(["[0,0] []"]);
    expect(shrunk((x) => x.rank < 2 || x.size < 1)).toEqual(["[1,1] [[0]]"]);
    expect(shrunk((x) => x.size > 0)).toEqual(["[0] []"]);
    expect(shrunk((x) => x.values.every((v) => v < 6.5))).toEqual(["[] 7"]);
    expect(shrunk(() => false, { avoid: [0], shape: { minRank: 2, minSize: 2 } })).toEqual(["[2,2] [[1,1],[1,1]]"]);
    expect(shrunk((x) => x.values.every((v) => v !== 1), { dtype: "bool" })).toEqual(["[] true"]);
    // The one large entry among many is kept while the others go.
    expect(shrunk((x) => !(x.rank >= 2 && x.values.some((v) => v > 8)))).toEqual(["[1,1] [[9]]"]);
  });

  test("a tensor that the user gives as an example shrinks as well", () => {
    const arbitrary = tensorOf({ dtype: "float32" });
    const [example] = fc.sample(tensorOf({ dtype: "float32", shape: [2, 3], min: 5.5, max: 9 }), 1);
    expect(arbitrary.canShrinkWithoutContext(example)).toBe(true);
    expect(arbitrary.canShrinkWithoutContext(example!.mul(1))).toBe(true);
    expect(tensorOf().canShrinkWithoutContext(example)).toBe(false);
    expect(tensorOf({ dtype: "float32", max: 5 }).canShrinkWithoutContext(example)).toBe(false);
    expect(tensorOf({ dtype: "float32", shape: [3, 2] }).canShrinkWithoutContext(example)).toBe(false);
    const property = fc.property(arbitrary, (x) => x.size < 2);
    const { counterexample } = fc.check(property, { examples: [[example!]], numRuns: 1 });
    expect(counterexample![0]!.toArray()).toEqual([0, 0]);
  });

  test("failures print tensors readably", () => {
    const property = fc.property(tensorOf({ dtype: "float32" }), (x) => x.size < 2);
    expect(() => fc.assert(property, { seed: 1 })).toThrow("float32[2] [0, 0]");
  });

  test("bad constraints are refused when the arbitrary is made", () => {
    expect(() => tensorOf({ shape: [2, -1] })).toThrow(
      "tensorOf: a shape is an array of whole numbers, 0 or more, got [2, -1]",
    );
    expect(() => fc.sample(tensorOf({ shape: [2 ** 30, 2 ** 20] }), 1)).toThrow(
      "tensorOf: the elements must fit into memory, got 1125899906842624 of float64, 9007199254740992 bytes",
    );
    const messages: [object, string][] = [
      [{ shape: { maxRnk: 2 } }, "tensorOf: there is no such constraint, got maxRnk"],
      [{ shape: 3 }, "tensorOf: constraints must be an object, got 3"],
      [{ dtype: "float16" }, 'tensorOf: dtype must be float32, float64, int32, bool, got "float16", a string'],
      [{ dtype: "int32", requiresGrad: true }, "tensorOf: requiresGrad needs a floating dtype, got int32"],
      [{ requiresGrad: "yes" }, 'tensorOf: requiresGrad must be true or false, got "yes", a string'],
      [{ dtype: "float32", max: 1e39 }, "tensorOf: float32 must hold min and max, got -10 and 1e+39"],
      [{ dtype: "bool", min: -1 }, "tensorOf: bool must hold min and max, got -1 and 1"],
      [{ dtype: "int32", min: 0.1, max: 0.9 }, "tensorOf: some int32 must be allowed, got none from 0.1 to 0.9"],
      [{ distinct: true, shape: [300] }, "tensorOf: there must be room for 300 distinct entries, got room for 200"],
      [{ distinct: true, shape: { maxEntries: 300 } }, "tensorOf: there must be room for 300 distinct entries"],
    ];
    for (const [constraints, message] of messages) expect(() => tensorOf(constraints)).toThrow(message);
  });
});
