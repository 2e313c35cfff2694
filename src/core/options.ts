import { DTypeError, textOf, ValueError } from "./errors.ts";
import { isGenerator, isTensor } from "./runtime.ts";

type Kind = "boolean" | "number" | "string" | "function" | "tensor" | "generator";

/**
 * What an option's value must be. A list is of the strings that are allowed; `"string"` is for words of the user's own only. `"any"` leaves it to the
 * function that takes it.
 */
export type OptionKind = Kind | `${Kind} or null` | "any" | readonly (string | null)[];

/** The options that a function takes, each with its kind: complete, or it does not compile. */
export type OptionKinds<T> = { readonly [K in keyof Required<T>]: OptionKind };

/** What leads on from a mistake, where a function knows more than its options' names. */
export interface Lead {
  /** Names that other libraries give to an option, in camel case: for each the name here, or what to write. */
  readonly names?: { readonly [elsewhere: string]: string };
  /** What to write instead of something that is not an object; undefined for what is usual. */
  readonly instead?: (given: unknown) => string | undefined;
}

/**
 * Checks options at the door: that they are an object, that each is known, and that each is of its kind.
 *
 * @param op - the function that takes them.
 * @param options - what was given; nothing is as good as `{}`.
 * @param kinds - all known options.
 * @param lead - what else leads on.
 * @returns the options, without those that are undefined.
 * @throws {@link ValueError} naming the nearest option, or saying what to write if the options are missing around a value.
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
    const isMapped = Array.isArray(options) && typeof options[0] === "object";
    const mapped = `if map passes it: write xs.map((x) => ${op}(x))`;
    const hint = lead.instead?.(options) ?? (isMapped ? mapped : exampleOf(options, known));
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
  return base === "generator" ? isGenerator(value) : typeof value === base;
}

/** The error for an option's value that is not of its kind. */
function misfit(op: string, name: string, value: unknown, kind: OptionKind): ValueError | DTypeError {
  if (typeof kind === "object") return notAmong(op, name, value, kind);
  return new ValueError(op, `${name} must be a ${kind}`, textOf(value), hints[kind.split(" or ")[0]!]);
}

/** The error for a value that is none of the strings that are allowed: it names the nearest. */
export function notAmong(op: string, name: string, value: unknown, allowed: readonly (string | null)[]): DTypeError {
  const near = isString(value) ? nearestOf(value, allowed.filter(isString)) : undefined;
  const hint = near === undefined ? "" : `did you mean "${near}"?`;
  return new (name === "dtype" ? DTypeError : ValueError)(
    op,
    `${name} must be ${choice(allowed)}`,
    textOf(value),
    hint,
  );
}

/** `"mean", "sum" or "none"`. */
function choice(allowed: readonly (string | null)[]): string {
  const quoted = allowed.map((word) => JSON.stringify(word));
  return quoted.join(", ").replace(/, ([^,]*)$/, " or $1");
}

function isString(value: unknown): value is string {
  return typeof value === "string";
}

const hints: { readonly [kind: string]: string } = {
  tensor: "wrap values in tensor(…)",
  generator: "write new Generator(seed)",
  boolean: "write true or false",
};

/** What to write for an option's value where the options belong: `{ keepDims: true }`. */
function exampleOf(given: unknown, known: { readonly [name: string]: OptionKind }): string {
  const names = Object.keys(known);
  const name = names.find((key) => known[key] !== "any" && given !== null && isOfKind(given, known[key]!));
  const isPlain = typeof given !== "object" && typeof given !== "function";
  if (name !== undefined) return `write { ${name}: ${isPlain ? JSON.stringify(given) : "…"} }`;
  for (const key of isString(given) ? names : []) {
    const kind = known[key]!;
    const near = typeof kind === "object" && nearestOf(given as string, kind.filter(isString));
    if (near) return `write { ${key}: "${near}" }`;
  }
  if (names.length === 0) return "leave them out: there are none";
  if (names.length > 1) return `write { ${names.join(", ")} } with those that you need`;
  const kind = known[names[0]!]!;
  return `write { ${names[0]}: … }${typeof kind === "object" ? ` with ${choice(kind)}` : ""}`;
}

/** The error for an unknown option. */
export function unknownOption(
  op: string,
  name: string,
  known: readonly string[],
  elsewhere?: Lead["names"],
): ValueError {
  return new ValueError(op, "there is no such option", name, hintFor(name, known, elsewhere));
}

/** What an unknown name most likely stands for, or else all known names. */
export function hintFor(name: string, known: readonly string[], elsewhere: Lead["names"] = {}): string {
  // A name that is elsewhere's exactly goes before one that is near a name here.
  const words = wordsOf(name).join("");
  const exact = Object.keys(elsewhere).find((other) => other.toLowerCase() === words);
  const near = exact ? [exact] : allNear(name, [...known, ...Object.keys(elsewhere)]);
  const meant = near.map((other) => (Object.hasOwn(elsewhere, other) ? elsewhere[other]! : other));
  const names = meant.filter((other) => known.includes(other));
  if (names.length > 0) return `did you mean ${[...new Set(names)].join(" or ")}?`;
  // A bare word is an option of the function's relatives.
  const advice = meant.find((other) => /\W/.test(other));
  if (advice) return advice;
  if (known.length < 2) return known.length === 0 ? "it takes none" : `there is ${known[0]} only`;
  return `there are ${known.join(", ")}`;
}

/** The known name that is nearest to a word, if one is near. */
export function nearestOf(word: string, known: readonly string[]): string | undefined {
  return allNear(word, known)[0];
}

/**
 * The known name that is nearest to a word, by one edit for each three letters, at most four; else those that are part of the word, or that
 * the word is part of.
 */
function allNear(word: string, known: readonly string[]): string[] {
  const words = wordsOf(word);
  const whole = words.join("");
  const most = Math.min(4, Math.max(1, Math.floor(whole.length / 3)));
  for (let edits = 0; edits <= most; edits++) {
    const name = known.find((other) => isNear(whole, wordsOf(other).join(""), edits));
    if (name !== undefined) return [name];
  }
  return known.filter((other) => isPart(words, wordsOf(other)) || isPart(wordsOf(other), words));
}

/** The words of a name, in small letters: `max_lr` and `maxLr` are `max` and `lr`. */
function wordsOf(name: string): string[] {
  return name
    .replace(/([a-z0-9])([A-Z])/g, "$1 $2")
    .toLowerCase()
    .split(/[^a-z0-9]+/);
}

/** Whether some words are found in others: between words, or with three letters and more anywhere. */
function isPart(part: readonly string[], of: readonly string[]): boolean {
  const text = part.join("");
  return text.length > 2 ? of.join("").includes(text) : of.includes(text);
}

/** Whether some letters put in, taken out, replaced or swapped with the next make one word of the other. */
function isNear(a: string, b: string, edits: number): boolean {
  if (a === b) return true;
  if (a !== "" && a[0] === b[0]) return isNear(a.slice(1), b.slice(1), edits);
  const skip = (i: number, j: number): boolean => isNear(a.slice(i), b.slice(j), edits - 1);
  if (edits === 0) return false;
  return skip(1, 0) || skip(0, 1) || skip(1, 1) || (a[0] === b[1] && a[1] === b[0] && skip(2, 2));
}
