import { type Id, isNumber, type MapNode, type Node } from "../../ir.ts";
import type { Assembler } from "../binary/assembler.ts";
import type { Plain } from "../binary/opcodes.ts";
import { emitCast } from "./cast.ts";
import { isElementary, type MathEmitter } from "./math/kernels.ts";
import { lanesOf, narrowMask, type Vector, vectorOf, type Width } from "./vector.ts";

/** Computes an elementwise function of vectors. */
export function emitMap(
  c: Assembler,
  { fn, dtype }: MapNode,
  args: readonly Vector[],
  width: Width,
  math: MathEmitter,
): Vector {
  if (isElementary(fn)) return math.emit(c, fn, args, width);
  const [x, y, z] = args as [Vector, Vector, Vector];
  const lanes = lanesOf[x.dtype];
  switch (fn) {
    case "cast":
      return emitCast(c, x, dtype, width);
    case "not":
      return vectorOf(c, dtype, width, () => c.get(x.parts[0]!).op("v128.not"));
    case "and":
    case "or":
    case "xor":
      return vectorOf(c, dtype, width, () => c.get(x.parts[0]!).get(y.parts[0]!).op(`v128.${fn}`));
    case "select":
      return emitSelect(c, x, y, z, width);
    case "neg":
    case "abs":
    case "sqrt":
    case "floor":
    case "ceil":
      return vectorOf(c, dtype, width, (k) => c.get(x.parts[k]!).op(`${lanes}.${fn}` as Plain));
    case "round":
      return vectorOf(c, dtype, width, (k) => c.get(x.parts[k]!).op(`${lanes}.nearest` as Plain));
    case "add":
    case "sub":
    case "mul":
    case "div":
      return vectorOf(c, dtype, width, (k) =>
        c
          .get(x.parts[k]!)
          .get(y.parts[k]!)
          .op(`${lanes}.${fn}` as Plain),
      );
    case "min":
    case "max": {
      const op = lanes === "i32x4" ? (`i32x4.${fn}_s` as const) : (`${lanes}.${fn}` as const);
      return vectorOf(c, dtype, width, (k) => c.get(x.parts[k]!).get(y.parts[k]!).op(op));
    }
    case "lt":
    case "le":
    case "eq":
    case "ne": {
      const isSigned = lanes === "i32x4" && (fn === "lt" || fn === "le");
      const op = `${lanes}.${fn}${isSigned ? "_s" : ""}` as Plain;
      const wide = vectorOf(c, x.dtype, width, (k) => c.get(x.parts[k]!).get(y.parts[k]!).op(op));
      if (x.dtype !== "float64") return { dtype, parts: wide.parts };
      return vectorOf(c, dtype, width, () => narrowMask(c, wide.parts[0]!, wide.parts.at(-1)!));
    }
  }
}

/** Whether a `select` is "mask ? a : 0", which the bits of both give. */
export function isMasked({ fn, args }: MapNode, nodes: readonly Node[]): boolean {
  const none = nodes[args[2]!];
  return fn === "select" && none !== undefined && isNumber(none) && Object.is(none.values[0], 0);
}

/** Computes "mask ? a : 0". */
export function emitMasked(c: Assembler, mask: Vector, a: Vector, width: Width): Vector {
  return vectorOf(c, a.dtype, width, (k) => {
    c.get(a.parts[k]!).get(mask.parts[0]!);
    if (a.dtype === "float64") c.op(halves[k]!);
    c.op("v128.and");
  });
}

/** The masks of two float64, of those of four. */
const halves = ["i64x2.extend_low_i32x4_s", "i64x2.extend_high_i32x4_s"] as const;

/** Of a `select` that is "a < b ? b : a", the two: engines have an instruction for it, where `max`, which cares for NaN and −0, takes them eight. Null for all else. */
export function largerOf({ fn, args, dtype }: MapNode, nodes: readonly Node[]): readonly [Id, Id] | null {
  if (fn !== "select" || (dtype !== "float32" && dtype !== "float64")) return null;
  const [test, b, a] = args as readonly [Id, Id, Id];
  const mask = nodes[test]!;
  return "fn" in mask && mask.fn === "lt" && mask.args[0] === a && mask.args[1] === b ? [a, b] : null;
}

/** Computes "a < b ? b : a" of floats. */
export function emitLarger(c: Assembler, a: Vector, b: Vector, width: Width): Vector {
  const op = a.dtype === "float64" ? "f64x2.pmax" : "f32x4.pmax";
  return vectorOf(c, a.dtype, width, (k) => c.get(a.parts[k]!).get(b.parts[k]!).op(op));
}

function emitSelect(c: Assembler, mask: Vector, a: Vector, b: Vector, width: Width): Vector {
  const [low] = mask.parts;
  return vectorOf(c, a.dtype, width, (k) => {
    c.get(a.parts[k]!).get(b.parts[k]!).get(low!);
    if (a.dtype === "float64") c.op(halves[k]!);
    c.op("v128.bitselect");
  });
}
