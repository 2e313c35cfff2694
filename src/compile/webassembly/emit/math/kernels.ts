import type { MapFn } from "../../../ir.ts";
import type { Assembler } from "../../binary/assembler.ts";
import type { ModuleBuilder } from "../../binary/module.ts";
import { emitCast } from "../cast.ts";
import { type Vector, vectorOf, type Width } from "../vector.ts";
import { acos, asin, atan } from "./arc.ts";
import { erf } from "./erf.ts";
import { exp } from "./exp.ts";
import { expm1, sigmoid, tanh } from "./expm1.ts";
import { defineHugeAngle } from "./hugeAngle.ts";
import { brief, double, type Format, type Kept, Lanes, single, type Term } from "./lanes.ts";
import { log, log1p, logarithmTo } from "./log.ts";
import { pow } from "./pow.ts";
import { defineRemainder, remainder } from "./remainder.ts";
import { sine, tangent } from "./trig.ts";

/** Of these, float32 is computed in float64: a short formula there is nearly exact, and no slower than a careful one. */
const wideKernels: Record<Wide, (v: Lanes, args: readonly Kept[], helpers: Helpers) => Term> = {
  sin: (v, [x], { hugeAngle }) => sine(v, x!, false, hugeAngle),
  cos: (v, [x], { hugeAngle }) => sine(v, x!, true, hugeAngle),
  tan: (v, [x], { hugeAngle }) => tangent(v, x!, hugeAngle),
  rem: (v, [x, y], helpers) => remainder(v, x!, y!, helpers.remainder),
  asin: (v, [x]) => asin(v, x!),
  acos: (v, [x]) => acos(v, x!),
  atan: (v, [x]) => atan(v, x!),
  log2: (v, [x]) => logarithmTo(v, x!, 2),
  log10: (v, [x]) => logarithmTo(v, x!, 10),
  pow: (v, [x, y]) => pow(v, x!, y!),
};

/** Functions of the module that kernels call: defined when the first does. */
interface Helpers {
  readonly hugeAngle: () => number;
  readonly remainder: () => number;
}

type Wide = "sin" | "cos" | "tan" | "asin" | "acos" | "atan" | "log2" | "log10" | "pow" | "rem";

const ownKernels = { exp, expm1, log, log1p, tanh, sigmoid, erf } as const;

/** Functions that have kernels here. */
export type Elementary = keyof typeof ownKernels | Wide;

export function isElementary(fn: MapFn): fn is Elementary {
  return fn in ownKernels || fn in wideKernels;
}

function once(define: () => number): () => number {
  let defined = -1;
  return () => {
    if (defined < 0) defined = define();
    return defined;
  };
}

function isWide(fn: Elementary): fn is Wide {
  return fn in wideKernels;
}

/** Emits elementary functions of vectors: nothing is imported, so results depend on no engine. */
export class MathEmitter {
  readonly #madd: boolean;
  readonly #helpers: Helpers;

  /** @param madd - whether the engine has fused multiply-add, and it may be used. */
  constructor(module: ModuleBuilder, madd: boolean) {
    this.#madd = madd;
    this.#helpers = {
      hugeAngle: once(() => defineHugeAngle(module)),
      remainder: once(() => defineRemainder(module)),
    };
  }

  emit(c: Assembler, fn: Elementary, args: readonly Vector[], width: Width): Vector {
    const { dtype } = args[0]!;
    if (!isWide(fn)) {
      return this.#each(c, dtype === "float32" ? single : double, args, width, (v, [x]) => ownKernels[fn](v, x!));
    }
    const wide = args.map((x) => emitCast(c, x, "float64", width));
    const result = this.#each(c, dtype === "float32" ? brief : double, wide, width, (v, own) =>
      wideKernels[fn](v, own, this.#helpers),
    );
    return emitCast(c, result, dtype, width);
  }

  /** Computes the registers of a vector one after the other. */
  #each(
    c: Assembler,
    format: Format,
    args: readonly Vector[],
    width: Width,
    kernel: (v: Lanes, args: readonly Kept[]) => Term,
  ): Vector {
    return vectorOf(c, format.dtype, width, (k) => {
      const v = new Lanes(c, format, this.#madd);
      kernel(
        v,
        args.map(({ parts }) => Object.assign(() => void c.get(parts[k]!), { local: parts[k]! })),
      )();
      v.release();
    });
  }
}
