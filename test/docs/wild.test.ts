import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { withWild } from "../../docs/figures/wild.ts";
import { root } from "./extract.ts";

test("the README says what npm run wild found; npm run figure writes it", () => {
  const readme = readFileSync(join(root, "README.md"), "utf8");
  expect(readme).toMatch(/<!-- wild -->.*checks \d+ functions of \w+ .*finds \d+ wrong.*<!-- \/wild -->/);
  expect(withWild()).toBe(readme);
});
