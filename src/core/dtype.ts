import { ShapeError } from "./errors.ts";
import { notAmong } from "./options.ts";
import { runtime } from "./runtime.ts";
import { refuseMore } from "./surplus.ts";

/** Element type of a tensor. `float32` is the default; `int32` is for indices, `bool` for masks. */
export type DType = "float32" | "float64" | "int32" | "bool";

/** The floating-point dtypes: the only ones that carry gradients. */
export type FloatDType = "float32" | "float64";

/** All dtypes, and those that are floating: what options allow. */
export const dtypes = ["float32", "float64", "int32", "bool"] as const;
export const floatDtypes = ["float32", "float64"] as const;

/** The JavaScript array behind a tensor of some dtype (`bool` is stored as 0 and 1 in a `Uint8Array`). */
export type TypedArray = Float32Array | Float64Array | Int32Array | Uint8Array;

/** A typed array of any class that data may come in: `Uint8ClampedArray`, `Uint16Array`, `BigInt64Array` … */
export interface NumericArray extends ArrayLike<number | bigint> {
  /** The size of an element, in bytes. */
  readonly BYTES_PER_ELEMENT: number;
  /** The name of its class. */
  readonly [Symbol.toStringTag]: string;
}

/**
 * A fresh, zeroed array of `size` elements.
 *
 * @throws {@link DTypeError} for an unknown dtype; {@link ShapeError} for more elements than fit into memory.
 */
export function allocate(dtype: DType, size: number, op = "dtype"): TypedArray {
  try {
    if (dtype === "float32") return new Float32Array(size);
    if (dtype === "float64") return new Float64Array(size);
    if (dtype === "int32") return new Int32Array(size);
    if (dtype === "bool") return new Uint8Array(size);
  } catch (error) {
    throw tooLarge(error, dtype, size, op);
  }
  throw notAmong(op, "dtype", dtype, dtypes);
}

function tooLarge(error: unknown, dtype: DType, size: number, op: string): unknown {
  if (!(error instanceof RangeError)) return error;
  const bytes = size * { float32: 4, float64: 8, int32: 4, bool: 1 }[dtype];
  return new ShapeError(op, "the elements must fit into memory", `${size} of ${dtype}, ${bytes} bytes`);
}

/** For arrays of 2ᵏ⁻¹ to 2ᵏ bytes, the buffer that the next ones are windows of, and how much of it is taken. */
const shared: { readonly buffer: ArrayBuffer; taken: number }[] = [];

/**
 * {@link allocate}, for results of ops of 9 to 512 elements. Engines keep arrays of up to 64 bytes beside other objects, but give larger ones a buffer of their own, which takes longer than most
 * ops on 2,000 bytes. So up to there, eight and more arrays of about one size are windows of one buffer: one that stays keeps at most sixteen times its bytes.
 */
export function allocateWindow(dtype: DType, size: number, op: string): TypedArray {
  const isDouble = dtype === "float64";
  const bytes = isDouble ? size * 8 : (size * 4 + 7) & -8;
  if (bytes <= 64 || bytes > 2048 || !isFloat(dtype)) return allocate(dtype, size, op);
  const k = 32 - Math.clz32(bytes - 1);
  let chunk = shared[k];
  if (chunk === undefined || chunk.taken + bytes > chunk.buffer.byteLength) {
    chunk = { buffer: new ArrayBuffer(8 << k), taken: 0 };
    shared[k] = chunk;
  }
  const at = chunk.taken;
  chunk.taken = at + bytes;
  return isDouble ? new Float64Array(chunk.buffer, at, size) : new Float32Array(chunk.buffer, at, size);
}

/** {@link allocate}, of the class that `like` has. */
export function allocateLike(like: TypedArray, size: number, op: string): TypedArray {
  return allocate(like.BYTES_PER_ELEMENT === 1 ? "bool" : dtypeOfArray(like), size, op);
}

/** Whether `dtype` is floating point. */
export function isFloat(dtype: DType): dtype is FloatDType {
  return dtype === "float32" || dtype === "float64";
}

/** Whether a value is a typed array of any class, made in this realm or in another (an iframe, a `vm` context, a test environment). */
export function isTypedArray(value: unknown): value is NumericArray {
  return ArrayBuffer.isView(value) && classOf(value as unknown as NumericArray) !== "DataView";
}

/** The dtype that a typed array is read into if none is given: float64 for `Float64Array`, float32 for other floats, int32 for integers of any width. */
export function dtypeOfArray(array: NumericArray): DType {
  const name = classOf(array);
  if (name === "Float64Array") return "float64";
  return name.startsWith("Float") ? "float32" : "int32";
}

/** The name of a typed array's class, the same in every realm; a subclass has that of its base. */
function classOf(array: NumericArray): string {
  return array[Symbol.toStringTag];
}

const rank: Record<DType, number> = { bool: 0, int32: 1, float32: 2, float64: 3 };

/** What two dtypes are computed in: bool < int32 < float32 < float64. */
export function promote(a: DType, b: DType): DType {
  return rank[a] >= rank[b] ? a : b;
}

/**
 * The floating dtype that creation functions use when none is given.
 *
 * @example
 * getDefaultDtype(); // → float32
 */
export function getDefaultDtype(): FloatDType {
  return runtime.defaultDtype;
}

/**
 * Sets the floating dtype of tensors created from now on; existing tensors keep theirs.
 *
 * @param dtype - `"float32"` or `"float64"`.
 * @throws {@link DTypeError} for any other value.
 * @example
 * setDefaultDtype("float64");
 * tensor([1, 2]).dtype; // → float64
 * setDefaultDtype("float32");
 */
export function setDefaultDtype(dtype: FloatDType): void {
  refuseMore("setDefaultDtype", arguments, 1);
  if (dtype !== "float32" && dtype !== "float64") {
    throw notAmong("setDefaultDtype", "dtype", dtype, floatDtypes);
  }
  runtime.defaultDtype = dtype;
}
