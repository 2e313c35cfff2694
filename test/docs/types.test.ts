import { readFileSync } from "node:fs";
import { join } from "node:path";
import ts from "typescript";
import { expect, test } from "vitest";
import { examples, root } from "./extract.ts";
import { programOf } from "./program.ts";

// Readers copy examples into strict TypeScript: each must compile there as it stands.

test("every example compiles under strict", () => {
  const names = exportNames();
  const files = new Map(
    examples()
      .filter(({ note }) => !note.startsWith("ignore"))
      .map(({ at, code }) => {
        const imports = /^\s*import /m.test(code) ? "" : `import { ${names.join(", ")} } from "tinygrad-ts"; `;
        return [join(root, `${at}.ts`), imports + code];
      }),
  );
  const program = programOf(files, {
    resolveJsonModule: true,
    typeRoots: [join(root, "node_modules/@types")],
    types: ["node"],
  });
  const problems = ts.getPreEmitDiagnostics(program).map(({ file, start, messageText }) => {
    const line = file === undefined ? 0 : file.getLineAndCharacterOfPosition(start ?? 0).line + 1;
    return `${file?.fileName.slice(root.length, -3)} line ${line}: ${ts.flattenDiagnosticMessageText(messageText, " ")}`;
  });
  expect(files.size).toBeGreaterThan(50);
  expect(problems).toEqual([]);
});

function exportNames(): string[] {
  const entry = join(root, "src/index.ts");
  const program = programOf(new Map([[entry, readFileSync(entry, "utf8")]]));
  const checker = program.getTypeChecker();
  return checker
    .getExportsOfModule(checker.getSymbolAtLocation(program.getSourceFile(entry)!)!)
    .map(({ name }) => name);
}
