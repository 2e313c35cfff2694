import { checkFits } from "../autograd/backward.ts";
import { noGrad } from "../core/apply.ts";
import { keepOutside, refuseProxy } from "../core/arguments.ts";
import { textOf, ValueError } from "../core/errors.ts";
import { keep, readOnly, refuseNames } from "../core/foreign.ts";
import { checkOptions, type OptionKind, type OptionKinds } from "../core/options.ts";
import { isTensor } from "../core/runtime.ts";
import { refuseMore } from "../core/surplus.ts";
import { transaction } from "../core/transaction.ts";
import { inspectable } from "../format.ts";
import { restoreState, type StateDict, snapshotState } from "../state.ts";
import { Tensor } from "../tensor.ts";

/** The settings of an optimizer other than the learning rate: numbers from 0 on, switches, and lists of numbers. */
export type Hyper = { readonly [name: string]: number | boolean | readonly number[] };

/** Parameters with their own settings. A setting that you leave out is the same as for the other groups. */
export type GroupOptions<H extends Hyper = Hyper> = Partial<H> & {
  /** The group's parameters. */
  readonly params: readonly Tensor[];
  /** The group's learning rate. */
  readonly lr?: number;
};

/** The parameters of an optimizer, or groups of parameters. */
export type OptimizerParameters<H extends Hyper = Hyper> = readonly Tensor[] | readonly GroupOptions<H>[];

/** The settings as a rule takes them: the learning rate is a tensor, so a recorded step reads its current value. */
export type RuleSettings<H extends Hyper = Hyper> = H & {
  /** The learning rate, a float64 scalar. */
  readonly lr: Tensor;
};

/** Parameters with the same settings. `lr` is a float64 scalar; if you set it to a number, the number is assigned to this tensor. */
export type ParameterGroup<H extends Hyper = Hyper> = H & {
  /** The learning rate, a float64 scalar. */
  get lr(): Tensor;
  /** Assigns a learning rate: a finite number, 0 or more. It becomes `baseLr`, too. */
  set lr(rate: number | Tensor);
  /** The rate that was given by the constructor or set by hand: what a {@link Schedule} starts from. A float64 scalar; PyTorch's `initial_lr`. */
  readonly baseLr: Tensor;
  /** The rate that a schedule set last. Where `lr` is another, it was assigned since, and is the base. */
  readonly scheduledLr: Tensor;
  /** The parameters. */
  readonly params: readonly Tensor[];
};

/** The state of an optimizer for a parameter, by name. */
export type OptimizerState = { readonly [name: string]: Tensor };

/** What an update rule returns. */
export interface Update<S extends OptimizerState = OptimizerState> {
  /** The parameter's new value. */
  readonly p: Tensor;
  /** What to remember, under the same names as before. */
  readonly state: S;
}

/**
 * Base class of the optimizers. It manages groups of parameters, a state for each parameter, and a step that applies a pure rule to each.
 *
 * A subclass implements `rule` and, if it has a state, its initial value.
 *
 * @typeParam H - its settings other than the learning rate.
 * @typeParam S - what it remembers of each parameter.
 * @example
 * class SignDescent extends Optimizer {
 *   constructor(params: Tensor[], lr: number) {
 *     super("SignDescent", params, { lr });
 *   }
 *   protected rule(p: Tensor, g: Tensor, state: OptimizerState, { lr }: RuleSettings) {
 *     return { p: sub(p, mul(sign(g), lr)), state };
 *   }
 * }
 * const w = tensor([1, -1], { requiresGrad: true });
 * const optimizer = new SignDescent([w], 0.5);
 * w.mul(w).sum().backward();
 * optimizer.step();
 * w.toArray(); // → [0.5, -0.5]
 */
export abstract class Optimizer<
  H extends Hyper = Record<never, never>,
  S extends OptimizerState = OptimizerState,
> extends /* @__PURE__ */ inspectable(/* @__PURE__ */ settingsElsewhere()) {
  /** The optimizer's name, for errors. */
  readonly name: string;
  readonly #groups: readonly ParameterGroup<H>[];
  readonly #state: ReadonlyMap<Tensor, S>;
  #isTold = false;

  /**
   * @param name - for errors.
   * @param params - parameters, or groups `{ params, lr, … }`, whose settings go before the others.
   * @param defaults - all settings, with their default values; no `lr` if it must be given.
   * @param options - the settings for all groups.
   * @throws {@link ValueError} if there are no parameters, one is not a leaf with `requiresGrad` or is given twice, or a setting is
   * unknown, negative or not finite.
   */
  constructor(name: string, params: OptimizerParameters<H>, defaults: object, options?: object) {
    super();
    if (typeof name !== "string" || typeof defaults !== "object")
      throw new ValueError(
        "Optimizer",
        "needs a name, parameters and defaults",
        textOf(name),
        "write super(name, params, { lr }, options)",
      );
    this.name = name;
    const isGrouped = Array.isArray(params) && (params as readonly Partial<GroupOptions>[])[0]?.params !== undefined;
    const groups = (isGrouped ? params : [{ params }]) as readonly GroupOptions<H>[];
    const kinds = kindsOf(defaults);
    const instead = (given: unknown) =>
      Array.isArray(given) && isTensor(given[0]) ? `write new ${name}(parameters, { lr: 0.01 })` : undefined;
    const common = checkOptions(name, options, kinds, { names, instead });
    const state = new Map<Tensor, S>();
    const made = groups.map(({ params: given, ...special }) => {
      const list = checkLeaves(name, given, state);
      const own = checkOptions(name, special, kinds, { names });
      const settings: Record<string, unknown> = { lr: undefined, ...defaults, ...common, ...own };
      for (const [key, value] of Object.entries(settings)) checkSetting(name, key, value);
      const group = groupOf(name, list, settings) as ParameterGroup<H>;
      this.check(group);
      for (const p of list) state.set(p, this.start(p, group));
      return group;
    });
    const settings = Object.keys(defaults).filter((key) => key !== "lr");
    refuseNames(this, Object.fromEntries(settings.map((key) => [key, `it is in groups[0], and ${another}`])));
    this.#groups = closed("groups", made);
    // Its values are tensors to assign to; which there are is the constructor's to say.
    for (const name of ["set", "delete", "clear"])
      Object.defineProperty(state, name, { value: () => readOnly("state", "use loadStateDict(…)") });
    this.#state = state;
  }

  /** The parameters with their settings. Set a group's rate by `groups[i].lr = 0.01`. */
  get groups(): readonly ParameterGroup<H>[] {
    refuseProxy(this.name, #groups in this);
    return this.#groups;
  }
  /** @internal */
  set groups(_: readonly ParameterGroup<H>[]) {
    readOnly("groups", another);
  }

  /** What is remembered of each parameter; there from the beginning, so a recorded step finds it. */
  get state(): ReadonlyMap<Tensor, S> {
    refuseProxy(this.name, #state in this);
    return this.#state;
  }
  /** @internal */
  set state(_: ReadonlyMap<Tensor, S>) {
    readOnly("state", "use loadStateDict(…)");
  }

  /** `Adam(4 parameters, lr 0.001)`. */
  override toString(): string {
    return `${this.name}(${countOf(this.state.size)}, lr ${this.groups.map(({ lr }) => lr.item()).join(", ")})`;
  }

  /**
   * One parameter's update: a pure function, written with ops. What changes from step to step must be in a tensor, and must not be read
   * as a number, so a step can be recorded and replayed.
   *
   * @param p - the parameter.
   * @param g - its gradient.
   * @param state - what is remembered of it.
   * @param settings - the group's settings.
   */
  protected abstract rule(p: Tensor, g: Tensor, state: S, settings: RuleSettings<H>): Update<S>;

  /** What is remembered of a parameter before the first step; nothing if not overridden. */
  protected start(_p: Tensor, _settings: RuleSettings<H>): S {
    return {} as S;
  }

  /** Refuses settings beyond what holds for all (numbers are finite and not negative), by a {@link ValueError}. */
  protected check(_settings: RuleSettings<H>): void {
    // No more, unless said otherwise.
  }

  /** The learning rate of the first group; setting it sets it for all groups, and is what a new {@link Schedule} starts from. */
  get lr(): number {
    return this.groups[0]!.lr.item();
  }
  /** @throws {@link ValueError} when set to anything but a finite number from 0 on. */
  set lr(lr: number) {
    checkSetting(this.name, "lr", lr);
    for (const group of this.groups) group.lr = lr;
  }

  /**
   * Updates all parameters that have a gradient, and leaves the others and what is remembered of them as they are: also those that are frozen, whatever `grad` is left there. All new values are
   * computed before any is put in place, and after an error nothing has changed: what the rule drew or assigned is undone, too. If no parameter has a gradient, it warns once.
   *
   * @throws what the rule throws.
   */
  step(...extra: readonly never[]): void {
    if (extra.length > 0) {
      const hint = "run backward before it; only LBFGS calls a function";
      throw new ValueError(this.name, "step takes no arguments", textOf(extra[0]), hint);
    }
    const update = (): void => {
      const writes: [Tensor, Tensor][] = [];
      for (const group of this.groups) {
        for (const p of group.params) {
          if (p.grad === null || !p.requiresGrad) continue;
          const before = this.state.get(p)!;
          const next = this.rule(p, p.grad, before, group);
          writes.push([p, next.p]);
          for (const key of Object.keys(before)) writes.push([before[key]!, next.state[key]!]);
        }
      }
      if (writes.length === 0 && !this.#isTold) {
        this.#isTold = true;
        const text = `${this.name}: step changes nothing, since no parameter has a gradient; call zeroGrad(), then backward(), then step()`;
        (globalThis as { readonly console?: { warn(text: string): void } }).console?.warn(text);
      }
      for (const [x, value] of writes) checkFits(this.name, "must keep shape and dtype", value, x);
      for (const [x, value] of writes) x.assign(value);
    };
    transaction(() => noGrad(update)); // a rule may draw, and write elsewhere
  }

  /** Sets the gradients of all parameters to null. */
  zeroGrad(): void {
    refuseMore("zeroGrad", arguments, 0);
    for (const p of this.state.keys()) p.grad = null;
  }

  /**
   * Learning rates and state as they are now: `groups.0.lr`, `groups.0.baseLr`, `groups.0.scheduledLr`, `state.0.velocity`; parameters are counted through all groups. The values
   * are snapshots, as those of {@link Layer.stateDict}. The other settings are the constructor's to say.
   *
   * @example
   * const optimizer = new SGD([tensor([1], { requiresGrad: true })], { lr: 0.1, momentum: 0.9 });
   * optimizer.stateDict().get("state.0.velocity")?.toArray(); // → [0]
   */
  stateDict(): Map<string, Tensor> {
    refuseMore("stateDict", arguments, 0);
    return snapshotState(this.entries());
  }

  /**
   * Loads learning rates and state: all or, if anything does not fit, none. An optimizer made with the same settings then goes on exactly as
   * the saved one would.
   *
   * @param state - tensors by name, in a Map or a plain object, as {@link Optimizer.stateDict} returns them.
   * @throws {@link StateError} naming what does not fit: missing and unexpected names, wrong shapes and dtypes, groups of other
   * sizes; {@link ValueError} for a learning rate that is negative or not finite.
   */
  loadStateDict(state: StateDict, ...extra: readonly never[]): void {
    const check = (key: string, x: Tensor): void => {
      if (/^groups.*lr$/i.test(key)) checkSetting(this.name, key, x.item());
    };
    restoreState(`${this.name}.loadStateDict`, this.entries(), state, check, extra);
  }

  /** @internal What is saved. Each group's places in the count of all parameters are, so groups of another size do not fit. */
  private entries(): [string, Tensor][] {
    let count = 0;
    const entries = this.groups.flatMap(({ lr, baseLr, scheduledLr, params }, k): [string, Tensor][] => {
      const places = Int32Array.from(params, () => count++);
      return [
        [`groups.${k}.lr`, lr],
        [`groups.${k}.baseLr`, baseLr],
        [`groups.${k}.scheduledLr`, scheduledLr],
        [`groups.${k}.params`, new Tensor(places, [places.length], "int32")],
      ];
    });
    const states = [...this.state.values()].flatMap((state, i) =>
      Object.entries(state).map(([key, x]): [string, Tensor] => [`state.${i}.${key}`, x]),
    );
    return [...entries, ...states];
  }
}

/** What PyTorch and Keras call an optimizer's properties. */
export function settingsElsewhere(): { readonly [name: string]: string } {
  const [rate, groups] = ["write lr", "write groups"];
  return { learningRate: rate, learning_rate: rate, paramGroups: groups, param_groups: groups };
}

/** What PyTorch and Keras call settings. */
const names = { learningRate: "lr", epsilon: "eps", l2: "weightDecay", maximize: "negate the loss" };

const another = "only lr can be set; for other settings or parameters, make another optimizer";

/** Parameters with their settings, of which only the learning rate can be set. */
export function groupOf(name: string, params: Tensor[], settings: Readonly<Record<string, unknown>>): ParameterGroup {
  const scalar = (): Tensor => new Tensor(Float64Array.of(settings["lr"] as number), [], "float64");
  const [lr, baseLr, scheduledLr] = [scalar(), scalar(), scalar()];
  const group = { ...settings, lr, baseLr, scheduledLr, params };
  const set = (rate: number | Tensor): void => {
    checkSetting(name, "lr", isTensor(rate) ? rate.item() : rate);
    lr.assign(rate);
    baseLr.assign(rate);
  };
  for (const [key, value] of Object.entries(group))
    keep(group, key, Array.isArray(value) ? closed(key, [...value]) : value, another);
  Object.defineProperty(group, "lr", { set });
  return Object.freeze(group) as unknown as ParameterGroup; // its rate can be set all the same
}

/** A list that cannot be added to. */
export function closed<T>(name: string, list: T[]): readonly T[] {
  return Object.freeze(Object.defineProperty(list, "push", { value: () => readOnly(name, another) }));
}

/** `4 parameters`. */
export function countOf(count: number): string {
  return `${count} parameter${count === 1 ? "" : "s"}`;
}

/** The kinds of an optimizer's settings, from their defaults; the learning rate first, for what errors propose. */
function kindsOf(defaults: object): OptionKinds<Record<string, unknown>> {
  const kinds: Record<string, OptionKind> = { lr: "number" };
  for (const [key, value] of Object.entries(defaults))
    kinds[key] = Array.isArray(value) ? "any" : (typeof value as "number");
  return kinds;
}

/** Refuses anything but a list of leaves that require a gradient, and are not among those seen, which it adds them to. */
export function checkLeaves(name: string, params: unknown, seen: Map<Tensor, unknown>): Tensor[] {
  const list: readonly unknown[] = Array.isArray(params) && params.length > 0 ? params : [params];
  return list.map((p) => {
    const isAlone = p === params;
    const isTwice = !isAlone && seen.has(p as Tensor);
    if (!isAlone && !isTwice && isTensor(p) && p.op === null && p.requiresGrad) {
      seen.set(p, null);
      return p;
    }
    const got = isTwice ? "one twice" : textOf(p);
    const hint = isTwice ? "pass each once" : leafHint(name, p, isAlone);
    throw new ValueError(name, "parameters must be distinct leaves with requiresGrad", got, hint);
  });
}

/** What to pass instead of what is not a parameter. */
function leafHint(name: string, given: unknown, isAlone: boolean): string {
  if (isTensor(given)) {
    if (given.op !== null) return `pass the leaves that ${given.op.name} made it from`;
    return given.requiresGrad ? "write [ … ] around it" : "set its requiresGrad to true";
  }
  const members = (given ?? {}) as { readonly [name: string | symbol]: unknown };
  if (members["params"] !== undefined) return "write [ … ] around groups, and nothing else";
  if (Array.isArray(members["parameters"])) return "call them params";
  if (members["backward"] !== undefined) return keepOutside;
  if (!isAlone && members[Symbol.iterator] !== undefined)
    return "put all in one list: [...a.parameters(), ...b.parameters()]";
  const isOptions = isAlone && Object.prototype.toString.call(given) === "[object Object]" && !members["forward"];
  if (isAlone && Array.isArray(given)) return "all parameters are frozen, or the model has none: unfreeze(model)";
  return isOptions ? `write new ${name}(model.parameters(), { … })` : "pass model.parameters()";
}

/** Refuses numbers that are negative or not finite. */
export function checkSetting(name: string, key: string, value: unknown): void {
  for (const v of [value].flat()) {
    if (typeof v !== "boolean" && !(Number.isFinite(v) && (v as number) >= 0)) {
      const hint = v === undefined ? `write { ${key}: 0.01 }` : "";
      throw new ValueError(name, `${key} must be a finite number, 0 or more`, textOf(v), hint);
    }
  }
}
