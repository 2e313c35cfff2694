import { allocate } from "../core/dtype.ts";
import { textOf, ValueError } from "../core/errors.ts";
import { isTensor } from "../core/runtime.ts";
import { refuseMore } from "../core/surplus.ts";
import type { StateDict } from "../state.ts";
import type { Tensor } from "../tensor.ts";
import { namesOfDTypes, toLittleEndian } from "./dtypes.ts";
import { SafetensorsError } from "./error.ts";
import { quoted } from "./header.ts";
import { isWellFormed, toUtf8 } from "./utf8.ts";

/** Metadata that is saved with the tensors: texts by name. */
export type Metadata = ReadonlyMap<string, string> | { readonly [name: string]: string };

/**
 * Writes tensors as a safetensors file, the format of Hugging Face, which PyTorch, JAX and others read. The same tensors and metadata give the same bytes.
 *
 * The header names the tensors in the order in which they are given; their data goes by size of the elements, so each lies at a multiple of it.
 *
 * @param tensors - tensors of any dtype and shape by name, in a Map or a plain object, say a `stateDict()`.
 * @param metadata - texts by name, in a Map or a plain object.
 * @returns the file.
 * @throws `ValueError` for anything that is not a tensor or a text; {@link SafetensorsError} BAD_NAME for names and texts that UTF-8 cannot say, and for `__metadata__`.
 * @example
 * import { Linear } from "tinygrad-ts";
 * import { decode, decodeMetadata, encode } from "tinygrad-ts/safetensors";
 *
 * const bytes = encode(new Linear(2, 3).stateDict(), { epoch: "3" });
 * [...decode(bytes).keys()]; // → ["weight", "bias"]
 * decodeMetadata(bytes).get("epoch"); // → 3
 */
export function encode(
  tensors: StateDict,
  metadata: Metadata = {},
): Uint8Array & {
  /** Memory of its own, which is not shared. */
  readonly buffer: ArrayBuffer;
} {
  refuseMore("encode", arguments, 2);
  const entries = entriesOf<Tensor>("tensors", tensors);
  for (const [name, x] of entries) {
    checkText(name);
    if (!isTensor(x)) {
      const got = `${textOf(x)} for ${quoted(name)}`;
      throw new ValueError("encode", "needs tensors", got, "wrap values in tensor(…)");
    }
    if (name === "__metadata__") fail("a tensor cannot have this name", name);
  }
  const remarks = entriesOf<string>("metadata", metadata);
  for (const [name, text] of remarks) {
    if (typeof text !== "string") {
      const hint = "write String(value), or JSON.stringify(value)";
      throw new ValueError("encode", "metadata must be texts", `${textOf(text)} for ${quoted(name)}`, hint);
    }
    checkText(name);
    checkText(text);
  }

  const width = (x: Tensor): number => x.values.BYTES_PER_ELEMENT;
  const offsets = new Map<string, [number, number]>();
  let size = 0;
  for (const [name, x] of [...entries].sort(([, a], [, b]) => width(b) - width(a))) {
    offsets.set(name, [size, size + x.values.byteLength]);
    size += x.values.byteLength;
  }
  // Written entry by entry: an object would put names that are numbers first, and lose __proto__.
  const parts = entries.map(([name, { dtype, shape }]) => {
    const entry = { dtype: namesOfDTypes[dtype], shape, data_offsets: offsets.get(name) };
    return `${JSON.stringify(name)}:${JSON.stringify(entry)}`;
  });
  if (remarks.length > 0) {
    const texts = remarks.map(([name, text]) => `${JSON.stringify(name)}:${JSON.stringify(text)}`);
    parts.unshift(`"__metadata__":{${texts.join(",")}}`);
  }
  const text = toUtf8(`{${parts.join(",")}}`);
  const length = Math.ceil(text.length / 8) * 8;

  const bytes = allocate("bool", 8 + length + size, "encode") as Uint8Array & { readonly buffer: ArrayBuffer };
  new DataView(bytes.buffer).setUint32(0, length, true); // a header of 2³² bytes or more is longer than any text can be
  bytes.set(text, 8);
  bytes.fill(0x20, 8 + text.length, 8 + length);
  for (const [name, x] of entries) {
    const { buffer, byteOffset, byteLength } = x.values;
    const [begin, end] = offsets.get(name)!;
    const place = bytes.subarray(8 + length + begin, 8 + length + end);
    place.set(new Uint8Array(buffer, byteOffset, byteLength));
    toLittleEndian(place, width(x));
  }
  return bytes;
}

function entriesOf<T>(what: string, given: ReadonlyMap<string, T> | { readonly [name: string]: T }): [string, T][] {
  // By the tag: Maps of every realm, and no tensor or layer.
  const tag = Object.prototype.toString.call(given);
  if (tag === "[object Map]") return [...(given as ReadonlyMap<string, T>)];
  if (tag === "[object Object]") return Object.entries(given);
  const { stateDict, then } = (given ?? {}) as { readonly stateDict?: unknown; readonly then?: unknown };
  let hint = what === "metadata" ? "write { note: text }" : "name them: encode({ weight: x })";
  if (typeof stateDict === "function") hint = "write encode(model.stateDict())";
  else if (typeof then === "function") hint = "await it first";
  throw new ValueError("encode", `${what} must be in a Map or an object`, textOf(given), hint);
}

function checkText(text: string): void {
  if (typeof text !== "string") throw new ValueError("encode", "names must be texts", textOf(text));
  if (!isWellFormed(text)) fail("UTF-8 has no way to say half of a surrogate pair", text);
}

function fail(rule: string, name: string): never {
  throw new SafetensorsError("BAD_NAME", "encode", rule, quoted(name));
}
