import { expect, test } from "vitest";
import { Generator, permutation, rand, Tensor, TinygradError, tensor, zeros } from "../../src/index.ts";
import { decode, decodeMetadata, encode } from "../../src/safetensors/index.ts";

// Files that were right, changed where it hurts: nothing but typed errors and tensors may come of them. FUZZ=10000000 looks further.
const count = Number(process.env["FUZZ"] ?? 100_000);
const seed = Number(process.env["SEED"] ?? 0);

const generator = new Generator(seed);
let drawn: ArrayLike<number> = [];
let at = 0;

/** A number from 0 to below n. */
function below(n: number): number {
  if (at === drawn.length) {
    drawn = rand([2 ** 14], { dtype: "float64", generator }).data;
    at = 0;
  }
  return Math.floor(drawn[at++]! * n);
}

const pick = <T>(list: readonly T[]): T => list[below(list.length)]!;

const files = [
  encode({}),
  encode(
    {
      w: tensor([
        [1, 2],
        [3, 4],
      ]),
      b: zeros([0]),
    },
    { a: "b" },
  ),
  encode({
    n: tensor([1, 2, 3], { dtype: "int32" }),
    f: tensor([true, false]),
    d: tensor([1, 2], { dtype: "float64" }),
    s: tensor(1),
  }),
  encode(
    new Map([
      ["__proto__", tensor([1])],
      ["层", permutation(4)],
    ]),
    { 名: '"\\\n' },
  ),
];

const words = [
  '{"a":1}',
  "0",
  "-0",
  "1",
  "2",
  "8",
  "16",
  "1.0",
  "1e3",
  "-1",
  "4294967296",
  "9007199254740993",
  "18446744073709551616",
  "null",
  "true",
  "[]",
  "{}",
  '""',
  '"t"',
];
const dtypes = [
  "F64",
  "F32",
  "F16",
  "BF16",
  "I64",
  "U64",
  "I32",
  "U32",
  "I16",
  "U16",
  "I8",
  "U8",
  "BOOL",
  "F8_E4M3",
  "f32",
  "toString",
];
const pieces = [
  "{",
  "}",
  "[",
  "]",
  ",",
  ":",
  '"',
  "\\",
  "\\u0000",
  "\\ud800",
  " ",
  "\n",
  "\t",
  "/**/",
  "\u0000",
  "é",
  "😀",
  '"__metadata__":{"a":"b"},',
  '"__proto__":',
  '"dtype":"U8",',
];

/** Changes a header's text in one place that means something. */
function mutateText(text: string): string {
  const numbers = [...text.matchAll(/\d+/g)];
  const strings = [...text.matchAll(/"[^"]*"/g)];
  const entries = [...text.matchAll(/"dtype".*?\]\}/g)];
  const replace = (match: RegExpMatchArray | undefined, by: string): string => {
    return match === undefined ? text : text.slice(0, match.index) + by + text.slice(match.index! + match[0].length);
  };
  const place = below(text.length + 1);
  const other = below(text.length + 1);
  switch (below(9)) {
    case 0:
      return replace(pick(numbers), pick(words));
    case 1:
      return replace(pick(numbers), String(below(64)));
    case 2:
      return replace(pick(strings), `"${pick(dtypes)}"`);
    case 3:
      return replace(pick(strings), pick(strings)?.[0] ?? "");
    case 8:
      return replace(pick(entries), pick(entries)?.[0] ?? "");
    case 4:
      return text.slice(0, place) + pick(pieces) + text.slice(place);
    case 5:
      return text.slice(0, Math.min(place, other)) + text.slice(Math.max(place, other));
    case 6:
      return text.slice(0, place) + text.slice(Math.min(place, other), Math.max(place, other)) + text.slice(place);
    default:
      return text.slice(0, place);
  }
}

/** Changes a file: its length, header, data, or any bytes. */
function mutate(file: Uint8Array): Uint8Array {
  const length = new DataView(file.buffer).getUint32(0, true);
  let text = new TextDecoder().decode(file.subarray(8, 8 + length));
  for (let i = below(3); i >= 0; i--) text = mutateText(text);
  let header = new TextEncoder().encode(text);
  if (below(8) === 0) header = header.map((byte) => (below(header.length) === 0 ? below(256) : byte));
  const data = file.subarray(8 + length);
  const kept = below(4) === 0 ? data.subarray(0, below(data.length + 1)) : data;
  const bytes = new Uint8Array(8 + header.length + kept.length + (below(8) === 0 ? below(9) : 0));
  const claimed =
    below(8) === 0 ? pick([0, 1, length, header.length + 1, bytes.length, 2 ** 31, 2 ** 53]) : header.length;
  new DataView(bytes.buffer).setBigUint64(0, BigInt(claimed), true);
  bytes.set(header, 8);
  bytes.set(kept, 8 + header.length);
  return bytes;
}

test(`${count} files that were changed give typed errors or tensors`, { timeout: 24 * 3_600_000 }, () => {
  const outcomes = new Map<string, number>();
  for (let i = 0; i < count; i++) {
    const bytes = mutate(pick(files));
    let outcome = "read";
    try {
      for (const x of decode(bytes).values()) {
        if (!(x instanceof Tensor) || x.data.length !== x.size)
          expect.fail(`no whole tensor, from ${Buffer.from(bytes).toString("base64")}`);
      }
      decodeMetadata(bytes);
    } catch (error) {
      if (!(error instanceof TinygradError) || !("code" in error)) {
        throw new Error(`seed ${seed}, file ${i}: ${Buffer.from(bytes).toString("base64")}`, { cause: error });
      }
      outcome = String(error.code);
    }
    outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
  }
  // The changes reach all of the reader: most files are refused, for every reason there is, and some still are right.
  const reasons =
    "BAD_DTYPE BAD_ENTRY BAD_JSON BAD_METADATA BAD_OFFSETS BAD_SHAPE BAD_UTF8 DUPLICATE_KEY HEADER_OUT_OF_BOUNDS HOLE OVERLAP TRAILING_DATA TRUNCATED WRONG_SIZE read";
  for (const reason of reasons.split(" ")) expect(outcomes.get(reason) ?? 0, reason).toBeGreaterThan(count / 10_000);
});
