import { textOf, ValueError } from "./errors.ts";

/**
 * Refuses what is no number, or NaN, where a setting of a function belongs: JavaScript would turn `"0.1"` into a number without a word, and most else into NaN.
 *
 * @param op - the function.
 * @param name - the setting.
 * @param call - what stands before it in a call, `leakyRelu(x, `, for errors.
 */
export function checkNumber(op: string, name: string, value: number, call = `${op}(x, `): void {
  if (typeof value === "number" && value === value) return;
  const inside: unknown = typeof value === "object" && value !== null ? Object.values(value)[0] : undefined;
  throw new ValueError(
    op,
    `${name} must be a number`,
    textOf(value),
    typeof inside === "number" ? `write ${call}${inside})` : "",
  );
}
