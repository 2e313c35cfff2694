import { checkFunction } from "../core/arguments.ts";
import { isFloat } from "../core/dtype.ts";
import { GradError, TinygradError } from "../core/errors.ts";
import type { Op, Operand, Saved, Vjp } from "../core/op.ts";
import { checkOptions } from "../core/options.ts";
import { isTensor } from "../core/runtime.ts";
import { describe } from "../core/shape.ts";
import { refuseMore } from "../core/surplus.ts";
import type { Run } from "../core/tracer.ts";
import { placeOf } from "../loss/classes.ts";
import type { Layer } from "../nn/layer.ts";
import { checkLayer } from "../nn/reflect.ts";
import { watchForward } from "../nn/watch.ts";
import type { Tensor } from "../tensor.ts";
import { type Fault, hintFor } from "./hints.ts";
import { Listener, listen, type Site } from "./listener.ts";
import { short, statisticsOf } from "./numbers.ts";

/**
 * Thrown by {@link detectAnomaly} at the first op that turns finite numbers into NaN or infinity.
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
  /** Where it arose: in the op (`"forward"`) or in its gradient rule (`"backward"`); or `"given"`, if the op was given a NaN that no op in the function computed. */
  readonly phase: "forward" | "backward" | "given";
  /** The line of your code that applied the op, as `file:line`; null if the engine does not tell, or if the op was applied outside {@link detectAnomaly}. */
  readonly place: string | null;
  /** The layer in which the op was applied, by its path in the model; null if you passed no model, or if the op was not inside a layer. */
  readonly layer: string | null;
  /** The inputs of the op: dtypes, shapes and ranges. */
  readonly input: string;

  /** @internal */
  constructor(phase: AnomalyError["phase"], origin: Origin, bad: string, hint: string) {
    const { op, site, layer } = origin;
    const input = origin.inputs.map(rangeOf).join(" and ");
    const place = site?.place ?? null;
    const step = site?.at == null ? "" : `, at step ${site.at} of the sequence`;
    const where = `${layer === null ? "" : `, in ${layer}`}${step}${place === null ? "" : `, at ${place}`}`;
    super(op, rules[phase], `${bad}, of ${input}${where}`, hint);
    this.phase = phase;
    this.place = place;
    this.layer = layer;
    this.input = input;
  }
}

const rules = {
  forward: "its result must be finite",
  backward: "its gradient must be finite",
  given: "its input must not be NaN",
};

/** An op that was applied. Keeps the inputs' values of that moment, since tensors may be assigned to later. */
interface Origin {
  readonly op: string;
  readonly inputs: readonly Operand[];
  readonly site: Site | null;
  readonly layer: string | null;
}

/** Options of {@link detectAnomaly}. */
export interface AnomalyOptions {
  /** The model whose layers errors name by path. Without it, errors name layers by their position in a Sequential. */
  readonly model?: Layer;
  /** Whether an infinity counts as an anomaly too; true by default. Pass false if your program computes infinities on purpose, for example a mask as `log(0)`. */
  readonly infinities?: boolean;
}

/**
 * Runs a function, such as a training step, and throws at the first op that produces a NaN or an infinity in the forward or backward pass. The error names the op, its inputs, the line of your code
 * that applied it, and the layer. This is slow: use it to search for a fault, not in production.
 *
 * An op is reported for an infinity if none of its inputs is infinite, and for a NaN if none of its inputs is NaN. So a mask of −∞ is accepted, while a softmax over nothing but −∞ is reported. A NaN
 * in the data is accepted as long as neither a gradient nor the loss becomes NaN through it; if one does, the error names the first op that was given a NaN. What a gradient rule masks out itself is
 * not reported.
 *
 * Inside, a compiled function runs as eager code, so every op is checked.
 *
 * @param fn - a synchronous function.
 * @param options - {@link AnomalyOptions}.
 * @returns what `fn` returns.
 * @throws {@link AnomalyError}, and whatever `fn` throws; `GradError` if `fn` returns a promise, or if this is called within a function that is being compiled; `ValueError` if `fn` is not a function, or
 * `model` is not a layer.
 * @example
 * import { Linear, log, relu, Sequential, sum, tensor } from "tinygrad-ts";
 * import { detectAnomaly } from "tinygrad-ts/debug";
 *
 * const model = new Sequential(new Linear(2, 3), relu, (x) => log(x));
 * const line = detectAnomaly(() => 1 + 1); // → 2
 * detectAnomaly(() => sum(model.forward(tensor([0, 0])))); // → throws AnomalyError: Sequential[2] function: log: its result must be finite, got -∞ at …
 */
export function detectAnomaly<T>(fn: () => T, options: AnomalyOptions = {}): T {
  checkFunction("detectAnomaly", "fn", fn, "write detectAnomaly(() => …, { model })");
  checkOptions("detectAnomaly", options, { model: "any", infinities: "boolean" });
  refuseMore("detectAnomaly", arguments, 2);
  const { model, infinities = true } = options;
  if (model !== undefined) checkLayer("detectAnomaly", model);
  const watch = new Watch(infinities);
  const result = listen("detectAnomaly", watch, () =>
    model === undefined ? fn() : watchForward(model, watch.layers, fn),
  );
  if ((result as { then?: unknown } | null | undefined)?.then) {
    throw new GradError("detectAnomaly", "must be synchronous", "a promise", "await outside of it");
  }
  if (isTensor(result)) watch.refuseNaN(result);
  return result;
}

class Watch extends Listener {
  readonly #infinities: boolean;
  readonly #origins = new WeakMap<Tensor, Origin>();
  readonly #layers: string[] = [];
  /** The first op inside the current gradient rule whose result was not finite, which the rule may still mask out; null outside of rules. */
  #inner: { op: string | null } | null = null;
  /** The first op that passed on a NaN which no op computed. */
  #given: Origin | null = null;

  constructor(infinities: boolean) {
    super();
    this.#infinities = infinities;
  }

  readonly layers = {
    enter: (path: string, layer: Layer): void => {
      this.#layers.push(path === "" ? layer.describe() : `${path} ${layer.describe()}`);
    },
    end: (): void => {
      this.#layers.pop();
    },
  };

  override apply(run: Run, op: Op, inputs: readonly Tensor[], attrs: unknown): Tensor {
    const y = run(op, inputs, attrs);
    if (y.requiresGrad) this.#origins.set(y, this.#originOf(op, inputs));
    if (op.forward === "view" || !isFloat(y.dtype)) return y;
    const at = this.#faultIn(y, inputs);
    if (this.#inner !== null) {
      if (at >= 0) this.#inner.op ??= op.name;
    } else if (at >= 0) throw this.#error("forward", this.#originOf(op, inputs), y, at);
    else if (this.#given === null && y.values.some(Number.isNaN)) this.#given = this.#originOf(op, inputs);
    return y;
  }

  override rule(rule: Vjp, saved: Saved): Tensor {
    const { result: y, g } = saved;
    this.refuseNaN(y);
    const inner = { op: null };
    const before = this.#inner;
    this.#inner = inner;
    let gx: Tensor;
    try {
      gx = rule(saved);
    } finally {
      this.#inner = before;
    }
    const at = this.#faultIn(gx, [g, y, ...y.inputs]);
    if (at >= 0) throw this.#error("backward", this.#originOfResult(y), gx, at, inner.op);
    const isNew = gx.values.some(Number.isNaN) && !g.values.some(Number.isNaN);
    if (isNew) throw this.#givenError(this.#given ?? this.#originOfResult(y));
    return gx;
  }

  /** Throws if a loss is NaN although no op was reported for it. */
  refuseNaN(x: Tensor): void {
    if (x.rank > 0 || !Number.isNaN(x.values[0])) return;
    const origin = this.#given ?? (x.op === null ? null : this.#originOfResult(x));
    if (origin !== null) throw this.#givenError(origin);
  }

  /** The index of the first element that the op or rule is to be reported for, or −1. */
  #faultIn({ values }: Tensor, sources: readonly Tensor[]): number {
    if (values.every(Number.isFinite)) return -1;
    const given = sources.map((x) => x.values);
    if (given.some((own) => own.some(Number.isNaN))) return -1;
    const counts = this.#infinities && !given.some((own) => own.some(isInfinite));
    return values.findIndex((v) => Number.isNaN(v) || (counts && isInfinite(v)));
  }

  #error(phase: "forward" | "backward", origin: Origin, x: Tensor, at: number, inner: string | null = null): Error {
    const notes = [
      x.size === 1 ? "" : `${statisticsOf(x).bad} of ${x.size} elements`,
      inner === null || inner === origin.op ? "" : `computed by ${inner}`,
    ].filter((text) => text !== "");
    const bad = `${elementAt(x, at)}${notes.length === 0 ? "" : ` (${notes.join(", ")})`}`;
    const isMixed = origin.inputs.some(({ values }) => values.some(isInfinite));
    const fault: Fault =
      phase === "backward" ? phase : !Number.isNaN(x.values[at]) ? "∞" : isMixed ? "NaN of ∞" : "NaN";
    const error = new AnomalyError(phase, origin, bad, hintFor(origin.op, fault));
    // Forward, the Sequentials that the error passes say where it was.
    const path = phase === "backward" ? (origin.site?.path ?? "") : "";
    return path === "" ? error : error.within(path);
  }

  #givenError(origin: Origin): Error {
    const { op, inputs, site } = origin;
    const bad = inputs.find(({ values }) => values.some(Number.isNaN));
    const hint =
      site === null
        ? `${op} was applied before detectAnomaly started: run the forward pass inside it too`
        : "no op computed it: check the data, and values that were loaded or assigned";
    const error = new AnomalyError(
      "given",
      origin,
      bad === undefined ? "NaN" : elementAt(bad, bad.values.findIndex(Number.isNaN)),
      hint,
    );
    return site === null || site.path === "" ? error : error.within(site.path);
  }

  #originOf({ name }: Op, inputs: readonly Tensor[]): Origin {
    const own = inputs.map(({ shape, dtype, values }) => ({ shape, dtype, values }));
    return { op: name, inputs: own, site: this.site(), layer: this.#layers.at(-1) ?? null };
  }

  #originOfResult(y: Tensor): Origin {
    return this.#origins.get(y) ?? { op: y.op!.name, inputs: y.inputs, site: null, layer: null };
  }
}

function isInfinite(v: number): boolean {
  return v === Number.POSITIVE_INFINITY || v === Number.NEGATIVE_INFINITY;
}

/** `-∞ at [0, 1]`. */
function elementAt({ shape, values }: Operand, at: number): string {
  return short(values[at]!) + (shape.length === 0 ? "" : ` at ${placeOf(at, shape)}`);
}

/** `float32[3] from 0 to 2`. */
function rangeOf(x: Operand): string {
  const { least, most, size } = statisticsOf(x);
  if (size === 0) return describe(x);
  if (least > most) return `${describe(x)} of NaN`;
  const range = least < most ? `from ${short(least)} to ${short(most)}` : (size > 1 ? "all " : "") + short(least);
  return `${describe(x)} ${range}${x.values.some(Number.isNaN) ? " beside NaN" : ""}`;
}
