import ts from "typescript";

/** A change to a source that should be noticed. */
export interface Mutant {
  readonly file: string;
  readonly line: number;
  /** What stands there, and what is put in its place. */
  readonly before: string;
  readonly after: string;
  /** The source with the change. */
  readonly source: string;
}

const K = ts.SyntaxKind;

/** Operators, and those that are put in their places. */
const swapped = new Map<ts.SyntaxKind, string>([
  [K.LessThanToken, "<="],
  [K.LessThanEqualsToken, "<"],
  [K.GreaterThanToken, ">="],
  [K.GreaterThanEqualsToken, ">"],
  [K.EqualsEqualsEqualsToken, "!=="],
  [K.ExclamationEqualsEqualsToken, "==="],
  [K.PlusToken, "-"],
  [K.MinusToken, "+"],
  [K.AsteriskToken, "/"],
  [K.SlashToken, "*"],
  [K.PercentToken, "*"],
]);

/** What may stand in the place of a piece of code. */
function replacementsOf(node: ts.Node, text: (part: ts.Node) => string): string[] {
  if (ts.isBinaryExpression(node)) {
    const { left, right, operatorToken } = node;
    const { kind } = operatorToken;
    const isChoice = kind === K.AmpersandAmpersandToken || kind === K.BarBarToken || kind === K.QuestionQuestionToken;
    if (isChoice) return [text(left), text(right)];
    const other = swapped.get(kind);
    return other === undefined ? [] : [`${text(left)} ${other} ${text(right)}`];
  }
  if (ts.isConditionalExpression(node)) return [text(node.whenTrue), text(node.whenFalse)];
  if (ts.isIfStatement(node.parent ?? node) && (node.parent as ts.IfStatement).expression === node) return ["false"];
  if (ts.isExpressionStatement(node) || ts.isReturnStatement(node)) {
    return ts.isReturnStatement(node) && node.expression !== undefined ? [] : [";"];
  }
  if (ts.isNumericLiteral(node)) return [String(Number(node.text) === 0 ? 1 : Number(node.text) - 1)];
  if (node.kind === K.TrueKeyword) return ["false"];
  if (node.kind === K.FalseKeyword) return ["true"];
  if (ts.isPrefixUnaryExpression(node) && node.operator === K.ExclamationToken) return [text(node.operand)];
  if (ts.isPropertyAccessExpression(node) && text(node.expression) === "Math") {
    const other = new Map([["max", "min"], ["min", "max"], ["ceil", "floor"], ["floor", "ceil"]]).get(node.name.text); // biome-ignore format: one line
    return other === undefined ? [] : [`Math.${other}`];
  }
  return [];
}

/** All changes that the operators make to a source, in its order. */
export function mutantsOf(file: string, source: string): Mutant[] {
  const parsed = ts.createSourceFile(file, source, ts.ScriptTarget.ES2022, true);
  const text = (node: ts.Node): string => node.getText(parsed);
  const found: Mutant[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isTypeNode(node) || ts.isImportDeclaration(node) || ts.isInterfaceDeclaration(node)) return;
    const [start, end] = [node.getStart(parsed), node.getEnd()];
    for (const after of replacementsOf(node, text)) {
      const line = parsed.getLineAndCharacterOfPosition(start).line + 1;
      const put = ts.isExpression(node) && !ts.isNumericLiteral(node) ? `(${after})` : after;
      found.push({ file, line, before: text(node), after, source: source.slice(0, start) + put + source.slice(end) });
    }
    node.forEachChild(visit);
  };
  visit(parsed);
  return found;
}
