import { SafetensorsError } from "./error.ts";
import { isWellFormed } from "./utf8.ts";

/** A number as it was written, since `2.0`, `-0` and 2⁶⁴ are numbers to JSON, but no sizes. */
export class NumberText {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

/** A JSON value, objects as Maps: `__proto__` is a name like any other. */
export type HeaderValue =
  | string
  | boolean
  | null
  | NumberText
  | readonly HeaderValue[]
  | ReadonlyMap<string, HeaderValue>;

/** A header nests three deep; nothing that is meant well goes far beyond. */
const deepest = 16;

/**
 * Reads JSON strictly. Of what `JSON.parse` hides, it refuses an object with a key that is there twice, and keeps how numbers were written.
 *
 * @param text - an object, from its `{` on; only white space may follow it, as the reference reader has it.
 * @throws {@link SafetensorsError} BAD_JSON or DUPLICATE_KEY.
 */
export function parseHeader(text: string): ReadonlyMap<string, HeaderValue> {
  let at = 0;
  if (text[0] !== "{") fail("must begin with {");
  const result = readObject(0);
  skipSpace();
  if (at < text.length) fail("may be followed by white space only");
  return result;

  function readValue(depth: number): HeaderValue {
    if (depth > deepest) fail("nests too deep");
    switch (text[at]) {
      case "{":
        return readObject(depth);
      case "[":
        return readArray(depth);
      case '"':
        return readString();
      default:
        return readWord();
    }
  }

  function readObject(depth: number): ReadonlyMap<string, HeaderValue> {
    const entries = new Map<string, HeaderValue>();
    readList("}", () => {
      if (text[at] !== '"') fail("needs a key in quotation marks");
      const key = readString();
      skipSpace();
      expectCharacter(":");
      skipSpace();
      const value = readValue(depth + 1);
      if (entries.has(key)) {
        throw new SafetensorsError("DUPLICATE_KEY", "decode", "no key of the header may be there twice", quoted(key));
      }
      entries.set(key, value);
    });
    return entries;
  }

  function readArray(depth: number): readonly HeaderValue[] {
    const entries: HeaderValue[] = [];
    readList("]", () => entries.push(readValue(depth + 1)));
    return entries;
  }

  /** What stands between a bracket and its partner, with commas between. */
  function readList(end: string, readEntry: () => void): void {
    at++;
    skipSpace();
    if (text[at] === end) {
      at++;
      return;
    }
    for (;;) {
      readEntry();
      skipSpace();
      if (text[at] === end) break;
      expectCharacter(",");
      skipSpace();
    }
    at++;
  }

  function readString(): string {
    const start = at++;
    for (; text[at] !== '"'; at++) {
      if (at >= text.length) fail("has a string without an end");
      if (text[at] === "\\") at++;
    }
    at++;
    let value: string;
    try {
      // Between its quotation marks a string is what JSON.parse takes for one: escapes, no control characters.
      value = JSON.parse(text.slice(start, at)) as string;
    } catch {
      at = start;
      return fail("has a string that is none");
    }
    if (!isWellFormed(value)) {
      at = start;
      fail("has half of a surrogate pair");
    }
    return value;
  }

  function readWord(): HeaderValue {
    const pattern = /true|false|null|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
    pattern.lastIndex = at;
    const word = pattern.exec(text)?.[0] ?? fail("has something that is no value");
    at += word.length;
    if (word === "null") return null;
    return word === "true" || word === "false" ? word === "true" : new NumberText(word);
  }

  function expectCharacter(character: string): void {
    if (text[at] !== character) fail(`needs ${character}`);
    at++;
  }

  function skipSpace(): void {
    while (text[at] === " " || text[at] === "\n" || text[at] === "\r" || text[at] === "\t") at++;
  }

  function fail(what: string): never {
    const got = at < text.length ? `${quoted(text.slice(at, at + 12))} at character ${at}` : "its end";
    throw new SafetensorsError("BAD_JSON", "decode", `the header ${what}`, got);
  }
}

/** A name, as errors show it: short, and with what is not to be seen escaped. */
export function quoted(text: string): string {
  return JSON.stringify(text.length > 60 ? `${text.slice(0, 60)}…` : text);
}
