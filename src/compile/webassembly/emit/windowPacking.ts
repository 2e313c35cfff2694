import type { DType } from "../../../core/dtype.ts";
import { bytesOf } from "../../ir/kind.ts";
import { boxOf, type Step, type WindowOperand } from "../../windowOperand.ts";
import type { Assembler, Local } from "../binary/assembler.ts";
import { storeTransposed } from "./packing.ts";
import { forRanges, type Range } from "./range.ts";

// Strips of an operand of a product, packed from the array that it is a window of.

/** The strips of an operand. */
interface Strips {
  readonly dtype: DType;
  readonly operand: WindowOperand;
  /** Lanes of a whole strip. */
  readonly lanes: number;
  /** Whether the last strip, with fewer lanes, takes as much room as the others. */
  readonly isWide: boolean;
}

/** Lanes that lie at equal distances: a pointer to the first one, and how many they are. In bytes. */
interface Group {
  readonly pointer: Local;
  readonly lanes: number;
  readonly step: number;
}

/** Leaves on the stack how far an element of an axis, by its number, lies from the first: in bytes. */
export function distanceAlong(c: Assembler, steps: readonly Step[], at: Local, width: number): void {
  let inside = steps.reduce((size, step) => size * step.size, 1);
  let isFirst = true;
  for (const [d, { size, stride }] of steps.entries()) {
    inside /= size;
    if (stride === 0) continue;
    c.get(at);
    if (inside > 1) c.i32(inside).op("i32.div_u");
    if (d > 0) c.i32(size).op("i32.rem_u");
    c.i32(stride * width).op("i32.mul");
    if (!isFirst) c.op("i32.add");
    isFirst = false;
  }
  if (isFirst) c.i32(0);
}

/**
 * Lays a block of an operand that is a window out in strips, step by step of the inner axis, of which the block is a box.
 *
 * @param base - the address of the window's first element of this batch.
 */
export function emitPackWindow(
  c: Assembler,
  strips: Strips,
  base: Local,
  { inner, lanes }: { readonly inner: Range; readonly lanes: Range },
  room: Local,
): void {
  const { dtype, operand, lanes: unit } = strips;
  const width = bytesOf[dtype];
  const box = boxOf(operand.inner, inner.size);
  const [start, to] = [c.local("i32"), c.local("i32")];
  distanceAlong(c, operand.inner, inner.from, width);
  c.get(base).op("i32.add").set(start);
  c.get(room).set(to);
  const last = operand.lanes.at(-1) ?? { size: 1, stride: 0 };
  // Lanes from a multiple of so many on are within a row.
  const together = operand.lanes.length < 2 ? unit : greatestCommonDivisor(unit, last.size);
  forRanges(c, lanes, unit, (strip) => {
    const pitch = strips.isWide ? unit : strip.size;
    const pack = (size: number): void => {
      const groups: Group[] = [];
      for (let first = 0; first < strip.size; first += size) {
        const [pointer, lane] = [c.local("i32"), c.local("i32")];
        c.get(strip.from).i32(first).op("i32.add").set(lane);
        distanceAlong(c, operand.lanes, lane, width);
        c.get(start).op("i32.add").set(pointer);
        c.release(lane);
        groups.push({ pointer, lanes: Math.min(size, strip.size - first), step: last.stride * width });
      }
      emitBox(c, { dtype, groups, pitch }, box, to);
      for (const { pointer } of groups) c.release(pointer);
    };
    if (together >= Math.min(4, strip.size) || last.size < strip.size) pack(together);
    else {
      // Most strips lie within a row all the same.
      const isWithin = c.local("i32");
      c.get(strip.from).i32(last.size).op("i32.rem_u");
      c.i32(last.size - strip.size + 1)
        .op("i32.lt_s")
        .set(isWithin);
      c.get(isWithin).if(() => pack(unit));
      c.get(isWithin)
        .op("i32.eqz")
        .if(() => pack(together));
      c.release(isWithin);
    }
  });
  for (const local of [start, to]) c.release(local);
}

interface Packing {
  readonly dtype: DType;
  readonly groups: readonly Group[];
  /** Elements from one step to the next where they go. */
  readonly pitch: number;
}

/** Copies all steps of a box, for the lanes of a strip, and leaves `to` behind them. */
function emitBox(c: Assembler, packing: Packing, box: readonly Step[], to: Local): void {
  const width = bytesOf[packing.dtype];
  const at = c.local("i32");
  c.i32(0).set(at);
  walk(0, at);
  c.release(at);

  function walk(depth: number, from: Local): void {
    if (depth >= box.length - 1) {
      emitSteps(c, packing, box[depth] ?? { size: 1, stride: 0 }, from, to);
      return;
    }
    const { size, stride } = box[depth]!;
    const [counter, own] = [c.local("i32"), c.local("i32")];
    c.i32(0).set(counter);
    c.loop(counter, size, 1, () => {
      c.get(counter)
        .i32(stride * width)
        .op("i32.mul")
        .get(from)
        .op("i32.add")
        .set(own);
      walk(depth + 1, own);
    });
    for (const local of [counter, own]) c.release(local);
  }
}

/** Copies the steps of the innermost axis. */
function emitSteps(c: Assembler, { dtype, groups, pitch }: Packing, axis: Step, from: Local, to: Local): void {
  const width = bytesOf[dtype];
  const type = dtype === "float64" ? "f64" : "f32";
  const step = axis.stride * width;
  const lanes = groups.flatMap(({ pointer, lanes, step }) =>
    Array.from({ length: lanes }, (_, i) => ({ pointer, offset: i * step })),
  );
  const isSideBySide = groups.some(({ lanes, step }) => lanes > 1 && step === width);
  const isLong = width === 4 && step === 4 && !isSideBySide && axis.size >= 4;
  const [counter, at] = [c.local("i32"), c.local("i32")];
  const address = (pointer: Local): Assembler => c.get(pointer).get(at).op("i32.add");
  c.get(from).set(at);
  c.i32(0).set(counter);
  forRanges(c, { from: counter, size: axis.size }, 4, (steps) => {
    let lane = 0;
    if (isLong && steps.size === 4) {
      for (; lane + 4 <= lanes.length; lane += 4) {
        const rows = lanes.slice(lane, lane + 4).map(({ pointer, offset }) => {
          const row = c.local("v128");
          address(pointer).memory("v128.load", offset).set(row);
          return row;
        }) as [Local, Local, Local, Local];
        storeTransposed(c, rows, to, 4 * pitch, lane);
      }
    }
    let first = 0;
    for (const group of groups) {
      const [begin, end] = [Math.max(lane - first, 0), group.lanes];
      if (begin < end) emitGroup(group, begin, first, steps.size);
      first += end;
    }
    c.get(at)
      .i32(steps.size * step)
      .op("i32.add")
      .set(at);
    c.get(to)
      .i32(steps.size * pitch * width)
      .op("i32.add")
      .set(to);
  });
  for (const local of [counter, at]) c.release(local);

  /** Some steps of the lanes of a group, which go to the lanes from `first` on. */
  function emitGroup(group: Group, begin: number, first: number, count: number): void {
    const own = c.local("i32");
    address(group.pointer).set(own);
    for (let s = 0; s < count; s++) {
      const target = (lane: number): number => width * (s * pitch + first + lane);
      const source = (lane: number): number => s * step + lane * group.step;
      let lane = begin;
      if (group.step === width) {
        for (const four = 16 / width; lane + four <= group.lanes; lane += four) {
          c.get(to).get(own).memory("v128.load", source(lane)).memory("v128.store", target(lane));
        }
        for (const two = 8 / width; two > 1 && lane + two <= group.lanes; lane += two) {
          c.get(to).get(own).memory("v128.load64_zero", source(lane));
          c.laneMemory("v128.store64_lane", 0, target(lane));
        }
      }
      for (; lane < group.lanes; lane++) {
        c.get(to).get(own).memory(`${type}.load`, source(lane)).memory(`${type}.store`, target(lane));
      }
    }
    c.release(own);
  }
}

export function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b);
}
