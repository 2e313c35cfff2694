import type { Op } from "../core/op.ts";
import type { Value } from "./builder.ts";
import { CompileError } from "./errors.ts";
import type { Call } from "./lowering.ts";
import { conversions } from "./lowerings/conversions.ts";
import { elementwise } from "./lowerings/elementwise.ts";
import { indexing } from "./lowerings/indexing.ts";
import { inFloat64 } from "./lowerings/integers.ts";
import { movement } from "./lowerings/movement.ts";
import { reductions } from "./lowerings/reductions.ts";

let table: Map<Op, (call: Call) => Value> | undefined;

/** Whether an op can be compiled. */
export function isLowered(op: Op): boolean {
  table ??= new Map([...elementwise.map(inFloat64), ...conversions, ...movement, ...reductions, ...indexing]);
  return table.has(op);
}

/**
 * Writes an op's call with the nodes of a graph.
 *
 * @throws {@link CompileError} that names the op, if none of its lowerings is known.
 */
export function lower(op: Op, call: Omit<Call, "x" | "y">): Value {
  if (!isLowered(op)) {
    if ([...table!.keys()].some(({ name }) => name === op.name)) {
      const hint = "import the package everywhere, or require it everywhere";
      throw new CompileError("compile", "two copies of the package are loaded", `${op.name} of the other`, hint);
    }
    throw new CompileError("compile", "every op must have a lowering", op.name, "call the op outside of the function");
  }
  return table!.get(op)!({ ...call, x: call.inputs[0]!, y: call.inputs[1]! });
}
