import { describe, expect, test } from "vitest";
import {
  checkGradient,
  checkHessian,
  checkHvp,
  checkJvp,
  checkSuite,
  checkVjp,
  type GradientReport,
  numericalGradient,
} from "../../src/gradcheck/index.ts";

/** Wrong gradients that hide from a checker, right ones that look wrong, and arguments that nobody should give: each once got through. */
describe("wrong gradients that hide", () => {
  test("a claim of 0 beside a wall, which makes every slope over it look small", () => {
    const below = (x: number): number => (x < 1 ? 1e10 : x * x);
    const above = (x: number): number => x * x + (x > 1 ? 1e10 : 0);
    for (const [f, x] of [
      [below, 1.003],
      [above, 0.999],
    ] as const) {
      expect(checkGradient(f, () => 0, x).counts.mismatch).toBe(1);
      expect(checkGradient(f, (v) => 2 * v, x).ok).toBe(true);
    }
  });

  test("one entry of thousands, where kinks at zeros leave room for it", () => {
    const x = Array.from({ length: 3000 }, (_, i) => (i % 20 === 7 ? 0 : Math.sin(i * i + 1) + 0.01));
    const f = (v: number[]): number => v.reduce((sum, e) => sum + Math.abs(e) + e * e, 0);
    const gradient = (v: number[]): number[] => v.map((e) => Math.sign(e) + 2 * e);
    expect(checkGradient(f, gradient, x).ok).toBe(true);
    const wrong = checkGradient(f, (v) => gradient(v).map((e, i) => (i === 1501 ? -e : e)), x);
    expect(wrong.ok).toBe(false);
    expect(wrong.worst[0]!.label).toBe("x[1501]");
  });

  test("kinks elsewhere in a direction are not enough to call it right", () => {
    const x = Array.from({ length: 600 }, (_, i) => 1 + (i % 7));
    const f = (v: number[]): number => v.reduce((sum, e) => sum + Math.abs(e - 1) + e, 0);
    const gradient = (v: number[]): number[] => v.map((e) => Math.sign(e - 1) + 1);
    const options = { maxEntries: 100, sampledEntries: 20, directions: 2 };
    const report = checkGradient(f, gradient, x, options);
    expect(report.ok).toBe(false);
    expect(report.directions[0]!.note).toContain("kinks hide the other entries");
    expect(checkGradient(f, gradient, x, { ...options, kinks: "skip" }).ok).toBe(true);
  });

  test("products that are right for unit vectors alone", () => {
    const absolute = (v: number[], u: number[]): number[] => v.map((e, i) => 2 * e * Math.abs(u[i]!));
    const clipped = (v: number[], u: number[]): number[] => v.map((e, i) => 2 * e * Math.max(-1, Math.min(1, u[i]!)));
    const square = (v: number[]): number[] => v.map((e) => e * e);
    for (const bent of [absolute, clipped]) {
      expect(checkVjp(square, bent, [3, 2]).ok).toBe(false);
      expect(checkJvp(square, bent, [3, 2]).ok).toBe(false);
    }
    const cube = ([v]: number[]): number => v! ** 3;
    expect(checkHvp(cube, ([v], [u]) => [6 * v! * Math.abs(u!)], [3]).ok).toBe(false);
  });

  test("a function that stays at a float32 is not one that computes in float32", () => {
    const flat = (x: number): number => Math.max(x * x, 0.25);
    for (let seed = 0; seed < 40; seed++) {
      expect(checkGradient(flat, (x) => 2 * x * 1.0008, 0.501, { seed }).ok, `seed ${seed}`).toBe(false);
    }
    expect(
      checkGradient(
        ([p]) => Math.max(0.5, p!),
        () => [1.0009, 0],
        [0.5005, 1],
      ).counts.mismatch,
    ).toBe(1);
  });

  test("excused claims that are huge do not make the others' errors small", () => {
    const kinked = ([a, b]: number[]): number => Math.abs(a!) + b! ** 2;
    expect(checkGradient(kinked, () => [1e12, 99], [0, 3], { kinks: "skip" }).counts.mismatch).toBe(1);
    const f = ([a, b]: number[]): number => 5 * a! + b! ** 2;
    const walled = { lower: [2, 0], upper: [2, 9], inconclusive: "allow" } as const;
    expect(checkGradient(f, () => [1e12, 99], [2, 3], walled).counts.mismatch).toBe(1);
  });

  test("gradients of another form than x", () => {
    const sum = (x: number[][]): number => x.flat().reduce((a, b) => a + b, 0);
    const turned = checkGradient(sum, () => Array.from({ length: 3 }, () => [1, 1]), [
      [1, 2, 3],
      [4, 5, 6],
    ]);
    expect(turned.problems).toEqual(["gradient has shape [3, 2] where it should be [2, 3]"]);
    const more = checkGradient(sum, () => [[1, 1], [1], [77]], [[1, 2], [3]]);
    expect(more.problems).toEqual(["gradient has a part too many: 2"]);
    const circle: unknown[] = [1];
    circle.push(circle);
    expect(
      checkGradient(
        ([a]) => a!,
        () => circle as number[],
        [1, 2],
      ).problems,
    ).toEqual(["gradient must hold numbers, got a circle"]);
  });

  test("what is too small to be compared is said to be", () => {
    const lost = checkGradient(
      ([a, b]) => 1e9 * a! ** 2 + b!,
      ([a]) => [2e9 * a!, 0],
      [3, 1],
    );
    expect(String(lost)).toContain("1 so small that no more than their smallness was shown");
    const f = ([a, b]: number[]): number => 1e8 * a! ** 2 + a! * b!;
    expect(
      String(
        checkHessian(
          f,
          () => [
            [2e8, 0],
            [0, 0],
          ],
          [1, 1],
        ),
      ),
    ).toContain("2 so small");
  });
});

describe("right gradients that look wrong", () => {
  test("an x that has a part named values, with the value beside the gradient", () => {
    const f = ({ values: v }: { values: number[] }): number => v[0]! ** 2 + v[1]! ** 2;
    const gradient = (x: { values: number[] }): object => ({
      value: f(x),
      gradient: { values: x.values.map((e) => 2 * e) },
    });
    expect(checkGradient(f, gradient as never, { values: [1.5, 2] }).ok).toBe(true);
  });

  test("a value that cancels, added up in another order", () => {
    const f = ([a, b, c]: number[]): number => a! + b! - c!;
    const other = ([a, b, c]: number[]): { value: number; gradient: number[] } => ({
      value: a! - c! + b!,
      gradient: [1, 1, -1],
    });
    expect(checkGradient(f, other, [0.1, 0.2, 0.3]).ok).toBe(true);
    const wrong = checkGradient(f, (x) => ({ ...other(x), value: 1e-9 }), [0.1, 0.2, 0.3]);
    expect(wrong.problems[0]).toContain("the value that comes with the gradient is 1e-9, but f(x) is");
  });

  test("identities hold to rtol where one is given", () => {
    const short = (v: number[], u: number[]): number[] => v.map((e, i) => Math.fround(Math.cos(e) * u[i]!));
    const sines = (v: number[]): number[] => v.map(Math.sin);
    expect(checkVjp(sines, short, [0.3, 0.7], { rtol: 1e-3 }).ok).toBe(true);
    expect(checkVjp(sines, short, [0.3, 0.7]).ok).toBe(false);
    const f = ([a, b]: number[]): number => a! ** 3 * b! ** 2;
    const hessian = ([a, b]: number[]): number[][] => [
      [6 * a! * b! ** 2, 6 * a! ** 2 * b!],
      [6 * a! ** 2 * b! * (1 + 1e-7), 2 * a! ** 3],
    ];
    expect(checkHessian(f, hessian, [0.3, 0.7], { rtol: 1e-3 }).ok).toBe(true);
    expect(checkHessian(f, hessian, [0.3, 0.7]).problems[0]).toContain("not symmetric");
  });

  test("numbers that have lost their digits at the small end are not called wrong", () => {
    const tiny = checkHessian(
      (x: number) => 1e300 * x * x,
      () => 2e300,
      1e-170,
    );
    expect(tiny.counts.outside).toBe(1);
    const gone = checkGradient(
      (x: number) => Math.exp(-x * x),
      (x) => -2 * x * Math.exp(-x * x),
      27.200691664386273,
    );
    expect(gone.counts.mismatch).toBe(0);
    const curve = (x: number): number => (x / 1e150) ** 3 * 1e-20;
    expect(checkHessian(curve, (x) => (6e-20 * x) / 1e150 / 1e150 / 1e150, 1.3e150).counts.mismatch).toBe(0);
  });

  test("Hessians where there are more entries than the budget, and most are 0", () => {
    const x = Array.from({ length: 12 }, (_, i) => i + 1.5);
    const f = (v: number[]): number => v.reduce((sum, e) => sum + e * e, 0);
    const identity = x.map((_, i) => x.map((__, j) => (i === j ? 2 : 0)));
    expect(checkHessian(f, () => identity, x, { maxEntries: 100 }).ok).toBe(true);
    expect(checkHvp(f, (_, v) => v.map((e) => 2 * e), x, { maxEntries: 100 }).ok).toBe(true);
  });

  test("f is never called outside its bounds, whatever the tangent", () => {
    const entropy = (p: number[]): number => {
      if (p.some((v) => v < 0)) throw new Error(`called outside: ${p}`);
      return p.reduce((sum, v) => sum + v * Math.log(v), 0);
    };
    const gradient = (p: number[]): number[] => p.map((v) => Math.log(v) + 1);
    for (let seed = 0; seed < 40; seed++) {
      const options = { tangent: "simplex", lower: 1e-7, seed } as const;
      expect(() => checkGradient(entropy, gradient, [1e-6, 0.5, 0.5 - 1e-6], options)).not.toThrow();
    }
  });

  test("a domain may be asynchronous", async () => {
    const seen: number[] = [];
    const f = (x: number): number => seen.push(x) && x * x;
    const domain = async (x: number): Promise<boolean> => x >= 0.999;
    const report = await (checkGradient(f, (x) => 2 * x, 1, { domain } as never) as unknown as Promise<GradientReport>);
    expect(report.ok).toBe(true);
    expect(Math.min(...seen)).toBeGreaterThanOrEqual(0.999);
  });
});

describe("arguments that leave nothing to check", () => {
  const check = checkGradient as (...args: unknown[]) => GradientReport;
  const circle: unknown[] = [1];
  circle.push(circle);
  const refused: [what: string, call: () => unknown, message: string][] = [
    [
      "a function without results",
      () =>
        checkVjp(
          () => ({}),
          () => [9, 9],
          [1, 2],
        ),
      "f must return numbers",
    ],
    ["an empty suite", () => checkSuite([]), "rows must be an array that is not empty"],
    [
      "a budget of nothing",
      () =>
        check(
          (x: number[]) => x[0],
          () => [9],
          [1],
          { maxEntries: 0, sampledEntries: 0, directions: 0 },
        ),
      "must leave something to check",
    ],
    [
      "float64 steps in float32",
      () =>
        check(
          (x: number[]) => x[0],
          () => [1],
          Float32Array.of(0.1),
          { precision: "float64" },
        ),
      "a Float32Array cannot take the steps",
    ],
    [
      "inputs that are no simplex",
      () =>
        check(
          (x: number[]) => x[0],
          () => [1, 0],
          [0.3, 0.3],
          { tangent: "simplex" },
        ),
      "rows of two entries or more that add up to 1",
    ],
    [
      "a hole in x",
      () =>
        check(
          () => 1,
          () => [1],
          new Array(3),
        ),
      "x[0] must hold numbers, got undefined",
    ],
    [
      "a circle",
      () =>
        check(
          () => 1,
          () => 1,
          circle,
        ),
      "must not be nested so deep, or in a circle",
    ],
    [
      "a tangent that returns nothing",
      () =>
        check(
          (x: number[]) => x[0],
          () => [1],
          [0.5],
          { tangent: () => undefined },
        ),
      "must return a Float64Array",
    ],
    [
      "options of null",
      () =>
        check(
          (x: number) => x,
          () => 1,
          1,
          null,
        ),
      "options must be an object, got null",
    ],
    [
      "a bound of null",
      () =>
        check(
          (x: number) => x,
          () => 1,
          1,
          { lower: null },
        ),
      "lower must be a number",
    ],
    [
      "a row with a slip",
      () => checkSuite([{ name: "a", f: (x: number) => x, gradient: () => 1, hesian: () => 9, x: 3 } as never]),
      "no such part, got hesian",
    ],
    ["a row of null", () => checkSuite([null as never]), "each row must have a name"],
  ];

  test.each(refused)("%s", (_, call, message) => {
    expect(call).toThrow(message);
  });

  test("a tangent that leaves no direction", () => {
    const report = checkGradient(
      ([a, b]) => a! ** 2 + b! ** 2,
      () => [9, 9],
      [1, 2],
      { tangent: (v) => v.fill(0) },
    );
    expect(report.ok).toBe(false);
    expect(report.problems).toEqual(["the tangent leaves nothing to check"]);
  });

  test("a function without a value", () => {
    expect(numericalGradient(([x]) => 1 / x!, [0]).kind).toEqual(["non-finite"]);
  });
});
