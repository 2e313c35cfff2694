import type { Assembler, Local } from "../binary/assembler.ts";

/**
 * Where an array begins: a base in a variable plus an offset, or the offset alone. Code that several kernels share is given its bases by the caller; code for
 * one kernel has its addresses in it.
 */
export interface Place {
  readonly base: Local | null;
  readonly offset: number;
}

/** Leaves the address of a place on the stack. */
export function addressOf(c: Assembler, { base, offset }: Place): Assembler {
  if (base === null) return c.i32(offset);
  return offset === 0 ? c.get(base) : c.get(base).i32(offset).op("i32.add");
}

/** Adds a place's base to the distance on the stack; an access adds the place's offset, for free. */
export function fromBase(c: Assembler, { base }: Place): Assembler {
  return base === null ? c : c.get(base).op("i32.add");
}
