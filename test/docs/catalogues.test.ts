import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { withCatalogues } from "../../docs/figures/catalogues.ts";
import { root } from "./extract.ts";

test.each(["README.md", "README.zh-CN.md"] as const)(
  "%s says what the catalogues' tables say; npm run figure writes it",
  (file) => {
    const readme = readFileSync(join(root, file), "utf8");
    expect(readme).toMatch(/<!-- catalogues -->.*\d.*<!-- \/catalogues -->/);
    expect(withCatalogues(file)).toBe(readme);
  },
);
