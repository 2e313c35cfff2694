import type { Assembler, Local } from "../wasm/assembler.ts";

/** A stretch of an axis: where it begins, in a variable, and how long it is. */
export interface Stretch {
  readonly from: Local;
  readonly size: number;
}

/** A whole axis. */
export function wholeAxis(c: Assembler, size: number): Stretch {
  const from = c.local("i32");
  c.i32(0).set(from);
  return { from, size };
}

/** Goes along a stretch in shorter ones of some size, the last of which may be shorter still. */
export function stretches(
  c: Assembler,
  { from: start, size }: Stretch,
  most: number,
  body: (stretch: Stretch) => void,
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

/** Takes one of the stretches of some size that an axis is cut into, by its number. */
export function stretchAt(
  c: Assembler,
  task: Local,
  size: number,
  chunk: number,
  body: (stretch: Stretch) => void,
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
