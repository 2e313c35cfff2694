import { ValueError } from "../core/errors.ts";
import { isTensor } from "../core/runtime.ts";
import { describe } from "../core/shape.ts";
import type { Layer } from "../nn/layer.ts";
import { isLayer, walk } from "../nn/reflect.ts";
import type { Tensor } from "../tensor.ts";
import type { SteppingOptimizer } from "./step.ts";

/**
 * What a model and an optimizer hold, looked at before each step: layers may be frozen, unfrozen and replaced by callbacks. Parameters whose training would have no effect are refused, or reported once.
 */
export class Holdings {
  readonly #model: Layer;
  readonly #optimizer: SteppingOptimizer;
  readonly #warn: (text: string) => void;
  #members: readonly [string, Tensor | Layer][] = [];
  #told = new Set<Tensor>();
  #trainable: readonly boolean[] = [];
  #isNew = true;

  /**
   * @param warn - is told of what is most likely a mistake.
   * @throws `ValueError` if the optimizer holds none of the model's parameters.
   */
  constructor(model: Layer, optimizer: SteppingOptimizer, warn: (text: string) => void) {
    this.#model = model;
    this.#optimizer = optimizer;
    this.#warn = warn;
    this.#members = walk(model);
    this.#refuseForeign();
  }

  /**
   * Looks again, and puts the model into training if a callback has left any of it out.
   *
   * @returns whether the model has other tensors or layers than before.
   */
  look(): boolean {
    const [before, now] = [this.#members, walk(this.#model)];
    this.#members = now;
    if (now.some(([, member]) => isLayer(member) && !member.training)) this.#model.train();
    const isChanged = now.length !== before.length || now.some(([, member], i) => member !== before[i]![1]);
    if (isChanged) this.#refuseForeign();
    const trainable = now.map(([, member]) => isTensor(member) && member.requiresGrad);
    if (isChanged || trainable.some((is, i) => is !== this.#trainable[i])) {
      this.#isNew = true;
      if (this.#held() !== null && this.trained().size === 0) refuseFrozen();
    }
    this.#trainable = trainable;
    return isChanged;
  }

  /** Has the next loss compared again: what forward does may depend on the epoch. */
  renew(): void {
    this.#isNew = true;
  }

  /** What is trained, by name: the model's parameters as they are now, and what else the optimizer holds. */
  trained(): Map<Tensor, string> {
    const names = new Map<Tensor, string>();
    for (const [name, x] of this.#parameters()) if (!names.has(x)) names.set(x, name);
    for (const x of this.#held() ?? []) {
      if (x.requiresGrad && !names.has(x)) names.set(x, `what only the optimizer holds, ${describe(x)}`);
    }
    return names;
  }

  /**
   * Compares with what a loss was computed from, once after each change, and in each epoch.
   *
   * @throws `ValueError` if the loss depends on none of the model's parameters, and if the optimizer holds a parameter of which nothing depends, where the model has another that it does not hold.
   */
  inspect(loss: Tensor): void {
    if (!this.#isNew) return;
    this.#isNew = false;
    const leaves = leavesOf(loss);
    const held = this.#held();
    const own = new Map(this.#tensors().map(([name, x]) => [x, name]));
    if (leaves.size > 0 && ![...leaves].some((x) => own.has(x) || held?.has(x))) refuseApart([...leaves][0]!);
    if (held !== null) {
      const lost = [...held].filter((x) => !own.has(x) && !leaves.has(x));
      const left = [...own].filter(([x]) => !held.has(x));
      const trained = left.filter(([x]) => leaves.has(x));
      const other = matched(lost.slice(0, 1), trained) ?? trained[0] ?? matched(lost, left);
      if (lost.length > 0 && other !== undefined) refuseReplaced(lost[0]!, other);
      const unused = lost.map((x): [string, Tensor] => [describe(x), x]);
      this.#tell(unused, (list) => `the optimizer holds ${list}, which neither the model nor the loss has.`);
      const unheld = trained.map(([x, name]): [string, Tensor] => [name, x]);
      const advice = "They stay as they are: give all to the optimizer, or freeze what is not to be trained";
      this.#tell(unheld, (list) => `the optimizer does not hold ${list} of the model. ${advice}.`);
    }
    const outside = [...leaves].filter((x) => !own.has(x) && !held?.has(x));
    const unnamed = outside.map((x): [string, Tensor] => [describe(x), x]);
    const where = "in a #private field, in an object of a class that is no Layer, or only in the loss function";
    const advice =
      "It is neither trained, clipped nor saved: hold it in a public field, or set its requiresGrad to false";
    this.#tell(unnamed, (list) => `the loss depends on ${list} outside of model.parameters(): ${where}. ${advice}.`);
  }

  #tensors(): [string, Tensor][] {
    return this.#members.filter((entry): entry is [string, Tensor] => isTensor(entry[1]));
  }

  #parameters(): [string, Tensor][] {
    return this.#tensors().filter(([, x]) => x.requiresGrad);
  }

  /** What the optimizer holds; null if it does not say. */
  #held(): Set<Tensor> | null {
    const lists = (this.#optimizer.groups ?? []).flatMap(({ params = [] }) => params);
    return lists.length === 0 ? null : new Set(lists);
  }

  #refuseForeign(): void {
    const held = this.#held();
    const own = this.#tensors();
    if (held === null || own.some(([, x]) => held.has(x))) return;
    const hint =
      own.length === 0
        ? "the model has none: hold layers and parameters in public fields"
        : "make the optimizer of this model's, once it is complete: new Adam(model.parameters(), …)";
    throw new ValueError("fit", "the optimizer must hold the model's parameters", "none of them", hint);
  }

  /** Warns of tensors by name, once of each. */
  #tell(entries: readonly [string, Tensor][], text: (list: string) => string): void {
    const left = entries.filter(([, x]) => !this.#told.has(x));
    if (left.length === 0) return;
    for (const [, x] of left) this.#told.add(x);
    const names = left.slice(0, 5).map(([name]) => name);
    this.#warn(`fit: ${text(names.join(", ") + (left.length > 5 ? `, and ${left.length - 5} more` : ""))}`);
  }
}

/** A tensor that stands where a lost one did, by its shape, if each lost one has such a tensor. */
function matched(
  lost: readonly Tensor[],
  left: readonly (readonly [Tensor, string])[],
): readonly [Tensor, string] | undefined {
  const free = left.filter(([x]) => !x.frozen);
  const found = lost.map((x) => {
    const at = free.findIndex(([other]) => describe(other) === describe(x));
    return at < 0 ? undefined : free.splice(at, 1)[0];
  });
  return found.includes(undefined) ? undefined : found[0];
}

function refuseApart(leaf: Tensor): never {
  const hint = "compute it from the outputs, without item(), tensor() and detach(); and hold layers in public fields";
  const rule = "the loss must depend on parameters that the model or the optimizer has";
  throw new ValueError("fit", rule, `one of ${describe(leaf)}, which neither has`, hint);
}

function refuseFrozen(): never {
  const hint = "write unfreeze(model), or unfreeze what is to be trained";
  throw new ValueError("fit", "there must be parameters to train", "a model that is frozen", hint);
}

function refuseReplaced(lost: Tensor, [x, name]: readonly [Tensor, string]): never {
  const got = `${describe(lost)}, where the model has another tensor as ${name}, ${describe(x)}`;
  const hint = `make the optimizer once the model is complete, or write ${name}.assign(values) instead of ${name} = …`;
  throw new ValueError(
    "fit",
    "the optimizer must hold what the model has, and holds a parameter that it has no more",
    got,
    hint,
  );
}

/** The leaves of a graph that require a gradient. */
function leavesOf(root: Tensor): Set<Tensor> {
  const seen = new Set([root]);
  const leaves = new Set<Tensor>();
  for (const x of seen) {
    if (x.op === null && x.requiresGrad) leaves.add(x);
    for (const input of x.inputs) if (input.requiresGrad) seen.add(input);
  }
  return leaves;
}
