import type { Op } from "../core/op.ts";
import type { Lowering } from "./lowering.ts";

/** Lowerings of other ops. They belong to the records: nobody finds one without the record, and all copies of the package in a process see the same. */
export function others(): WeakMap<Op, Lowering> {
  const key = Symbol.for("tinygrad-ts/lowerings/1");
  const held = globalThis as { [key]?: WeakMap<Op, Lowering> };
  held[key] ??= new WeakMap();
  return held[key];
}

/** What is computed in the place of ops that call out of the program, while a function is recorded: they are called by the program alone. */
export function standIns(): WeakMap<Op, Op> {
  const key = Symbol.for("tinygrad-ts/standIns/1");
  const held = globalThis as { [key]?: WeakMap<Op, Op> };
  held[key] ??= new WeakMap();
  return held[key];
}
