import type { MatmulNode } from "../ir.ts";
import type { Assembler, Local } from "../wasm/assembler.ts";
import { type Stretch, stretches } from "./stretches.ts";

/** Columns of a tile: two vectors. */
export const tileColumns = 8;

/** How many panels there are of n columns. */
export const panelsOf = (n: number): number => Math.ceil(n / tileColumns);

/**
 * Lays a block of the right operand of a product out in panels of eight columns, row by row; what is beyond its width keeps what is there,
 * and is not used.
 */
export function emitPacking(
  c: Assembler,
  b: Local,
  { k, n, transposeB }: MatmulNode,
  inner: Stretch,
  room: number,
): void {
  const [rowStep, columnStep] = transposeB ? [4, 4 * k] : [4 * n, 4];
  const [from, to] = [c.local("i32"), c.local("i32")];
  c.i32(room).set(to);
  stretches(c, n, tileColumns, (columns) => {
    c.get(columns.from).i32(columnStep).op("i32.mul").get(inner.from).i32(rowStep).op("i32.mul", "i32.add");
    c.get(b).op("i32.add").set(from);
    stretches(c, inner.size, transposeB ? 4 : 1, (rows) => {
      if (columns.size < tileColumns || (transposeB && rows.size < 4)) {
        for (let row = 0; row < rows.size; row++) {
          for (let j = 0; j < columns.size; j++) {
            c.get(to)
              .get(from)
              .memory("f32.load", row * rowStep + j * columnStep);
            c.memory("f32.store", 32 * row + 4 * j);
          }
        }
      } else if (transposeB) {
        transpose(c, from, to, columnStep, 0);
        transpose(c, from, to, columnStep, 4);
      } else {
        c.get(to).get(from).memory("v128.load").memory("v128.store");
        c.get(to).get(from).memory("v128.load", 16).memory("v128.store", 16);
      }
      c.get(from)
        .i32(rows.size * rowStep)
        .op("i32.add")
        .set(from);
      c.get(to)
        .i32(rows.size * 32)
        .op("i32.add")
        .set(to);
    });
  });
  for (const local of [from, to]) c.release(local);
}

/** Turns four columns that lie apart, of four elements each, into rows of a panel, from its column `first` on. */
function transpose(c: Assembler, from: Local, to: Local, columnStep: number, first: number): void {
  const columns = [0, 1, 2, 3].map((j) => {
    const column = c.local("v128");
    c.get(from)
      .memory("v128.load", (first + j) * columnStep)
      .set(column);
    return column;
  }) as [Local, Local, Local, Local];
  const [a, b, d, e] = columns;
  const pairs = [
    [a, b, 0],
    [d, e, 0],
    [a, b, 2],
    [d, e, 2],
  ] as const;
  const mixed = pairs.map(([x, y, lane]) => {
    const own = c.local("v128");
    c.get(x)
      .get(y)
      .shuffle(...lanes(lane, lane + 4, lane + 1, lane + 5))
      .set(own);
    return own;
  }) as [Local, Local, Local, Local];
  for (let row = 0; row < 4; row++) {
    const [x, y] = row < 2 ? [mixed[0], mixed[1]] : [mixed[2], mixed[3]];
    c.get(to).get(x).get(y);
    c.shuffle(...(row % 2 === 0 ? lanes(0, 1, 4, 5) : lanes(2, 3, 6, 7)));
    c.memory("v128.store", 32 * row + 4 * first);
  }
  for (const local of [...columns, ...mixed]) c.release(local);
}

/** The bytes of four lanes of 32 bits, of the eight of two vectors. */
const lanes = (...of: number[]): number[] => of.flatMap((lane) => [0, 1, 2, 3].map((byte) => 4 * lane + byte));
