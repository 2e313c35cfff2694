import type { DType } from "../../../core/dtype.ts";
import { bytesOf } from "../../ir/kind.ts";
import type { MatmulNode } from "../../ir.ts";
import type { Assembler, Local } from "../binary/assembler.ts";
import { forRanges, type Range, wholeRange } from "./range.ts";
import { columnsOf } from "./tile.ts";

/**
 * Lays a block of the right operand of a product out in panels as wide as a tile, row by row. What is beyond its width keeps what is there,
 * and is not used.
 */
export function emitPackRight(
  c: Assembler,
  node: MatmulNode,
  b: Local,
  axes: { readonly inner: Range; readonly columns: Range },
  room: Local,
): void {
  const { k, n, transposeB, dtype } = node;
  const { inner } = axes;
  const width = bytesOf[dtype];
  const [innerStep, columnStep] = transposeB ? [width, width * k] : [width * n, width];
  const to = c.local("i32");
  c.get(room).set(to);
  forRanges(c, axes.columns, columnsOf(dtype), (columns) => {
    const from = c.local("i32");
    c.get(columns.from).i32(columnStep).op("i32.mul").get(inner.from).i32(innerStep).op("i32.mul", "i32.add");
    c.get(b).op("i32.add").set(from);
    const strip = { dtype, lanes: columns.size, laneStep: columnStep, pitch: columnsOf(dtype) };
    emitStrip(c, strip, inner.size, innerStep, from, to);
    c.release(from);
  });
  c.release(to);
}

/** Lays a block of the left operand out in strips as high as a tile, column by column. */
export function emitPackLeft(
  c: Assembler,
  node: MatmulNode,
  a: Local,
  { block, inner }: { readonly block: Range; readonly inner: Range },
  tileRows: number,
  room: Local,
): void {
  const { m, k, transposeA, dtype } = node;
  const width = bytesOf[dtype];
  const [innerStep, rowStep] = transposeA ? [width * m, width] : [width, width * k];
  const to = c.local("i32");
  c.get(room).set(to);
  forRanges(c, block, tileRows, (rows) => {
    const from = c.local("i32");
    c.get(rows.from).i32(rowStep).op("i32.mul");
    c.get(inner.from).i32(innerStep).op("i32.mul", "i32.add").get(a).op("i32.add").set(from);
    const strip = { dtype, lanes: rows.size, laneStep: rowStep, pitch: rows.size };
    emitStrip(c, strip, inner.size, innerStep, from, to);
    c.release(from);
  });
  c.release(to);
}

/** A strip: so many lanes, `laneStep` bytes apart where they come from, side by side where they go; `pitch` elements a step there. */
interface Strip {
  readonly dtype: DType;
  readonly lanes: number;
  readonly laneStep: number;
  readonly pitch: number;
}

/** Copies `count` steps of a strip, and leaves both pointers behind it. */
function emitStrip(c: Assembler, strip: Strip, count: number, step: number, from: Local, to: Local): void {
  const { dtype, lanes, laneStep, pitch } = strip;
  const width = bytesOf[dtype];
  const type = dtype === "float64" ? "f64" : "f32";
  const isLong = width === 4 && step === 4 && laneStep !== 4; // the steps lie side by side, the lanes apart
  const axis = wholeRange(c, count);
  forRanges(c, axis, isLong ? 4 : 1, (steps) => {
    let lane = 0;
    const copy = (at: number): void => {
      c.get(to).get(from);
      c.memory(`${type}.load`, at * step + lane * laneStep).memory(`${type}.store`, width * (at * pitch + lane));
    };
    if (isLong && steps.size === 4) {
      for (; lane + 4 <= lanes; lane += 4) transposeFour(c, from, to, laneStep, 4 * pitch, lane);
      for (; lane + 2 <= lanes; lane += 2) transposeTwo(c, from, to, laneStep, 4 * pitch, lane);
    } else if (laneStep === width) {
      for (const four = 16 / width; lane + four <= lanes; lane += four) {
        c.get(to)
          .get(from)
          .memory("v128.load", lane * width)
          .memory("v128.store", lane * width);
      }
    }
    for (; lane < lanes; lane++) {
      for (let at = 0; at < steps.size; at++) copy(at);
    }
    c.get(from)
      .i32(steps.size * step)
      .op("i32.add")
      .set(from);
    c.get(to)
      .i32(steps.size * pitch * width)
      .op("i32.add")
      .set(to);
  });
  c.release(axis.from);
}

function transposeFour(c: Assembler, from: Local, to: Local, laneStep: number, pitch: number, first: number): void {
  const rows = loadLanes(c, from, laneStep, first, 4) as [Local, Local, Local, Local];
  storeTransposed(c, rows, to, pitch, first);
}

/** Four lanes of four steps: what lies lane by lane comes to lie step by step. The lanes' variables are given back. */
export function storeTransposed(
  c: Assembler,
  rows: readonly [Local, Local, Local, Local],
  to: Local,
  pitch: number,
  first: number,
): void {
  const [p, q, r, s] = rows;
  const pairs = [
    [p, q, 0],
    [r, s, 0],
    [p, q, 2],
    [r, s, 2],
  ] as const;
  const mixed = pairs.map(([x, y, at]) => {
    const own = c.local("v128");
    c.get(x)
      .get(y)
      .shuffle(...words(at, at + 4, at + 1, at + 5))
      .set(own);
    return own;
  }) as [Local, Local, Local, Local];
  for (let at = 0; at < 4; at++) {
    const [x, y] = at < 2 ? [mixed[0], mixed[1]] : [mixed[2], mixed[3]];
    c.get(to).get(x).get(y);
    c.shuffle(...(at % 2 === 0 ? words(0, 1, 4, 5) : words(2, 3, 6, 7)));
    c.memory("v128.store", pitch * at + 4 * first);
  }
  for (const local of [...rows, ...mixed]) c.release(local);
}

/** Two lanes of four steps. */
function transposeTwo(c: Assembler, from: Local, to: Local, laneStep: number, pitch: number, first: number): void {
  const [x, y] = loadLanes(c, from, laneStep, first, 2) as [Local, Local];
  const pair = c.local("v128");
  for (const at of [0, 2]) {
    c.get(x)
      .get(y)
      .shuffle(...words(at, at + 4, at + 1, at + 5))
      .set(pair);
    c.get(to)
      .get(pair)
      .laneMemory("v128.store64_lane", 0, pitch * at + 4 * first);
    c.get(to)
      .get(pair)
      .laneMemory("v128.store64_lane", 1, pitch * (at + 1) + 4 * first);
  }
  for (const local of [x, y, pair]) c.release(local);
}

function loadLanes(c: Assembler, from: Local, laneStep: number, first: number, count: number): Local[] {
  return Array.from({ length: count }, (_, j) => {
    const row = c.local("v128");
    c.get(from)
      .memory("v128.load", (first + j) * laneStep)
      .set(row);
    return row;
  });
}

/** The bytes of four words of 32 bits, of the eight of two vectors. */
const words = (...of: number[]): number[] => of.flatMap((word) => [0, 1, 2, 3].map((byte) => 4 * word + byte));
