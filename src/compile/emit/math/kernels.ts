import type { MapFn } from "../../ir.ts";
import type { Assembler } from "../../wasm/assembler.ts";
import type { ModuleBuilder } from "../../wasm/module.ts";
import { emitCast } from "../cast.ts";
import { type Vector, vectorOf, type Width } from "../vector.ts";
import { erf } from "./erf.ts";
import { exp } from "./exp.ts";
import { expm1, sigmoid, tanh } from "./expm1.ts";
import { defineHugeAngle } from "./hugeAngle.ts";
import { brief, double, type Format, type Kept, Lanes, single, type Term } from "./lanes.ts";
import { log, log1p } from "./log.ts";
import { pow } from "./pow.ts";
import { sine } from "./trig.ts";

const ownKernels = { exp, expm1, log, log1p, tanh, sigmoid, erf } as const;

/** Functions that have kernels here. */
export type Elementary = keyof typeof ownKernels | "sin" | "cos" | "pow";

export function isElementary(fn: MapFn): fn is Elementary {
  return fn in ownKernels || fn === "sin" || fn === "cos" || fn === "pow";
}

/** Emits elementary functions of vectors: nothing is imported, so that results depend on no engine. */
export class MathEmitter {
  readonly #module: ModuleBuilder;
  readonly #madd: boolean;
  #hugeAngle = -1;

  /** @param madd - whether the engine has fused multiply-add, and it may be used. */
  constructor(module: ModuleBuilder, madd: boolean) {
    this.#module = module;
    this.#madd = madd;
  }

  emit(c: Assembler, fn: Elementary, args: readonly Vector[], width: Width): Vector {
    const { dtype } = args[0]!;
    if (fn !== "sin" && fn !== "cos" && fn !== "pow") {
      return this.#each(c, dtype === "float32" ? single : double, args, width, (v, [x]) => ownKernels[fn](v, x!));
    }
    // In float32, these are computed in float64: a short formula there is nearly exact, and no slower than a careful one.
    const wide = args.map((x) => emitCast(c, x, "float64", width));
    const result = this.#each(c, dtype === "float32" ? brief : double, wide, width, (v, [x, y]) =>
      fn === "pow" ? pow(v, x!, y!) : sine(v, x!, fn === "cos", () => this.#reduceHuge()),
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

  #reduceHuge(): number {
    if (this.#hugeAngle < 0) this.#hugeAngle = defineHugeAngle(this.#module);
    return this.#hugeAngle;
  }
}
