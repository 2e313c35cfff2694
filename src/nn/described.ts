import { formatShape } from "../core/shape.ts";

/** A setting as a layer's description shows it: `3` for `[3, 3]`, and lists of pairs as they are. */
export function settingText(value: unknown): string {
  if (!Array.isArray(value)) return String(value);
  const [head] = value;
  if (!Array.isArray(head) && value.every((n) => n === head)) return String(head);
  return `[${value.map((n) => (Array.isArray(n) ? formatShape(n) : n)).join(", ")}]`;
}

/** Settings as a layer's description shows them: `, stride 2, padding mode reflect`. */
export function settingsText(settings: object): string {
  const word = (key: string): string => key.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
  return Object.entries(settings)
    .map(([key, value]) => `, ${word(key)} ${settingText(value)}`)
    .join("");
}
