import { isTypedArray } from "./dtype.ts";
import { textOf, ValueError } from "./errors.ts";

/** What holds bytes. */
export type Bytes = Uint8Array | Uint8ClampedArray | Int8Array | DataView | ArrayBufferLike;

/**
 * The bytes that a value holds, not copied: of a `Uint8Array`, `Uint8ClampedArray`, `Int8Array`, `Buffer`, `DataView`, `ArrayBuffer` or `SharedArrayBuffer` of any realm.
 *
 * @param otherwise - what to write instead, where the value itself does not tell.
 * @throws {@link ValueError} for anything else.
 */
export function bytesOf(op: string, given: unknown, otherwise: string): Uint8Array {
  const isWide = isTypedArray(given) && given.BYTES_PER_ELEMENT > 1;
  if (ArrayBuffer.isView(given) && !isWide) return viewOf(given.buffer, given.byteOffset, given.byteLength);
  if (/^\[object (Shared)?ArrayBuffer\]$/.test(Object.prototype.toString.call(given))) {
    return viewOf(given as ArrayBuffer, 0, (given as ArrayBuffer).byteLength);
  }
  const { then, arrayBuffer } = (given ?? {}) as { readonly [name: string]: unknown };
  let hint = otherwise;
  if (typeof then === "function") hint = "await it first";
  else if (typeof arrayBuffer === "function") hint = "pass await x.arrayBuffer()";
  else if (Array.isArray(given)) hint = "pass Uint8Array.from(array)";
  else if (isWide) hint = "pass new Uint8Array(array.buffer, array.byteOffset, array.byteLength)";
  throw new ValueError(op, "needs bytes: a Uint8Array or an ArrayBuffer", textOf(given), hint);
}

/** A buffer that was transferred away has no bytes left, and takes no view. */
function viewOf(buffer: ArrayBufferLike, offset: number, length: number): Uint8Array {
  return length === 0 ? new Uint8Array() : new Uint8Array(buffer, offset, length);
}
