import { describe, expect, test } from "vitest";
import { classes } from "./programs/classes.ts";
import { generics } from "./programs/generics.ts";
import { later, layers } from "./programs/layers.ts";
import { values } from "./programs/values.ts";

// Programs that are right: `npm run typecheck` compiles them, here they run, and `npm run types` checks them by every supported TypeScript.

for (const [about, programs] of Object.entries({ classes, generics, layers, values })) {
  describe(`right programs: ${about}`, () => {
    test.each(Object.entries(programs))("%s", (_, program) => {
      expect(program).not.toThrow();
    });
  });
}

describe("right programs that wait", () => {
  test.each(Object.entries(later))("%s", async (_, program) => {
    await expect(program()).resolves.toBeDefined();
  });
});
