// The tables of docs/guide/ops-and-methods.md, between its markers. Run by `npm run figure`.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import * as library from "tinygrad-ts";
import ts from "typescript";
import { dtypeOfArray, type NumericArray } from "../../src/core/dtype.ts";
import { readMethods } from "../typedoc/methods.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));

/** The page, with the tables that the sources give now. */
export function opsAndMethodsPage(): string {
  const page = readFileSync(join(root, "docs/guide/ops-and-methods.md"), "utf8");
  const tables = { methods: methodTables(), ops: opTable(), functions: functionTable(), classes: classTable() };
  return Object.entries(tables).reduce(
    (text, [name, table]) =>
      text.replace(
        new RegExp(`(<!-- ${name} -->\n)[^]*?(\n<!-- /${name} -->)`),
        (_, before, after) => `${before}\n${table}\n${after}`,
      ),
    page,
  );
}

function methodTables(): string {
  const methods = readMethods(root);
  const sections = [...new Set(methods.map(({ section }) => section))];
  return sections
    .map((section) => {
      const rows = methods
        .filter((method) => method.section === section)
        .map(({ name, parameters, summary }) => `| ${spelling(name, parameters)} | ${plain(summary)} |`);
      return `### ${section}\n\n| method | result |\n|---|---|\n${rows.join("\n")}`;
    })
    .join("\n\n");
}

/** How a method is called: `x.sum(axes?, options?)`. */
function spelling(name: string, parameters: readonly string[] | null): string {
  if (name === "[Symbol.iterator]") return "`for (const row of x)`";
  const names = parameters?.map((parameter) => parameter.replace(/: Optional<.*$/s, "?").replace(/(: .*| = .*)$/s, ""));
  return `\`x.${name}${names === undefined ? "" : `(${names.join(", ")})`}\``;
}

/** A summary without the function's name, which is the method's, and with other links as code. */
function plain(summary: string): string {
  return summary
    .replace(/: \{@link (?!cast|where)\w+\}(?=[.,])/, "")
    .replace(/\{@link Tensor\.(\w+)\}/g, "`x.$1`")
    .replace(/\{@link (\w+)\}/g, "`$1`")
    .replace(/\s+/g, " ")
    .replaceAll("|", "\\|");
}

/** The ops that are functions only. */
function opTable(): string {
  const methods = new Set(readMethods(root).map(({ name, functions }) => (name in library ? name : functions[0])));
  const rows = exportedFunctions()
    .filter(({ file, name }) => file.startsWith("ops/") && !methods.has(name))
    .map(({ file, name }) => `| \`${name}\` | ${plain(summaryOf(file, name))} |`);
  return `| function | result |\n|---|---|\n${rows.join("\n")}`;
}

const kinds: readonly (readonly [kind: string, file: RegExp])[] = [
  ["creation", /^create/],
  ["images", /^pixels/],
  ["random numbers", /^random/],
  ["losses", /^loss/],
  ["layers as functions, initialisers and other help with models", /^nn/],
  ["derivatives", /^autograd|^core\/apply/],
  ["optimizers' rules, clipping and guards", /^optim/],
  ["learning rates", /^schedule/],
  ["dtypes", /^core\/dtype/],
];

/** All other functions, by name. */
function functionTable(): string {
  const others = exportedFunctions().filter(({ file }) => !file.startsWith("ops/"));
  const rows = kinds.map(([kind, path]) => {
    const names = others.filter(({ file }) => path.test(file)).map(({ name }) => `\`${name}\``);
    return `| ${kind} | ${names.join(", ")} |`;
  });
  const left = others.filter(({ file }) => !kinds.some(([, path]) => path.test(file)));
  if (left.length > 0)
    throw new Error(`name a kind for ${left.map(({ file }) => file)} in docs/figures/opsAndMethods.ts`);
  return `| | functions |\n|---|---|\n${rows.join("\n")}`;
}

/** The functions that the package's main entry exports, with the files under src that they come from. */
function exportedFunctions(): { file: string; name: string }[] {
  const index = readFileSync(join(root, "src/index.ts"), "utf8");
  return [...index.matchAll(/^export \{([^}]*)\} from "\.\/(.*)";/gm)].flatMap(([, names, file]) =>
    names!
      .split(",")
      .map((name) => name.trim())
      .filter((name) => /^[a-z]\w*$/.test(name) && typeof library[name as keyof typeof library] === "function")
      .map((name) => ({ file: file!, name })),
  );
}

/** The first sentence of a function's comment. */
function summaryOf(file: string, name: string): string {
  const source = ts.createSourceFile(file, readFileSync(join(root, "src", file), "utf8"), ts.ScriptTarget.ES2022, true);
  const found = source.statements.find((node) => ts.isFunctionDeclaration(node) && node.name?.text === name);
  const comment = ts.getTextOfJSDocComment(ts.getJSDocCommentsAndTags(found!).filter(ts.isJSDoc)[0]?.comment) ?? "";
  return /^.*?[.:](?=\s|$)/s.exec(comment)?.[0].replace(/:$/, ".") ?? comment;
}

/** The classes of typed arrays, and what there is to say of them. */
const classes: readonly (readonly [name: string, remark: string])[] = [
  ["Float32Array", ""],
  ["Float64Array", ""],
  ["Float16Array", "where the platform has it"],
  ["Uint8Array", "bytes; also Node's `Buffer`"],
  ["Uint8ClampedArray", "the pixels of a canvas"],
  ["Int8Array", ""],
  ["Int16Array", ""],
  ["Uint16Array", ""],
  ["Int32Array", ""],
  ["Uint32Array", "above 2³¹ − 1: refused"],
  ["BigInt64Array", "beyond 32 bits: refused"],
  ["BigUint64Array", "above 2³¹ − 1: refused"],
];

function classTable(): string {
  const rows = classes.map(([name, remark]) => {
    return `| \`${name}\` | ${dtypeOfArray({ [Symbol.toStringTag]: name } as NumericArray)} | ${remark} |`;
  });
  return `| data | dtype | |\n|---|---|---|\n${rows.join("\n")}`;
}
