import type { DType } from "../../../core/dtype.ts";
import { bytesOf } from "../../ir/kind.ts";
import { Assembler, type Local } from "../binary/assembler.ts";
import type { ModuleBuilder } from "../binary/module.ts";
import { lanesOf } from "./vector.ts";

/** Columns of a tile: two vectors. */
export const columnsOf = (dtype: DType): number => (dtype === "float64" ? 4 : 8);

/** What a tile's function is made for. Steps are in bytes. */
export interface TileShape {
  readonly dtype: DType;
  readonly madd: boolean;
  readonly rows: number;
  readonly inner: number;
  /** From a row of the left operand to the next, and from an element of the inner axis to the next. */
  readonly rowStep: number;
  readonly innerStep: number;
  /** From a row of the result to the next. */
  readonly targetStep: number;
  /** Whether sums may go on from what the result holds. */
  readonly mayAdd: boolean;
}

/** A part of the result that is narrower than a tile. */
export interface Edge {
  readonly dtype: DType;
  readonly rows: number;
  readonly columns: number;
  readonly step: number;
}

/** The functions of a module that compute tiles of a product, each made once. */
export class Tiles {
  readonly #module: ModuleBuilder;
  readonly #known = new Map<string, number>();

  constructor(module: ModuleBuilder) {
    this.#module = module;
  }

  /** The function's number: it takes pointers to the left operand, the panel and the result, and, if it may add, whether to. */
  of(shape: TileShape): number {
    const key = JSON.stringify(shape);
    let known = this.#known.get(key);
    if (known === undefined) {
      known = this.#module.define(emitTile(shape));
      this.#known.set(key, known);
    }
    return known;
  }

  /** Copies an edge of the result to a whole tile that lies aside, or back. */
  copyEdge(c: Assembler, { dtype, rows, columns, step }: Edge, target: Local, aside: Local, isThere: boolean): void {
    const width = bytesOf[dtype];
    const type = dtype === "float64" ? "f64" : "f32";
    for (let r = 0; r < rows; r++) {
      for (let j = 0; j < columns; j++) {
        const [own, beside] = [step * r + width * j, 32 * r + width * j];
        if (isThere) c.get(aside).get(target).memory(`${type}.load`, own).memory(`${type}.store`, beside);
        else c.get(target).get(aside).memory(`${type}.load`, beside).memory(`${type}.store`, own);
      }
    }
  }
}

function emitTile({ dtype, madd, rows, inner, rowStep, innerStep, targetStep, mayAdd }: TileShape): Assembler {
  const c = new Assembler(mayAdd ? ["i32", "i32", "i32", "i32"] : ["i32", "i32", "i32"]);
  const [strip, panel, y, isLater] = c.params as [Local, Local, Local, Local];
  const lanes = lanesOf[dtype] as "f32x4" | "f64x2";
  const splat = dtype === "float64" ? "v128.load64_splat" : "v128.load32_splat";
  const sums = Array.from({ length: rows }, () => [c.local("v128"), c.local("v128")] as const);
  const [left, right, factor] = [c.local("v128"), c.local("v128"), c.local("v128")];
  if (mayAdd) {
    c.get(isLater).if(() => {
      sums.forEach((pair, r) => {
        pair.forEach((sum, j) => {
          c.get(y)
            .memory("v128.load", targetStep * r + 16 * j)
            .set(sum);
        });
      });
    });
  }
  const end = c.local("i32");
  c.get(panel)
    .i32(32 * inner)
    .op("i32.add")
    .set(end);
  // One step a round: engines lose registers over unrolled loops.
  c.loop(panel, end, 32, () => {
    c.get(panel).memory("v128.load").set(left);
    c.get(panel).memory("v128.load", 16).set(right);
    sums.forEach((pair, r) => {
      c.get(strip)
        .memory(splat, r * rowStep)
        .set(factor);
      pair.forEach((sum, j) => {
        c.get(factor).get(j === 0 ? left : right);
        if (madd) c.get(sum).op(`${lanes}.relaxed_madd`).set(sum);
        else c.op(`${lanes}.mul`).get(sum).op(`${lanes}.add`).set(sum);
      });
    });
    c.get(strip).i32(innerStep).op("i32.add").set(strip);
  });
  sums.forEach((pair, r) => {
    pair.forEach((sum, j) => {
      c.get(y)
        .get(sum)
        .memory("v128.store", targetStep * r + 16 * j);
    });
  });
  return c;
}
