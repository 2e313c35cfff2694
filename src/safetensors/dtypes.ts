import type { DType, TypedArray } from "../core/dtype.ts";
import { SafetensorsError } from "./error.ts";
import { quoted } from "./header.ts";

/** How the bytes of a dtype of the format become a dtype of this library. */
export interface StoredDType {
  /** Bytes of an element. */
  readonly width: 1 | 2 | 4 | 8;
  /** The library's dtype. */
  readonly dtype: DType;
  /** Elements out of a buffer that holds nothing else. */
  readonly read: (buffer: ArrayBuffer, name: string) => TypedArray;
}

/** By the format's names. What this library lacks is read as what holds the same values, if they fit. */
export const storedDTypes: ReadonlyMap<string, StoredDType> = /* @__PURE__ */ new Map<string, StoredDType>([
  ["F64", { width: 8, dtype: "float64", read: (buffer) => new Float64Array(buffer) }],
  ["F32", { width: 4, dtype: "float32", read: (buffer) => new Float32Array(buffer) }],
  ["F16", { width: 2, dtype: "float32", read: (buffer) => Float32Array.from(new Uint16Array(buffer), halfToNumber) }],
  ["BF16", { width: 2, dtype: "float32", read: (buffer) => new Float32Array(widened(new Uint16Array(buffer)).buffer) }],
  ["I64", { width: 8, dtype: "int32", read: (buffer, name) => toInt32(new BigInt64Array(buffer), name) }],
  ["U64", { width: 8, dtype: "int32", read: (buffer, name) => toInt32(new BigUint64Array(buffer), name) }],
  ["I32", { width: 4, dtype: "int32", read: (buffer) => new Int32Array(buffer) }],
  ["U32", { width: 4, dtype: "int32", read: (buffer, name) => toInt32(new Uint32Array(buffer), name) }],
  ["I16", { width: 2, dtype: "int32", read: (buffer) => Int32Array.from(new Int16Array(buffer)) }],
  ["U16", { width: 2, dtype: "int32", read: (buffer) => Int32Array.from(new Uint16Array(buffer)) }],
  ["I8", { width: 1, dtype: "int32", read: (buffer) => Int32Array.from(new Int8Array(buffer)) }],
  ["U8", { width: 1, dtype: "int32", read: (buffer) => Int32Array.from(new Uint8Array(buffer)) }],
  ["BOOL", { width: 1, dtype: "bool", read: (buffer) => new Uint8Array(buffer).map((v) => (v === 0 ? 0 : 1)) }],
]);

/** The format's names for what this library writes. */
export const namesOfDTypes = { float64: "F64", float32: "F32", int32: "I32", bool: "BOOL" } as const;

/** Turns elements between this machine's order of bytes and the format's, which is little-endian, as nearly all machines are. */
export function toLittleEndian(bytes: Uint8Array, width: number): void {
  if (new Uint8Array(Uint16Array.of(1).buffer)[0] === 1) return;
  for (let i = 0; i < bytes.length; i += width) bytes.subarray(i, i + width).reverse();
}

/** A float16's value (IEEE 754 binary16): 1 bit of sign, 5 of exponent, 10 of fraction. */
function halfToNumber(bits: number): number {
  const sign = bits >> 15 === 0 ? 1 : -1;
  const exponent = (bits >> 10) & 31;
  const fraction = bits & 1023;
  if (exponent === 31) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  return exponent === 0 ? sign * fraction * 2 ** -24 : sign * (1024 + fraction) * 2 ** (exponent - 25);
}

/** A bfloat16 is the upper half of a float32. */
function widened(halves: Uint16Array): Uint32Array {
  return Uint32Array.from(halves, (bits) => (bits << 16) >>> 0);
}

function toInt32(values: Iterable<number | bigint>, name: string): Int32Array {
  return Int32Array.from(values as Iterable<number>, (value) => {
    const number = Number(value);
    if (number === (number | 0)) return number;
    throw new SafetensorsError("BAD_VALUE", "decode", "integers must fit into int32", `${value} in ${quoted(name)}`);
  });
}
