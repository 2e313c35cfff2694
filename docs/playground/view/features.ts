import type { Feature } from "../model/settings.ts";
import type { Numbers } from "./numbers.ts";

/** How each input is written. */
export const symbolOf: Readonly<Record<Feature, string>> = {
  x1: "x₁",
  x2: "x₂",
  x1x1: "x₁²",
  x2x2: "x₂²",
  x1x2: "x₁x₂",
  sinx1: "sin πx₁",
  sinx2: "sin πx₂",
};

/** How an input comes about: with numbers. */
export function workedOf(
  feature: Feature,
  [x1, x2]: readonly number[],
  value: number,
  { short, factor }: Numbers,
): string {
  const numbers = {
    x1: "",
    x2: "",
    x1x1: `${factor(x1!)}²`,
    x2x2: `${factor(x2!)}²`,
    x1x2: `${factor(x1!)} · ${factor(x2!)}`,
    sinx1: `sin(π · ${factor(x1!)})`,
    sinx2: `sin(π · ${factor(x2!)})`,
  }[feature];
  return [symbolOf[feature], numbers, short(value)].filter((part) => part !== "").join(" = ");
}
