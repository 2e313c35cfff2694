import { describe, expect, test } from "vitest";
import { rightGradients } from "./right-gradients/index.ts";
import { rightOutcomes, seeds, wrongOutcomes } from "./tables.ts";
import { wrongGradients } from "./wrong-gradients/index.ts";

// More seeds: GRADCHECK_SEEDS=20000 npx vitest run test/gradcheck/catalogues.test.ts
const rightSeeds = Number(process.env["GRADCHECK_SEEDS"] ?? seeds.right);

test("the catalogues are as large as they should be, with names of their own", () => {
  for (const [catalogue, least] of [
    [wrongGradients, 40],
    [rightGradients, 60],
  ] as const) {
    const names = Object.values(catalogue).flatMap((cases) => cases.map(({ name }) => name));
    expect(names.length).toBeGreaterThanOrEqual(least);
    expect(new Set(names).size).toBe(names.length);
  }
});

describe("wrong gradients are caught, with the hints that are promised", async () => {
  for (const [family, outcomes] of await wrongOutcomes()) {
    describe(family, () => {
      for (const { name, ok, unexpected } of outcomes) {
        test(name, () => {
          expect(unexpected).toBe("");
          expect(ok).toBe(0);
        });
      }
    });
  }
});

describe(`right gradients are not called wrong, over ${rightSeeds} seeds`, async () => {
  for (const [family, outcomes] of await rightOutcomes(rightSeeds)) {
    describe(family, () => {
      for (const { name, wrong, unexpected } of outcomes) {
        test(name, () => {
          expect(unexpected).toBe("");
          expect(wrong).toBe(0);
        });
      }
    });
  }
});
