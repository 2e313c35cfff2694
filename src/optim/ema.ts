import { noGrad } from "../core/apply.ts";
import { checkFunction, refuseProxy } from "../core/arguments.ts";
import { ValueError } from "../core/errors.ts";
import { checkOptions } from "../core/options.ts";
import { inspectable } from "../format.ts";
import type { Layer } from "../nn/layer.ts";
import { checkLayer, tensorsOf } from "../nn/reflect.ts";
import { combine } from "../ops/combine.ts";
import { restoreState, type StateDict, snapshotState } from "../state.ts";
import { Tensor } from "../tensor.ts";

/** Options of {@link EMA}. */
export interface EmaOptions {
  /** How much of the average is kept in each update; from 0 to 1, 0.999 by default. */
  readonly decay?: number;
}

/**
 * Exponential moving average of a model's weights, which often does better than the weights themselves (Polyak and Juditsky, 1992): each `update()` makes it
 * `decay · average + (1 − decay) · weight`. It starts as the weights that the model has when it is made. Buffers are not averaged, but copied.
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
  readonly #averages: ReadonlyMap<Tensor, Tensor>;
  #isInUse = false;

  /**
   * @param model - the model; it must not get other tensors afterwards.
   * @param options - `decay`.
   * @throws {@link ValueError} for a decay out of range, an option that there is not, or anything but a model.
   */
  constructor(model: Layer, options: EmaOptions = {}) {
    super();
    checkLayer("EMA", model);
    const { decay = 0.999 } = checkOptions("EMA", options, { decay: "number" });
    if (!(decay >= 0 && decay <= 1)) throw new ValueError("EMA", "decay must be from 0 to 1", String(decay));
    this.#model = model;
    this.#decay = decay;
    this.#averages = new Map([...tensorsOf(model)].map(([, x]) => [x, new Tensor(x.values, x.shape, x.dtype)]));
  }

  /** `EMA(Linear(2, 3), { decay: 0.999 })`. */
  override toString(): string {
    return `EMA(${this.#model.describe()}, { decay: ${this.#decay} })`;
  }

  /**
   * Takes the weights as they are now in. Call it after the optimizer's step; it may be part of a compiled one.
   *
   * @throws {@link ValueError} while the averages are in {@link EMA.use}.
   */
  update(): void {
    refuseProxy("EMA.update", #model in this);
    this.#checkIdle("EMA.update");
    const decay = this.#decay;
    noGrad(() => {
      for (const [x, average] of this.#averages) {
        average.assign(x.requiresGrad ? combine(decay, average, 1 - decay, x) : x);
      }
    });
  }

  /**
   * Runs a function while the model has the averages for weights, and gives it its own back: also if the function throws, and if it is async, when
   * it is done.
   *
   * @param fn - what to do with the model: measure it, save it.
   * @returns what the function returns.
   * @throws {@link ValueError} while they are in use already; and what the function throws.
   */
  use<T>(fn: () => T): T {
    refuseProxy("EMA.use", #model in this);
    checkFunction("EMA.use", "fn", fn);
    this.#checkIdle("EMA.use");
    this.#swap();
    let result: T;
    try {
      result = fn();
    } catch (error) {
      this.#swap();
      throw error;
    }
    if (typeof (result as { readonly then?: unknown } | null | undefined)?.then === "function") {
      return Promise.resolve(result).finally(() => this.#swap()) as T;
    }
    this.#swap();
    return result;
  }

  /**
   * The averages, under the names of the model's own {@link Layer.stateDict}: load them into a model to keep them.
   *
   * @returns snapshots, as those of the model.
   */
  stateDict(): Map<string, Tensor> {
    refuseProxy("EMA.stateDict", #model in this);
    return snapshotState(this.#entries());
  }

  /**
   * Loads averages: all of them or, if anything does not fit, none.
   *
   * @param state - tensors by name, in a Map or a plain object.
   * @throws {@link StateError} naming what does not fit.
   */
  loadStateDict(state: StateDict, ...extra: readonly never[]): void {
    refuseProxy("EMA.loadStateDict", #model in this);
    restoreState("EMA.loadStateDict", this.#entries(), state, undefined, extra);
  }

  #entries(): [string, Tensor][] {
    return [...tensorsOf(this.#model)].map(([name, x]) => [name, this.#averages.get(x)!]);
  }

  #checkIdle(op: string): void {
    if (this.#isInUse) throw new ValueError(op, "the averages are in use", "", "await what use() returned first");
  }

  #swap(): void {
    this.#isInUse = !this.#isInUse;
    noGrad(() => {
      for (const [x, average] of this.#averages) {
        const own = x.detach();
        x.assign(average);
        average.assign(own);
      }
    });
  }
}
