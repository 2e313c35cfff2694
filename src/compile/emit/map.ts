import { errorFunction } from "../../ops/erf.ts";
import type { MapNode } from "../ir.ts";
import type { Assembler } from "../wasm/assembler.ts";
import type { Plain } from "../wasm/opcodes.ts";
import { emitCast } from "./cast.ts";
import { emitExp, emitLog, emitTanh } from "./mathKernels.ts";
import { lanesOf, narrowMask, type Vector, vectorOf, type Width } from "./vector.ts";

/** Functions of JavaScript's that a program may import, by name. */
export const hostFunctions: Readonly<Record<string, (...x: number[]) => number>> = {
  "Math.exp": Math.exp,
  "Math.expm1": Math.expm1,
  "Math.log": Math.log,
  "Math.log1p": Math.log1p,
  "Math.sin": Math.sin,
  "Math.cos": Math.cos,
  "Math.tanh": Math.tanh,
  "Math.pow": Math.pow,
  erf: errorFunction,
};

/** The number of an imported function in the module. */
export type Importer = (name: string, params: number) => number;

const kernels = { exp: emitExp, log: emitLog, tanh: emitTanh } as const;

/** Computes an elementwise function of vectors. */
export function emitMap(
  c: Assembler,
  { fn, dtype }: MapNode,
  args: readonly Vector[],
  width: Width,
  importer: Importer,
): Vector {
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
    case "exp":
    case "log":
    case "tanh":
      return vectorOf(c, dtype, width, (k) => kernels[fn](c, x.parts[k]!));
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
    default:
      return emitHost(c, importer(fn, args.length), args, width);
  }
}

function emitSelect(c: Assembler, mask: Vector, a: Vector, b: Vector, width: Width): Vector {
  const [low] = mask.parts;
  return vectorOf(c, a.dtype, width, (k) => {
    c.get(a.parts[k]!).get(b.parts[k]!).get(low!);
    if (a.dtype === "float64") c.op(k === 0 ? "i64x2.extend_low_i32x4_s" : "i64x2.extend_high_i32x4_s");
    c.op("v128.bitselect");
  });
}

/** Calls a function for each element. */
function emitHost(c: Assembler, func: number, args: readonly Vector[], width: Width): Vector {
  const call = (k: number, lane: number): void => {
    for (const { parts } of args) c.get(parts[k]!).lane("f64x2.extract_lane", lane);
    c.call(func);
  };
  return vectorOf(c, "float64", width, (k) => {
    call(k, 0);
    c.op("f64x2.splat");
    if (width === 1) return;
    call(k, 1);
    c.lane("f64x2.replace_lane", 1);
  });
}
