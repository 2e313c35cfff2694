import { isFloat } from "../core/dtype.ts";
import { GradError, TinygradError, ValueError } from "../core/errors.ts";
import type { Op, Operand, Saved, Vjp } from "../core/op.ts";
import { isTensor } from "../core/runtime.ts";
import { describe } from "../core/shape.ts";
import { placeOf } from "../loss/classes.ts";
import type { Layer } from "../nn/layer.ts";
import { isLayer } from "../nn/reflect.ts";
import { watchForward } from "../nn/watch.ts";
import type { Tensor } from "../tensor.ts";
import { type Fault, hintFor } from "./hints.ts";
import { Listener, listen, type Run, type Site } from "./listener.ts";
import { short, statisticsOf } from "./numbers.ts";

/**
 * The first NaN or infinity that was made of numbers that are neither.
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
  /** What made it: the op (`"forward"`), or its gradient rule (`"backward"`); or nothing, since a NaN was `"given"` to the op. */
  readonly phase: "forward" | "backward" | "given";
  /** The line of user code that applied the op, as `file:line`; null where the engine does not tell, or the op was applied outside of {@link detectAnomaly}. */
  readonly place: string | null;
  /** The layer in which the op was applied, by its path in the model; null if no model was given, or it was in none. */
  readonly layer: string | null;
  /** What the op was applied to: dtypes, shapes and ranges. */
  readonly input: string;

  /** @internal */
  constructor(phase: AnomalyError["phase"], origin: Origin, bad: string, hint: string) {
    const { op, site, layer } = origin;
    const input = origin.inputs.map(rangeOf).join(" and ");
    const place = site?.place ?? null;
    const where = `${layer === null ? "" : `, in ${layer}`}${place === null ? "" : `, at ${place}`}`;
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
  given: "what it is given must not be NaN",
};

/** What is known of an op that was applied. Inputs are kept as they were: they may be assigned to afterwards. */
interface Origin {
  readonly op: string;
  readonly inputs: readonly Operand[];
  readonly site: Site | null;
  readonly layer: string | null;
}

/** Options of {@link detectAnomaly}. */
export interface AnomalyOptions {
  /** The model whose layers errors are to name by their paths. Without it, they name layers of Sequentials, by their place there. */
  readonly model?: Layer;
  /** Whether infinities count, too; true by default. False for programs that make them on purpose, say a mask as `log(0)`. */
  readonly infinities?: boolean;
}

/**
 * Runs a function, a step of training say, and throws at the first op that makes a NaN or an infinity, forward or backward: with the op's name, what it was
 * applied to, and the line of your code and the layer that applied it. Slow; for the search, not for production.
 *
 * An infinity is an op's fault if no input has one, a NaN if no input has one: masks of −∞ are taken as meant, and a softmax of nothing but −∞ is found. A NaN that was given passes, as long as
 * neither a gradient nor the loss becomes NaN by it; then the error says which op was the first to be given one. What a gradient rule masks out again is not seen.
 *
 * A compiled function runs as eager code in here, so that all of it is seen.
 *
 * @param fn - a synchronous function.
 * @param options - {@link AnomalyOptions}.
 * @returns what `fn` returns.
 * @throws {@link AnomalyError}; what `fn` throws; `GradError` if `fn` returns a promise, and within a function that is being compiled; `ValueError` for what is no function, or no model.
 * @example
 * import { Linear, log, relu, Sequential, sum, tensor } from "tinygrad-ts";
 * import { detectAnomaly } from "tinygrad-ts/debug";
 *
 * const model = new Sequential(new Linear(2, 3), relu, (x) => log(x));
 * const line = detectAnomaly(() => 1 + 1); // → 2
 * detectAnomaly(() => sum(model.forward(tensor([0, 0])))); // → throws AnomalyError: Sequential[2] function: log: its result must be finite, got -∞ at …
 */
export function detectAnomaly<T>(fn: () => T, options: AnomalyOptions = {}): T {
  const { model, infinities = true } = options;
  if (typeof fn !== "function") throw new ValueError("detectAnomaly", "needs a function", String(fn));
  if (model !== undefined && !isLayer(model)) {
    throw new ValueError("detectAnomaly", "model must be a layer", String(model));
  }
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
  /** What the gradient rule that runs at present did that is not finite, and may yet mask out; null outside of rules. */
  #inner: { op: string | null } | null = null;
  /** The first op that passed on a NaN that nothing made. */
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

  /** Throws if a loss is NaN though no op made it so. */
  refuseNaN(x: Tensor): void {
    if (x.rank > 0 || !Number.isNaN(x.values[0])) return;
    const origin = this.#given ?? (x.op === null ? null : this.#originOfResult(x));
    if (origin !== null) throw this.#givenError(origin);
  }

  /** The first element that is the fault of what made it, or −1. */
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
      inner === null || inner === origin.op ? "" : `made by ${inner}`,
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
        ? `${op} was applied before detectAnomaly began: run the forward pass in it, too`
        : "nothing in here made it: look at the data, and at what was loaded or assigned";
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
