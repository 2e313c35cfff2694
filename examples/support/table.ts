import { InputError } from "./cli.ts";
import { readBytes } from "./files.ts";

/** The numbers of a text file, row by row; every row must have as many. */
export function readTable(path: string, { skip = 0, separator = "," as string | RegExp } = {}): number[][] {
  const lines = readBytes(path).toString("utf8").trim().split("\n").slice(skip);
  const rows = lines.map((line) => line.trim().split(separator).map(Number));
  const bad = rows.findIndex((row) => row.length !== rows[0]!.length || !row.every(Number.isFinite));
  if (bad < 0) return rows;
  throw new InputError(
    `${path}, line ${skip + bad + 1}: needs ${rows[0]!.length} numbers, got "${lines[bad]!.slice(0, 40)}"`,
  );
}
