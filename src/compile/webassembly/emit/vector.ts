import type { DType } from "../../../core/dtype.ts";
import type { Assembler, Local } from "../binary/assembler.ts";

/**
 * Four elements of an array, or one, in vector registers: one register, or for four float64 two. Bools are masks of 32 bits. Of one
 * element, the other lanes hold anything.
 */
export interface Vector {
  readonly dtype: DType;
  readonly parts: readonly Local[];
}

/** How many elements are computed at a time. */
export type Width = 4 | 1;

/** The name of a dtype's vectors in instructions. */
export const lanesOf = { float32: "f32x4", float64: "f64x2", int32: "i32x4", bool: "i32x4" } as const;

/** How many registers a vector has. */
export function partsOf(dtype: DType, width: Width): number {
  return dtype === "float64" && width === 4 ? 2 : 1;
}

/** Registers for a vector. */
export function newVector(c: Assembler, dtype: DType, width: Width): Vector {
  return { dtype, parts: Array.from({ length: partsOf(dtype, width) }, () => c.local("v128")) };
}

/** Writes a vector part by part: `part` leaves each on the stack. */
export function vectorOf(c: Assembler, dtype: DType, width: Width, part: (k: number) => void): Vector {
  const vector = newVector(c, dtype, width);
  vector.parts.forEach((local, k) => {
    part(k);
    c.set(local);
  });
  return vector;
}

/** Sixteen bytes that repeat a number. */
export function repeated(value: number, dtype: DType): Uint8Array {
  const bytes = new Uint8Array(16);
  const view = new DataView(bytes.buffer);
  for (let i = 0; i < 16; i += dtype === "float64" ? 8 : 4) {
    if (dtype === "float64") view.setFloat64(i, value, true);
    else if (dtype === "float32") view.setFloat32(i, value, true);
    else view.setInt32(i, dtype === "bool" ? -Number(value !== 0) : value, true);
  }
  return bytes;
}

/** Leaves the low halves of two vectors of float64 or int64, narrowed to their low 32 bits, as one vector of 32 bits on the stack. */
export function narrowMask(c: Assembler, low: Local, high: Local): void {
  c.get(low).get(high).shuffle(0, 1, 2, 3, 8, 9, 10, 11, 16, 17, 18, 19, 24, 25, 26, 27);
}

/** Leaves the high half of a vector, moved to the low one, on the stack. */
export function highHalf(c: Assembler, x: Local): void {
  c.get(x).get(x).shuffle(8, 9, 10, 11, 12, 13, 14, 15, 8, 9, 10, 11, 12, 13, 14, 15);
}

/** Leaves two low halves side by side on the stack, which holds them. */
export function joinLowHalves(c: Assembler): void {
  c.shuffle(0, 1, 2, 3, 4, 5, 6, 7, 16, 17, 18, 19, 20, 21, 22, 23);
}
