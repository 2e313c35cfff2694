import { describe, expect, test } from "vitest";
import { ValueError } from "../../src/index.ts";
import { decode, type SafetensorsCode, SafetensorsError } from "../../src/safetensors/index.ts";
import { entry, fileOf } from "./files.ts";

// Files that must be refused, and files that look odd and must not be, beside those of the conformance suite.

const t = entry("F32", [2], [0, 8]);
const number = (text: string): string => `{"t":{"dtype":"U8","shape":[${text}],"data_offsets":[0,1]}}`;
const offset = (text: string): string => `{"t":{"dtype":"U8","shape":[1],"data_offsets":[0,${text}]}}`;
const nested = (depth: number): string => `{"t":${"[".repeat(depth)}${"]".repeat(depth)}}`;

const refused: [id: string, code: SafetensorsCode, bytes: Uint8Array][] = [
  ["a length of 2⁶⁴ − 1", "HEADER_OUT_OF_BOUNDS", fileOf("{}", 0, 2n ** 64n - 1n)],
  ["a length of 2⁶³, negative to some", "HEADER_OUT_OF_BOUNDS", fileOf("{}", 0, 2n ** 63n)],
  ["a length of 2³², 0 to some", "HEADER_OUT_OF_BOUNDS", fileOf("{}", 0, 2n ** 32n)],
  ["a length one too large", "HEADER_OUT_OF_BOUNDS", fileOf("{}", 0, 3)],
  ["a length one too small", "BAD_JSON", fileOf(`{"t":${t}}`, 8, `{"t":${t}}`.length - 1)],
  ["UTF-16", "BAD_UTF8", fileOf(Uint8Array.of(0xff, 0xfe, 0x7b, 0, 0x7d, 0))],
  ["a surrogate in UTF-8", "BAD_UTF8", fileOf(Uint8Array.of(0x7b, 0x22, 0xed, 0xa0, 0x80, 0x22, 0x7d))],
  ["a header that is an array", "BAD_JSON", fileOf("[]")],
  ["a header that is a text", "BAD_JSON", fileOf('"{}"')],
  ["a form feed after the header", "BAD_JSON", fileOf("{}\f")],
  ["a no-break space after the header", "BAD_JSON", fileOf("{}\u00a0")],
  ["a byte-order mark after the header", "BAD_JSON", fileOf("{}\ufeff")],
  ["a comma at the end", "BAD_JSON", fileOf(`{"t":${t},}`, 8)],
  ["a comma at the end of a shape", "BAD_JSON", fileOf('{"t":{"dtype":"U8","shape":[1,],"data_offsets":[0,1]}}', 1)],
  ["a comma that is missing", "BAD_JSON", fileOf(`{"t":${t} "u":${t}}`, 8)],
  ["a colon that is missing", "BAD_JSON", fileOf(`{"t" ${t}}`, 8)],
  ["single quotation marks", "BAD_JSON", fileOf("{'t':1}")],
  ["a key without quotation marks", "BAD_JSON", fileOf("{t:1}")],
  ["a key that is a number", "BAD_JSON", fileOf("{1:1}")],
  ["NaN", "BAD_JSON", fileOf(number("NaN"), 1)],
  ["Infinity", "BAD_JSON", fileOf(number("Infinity"), 1)],
  ["a plus sign", "BAD_JSON", fileOf(number("+1"), 1)],
  ["a zero in front", "BAD_JSON", fileOf(number("01"), 1)],
  ["hexadecimal", "BAD_JSON", fileOf(number("0x1"), 1)],
  ["a string without an end", "BAD_JSON", fileOf('{"t')],
  ["an escape without an end", "BAD_JSON", fileOf('{"t\\')],
  ["an escape that is none", "BAD_JSON", fileOf(`{"\\x41":${t}}`, 8)],
  ["a control character in a name", "BAD_JSON", fileOf(`{"\u0001":${t}}`, 8)],
  ["half of a surrogate pair, escaped", "BAD_JSON", fileOf(`{"\\ud800":${t}}`, 8)],
  ["the other half", "BAD_JSON", fileOf(`{"\\udc00x":${t}}`, 8)],
  ["a nest of 10,000 arrays", "BAD_JSON", fileOf(nested(10_000))],
  [
    "a key twice, two levels down",
    "DUPLICATE_KEY",
    fileOf('{"t":{"dtype":"U8","shape":[1],"x":{"a":1,"a":1},"data_offsets":[0,1]}}', 1),
  ],
  ["__proto__ twice", "DUPLICATE_KEY", fileOf(`{"__proto__":${t},"__proto__":${t}}`, 8)],
  ["metadata with a key twice", "DUPLICATE_KEY", fileOf('{"__metadata__":{"a":"1","a":"1"}}')],
  ["metadata that is an array", "BAD_METADATA", fileOf('{"__metadata__":[]}')],
  ["metadata that is null", "BAD_METADATA", fileOf('{"__metadata__":null}')],
  ["metadata that is a tensor", "BAD_METADATA", fileOf(`{"__metadata__":${t}}`, 8)],
  ["metadata with null for a text", "BAD_METADATA", fileOf('{"__metadata__":{"a":null}}')],
  ["a tensor that is null", "BAD_ENTRY", fileOf('{"t":null}')],
  ["a tensor that is a number", "BAD_ENTRY", fileOf('{"t":1}')],
  ["a tensor that is an array", "BAD_ENTRY", fileOf('{"t":["F32",[2],[0,8]]}', 8)],
  ["a tensor without a shape", "BAD_ENTRY", fileOf('{"t":{"dtype":"F32","data_offsets":[0,8]}}', 8)],
  ["a tensor without offsets", "BAD_ENTRY", fileOf('{"t":{"dtype":"F32","shape":[2]}}', 8)],
  ["a dtype that is a number", "BAD_DTYPE", fileOf(`{"t":${entry(32, [2], [0, 8])}}`, 8)],
  ["a dtype that is null", "BAD_DTYPE", fileOf(`{"t":${entry(null, [2], [0, 8])}}`, 8)],
  ["a dtype that objects have", "BAD_DTYPE", fileOf(`{"t":${entry("constructor", [2], [0, 8])}}`, 8)],
  ["float8", "BAD_DTYPE", fileOf(`{"t":${entry("F8_E4M3", [8], [0, 8])}}`, 8)],
  ["complex numbers", "BAD_DTYPE", fileOf(`{"t":${entry("C64", [1], [0, 8])}}`, 8)],
  ["a shape that is null", "BAD_SHAPE", fileOf(`{"t":${entry("U8", null, [0, 1])}}`, 1)],
  ["a shape that is a number", "BAD_SHAPE", fileOf(`{"t":${entry("U8", 1, [0, 1])}}`, 1)],
  ["a size of 1.0", "BAD_SHAPE", fileOf(number("1.0"), 1)],
  ["a size of 1e0", "BAD_SHAPE", fileOf(number("1e0"), 1)],
  ["a size of 0.5", "BAD_SHAPE", fileOf(number("0.5"), 1)],
  ["a size of −1", "BAD_SHAPE", fileOf(number("-1"), 1)],
  ["a size of true", "BAD_SHAPE", fileOf(number("true"), 1)],
  ["a size of null", "BAD_SHAPE", fileOf(number("null"), 1)],
  ["a size of [1]", "BAD_SHAPE", fileOf(number("[1]"), 1)],
  ["a size of 2⁵³ + 1, 2⁵³ to JavaScript", "BAD_SHAPE", fileOf(number("9007199254740993"), 1)],
  ["a size of 20 digits", "BAD_SHAPE", fileOf(number("18446744073709551617"), 1)],
  ["sizes whose product overflows", "BAD_SHAPE", fileOf(`{"t":${entry("U8", [2 ** 32, 2 ** 32], [0, 0])}}`)],
  ["such with a 0 after them", "BAD_SHAPE", fileOf(`{"t":${entry("U8", [2 ** 32, 2 ** 32, 0], [0, 0])}}`)],
  ["such with a 0 before them", "BAD_SHAPE", fileOf(`{"t":${entry("U8", [0, 2 ** 32, 2 ** 32], [0, 0])}}`)],
  ["bytes whose number overflows", "BAD_SHAPE", fileOf(`{"t":${entry("F64", [2 ** 51], [0, 0])}}`)],
  ["offsets that are null", "BAD_OFFSETS", fileOf(`{"t":${entry("U8", [1], null)}}`, 1)],
  ["offsets that are an object", "BAD_OFFSETS", fileOf(`{"t":${entry("U8", [1], { 0: 0, 1: 1 })}}`, 1)],
  ["one offset", "BAD_OFFSETS", fileOf(`{"t":${entry("U8", [1], [0])}}`, 1)],
  ["no offsets", "BAD_OFFSETS", fileOf(`{"t":${entry("U8", [1], [])}}`, 1)],
  ["an offset of 1.0", "BAD_OFFSETS", fileOf(offset("1.0"), 1)],
  ["an offset of −1", "BAD_OFFSETS", fileOf(offset("-1"), 1)],
  ["an offset of 2⁶⁴ + 1", "BAD_OFFSETS", fileOf(offset("18446744073709551617"), 1)],
  ['an offset of "1"', "BAD_OFFSETS", fileOf(offset('"1"'), 1)],
  ["fewer bytes than elements", "WRONG_SIZE", fileOf(`{"t":${entry("F32", [3], [0, 8])}}`, 8)],
  ["more bytes than elements", "WRONG_SIZE", fileOf(`{"t":${entry("F32", [1], [0, 8])}}`, 8)],
  ["bytes for no elements", "WRONG_SIZE", fileOf(`{"t":${entry("F32", [0], [0, 8])}}`, 8)],
  ["half of an element", "WRONG_SIZE", fileOf(`{"t":${entry("F64", [1], [0, 4])}}`, 4)],
  ["a hole between tensors", "HOLE", fileOf(`{"a":${entry("U8", [1], [0, 1])},"b":${entry("U8", [1], [2, 3])}}`, 3)],
  [
    "an empty tensor beyond the others",
    "HOLE",
    fileOf(`{"a":${entry("U8", [1], [0, 1])},"b":${entry("U8", [0], [2, 2])}}`, 2),
  ],
  [
    "tensors that overlap by a byte",
    "OVERLAP",
    fileOf(`{"a":${entry("U8", [2], [0, 2])},"b":${entry("U8", [2], [1, 3])}}`, 3),
  ],
  ["one within another", "OVERLAP", fileOf(`{"a":${entry("U8", [4], [0, 4])},"b":${entry("U8", [1], [1, 2])}}`, 4)],
  ["data one byte short", "TRUNCATED", fileOf(`{"t":${t}}`, 7)],
  ["data one byte long", "TRAILING_DATA", fileOf(`{"t":${t}}`, 9)],
  [
    "an integer above int32",
    "BAD_VALUE",
    fileOf(`{"t":${entry("I64", [1], [0, 8])}}`, Uint8Array.of(0, 0, 0, 0x80, 0, 0, 0, 0)),
  ],
  [
    "an integer below int32",
    "BAD_VALUE",
    fileOf(`{"t":${entry("I64", [1], [0, 8])}}`, Uint8Array.of(255, 255, 255, 127, 255, 255, 255, 255)),
  ],
  ["a U32 above int32", "BAD_VALUE", fileOf(`{"t":${entry("U32", [1], [0, 4])}}`, Uint8Array.of(0, 0, 0, 0x80))],
  ["a U64 of 2⁶⁴ − 1", "BAD_VALUE", fileOf(`{"t":${entry("U64", [1], [0, 8])}}`, new Uint8Array(8).fill(255))],
];

test.each(refused)("refuses %s: %s", (_, code, bytes) => {
  const read = (): unknown => decode(bytes);
  expect(read).toThrow(SafetensorsError);
  expect(read).toThrow(expect.objectContaining({ code, op: "decode", name: "SafetensorsError" }));
});

const accepted: [id: string, bytes: Uint8Array, names: string[]][] = [
  ["no tensors at all", fileOf("{}"), []],
  ["JSON's white space after the header", fileOf(`{"t":${t}} \n\r\t\n`, 8), ["t"]],
  ["spaces in and after the header", fileOf(`{ "t" :\t${t}\n}   `, 8), ["t"]],
  [
    "names like properties of objects",
    fileOf(`{"__proto__":${entry("U8", [1], [0, 1])},"hasOwnProperty":${entry("U8", [1], [1, 2])}}`, 2),
    ["__proto__", "hasOwnProperty"],
  ],
  ["an empty name", fileOf(`{"":${t}}`, 8), [""]],
  ["a name with escapes and a surrogate pair", fileOf(`{"\\u0000\\n\\ud83d\\ude00":${t}}`, 8), ["\u0000\n😀"]],
  [
    "empty tensors anywhere",
    fileOf(`{"a":${entry("F32", [0], [0, 0])},"b":${entry("U8", [2], [0, 2])},"c":${entry("F64", [2, 0], [2, 2])}}`, 2),
    ["a", "b", "c"],
  ],
  [
    "fields that this version does not know",
    fileOf('{"t":{"dtype":"U8","shape":[1],"x":[{"y":-1.5e3}],"data_offsets":[0,1]}}', 1),
    ["t"],
  ],
  ["metadata only", fileOf('{"__metadata__":{"__proto__":"x"}}'), []],
];

test.each(accepted)("reads %s", (_, bytes, names) => {
  expect([...decode(bytes).keys()]).toEqual(names);
  expect({}).not.toHaveProperty("x");
});

describe("options", () => {
  test("the header may be 16 MiB long, unless said otherwise", () => {
    const padded = fileOf(`{}${" ".repeat(2 ** 24 - 1)}`);
    expect(() => decode(padded)).toThrow(expect.objectContaining({ code: "HEADER_TOO_LARGE" }));
    expect(decode(padded.subarray(0, 8).length === 8 ? fileOf(`{}${" ".repeat(2 ** 24 - 2)}`) : padded).size).toBe(0);
    expect(decode(padded, { maxHeaderBytes: 2 ** 25 }).size).toBe(0);
    expect(() => decode(fileOf("{} "), { maxHeaderBytes: 2 })).toThrow(
      "decode: the header may take 2 bytes, got 3; raise maxHeaderBytes if you trust the file",
    );
  });

  test("values that are not finite may be refused", () => {
    const file = (value: number): Uint8Array =>
      fileOf(`{"t":${entry("F32", [1], [0, 4])}}`, new Uint8Array(Float32Array.of(value).buffer));
    expect(decode(file(Number.NaN)).get("t")!.toArray()).toEqual([Number.NaN]);
    expect(decode(file(3), { onlyFinite: true }).get("t")!.toArray()).toEqual([3]);
    for (const value of [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]) {
      expect(() => decode(file(value), { onlyFinite: true })).toThrow('decode: all values must be finite, got "t"');
    }
  });

  test("only bytes are taken", () => {
    for (const value of [undefined, null, "text", [1, 2], {}]) {
      expect(() => decode(value as never)).toThrow(ValueError);
      expect(() => decode(value as never)).toThrow("decode: needs bytes: a Uint8Array or an ArrayBuffer");
    }
  });
});

test("an integer that does not fit is named with its tensor", () => {
  const file = fileOf(`{"ids":${entry("U32", [1], [0, 4])}}`, Uint8Array.of(0, 0, 0, 0x80));
  expect(() => decode(file)).toThrow('decode: integers must fit into int32, got 2147483648 in "ids"');
});

test("messages say what is where", () => {
  const message = (header: string, data = 0): string => {
    try {
      decode(fileOf(header, data));
      return "";
    } catch (error) {
      return (error as Error).message;
    }
  };
  expect(message('{"a":nil}')).toBe('decode: the header has something that is no value, got "nil}" at character 5');
  expect(message('{"a":1')).toBe("decode: the header needs ,, got its end");
  expect(message(`{"w":${entry("F32", [2, 2], [0, 12])}}`, 12)).toBe(
    'decode: F32 takes 4 bytes an element, got 12 bytes for [2, 2] of "w"',
  );
  expect(message(`{"w":${t}}`, 7)).toBe("decode: there must be 8 bytes of data, got 7; is the file complete?");
});
