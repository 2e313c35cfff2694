import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { guides } from "../../docs/typedoc/categories.ts";
import { root } from "./extract.ts";

test("every guide is in the site's navigation", () => {
  const files = readdirSync(join(root, "docs/guide"), { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".md"))
    .map((file) => `docs/guide/${file.replaceAll("\\", "/")}`);
  expect(Object.values(guides).flat().sort()).toEqual(
    [...files, "README.md", "README.zh-CN.md", "CONTRIBUTING.md", "docs/architecture.md"].sort(),
  );
});

test("no line begins with a comment that text follows: Markdown takes such a line for HTML", () => {
  const pages = [...Object.values(guides).flat(), "docs/landing.md"];
  for (const page of pages) {
    const lines = readFileSync(join(root, page), "utf8").split("\n");
    expect(
      lines.filter((line) => /^(?:\s*[-*] )?<!--(?:(?!-->).)*-->\S/.test(line)),
      page,
    ).toEqual([]);
  }
});
