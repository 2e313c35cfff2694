import type { MatmulNode } from "../ir.ts";
import { Assembler, type Local } from "../wasm/assembler.ts";
import type { ModuleBuilder } from "../wasm/module.ts";
import { emitPacking, panelsOf, tileColumns } from "./packing.ts";
import { type Stretch, stretches } from "./stretches.ts";
import { bytesOf } from "./vector.ts";

/** Rows of a tile: four, or six where multiply-add leaves the registers for it. With more, sums do not fit into the registers. */
const mostTileRows = 6;
/** So much of the inner axis is taken at a time, that a panel of the right operand stays in the nearest cache. */
const mostInner = 256;
/** So many rows of the left operand are taken at a time, that they stay in the next cache. */
const mostRows = 120;

/** Bytes that a product needs beside its operands: the right operand's panels, and a tile. */
export function matmulRoom({ dtype, k, n }: MatmulNode): number {
  return dtype === "float32" ? 32 * Math.min(k, mostInner) * panelsOf(n) + 32 * mostTileRows : 0;
}

/**
 * Emits products of float32 matrices, tile by tile: 4 rows by 8 columns of sums stay in registers. A block of the right operand is packed
 * into panels of 8 columns first, so that it is read in order whatever its layout; the left one is read in place.
 */
export class MatmulEmitter {
  readonly #module: ModuleBuilder;
  readonly #madd: boolean;
  readonly #tiles = new Map<string, number>();

  /** @param madd - whether the engine has fused multiply-add. */
  constructor(module: ModuleBuilder, madd: boolean) {
    this.#module = module;
    this.#madd = madd;
  }

  emit(
    c: Assembler,
    node: MatmulNode,
    at: { readonly a: number; readonly b: number; readonly y: number; readonly room: number },
  ): void {
    const { batch, m, k, n } = node;
    const width = bytesOf[node.dtype];
    const [a, b, y] = [c.local("i32"), c.local("i32"), c.local("i32")];
    c.i32(at.a).set(a).i32(at.b).set(b).i32(at.y).set(y);
    const counter = c.local("i32");
    c.i32(0).set(counter);
    c.loop(counter, batch, 1, () => {
      if (node.dtype === "float32") this.#tiled(c, node, a, b, y, at.room);
      else emitPlain(c, node, a, b, y);
      c.get(a)
        .i32(m * k * width)
        .op("i32.add")
        .set(a);
      c.get(b)
        .i32(k * n * width)
        .op("i32.add")
        .set(b);
      c.get(y)
        .i32(m * n * width)
        .op("i32.add")
        .set(y);
    });
    for (const local of [a, b, y, counter]) c.release(local);
  }

  #tiled(c: Assembler, node: MatmulNode, a: Local, b: Local, y: Local, room: number): void {
    const { m, k, n, transposeA } = node;
    const [rowStep, innerStep] = transposeA ? [4, 4 * m] : [4 * k, 4];
    stretches(c, k, mostInner, (inner) => {
      const panelBytes = 32 * inner.size;
      emitPacking(c, b, node, inner, room);
      stretches(c, m, mostRows, (block) => {
        const panel = c.local("i32");
        c.i32(room).set(panel);
        stretches(c, n, tileColumns, (columns) => {
          stretches(c, block.size, this.#madd ? mostTileRows : 4, (rows) => {
            const row = c.local("i32");
            c.get(block.from).get(rows.from).op("i32.add").set(row);
            this.#place(c, { node, a, y, room, panel, row, rows, columns, inner, rowStep, innerStep });
            c.release(row);
          });
          c.get(panel).i32(panelBytes).op("i32.add").set(panel);
        });
        c.release(panel);
      });
    });
  }

  /** Calls the tile's function; a tile that sticks out is computed aside, and what is in is copied. */
  #place(
    c: Assembler,
    t: {
      node: MatmulNode;
      a: Local;
      y: Local;
      room: number;
      panel: Local;
      row: Local;
      rows: Stretch;
      columns: Stretch;
      inner: Stretch;
      rowStep: number;
      innerStep: number;
    },
  ): void {
    const { k, n } = t.node;
    const isWhole = t.columns.size === tileColumns;
    const aside = t.room + 32 * Math.min(k, mostInner) * panelsOf(n);
    const target = c.local("i32");
    c.get(t.row)
      .i32(4 * n)
      .op("i32.mul")
      .get(t.columns.from)
      .i32(4)
      .op("i32.mul", "i32.add")
      .get(t.y)
      .op("i32.add")
      .set(target);
    c.get(t.row)
      .i32(t.rowStep)
      .op("i32.mul")
      .get(t.inner.from)
      .i32(t.innerStep)
      .op("i32.mul", "i32.add")
      .get(t.a)
      .op("i32.add");
    c.get(t.panel);
    if (isWhole) c.get(target);
    else c.i32(aside);
    // Sums of the first block are the result so far; those of later ones are added to it.
    const isFirst = k <= mostInner;
    if (isFirst) c.i32(0);
    else c.get(t.inner.from);
    c.call(this.#tile(t.rows.size, t.inner.size, t.rowStep, t.innerStep, isWhole ? 4 * n : 32, isWhole && !isFirst));
    if (!isWhole) {
      for (let r = 0; r < t.rows.size; r++) {
        for (let j = 0; j < t.columns.size; j++) {
          const at = 4 * n * r + 4 * j;
          c.get(target)
            .i32(aside)
            .memory("f32.load", 32 * r + 4 * j);
          if (!isFirst) {
            c.f32(0).get(target).memory("f32.load", at).get(t.inner.from).op("i32.eqz", "select", "f32.add");
          }
          c.memory("f32.store", at);
        }
      }
    }
    c.release(target);
  }

  /** The function that computes a tile: pointers to the left operand's first row, the panel and the result; and whether to add to it. */
  #tile(rows: number, k: number, rowStep: number, innerStep: number, targetStep: number, mayAdd: boolean): number {
    const key = `${rows} ${k} ${rowStep} ${innerStep} ${targetStep} ${mayAdd}`;
    const known = this.#tiles.get(key);
    if (known !== undefined) return known;
    const c = new Assembler(["i32", "i32", "i32", "i32"]);
    const [a, panel, y, isLater] = c.params as [Local, Local, Local, Local];
    const sums = Array.from({ length: rows }, () => [c.local("v128"), c.local("v128")] as const);
    const [left, right, factor] = [c.local("v128"), c.local("v128"), c.local("v128")];
    if (mayAdd) {
      c.get(isLater).if(() => {
        sums.forEach(([s, t], r) => {
          c.get(y)
            .memory("v128.load", targetStep * r)
            .set(s);
          c.get(y)
            .memory("v128.load", targetStep * r + 16)
            .set(t);
        });
      });
    }
    const end = c.local("i32");
    c.get(panel)
      .i32(32 * k)
      .op("i32.add")
      .set(end);
    // One step a round: engines lose registers over unrolled loops.
    c.loop(panel, end, 32, () => {
      c.get(panel).memory("v128.load").set(left);
      c.get(panel).memory("v128.load", 16).set(right);
      sums.forEach(([s, t], r) => {
        c.get(a)
          .memory("v128.load32_splat", r * rowStep)
          .set(factor);
        if (this.#madd) {
          c.get(factor).get(left).get(s).op("f32x4.relaxed_madd").set(s);
          c.get(factor).get(right).get(t).op("f32x4.relaxed_madd").set(t);
        } else {
          c.get(factor).get(left).op("f32x4.mul").get(s).op("f32x4.add").set(s);
          c.get(factor).get(right).op("f32x4.mul").get(t).op("f32x4.add").set(t);
        }
      });
      c.get(a).i32(innerStep).op("i32.add").set(a);
    });
    sums.forEach(([s, t], r) => {
      c.get(y)
        .get(s)
        .memory("v128.store", targetStep * r);
      c.get(y)
        .get(t)
        .memory("v128.store", targetStep * r + 16);
    });
    const func = this.#module.define(c);
    this.#tiles.set(key, func);
    return func;
  }
}

/** Products of float64 and of int32, in the same order as eager ones. */
function emitPlain(c: Assembler, node: MatmulNode, a: Local, b: Local, y: Local): void {
  const { m, k, n, dtype, transposeA, transposeB } = node;
  const width = bytesOf[dtype];
  const [ai, ak] = transposeA ? [width, m * width] : [k * width, width];
  const [bk, bj] = transposeB ? [width, k * width] : [n * width, width];
  const isFloat = dtype === "float64";
  const type = isFloat ? "f64" : "i32";
  const [i, j, p, left, right, target] = Array.from({ length: 6 }, () => c.local("i32")) as [
    Local,
    Local,
    Local,
    Local,
    Local,
    Local,
  ];
  const sum = c.local(type);
  c.get(y).set(target);
  c.i32(0)
    .set(i)
    .loop(i, m, 1, () => {
      c.i32(0)
        .set(j)
        .loop(j, n, 1, () => {
          c.get(i).i32(ai).op("i32.mul").get(a).op("i32.add").set(left);
          c.get(j).i32(bj).op("i32.mul").get(b).op("i32.add").set(right);
          if (isFloat) c.f64(0).set(sum);
          else c.i32(0).set(sum);
          c.i32(0)
            .set(p)
            .loop(p, k, 1, () => {
              c.get(sum)
                .get(left)
                .memory(isFloat ? "f64.load" : "i32.load");
              c.get(right)
                .memory(isFloat ? "f64.load" : "i32.load")
                .op(`${type}.mul`, `${type}.add`)
                .set(sum);
              c.get(left).i32(ak).op("i32.add").set(left);
              c.get(right).i32(bk).op("i32.add").set(right);
            });
          c.get(target)
            .get(sum)
            .memory(isFloat ? "f64.store" : "i32.store");
          c.get(target).i32(width).op("i32.add").set(target);
        });
    });
  for (const local of [i, j, p, left, right, target, sum]) c.release(local);
}
