import { inspect } from "node:util";
import * as library from "tinygrad-ts";
import ts from "typescript";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { type Example, entries, examples } from "./extract.ts";

// Every example in the documentation runs as a test: each `@example` in src/, each ```ts block in the Markdown pages.
//
//   relu(tensor([-1, 2])).toArray(); // → [0, 2]       the value prints as [0, 2]
//   const y = exp(1).item(); // → 2.718…               so does the constant's; … stands for any text
//   x.mul(2); // → [2, 4]                              a tensor has these values; float32[2] [2, 4] if its dtype matters
//   reshape(x, [4]); // → throws ShapeError: reshape…  the statement throws; name and message
//
// In a page, a table whose last column is headed `gives` is run too: its middle column is code, behind the block above it.
//
// An example without an import sees every export of the package. A block that cannot run is fenced as ```ts ignore: why.

describe("examples", () => {
  beforeEach(() => {
    vi.spyOn(console, "log").mockReturnValue();
    library.manualSeed(0);
  });
  afterEach(() => {
    vi.restoreAllMocks();
    library.setDefaultDtype("float32");
  });

  for (const example of examples()) {
    const reason = /^ignore\b:?\s*(.*)$/.exec(example.note)?.[1];
    if (reason === undefined) test(example.at, () => runExample(example));
    else if (reason === "") test(example.at, () => expect.fail("an ignored block says why: ```ts ignore: reason"));
    else test.skip(`${example.at} (${reason})`);
  }
});

test("every exported function and class has an example", () => {
  expect(exportsWithoutExample()).toEqual([]);
});

test("a wrong example fails", async () => {
  const run = (code: string) => runExample({ at: "here", code, note: "" });
  await run("1 + 1; // → 2\nconst x = [1, 2.5]; // → [1, 2.…]\nnull.x; // → throws TypeError: …");
  await run('import { join as j } from "node:path";\nfor (const i of [7]) console.log(j("a", "b"), i); // → a/b 7');
  await expect(run("1 + 1; // → 3")).rejects.toThrow("here, line 1: expected 3, got 2");
  await expect(run("if (false) {\n  1; // → 1\n}")).rejects.toThrow("here, line 2: never reached");
  await expect(run("while (false); // → 1")).rejects.toThrow("here, line 1: no value to compare");
  await expect(run("1; // → throws Error")).rejects.toThrow("here, line 1: expected throws Error, got 1");
});

/** Runs one example and compares the values that its arrows promise. */
async function runExample({ at, code }: Example): Promise<void> {
  const { script, promises, hasImport } = instrument(code, at);
  const reached = new Set<number>();
  const compare = (line: number, actual: string) => {
    reached.add(line);
    const promised = promises.get(line)!;
    if (!matches(promised, actual)) expect.fail(`${at}, line ${line}: expected ${promised}, got ${actual}`);
  };
  const scope = {
    ...(hasImport ? {} : library),
    __import: (name: string) => import(/* @vite-ignore */ name),
    __value: (line: number, ...values: unknown[]) => {
      const showValue = namesDtype.test(promises.get(line)!) ? show : (value: unknown) => show(valuesOf(value));
      compare(line, values.map(showValue).join(" "));
    },
    __throws: (line: number, statement: () => unknown) => {
      let outcome: string;
      try {
        outcome = show(statement());
      } catch (error) {
        outcome = `throws ${error}`;
      }
      compare(line, outcome);
    },
  };
  const example = new Function(...Object.keys(scope), `${script}\nreturn example;`)(
    ...Object.values(scope),
  ) as () => Promise<void>;
  await example();
  for (const line of promises.keys()) if (!reached.has(line)) expect.fail(`${at}, line ${line}: never reached`);
}

/** Turns an example into the text of an async function that reports the value of every statement with an arrow. */
function instrument(code: string, at: string): { script: string; promises: Map<number, string>; hasImport: boolean } {
  const file = ts.createSourceFile("example.ts", code, ts.ScriptTarget.ES2022, true);
  const promises = new Map<number, string>();
  for (const [i, line] of code.split("\n").entries()) {
    const arrow = /\/\/ → (.*)$/.exec(line);
    if (arrow !== null) promises.set(i + 1, arrow[1]!);
  }
  const edits: { start: number; end: number; text: string }[] = [];
  const open = new Set(promises.keys());
  let hasImport = false;

  const visit = (node: ts.Node): void => {
    const end = node.getEnd();
    const line = file.getLineAndCharacterOfPosition(end).line + 1;
    const arrow = open.has(line) && /^[\s}]*\/\/ → /.test(code.slice(end));
    if (ts.isImportDeclaration(node)) {
      hasImport = true;
      edits.push({ start: node.getStart(), end, text: importText(node) });
    } else if (node.kind === ts.SyntaxKind.ExportKeyword) {
      edits.push({ start: node.getStart(), end, text: "" });
    } else if (arrow && ts.isExpressionStatement(node)) {
      open.delete(line);
      const { expression } = node;
      const isLog = ts.isCallExpression(expression) && expression.expression.getText() === "console.log";
      const value = isLog ? expression.arguments.map((arg) => arg.getText()).join(", ") : expression.getText();
      const throws = promises.get(line)!.startsWith("throws ");
      const text = throws ? `__throws(${line}, () => (${expression.getText()}));` : `__value(${line}, ${value});`;
      edits.push({ start: node.getStart(), end, text });
      return;
    } else if (arrow && ts.isVariableStatement(node)) {
      open.delete(line);
      const name = node.declarationList.declarations.at(-1)!.name.getText();
      edits.push({ start: end, end, text: ` __value(${line}, ${name});` });
    }
    ts.forEachChild(node, visit);
  };
  visit(file);
  for (const line of open) expect.fail(`${at}, line ${line}: no value to compare`);

  for (const { start, end, text } of edits.sort((a, b) => b.start - a.start)) {
    code = code.slice(0, start) + text + code.slice(end);
  }
  const compilerOptions = { target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.ESNext };
  const script = ts.transpileModule(`const example = async () => {\n${code}\n};`, { compilerOptions }).outputText;
  return { script, promises, hasImport };
}

/** An import declaration as a dynamic import, which may stand in a function. */
function importText({ importClause, moduleSpecifier }: ts.ImportDeclaration): string {
  const call = `await __import(${moduleSpecifier.getText()});`;
  if (importClause === undefined) return call;
  if (importClause.phaseModifier === ts.SyntaxKind.TypeKeyword) return "";
  const { name, namedBindings } = importClause;
  if (namedBindings !== undefined && ts.isNamespaceImport(namedBindings))
    return `const ${namedBindings.name.text} = ${call}`;
  const names = (namedBindings?.elements ?? [])
    .filter((element) => !element.isTypeOnly)
    .map((element) => `${element.propertyName?.text ?? element.name.text}: ${element.name.text}`);
  if (name !== undefined) names.push(`default: ${name.text}`);
  return `const { ${names.join(", ")} } = ${call}`;
}

/** A tensor is compared as it prints where its dtype is promised, and by its values otherwise. */
const namesDtype = /(float32|float64|int32|bool)\[/;

function valuesOf(value: unknown): unknown {
  return value instanceof library.Tensor ? value.toArray() : value;
}

function show(value: unknown): string {
  if (typeof value === "string" || value instanceof library.Tensor) return String(value);
  return inspect(value, { breakLength: Number.POSITIVE_INFINITY, compact: true, depth: null, maxArrayLength: null });
}

/** Compares but for white space and the kind of quotes; `…` stands for any text. */
function matches(promised: string, actual: string): boolean {
  const squeeze = (text: string) =>
    text
      .trim()
      .replace(/\s+/g, " ")
      .replace(/([[(]) | (?=[\])])/g, "$1")
      .replaceAll("'", '"');
  const pattern = squeeze(promised)
    .split("…")
    .map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"))
    .join(".*");
  return new RegExp(`^${pattern}$`).test(squeeze(actual));
}

function exportsWithoutExample(): string[] {
  const files = Object.values(entries);
  const program = ts.createProgram(files, {
    allowImportingTsExtensions: true,
    module: ts.ModuleKind.ESNext,
    moduleResolution: ts.ModuleResolutionKind.Bundler,
    noEmit: true,
    strict: true,
    target: ts.ScriptTarget.ES2022,
    types: [],
  });
  const checker = program.getTypeChecker();
  const hasExample = (symbol: ts.Symbol) => symbol.getJsDocTags(checker).some((tag) => tag.name === "example");
  return files
    .flatMap((entry) => checker.getExportsOfModule(checker.getSymbolAtLocation(program.getSourceFile(entry)!)!))
    .map((symbol) => (symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol))
    .filter((symbol) => {
      if (symbol.flags & ts.SymbolFlags.Class) return true;
      if (!(symbol.flags & ts.SymbolFlags.Value)) return false;
      return checker.getTypeOfSymbol(symbol).getCallSignatures().length > 0;
    })
    .filter((symbol) => !hasExample(symbol) && ![...(symbol.members?.values() ?? [])].some(hasExample))
    .map((symbol) => symbol.name)
    .sort();
}
