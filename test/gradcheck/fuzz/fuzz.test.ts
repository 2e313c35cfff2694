import { expect, test } from "vitest";
import { Expression } from "./expression.ts";
import { Loss } from "./loss.ts";
import { mattering, measure, reportOn, spoilt } from "./measure.ts";

// More: npm run fuzz:gradcheck -- 1000000

test("of random expressions, no right gradient is called wrong, few are undecided, and wrong ones are caught", () => {
  const { expressions, mismatches, entries, undecided, flat, planted, caught, seeds } = measure(1, 3000);
  expect(expressions).toBeGreaterThan(1000);
  expect(seeds.mismatch).toEqual([]);
  expect(mismatches).toBe(0);
  expect(undecided / entries).toBeLessThan(0.01);
  expect(flat / entries).toBeLessThan(0.01);
  expect(caught / planted).toBeGreaterThan(0.998);
});

// More: npm run fuzz:gradcheck -- 1000 --float32
test("of random losses in float32, no right gradient is called wrong, few entries are undecided, and errors of 1e-2 are called wrong", () => {
  const { expressions, mismatches, entries, undecided, planted, caught, named } = measure(
    1,
    40,
    (seed) => new Loss(seed),
  );
  expect(expressions).toBeGreaterThan(30);
  expect(mismatches).toBe(0);
  expect(undecided / entries).toBeLessThan(0.01);
  expect(caught).toBe(planted);
  expect(named / planted).toBeGreaterThan(0.95);
});

// What the fuzz found: each was called wrong once.
const found: [string, number][] = [
  ["an oscillation that two wide steps skip alike", 6743],
  ["a part that is rounded to a millionth, beside one that is not", 32901],
  ["a fine ripple with a slope as large as the line's below it", 346920],
  ["a multiple of something that is rounded", 358253],
  ["a ripple far below a large value", 401441],
  ["an oscillation whose wide steps look like two straight sides", 441467],
  ["a staircase inside, of which short steps see one stair", 84717],
  ["a ripple that passes for noise, and adds to the slope", 88223],
  ["a ripple that takes steps narrower than the narrowest", 1051712],
  ["a staircase inside with steps as small as one rounding of 1", 888456],
  ["a large constant inside, beside which the input moves by a few roundings", 1123176],
  ["what rounded away beside a 1, and far below it what did not", 557150],
  ["a term that rounded away beside a 1, as large as f", 757855],
  ["a wave that is rounded away beside 1e16, inside a root", 493324],
  ["one beside a larger wave, with no digit of its angle left", 1570703],
  ["one inside an arc tangent that is all but π/2", 2001344],
  ["one inside an angle inside a softplus", 2070688],
  ["one of a few roundings, over 1e15", 2159328],
  ["one of 1 over 1e198", 2235856],
];

test.each(found)("%s is not called wrong, and an error is caught", (_, seed) => {
  const expression = new Expression(seed);
  const gradient = expression.gradient()!;
  const report = reportOn(expression);
  expect(report.counts.mismatch, String(report)).toBe(0);
  expect(reportOn(expression, spoilt(seed, expression, mattering(expression, gradient))).ok).toBe(false);
});

test.each([
  ["x / (3 x)", 230654],
  ["m · (1 / m)", 285744],
])("what rounding leaves of a gradient of 0 passes, whatever wider steps show: %s", (_, seed) => {
  const report = reportOn(new Expression(seed));
  expect(report.ok, String(report)).toBe(true);
});
