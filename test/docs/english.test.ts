import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { filesIn, root } from "./extract.ts";

// Phrases that are not plain technical English, and what to write instead. They stand nowhere in the guides, the TSDoc and the texts of errors.

const phrases: readonly (readonly [phrase: RegExp, instead: string])[] = [
  [/\bderivatives? by (?:it|its|the|each|x)\b/, "derivative with respect to"],
  [/\bdifferentiat\w* by\b/, "differentiate with respect to"],
  [
    /\b(?:options?|settings?|names?|values?|programs?|layers?) that there (?:is|are)\b/,
    "an unknown option; all known options",
  ],
  [/(?:^|[.:;*/] )Who(?:ever)? (?!\w+ (?:\w+ )*\?)/m, "if you …; a caller that …"],
  [/\bamid\b/, "during, within"],
  [/\banew\b/, "again"],
  [/\bone's own\b/, "your own"],
  [/\bin silence\b/, "silently"],
  [/\bcomes? of (?:it|them)\b/, "what the result is"],
  [/\bfor those who\b/i, "if you …"],
  [/\b(?:what|anything) is no (?:tensor|function|layer|number|model|array)\b/, "what is not a tensor"],
];

const files = [
  "README.md",
  "CONTRIBUTING.md",
  "docs/architecture.md",
  "docs/landing.md",
  ...filesIn("docs/guide", ".md"),
  ...filesIn("src", ".ts"),
];

test.each(phrases)("%s is written nowhere: %s", (phrase, instead) => {
  const found = files
    .filter((file) => !file.includes("zh-CN"))
    .flatMap((file) => {
      const lines = readFileSync(join(root, file), "utf8").split("\n");
      return lines.flatMap((line, i) => (phrase.test(line) ? [`${file}:${i + 1}: ${line.trim()}`] : []));
    });
  expect(found, `write instead: ${instead}`).toEqual([]);
});
