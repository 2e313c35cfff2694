import { describe, expect, test } from "vitest";
import {
  assertGradient,
  checkGradient,
  checkHessian,
  checkHvp,
  checkJacobian,
  checkJvp,
  checkVjp,
  gradcheck,
  gradientMatchers,
} from "../../src/gradcheck/index.ts";
import { mul, zeros } from "../../src/index.ts";

const n = 3000;
const point = (): Float64Array => Float64Array.from({ length: n }, (_, i) => Math.sin(i + 1) * 2);
const meanSquare = (x: ArrayLike<number>): number => {
  let sum = 0;
  for (let i = 0; i < x.length; i++) sum += x[i]! * x[i]!;
  return sum / x.length;
};
const gradient = (x: Float64Array): Float64Array => x.map((v) => (2 * v) / n);
const wrongAt = (entry: number) => (x: Float64Array) => gradient(x).map((v, i) => (i === entry ? -v : v));

describe("large inputs, which are written in place", () => {
  test("the user's point stays as it is, and f sees what it should at each call", () => {
    const x = point();
    const seen: number[] = [];
    const report = checkGradient(
      (given: Float64Array) => {
        seen.push(given.reduce((count, v, i) => (v === x[i] ? count : count + 1), 0));
        return meanSquare(given);
      },
      gradient,
      x,
    );
    expect(report.ok, String(report)).toBe(true);
    expect(x).toEqual(point());
    // At x itself, at x but for one entry, or elsewhere altogether.
    expect(new Set(seen.map((count) => (count > 1 ? "all" : count)))).toEqual(new Set([0, 1, "all"]));
  });

  test.each<[what: string, remember: (f: typeof meanSquare) => (x: Float64Array) => number]>([
    [
      "by identity",
      (f) => {
        const known = new WeakMap<object, number>();
        return (x) => {
          if (!known.has(x)) known.set(x, f(x));
          return known.get(x)!;
        };
      },
    ],
    [
      "by its entries, in the array that it was given",
      (f) => {
        let last: { x: Float64Array; value: number } | null = null;
        return (x) => {
          if (last === null || last.x.some((v, i) => v !== x[i])) last = { x, value: f(x) };
          return last.value;
        };
      },
    ],
  ])("f may remember what it was given: %s", (_, remember) => {
    expect(checkGradient(remember(meanSquare), gradient, point()).ok).toBe(true);
    expect(checkGradient(remember(meanSquare), wrongAt(0), point()).counts.mismatch).toBe(1);
  });

  test("f that changes its input after many calls is reported, and its entries are right all the same", () => {
    let calls = 0;
    const f = (x: Float64Array): number => {
      const value = meanSquare(x);
      if (++calls === 200) x[5] = 100;
      return value;
    };
    const report = checkGradient(f, gradient, point());
    expect(report.problems).toEqual(["f changed its input"]);
    expect(report.counts.mismatch).toBe(0);
  });

  test("f that changes what was written for the call alone is reported", () => {
    let calls = 0;
    const x = point();
    const f = (given: Float64Array): number => {
      const value = meanSquare(given);
      const moved = given.findIndex((v, i) => v !== x[i]);
      if (++calls > 100 && moved >= 0) given[moved] = 7;
      return value;
    };
    expect(checkGradient(f, gradient, x).problems).toEqual(["f changed its input"]);
  });

  test("f that returns its input itself", () => {
    const report = checkVjp(
      (x: Float64Array) => x,
      (_, u) => u.slice(),
      point(),
    );
    expect(report.ok, String(report)).toBe(true);
  });

  test("Float32Array, nested rows, and objects of them", () => {
    const x = Float32Array.from(point());
    expect(checkGradient(meanSquare, (v) => v.map((own) => (2 * own) / n), x).ok).toBe(true);
    const rows = Array.from({ length: 60 }, (_, r) => Array.from({ length: 50 }, (_, c) => Math.sin(50 * r + c) * 2));
    const inRows = (x: number[][]): number => x.reduce((sum, row) => sum + meanSquare(row), 0) / x.length;
    expect(checkGradient(inRows, (x) => x.map((row) => row.map((v) => (2 * v) / n)), rows).ok).toBe(true);
    expect(checkGradient(inRows, (x) => x.map((row) => row.map((v) => (2 * v) / (n + 1))), rows).ok).toBe(false);
    const model = { w: rows, b: 0.5, inner: { v: point() } };
    const f = ({ w, b, inner }: typeof model): number => inRows(w) * b + meanSquare(inner.v);
    const report = checkGradient(
      f,
      ({ w, b, inner }) => ({
        w: w.map((row) => row.map((v) => (2 * v * b) / n)),
        b: inRows(w),
        inner: { v: gradient(inner.v) },
      }),
      model,
    );
    expect(report.ok, String(report)).toBe(true);
  });

  test("two wrong entries that cancel in a sum of all do not cancel along the directions", () => {
    const swapped = (x: Float64Array): Float64Array => {
      const g = gradient(x);
      [g[1234], g[2345]] = [g[2345]!, g[1234]!];
      return g;
    };
    expect(checkGradient(meanSquare, swapped, point(), { sampledEntries: 0 }).ok).toBe(false);
  });
});

describe("little effort", () => {
  const fast = { effort: "fast" } as const;

  test("takes about ten calls, whatever the size, and says what it can miss", () => {
    const report = checkGradient(meanSquare, gradient, point(), fast);
    expect(report.ok).toBe(true);
    expect(report.calls).toEqual({ f: 13, derivative: 1 });
    expect(report.coverage).toEqual({ entries: n, checked: 0, directions: 2 });
    expect(report.summary).toMatch(/^2 of 2 random directions agree/);
    expect(String(report)).toContain("unseen are smaller ones");
    expect(JSON.parse(JSON.stringify(report)).effort).toBe("fast");
  });

  test.each([Float64Array, Float32Array])("takes no more of 100,000 numbers in a %o", (Type) => {
    const x = (Type as Float64ArrayConstructor).from({ length: 100_000 }, (_, i) => Math.sin(i + 1) * 2);
    for (let seed = 0; seed < 4; seed++) {
      const right = checkGradient(meanSquare, (v) => v.map((own) => (2 * own) / v.length), x, { ...fast, seed });
      expect(right.ok, String(right)).toBe(true);
      expect(right.calls).toEqual({ f: 13, derivative: 1 });
    }
    const wrong = (v: typeof x) => v.map((own, i) => ((i === 45_670 ? -2 : 2) * own) / v.length);
    expect(checkGradient(meanSquare, wrong, x, fast).worst[0]!.label).toBe("x[45670]");
  });

  test("f may remember what it was given, or change it", () => {
    const known = new WeakMap<object, number>();
    let last: { x: Float64Array; value: number } | null = null;
    const byIdentity = (x: Float64Array): number => {
      if (!known.has(x)) known.set(x, meanSquare(x));
      return known.get(x)!;
    };
    const byEntries = (x: Float64Array): number => {
      if (last === null || last.x.some((v, i) => v !== x[i])) last = { x, value: meanSquare(x) };
      return last.value;
    };
    for (const f of [byIdentity, byEntries]) {
      expect(checkGradient(f, gradient, point(), fast).ok).toBe(true);
      expect(checkGradient(f, (x) => gradient(x).fill(0), point(), fast).ok).toBe(false);
      expect(checkGradient(f, wrongAt(7), point(), fast).worst[0]!.label).toBe("x[7]");
    }
    const spoils = (x: Float64Array): number => {
      const value = meanSquare(x);
      x[9] = 1;
      return value;
    };
    expect(checkGradient(spoils, gradient, point(), fast).problems).toEqual(["f changed its input"]);
  });

  test("every one of 3,000 entries that is wrong is found", () => {
    for (let entry = 1; entry < n; entry += 500) {
      const report = checkGradient(meanSquare, wrongAt(entry), point(), fast);
      expect(report.worst[0]!.label).toBe(`x[${entry}]`);
      expect(report.replay).not.toContain("effort"); // which is refused beside `only`
    }
  });

  test("products", () => {
    const x = point();
    const square = (x: Float64Array) => x.map((v) => v * v);
    expect(checkVjp(square, (x, u) => x.map((v, i) => 2 * v * u[i]!), x, fast).calls.derivative).toBe(2);
    expect(checkVjp(square, (x, u) => x.map((v, i) => 2 * v * u[i]!), x, fast).ok).toBe(true);
    expect(checkVjp(square, (x, u) => x.map((v, i) => v * u[i]!), x, fast).ok).toBe(false);
    expect(checkJvp(square, (x, u) => x.map((v, i) => 2 * v * u[i]!), x, fast).ok).toBe(true);
    expect(checkJvp(square, (x, u) => x.map((v, i) => (i === 9 ? 0 : 2 * v * u[i]!)), x, fast).ok).toBe(false);
    expect(checkHvp(meanSquare, (_, u: Float64Array) => u.map((v) => (2 * v) / n), x, fast).ok).toBe(true);
    expect(checkHvp(meanSquare, (_, u: Float64Array) => u.map((v) => v / n), x, fast).ok).toBe(false);
    expect(checkHvp(gradient, (_, u: Float64Array) => u.map((v) => (2 * v) / n), x, fast).ok).toBe(true);
    const five = { effort: "fast", directions: 5 } as const;
    expect(
      checkJacobian(
        (x) => [x[0]! ** 2, x[1]!],
        (x) => [
          [2 * x[0]!, 0],
          [0, 1],
        ],
        [3, 4],
        five,
      ).ok,
    ).toBe(true);
    expect(
      checkJacobian(
        (x) => [x[0]! ** 2, x[1]!],
        (x) => [
          [2 * x[0]!, 0],
          [1, 1],
        ],
        [3, 4],
        fast,
      ).ok,
    ).toBe(false);
    expect(
      checkHessian(
        ([a, b]) => a! ** 2 * b!,
        ([a, b]) => [
          [2 * b!, 2 * a!],
          [2 * a!, 0],
        ],
        [3, 4],
        fast,
      ).ok,
    ).toBe(true);
  });

  test("noise does not make a right gradient wrong", () => {
    const inside = (x: Float64Array): number => meanSquare(Float32Array.from(x).map((v) => Math.fround(v * v)));
    const grad = (x: Float64Array): Float64Array => x.map((v) => (4 * v ** 3) / n);
    for (let seed = 0; seed < 20; seed++) {
      const x = Float64Array.from({ length: n }, (_, i) => Math.sin(i + seed) * 2);
      const report = checkGradient(inside, grad, x, { ...fast, seed });
      expect(
        report.directions.filter(({ verdict }) => verdict === "mismatch"),
        String(report),
      ).toEqual([]);
    }
  });

  test("in matchers, with the replay line in their name", () => {
    const { toHaveGradient } = gradientMatchers;
    const right = toHaveGradient.call(undefined, meanSquare, gradient, { at: point(), ...fast });
    expect(right).toMatchObject({ pass: true });
    const dropped = (x: Float64Array) => gradient(x).fill(0);
    const wrong = toHaveGradient.call(undefined, meanSquare, dropped, { at: point(), ...fast }) as {
      message(): string;
    };
    expect(wrong.message()).toContain("expect(f).toHaveGradient(…, { at: x, ");
  });

  test.each([
    [{ effort: "quick" }, 'effort must be default or fast, got "quick"'],
    [
      { effort: "fast", only: ["x[0]"] },
      "effort: 'fast' checks no single entries, got only; leave out only, or the effort",
    ],
    [{ effort: "fast", maxEntries: 3 }, "checks no single entries, got maxEntries"],
    [{ effort: "fast", sampledEntries: 3 }, "checks no single entries, got sampledEntries"],
    [{ effort: "fast", directions: 0 }, "effort: 'fast' must leave a direction to check"],
  ])("refuses %o", (options, message) => {
    expect(() =>
      checkGradient(
        (x) => x[0]!,
        () => [1],
        [1],
        options as never,
      ),
    ).toThrow(message);
  });
});

describe("nothing to check", () => {
  const nothing = "x must hold a number at least";
  test.each<[what: string, call: () => unknown, message: string]>([
    [
      "an empty list",
      () =>
        assertGradient(
          () => 0,
          () => [],
          [] as number[],
        ),
      nothing,
    ],
    [
      "an empty typed array",
      () =>
        checkGradient(
          () => 0,
          (x) => x,
          new Float64Array(0),
        ),
      nothing,
    ],
    [
      "an object without numbers",
      () =>
        checkGradient(
          () => 0,
          (x) => x,
          {},
        ),
      nothing,
    ],
    [
      "an object of empty lists",
      () =>
        checkGradient(
          () => 0,
          (x) => x,
          { w: [] as number[] },
        ),
      nothing,
    ],
    [
      "an empty point of a Hessian",
      () =>
        checkHessian(
          () => 0,
          () => [],
          [] as number[],
        ),
      nothing,
    ],
    [
      "no results",
      () =>
        checkJacobian(
          () => [],
          () => [],
          [1],
        ),
      "f must return a number at least",
    ],
    ["no inputs", () => gradcheck((x) => x!, []), "an input must require a gradient"],
    [
      "no names",
      () =>
        checkGradient(
          (x) => x[0]!,
          () => [1],
          [1],
          { only: [] },
        ),
      "only must list names of entries",
    ],
  ])("%s is refused", (_, call, message) => {
    expect(call).toThrow(message);
  });

  test("a tensor of size 0 passes, as in PyTorch, and the report says that nothing was checked", () => {
    const x = zeros([0, 3], { dtype: "float64", requiresGrad: true });
    const report = gradcheck((x) => mul(x, x), [x]);
    expect(report.ok).toBe(true);
    expect(String(report)).toContain("nothing to check: there are no entries");
  });
});
