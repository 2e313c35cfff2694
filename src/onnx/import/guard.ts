import type { Op } from "../../core/op.ts";
import { formatShape, type Shape, sizeOf } from "../../core/shape.ts";
import type { Run } from "../../core/tracer.ts";
import { Listener } from "../../debug/listener.ts";
import type { Tensor } from "../../tensor.ts";
import { OnnxError } from "../error.ts";

/** Most elements of a value that is computed when a file is read: a few bytes can ask for any number. */
const most = 2 ** 25;

/** Refuses values that are larger than any that a model needs to know. */
export function checkRoom(op: string, shape: Shape): void {
  if (sizeOf(shape) <= most) return;
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
