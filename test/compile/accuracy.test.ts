import { expect, test } from "vitest";
import { exp, log, tanh } from "../../src/index.ts";
import { worstError } from "./accuracy.ts";

// All of float32, including subnormal numbers, NaN and infinities, in steps: npx tsx test/compile/accuracy.ts 1 takes them all.
test.each([
  ["exp", exp, Math.exp, 1],
  ["log", log, Math.log, 0.9],
  ["tanh", tanh, Math.tanh, 1.4],
] as const)("%s is within its bound", (_, fn, exact, bound) => {
  expect(worstError(fn, exact, 1021)[0]).toBeLessThan(bound);
});
