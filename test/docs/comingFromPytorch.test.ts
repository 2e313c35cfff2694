import { readFileSync } from "node:fs";
import { join } from "node:path";
import * as library from "tinygrad-ts";
import { describe, expect, test } from "vitest";
import { resultTables, root, tablesOf } from "./extract.ts";
import { programOf } from "./program.ts";

// The guide for those who know PyTorch. examples.test.ts runs its rows; here is what it says about lines that cannot work.

const page = readFileSync(join(root, "docs/guide/coming-from-pytorch.md"), "utf8");

test("has a line here for each everyday line there", () => {
  const rows = resultTables(page).flatMap(({ rows }) => rows);
  expect(rows.length).toBeGreaterThan(120);
  for (const { theirs, ours } of rows) {
    expect(theirs, ours).toMatch(/^`.+|^\(/);
    expect(ours, theirs).not.toBe("");
  }
  expect(rows.filter(({ gives }) => gives !== "").length).toBeGreaterThan(100);
});

const wrong = tablesOf(page, "write")[0]!.rows.map(
  ([line, happens, write]) => [code(line!), happens!, code(write!)] as const,
);
const setup = `let x = tensor([1, 2]), y = tensor([3, 4]);
const model = new Linear(2, 1), optimizer = new SGD(model.parameters(), { lr: 1 });
`;

describe("a line that cannot work", () => {
  test.each(wrong.map(([line, happens, write]) => ({ line, happens, write })))("$line", ({ line, happens, write }) => {
    expect(outcome(line)).toMatch(patternOf(happens));
    expect(outcome(write)).not.toMatch(/^\w*Error/);
  });

  test("is refused by TypeScript", () => {
    const lines = wrong.map(([line]) => line);
    expect(linesRefused(lines)).toEqual(lines);
    expect(linesRefused(wrong.map(([, , write]) => write))).toEqual([]);
  });
});

/** What a line of JavaScript gives, as the page shows it. */
function outcome(line: string): string {
  try {
    return String(new Function(...Object.keys(library), `${setup}return (${line})`)(...Object.values(library)));
  } catch (error) {
    return String(error);
  }
}

function code(cell: string): string {
  return cell.replace(/^`|`$/g, "");
}

/** A cell's code, with `…` for any text; what stands behind a code is for readers. */
function patternOf(text: string): RegExp {
  const promised = /`([^`]*)`/.exec(text)?.[1] ?? text;
  const parts = promised.split("…").map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));
  return new RegExp(`^${parts.join("[^]*")}$`);
}

function linesRefused(lines: readonly string[]): string[] {
  const names = Object.keys(library).join(", ");
  const head = `import { ${names} } from "tinygrad-ts";\n${setup}`;
  const above = head.split("\n").length - 1;
  const path = join(root, "test/docs/lines.ts");
  const file = `${head}${lines.map((line) => `${line};`).join("\n")}\n`;
  const program = programOf(new Map([[path, file]]), { skipLibCheck: false });
  const source = program.getSourceFile(path)!;
  const found = program.getSemanticDiagnostics(source).map(({ start }) => {
    return source.getLineAndCharacterOfPosition(start!).line - above;
  });
  return lines.filter((_, i) => found.includes(i));
}
