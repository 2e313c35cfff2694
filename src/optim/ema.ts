import { noGrad } from "../core/apply.ts";
import { checkFunction, refuseProxy } from "../core/arguments.ts";
import { ValueError } from "../core/errors.ts";
import { checkOptions } from "../core/options.ts";
import { refuseMore } from "../core/surplus.ts";
import { inspectable } from "../format.ts";
import type { Layer } from "../nn/layer.ts";
import { checkLayer, tensorsOf } from "../nn/reflect.ts";
import { combine } from "../ops/combine.ts";
import { restoreState, type StateDict, snapshotState } from "../state.ts";
import { Tensor } from "../tensor.ts";
import { checkFinite } from "./finite.ts";

/** Options of {@link EMA}. */
export interface EmaOptions {
  /** How much of the average is kept in each update; from 0 to 1, 0.999 by default. */
  readonly decay?: number;
}

/**
 * Exponential moving average of a model's weights, which is often better than the weights themselves (Polyak and Juditsky, 1992): each `update()` makes it
 * `decay · average + (1 − decay) · weight`. It starts with the current weights of the model. Buffers are copied, not averaged.
 *
 * A frozen parameter is still a parameter: the average continues towards it, and unfreezing it changes nothing. A parameter that replaced another one, or was added later, has no average, and is
 * an error. Other tensors of a layer may be added or removed.
 *
 * @example
 * const model = new Linear(1, 1, { bias: false });
 * model.weight.assign(zeros([1, 1]));
 * const average = new EMA(model, { decay: 0.75 });
 * model.weight.assign(ones([1, 1]));
 * average.update();
 * average.use(() => model.weight.item()); // → 0.25
 * model.weight.item(); // → 1
 */
export class EMA extends /* @__PURE__ */ inspectable() {
  readonly #model: Layer;
  readonly #decay: number;
  readonly #averages = new Map<Tensor, Tensor>();
  #isInUse = false;

  /**
   * @param model - the model; it must not get other parameters afterwards.
   * @param options - `decay`.
   * @throws {@link ValueError} for a decay out of range, an unknown option, or anything but a model.
   */
  constructor(model: Layer, options: EmaOptions = {}) {
    super();
    checkLayer("EMA", model);
    const { decay = 0.999 } = checkOptions("EMA", options, { decay: "number" });
    refuseMore("EMA", arguments, 2);
    if (!(decay >= 0 && decay <= 1)) throw new ValueError("EMA", "decay must be from 0 to 1", String(decay));
    this.#model = model;
    this.#decay = decay;
    for (const [, x] of tensorsOf(model)) this.#averages.set(x, copyOf(x));
  }

  /** `EMA(Linear(2, 3), { decay: 0.999 })`. */
  override toString(): string {
    return `EMA(${this.#model.describe()}, { decay: ${this.#decay} })`;
  }

  /**
   * Takes the weights as they are now in. Call it after the optimizer's step; it may be part of a compiled one.
   *
   * @throws {@link ValueError} while the averages are in {@link EMA.use}, and if the model has another parameter than before; {@link GradError} for a weight that is NaN or infinite, which an average would keep for ever.
   * Nothing has changed then.
   */
  update(): void {
    refuseMore("EMA.update", arguments, 0);
    refuseProxy("EMA.update", #model in this);
    this.#checkIdle("EMA.update");
    const decay = this.#decay;
    const current = this.#current("EMA.update");
    // An average would keep a NaN for ever.
    for (const [name, x] of current)
      if (x.requiresGrad) checkFinite("EMA.update", x, name, "the averages are as they were", "weights must be finite");
    const averages = new Map(current.map(([, x, average]) => [x, average]));
    noGrad(() => {
      for (const [x, average] of averages) average.assign(isParameter(x) ? combine(decay, average, 1 - decay, x) : x);
    });
  }

  /**
   * Runs a function while the model has the averages for weights, and gives it its own back: also if the function throws, and if it is async, when
   * it is done. What the function does to the weights is gone then, and does not get into the averages.
   *
   * @param fn - what to do with the model: measure it, save it.
   * @returns what the function returns.
   * @throws {@link ValueError} while they are in use already, and if the model has another parameter than before; and what the function throws.
   */
  use<T>(fn: () => T): T {
    refuseMore("EMA.use", arguments, 1);
    refuseProxy("EMA.use", #model in this);
    checkFunction("EMA.use", "fn", fn);
    this.#checkIdle("EMA.use");
    const current = this.#current("EMA.use");
    const own = new Map(current.map(([, x]) => [x, x.detach()]));
    noGrad(() => {
      for (const [, x, average] of current) x.assign(average);
    });
    this.#isInUse = true;
    const giveBack = (): void => {
      this.#isInUse = false;
      noGrad(() => {
        for (const [x, value] of own) x.assign(value);
      });
    };
    let result: T;
    try {
      result = fn();
    } catch (error) {
      giveBack();
      throw error;
    }
    if (typeof (result as { readonly then?: unknown } | null | undefined)?.then === "function") {
      return Promise.resolve(result).finally(giveBack) as T;
    }
    giveBack();
    return result;
  }

  /**
   * The averages, under the names of the model's own {@link Layer.stateDict}: load them into a model to keep them.
   *
   * @returns snapshots, as those of the model.
   */
  stateDict(): Map<string, Tensor> {
    refuseMore("EMA.stateDict", arguments, 0);
    refuseProxy("EMA.stateDict", #model in this);
    return snapshotState(this.#entries("EMA.stateDict"));
  }

  /**
   * Loads averages: all of them or, if anything does not fit, none.
   *
   * @param state - tensors by name, in a Map or a plain object.
   * @throws {@link StateError} naming what does not fit.
   */
  loadStateDict(state: StateDict, ...extra: readonly never[]): void {
    refuseProxy("EMA.loadStateDict", #model in this);
    restoreState("EMA.loadStateDict", this.#entries("EMA.loadStateDict"), state, undefined, extra);
  }

  #entries(op: string): [string, Tensor][] {
    return this.#current(op).map(([name, , average]) => [name, average]);
  }

  /** The model's tensors as they are now, by name, with their averages. A buffer that came along is its own. */
  #current(op: string): [name: string, own: Tensor, average: Tensor][] {
    return tensorsOf(this.#model).map(([name, x]) => {
      let average = this.#averages.get(x);
      if (average === undefined) {
        if (isParameter(x)) {
          const hint = "assign to a parameter instead of replacing it, or make a new EMA";
          throw new ValueError(op, "the model's parameters must be those that it had", `another ${name}`, hint);
        }
        average = copyOf(x);
        this.#averages.set(x, average);
      }
      return [name, x, average];
    });
  }

  #checkIdle(op: string): void {
    if (this.#isInUse) throw new ValueError(op, "the averages are in use", "", "await what use() returned first");
  }
}

/** Whether a tensor is trained, or was before it was frozen. */
function isParameter(x: Tensor): boolean {
  return x.requiresGrad || x.frozen;
}

function copyOf(x: Tensor): Tensor {
  return new Tensor(x.values, x.shape, x.dtype);
}
