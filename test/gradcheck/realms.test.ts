import { runInNewContext } from "node:vm";
import { expect, test } from "vitest";
import { checkGradient, checkJacobian } from "../../src/gradcheck/index.ts";
import { tensor } from "../../src/index.ts";

// Test environments (jest's, jsdom's), iframes and vm contexts have typed arrays and objects of their own.

const foreign = (code: string): never => runInNewContext(code) as never;

test.each([
  ["Float64Array.of(1, 2)", 1e-7],
  ["Float32Array.of(1, 2)", 1e-3],
  ["[1, 2]", 1e-7],
])("%s of another realm is an input, and a gradient", (code) => {
  const square = (x: ArrayLike<number>) => x[0]! ** 2 + x[1]! ** 2;
  const right = foreign(`(x) => ${code}.map((_, i) => 2 * x[i])`);
  expect(checkGradient(square, right, foreign(code)).ok).toBe(true);
  const wrong = foreign(`(x) => ${code}.map((_, i) => 3 * x[i])`);
  expect(checkGradient(square, wrong, foreign(code)).ok).toBe(false);
});

test("plain objects of another realm are records", () => {
  const f = ({ w, b }: { w: number[]; b: number }) => w[0]! * w[1]! + b;
  const df = foreign("({ w }) => ({ w: [w[1], w[0]], b: 1 })");
  expect(checkGradient(f, df, foreign("({ w: [2, 3], b: 1 })")).ok).toBe(true);
});

test("results of another realm are read", () => {
  const f: (x: number[]) => Float64Array = foreign("(x) => Float64Array.of(x[0] * x[1], x[0])");
  const jacobian: (x: number[]) => number[][] = foreign("(x) => [[x[1], x[0]], [1, 0]]");
  expect(checkJacobian(f, jacobian, [2, 3]).ok).toBe(true);
});

test("what is no numbers says what it is", () => {
  const call = (x: unknown) => () =>
    checkGradient(
      (_: number[]) => 1,
      () => [0],
      x as number[],
    );
  expect(call(Int32Array.of(1))).toThrow(
    "checkGradient: x must hold numbers, got an Int32Array; use numbers in arrays",
  );
  expect(call(new Map())).toThrow("x must hold numbers, got a Map");
  expect(call(tensor([1]))).toThrow("x must hold numbers, got a tensor float32[1]; gradcheck(f, inputs) takes tensors");
  expect(call(["1"])).toThrow('x[0] must hold numbers, got "1", a string');
});
