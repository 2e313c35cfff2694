import type { Assembler, Local } from "../binary/assembler.ts";

/** Some neighbouring elements of an axis: the first, in a variable, and how many there are. */
export interface Range {
  readonly from: Local;
  readonly size: number;
}

/** A whole axis. */
export function wholeRange(c: Assembler, size: number): Range {
  const from = c.local("i32");
  c.i32(0).set(from);
  return { from, size };
}

/** Goes along a range in shorter ones of some size, the last of which may be shorter still. */
export function forRanges(
  c: Assembler,
  { from: start, size }: Range,
  most: number,
  body: (range: Range) => void,
): void {
  const from = c.local("i32");
  const whole = size - (size % most);
  c.get(start).set(from);
  if (whole > 0) {
    const end = c.local("i32");
    c.get(start).i32(whole).op("i32.add").set(end);
    c.loop(from, end, most, () => body({ from, size: most }));
    c.release(end);
  }
  if (whole < size) body({ from, size: size - whole });
  c.release(from);
}

/** The range of a task, by its number, where an axis is divided into tasks of so many elements. */
export function rangeOfTask(
  c: Assembler,
  task: Local,
  size: number,
  chunk: number,
  body: (range: Range) => void,
): void {
  const from = c.local("i32");
  c.get(task).i32(chunk).op("i32.mul").set(from);
  const [wholes, rest] = [Math.floor(size / chunk), size % chunk];
  if (wholes > 0) {
    c.get(task)
      .i32(wholes)
      .op("i32.lt_s")
      .if(() => body({ from, size: chunk }));
  }
  if (rest > 0) {
    c.get(task)
      .i32(wholes)
      .op("i32.eq")
      .if(() => body({ from, size: rest }));
  }
  c.release(from);
}
