import { textOf } from "../core/errors.ts";

/** Whether a text has half of a pair of surrogates, which no UTF-8 can hold: it would be another name in a file. */
export const isBroken = (text: string): boolean => /\p{Surrogate}/u.test(text);

/** A list of numbers and names as errors show it. */
export function listOf(values: readonly unknown[]): string {
  const texts = Array.from(values, (value) => {
    if (typeof value === "string") return JSON.stringify(value);
    if (Array.isArray(value)) return listOf(value);
    return typeof value === "bigint" ? `${value}n` : textOf(value);
  });
  return `[${texts.join(", ")}]`;
}
