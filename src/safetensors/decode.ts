import { type Bytes, bytesOf } from "../core/bytes.ts";
import { ValueError } from "../core/errors.ts";
import { inNameOf } from "../core/inNameOf.ts";
import { checkOptions, type OptionKinds } from "../core/options.ts";
import { refuseMore } from "../core/surplus.ts";
import { mapOf } from "../state.ts";
import { Tensor } from "../tensor.ts";
import { type StoredDType, storedDTypes, toLittleEndian } from "./dtypes.ts";
import { type SafetensorsCode, SafetensorsError } from "./error.ts";
import { type HeaderValue, NumberText, parseHeader, quoted } from "./header.ts";
import { fromUtf8 } from "./utf8.ts";

/** Options of {@link decode}. */
export interface DecodeOptions {
  /** Most bytes that the header may take: 16 MiB by default. */
  readonly maxHeaderBytes?: number;
  /** Refuse tensors with a NaN or an infinity; false by default. */
  readonly onlyFinite?: boolean;
}

/**
 * Reads tensors from a safetensors file. It does not trust the file: if anything is wrong, it throws an error, and it allocates no memory for data that is not there.
 *
 * float32, float64, int32 and bool are read as they are; float16 and bfloat16 as float32, which can hold all of their values; other integers as int32, if they fit. Float8 and
 * complex numbers are an error. Data that does not lie at a multiple of its size is read all the same.
 *
 * @param bytes - the file, in a `Uint8Array`, a `Buffer`, an `ArrayBuffer` or other bytes, of any realm.
 * @param options - `maxHeaderBytes`, `onlyFinite`.
 * @returns the tensors by name, in the header's order, without `requiresGrad`.
 * @throws {@link SafetensorsError} with a `code` for what is wrong; `ValueError` for anything but bytes.
 * @example
 * import { tensor } from "tinygrad-ts";
 * import { decode, encode } from "tinygrad-ts/safetensors";
 *
 * const bytes = encode({ weight: tensor([[1, 2]]), steps: tensor(7, { dtype: "int32" }) });
 * const tensors = decode(bytes);
 * tensors.get("weight")?.toArray(); // → [[1, 2]]
 */
export function decode(bytes: Bytes, options: DecodeOptions = {}): Map<string, Tensor> {
  refuseMore("decode", arguments, 2);
  const { entries, data } = readHeader("decode", bytes, options);
  const { onlyFinite = false } = options;
  return mapOf(
    entries.map(({ name, stored, shape, begin, end }): [string, Tensor] => {
      const own = new Uint8Array(data.subarray(begin, end)); // a copy, which lies at a multiple of any size
      toLittleEndian(own, stored.width);
      const values = stored.read(own.buffer, name);
      if (onlyFinite && !values.every(Number.isFinite)) {
        throw new SafetensorsError("BAD_VALUE", "decode", "all values must be finite", quoted(name));
      }
      return [name, new Tensor(values, shape, stored.dtype)];
    }),
  );
}

/**
 * Reads the metadata that was passed to {@link encode}.
 *
 * @param bytes - the file.
 * @param options - `maxHeaderBytes`.
 * @returns texts by name; none if there are none.
 * @throws {@link SafetensorsError} as {@link decode}.
 * @example
 * import { decodeMetadata, encode } from "tinygrad-ts/safetensors";
 *
 * decodeMetadata(encode({}, { epoch: "3" })).get("epoch"); // → 3
 */
export function decodeMetadata(bytes: Bytes, options: DecodeOptions = {}): Map<string, string> {
  refuseMore("decodeMetadata", arguments, 2);
  return inNameOf("decodeMetadata", ["decode"], () => readHeader("decodeMetadata", bytes, options).metadata);
}

/** A tensor in the file. */
interface Entry {
  readonly name: string;
  readonly stored: StoredDType;
  readonly shape: readonly number[];
  /** Where its bytes are, from the end of the header on. */
  readonly begin: number;
  readonly end: number;
}

/** What the header says, checked against itself and the length of the file. */
function readHeader(op: string, given: Bytes, options: DecodeOptions) {
  const kinds: OptionKinds<DecodeOptions> = { maxHeaderBytes: "number", onlyFinite: "boolean" };
  const names = { dtype: "write decode(bytes).get(name).to(dtype)" };
  const { maxHeaderBytes = 2 ** 24 } = checkOptions(op, options, kinds, { names });
  if (!(maxHeaderBytes >= 0)) {
    throw new ValueError(op, "maxHeaderBytes must be a number, 0 or more", String(maxHeaderBytes));
  }
  const bytes = bytesOf(op, given, "read the file first: await readFile(path), or await response.arrayBuffer()");
  if (bytes.length < 8) fail("TOO_SHORT", "a file has at least 8 bytes", String(bytes.length));
  const view = new DataView(bytes.buffer, bytes.byteOffset, 8);
  const length = view.getUint32(0, true) + 2 ** 32 * view.getUint32(4, true);
  if (length > bytes.length - 8) {
    const other = otherFile(bytes);
    if (other !== "") fail("HEADER_OUT_OF_BOUNDS", "needs a safetensors file", other);
    fail("HEADER_OUT_OF_BOUNDS", "the header must lie in the file", `${length} of ${bytes.length - 8} bytes`);
  }
  if (length > maxHeaderBytes) {
    const hint = "raise maxHeaderBytes if you trust the file";
    fail("HEADER_TOO_LARGE", `the header may take ${maxHeaderBytes} bytes`, String(length), hint);
  }
  const header = parseHeader(decodeText(bytes.slice(8, 8 + length)));
  const metadata = readMetadata(header.get("__metadata__"));
  const data = bytes.subarray(8 + length);
  const entries = [...header]
    .filter(([name]) => name !== "__metadata__")
    .map(([name, entry]) => readEntry(name, entry));
  checkLayout(entries, data.length);
  return { entries, metadata, data };
}

/** What a file without a header is, if its first bytes tell: a page of a server that has no such file, JSON, PyTorch's own format. */
function otherFile(bytes: Uint8Array): string {
  const start = String.fromCharCode(...bytes.subarray(0, 8));
  if (start.startsWith("PK\x03\x04")) return "a zip archive, as PyTorch and NumPy write";
  return /^[\t\n\r -~]{8}$/.test(start) ? `a text that begins with ${quoted(start)}` : "";
}

function decodeText(bytes: Uint8Array): string {
  return fromUtf8(bytes) ?? fail("BAD_UTF8", "the header must be UTF-8", "other bytes");
}

function readMetadata(value: HeaderValue | undefined): Map<string, string> {
  const rule = "__metadata__ must be an object of texts";
  if (value === undefined) return new Map();
  if (!(value instanceof Map)) return fail("BAD_METADATA", rule, kindOf(value));
  for (const [name, entry] of value as ReadonlyMap<string, HeaderValue>) {
    if (typeof entry !== "string") fail("BAD_METADATA", rule, `${kindOf(entry)} for ${quoted(name)}`);
  }
  return new Map(value as Map<string, string>);
}

function readEntry(name: string, value: HeaderValue): Entry {
  const of = ` of ${quoted(name)}`;
  const fields = value instanceof Map ? (value as ReadonlyMap<string, HeaderValue>) : new Map<string, HeaderValue>();
  const [dtype, sizes, offsets] = ["dtype", "shape", "data_offsets"].map((field) => {
    const entry = fields.get(field);
    if (entry === undefined)
      return fail("BAD_ENTRY", "a tensor needs dtype, shape and data_offsets", `no ${field}${of}`);
    return entry;
  });
  const stored = typeof dtype === "string" ? storedDTypes.get(dtype) : undefined;
  if (stored === undefined) {
    const got = `${typeof dtype === "string" ? quoted(dtype) : kindOf(dtype!)}${of}`;
    return fail("BAD_DTYPE", `dtype must be one of ${[...storedDTypes.keys()].join(", ")}`, got);
  }
  const shape = readNumbers("BAD_SHAPE", "shape", sizes!, of);
  const range = readNumbers("BAD_OFFSETS", "data_offsets", offsets!, of);
  const [begin, end] = range as [number, number];
  if (range.length !== 2 || begin > end) {
    fail("BAD_OFFSETS", "data_offsets must be a begin and an end after it", `[${range.join(", ")}]${of}`);
  }
  // Zeros left out: what is empty must not be beyond all measure once an axis of it is summed over.
  const full = shape.reduce((product, n) => product * (n || 1), stored.width as number);
  if (!Number.isSafeInteger(full)) fail("BAD_SHAPE", "a tensor must have a size", `[${shape.join(", ")}]${of}`);
  const size = shape.includes(0) ? 0 : full;
  if (size !== end - begin) {
    const got = `${end - begin} bytes for [${shape.join(", ")}]${of}`;
    fail("WRONG_SIZE", `${dtype as string} takes ${stored.width} bytes an element`, got);
  }
  return { name, stored, shape, begin, end };
}

/** Natural numbers, written as such. */
function readNumbers(code: SafetensorsCode, field: string, value: HeaderValue, of: string): number[] {
  const rule = `${field} must be an array of whole numbers from 0 on`;
  if (!Array.isArray(value)) return fail(code, rule, kindOf(value) + of);
  return (value as readonly HeaderValue[]).map((entry) => {
    const text = entry instanceof NumberText ? entry.text : "";
    const number = /^\d+$/.test(text) ? Number(text) : Number.NaN;
    return Number.isSafeInteger(number) ? number : fail(code, rule, (text || kindOf(entry)) + of);
  });
}

/** Tensors must lie one after the other, from the beginning of the data to its end. */
function checkLayout(entries: readonly Entry[], size: number): void {
  let at = 0;
  for (const { name, begin, end } of [...entries].sort((a, b) => a.begin - b.begin || a.end - b.end)) {
    const got = `${begin} for ${quoted(name)}`;
    if (begin > at) fail("HOLE", `there must be no hole: a tensor must begin at ${at}`, got);
    if (begin < at) fail("OVERLAP", `tensors must not overlap: one must begin at ${at}`, got);
    at = end;
  }
  if (at > size) fail("TRUNCATED", `there must be ${at} bytes of data`, String(size), "is the file complete?");
  if (at < size) fail("TRAILING_DATA", `there must be ${at} bytes of data`, String(size));
}

function kindOf(value: HeaderValue): string {
  if (value === null || typeof value === "boolean") return String(value);
  if (value instanceof NumberText) return "a number";
  if (typeof value === "string") return "a text";
  return Array.isArray(value) ? "an array" : "an object";
}

function fail(code: SafetensorsCode, rule: string, got: string, hint?: string): never {
  throw new SafetensorsError(code, "decode", rule, got, hint);
}
