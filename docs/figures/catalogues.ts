import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

// What the READMEs say of the gradient checker's catalogues, from the tables that `npm run catalogues -- --write` has put into the guide. `npm run figure` writes it.

const root = fileURLToPath(new URL("../../", import.meta.url));

/** The last row of each table: how many there are, and its numbers. */
function totals(): { readonly wrong: readonly number[]; readonly right: readonly number[] } {
  const guide = readFileSync(join(root, "docs/guide/how-gradient-checking-works.md"), "utf8");
  const [wrong, right] = Array.from(guide.matchAll(/^\| \*\*all (\d+)\*\* \| ([\d |]+)/gm), ([, count, cells]) => [
    Number(count),
    ...cells!
      .split("|")
      .filter((cell) => cell.trim() !== "")
      .map(Number),
  ]);
  return { wrong: wrong!, right: right! };
}

const sentences = {
  "README.md": (wrong: string, caught: string, right: string, runs: string, called: string, undecided: string) =>
    `\`npm run catalogues\` runs the checker on ${wrong} wrong gradients, of which it catches ${caught}. It also runs it on ${right} right gradients of difficult functions, most of them at 1,000 random points. In those ${runs} checks, it calls ${called} wrong, and leaves ${undecided} undecided.`,
  "README.zh-CN.md": (wrong: string, caught: string, right: string, runs: string, called: string, undecided: string) =>
    `\`npm run catalogues\` 让它检查 ${wrong} 个错误的梯度，查出${caught}；再检查 ${right} 个难缠函数的正确梯度，多数各取 1,000 个随机点：在 ${runs} 次检查中，误报 ${called} 次，另有 ${undecided} 无法判定。`,
};

/** A README with the sentence that is true now, between its markers. */
export function withCatalogues(file: keyof typeof sentences): string {
  const { wrong, right } = totals();
  const [wrongs, runs, caught] = wrong as [number, number, number];
  const [rights, checks, called, , undecided] = right as [number, number, number, number, number];
  const isChinese = file === "README.zh-CN.md";
  const all = isChinese ? "全部" : "all";
  const found = caught === runs ? all : isChinese ? ` ${percent(caught / runs)}` : percent(caught / runs);
  const count = called === 0 && !isChinese ? "none" : String(called);
  const sentence = sentences[file](
    `${wrongs}`,
    found,
    `${rights}`,
    checks.toLocaleString("en"),
    count,
    percent(undecided / checks),
  );
  return readFileSync(join(root, file), "utf8").replace(
    /(<!-- catalogues -->)[\s\S]*?(<!-- \/catalogues -->)/,
    (_, before, after) => `${before}${sentence}${after}`,
  );
}

function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}
