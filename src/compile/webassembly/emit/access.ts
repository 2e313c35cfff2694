import type { DType } from "../../../core/dtype.ts";
import { bytesOf } from "../../ir/kind.ts";
import type { Assembler, Local } from "../binary/assembler.ts";
import { newVector, repeated, type Vector, vectorOf, type Width } from "./vector.ts";

/** Reads one number, for all lanes, at a pointer plus an offset. */
export function loadSplat(c: Assembler, dtype: DType, pointer: Local, offset: number): Vector {
  const register = c.local("v128");
  c.get(pointer);
  if (dtype === "bool") c.memory("i32.load8_u", offset).op("i32x4.splat").v128(repeated(0, dtype)).op("i32x4.ne");
  else c.memory(dtype === "float64" ? "v128.load64_splat" : "v128.load32_splat", offset);
  c.set(register);
  return { dtype, parts: [register, register] };
}

/** Reads elements that lie side by side. */
export function loadRow(c: Assembler, dtype: DType, width: Width, pointer: Local, offset: number): Vector {
  return vectorOf(c, dtype, width, (k) => {
    c.get(pointer);
    if (dtype === "bool") {
      if (width === 1) c.memory("i32.load8_u", offset).op("i32x4.splat");
      else c.memory("v128.load32_zero", offset).op("i16x8.extend_low_i8x16_u", "i32x4.extend_low_i16x8_u");
      c.v128(repeated(0, dtype)).op("i32x4.ne");
    } else if (width === 4) c.memory("v128.load", offset + 16 * k);
    else c.memory(dtype === "float64" ? "v128.load64_zero" : "v128.load32_zero", offset);
  });
}

/** Reads elements one by one: `address` leaves the pointer of each on the stack. */
export function loadEach(
  c: Assembler,
  dtype: DType,
  width: Width,
  address: (lane: number) => void,
  offset: number,
): Vector {
  const vector = newVector(c, dtype, width);
  const lanes = dtype === "float64" ? 2 : 4;
  vector.parts.forEach((part, k) => {
    const count = width === 1 ? 1 : lanes;
    for (let lane = 0; lane < count; lane++) {
      if (dtype === "bool") {
        if (lane > 0) c.get(part);
        address(lane);
        c.memory("i32.load8_u", offset);
        if (lane === 0) c.op("i32x4.splat");
        else c.lane("i32x4.replace_lane", lane);
      } else {
        address(k * lanes + lane);
        if (lane === 0) c.memory(dtype === "float64" ? "v128.load64_zero" : "v128.load32_zero", offset);
        else c.get(part).laneMemory(dtype === "float64" ? "v128.load64_lane" : "v128.load32_lane", lane, offset);
      }
      c.set(part);
    }
    if (dtype === "bool") c.get(part).v128(repeated(0, dtype)).op("i32x4.ne").set(part);
  });
  return vector;
}

/** Writes elements side by side at a pointer plus an offset. */
export function storeRow(c: Assembler, { dtype, parts }: Vector, width: Width, pointer: Local, offset: number): void {
  for (const [k, part] of parts.slice(0, dtype === "float64" && width === 4 ? 2 : 1).entries()) {
    c.get(pointer).get(part);
    if (dtype === "bool") {
      c.v128(repeated(1, "int32")).op("v128.and");
      if (width === 1) c.lane("i32x4.extract_lane", 0).memory("i32.store8", offset);
      else {
        const packed = c.local("v128");
        c.set(packed).get(packed).get(packed).op("i16x8.narrow_i32x4_u").set(packed);
        c.get(packed).get(packed).op("i8x16.narrow_i16x8_u").laneMemory("v128.store32_lane", 0, offset);
        c.release(packed);
      }
    } else if (width === 4) c.memory("v128.store", offset + 16 * k);
    else c.laneMemory(dtype === "float64" ? "v128.store64_lane" : "v128.store32_lane", 0, offset);
  }
}

/** Writes elements one by one, `step` bytes apart. */
export function storeEach(
  c: Assembler,
  vector: Vector,
  width: Width,
  pointer: Local,
  offset: number,
  step: number,
): void {
  const { dtype, parts } = vector;
  const lanes = dtype === "float64" ? 2 : 4;
  for (let lane = 0; lane < width; lane++) {
    const part = parts[Math.floor(lane / lanes)]!;
    c.get(pointer)
      .i32(lane * step)
      .op("i32.add")
      .get(part);
    if (dtype === "bool") {
      c.lane("i32x4.extract_lane", lane).i32(1).op("i32.and").memory("i32.store8", offset);
    } else c.laneMemory(dtype === "float64" ? "v128.store64_lane" : "v128.store32_lane", lane % lanes, offset);
  }
}

/** How many bytes an element takes in memory. */
export const widthOf = (dtype: DType): number => bytesOf[dtype];
