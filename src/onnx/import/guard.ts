import type { Op } from "../../core/op.ts";
import { formatShape, type Shape } from "../../core/shape.ts";
import type { Run } from "../../core/tracer.ts";
import { Listener } from "../../debug/listener.ts";
import type { Tensor } from "../../tensor.ts";
import { OnnxError } from "../error.ts";

/** Most elements of a value that is computed when a file is read: a few bytes can ask for any number. */
const most = 2 ** 25;

/** Most elements of a value while a model runs, if its inputs and weights are small: two rows of a file, multiplied with each other, can ask for any number. */
const mostInRun = 2 ** 28;

/** Most elements of all values together that are computed when a small file is read. */
const mostInAll = 2 ** 27;

/** Refuses a file of which too much would have to be kept: many nodes, each of which makes as much as one may. */
export function checkKept(kept: number, weights: number): void {
  const room = Math.max(mostInAll, 4 * weights);
  if (kept <= room) return;
  const rule = `what is known of a model may have ${room} elements in all`;
  throw new OnnxError("UNSUPPORTED", "fromOnnx", rule, `${kept} or more`);
}

/** What a run has no room for. */
export class NoRoom extends OnnxError {}

/** How many elements a value may have in a run on inputs and weights of so many. */
export function roomOf(inputs: number, weights: number): number {
  return Math.max(mostInRun, 1024 * inputs, 4 * weights);
}

/** Refuses values that are larger than any that a model needs to know, or than it should have in a run. Axes beside one of no elements count: what goes along them does not know of it. */
export function checkRoom(op: string, shape: Shape, inRun: number | null = null): void {
  const size = shape.reduce((product, n) => product * Math.max(n, 1), 1);
  if (size <= (inRun ?? most)) return;
  if (inRun !== null) {
    throw new NoRoom("UNSUPPORTED", op, `a value may have ${inRun} elements in such a run`, formatShape(shape));
  }
  throw new OnnxError("UNSUPPORTED", op, `what is known of a model may have ${most} elements`, formatShape(shape));
}

/** Looks at the shapes of results before memory is taken for them. */
class Guard extends Listener {
  readonly #inRun: number | null;

  constructor(inRun: number | null) {
    super();
    this.#inRun = inRun;
  }

  override apply(run: Run, op: Op, inputs: readonly Tensor[], attrs: unknown): Tensor {
    checkRoom(op.name, op.shape(inputs, attrs), this.#inRun);
    return run(op, inputs, attrs);
  }
}

/** What listens while values are computed: those that are known, or, with a number of elements that they may have, those of a run. */
export function guard(inRun: number | null = null): Listener {
  return new Guard(inRun);
}
