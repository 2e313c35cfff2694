import { GradError } from "../core/errors.ts";
import type { Op, Saved, Vjp } from "../core/op.ts";
import { runtime, withState } from "../core/runtime.ts";
import type { Run, Tracer } from "../core/tracer.ts";
import type { Layer } from "../nn/layer.ts";
import type { Tensor } from "../tensor.ts";
import { callSite } from "./callSite.ts";

/** A layer in a Sequential, which may itself be in another. */
interface Step {
  readonly above: Step | null;
  readonly index: number;
  readonly layer: Layer;
}

/** Where an op was applied. The stack is read only on demand, since that is slow. */
export class Site {
  readonly #error: Error;
  readonly #step: Step | null;
  /** The step of the sequence, in a recurrent layer. */
  readonly at: number | null;

  constructor(error: Error, step: Step | null, at: number | null = null) {
    this.#error = error;
    this.#step = step;
    this.at = at;
  }

  /** The line of user code, as `file:line`; null if the engine does not tell. */
  get place(): string | null {
    return callSite(this.#error.stack);
  }

  /** The path through Sequentials, as errors show it: `Sequential[2] Linear(784, 128)`; empty outside of one. */
  get path(): string {
    const texts: string[] = [];
    for (let step = this.#step; step !== null; step = step.above) {
      const { index, layer } = step;
      texts.push(`Sequential[${index}]${layer.describe() === "Sequential" ? "" : ` ${layer.describe()}`}`);
    }
    return texts.reverse().join(" ");
  }
}

const ignore = (): void => undefined;

/** A tracer that watches eager code without changing what it does. */
export class Listener implements Tracer {
  #step: Step | null = null;
  #at: number | null = null;

  apply(run: Run, op: Op, inputs: readonly Tensor[], attrs: unknown): Tensor {
    return run(op, inputs, attrs);
  }

  rule(rule: Vjp, saved: Saved): Tensor {
    return rule(saved);
  }

  layer(index: number, layer: Layer, x: Tensor): Tensor {
    const above = this.#step;
    this.#step = { above, index, layer };
    try {
      return layer.forward(x);
    } finally {
      this.#step = above;
    }
  }

  step<T>(at: number, run: () => T): T {
    const before = this.#at;
    this.#at = at;
    try {
      return run();
    } finally {
      this.#at = before;
    }
  }

  /** Where the current op is being applied. */
  site(): Site {
    return new Site(new Error("not thrown: it holds the stack"), this.#step, this.#at);
  }

  readonly read: Tracer["read"] = ignore;
  readonly assign: Tracer["assign"] = ignore;
  readonly grad = ignore;
  readonly draw: Tracer["draw"] = ignore;
  readonly seed = ignore;
  readonly split = ignore;
  readonly mode = ignore;
}

/**
 * Runs a function with a listener. Compiled functions that it calls run as eager code, since only that can be watched. If listeners are nested, only the innermost is called.
 *
 * @throws `GradError` within a function that is being compiled: a replay would not call the listener.
 */
export function listen<T>(op: string, listener: Listener, fn: () => T): T {
  if (runtime.tracer !== null && !(runtime.tracer instanceof Listener)) {
    const hint = "call it around the compiled function, which then runs as eager code";
    throw new GradError(op, "cannot be called within a function that is being compiled", "a recording", hint);
  }
  return withDeepStacks(() => withState("tracer", listener, fn));
}

/** V8 keeps ten lines of a stack, which a few nested layers use up. */
function withDeepStacks<T>(fn: () => T): T {
  const before = (Error as { stackTraceLimit?: unknown }).stackTraceLimit;
  if (typeof before !== "number") return fn();
  Reflect.set(Error, "stackTraceLimit", Math.max(before, 64));
  try {
    return fn();
  } finally {
    Reflect.set(Error, "stackTraceLimit", before);
  }
}
