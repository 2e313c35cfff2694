import { isRecording, type Tracer, tracer, withTracer } from "../core/apply.ts";
import { isFloat } from "../core/dtype.ts";
import { GradError, TinygradError, ValueError } from "../core/errors.ts";
import type { Op } from "../core/op.ts";
import { describe } from "../core/shape.ts";
import { Layer } from "../nn/layer.ts";
import { watchForward } from "../nn/watch.ts";
import type { Tensor } from "../tensor.ts";
import { callSite } from "./callSite.ts";
import { short, statisticsOf } from "./numbers.ts";

/**
 * The first NaN or infinity that was made of finite numbers.
 *
 * @example
 * import { log, tensor } from "tinygrad-ts";
 * import { AnomalyError, detectAnomaly } from "tinygrad-ts/debug";
 *
 * try {
 *   detectAnomaly(() => log(tensor([1, 0])));
 * } catch (error) {
 *   error instanceof AnomalyError && [error.op, error.phase, error.input]; // → ["log", "forward", "float32[2] from 0 to 1"]
 * }
 */
export class AnomalyError extends TinygradError {
  /** The name of the class, also after minifying. */
  override name = "AnomalyError";
  /** Whether the op itself made it, or its gradient rule. */
  readonly phase: "forward" | "backward";
  /** The line of user code that applied the op, as `file:line`; null where the engine does not tell. */
  readonly place: string | null;
  /** The layer in which the op was applied, by its path in the model; null if no model was given, or it was in none. */
  readonly layer: string | null;
  /** What the op was applied to. */
  readonly input: string;

  /** @internal */
  constructor(origin: Origin, phase: "forward" | "backward", bad: string, made: string) {
    const { op, input, place, layer } = origin;
    const of = phase === "forward" ? "its result" : "its gradient";
    const where = [layer === null ? "" : `in ${layer}`, place === null ? "" : `at ${place}`].filter(
      (text) => text !== "",
    );
    const got = `${bad}${made}, of ${input}${where.length === 0 ? "" : `, ${where.join(", ")}`}`;
    super(op, `${of} must be finite`, got, hints[`${op} ${phase}`] ?? "");
    this.phase = phase;
    this.place = place;
    this.layer = layer;
    this.input = input;
  }
}

/** What is known of an op that was applied. */
interface Origin {
  readonly op: string;
  readonly input: string;
  readonly place: string | null;
  readonly layer: string | null;
}

/** Options of {@link detectAnomaly}. */
export interface AnomalyOptions {
  /** The model whose layers errors are to name. */
  readonly model?: Layer;
}

const hints: Record<string, string> = {
  "log forward":
    "the logarithm of 0 is −∞, of negative numbers NaN: clamp the argument, or take logSoftmax, bceWithLogits, log1p",
  "div forward": "division by 0: add a small number to the divisor",
  "exp forward":
    "exp overflows above 88.7 in float32, 709.7 in float64: subtract the maximum first, or take softmax, logSumExp",
  "sqrt forward": "the root of a negative number is NaN: clamp the argument",
  "pow forward": "a power overflowed, 0 had a negative exponent, or a negative number one that is not whole",
  "matmul forward": "a product overflowed: are weights or inputs very large? See Training well",
  "sqrt backward": "the root's slope at 0 is infinite: add a small number under the root",
  "log backward": "the logarithm's slope at 0 is infinite: add a small number to the argument",
  "pow backward": "the power's slope at 0 is infinite for exponents below 1: add a small number to the base",
  "div backward": "division by a number so small that its square is 0: add a small number to the divisor",
};

/**
 * Runs a function, a step of training say, and throws at the first op that makes a NaN or an infinity of finite numbers, forward or backward: with the op's name, what it was
 * applied to, and the line of your code and the layer that applied it. Slow; for the search, not for production.
 *
 * Infinities that are given, such as masks of −∞, are taken as meant, and so are NaN that are given: who passes them on is not to blame. A compiled function runs as eager code in
 * here, so that all of it is seen.
 *
 * @param fn - a synchronous function.
 * @param options - `model`: to name its layers.
 * @returns what `fn` returns.
 * @throws {@link AnomalyError}; what `fn` throws; `GradError` if `fn` returns a promise; `ValueError` within a function that is being compiled.
 * @example
 * import { Linear, log, relu, Sequential, sum, tensor } from "tinygrad-ts";
 * import { detectAnomaly } from "tinygrad-ts/debug";
 *
 * const model = new Sequential(new Linear(2, 3), relu, (x) => log(x));
 * const line = detectAnomaly(() => 1 + 1); // → 2
 * detectAnomaly(() => sum(model.forward(tensor([0, 0]))), { model }); // → throws AnomalyError: Sequential[2] function: log: its result must be finite, got -∞ at …
 */
export function detectAnomaly<T>(fn: () => T, options: AnomalyOptions = {}): T {
  const { model } = options;
  if (typeof fn !== "function") throw new ValueError("detectAnomaly", "needs a function", String(fn));
  if (model !== undefined && !(model instanceof Layer))
    throw new ValueError("detectAnomaly", "model must be a layer", String(model));
  if (tracer !== null) {
    const hint = "put it around the compiled function, which then runs as eager code";
    throw new ValueError(
      "detectAnomaly",
      "cannot be part of a function that is compiled, or watched already",
      "",
      hint,
    );
  }
  const watch = new Watch();
  const run = (): T => withTracer(watch, fn);
  const result = model === undefined ? run() : watchForward(model, watch, run);
  if ((result as { then?: unknown } | null | undefined)?.then) {
    throw new GradError("detectAnomaly", "must be synchronous", "a promise", "await outside of it");
  }
  return result;
}

class Watch implements Tracer {
  readonly #origins = new WeakMap<Tensor, Origin>();
  readonly #layers: { readonly path: string; readonly text: string }[] = [];
  /** The result whose gradient rules run at present. */
  #backward: Tensor | null = null;

  apply(
    run: (op: Op, inputs: readonly Tensor[], attrs: unknown) => Tensor,
    op: Op,
    inputs: readonly Tensor[],
    attrs: unknown,
  ): Tensor {
    const y = run(op, inputs, attrs);
    if (this.#backward === null && isRecording()) this.#origins.set(y, this.#originOf(op, inputs));
    if (!isFloat(y.dtype) || inputs.some((x) => isFloat(x.dtype) && statisticsOf(x).bad > 0)) return y;
    const at = y.values.findIndex((v) => !Number.isFinite(v));
    if (at < 0) return y;
    const count = statisticsOf(y).bad;
    const bad = `${short(y.values[at]!)} at ${placeIn(y, at)}${count > 1 ? ` and ${count - 1} more` : ""}`;
    const maker = this.#backward;
    if (maker === null) throw new AnomalyError(this.#originOf(op, inputs), "forward", bad, "");
    const name = maker.op?.name ?? op.name;
    const origin = this.#origins.get(maker) ?? { op: name, input: inputsOf(maker.inputs), place: null, layer: null };
    throw new AnomalyError(origin, "backward", bad, name === op.name ? "" : ` (made by ${op.name})`);
  }

  rules(y: Tensor | null): void {
    this.#backward = y;
  }

  enter(path: string, layer: Layer): void {
    this.#layers.push({ path, text: path === "" ? layer.describe() : `${path} ${layer.describe()}` });
  }

  leave(path: string): void {
    let left = this.#layers.pop();
    while (left !== undefined && left.path !== path) left = this.#layers.pop(); // those that threw
  }

  #originOf(op: Op, inputs: readonly Tensor[]): Origin {
    return { op: op.name, input: inputsOf(inputs), place: callSite(), layer: this.#layers.at(-1)?.text ?? null };
  }

  // What the compiler listens to besides.
  readonly read = ignore;
  readonly assign = ignore;
  readonly grad = ignore;
  readonly draw = ignore;
  readonly seed = ignore;
  readonly split = ignore;
  readonly mode = ignore;
}

const ignore = (): void => undefined;

function inputsOf(inputs: readonly Tensor[]): string {
  return inputs
    .map((x) => {
      const { least, most, size } = statisticsOf(x);
      const range = size === 0 ? "" : size === 1 ? ` ${short(least)}` : ` from ${short(least)} to ${short(most)}`;
      return describe(x) + range;
    })
    .join(" and ");
}

function placeIn({ shape }: Tensor, at: number): string {
  let rest = at;
  const index = [...shape].reverse().map((n) => {
    const i = rest % n;
    rest = Math.floor(rest / n);
    return i;
  });
  return `[${index.reverse().join(", ")}]`;
}
