import vm from "node:vm";
import { afterEach, describe, expect, test, vi } from "vitest";
import { Linear, ones, tensor, ValueError } from "../../src/index.ts";
import { decode, decodeMetadata, encode, encodeCheckpoint, loadCheckpoint } from "../../src/safetensors/index.ts";
import { fromUtf8, toUtf8 } from "../../src/safetensors/utf8.ts";

// Bytes of every kind and realm, and UTF-8 without the platform's help.

const file = encode({ é: tensor([1, 2]) }, { "😀": "ü" });

/** The file behind a few other bytes, so that its offset counts. */
const behind = new Uint8Array(16 + file.length);
behind.set(file, 16);

/** What another realm makes of the file. */
const foreign = (code: string): unknown => vm.runInNewContext(code, { list: [...file] });
const shared = new SharedArrayBuffer(file.length);
new Uint8Array(shared).set(file);

const kinds: [kind: string, bytes: unknown][] = [
  ["a Uint8Array", file],
  ["a part of one", behind.subarray(16)],
  ["a Buffer", Buffer.from(file)],
  ["a Uint8ClampedArray", new Uint8ClampedArray(file)],
  ["an Int8Array", new Int8Array(file)],
  ["a DataView with an offset", new DataView(behind.buffer, 16)],
  ["an ArrayBuffer", file.buffer],
  ["a SharedArrayBuffer", shared],
  ["a Uint8Array of another realm", foreign("Uint8Array.from(list)")],
  ["an ArrayBuffer of another realm", foreign("Uint8Array.from(list).buffer")],
  [
    "a SharedArrayBuffer of another realm",
    foreign("const b = new SharedArrayBuffer(list.length); new Uint8Array(b).set(list); b"),
  ],
  ["a DataView of another realm", foreign("new DataView(Uint8Array.from(list).buffer)")],
];

test.each(kinds)("reads %s", (_, bytes) => {
  expect(
    decode(bytes as never)
      .get("é")
      ?.toArray(),
  ).toEqual([1, 2]);
  expect([...decodeMetadata(bytes as never)]).toEqual([["😀", "ü"]]);
});

test.each(kinds)("what was read from %s does not change with it", (_, bytes) => {
  const view = ArrayBuffer.isView(bytes)
    ? new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    : new Uint8Array(bytes as ArrayBuffer);
  const x = decode(bytes as never).get("é")!;
  const last = view[view.length - 1]!;
  view[view.length - 1] = 99;
  expect(x.toArray()).toEqual([1, 2]);
  view[view.length - 1] = last;
});

const readFirst = "read the file first: await readFile(path), or await response.arrayBuffer()";
const others: [kind: string, value: unknown, end: string][] = [
  ["a promise", Promise.resolve(file), "got a promise; await it first"],
  ["a path", "model.safetensors", `got "model.safetensors", a string; ${readFirst}`],
  ["a URL", new URL("file:///model.safetensors"), `got a URL; ${readFirst}`],
  ["nothing", undefined, `got undefined; ${readFirst}`],
  ["null", null, `got null; ${readFirst}`],
  ["a state", new Map([["a", ones([1])]]), `got a Map; ${readFirst}`],
  ["a response", new Response(file), "got a Response; pass await x.arrayBuffer()"],
  ["a blob", new Blob([file]), "got a Blob; pass await x.arrayBuffer()"],
  ["numbers", [...file], "got an array; pass Uint8Array.from(array)"],
  [
    "wide numbers",
    new Uint16Array(8),
    "got a Uint16Array; pass new Uint8Array(array.buffer, array.byteOffset, array.byteLength)",
  ],
];

test.each(others)("refuses %s, and says what to write", (_, value, end) => {
  const layer = new Linear(1, 1);
  for (const read of [decode, decodeMetadata, (x: never) => loadCheckpoint(x, { layer })]) {
    expect(() => read(value as never)).toThrow(ValueError);
    expect(() => read(value as never)).toThrow(
      `${read.name || "loadCheckpoint"}: needs bytes: a Uint8Array or an ArrayBuffer, ${end}`,
    );
  }
});

test("a buffer that was transferred away is a file without bytes", () => {
  const bytes = Uint8Array.from(file);
  const { buffer } = bytes;
  structuredClone(buffer, { transfer: [buffer] });
  for (const gone of [bytes, buffer])
    expect(() => decode(gone)).toThrow(expect.objectContaining({ code: "TOO_SHORT" }));
});

describe("without TextEncoder and TextDecoder", () => {
  afterEach(() => {
    vi.unstubAllGlobals();
  });

  test("files and checkpoints are written and read", () => {
    const before = encode({ "λ😀\u0000\ufeff": ones([2]) }, { ключ: "値" });
    vi.stubGlobal("TextEncoder", undefined);
    vi.stubGlobal("TextDecoder", undefined);
    const bytes = encode({ "λ😀\u0000\ufeff": ones([2]) }, { ключ: "値" });
    expect(bytes).toEqual(before);
    expect([...decode(bytes).keys()]).toEqual(["λ😀\u0000\ufeff"]);
    expect([...decodeMetadata(bytes)]).toEqual([["ключ", "値"]]);
    const [saved, loaded] = [new Linear(2, 3), new Linear(2, 3)];
    const texts = loadCheckpoint(encodeCheckpoint({ model: saved }, { epoch: "три" }), { model: loaded });
    expect(texts.get("epoch")).toBe("три");
    expect(loaded.weight.toArray()).toEqual(saved.weight.toArray());
  });
});

describe("UTF-8 is the platform's", () => {
  const strict = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
  const wanted = (bytes: Uint8Array): string | null => {
    try {
      return strict.decode(bytes);
    } catch {
      return null;
    }
  };

  test("of every character", () => {
    let text = "";
    for (let code = 0; code <= 0x10ffff; code++) {
      if (code < 0xd800 || code > 0xdfff) text += String.fromCodePoint(code);
    }
    const bytes = toUtf8(text);
    expect(Buffer.compare(bytes, new TextEncoder().encode(text))).toBe(0);
    expect(fromUtf8(bytes) === text).toBe(true);
  });

  test("of all two bytes, of three and four about every limit", () => {
    const edges = [0x00, 0x41, 0x7f, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf, 0xc0, 0xc1, 0xc2, 0xdf, 0xe0, 0xed, 0xef];
    edges.push(0xf0, 0xf1, 0xf4, 0xf5, 0xf7, 0xf8, 0xfc, 0xfe, 0xff);
    const wrong: number[][] = [];
    const check = (...list: number[]): void => {
      const bytes = Uint8Array.from(list);
      if (fromUtf8(bytes) !== wanted(bytes)) wrong.push(list);
    };
    for (let a = 0; a < 256; a++) {
      check(a);
      for (let b = 0; b < 256; b++) check(a, b);
    }
    for (const a of edges)
      for (const b of edges)
        for (const c of edges) {
          check(a, b, c);
          for (const d of edges) if (a >= 0xe0) check(a, b, c, d);
        }
    expect(wrong).toEqual([]);
  });
});
