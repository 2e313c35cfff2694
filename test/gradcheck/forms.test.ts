import { describe, expect, test } from "vitest";
import { ValueError } from "../../src/core/errors.ts";
import {
  assertGradient,
  checkGradient,
  checkHvp,
  checkJacobian,
  checkVjp,
  GradientError,
} from "../../src/gradcheck/index.ts";

const norm = (x: ArrayLike<number>): number => Array.from(x).reduce((sum, v) => sum + v * v, 0);

describe("inputs", () => {
  test("a number", () => {
    expect(checkGradient(Math.exp, Math.exp, 1).ok).toBe(true);
    expect(checkGradient(Math.exp, Math.sin, 1).entries[0]!.label).toBe("x");
  });

  test("flat and nested arrays, and typed arrays, reach f in their own form", () => {
    const seen = new Set<string>();
    const f = (x: ArrayLike<number>): number => {
      seen.add(x.constructor.name);
      return norm(x);
    };
    for (const x of [[1, 2], Float64Array.of(1, 2), Float32Array.of(1, 2)]) {
      expect(checkGradient(f, (at) => Array.from(at as ArrayLike<number>, (v) => 2 * v) as never, x as never).ok).toBe(
        true,
      );
    }
    expect([...seen].sort()).toEqual(["Array", "Float32Array", "Float64Array"]);
    const matrix = [
      [1, 2, 3],
      [4, 5, 6],
    ];
    const report = checkGradient(
      (m) => m[0]![2]! * m[1]![0]!,
      (m) => [
        [0, 0, m[1]![0]!],
        [1, 0, 0],
      ],
      matrix,
    );
    expect(report.worst[0]!.label).toBe("x[1, 0]");
  });

  test("records in records, and arrays of unequal parts", () => {
    const x = {
      layers: [
        { w: [[1, 2]], b: 3 },
        { w: [[4]], b: 5 },
      ],
      scale: Float64Array.of(6),
    };
    const f = ({ layers: [p, q], scale }: typeof x): number => p!.w[0]![1]! * q!.w[0]![0]! + p!.b * scale[0]! + q!.b;
    const grad = ({ layers: [p, q], scale }: typeof x) => ({
      layers: [
        { w: [[0, q!.w[0]![0]!]], b: scale[0]! },
        { w: [[p!.w[0]![1]!]], b: 1 },
      ],
      scale: [p!.b],
    });
    const report = checkGradient(f, grad, x);
    expect(report.ok).toBe(true);
    expect(report.entries.map(({ label }) => label)).toEqual([
      "x.layers[0].w[0, 0]",
      "x.layers[0].w[0, 1]",
      "x.layers[0].b",
      "x.layers[1].w[0, 0]",
      "x.layers[1].b",
      "x.scale[0]",
    ]);
  });

  test("what holds no finite numbers is refused at the door, before f is called", () => {
    let calls = 0;
    const f = (): number => ++calls;
    for (const x of ["1", null, new Map(), [1, "2"], [Number.NaN], { a: [Number.POSITIVE_INFINITY] }]) {
      expect(() => checkGradient(f as never, (() => []) as never, x as never)).toThrow(ValueError);
    }
    expect(() => checkGradient(f, () => [1], [1], { step: 1 } as never)).toThrow("there are rtol, atol,");
    expect(() => checkGradient(f, () => [1], [1], { rtol: -1 })).toThrow("rtol must be 0 or more");
    expect(() => checkGradient(f, () => [1], [1], { kinks: "pass" } as never)).toThrow("kinks must be");
    expect(() => checkGradient(f, () => [1], [1], { lower: 2 })).toThrow(
      "x must be within lower and upper, got x[0] = 1",
    );
    expect(() => checkGradient(f, () => [1], [1], { domain: () => false })).toThrow("x must be in the domain");
    expect(() => checkGradient(f, () => [1], [1, 2], { upper: [3] })).toThrow("upper must have the form of x");
    expect(() => checkGradient(3 as never, () => [1], [1])).toThrow("f must be a function");
    expect(calls).toBe(0);
  });
});

describe("gradients", () => {
  test("returned, written into out, or with the value", () => {
    const x = [1, 2];
    expect(checkGradient(norm, (v) => v.map((w) => 2 * w), x).ok).toBe(true);
    const report = checkGradient(
      norm,
      (v, out) => {
        v.forEach((w, i) => {
          out[i] = 2 * w;
        });
      },
      x,
    );
    expect(report.ok).toBe(true);
    expect(checkGradient(norm, (v) => ({ value: norm(v), gradient: v.map((w) => 2 * w) }), x).ok).toBe(true);
  });

  test("a value beside the gradient must be f's", () => {
    const report = checkGradient(norm, (v) => ({ value: norm(v) + 1e-9, gradient: v.map((w) => 2 * w) }), [1, 2]);
    expect(report.problems).toEqual(["the value that comes with the gradient is 5.000000001, but f(x) is 5"]);
    expect(report.ok).toBe(false);
  });

  test("x may have parts of these names itself", () => {
    const f = ({ value, gradient }: { value: number; gradient: number }): number => value * gradient;
    expect(
      checkGradient(f, ({ value, gradient }) => ({ value: gradient, gradient: value }), { value: 2, gradient: 3 }).ok,
    ).toBe(true);
  });

  test("what does not fit is a problem of the report", () => {
    const problem = (grad: () => unknown): string => checkGradient(norm, grad as never, [1, 2]).problems[0]!;
    expect(problem(() => [1])).toBe("gradient has 1 entries where there should be 2");
    expect(problem(() => [1, "2"])).toBe('gradient must hold numbers, got "2", a string');
    expect(problem(() => null)).toBe("gradient must hold numbers, got null");
    expect(checkGradient(({ w }) => w[0]!, (() => ({ v: [1] })) as never, { w: [1] }).problems).toEqual([
      "gradient.w is missing",
    ]);
  });

  test("errors of the user's functions come through", () => {
    const boom = (): never => {
      throw new RangeError("boom");
    };
    expect(() => checkGradient(boom, () => [1], [1])).toThrow(new RangeError("boom"));
    expect(() => checkGradient(norm, boom, [1])).toThrow(new RangeError("boom"));
  });
});

test("several results are for other checks, which say so", () => {
  expect(() => checkGradient(((x: number[]) => x) as never, (x: number[]) => x, [1, 2])).toThrow(
    "use checkJacobian, checkVjp or checkJvp",
  );
  expect(() =>
    checkHvp(
      (x) => [x[0]!],
      (_, v) => v,
      [1, 2],
    ),
  ).toThrow("f must return a number, or as many as x has");
  let calls = 0;
  expect(() =>
    checkJacobian(
      (x) => (++calls > 3 ? [x[0]!, 1] : x),
      () => [[1]],
      [1],
    ),
  ).toThrow("the same form at every call");
});

describe("functions that return promises", () => {
  const slow = async (x: number[]): Promise<number> => norm(x);
  const twice = (x: number[]): number[] => x.map((v) => 2 * v);

  test("give a promise of the same report", async () => {
    const { calls, ...report } = checkGradient(norm, twice, [1, 2]);
    for (const found of [checkGradient(slow, twice, [1, 2]), checkGradient(norm, async (x) => twice(x), [1, 2])]) {
      expect(found).toBeInstanceOf(Promise);
      expect({ ...(await found) }).toEqual({ ...report, calls });
    }
    expect(
      (
        await checkVjp(
          async (x: number[]) => twice(x),
          async (_, u) => twice(u),
          [1, 2],
        )
      ).ok,
    ).toBe(true);
  });

  test("reject where others throw", async () => {
    await expect(assertGradient(slow, (x) => x, [1, 2])).rejects.toBeInstanceOf(GradientError);
    await expect(assertGradient(slow, twice, [1, 2])).resolves.toBeUndefined();
    const broken = async (): Promise<number> => Promise.reject(new RangeError("boom"));
    await expect(checkGradient(broken, () => [1], [1])).rejects.toThrow("boom");
  });
});

describe("of a gradient in another form, the report says what there is", () => {
  const vector = { x: 1, y: -2 };
  const square = ({ x, y }: typeof vector): number => x * x + y;
  const hints = (gradient: unknown): readonly string[] => checkGradient(square, (_) => gradient as never, vector).hints;

  test("in the place of a record", () => {
    expect(hints([2, 1])).toEqual(["gradient is an array"]);
    expect(hints({ x: 2, z: 1 })).toEqual(["gradient has x, z"]);
    expect(hints({})).toEqual(["gradient has no fields"]);
    expect(hints(null)).toEqual(["gradient is null"]);
  });

  test("where nothing was returned", () => {
    const hint = "return it, or write it into the last argument: (x, out) => { … }";
    expect(hints(undefined)).toEqual([hint]);
    const report = checkGradient(
      (x) => x[0]! ** 2,
      (_) => undefined as never,
      [3],
    );
    expect(report.hints).toEqual([hint]);
  });

  test("NaN is not called undecided", () => {
    const report = checkGradient(
      (x) => x[0]! ** 2 + x[1]!,
      () => [Number.NaN, 1],
      [3, 1],
    );
    expect(report.summary).toBe("1 of 2 entries NaN or infinite; the others agree");
  });
});
