import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { chinese } from "../../docs/museum/chinese.ts";
import { exhibits } from "../../docs/museum/exhibits.ts";
import { museumFiles, museumPage } from "../../docs/museum/page.ts";
import { root } from "./extract.ts";

describe("the bug museum", () => {
  test("has ten exhibits", () => {
    expect(new Set(exhibits.map(({ title }) => title)).size).toBe(10);
  });

  test.each(exhibits)("$name: the checker rejects the wrong derivative and accepts the right one", (exhibit) => {
    expect(exhibit.checkRight().ok, String(exhibit.checkRight())).toBe(true);
    // A derivative that throws fails the check with its own error.
    if (exhibit.name === "recursionOverflow") expect(exhibit.checkWrong).toThrow(RangeError);
    else expect(exhibit.checkWrong().ok).toBe(false);
  });

  test.each(["en", "zh"] as const)("its page is what npm run figure writes: %s", (language) => {
    expect(readFileSync(join(root, "docs/guide", museumFiles[language]), "utf8")).toBe(museumPage(language));
  });

  test("tells each exhibit in Chinese, too", () => {
    expect([...chinese.keys()]).toEqual(exhibits.map(({ name }) => name));
  });
});
