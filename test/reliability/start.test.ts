import { expect, test } from "vitest";
import { defaultGenerator } from "../../src/index.ts";

// In a file of its own, since whatever draws before it changes the answer.

test("the default generator starts from seed 0", () => {
  expect(defaultGenerator().state).toEqual([0, 0, 0, 0]);
});
