import type { DType } from "../../../core/dtype.ts";
import type { Assembler } from "../binary/assembler.ts";
import { highHalf, joinLowHalves, narrowMask, repeated, type Vector, vectorOf, type Width } from "./vector.ts";

/** A vector in another dtype. */
export function emitCast(c: Assembler, x: Vector, to: DType, width: Width): Vector {
  const [low, high = low] = x.parts as [Vector["parts"][0], Vector["parts"][0]?];
  if (x.dtype === to) return x;
  if (x.dtype === "bool") {
    const ones = vectorOf(c, "int32", width, () => c.get(low).op("i32x4.neg"));
    return emitCast(c, ones, to, width);
  }
  switch (to) {
    case "bool":
      return notZero(c, x, width);
    case "float64":
      return vectorOf(c, to, width, (k) => {
        if (k === 0) c.get(low);
        else highHalf(c, low);
        c.op(x.dtype === "float32" ? "f64x2.promote_low_f32x4" : "f64x2.convert_low_i32x4_s");
      });
    case "float32":
      return vectorOf(c, to, width, () => {
        if (x.dtype === "int32") c.get(low).op("f32x4.convert_i32x4_s");
        else {
          c.get(low).op("f32x4.demote_f64x2_zero");
          if (width === 4) joinLowHalves(c.get(high).op("f32x4.demote_f64x2_zero"));
        }
      });
    case "int32":
      return vectorOf(c, to, width, () => {
        if (x.dtype === "float32") c.get(low).op("i32x4.trunc_sat_f32x4_s");
        else {
          c.get(low).op("i32x4.trunc_sat_f64x2_s_zero");
          if (width === 4) joinLowHalves(c.get(high).op("i32x4.trunc_sat_f64x2_s_zero"));
        }
      });
  }
}

function notZero(c: Assembler, x: Vector, width: Width): Vector {
  const zero = repeated(0, x.dtype);
  const [low, high = low] = x.parts as [Vector["parts"][0], Vector["parts"][0]?];
  if (x.dtype !== "float64") {
    const op = x.dtype === "float32" ? "f32x4.ne" : "i32x4.ne";
    return vectorOf(c, "bool", width, () => c.get(low).v128(zero).op(op));
  }
  const wide = vectorOf(c, "float64", width, (k) =>
    c
      .get(k === 0 ? low : high)
      .v128(zero)
      .op("f64x2.ne"),
  );
  return vectorOf(c, "bool", width, () => narrowMask(c, wide.parts[0]!, wide.parts.at(-1)!));
}
