import { readFileSync } from "node:fs";
import { join } from "node:path";
import * as library from "tinygrad-ts";
import { expect, test } from "vitest";
import { comparisonPage } from "../../docs/figures/comparison.ts";
import { root } from "./extract.ts";

test("the table of what there is is what the package exports", () => {
  expect(readFileSync(join(root, "docs/guide/what-there-is.md"), "utf8"), "npm run figure writes it").toBe(
    comparisonPage(),
  );
});

test("no layer, optimizer or schedule is left out of it", () => {
  const page = comparisonPage();
  const classes = Object.entries(library).filter(([, value]) => {
    const { prototype } = value as { prototype?: unknown };
    return prototype instanceof library.Layer || prototype instanceof library.Optimizer;
  });
  for (const [name] of classes) expect(page, name).toContain(`\`${name}\``);
});
