import { Tensor } from "../tensor.ts";
import type { Runnable } from "./backend.ts";
import { CompileError } from "./errors.ts";
import type { Refusal } from "./trace.ts";

/** Throws what the op throws that refuses its inputs, after a run that a check has ended. */
export function refuse(executable: Runnable, check: number, { op, attrs, inputs }: Refusal): never {
  const ids = executable.graph.checks[check]!.inputs;
  const given = inputs.map(({ shape, dtype }, i) => new Tensor(executable.elements(ids[i]!), shape, dtype));
  op.shape(given, attrs);
  throw new CompileError(op.name, "the compiled program refused inputs that the op accepts", `check ${check}`);
}
