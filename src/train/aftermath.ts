import type { TypedArray } from "../core/dtype.ts";
import { GradError } from "../core/errors.ts";
import { writeClock } from "../core/runtime.ts";
import type { Layer } from "../nn/layer.ts";
import { tensorsOf } from "../nn/reflect.ts";
import type { Tensor } from "../tensor.ts";
import { badValue } from "./notFinite.ts";
import type { SteppingOptimizer } from "./step.ts";

/** So many steps are awaited before anything is said of parameters that have not changed. */
const fewest = 3;

/** Warns of something, with what to do about it. */
export type Tell = (what: string, advice: string) => void;

/** What the steps of an epoch have come to. Their losses and gradients were finite: this looks at what was made of them. */
export class Aftermath {
  readonly #model: Layer;
  readonly #optimizer: SteppingOptimizer;
  /** Tensors that were not finite from the beginning, as the −∞ of a mask, or have been told of. */
  readonly #known: Set<Tensor>;
  #start = 0;
  /** What was to be trained when the epoch began. */
  #begun: ReadonlySet<Tensor> = new Set();
  #steps = 0;
  #allSteps = 0;
  /** What parameters were before the first step; null once it has been looked at. */
  #before: Map<Tensor, TypedArray> | null = new Map();

  constructor(model: Layer, optimizer: SteppingOptimizer) {
    this.#model = model;
    this.#optimizer = optimizer;
    this.#known = new Set(this.#all().flatMap(([name, x]) => (badValue(name, x) === null ? [] : [x])));
  }

  /** Called before the first step of an epoch. */
  begin(trained: ReadonlyMap<Tensor, string>): void {
    this.#start = writeClock();
    this.#steps = 0;
    this.#begun = new Set(trained.keys());
    if (this.#before !== null) for (const x of trained.keys()) if (!this.#before.has(x)) this.#before.set(x, x.values);
  }

  /** Called after each step. */
  count(): void {
    this.#steps++;
    this.#allSteps++;
  }

  /**
   * Called after the last one.
   *
   * @param trained - what was to be trained, by name.
   * @param isIdle - whether nothing was to be learned: at a learning rate of 0, or a loss of 0.
   * @param tell - warns of something, with what to do about it.
   * @throws `GradError` for parameters that are not finite.
   */
  end(trained: ReadonlyMap<Tensor, string>, isIdle: boolean, tell: Tell): void {
    const bad = [...trained].flatMap(([x, name]) => badValue(name, x) ?? []);
    if (bad.length > 0) {
      const hint = "the last update was too large: make lr smaller, or give clipNorm";
      throw new GradError("fit", "parameters must be finite", listOf(bad), hint);
    }
    const spoilt = this.#all().filter(([name, x]) => !this.#known.has(x) && badValue(name, x) !== null);
    for (const [, x] of spoilt) this.#known.add(x);
    if (spoilt.length > 0) {
      const what = `what is remembered from step to step is not finite, ${listOf(spoilt.map(([name, x]) => badValue(name, x)!))}`;
      tell(what, "values or gradients are too large for float32: scale the data, or give clipNorm");
    }
    if (this.#steps === 0) return; // of an epoch that goes on, nothing but its end was left
    const own = new Set(tensorsOf(this.#model).map(([, x]) => x));
    const parameters = [...trained].filter(([x]) => own.has(x));
    if (parameters.length > 0 && !parameters.some(([x]) => x.time > this.#start)) {
      tell("no parameter was moved", "look at what the optimizer's step() does, and at what it holds");
    }
    // Once, since later on a training run that has arrived moves nothing, too; and not at once, since behind weights of 0 a layer gets no gradient at first.
    if (this.#before !== null && this.#allSteps >= fewest) {
      if (!isIdle) this.#tellOfUnchanged(parameters, this.#before, tell);
      this.#before = null;
    }
    const without = parameters.filter(([x]) => x.grad === null && this.#begun.has(x)); // what was thawed since may not have had a step
    if (without.length > 0 && without.length < parameters.length) {
      const advice = "the loss does not depend on it: look for detach(), noGrad() and layers that forward does not use";
      tell(`nothing was learned by ${listOf(without.map(([, name]) => name))}`, advice);
    }
  }

  /** Tells of layers all of whose parameters have kept their values, though they were assigned. Of a bias alone nothing is said: before a normalization, none is learned. */
  #tellOfUnchanged(
    parameters: readonly (readonly [Tensor, string])[],
    before: ReadonlyMap<Tensor, TypedArray>,
    tell: Tell,
  ): void {
    const layerOf = (name: string): string => name.slice(0, name.lastIndexOf(".") + 1);
    const isStill = ([x]: readonly [Tensor, string]): boolean =>
      x.grad !== null && x.time > this.#start && isSame(before.get(x), x);
    const moving = new Set(parameters.filter((entry) => !isStill(entry)).map(([, name]) => layerOf(name)));
    const still = parameters.filter(([, name]) => !moving.has(layerOf(name))).map(([, name]) => name);
    if (still.length === 0) return;
    const advice =
      "its gradients were 0, or too small for the digits of its values: look for ReLU units that are never above 0, weights that all begin with 0, a clipNorm of 0, and a rate that is too low";
    tell(`steps did not change ${listOf(still)}`, advice);
  }

  /** The buffers of the model, and what the optimizer remembers, by name. */
  #all(): [string, Tensor][] {
    const buffers = tensorsOf(this.#model).filter(([, x]) => !x.requiresGrad);
    const states = [...(this.#optimizer.state ?? [])].flatMap(([, state], i) =>
      Object.entries(state).map(([name, x]): [string, Tensor] => [`state.${i}.${name} of the optimizer`, x]),
    );
    return [...buffers, ...states];
  }
}

/** Whether a parameter has the values that it had. */
function isSame(before: TypedArray | undefined, { values }: Tensor): boolean {
  return before !== undefined && values.length > 0 && values.every((v, i) => v === before[i]);
}

function listOf(names: readonly string[]): string {
  return names.slice(0, 3).join(", ") + (names.length > 3 ? `, and ${names.length - 3} more` : "");
}
