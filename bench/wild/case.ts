import type { CheckOptions, GradientReport } from "tinygrad-ts/gradcheck";
import { checkGradient } from "tinygrad-ts/gradcheck";

/** One function of a package, with the package's own gradient of it. */
export interface Case {
  /** What is checked, as the table shows it. */
  readonly name: string;
  /** The check. What it throws is a failure of the package, not a wrong gradient. */
  check(): GradientReport | Promise<GradientReport>;
}

/** The cases of a package. */
export interface Suite {
  /** The package's name on npm. */
  readonly name: string;
  /** Makes its cases. Packages are imported there, so that one that is missing fails alone. */
  cases(): readonly Case[] | Promise<readonly Case[]>;
}

/** A case of plain functions of numbers. */
export function plain<X extends number | number[]>(
  name: string,
  f: (x: X) => number,
  gradient: (x: X) => X,
  at: X,
  options: CheckOptions = {},
): Case {
  return {
    name,
    check: () =>
      checkGradient(
        f as (x: unknown) => number,
        gradient as (x: unknown) => unknown as never,
        at as never,
        options as never,
      ),
  };
}

/** Numbers without special values, the same on each run: between 0.2 and 1.7 in size, of alternating sign unless positive. */
export function numbers(count: number, positive = false, seed = 1): number[] {
  return Array.from({ length: count }, (_, i) => {
    const size = 0.2 + 1.5 * (((i + 1) * 0.754877666 + seed * 0.569840291) % 1);
    return positive || (i * 7 + seed) % 3 !== 0 ? size : -size;
  });
}

/** What kind of numbers a function takes; of both signs if it is not said. */
export type Values = "positive" | "unit" | "above 1" | "zeros";

/** A point to check a function at. */
export function inputs(shape: readonly number[], values?: Values): number[] {
  const sizes = numbers(
    shape.reduce((a, b) => a * b, 1),
    values !== undefined,
  );
  return sizes.map((x) => (values === "zeros" ? 0 : values === "unit" ? x / 2 : values === "above 1" ? 1 + x : x));
}
