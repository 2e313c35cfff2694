import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { bundled, hasMpi, runJob, runWorkers } from "./job.ts";

interface Line {
  readonly steps: number;
  readonly accuracy: number;
  readonly weights: readonly number[];
}

const data = fileURLToPath(new URL("../../examples/data/digits.csv.gz", import.meta.url));

test("two ranks learn to read digits, to the same weights, which are nearly those of one", {
  timeout: 240_000,
}, async () => {
  const file = await bundled("digits");
  const two = await (hasMpi ? runJob : runWorkers)(file, 2, [data]);
  expect(two.code, two.errors).toBe(0);
  const one = (await runWorkers(file, 1, [data])).printed[0]![0] as Line;
  const [first, second] = two.printed.map(([line]) => line as Line) as [Line, Line];
  expect(first.steps).toBe(4 * 45);
  expect(first.accuracy).toBeGreaterThan(0.85); // about 0.95
  expect(second.weights).toEqual(first.weights);
  const furthest = first.weights.reduce((most, v, i) => Math.max(most, Math.abs(v - one.weights[i]!)), 0);
  expect(furthest).toBeLessThan(0.05); // sums in another order, over 180 steps
});

test("two ranks train what the example trains, to what it reaches", { timeout: 240_000 }, async () => {
  const { code, errors, printed } = await (hasMpi ? runJob : runWorkers)(await bundled("digits"), 2, [data, "whole"]);
  expect(code, errors).toBe(0);
  const [first, second] = printed.map(([line]) => line as Line) as [Line, Line];
  expect(first.steps).toBe(40 * 45);
  expect(first.accuracy).toBeGreaterThan(0.97); // about 0.985
  expect(second.weights).toEqual(first.weights);
});
