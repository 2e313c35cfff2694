import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { rightGradients } from "./right-gradients/index.ts";
import { rightOutcomes, rightTable, seeds, wrongOutcomes, wrongTable } from "./tables.ts";
import { wrongGradients } from "./wrong-gradients/index.ts";

// More seeds: GRADCHECK_SEEDS=20000 npx vitest run test/gradcheck/catalogues.test.ts
const page = readFileSync(new URL("../../docs/guide/how-gradient-checking-works.md", import.meta.url), "utf8");
// Other versions of Node may compute sin or pow with another last digit, and move a count by one.
const isSameMath = process.versions.node.startsWith("20.");
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
  const found = await wrongOutcomes();
  test.runIf(isSameMath)("the guide's table is up to date (npm run catalogues -- --write)", () => {
    expect(page).toContain(wrongTable(found));
  });
  for (const [family, outcomes] of found) {
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
  const found = await rightOutcomes(rightSeeds);
  test.runIf(isSameMath && rightSeeds === seeds.right)(
    "the guide's table is up to date (npm run catalogues -- --write)",
    () => {
      expect(page).toContain(rightTable(found));
    },
  );
  for (const [family, outcomes] of found) {
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
