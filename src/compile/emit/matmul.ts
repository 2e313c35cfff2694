import type { MatmulNode } from "../ir.ts";
import type { Assembler, Local } from "../wasm/assembler.ts";
import type { ModuleBuilder } from "../wasm/module.ts";
import { emitPackLeft, emitPackRight } from "./packing.ts";
import { emitPlainMatmul } from "./plainMatmul.ts";
import { type Stretch, stretches } from "./stretches.ts";
import { columnsOf, type TileShape, Tiles } from "./tile.ts";
import { bytesOf } from "./vector.ts";

/** So much of the inner axis is taken at a time, that a panel of the right operand stays in the nearest cache. */
const mostInner = 256;
/** So many rows of the left operand are taken at a time, that they stay in the next cache; tiles of 4 and of 6 divide it. */
const mostRows = 120;
/** Rows of the largest tile. */
const mostTileRows = 6;

/** Where the operands, the result and the room for packing are. */
export interface MatmulPlaces {
  readonly a: number;
  readonly b: number;
  readonly y: number;
  readonly room: number;
}

/** Whether the left operand is packed: not if it is small, and not if few columns use it. */
function packsLeft({ dtype, m, k, n }: MatmulNode): boolean {
  return m * k * bytesOf[dtype] > 16_384 && n > 2 * columnsOf(dtype);
}

/** Bytes beside the operands: panels of the right operand for so many columns, a block of the left one, a tile. */
export function matmulRoom(node: MatmulNode): number {
  if (node.dtype === "int32") return 0;
  return rightBytes(node, node.n) + leftBytes(node) + mostTileRows * 32;
}

function rightBytes({ dtype, k }: MatmulNode, n: number): number {
  return bytesOf[dtype] * Math.min(k, mostInner) * Math.ceil(n / columnsOf(dtype)) * columnsOf(dtype);
}

function leftBytes(node: MatmulNode): number {
  return packsLeft(node) ? bytesOf[node.dtype] * Math.min(node.k, mostInner) * Math.min(node.m, mostRows) : 0;
}

/**
 * Emits products of matrices, tile by tile: the sums of a tile stay in registers. A block of the right operand is packed into panels as wide
 * as a tile, and one of the left operand into strips as high as one, where that pays, so that both are read in order whatever their layout.
 */
export class MatmulEmitter {
  readonly #tiles: Tiles;
  readonly #madd: boolean;

  /** @param madd - whether the engine has fused multiply-add. */
  constructor(module: ModuleBuilder, madd: boolean) {
    this.#tiles = new Tiles(module);
    this.#madd = madd;
  }

  emit(c: Assembler, node: MatmulNode, at: MatmulPlaces): void {
    const { batch, m, k, n, dtype } = node;
    const width = bytesOf[dtype];
    const [a, b, y] = [c.local("i32"), c.local("i32"), c.local("i32")];
    c.i32(at.a).set(a).i32(at.b).set(b).i32(at.y).set(y);
    const counter = c.local("i32");
    c.i32(0).set(counter);
    c.loop(counter, batch, 1, () => {
      if (dtype === "int32") emitPlainMatmul(c, node, a, b, y);
      else this.#tiled(c, node, a, b, y, at.room);
      for (const [pointer, bytes] of [
        [a, m * k * width],
        [b, k * n * width],
        [y, m * n * width],
      ] as const) {
        c.get(pointer).i32(bytes).op("i32.add").set(pointer);
      }
    });
    for (const local of [a, b, y, counter]) c.release(local);
  }

  #tiled(c: Assembler, node: MatmulNode, a: Local, b: Local, y: Local, room: number): void {
    const { m, k, n, dtype, transposeA } = node;
    const width = bytesOf[dtype];
    // More sums than 12 registers hold would spill, and without multiply-add products take registers, too.
    const tileRows = this.#madd && dtype === "float32" ? mostTileRows : 4;
    const isPacked = packsLeft(node);
    const [rowStep, innerStep] = transposeA ? [width, width * m] : [width * k, width];
    const left = room + rightBytes(node, n);
    const aside = left + leftBytes(node);
    const [strip, panel, target] = [c.local("i32"), c.local("i32"), c.local("i32")];

    const place = (block: Stretch, rows: Stretch, columns: Stretch, inner: Stretch): void => {
      // The result's first element.
      c.get(block.from).get(rows.from).op("i32.add").i32(n).op("i32.mul").get(columns.from).op("i32.add");
      c.i32(width).op("i32.mul").get(y).op("i32.add").set(target);
      const isWhole = columns.size === columnsOf(dtype);
      const shape: TileShape = {
        dtype,
        madd: this.#madd && dtype === "float32",
        rows: rows.size,
        inner: inner.size,
        rowStep: isPacked ? width : rowStep,
        innerStep: isPacked ? rows.size * width : innerStep,
        targetStep: isWhole ? width * n : 32,
        mayAdd: k > mostInner,
      };
      const edge = { rows: rows.size, columns: columns.size, step: width * n, dtype };
      if (!isWhole && shape.mayAdd) this.#tiles.copyEdge(c, edge, target, aside, true);
      c.get(strip).get(panel);
      if (isWhole) c.get(target);
      else c.i32(aside);
      // Sums of the first block are the result so far; those of later ones go on from it.
      if (shape.mayAdd) c.get(inner.from);
      c.call(this.#tiles.of(shape));
      if (!isWhole) this.#tiles.copyEdge(c, edge, target, aside, false);
    };

    stretches(c, k, mostInner, (inner) => {
      emitPackRight(c, node, b, inner, room);
      stretches(c, m, mostRows, (block) => {
        if (isPacked) emitPackLeft(c, node, a, block, inner, tileRows, left);
        c.i32(room).set(panel);
        stretches(c, n, columnsOf(dtype), (columns) => {
          if (isPacked) c.i32(left).set(strip);
          stretches(c, block.size, tileRows, (rows) => {
            if (!isPacked) {
              c.get(block.from).get(rows.from).op("i32.add").i32(rowStep).op("i32.mul");
              c.get(inner.from).i32(innerStep).op("i32.mul", "i32.add").get(a).op("i32.add").set(strip);
            }
            place(block, rows, columns, inner);
            if (isPacked) {
              c.get(strip)
                .i32(rows.size * inner.size * width)
                .op("i32.add")
                .set(strip);
            }
          });
          c.get(panel)
            .i32(columnsOf(dtype) * inner.size * width)
            .op("i32.add")
            .set(panel);
        });
      });
    });
    for (const local of [strip, panel, target]) c.release(local);
  }
}
