import type { Op } from "../../core/op.ts";
import { formatShape, type Shape } from "../../core/shape.ts";
import type { Run } from "../../core/tracer.ts";
import { Listener } from "../../debug/listener.ts";
import type { Tensor } from "../../tensor.ts";
import { OnnxError } from "../error.ts";

/** Most elements of a value that is computed when a file is read: a few bytes can ask for any number. */
const most = 2 ** 25;

/** Most elements of a value while a model runs, where an operator's numbers say how large it is, and not the inputs' data. */
const mostInRun = 2 ** 28;

/** Refuses values that are larger than any that a model needs to know, or than it should have in a run. Axes beside one of no elements count: what goes along them does not know of it. */
export function checkRoom(op: string, shape: Shape, isInRun = false): void {
  const size = shape.reduce((product, n) => product * Math.max(n, 1), 1);
  if (size <= (isInRun ? mostInRun : most)) return;
  if (isInRun) {
    throw new OnnxError("UNSUPPORTED", op, `a value may have ${mostInRun} elements`, formatShape(shape));
  }
  throw new OnnxError("UNSUPPORTED", op, `what is known of a model may have ${most} elements`, formatShape(shape));
}

/** Looks at the shapes of results before memory is taken for them. */
class Guard extends Listener {
  override apply(run: Run, op: Op, inputs: readonly Tensor[], attrs: unknown): Tensor {
    checkRoom(op.name, op.shape(inputs, attrs));
    return run(op, inputs, attrs);
  }
}

let made: Guard | undefined;

/** What listens while values are computed that are known. */
export function guard(): Guard {
  made ??= new Guard();
  return made;
}
