import type { DType } from "../../../core/dtype.ts";
import { bytesOf } from "../../ir/kind.ts";
import type { MatmulNode } from "../../ir.ts";
import { innerBlockOf, type WindowOperands } from "../../windowOperand.ts";
import type { Assembler, Local } from "../binary/assembler.ts";
import type { ModuleBuilder } from "../binary/module.ts";
import type { Tasks } from "../tasks.ts";
import { emitPackLeft, emitPackRight } from "./packing.ts";
import type { EmittedPanels, Multiply } from "./panels.ts";
import { addressOf, type Place } from "./place.ts";
import { emitPlainMatmul } from "./plainMatmul.ts";
import { forRanges, type Range, rangeOfTask, wholeRange } from "./range.ts";
import { columnsOf, type TileShape, Tiles } from "./tile.ts";
import { distanceAlong, emitPackWindow } from "./windowPacking.ts";

/** So many rows of the left operand are taken at a time, that they stay in the next cache; tiles of 4 and of 6 divide it. */
const mostRows = 120;
/** Rows of the largest tile. */
const mostTileRows = 6;

/** Where the operands, the result and the room for packing are. */
export interface MatmulPlaces {
  readonly a: Place;
  readonly b: Place;
  readonly y: Place;
  readonly room: Place;
  /** How operands that are windows lie in the arrays that are at these places. */
  readonly windows: WindowOperands;
}

/** The one of several tasks that is to be done, where a product is divided into them. */
export interface Task {
  readonly of: Tasks;
  readonly number: Local;
}

/** Emits what is done for rows of the result that are complete; of a batch, each product is a row. */
export type Epilogue = (c: Assembler, rows: Range) => void;

/** Whether the left operand is packed: a window always, else not if it is small, and not if few columns use it. */
function packsLeft({ dtype, m, k, n }: MatmulNode, { a }: WindowOperands): boolean {
  if (a !== null) return true;
  return m * k * bytesOf[dtype] > 16_384 && n > 2 * columnsOf(dtype);
}

/** Bytes of a left operand that is packed whole. */
const mostShared = 4 << 20;

/** Whether all products of a batch have one left operand, as convolutions have their weight: then it is packed once, before them, and whole. */
function isShared({ batch, m, k, dtype }: MatmulNode, { a }: WindowOperands, tasks: Tasks | null): boolean {
  if (batch === 1 || a === null || tasks?.along === "rows") return false;
  return a.batch.every(({ stride }) => stride === 0) && m * k * bytesOf[dtype] <= mostShared;
}

/** Bytes beside the operands: panels of the right operand, a block of the left one, and a tile; for each task. */
export function matmulRoom(node: MatmulNode, windows: WindowOperands, tasks: Tasks | null): number | null {
  if (node.dtype === "int32" || node.outside !== undefined) return null;
  if (node.panels !== undefined) return node.panels.bytes || null;
  return layoutOf(node, windows, tasks).bytes * (tasks?.count ?? 1);
}

/** What lies where in the room of a task, after the panels of the right operand. */
function layoutOf(
  node: MatmulNode,
  windows: WindowOperands,
  tasks: Tasks | null,
): { left: number; aside: number; bytes: number } {
  const width = bytesOf[node.dtype];
  const inner = innerBlockOf(node, windows);
  const tile = columnsOf(node.dtype);
  const columns = tasks?.along === "columns" ? tasks.chunk : node.n;
  const rows = Math.min(tasks?.along === "rows" ? tasks.chunk : node.m, mostRows);
  const left = width * inner * Math.ceil(columns / tile) * tile;
  const packed = isShared(node, windows, tasks) ? node.m * node.k : packsLeft(node, windows) ? inner * rows : 0;
  const aside = left + width * packed;
  return { left, aside, bytes: Math.ceil((aside + 32 * mostTileRows) / 64) * 64 };
}

/** The part of a product that is computed. */
interface Extent {
  readonly batch: Range;
  readonly rows: Range;
  readonly columns: Range;
}

/** Pointers to a matrix of each operand and of the result, and to the room. */
interface Pointers {
  readonly a: Local;
  readonly b: Local;
  readonly y: Local;
  readonly panels: Local;
  readonly left: Local;
  readonly aside: Local;
}

/**
 * Emits products of matrices, tile by tile: the sums of a tile stay in registers. A block of the right operand is packed into panels as wide
 * as a tile, and one of the left operand into strips as high as one, where that pays, so both are read in order whatever their layout.
 */
export class MatmulEmitter {
  readonly #tiles: Tiles;
  readonly #madd: boolean;
  readonly #multiply: Multiply;

  /** @param madd - whether the engine has fused multiply-add. */
  constructor(module: ModuleBuilder, madd: boolean, multiply: Multiply) {
    this.#tiles = new Tiles(module);
    this.#madd = madd;
    this.#multiply = multiply;
  }

  emit(c: Assembler, node: MatmulNode, at: MatmulPlaces, task: Task | null, epilogue: Epilogue | null): void {
    if (node.panels !== undefined) {
      (node.panels as EmittedPanels).emit(c, node, at, this.#multiply, epilogue);
      return;
    }
    const { left, aside, bytes } = layoutOf(node, at.windows, task?.of ?? null);
    const [a, b, y] = [c.local("i32"), c.local("i32"), c.local("i32")];
    const p: Pointers = { a, b, y, panels: c.local("i32"), left: c.local("i32"), aside: c.local("i32") };
    addressOf(c, at.room);
    if (task !== null) c.get(task.number).i32(bytes).op("i32.mul", "i32.add");
    c.set(p.panels);
    c.get(p.panels).i32(left).op("i32.add").set(p.left);
    c.get(p.panels).i32(aside).op("i32.add").set(p.aside);
    const sizes = { batch: node.batch, rows: node.m, columns: node.n };
    const [batch, rows, columns] = [
      wholeRange(c, sizes.batch),
      wholeRange(c, sizes.rows),
      wholeRange(c, sizes.columns),
    ];
    const extent: Extent = { batch, rows, columns };
    const tasks = task?.of ?? null;
    if (isShared(node, at.windows, tasks) && node.dtype !== "int32") this.#packShared(c, node, at, p, rows);
    if (task === null) this.#matrices(c, node, at, p, extent, null, epilogue);
    else {
      const { along, chunk } = task.of;
      rangeOfTask(c, task.number, sizes[along], chunk, (range) => {
        this.#matrices(c, node, at, p, { ...extent, [along]: range }, tasks, null);
      });
    }
    for (const local of [...Object.values(p), batch.from, rows.from, columns.from]) c.release(local);
  }

  /** Packs all of a left operand that the whole batch has: blocks of the inner axis one after the other, and in each, strips of rows. */
  #packShared(c: Assembler, node: MatmulNode, at: MatmulPlaces, p: Pointers, rows: Range): void {
    const { m, k, dtype } = node;
    const operand = at.windows.a!;
    const strips = { dtype, operand, lanes: this.#tileRows(dtype), isWide: false };
    const to = c.local("i32");
    addressOf(c, { base: at.a.base, offset: at.a.offset + operand.offset * bytesOf[dtype] }).set(p.a);
    c.get(p.left).set(to);
    const { from } = wholeRange(c, k);
    forRanges(c, { from, size: k }, innerBlockOf(node, at.windows), (inner) => {
      emitPackWindow(c, strips, p.a, { inner, lanes: rows }, to);
      c.get(to)
        .i32(m * inner.size * bytesOf[dtype])
        .op("i32.add")
        .set(to);
    });
    for (const local of [from, to]) c.release(local);
  }

  /** More sums than 12 registers hold would spill, and without multiply-add products take registers, too. */
  #tileRows(dtype: DType): number {
    return this.#madd && dtype === "float32" ? mostTileRows : 4;
  }

  #matrices(
    c: Assembler,
    node: MatmulNode,
    at: MatmulPlaces,
    p: Pointers,
    extent: Extent,
    tasks: Tasks | null,
    after: Epilogue | null,
  ): void {
    const { m, k, n, dtype } = node;
    forRanges(c, extent.batch, 1, ({ from }) => {
      const { a, b } = at.windows;
      for (const [pointer, place, window, size] of [
        [p.a, at.a, a, m * k],
        [p.b, at.b, b, k * n],
        [p.y, at.y, null, m * n],
      ] as const) {
        const steps = window?.batch ?? [{ size: node.batch, stride: size }];
        const offset = place.offset + (window?.offset ?? 0) * bytesOf[dtype];
        distanceAlong(c, steps, from, bytesOf[dtype]);
        addressOf(c, { base: place.base, offset }).op("i32.add").set(pointer);
      }
      const hasLeft = isShared(node, at.windows, tasks);
      if (dtype === "int32") emitPlainMatmul(c, node, p.a, p.b, p.y);
      else this.#tiled(c, node, at.windows, p, extent, hasLeft, node.batch === 1 ? after : null);
      if (node.batch > 1) after?.(c, { from, size: 1 });
    });
  }

  #tiled(
    c: Assembler,
    node: MatmulNode,
    windows: WindowOperands,
    p: Pointers,
    extent: Extent,
    hasLeft: boolean,
    epilogue: Epilogue | null,
  ): void {
    const { m, k, n, dtype, transposeA } = node;
    const width = bytesOf[dtype];
    const madd = this.#madd && dtype === "float32";
    const tileRows = this.#tileRows(dtype);
    const tileColumns = columnsOf(dtype);
    const isPacked = packsLeft(node, windows);
    const mostInner = innerBlockOf(node, windows);
    const [rowStep, innerStep] = transposeA ? [width, width * m] : [width * k, width];
    const [left, strip, panel, target] = [c.local("i32"), c.local("i32"), c.local("i32"), c.local("i32")];
    c.get(p.left).set(left);

    const place = (rows: Range, columns: Range, inner: Range): void => {
      // The result's first element.
      c.get(rows.from).i32(n).op("i32.mul").get(columns.from).op("i32.add");
      c.i32(width).op("i32.mul").get(p.y).op("i32.add").set(target);
      const isWhole = columns.size === tileColumns;
      const shape: TileShape = {
        dtype,
        madd,
        rows: rows.size,
        inner: inner.size,
        rowStep: isPacked ? width : rowStep,
        innerStep: isPacked ? rows.size * width : innerStep,
        targetStep: isWhole ? width * n : 32,
        mayAdd: k > mostInner,
      };
      const edge = { rows: rows.size, columns: columns.size, step: width * n, dtype };
      if (!isWhole && shape.mayAdd) this.#tiles.copyEdge(c, edge, target, p.aside, true);
      c.get(strip)
        .get(panel)
        .get(isWhole ? target : p.aside);
      // Sums of the first block are the result so far; those of later ones go on from it.
      if (shape.mayAdd) c.get(inner.from);
      c.call(this.#tiles.of(shape));
      if (!isWhole) this.#tiles.copyEdge(c, edge, target, p.aside, false);
    };

    const { from: zero } = wholeRange(c, k);
    forRanges(c, { from: zero, size: k }, mostInner, (inner) => {
      if (windows.b === null) emitPackRight(c, node, p.b, { inner, columns: extent.columns }, p.panels);
      else {
        const strips = { dtype, operand: windows.b, lanes: tileColumns, isWide: true };
        emitPackWindow(c, strips, p.b, { inner, lanes: extent.columns }, p.panels);
      }
      forRanges(c, extent.rows, mostRows, (block) => {
        if (hasLeft) {
          // All rows of the blocks before this one of the inner axis, and of this one the rows before.
          c.get(inner.from).i32(m).op("i32.mul").get(block.from).i32(inner.size).op("i32.mul", "i32.add");
          c.i32(width).op("i32.mul").get(p.left).op("i32.add").set(left);
        } else if (windows.a !== null) {
          const strips = { dtype, operand: windows.a, lanes: tileRows, isWide: false };
          emitPackWindow(c, strips, p.a, { inner, lanes: block }, p.left);
        } else if (isPacked) emitPackLeft(c, node, p.a, { block, inner }, tileRows, p.left);
        c.get(p.panels).set(panel);
        forRanges(c, extent.columns, tileColumns, (columns) => {
          if (isPacked) c.get(left).set(strip);
          forRanges(c, block, tileRows, (rows) => {
            if (!isPacked) {
              c.get(rows.from).i32(rowStep).op("i32.mul");
              c.get(inner.from).i32(innerStep).op("i32.mul", "i32.add").get(p.a).op("i32.add").set(strip);
            }
            place(rows, columns, inner);
            if (isPacked) {
              c.get(strip)
                .i32(rows.size * inner.size * width)
                .op("i32.add")
                .set(strip);
            }
          });
          c.get(panel)
            .i32(tileColumns * inner.size * width)
            .op("i32.add")
            .set(panel);
        });
        if (epilogue === null || (k % mostInner > 0 && inner.size === mostInner)) return; // there is more to come
        if (inner.size < mostInner || k === mostInner) epilogue(c, block);
        else {
          c.get(inner.from)
            .i32(k - mostInner)
            .op("i32.eq")
            .if(() => epilogue(c, block));
        }
      });
    });
    for (const local of [left, strip, panel, target, zero]) c.release(local);
  }
}
