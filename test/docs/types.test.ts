import { join } from "node:path";
import ts from "typescript";
import { expect, test } from "vitest";
import { entries, examples, root } from "./extract.ts";

// Readers copy examples into strict TypeScript: each must compile there as it stands.

test("every example compiles under strict", () => {
  const options: ts.CompilerOptions = {
    allowImportingTsExtensions: true,
    lib: ["lib.es2022.d.ts"],
    module: ts.ModuleKind.ESNext,
    moduleDetection: ts.ModuleDetectionKind.Force,
    moduleResolution: ts.ModuleResolutionKind.Bundler,
    noEmit: true,
    resolveJsonModule: true,
    paths: Object.fromEntries(Object.entries(entries).map(([name, file]) => [name, [file]])),
    skipLibCheck: true,
    strict: true,
    target: ts.ScriptTarget.ES2022,
    typeRoots: [join(root, "node_modules/@types")],
    types: ["node"],
  };
  const names = exportNames(options);
  const files = new Map(
    examples()
      .filter(({ note }) => !note.startsWith("ignore"))
      .map(({ at, code }) => {
        const imports = /^\s*import /m.test(code) ? "" : `import { ${names.join(", ")} } from "tinygrad-ts"; `;
        return [join(root, `${at}.ts`), imports + code];
      }),
  );
  const host = ts.createCompilerHost(options);
  const { fileExists, getSourceFile, readFile } = host;
  host.fileExists = (path) => files.has(path) || fileExists(path);
  host.readFile = (path) => files.get(path) ?? readFile(path);
  host.getSourceFile = (path, ...rest) => {
    const code = files.get(path);
    return code === undefined ? getSourceFile(path, ...rest) : ts.createSourceFile(path, code, options.target!);
  };
  const program = ts.createProgram([...files.keys()], options, host);
  const problems = ts.getPreEmitDiagnostics(program).map(({ file, start, messageText }) => {
    const line = file === undefined ? 0 : file.getLineAndCharacterOfPosition(start ?? 0).line + 1;
    return `${file?.fileName.slice(root.length, -3)} line ${line}: ${ts.flattenDiagnosticMessageText(messageText, " ")}`;
  });
  expect(files.size).toBeGreaterThan(50);
  expect(problems).toEqual([]);
});

function exportNames(options: ts.CompilerOptions): string[] {
  const entry = join(root, "src/index.ts");
  const program = ts.createProgram([entry], options);
  const checker = program.getTypeChecker();
  return checker
    .getExportsOfModule(checker.getSymbolAtLocation(program.getSourceFile(entry)!)!)
    .map(({ name }) => name);
}
