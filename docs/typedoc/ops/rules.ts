import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import ts from "typescript";
import type { Op } from "../../../src/core/op.ts";

/** An op's gradient rule as it is written. */
export interface Rule {
  /** The record's file, from the root. */
  readonly file: string;
  readonly line: number;
  /** The `vjp` of the record, and the helpers in its file that it calls. */
  readonly code: string;
}

/** The rules of all op records under src/ops, by record. */
export async function readRules(root: string): Promise<ReadonlyMap<Op, Rule>> {
  const rules = new Map<Op, Rule>();
  for (const name of readdirSync(join(root, "src/ops")).sort()) {
    const file = `src/ops/${name}`;
    const exports = (await import(pathToFileURL(join(root, file)).href)) as Record<string, unknown>;
    const source = ts.createSourceFile(file, readFileSync(join(root, file), "utf8"), ts.ScriptTarget.ES2022, true);
    for (const [exported, op] of Object.entries(exports)) {
      if (exported.endsWith("Op")) rules.set(op as Op, ruleOf(source, file, exported));
    }
  }
  return rules;
}

function ruleOf(source: ts.SourceFile, file: string, exported: string): Rule {
  const locals = new Map<string, ts.Node>();
  for (const statement of source.statements) {
    if (ts.isFunctionDeclaration(statement)) locals.set(statement.name!.text, statement);
    if (!ts.isVariableStatement(statement)) continue;
    for (const { name, initializer } of statement.declarationList.declarations) {
      if (ts.isIdentifier(name) && initializer !== undefined) locals.set(name.text, initializer);
    }
  }
  const record = locals.get(exported);
  if (record === undefined) throw new Error(`${file}: no declaration of ${exported}`);
  const vjp = findRule(record, locals);
  if (vjp === undefined) throw new Error(`${file}: ${exported} shows no vjp`);
  const helpers = [...helpersOf(vjp, locals)].map((helper) => helper.getText());
  const indent = /^ */.exec(source.text.slice(source.text.lastIndexOf("\n", vjp.getStart()) + 1))![0];
  const text = vjp.getText().replaceAll(`\n${indent}`, "\n");
  const { line } = source.getLineAndCharacterOfPosition(record.getStart());
  return { file, line: line + 1, code: [text, ...helpers].join("\n\n") };
}

/** The property `vjp` of a record, which may be in a function of the same file that makes the record. */
function findRule(node: ts.Node, locals: ReadonlyMap<string, ts.Node>): ts.Node | undefined {
  const isRule = (inner: ts.Node) => ts.isObjectLiteralElementLike(inner) && inner.name?.getText() === "vjp";
  const direct = find(node, isRule);
  if (direct !== undefined) return direct;
  const made = find(node, (inner) => ts.isCallExpression(inner) && locals.has(inner.expression.getText()));
  return made && find(locals.get((made as ts.CallExpression).expression.getText())!, isRule);
}

/** Functions of the same file, not exported, that a piece of code uses, directly or not. */
function helpersOf(node: ts.Node, locals: ReadonlyMap<string, ts.Node>, found = new Set<ts.Node>()): Set<ts.Node> {
  const visit = (inner: ts.Node): void => {
    const local = ts.isIdentifier(inner) ? locals.get(inner.text) : undefined;
    if (local !== undefined && ts.isFunctionDeclaration(local) && !found.has(local)) {
      const isExported = local.modifiers?.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword);
      if (!isExported) {
        found.add(local);
        helpersOf(local.body!, locals, found);
      }
    }
    ts.forEachChild(inner, visit);
  };
  visit(node);
  return found;
}

function find(node: ts.Node, fits: (node: ts.Node) => boolean): ts.Node | undefined {
  return fits(node) ? node : ts.forEachChild(node, (child) => find(child, fits));
}
