import { describe, expect, expectTypeOf, test } from "vitest";
import {
  assertGradient,
  checkGradient,
  checkHvp,
  checkJacobian,
  checkJvp,
  checkVjp,
  numericalGradient,
  spread,
} from "../../src/gradcheck/index.ts";

// Functions of several arguments, and functions that write their results into an argument.

describe("spread", () => {
  const f = (a: number, w: number[]): number => a * w.reduce((sum, v) => sum + v * v, 0);
  const grad = (a: number, w: number[]) => [w.reduce((sum, v) => sum + v * v, 0), w.map((v) => 2 * a * v)] as const;

  test("makes several arguments one point, in every check", () => {
    const report = checkGradient(spread(f), spread(grad), [2, [3, -1]]);
    expect(report.ok).toBe(true);
    expect(report.entries.map(({ label }) => label)).toEqual(["x[0]", "x[1][0]", "x[1][1]"]);
    expect(checkGradient(spread(f), spread(grad), [2, [3, -1]], { only: ["x[1]"] }).coverage.checked).toBe(2);
    expect(
      checkGradient(
        spread(Math.pow),
        spread((a, b) => [b * a ** (b - 1), a ** b * Math.log(a)]),
        [2, 3],
      ).ok,
    ).toBe(true);
    expect(
      checkGradient(
        spread(f),
        spread((_a: number, w: number[]) => [1, w] as const),
        [2, [3, -1]],
      ).counts.mismatch,
    ).toBe(3);
    const polar = (r: number, a: number) => [r * Math.cos(a), r * Math.sin(a)];
    const jacobian = (r: number, a: number) => [Math.cos(a), -r * Math.sin(a), Math.sin(a), r * Math.cos(a)];
    expect(checkJacobian(spread(polar), spread(jacobian), [2, 0.5]).ok).toBe(true);
    expect(numericalGradient(spread(f), [2, [3, -1]]).value[0]).toBeCloseTo(10, 9);
    expectTypeOf(spread(f)).toEqualTypeOf<(x: [a: number, w: number[]]) => number>();
  });

  test("passes what comes beside the point as far as it is asked for", () => {
    const product = (a: number, b: number) => a * b;
    const vjp = (a: number, b: number, u: number) => [b * u, a * u];
    expect(checkVjp(spread(product), spread<[number, number], [number], number[]>(vjp), [2, 3]).ok).toBe(true);
    const written = (a: number, b: number, out: number[]): void => {
      out[0] = b;
      out[1] = a;
    };
    assertGradient(spread(product), spread<[number, number], [number[]], void>(written), [2, 3] as [number, number]);
    const scaled = (a: number, b: number, scale = 1) => [scale * b, scale * a];
    assertGradient(spread(product), spread<[number, number], [], number[]>(scaled), [2, 3] as [number, number]);
  });
});

describe("out", () => {
  const x = Float64Array.of(1, -2, 3);
  const square = (v: Float64Array, out: Float64Array): void =>
    v.forEach((own, i) => {
      out[i] = own * own;
    });
  const product = (v: Float64Array, u: Float64Array, out: Float64Array): void =>
    v.forEach((own, i) => {
      out[i] = 2 * own * u[i]!;
    });
  const out = new Float64Array(3);

  test("f, vjp, jvp and hvp may write their results", () => {
    expect(checkVjp(square, product, x, { out, jvp: product }).ok).toBe(true);
    expect(checkJvp(square, product, x, { out, vjp: product }).ok).toBe(true);
    const cubes = (v: Float64Array) => v.reduce((sum, own) => sum + own ** 3 / 3, 0);
    expect(checkHvp(cubes, product, x).ok).toBe(true);
    expect(checkJacobian(square, (v) => [2 * v[0]!, 0, 0, 0, 2 * v[1]!, 0, 0, 0, 2 * v[2]!], x, { out }).ok).toBe(true);
    const wrong = (v: Float64Array, u: Float64Array, into: Float64Array): void =>
      v.forEach((own, i) => {
        into[i] = own * u[i]!;
      });
    expect(checkVjp(square, wrong, x, { out }).counts.mismatch).toBe(3);
  });

  test("asynchronously, and in forms of their own", async () => {
    const remote = async (v: { a: number }, into: { y: number[] }): Promise<void> => {
      await Promise.resolve();
      into.y[0] = v.a ** 2;
    };
    const pull = async (v: { a: number }, u: { y: number[] }, into: { a: number }): Promise<void> => {
      await Promise.resolve();
      into.a = 2 * v.a * u.y[0]!;
    };
    const asked = checkVjp(remote, pull, { a: 3 }, { out: { y: [0] } });
    expect((await asked).ok).toBe(true);
  });

  test("what is added to instead of written is found", () => {
    const adding = (v: Float64Array, into: Float64Array): void =>
      v.forEach((own, i) => {
        into[i]! += own * own;
      });
    expect(checkVjp(adding, product, x, { out }).problems[0]).toContain("f is nondeterministic");
    const accumulating = (v: Float64Array, u: Float64Array, into: Float64Array): void =>
      v.forEach((own, i) => {
        into[i]! += 2 * own * u[i]!;
      });
    const report = checkVjp(square, accumulating, x, { out });
    expect(report.problems[0]).toContain("the vjp is nondeterministic");
    expect(report.hints[0]).toContain("it accumulates into an array that is not zeroed");
  });

  test("nobody else's argument is taken for one", () => {
    const scaled = (v: Float64Array, scale = 2): Float64Array => v.map((own) => scale * own);
    const norm = (v: Float64Array) => v.reduce((sum, own) => sum + own * own, 0);
    expect(checkGradient(norm, scaled as (v: Float64Array) => Float64Array, x).ok).toBe(true);
    const times = (v: Float64Array, u: Float64Array, scale = 2) => v.map((own, i) => scale * own * u[i]!);
    expect(
      checkVjp(
        (v: Float64Array) => v.map((own) => own * own),
        times as (v: Float64Array, u: Float64Array) => Float64Array,
        x,
      ).ok,
    ).toBe(true);
    expect(checkVjp((v: Float64Array) => v, (() => undefined) as never, x).ok).toBe(false);
    expect(checkGradient(norm, ((_: Float64Array) => undefined) as never, x).problems).toEqual([
      "gradient must hold numbers, got undefined",
    ]);
  });

  test("its form is refused like that of any point", () => {
    expect(() => checkVjp(square, product, x, { out: "x" as never })).toThrow(
      'checkVjp: out must hold numbers, got "x"',
    );
  });
});
