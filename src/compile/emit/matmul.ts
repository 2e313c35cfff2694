import type { MatmulNode } from "../ir.ts";
import { Assembler, type Local } from "../wasm/assembler.ts";
import type { ModuleBuilder } from "../wasm/module.ts";
import { bytesOf } from "./vector.ts";

/** Bytes that a product needs beside its operands: a panel of the right one, and a tile. */
export function matmulRoom({ dtype, k }: MatmulNode): number {
  return dtype === "float32" ? 32 * k + 32 * 8 : 0;
}

/** Rows of a tile: with more, eight columns of sums do not fit into the registers. */
const tileRows = 4;
/** Columns of a tile: two vectors. */
const tileColumns = 8;

/**
 * Emits products of float32 matrices, tile by tile: 4 rows by 8 columns of sums stay in registers. The right operand is packed into panels
 * of 8 columns first, so that it is read in order whatever its layout; the left one is read in place.
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
    const one = (): void => {
      if (node.dtype === "float32") this.#tiled(c, node, a, b, y, at.room);
      else emitPlain(c, node, a, b, y);
    };
    if (batch === 1) one();
    else {
      const counter = c.local("i32");
      c.i32(0)
        .set(counter)
        .loop(counter, batch, 1, () => {
          one();
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
      c.release(counter);
    }
    for (const local of [a, b, y]) c.release(local);
  }

  #tiled(c: Assembler, node: MatmulNode, a: Local, b: Local, y: Local, panel: number): void {
    const { m, k, n, transposeA, transposeB } = node;
    const [rowStep, innerStep] = transposeA ? [4, 4 * m] : [4 * k, 4];
    const tile = panel + 32 * k;
    const column = c.local("i32");
    const row = c.local("i32");
    const target = c.local("i32");
    const wholeColumns = n - (n % tileColumns);
    const wholeRows = m - (m % tileRows);

    /** All rows of the columns from `column` on, `width` of them. */
    const columns = (width: number): void => {
      pack(c, b, column, { k, n, width, panel, transposeB });
      const rows = (count: number): void => {
        const isWhole = width === tileColumns;
        // A tile that sticks out is computed aside, and what is in is copied.
        c.get(row).i32(rowStep).op("i32.mul").get(a).op("i32.add");
        c.i32(panel);
        c.get(row)
          .i32(4 * n)
          .op("i32.mul")
          .get(y)
          .op("i32.add")
          .get(column)
          .i32(2)
          .op("i32.shl", "i32.add")
          .tee(target);
        if (!isWhole) c.op("drop").i32(tile);
        c.call(this.#tile(count, k, rowStep, innerStep, isWhole ? 4 * n : 32));
        if (isWhole) return;
        for (let r = 0; r < count; r++) {
          for (let j = 0; j < width; j++) {
            c.get(target)
              .i32(tile)
              .memory("f32.load", 32 * r + 4 * j)
              .memory("f32.store", 4 * n * r + 4 * j);
          }
        }
      };
      c.i32(0).set(row);
      if (wholeRows > 0) c.loop(row, wholeRows, tileRows, () => rows(tileRows));
      if (wholeRows < m) rows(m - wholeRows);
    };
    c.i32(0).set(column);
    if (wholeColumns > 0) c.loop(column, wholeColumns, tileColumns, () => columns(tileColumns));
    if (wholeColumns < n) columns(n - wholeColumns);
    for (const local of [column, row, target]) c.release(local);
  }

  /** The function that computes a tile: pointers to the left operand's first row, the panel, and the result. */
  #tile(rows: number, k: number, rowStep: number, innerStep: number, targetStep: number): number {
    const key = `${rows} ${k} ${rowStep} ${innerStep} ${targetStep}`;
    const known = this.#tiles.get(key);
    if (known !== undefined) return known;
    const c = new Assembler(["i32", "i32", "i32"]);
    const [a, panel, y] = c.params as [Local, Local, Local];
    const sums = Array.from({ length: rows }, () => [c.local("v128"), c.local("v128")] as const);
    const [left, right, factor] = [c.local("v128"), c.local("v128"), c.local("v128")];
    const pointers = Array.from({ length: rows }, (_, r) => (r === 0 ? a : c.local("i32")));
    // Rows of a transposed operand lie side by side: one pointer serves them all.
    const isTogether = rowStep === 4;
    if (!isTogether)
      pointers.forEach(
        (pointer, r) =>
          r > 0 &&
          c
            .get(a)
            .i32(r * rowStep)
            .op("i32.add")
            .set(pointer),
      );
    const step = (p: number): void => {
      c.get(panel)
        .memory("v128.load", 32 * p)
        .set(left);
      c.get(panel)
        .memory("v128.load", 32 * p + 16)
        .set(right);
      sums.forEach(([s, t], r) => {
        c.get(isTogether ? a : pointers[r]!)
          .memory("v128.load32_splat", p * innerStep + (isTogether ? 4 * r : 0))
          .set(factor);
        if (this.#madd) {
          c.get(factor).get(left).get(s).op("f32x4.relaxed_madd").set(s);
          c.get(factor).get(right).get(t).op("f32x4.relaxed_madd").set(t);
        } else {
          c.get(factor).get(left).op("f32x4.mul").get(s).op("f32x4.add").set(s);
          c.get(factor).get(right).op("f32x4.mul").get(t).op("f32x4.add").set(t);
        }
      });
    };
    const unroll = 4;
    const whole = k - (k % unroll);
    const advance = (count: number): void => {
      const moved = isTogether ? [a] : pointers;
      for (const pointer of moved)
        c.get(pointer)
          .i32(count * innerStep)
          .op("i32.add")
          .set(pointer);
      c.get(panel)
        .i32(32 * count)
        .op("i32.add")
        .set(panel);
    };
    const counter = c.local("i32");
    if (whole > 0) {
      c.i32(0)
        .set(counter)
        .loop(counter, whole, unroll, () => {
          for (let p = 0; p < unroll; p++) step(p);
          advance(unroll);
        });
    }
    for (let p = 0; p < k - whole; p++) step(p);
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

/** Lays eight columns of the right operand out row by row; those beyond its width keep what is there, and are not used. */
function pack(
  c: Assembler,
  b: Local,
  column: Local,
  { k, n, width, panel, transposeB }: { k: number; n: number; width: number; panel: number; transposeB: boolean },
): void {
  const [p, from, to] = [c.local("i32"), c.local("i32"), c.local("i32")];
  c.get(column)
    .i32(transposeB ? 4 * k : 4)
    .op("i32.mul")
    .get(b)
    .op("i32.add")
    .set(from);
  c.i32(0)
    .set(to)
    .i32(0)
    .set(p)
    .loop(p, k, 1, () => {
      if (width === tileColumns && !transposeB) {
        c.get(to).get(from).memory("v128.load").memory("v128.store", panel);
        c.get(to)
          .get(from)
          .memory("v128.load", 16)
          .memory("v128.store", panel + 16);
      } else {
        for (let j = 0; j < width; j++) {
          c.get(to)
            .get(from)
            .memory("f32.load", j * (transposeB ? 4 * k : 4))
            .memory("f32.store", panel + 4 * j);
        }
      }
      c.get(from)
        .i32(transposeB ? 4 : 4 * n)
        .op("i32.add")
        .set(from);
      c.get(to).i32(32).op("i32.add").set(to);
    });
  for (const local of [p, from, to]) c.release(local);
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
