import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { guides } from "../../docs/typedoc/categories.ts";
import { root } from "./extract.ts";

// A page in Chinese shows the code of the English one, but for comments and texts.

/** The code blocks of a page, without comments, and with empty texts. */
function codeOf(path: string): string[] {
  const page = readFileSync(join(root, path), "utf8");
  return Array.from(page.matchAll(/^ *```(?:ts|js|html)\b[^\n]*\n([\s\S]*?)^ *```/gm), ([, code]) =>
    code!
      .replace(/\/\/(?! →| @ts).*$|\/\*\*?[\s\S]*?\*\//gm, "")
      .replace(/<(title|button)([^>]*)>[^<]*|(<p id="guess">)[^<]*/g, "<$1$2$3>")
      .replace(/(["`])(?:(?!\1)[^\\]|\\.)*\1/g, '""')
      .replace(/\/\/ @ts-expect-error.*/g, "")
      .replace(/[ \t]+$/gm, ""),
  );
}

const pages = guides["中文"]!.filter((path) => path.includes("zh-CN/"));

test.each(pages)("%s", (path) => {
  const english = path.replace("zh-CN/", "");
  expect(existsSync(join(root, english))).toBe(true);
  expect(codeOf(path)).toEqual(codeOf(english));
});
