import "tinygrad-ts/vitest";
import { expect, expectTypeOf, test } from "vitest";
import { type GradientMatchers, gradientMatchers } from "../../src/gradcheck/index.ts";
import { ValueError } from "../../src/index.ts";

const norm = (x: number[]): number => x.reduce((sum, v) => sum + v * v, 0);
const twice = (x: number[]): number[] => x.map((v) => 2 * v);
const once = (x: number[]): number[] => x.slice();

/** The message of the failed assertion that `f` makes. */
function messageOf(f: () => unknown): string {
  try {
    f();
  } catch (error) {
    return (error as Error).message;
  }
  throw new Error("the assertion passed");
}

test("a right derivative matches, of each kind", () => {
  expect(norm).toHaveGradient(twice, { at: [1, 2] });
  expect(({ w, b }: { w: number[]; b: number }) => w[0]! * b).toHaveGradient(({ w, b }) => ({ w: [b], b: w[0]! }), {
    at: { w: [3], b: 4 },
  });
  expect(twice).toHaveJacobian(() => [2, 0, 0, 2], { at: [1, 2] });
  expect(twice).toHaveVjp((_, u) => twice(u), { at: [1, 2], jvp: (_x, v) => twice(v) });
  expect(twice).toHaveJvp((_, v) => twice(v), { at: [1, 2] });
  expect(norm).toHaveHessian(() => [2, 0, 0, 2], { at: [1, 2] });
  expect(norm).toHaveHvp((_, v) => twice(v), { at: [1, 2] });
});

test("what is written into an argument matches too", () => {
  const write = (x: number[], out: number[]): void =>
    void x.forEach((v, i) => {
      out[i] = v * v;
    });
  const pull = (x: number[], u: number[], out: number[]): void =>
    void x.forEach((v, i) => {
      out[i] = 2 * v * u[i]!;
    });
  expect(write).toHaveVjp(pull, { at: [1, 2], out: [0, 0] });
  expect(write).not.toHaveVjp((_, u) => u, { at: [1, 2], out: [0, 0] });
});

test("a wrong one fails with the report, of each kind", () => {
  const at = [1, 2];
  const message = messageOf(() => expect(norm).toHaveGradient(once, { at }));
  expect(message).toContain("toHaveGradient: FAILED, 2 of 2 entries wrong, by 0.5 (relative)");
  expect(message).toContain("x[1]: mismatch, where the input is 2");
  expect(message).toContain("hint: half as large as it should be");
  expect(message).toContain('replay: expect(f).toHaveGradient(…, { at: x, seed: 0, only: ["x[1]"] })');
  expect(messageOf(() => expect(twice).toHaveJacobian(() => [2, 0, 0, 1], { at }))).toContain(
    "f(x)[1] by x[1]: mismatch",
  );
  expect(messageOf(() => expect(twice).toHaveVjp((_, u) => once(u), { at }))).toContain("toHaveVjp: FAILED");
  expect(messageOf(() => expect(twice).toHaveJvp((_, v) => once(v), { at }))).toContain("toHaveJvp: FAILED");
  expect(messageOf(() => expect(norm).toHaveHessian(() => [1, 0, 0, 1], { at }))).toContain("toHaveHessian: FAILED");
  expect(messageOf(() => expect(norm).toHaveHvp((_, v) => once(v), { at }))).toContain("toHaveHvp: FAILED");
});

test(".not passes for what is shown to be wrong, and for nothing else", () => {
  expect(norm).not.toHaveGradient(once, { at: [1, 2] });
  const right = messageOf(() => expect(norm).not.toHaveGradient(twice, { at: [1, 2] }));
  expect(right).toContain("expected the derivative to be wrong, but it was not shown to be:\ntoHaveGradient: ok");
  const noise = (x: number): number => x + 1e-3 * Math.sin(1e15 * x);
  const undecided = messageOf(() => expect(noise).not.toHaveGradient(() => 1, { at: 1 }));
  expect(undecided).toContain("noisy");
  expect(() => expect(noise).toHaveGradient(() => 1, { at: 1 })).toThrow("cannot be decided");
});

test("functions that return promises make the assertion a promise", async () => {
  const remote = async (x: number[]): Promise<number> => norm(x);
  await expect(remote).toHaveGradient(twice, { at: [1, 2] });
  await expect(norm).toHaveGradient(async (x) => twice(x), { at: [1, 2] });
  await expect(remote).not.toHaveGradient(once, { at: [1, 2] });
  const failure: unknown = await expect(remote)
    .toHaveGradient(once, { at: [1, 2] })
    .catch((error) => error);
  expect((failure as Error).message).toContain("2 of 2 entries wrong");
});

test("options reach the check", () => {
  expect(norm).toHaveGradient((x) => x.map((v) => 2.02 * v), { at: [1, 2], rtol: 0.1 });
  expect(() => expect(norm).toHaveGradient(twice, { at: [1, 2], seed: 0.5 })).toThrow(ValueError);
});

test("without a point, or a function, it says so", () => {
  // @ts-expect-error: `at` is missing
  expect(() => expect(norm).toHaveGradient(twice, {})).toThrow("toHaveGradient: options must say where");
  // @ts-expect-error: no options
  expect(() => expect(norm).toHaveGradient(twice)).toThrow("expect(f).toHaveGradient(…, { at: x })");
  expect(() => gradientMatchers.toHaveGradient(3, twice, { at: [1] })).toThrow("f must be a function");
});

test("types follow the function", () => {
  type OfNorm = GradientMatchers<void, typeof norm>;
  expectTypeOf<Parameters<OfNorm["toHaveGradient"]>[1]["at"]>().toEqualTypeOf<number[]>();
  expectTypeOf(() => expect(norm).toHaveGradient(twice, { at: [1] })).returns.toEqualTypeOf<void>();
  expectTypeOf(() => expect(norm).toHaveGradient(async (x) => twice(x), { at: [1] })).returns.toEqualTypeOf<
    Promise<void>
  >();
  // @ts-expect-error: the point is an array
  expect(() => expect(norm).toHaveGradient(twice, { at: 1 })).toThrow();
  // @ts-expect-error: a gradient is in the form of the point
  expect(() => expect(norm).toHaveGradient(() => "2", { at: [1] })).toThrow("must hold numbers");
});
