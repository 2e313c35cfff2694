import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

// What the README says of gradients in public packages, from the table that `npm run wild` has put into the guide. `npm run figure` writes it.

const root = fileURLToPath(new URL("../../", import.meta.url));
const numerals = [
  "no",
  "one",
  "two",
  "three",
  "four",
  "five",
  "six",
  "seven",
  "eight",
  "nine",
  "ten",
  "eleven",
  "twelve",
];

/** The README with the sentence that is true now, between its markers. */
export function withWild(): string {
  const guide = readFileSync(join(root, "docs/guide/found-in-the-wild.md"), "utf8");
  const [, census] = /<!-- census -->([\s\S]*?)<!-- \/census -->/.exec(guide)!;
  const rows = census!
    .trim()
    .split("\n")
    .slice(2)
    .map((row) =>
      row
        .split("|")
        .slice(1, -1)
        .map((cell) => cell.trim()),
    );
  const [all, packages] = [rows.at(-1)!, rows.slice(0, -1)];
  const numeral = (count: number): string => numerals[count] ?? String(count);
  const wrongIn = packages.filter(([, , , , wrong]) => wrong !== "0").length;
  const sentence =
    `\`npm run wild\` checks ${all[2]} functions of ${numeral(packages.length)} public packages, and ` +
    `[finds ${all[4]} wrong gradients](docs/guide/found-in-the-wild.md) in ${numeral(wrongIn)} of them.`;
  return readFileSync(join(root, "README.md"), "utf8").replace(
    /(<!-- wild -->)[\s\S]*?(<!-- \/wild -->)/,
    (_, before, after) => `${before}${sentence}${after}`,
  );
}
