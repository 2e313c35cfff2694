import type { Op } from "../core/op.ts";
import type { Lowering } from "./lowering.ts";

/** Lowerings of other ops. They belong to the records: nobody finds one without the record, and all copies of the package in a process see the same. */
export function others(): WeakMap<Op, Lowering> {
  const key = Symbol.for("tinygrad-ts/lowerings/1");
  const held = globalThis as { [key]?: WeakMap<Op, Lowering> };
  held[key] ??= new WeakMap();
  return held[key];
}
