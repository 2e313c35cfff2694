import { hasNumbers, type Node, ownContentOf } from "./ir.ts";

/** A text that tells nodes apart which differ in anything. */
export function contentOf(node: Node): string {
  const own = ownContentOf(node);
  if (own !== null) return own;
  if (node.kind === "constant" && node.values.length === 1) return numberText(node.values[0]!, node);
  if (hasNumbers(node)) return JSON.stringify(node, exactly);
  let text = ""; // others have numbers and lists of numbers in them, which is faster
  for (const key of Object.keys(node)) text += `${key} ${String(node[key as keyof Node])} `;
  return text;
}

/** The result of {@link contentOf} for one number everywhere. */
export function numberText(value: number, { dtype, size }: { readonly dtype: string; readonly size: number }): string {
  return `${Object.is(value, -0) ? "-0" : value} ${dtype} ${size}`;
}

/** −0, NaN and ∞ in words: JSON has 0 and null for them. */
function exactly(_: string, value: unknown): unknown {
  if (Object.is(value, -0)) return "-0";
  return typeof value !== "number" || Number.isFinite(value) ? value : String(value);
}
