// What shapes in types cost: `npm run speed:types`. With `-- PATH`, the declarations are also measured in the checkout at PATH, say one from before shapes.
import { join } from "node:path";
import ts from "typescript";
import { root } from "../test/docs/extract.ts";
import { programOf } from "../test/docs/program.ts";

const path = join(root, "measured.ts");
const median = (times: readonly number[]): number => [...times].sort((a, b) => a - b)[times.length >> 1]!;

/** Prints a figure, its limit, and what it was at the commit before shapes. */
function show(what: string, value: string, limit: string): void {
  console.log(`${what.padEnd(64)} ${value.padStart(12)}   ${limit}`);
}

/** The whole repository, as `npm run typecheck` sees it first. */
function repository(): void {
  const read = ts.readConfigFile(join(root, "tsconfig.json"), ts.sys.readFile);
  const { fileNames, options } = ts.parseJsonConfigFileContent(read.config, ts.sys, root);
  const program = ts.createProgram(fileNames, options);
  const start = performance.now();
  const problems = program.getSemanticDiagnostics().length;
  const seconds = (performance.now() - start) / 1000;
  const lines = program.getSourceFiles().reduce((n, file) => n + file.getLineStarts().length, 0);
  show(
    `tsc on the repository, ${fileNames.length} files, ${problems} problems: instantiations`,
    `${program.getInstantiationCount()}`,
    "217,822 before shapes",
  );
  show("  for each 1,000 lines", ((1000 * program.getInstantiationCount()) / lines).toFixed(0), "");
  show("  seconds to check", seconds.toFixed(1), "");
}

/** Declarations of all that `src/index.ts` reaches: in bytes, and without comments. */
function declarations(folder: string): readonly [all: number, code: number] {
  const options: ts.CompilerOptions = {
    allowImportingTsExtensions: true,
    declaration: true,
    emitDeclarationOnly: true,
    lib: ["lib.es2022.d.ts"],
    module: ts.ModuleKind.ESNext,
    moduleResolution: ts.ModuleResolutionKind.Bundler,
    outDir: "/out",
    strict: true,
    stripInternal: true,
    target: ts.ScriptTarget.ES2022,
    types: [],
  };
  const sizeWith = (more: ts.CompilerOptions): number => {
    let bytes = 0;
    const program = ts.createProgram([join(folder, "src/index.ts")], { ...options, ...more });
    program.emit(undefined, (_, text) => {
      bytes += Buffer.byteLength(text);
    });
    return bytes;
  };
  return [sizeWith({}), sizeWith({ removeComments: true })];
}

/** What a person feels who writes the last of 500 lines: a letter, and the list of completions. */
function completion(): void {
  const block = (k: number): string => {
    const lines = Array.from({ length: 8 }, (_, i) => [
      `  const a${i} = x${i}.mul(${k}).add(T.zeros([784])).relu();`,
      `  const b${i} = new T.Sequential(new T.Linear(784, ${k + i + 1}), T.relu, new T.Linear(${k + i + 1}, 784)).forward(a${i});`,
      `  const x${i + 1} = T.matmul(b${i}, T.zeros([784, 784])).sub(b${i}.mean(0, { keepDims: true }));`,
    ]).flat();
    return `export function f${k}(x0: T.Tensor<[32, 784]>) {\n${lines.join("\n")}\n  x8.`;
  };
  const blocks = Array.from({ length: 19 }, (_, k) => block(k));
  const body = `import * as T from "tinygrad-ts";\n${blocks.join("exp();\n}\n")}`;
  let [code, version] = ["", 0];
  const options = programOf(new Map([[path, body]])).getCompilerOptions();
  const host: ts.LanguageServiceHost = {
    fileExists: (name) => name === path || ts.sys.fileExists(name),
    getCompilationSettings: () => options,
    getCurrentDirectory: () => root,
    getDefaultLibFileName: ts.getDefaultLibFilePath,
    getScriptFileNames: () => [path],
    getScriptSnapshot: (name) => {
      const text = name === path ? code : ts.sys.readFile(name);
      return text === undefined ? undefined : ts.ScriptSnapshot.fromString(text);
    },
    getScriptVersion: (name) => (name === path ? `${version}` : "0"),
    readFile: (name) => (name === path ? code : ts.sys.readFile(name)),
  };
  const service = ts.createLanguageService(host);
  const times: number[] = [];
  let found = 0;
  for (let i = 0; i < 12; i++) {
    code = `${body}${"exp"[i % 3]}`;
    version++;
    const start = performance.now();
    found = service.getCompletionsAtPosition(path, code.length, undefined)?.entries.length ?? 0;
    times.push(performance.now() - start);
  }
  show(`completion at the end of 500 lines, ${found} entries: ms`, median(times.slice(2)).toFixed(0), "at most 100");
  show("  the first time, when nothing is checked yet", times[0]!.toFixed(0), "");
}

/** The time that a file takes to check. */
function checking(what: string, lines: readonly string[], limit: string): void {
  const code = `import * as T from "tinygrad-ts";\n${lines.join("\n")}`;
  const program = programOf(new Map([[path, code]]));
  const file = program.getSourceFile(path)!;
  const start = performance.now();
  const problems = program.getSemanticDiagnostics(file).length;
  show(`${what}, ${problems} problems: seconds`, ((performance.now() - start) / 1000).toFixed(2), limit);
}

const networks = Array.from({ length: 40 }, (_, k) => {
  const layers = Array.from({ length: 20 }, (_, i) =>
    i % 2 ? "T.relu" : `new T.Linear(${10 + k + i}, ${10 + k + i + 2})`,
  );
  return `export const y${k} = new T.Sequential(${layers.join(", ")}).forward(T.zeros([32, ${10 + k}]));`;
});
const ops = [".mul(2)", ".add(T.zeros([7]))", ".reshape([7, 5])", ".transpose()", ".relu()", ".sub(T.zeros([5, 1]))"];
const chain = Array.from({ length: 10 }, (_, k) => {
  const calls = Array.from({ length: 40 }, (_, i) =>
    (i % 6 === 5 ? `${ops[5]}.T.T` : ops[i % 6]!).replace("7, 5", "5, 7"),
  );
  return `export const z${k} = T.zeros([5, 7])${calls.map((c) => (c === ".transpose()" ? ".transpose().T" : c)).join("")};`;
});

if (process.env["QUICK"] === undefined) repository();
const [all, plain] = declarations(root);
show("declarations of the core: bytes", `${all}`, "at most 30 % more");
show("  without comments", `${plain}`, "");
for (const folder of process.argv.slice(2)) {
  const [before, plainBefore] = declarations(folder);
  show(`  more than in ${folder}`, `${((100 * all) / before - 100).toFixed(1)} %`, `${before} bytes`);
  show("  without comments", `${((100 * plain) / plainBefore - 100).toFixed(1)} %`, `${plainBefore} bytes`);
}
completion();
checking("40 networks of 20 layers", networks, "with the ops, at most 4");
checking("400 chained ops", chain, "");
