import { GradError } from "../core/errors.ts";
import { writeClock } from "../core/runtime.ts";
import type { Layer } from "../nn/layer.ts";
import { tensorsOf } from "../nn/reflect.ts";
import type { Tensor } from "../tensor.ts";
import { badValue } from "./notFinite.ts";
import type { SteppingOptimizer } from "./step.ts";

/** What the steps of an epoch have come to. Their losses and gradients were finite: this looks at what was made of them. */
export class Aftermath {
  readonly #model: Layer;
  readonly #optimizer: SteppingOptimizer;
  /** Tensors that were not finite from the beginning, as the −∞ of a mask, or have been told of. */
  readonly #known: Set<Tensor>;
  #start = 0;
  #steps = 0;

  constructor(model: Layer, optimizer: SteppingOptimizer) {
    this.#model = model;
    this.#optimizer = optimizer;
    this.#known = new Set(this.#all().flatMap(([name, x]) => (badValue(name, x) === null ? [] : [x])));
  }

  /** Called before the first step of an epoch. */
  begin(): void {
    this.#start = writeClock();
    this.#steps = 0;
  }

  /** Called after each step. */
  count(): void {
    this.#steps++;
  }

  /**
   * Called after the last one.
   *
   * @param trained - what was to be trained, by name.
   * @param tell - warns of something, with what to do about it.
   * @throws `GradError` for parameters that are not finite.
   */
  end(trained: ReadonlyMap<Tensor, string>, tell: (what: string, advice: string) => void): void {
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
    const without = parameters.filter(([x]) => x.grad === null);
    if (without.length > 0 && without.length < parameters.length) {
      const advice = "the loss does not depend on it: look for detach(), noGrad() and layers that forward does not use";
      tell(`nothing was learned by ${listOf(without.map(([, name]) => name))}`, advice);
    }
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

function listOf(names: readonly string[]): string {
  return names.slice(0, 3).join(", ") + (names.length > 3 ? `, and ${names.length - 3} more` : "");
}
