import { hasNumbers, type Node } from "./ir.ts";

/** A text that tells nodes apart which differ in anything. */
export function contentOf(node: Node): string {
  return hasNumbers(node) ? JSON.stringify(node, exactly) : JSON.stringify(node); // which is faster
}

/** −0, NaN and ∞ in words: JSON has 0 and null for them. */
function exactly(_: string, value: unknown): unknown {
  if (Object.is(value, -0)) return "-0";
  return typeof value !== "number" || Number.isFinite(value) ? value : String(value);
}
