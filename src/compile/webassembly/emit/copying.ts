import type { DType } from "../../../core/dtype.ts";
import { bytesOf } from "../../ir/kind.ts";
import type { Assembler, Local } from "../binary/assembler.ts";
import { forRanges } from "./range.ts";

/** An axis of what is copied: so many elements, so far apart where they come from and where they go. */
export interface CopiedAxis {
  readonly size: number;
  readonly from: number;
  readonly to: number;
}

/** Vectors that are copied without a loop. */
const mostUnrolled = 16;

/** Copies a box of elements, the last axis innermost. Pointers stay as they are. */
export function emitCopy(c: Assembler, dtype: DType, axes: readonly CopiedAxis[], from: Local, to: Local): void {
  const all = merged(axes);
  const innermost = all.pop() ?? { size: 1, from: 1, to: 1 };
  const width = bytesOf[dtype];
  walk(0, from, to);

  function walk(depth: number, source: Local, target: Local): void {
    const axis = all[depth];
    if (axis === undefined) {
      emitRow(c, width, innermost, source, target);
      return;
    }
    const [counter, own, goal] = [c.local("i32"), c.local("i32"), c.local("i32")];
    c.i32(0).set(counter);
    c.get(source).set(own);
    c.get(target).set(goal);
    c.loop(counter, axis.size, 1, () => {
      walk(depth + 1, own, goal);
      c.get(own)
        .i32(axis.from * width)
        .op("i32.add")
        .set(own);
      c.get(goal)
        .i32(axis.to * width)
        .op("i32.add")
        .set(goal);
    });
    for (const local of [counter, own, goal]) c.release(local);
  }
}

function merged(axes: readonly CopiedAxis[]): CopiedAxis[] {
  const all: CopiedAxis[] = [];
  for (const axis of axes) {
    const last = all.at(-1);
    if (axis.size === 1) continue;
    if (last !== undefined && last.from === axis.from * axis.size && last.to === axis.to * axis.size) {
      all[all.length - 1] = { ...axis, size: last.size * axis.size };
    } else all.push(axis);
  }
  return all;
}

/** Copies elements at equal distances. */
function emitRow(c: Assembler, width: number, { size, from, to }: CopiedAxis, source: Local, target: Local): void {
  const lanes = 16 / width;
  const isDense = from === 1 && to === 1;
  const unit = isDense || from === 2 ? lanes : 1;
  const [counter, own, goal] = [c.local("i32"), c.local("i32"), c.local("i32")];
  c.get(source).set(own);
  c.get(target).set(goal);
  c.i32(0).set(counter);
  const type = width === 8 ? "f64" : "f32";
  forRanges(c, { from: counter, size }, unit * mostUnrolled, ({ size: count }) => {
    let at = 0;
    // Of every second element, two vectors have four; the last one of the second is not read beyond the row.
    for (; width === 4 && from === 2 && to === 1 && at + 4 < count; at += 4) {
      c.get(goal)
        .get(own)
        .memory("v128.load", 8 * at)
        .get(own)
        .memory("v128.load", 8 * at + 16)
        .shuffle(0, 1, 2, 3, 8, 9, 10, 11, 16, 17, 18, 19, 24, 25, 26, 27)
        .memory("v128.store", 4 * at);
    }
    for (; at + lanes <= count && isDense; at += lanes) {
      c.get(goal)
        .get(own)
        .memory("v128.load", at * width)
        .memory("v128.store", at * width);
    }
    for (; at < count; at++) {
      c.get(goal)
        .get(own)
        .memory(`${type}.load`, at * from * width)
        .memory(`${type}.store`, at * to * width);
    }
    if (count === size) return;
    c.get(own)
      .i32(count * from * width)
      .op("i32.add")
      .set(own);
    c.get(goal)
      .i32(count * to * width)
      .op("i32.add")
      .set(goal);
  });
  for (const local of [counter, own, goal]) c.release(local);
}
