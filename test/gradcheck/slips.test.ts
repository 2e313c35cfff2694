import { expect, test } from "vitest";
import { checkGradient, type GradientReport } from "../../src/gradcheck/index.ts";

// Calls that TypeScript would refuse, or that it lets pass.
const check = checkGradient as unknown as (
  f: (...all: never[]) => unknown,
  grad: (...all: never[]) => unknown,
  x: unknown,
  options?: unknown,
) => GradientReport;
const square = (x: number[]): number => x[0]! ** 2;
const slope = (x: number[]): number[] => [2 * x[0]!];

test("an f without return, and one that writes into an argument which was not given", () => {
  const without = (x: number[]): void => void square(x);
  expect(() => check(without, slope, [1])).toThrow(
    "f must return a number, or numbers, got nothing; does it lack a return?",
  );
  const writing = (x: number[], out: number[]): void => {
    out[0] = square(x);
  };
  expect(() => check(writing, slope, [1])).toThrow(/f must take x alone, got 2 parameters.*give out/);
});

test("several arguments without spread", () => {
  const report = check(
    (a: number, b: number) => a * b,
    (a: number, b: number) => [b, a],
    [1, 2],
  );
  expect(report.hints.join()).toContain("f has 2 parameters: for several arguments write spread(f)");
  const ofLists = (w: number[], v: number[]): number => w[0]! * v[0]!;
  expect(() => check(ofLists, ofLists, [[1], [2]])).toThrow("for several arguments write spread(f)");
});

test("a gradient with its value under other names", () => {
  for (const name of ["grad", "gradients"]) {
    const report = check(square, (x: number[]) => ({ value: square(x), [name]: slope(x) }), [1]);
    expect(report.ok).toBe(false);
    expect(report.hints).toContain("a gradient that comes with its value is returned as { value, gradient }");
  }
});

test("bounds that x does not keep are named, and such as nothing can keep", () => {
  const within = (options: unknown) => () => check(square, slope, [1], options);
  expect(within({ lower: [3] })).toThrow("got x[0] = 1, where lower = 3 and upper = Infinity");
  expect(within({ lower: 2, upper: 1 })).toThrow("lower must not be above upper, got lower = 2 and upper = 1 for x[0]");
  expect(within({ lower: Number.NaN })).toThrow("got lower = NaN");
});
