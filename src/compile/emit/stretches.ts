import type { Assembler, Local } from "../wasm/assembler.ts";

/** A stretch of an axis: where it begins, in a variable, and how long it is. */
export interface Stretch {
  readonly from: Local;
  readonly size: number;
}

/** Goes along an axis in stretches of some size, the last of which may be shorter. */
export function stretches(c: Assembler, size: number, most: number, body: (stretch: Stretch) => void): void {
  const from = c.local("i32");
  const whole = size - (size % most);
  c.i32(0).set(from);
  if (whole > 0) c.loop(from, whole, most, () => body({ from, size: most }));
  if (whole < size) body({ from, size: size - whole });
  c.release(from);
}
