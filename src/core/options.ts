import { textOf, ValueError } from "./errors.ts";
import { isTensor } from "./runtime.ts";

/** What an option's value must be: a list is of the strings that are allowed. `"any"` leaves it to the function that takes it. */
export type OptionKind = "boolean" | "number" | "string" | "function" | "tensor" | "any" | readonly string[];

/** The options that a function takes, each with its kind: complete, or it does not compile. */
export type OptionKinds<T> = { readonly [K in keyof Required<T>]: OptionKind };

/**
 * Checks options at the door: that they are an object, that each is known, and that switches, numbers and functions are such.
 *
 * @param op - the function that takes them.
 * @param options - what was given; nothing is as good as `{}`.
 * @param kinds - all options that there are.
 * @param lead - what to write instead of something that is no object, where the function knows better; undefined where it does not.
 * @returns the options.
 * @throws {@link ValueError} naming the nearest option, or what to write where an option's value stands in place of the options.
 */
export function checkOptions<T extends object>(
  op: string,
  options: T | undefined,
  kinds: OptionKinds<T>,
  lead?: (given: unknown) => string | undefined,
): T {
  if (options === undefined) return {} as T;
  const known = kinds as { readonly [name: string]: OptionKind };
  if (!isBag(options)) {
    throw new ValueError(
      op,
      "options must be an object",
      textOf(options),
      lead?.(options) ?? exampleOf(options, known),
    );
  }
  for (const [name, value] of Object.entries(options)) {
    const kind = Object.hasOwn(known, name) ? known[name] : undefined;
    if (kind === undefined) throw unknownOption(op, name, Object.keys(known));
    if (value !== undefined && !fits(value, kind))
      throw new ValueError(op, `${name} must be ${textOfKind(kind)}`, textOf(value), nearHint(value, kind));
  }
  return options;
}

/** Whether a value can be options at all: an object that is nothing else. */
function isBag(value: unknown): value is object {
  return (
    typeof value === "object" &&
    value !== null &&
    !Array.isArray(value) &&
    !ArrayBuffer.isView(value) &&
    !isTensor(value)
  );
}

function fits(value: unknown, kind: OptionKind): boolean {
  if (typeof kind === "object") return kind.includes(value as string);
  return kind === "any" || (kind === "tensor" ? isTensor(value) : typeof value === kind);
}

function textOfKind(kind: OptionKind): string {
  if (typeof kind !== "object") return `a ${kind}`;
  const names = kind.map((name) => JSON.stringify(name));
  return names.length === 1 ? names[0]! : `${names.slice(0, -1).join(", ")} or ${names.at(-1)}`;
}

function nearHint(value: unknown, kind: OptionKind): string {
  const near = typeof kind === "object" && typeof value === "string" ? nearestOf(value, kind) : undefined;
  return near === undefined ? "" : `did you mean ${JSON.stringify(near)}?`;
}

/** The error for an option that there is not. */
export function unknownOption(op: string, name: string, known: readonly string[]): ValueError {
  return new ValueError(op, "there is no such option", name, hintFor(name, known, op));
}

/** What to write instead of an option's value in place of the options: `{ keepDims: true }`. */
function exampleOf(given: unknown, known: { readonly [name: string]: OptionKind }): string {
  const names = Object.keys(known);
  const name = names.find((key) => given !== undefined && known[key] !== "any" && fits(given, known[key]!));
  if (name !== undefined) {
    const value = typeof given === "function" || typeof given === "object" ? "…" : JSON.stringify(given);
    return `write { ${name}: ${value} }`;
  }
  return `write { ${names.join(", ")} } with those that you need`;
}

/** Names that PyTorch, NumPy or Keras give to what has another name here, and behind a colon what its value is. */
const elsewhere: { readonly [name: string]: string } = {
  keepdims: "keepDims",
  learningRate: "lr",
  unbiased: "correction: 0 for false, 1 for true",
  ddof: "correction",
  sizeAverage: 'reduction: "mean" or "sum"',
  reduce: 'reduction: "mean", "sum" or "none"',
  logInput: "isLog",
  logTarget: "isLogTarget",
  gradOutputs: "cotangents",
  classWeight: "weight",
  classWeights: "weight",
};

/** What has no option here. */
const without: { readonly [name: string]: string } = {
  device: "there are no devices",
  inplace: "ops never change their input",
  retainGraph: "nothing is freed: backward may run again",
};

/** What an unknown name most likely stands for, and else all that there are. */
export function hintFor(name: string, known: readonly string[], op = "sum"): string {
  const camel = name.replace(/_+([a-z0-9])/gi, (_, letter: string) => letter.toUpperCase());
  const [other, value] = (own(elsewhere, camel) ?? "").split(": ");
  if (!known.includes(camel)) {
    if (known.includes(other!)) return value === undefined ? `did you mean ${other}?` : `write ${other}: ${value}`;
    const takesAxis = ["keepDims", "descending", "largest"].some((option) => known.includes(option));
    if (takesAxis && /^(dim|axis|axes)$/.test(camel)) return `the axis is an argument of its own: ${op}(x, 1)`;
    const missing = own(without, camel);
    if (missing !== undefined) return missing;
  }
  const nearest = nearestOf(camel, known);
  if (nearest !== undefined) return `did you mean ${nearest}?`;
  return known.length === 0 ? "it takes none" : `there are ${known.join(", ")}`;
}

function own(table: { readonly [name: string]: string }, name: string): string | undefined {
  return Object.hasOwn(table, name) ? table[name] : undefined;
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
