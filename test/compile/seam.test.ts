import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

const src = fileURLToPath(new URL("../../src/", import.meta.url));
const imported = /(?:from|import)\s*\(?\s*"(\.{1,2}\/[^"]+)"/g;

/** The files under a folder that import from another one, both relative to src. */
function importers(of: string): string[] {
  const files = readdirSync(src, { recursive: true, encoding: "utf8" }).filter((file) => file.endsWith(".ts"));
  return files
    .map((file) => file.replaceAll("\\", "/"))
    .filter((file) => !file.startsWith(of))
    .filter((file) =>
      [...readFileSync(join(src, file), "utf8").matchAll(imported)].some(([, path]) =>
        relative(src, join(src, dirname(file), path!))
          .replaceAll("\\", "/")
          .startsWith(of),
      ),
    )
    .sort();
}

test("what depends on the engine is known in one place of the compiler, and to the library that multiplies in its memory", () => {
  expect(importers("compile/webassembly/")).toEqual(["blas/blas.ts", "compile/defaultBackend.ts"]);
  expect(importers("compile/defaultBackend.ts")).toEqual([
    "compile/accelerate.ts",
    "compile/compile.ts",
    "compile/index.ts",
  ]);
});
