import ts from "typescript";
import { entries } from "./extract.ts";

/** Strict TypeScript, in which the library's sources stand for the package. */
const strict: ts.CompilerOptions = {
  allowImportingTsExtensions: true,
  lib: ["lib.es2022.d.ts"],
  module: ts.ModuleKind.ESNext,
  moduleDetection: ts.ModuleDetectionKind.Force,
  moduleResolution: ts.ModuleResolutionKind.Bundler,
  noEmit: true,
  paths: Object.fromEntries(Object.entries(entries).map(([name, file]) => [name, [file]])),
  skipLibCheck: true,
  strict: true,
  target: ts.ScriptTarget.ES2022,
  types: [],
};

/** A program of files that exist in memory only, by their paths. */
export function programOf(files: ReadonlyMap<string, string>, more: ts.CompilerOptions = {}): ts.Program {
  const options = { ...strict, ...more };
  const host = ts.createCompilerHost(options);
  const { fileExists, getSourceFile, readFile } = host;
  host.fileExists = (path) => files.has(path) || fileExists(path);
  host.readFile = (path) => files.get(path) ?? readFile(path);
  host.getSourceFile = (path, ...rest) => {
    const code = files.get(path);
    return code === undefined ? getSourceFile(path, ...rest) : ts.createSourceFile(path, code, options.target!);
  };
  return ts.createProgram([...files.keys()], options, host);
}
