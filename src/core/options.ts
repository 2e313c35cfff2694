import { textOf, ValueError } from "./errors.ts";
import { isTensor } from "./runtime.ts";

/** What an option's value must be. `"any"` leaves it to the function that takes it. */
export type OptionKind = "boolean" | "number" | "string" | "function" | "any";

/** The options that a function takes, each with its kind: complete, or it does not compile. */
export type OptionKinds<T> = { readonly [K in keyof Required<T>]: OptionKind };

/**
 * Checks options at the door: that they are an object, that each is known, and that switches, numbers and functions are such.
 *
 * @param op - the function that takes them.
 * @param options - what was given; nothing is as good as `{}`.
 * @param kinds - all options that there are.
 * @returns the options.
 * @throws {@link ValueError} naming the nearest option, or what to write where an option's value stands in place of the options.
 */
export function checkOptions<T extends object>(op: string, options: T | undefined, kinds: OptionKinds<T>): T {
  if (options === undefined) return {} as T;
  const known = kinds as { readonly [name: string]: OptionKind };
  if (
    typeof options !== "object" ||
    options === null ||
    Array.isArray(options) ||
    ArrayBuffer.isView(options) ||
    isTensor(options)
  ) {
    throw new ValueError(op, "options must be an object", textOf(options), exampleOf(options, known));
  }
  for (const [name, value] of Object.entries(options)) {
    const kind = Object.hasOwn(known, name) ? known[name] : undefined;
    if (kind === undefined) throw unknownOption(op, name, Object.keys(known));
    if (kind === "any" || value === undefined || typeof value === kind) continue;
    throw new ValueError(op, `${name} must be a ${kind}`, textOf(value));
  }
  return options;
}

/** The error for an option that there is not. */
export function unknownOption(op: string, name: string, known: readonly string[]): ValueError {
  const hint = hintFor(name, known);
  return new ValueError(op, "there is no such option", name, hint);
}

/** What to write instead of an option's value in place of the options: `{ keepDims: true }`. */
function exampleOf(given: unknown, known: { readonly [name: string]: OptionKind }): string {
  const names = Object.keys(known);
  const name = names.find((key) => known[key] === typeof given);
  if (name !== undefined) return `write { ${name}: ${typeof given === "function" ? "…" : JSON.stringify(given)} }`;
  return `write { ${names.join(", ")} } with those that you need`;
}

/** Names that PyTorch, NumPy or Keras give to what has another name here. */
const elsewhere: { readonly [name: string]: string } = {
  dim: "the axis is an argument of its own, say sum(x, 1)",
  axis: "the axis is an argument of its own, say sum(x, 1)",
  device: "there are no devices",
  unbiased: "write correction: 0 for the biased variance",
  size_average: 'write reduction: "mean" or "sum"',
  inplace: "ops never change their input",
  keepdims: "keepDims",
  learningRate: "lr",
};

/** What an unknown name most likely stands for, and else all that there are. */
export function hintFor(name: string, known: readonly string[]): string {
  const camel = name.replace(/_+([a-z0-9])/gi, (_, letter: string) => letter.toUpperCase());
  const other = elsewhere[name] ?? elsewhere[camel];
  if (other !== undefined && !known.includes(camel) && (other.includes(" ") || known.includes(other))) {
    return other.includes(" ") ? other : `did you mean ${other}?`;
  }
  const nearest = nearestOf(camel, known);
  if (nearest !== undefined) return `did you mean ${nearest}?`;
  return known.length === 0 ? "it takes none" : `there are ${known.join(", ")}`;
}

/** The known name that is nearest to a word, if one is near: letters that differ at most in a third of it. */
export function nearestOf(word: string, known: readonly string[]): string | undefined {
  let nearest: string | undefined;
  let least = Math.max(1, Math.floor(word.length / 3)) + 1;
  for (const name of known) {
    const distance = editDistance(word.toLowerCase(), name.toLowerCase());
    if (distance < least) [nearest, least] = [name, distance];
  }
  return nearest;
}

/** Levenshtein's distance: how many letters must be put in, taken out or replaced. */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      next[j] = Math.min(row[j]! + 1, next[j - 1]! + 1, row[j - 1]! + Number(a[i - 1] !== b[j - 1]));
    }
    row = next;
  }
  return row[b.length]!;
}
