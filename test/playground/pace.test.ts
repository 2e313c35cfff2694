import { expect, test } from "vitest";
import { Pace } from "../../docs/playground/model/pace.ts";

test.each([2, 10, 60])("there are %d steps in a second, at even times", (perSecond) => {
  const pace = new Pace(perSecond, 100);
  const times: number[] = [];
  for (let now = 100; now < 10_100; now++) for (let i = pace.due(now); i > 0; i--) times.push(now);
  expect(times.length).toBe(10 * perSecond);
  for (const [i, time] of times.entries()) expect(Math.abs(time - 100 - (i * 1000) / perSecond)).toBeLessThanOrEqual(1);
});

test("who was held up does not jump", () => {
  const pace = new Pace(10, 0);
  expect(pace.due(0)).toBe(1);
  expect(pace.due(50)).toBe(0);
  expect(pace.wait(50)).toBe(50);
  expect(pace.due(5000)).toBe(2);
  expect(pace.due(5050)).toBe(0);
  expect(pace.due(5100)).toBe(1);
});
