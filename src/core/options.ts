import { textOf, ValueError } from "./errors.ts";
import { isGenerator, isTensor } from "./runtime.ts";

type Kind = "boolean" | "number" | "string" | "function" | "tensor" | "generator" | "float dtype";

/** What an option's value must be; a list is of the strings that are allowed. `"any"` leaves it to the function that takes it. */
export type OptionKind = Kind | `${Kind} or null` | "any" | readonly string[];

/** The options that a function takes, each with its kind: complete, or it does not compile. */
export type OptionKinds<T> = { readonly [K in keyof Required<T>]: OptionKind };

/** What leads on from a mistake, where a function knows more than its options' names. */
export interface Lead {
  /** Names that other libraries give to an option, in camel case: for each the name here, or what to write. */
  readonly names?: { readonly [elsewhere: string]: string };
  /** What to write instead of something that is no object; undefined for what is usual. */
  readonly instead?: (given: unknown) => string | undefined;
}

/**
 * Checks options at the door: that they are an object, that each is known, and that each is of its kind.
 *
 * @param op - the function that takes them.
 * @param options - what was given; nothing is as good as `{}`.
 * @param kinds - all options that there are.
 * @param lead - what else leads on.
 * @returns the options, without those that are undefined.
 * @throws {@link ValueError} naming the nearest option, or what to write where an option's value stands in place of the options.
 */
export function checkOptions<T extends object>(
  op: string,
  options: T | undefined,
  kinds: OptionKinds<T>,
  lead: Lead = {},
): T {
  if (options === undefined) return {} as T;
  const known = kinds as { readonly [name: string]: OptionKind };
  // By the tag, which arrays, Maps, promises, tensors, layers and generators have one of their own of, in every realm.
  if (Object.prototype.toString.call(options) !== "[object Object]") {
    const hint = lead.instead?.(options) ?? exampleOf(options, known);
    throw new ValueError(op, "options must be an object", textOf(options), hint);
  }
  const entries = Object.entries(options);
  for (const [name, value] of entries) {
    const kind = Object.hasOwn(known, name) ? known[name] : undefined;
    if (kind === undefined) throw unknownOption(op, name, Object.keys(known), lead.names);
    if (value !== undefined && !isOfKind(value, kind)) throw misfit(op, name, value, kind);
  }
  const given = entries.filter(([, value]) => value !== undefined);
  return given.length === entries.length ? options : (Object.fromEntries(given) as T);
}

function isOfKind(value: unknown, kind: OptionKind): boolean {
  if (typeof kind === "object") return kind.includes(value as string);
  const [base] = kind.split(" or ");
  if (base === "any") return true;
  if (value === null) return base !== kind;
  if (base === "tensor") return isTensor(value);
  if (base === "float dtype") return value === "float32" || value === "float64";
  return base === "generator" ? isGenerator(value) : typeof value === base;
}

/** The error for an option's value that is not of its kind. */
function misfit(op: string, name: string, value: unknown, kind: OptionKind): ValueError {
  if (typeof kind === "string")
    return new ValueError(op, `${name} must be a ${kind}`, textOf(value), hints[kind.split(" or ")[0]!]);
  const near = typeof value === "string" ? nearestOf(value, kind) : undefined;
  const hint = near === undefined ? "" : `did you mean "${near}"?`;
  return new ValueError(
    op,
    `${name} must be ${kind
      .map((word) => `"${word}"`)
      .join(", ")
      .replace(/, ([^,]*)$/, " or $1")}`,
    textOf(value),
    hint,
  );
}

const hints: { readonly [kind: string]: string } = {
  tensor: "wrap values in tensor(…)",
  generator: "write new Generator(seed)",
  "float dtype": 'write "float32" or "float64"',
  boolean: "write true or false",
};

/** What to write instead of an option's value in place of the options: `{ keepDims: true }`. */
function exampleOf(given: unknown, known: { readonly [name: string]: OptionKind }): string {
  const names = Object.keys(known);
  const name = names.find((key) => known[key] !== "any" && given !== null && isOfKind(given, known[key]!));
  const isPlain = typeof given !== "object" && typeof given !== "function";
  if (name !== undefined) return `write { ${name}: ${isPlain ? JSON.stringify(given) : "…"} }`;
  if (names.length === 0) return "leave them out: there are none";
  return names.length === 1 ? `write { ${names[0]}: … }` : `write { ${names.join(", ")} } with those that you need`;
}

/** The error for an option that there is not. */
export function unknownOption(
  op: string,
  name: string,
  known: readonly string[],
  elsewhere?: Lead["names"],
): ValueError {
  return new ValueError(op, "there is no such option", name, hintFor(name, known, elsewhere));
}

/** What an unknown name most likely stands for, and else all that there are. */
export function hintFor(name: string, known: readonly string[], elsewhere: Lead["names"] = {}): string {
  const camel = name.replace(/_+([a-z0-9])/gi, (_, letter: string) => letter.toUpperCase());
  const other = Object.hasOwn(elsewhere, camel) ? elsewhere[camel] : nearestOf(camel, known);
  if (other !== undefined) return known.includes(other) ? `did you mean ${other}?` : other;
  if (known.length < 2) return known.length === 0 ? "it takes none" : `there is ${known[0]} only`;
  return `there are ${known.join(", ")}`;
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

/** How many letters must be put in, taken out, replaced or swapped with the next (Damerau's distance, of optimal string alignment). */
function editDistance(a: string, b: string): number {
  let before: number[] = [];
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      next[j] = Math.min(row[j]! + 1, next[j - 1]! + 1, row[j - 1]! + Number(a[i - 1] !== b[j - 1]));
      if (a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) next[j] = Math.min(next[j]!, (before[j - 2] ?? 0) + 1);
    }
    [before, row] = [row, next];
  }
  return row[b.length]!;
}
