import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";

/** The repository. */
export const root = fileURLToPath(new URL("../../", import.meta.url));

/** The sources of the package's entry points, by the name that users import. */
export const entries: Readonly<Record<string, string>> = {
  "tinygrad-ts": join(root, "src/index.ts"),
  "tinygrad-ts/gradcheck": join(root, "src/gradcheck/index.ts"),
  "tinygrad-ts/compile": join(root, "src/compile/index.ts"),
  "tinygrad-ts/blas": join(root, "src/blas/index.ts"),
  "tinygrad-ts/mpi": join(root, "src/mpi/index.ts"),
  "tinygrad-ts/fast-check": join(root, "src/fastCheck/index.ts"),
  "tinygrad-ts/safetensors": join(root, "src/safetensors/index.ts"),
  "tinygrad-ts/train": join(root, "src/train/index.ts"),
  "tinygrad-ts/reporters": join(root, "src/reporters/index.ts"),
  "tinygrad-ts/debug": join(root, "src/debug/index.ts"),
  "tinygrad-ts/model": join(root, "src/model/index.ts"),
  "tinygrad-ts/onnx": join(root, "src/onnx/index.ts"),
  "tinygrad-ts/node": join(root, "src/node/index.ts"),
  "tinygrad-ts/vitest": join(root, "src/vitest.ts"),
  "tinygrad-ts/jest": join(root, "src/jest.ts"),
};

/** A piece of code that the documentation shows. */
export interface Example {
  /** Where it is, as `path:line`. */
  readonly at: string;
  readonly code: string;
  /** What follows `ts` on the opening fence. */
  readonly note: string;
}

/** Every example: the `@example` blocks of src/, and the ts blocks of the Markdown pages. */
export function examples(): Example[] {
  const pages = ["README.md", "README.zh-CN.md", "docs/architecture.md", ...filesIn("docs/guide", ".md")];
  return [
    ...filesIn("src", ".ts").flatMap(examplesInComments),
    ...pages.filter((path) => existsSync(join(root, path))).flatMap(examplesInPage),
  ];
}

function filesIn(folder: string, extension: string): string[] {
  if (!existsSync(join(root, folder))) return [];
  return readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith(extension))
    .map((entry) => relative(root, join(entry.parentPath, entry.name)).replaceAll("\\", "/"))
    .sort();
}

/** The `@example` blocks of a source file; if one has a fence, the fence's content is the code. */
function examplesInComments(path: string): Example[] {
  const text = readFileSync(join(root, path), "utf8");
  const examples: Example[] = [];
  for (const { 0: comment, index } of text.matchAll(/\/\*\*[\s\S]*?\*\//g)) {
    const firstLine = text.slice(0, index).split("\n").length;
    const lines = comment
      .slice(3, -2)
      .split("\n")
      .map((line) => line.replace(/^\s*\* ?/, "").trimEnd());
    for (let i = 0; i < lines.length; i++) {
      if (!lines[i]!.trim().startsWith("@example")) continue;
      const end = lines.findIndex((line, j) => j > i && /^@\w/.test(line));
      const body = lines.slice(i + 1, end < 0 ? undefined : end).join("\n");
      const fenced = fencedBlocks(body)[0];
      examples.push({ at: `${path}:${firstLine + i}`, code: fenced?.code ?? body, note: fenced?.note ?? "" });
    }
  }
  return examples;
}

/** The ts blocks of a page, and its tables with a column of results. */
function examplesInPage(path: string): Example[] {
  const text = readFileSync(join(root, path), "utf8");
  const blocks = fencedBlocks(text);
  const tables = resultTables(text).map(({ line, rows }) => {
    // A table goes on where the block above it ends, if they stand in one section.
    const setup = [...blocks]
      .reverse()
      .find((block) => block.line < line && !/^#/m.test(between(text, block.line, line)));
    const code = rows.map(({ ours, gives }) => `${ours};${gives === "" ? "" : ` // → ${gives}`}\n`).join("");
    return { line, code: (setup?.code ?? "") + code, note: "" };
  });
  return [...blocks, ...tables].map(({ line, code, note }) => ({ at: `${path}:${line}`, code, note }));
}

/** A row of a table that says what a line of code gives. */
export interface ResultRow {
  readonly theirs: string;
  readonly ours: string;
  /** The result; empty where the line only prepares the next. */
  readonly gives: string;
}

/** The tables of a page whose last column is headed `gives`: their middle column is code, and is run line by line. */
export function resultTables(text: string): { line: number; rows: ResultRow[] }[] {
  return tablesOf(text, "gives").map(({ line, rows }) => ({
    line,
    rows: rows.map(([theirs, ours, gives]) => ({
      theirs: theirs!,
      ours: bare(ours!),
      gives: bare(gives!),
    })),
  }));
}

/** The tables of a page whose last column has a heading. */
export function tablesOf(text: string, heading: string): { line: number; rows: string[][] }[] {
  const table = new RegExp(`^\\|.*\\| ${heading} \\|\\n\\|[-|]+\\|\\n((?:\\|.*\\n?)+)`, "gm");
  return [...text.matchAll(table)].map((match) => ({
    line: lineAt(text, match.index),
    rows: match[1]!
      .trimEnd()
      .split("\n")
      .map((row) =>
        row
          .slice(1, -1)
          .split(/(?<!\\)\|/)
          .map((cell) => cell.trim().replaceAll("\\|", "|")),
      ),
  }));
}

/** The code of a cell. */
function bare(cell: string): string {
  return cell.replace(/^`|`$/g, "");
}

function lineAt(text: string, index: number): number {
  return text.slice(0, index).split("\n").length;
}

/** The lines of a text from one to another, without code. */
function between(text: string, from: number, to: number): string {
  const lines = text.split("\n").slice(from - 1, to);
  return lines.join("\n").replace(/^ *```[\s\S]*?^ *```/gm, "");
}

function fencedBlocks(text: string): { line: number; code: string; note: string }[] {
  return [...text.matchAll(/^ *```(?:ts|typescript)\b([^\n]*)\n([\s\S]*?)^ *```/gm)].map((match) => ({
    line: lineAt(text, match.index),
    code: match[2]!,
    note: match[1]!.trim(),
  }));
}
