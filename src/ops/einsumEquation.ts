import { ShapeError, textOf, ValueError } from "../core/errors.ts";
import { formatShape, type Shape } from "../core/shape.ts";

/** An einsum's equation with the ellipses written out: their axes are labelled `.0`, `.1`, … from the last one. */
export interface Equation {
  /** For each operand the label of each axis. */
  readonly terms: readonly (readonly string[])[];
  /** The result's axes. */
  readonly output: readonly string[];
  /** The size of each label; an operand may have size 1 in its place. */
  readonly sizes: ReadonlyMap<string, number>;
}

/** Reads an equation for operands of the given shapes, and checks that they fit. */
export function parseEquation(equation: string, shapes: readonly Shape[]): Equation {
  if (typeof equation !== "string") {
    throw new ValueError(
      "einsum",
      "the equation must be a string",
      textOf(equation),
      'write einsum("ij,jk->ik", a, b)',
    );
  }
  const [left, right, more] = equation.replaceAll(" ", "").split("->");
  if (more !== undefined) throw new ValueError("einsum", "an equation has at most one arrow", `"${equation}"`);
  const texts = left!.split(",");
  if (texts.length !== shapes.length) {
    const got = `${texts.length} for ${shapes.length} in "${equation}"`;
    throw new ValueError("einsum", "one term per operand, separated by commas", got);
  }
  const terms = texts.map((text, i) => {
    const [before, after] = splitTerm(text, equation);
    const { length } = shapes[i]!;
    const letters = before.length + (after?.length ?? 0);
    if (after === undefined ? letters !== length : letters > length) {
      const got = `"${text}" for ${formatShape(shapes[i]!)} (operand ${i})`;
      throw new ShapeError("einsum", "a term has one letter per axis", got, 'write "..." for axes without a letter');
    }
    return [...before, ...ellipsis(length - letters), ...(after ?? "")];
  });
  const width = terms.reduce((n, term) => Math.max(n, term.filter((label) => label.startsWith(".")).length), 0);
  const sizes = sizesOf(terms, shapes, equation);
  if (right !== undefined) return { terms, output: explicitOutput(right, equation, sizes, width), sizes };
  const letters = terms.flat().filter((label) => !label.startsWith("."));
  const once = letters.filter((label) => letters.indexOf(label) === letters.lastIndexOf(label));
  return { terms, output: [...ellipsis(width), ...once.sort()], sizes };
}

/** Labels of an ellipsis that stands for `width` axes. */
function ellipsis(width: number): string[] {
  return Array.from({ length: width }, (_, i) => `.${width - 1 - i}`);
}

/** The letters before the ellipsis, and those behind it; undefined if there is none. */
function splitTerm(text: string, equation: string): [string, string | undefined] {
  if (!/^[A-Za-z]*(\.\.\.)?[A-Za-z]*$/.test(text)) {
    throw new ValueError("einsum", 'a term is letters, and "..." at most once', `"${text}" in "${equation}"`);
  }
  const [before, after] = text.split("...");
  return [before!, after];
}

function explicitOutput(
  text: string,
  equation: string,
  sizes: ReadonlyMap<string, number>,
  width: number,
): readonly string[] {
  const [before, after] = splitTerm(text, equation);
  const letters = [...before, ...(after ?? "")];
  for (const [i, letter] of letters.entries()) {
    const got = `"${letter}" in "${equation}"`;
    if (!sizes.has(letter)) throw new ValueError("einsum", "a letter of the output must be in a term", got);
    if (letters.indexOf(letter) !== i) {
      throw new ValueError("einsum", "a letter may be in the output once", got, "there is no output of diagonals");
    }
  }
  return after === undefined ? letters : [...before, ...ellipsis(width), ...after];
}

function sizesOf(
  terms: readonly (readonly string[])[],
  shapes: readonly Shape[],
  equation: string,
): Map<string, number> {
  const sizes = new Map<string, number>();
  terms.forEach((term, i) => {
    term.forEach((label, axis) => {
      const n = shapes[i]![axis]!;
      const name = label.startsWith(".") ? "..." : label;
      const other = shapes[i]![term.indexOf(label)]!;
      if (other !== n) {
        const got = `${other} and ${n} for "${name}" in "${equation}"`;
        throw new ShapeError("einsum", "a letter that is repeated in a term needs equal sizes", got, `operand ${i}`);
      }
      const known = sizes.get(label) ?? 1;
      if (known !== 1 && n !== 1 && known !== n) {
        const got = `${known} and ${n} for "${name}" in "${equation}"`;
        throw new ShapeError("einsum", "sizes of a letter must be equal, or 1", got, `operand ${i}`);
      }
      sizes.set(label, known === 1 ? n : known);
    });
  });
  return sizes;
}
