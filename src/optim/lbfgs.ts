import { noGrad } from "../core/apply.ts";
import { checkCount, checkFunction, refuseProxy } from "../core/arguments.ts";
import { allocate } from "../core/dtype.ts";
import { GradError, textOf, ValueError } from "../core/errors.ts";
import { readOnly } from "../core/foreign.ts";
import { checkOptions, type OptionKinds } from "../core/options.ts";
import { isTensor, runtime } from "../core/runtime.ts";
import { refuseMore } from "../core/surplus.ts";
import { transaction } from "../core/transaction.ts";
import { inspectable } from "../format.ts";
import { cast } from "../ops/cast.ts";
import { readState, restoreState, type StateDict, snapshotState } from "../state.ts";
import { Tensor } from "../tensor.ts";
import { type CurvatureMemory, type CurvaturePair, directionFrom, dot, largest, learn } from "./curvature.ts";
import {
  checkLeaves,
  checkSetting,
  closed,
  countOf,
  groupOf,
  type ParameterGroup,
  settingsElsewhere,
} from "./optimizer.ts";
import { type LinePoint, strongWolfe } from "./strongWolfe.ts";

/** Options of {@link LBFGS}. */
export interface LbfgsOptions {
  /** Learning rate: the length of the first step that is tried, 1 by default. */
  readonly lr?: number;
  /** Most iterations in a call of `step`; 20 by default. */
  readonly maxIterations?: number;
  /** Most evaluations of the loss in a call of `step`, looked at after each iteration; 1.25 times `maxIterations` by default. */
  readonly maxEvaluations?: number;
  /** A gradient with no element larger than this counts as 0; 1e-7 by default. */
  readonly toleranceGrad?: number;
  /** An update with no element larger than this, or that changes the loss by less, is the last; 1e-9 by default. */
  readonly toleranceChange?: number;
  /** How many updates are remembered; 100 by default. Each takes twice the memory of the parameters, in float64. */
  readonly historySize?: number;
  /** Look for a good length of each step, `"strongWolfe"` by default, or take it as it is, `null`. */
  readonly lineSearch?: "strongWolfe" | null;
}

/**
 * Limited-memory BFGS, a quasi-Newton method for full batches: it learns the loss's curvature from the last gradients, and then takes far fewer
 * steps than gradient descent (Nocedal and Wright, "Numerical optimization", 2006, algorithms 7.4 and 7.5), as in PyTorch, but with the line
 * search by default. Without one, the closure is called one more time than in PyTorch, to look at the last iteration's point before it is accepted. The loss must be the same function at each evaluation: the whole data, and no dropout.
 *
 * @example
 * const w = tensor([-1.2, 1], { dtype: "float64", requiresGrad: true });
 * const optimizer = new LBFGS([w], { maxIterations: 100 });
 * optimizer.step(() => {
 *   const [x, y] = split(w, 1) as [Tensor, Tensor];
 *   const loss = sum(pow(sub(y, x.mul(x)), 2).mul(100).add(pow(sub(1, x), 2))); // Rosenbrock's valley, lowest at [1, 1]
 *   optimizer.zeroGrad();
 *   loss.backward();
 *   return loss;
 * });
 * max(abs(w.sub(1))).item() < 1e-4; // → true
 */
export class LBFGS extends /* @__PURE__ */ inspectable(/* @__PURE__ */ settingsElsewhere()) {
  readonly #groups: readonly [ParameterGroup];
  readonly #options: Required<LbfgsOptions>;
  #memory: CurvatureMemory;

  /**
   * @param params - the parameters.
   * @param options - see {@link LbfgsOptions}.
   * @throws {@link ValueError} if there are no parameters, one is not a leaf with `requiresGrad` or is given twice, or for an option out of
   * range.
   */
  constructor(params: readonly Tensor[], options: LbfgsOptions = {}) {
    super();
    const given = checkOptions("LBFGS", options, kinds, {
      names: { maxIter: "maxIterations", maxEval: "maxEvaluations" },
    });
    refuseMore("LBFGS", arguments, 2);
    const list = checkLeaves("LBFGS", params, new Map());
    const { maxIterations = 20 } = given;
    const maxEvaluations = Math.floor((maxIterations * 5) / 4);
    this.#options = { ...defaults, maxIterations, maxEvaluations, ...given };
    checkRanges(this.#options);
    this.#groups = closed("groups", [groupOf("LBFGS", list, { lr: this.#options.lr })]) as unknown as readonly [
      ParameterGroup,
    ];
    const size = list.reduce((total, p) => total + p.size, 0);
    const nothing = allocate("float64", size, "LBFGS") as Float64Array;
    this.#memory = { iterations: 0, pairs: [], scale: 1, update: nothing, gradient: nothing };
  }

  /** The parameters and their learning rate, in one group. */
  get groups(): readonly [ParameterGroup] {
    refuseProxy("LBFGS.groups", #groups in this);
    return this.#groups;
  }
  /** @internal */
  set groups(_: readonly [ParameterGroup]) {
    readOnly("groups", "make another optimizer");
  }

  /** `LBFGS(2 parameters, lr 1)`. */
  override toString(): string {
    return `LBFGS(${countOf(this.groups[0].params.length)}, lr ${this.lr})`;
  }

  /** The learning rate. */
  get lr(): number {
    refuseProxy("LBFGS.lr", #memory in this);
    return this.groups[0].lr.item();
  }
  /** @throws {@link ValueError} when set to anything but a finite number from 0 on. */
  set lr(lr: number) {
    refuseProxy("LBFGS.lr", #memory in this);
    this.groups[0].lr = lr;
  }

  /** Sets the gradients of all parameters to null. */
  zeroGrad(): void {
    refuseMore("LBFGS.zeroGrad", arguments, 0);
    refuseProxy("LBFGS.zeroGrad", #memory in this);
    for (const p of this.groups[0].params) p.grad = null;
  }

  /**
   * Iterates until one of the limits is reached. A point where the loss, its gradient or a parameter is not finite is never gone to: the line search takes the best of the
   * others, and without one the step is refused. Then, and if the closure throws, all is as it was before the call: the
   * parameters, their gradients, what is remembered, and whatever else the closure assigned to or drew from.
   *
   * @param closure - sets the gradients to null, computes the loss, calls its `backward()`, and returns it. It is called many times.
   * @returns the loss at the beginning, as PyTorch does.
   * @throws {@link GradError} if the loss or its gradient is NaN or infinite at the beginning, or, without a line search, after an iteration; and inside of a compiled function.
   */
  step(closure: () => Tensor): Tensor {
    refuseMore("LBFGS.step", arguments, 1);
    refuseProxy("LBFGS.step", #memory in this);
    checkFunction("LBFGS.step", "the closure", closure, "write step(() => { …; return loss; })");
    if (runtime.tracer !== null) {
      const rule = "must not be called inside of a compiled function: how often it calls the closure depends on values";
      throw new GradError("LBFGS.step", rule, "such a call", "compile the closure alone, and call step outside");
    }
    return transaction(() => this.#iterate(closure));
  }

  /**
   * The learning rate, and what is remembered: `groups.0.lr`, `groups.0.baseLr`, `groups.0.scheduledLr`, `state.iterations`, `state.scale`, `state.update`, `state.gradient`, and `state.steps` and
   * `state.changes`, a row for each of the last updates.
   *
   * @returns snapshots, as those of {@link Layer.stateDict}.
   */
  stateDict(): Map<string, Tensor> {
    refuseMore("LBFGS.stateDict", arguments, 0);
    refuseProxy("LBFGS.stateDict", #memory in this);
    return snapshotState(this.#entries(this.#memory.pairs.length));
  }

  /**
   * Loads the learning rate and what is remembered: all or, if anything does not fit, nothing.
   *
   * @param state - tensors by name, in a Map or a plain object, as {@link LBFGS.stateDict} returns them.
   * @throws {@link StateError} naming what does not fit; {@link ValueError} for numbers out of range.
   */
  loadStateDict(state: StateDict, ...extra: readonly never[]): void {
    refuseProxy("LBFGS.loadStateDict", #memory in this);
    const given = readState("LBFGS.loadStateDict", state);
    const saved = given.get("state.steps");
    const count = Math.min((isTensor(saved) && saved.shape[0]) || 0, this.#options.historySize);
    const places = this.#entries(count).map(([name, x]): [string, Tensor] => [name, x.detach()]);
    const check = (name: string, x: Tensor): void => {
      if (/lr$/i.test(name)) checkSetting("LBFGS", name, x.item());
      else if (name === "state.iterations") checkCount("LBFGS.loadStateDict", name, x.item(), 0);
      const bad = x.values.find((v) => !Number.isFinite(v));
      if (bad !== undefined) throw new ValueError("LBFGS.loadStateDict", `${name} must be finite`, String(bad));
    };
    restoreState("LBFGS.loadStateDict", places, state, check, extra);
    const [lr, baseLr, scheduledLr, iterations, scale, update, gradient, steps, changes] = places.map(
      ([, x]) => x.data as Float64Array,
    );
    const size = update!.length;
    const row = (values: Float64Array, i: number): Float64Array => values.slice(i * size, (i + 1) * size);
    const pairs = Array.from({ length: count }, (_, i) => ({ step: row(steps!, i), change: row(changes!, i) }));
    const [group] = this.groups;
    group.lr.assign(lr![0]!);
    group.baseLr.assign(baseLr![0]!);
    group.scheduledLr.assign(scheduledLr![0]!);
    this.#memory = { iterations: iterations![0]!, scale: scale![0]!, update: update!, gradient: gradient!, pairs };
  }

  #iterate(closure: () => Tensor): Tensor {
    const { params, lr } = this.groups[0];
    const { maxIterations, maxEvaluations, toleranceGrad, toleranceChange, lineSearch } = this.#options;
    const rate = lr.item();
    let [memory, evaluations] = [this.#memory, 0];
    const evaluate = (): Evaluation & { readonly loss: Tensor } => {
      evaluations++;
      const loss = closure();
      if (!isTensor(loss)) throw new ValueError("LBFGS.step", "the closure must return the loss", textOf(loss));
      return { loss, value: loss.item(), gradient: gradientOf(params) };
    };
    const first = evaluate();
    let here: Evaluation = checkFinite(first, params, valuesOf(params));
    for (let i = 1; i <= maxIterations && largest(here.gradient) > toleranceGrad; i++) {
      const previous = memory;
      memory = learn(memory, here.gradient, this.#options.historySize);
      const direction = held(params, directionFrom(memory, here.gradient));
      const slope = dot(here.gradient, direction);
      memory = { ...memory, update: direction, gradient: here.gradient };
      if (!(slope <= -toleranceChange && Number.isFinite(slope))) break;
      const length =
        previous.iterations === 0
          ? rate * Math.min(1, 1 / here.gradient.reduce((total, v) => total + Math.abs(v), 0))
          : rate;
      const place = valuesOf(params);
      const move = (t: number): void => setValues(params, place, direction, t);
      let point: LinePoint = { t: length, loss: here.value, slope, gradient: here.gradient };
      let next = here;
      if (lineSearch === null) {
        move(length);
        next = checkFinite(evaluate(), params, place); // after the last iteration too: what nobody looked at is not accepted
      } else {
        const look = (t: number): LinePoint => {
          move(t);
          const evaluation = evaluate();
          const { value, gradient } = evaluation;
          const slope = dot(gradient, direction);
          const isFine = notFinite(evaluation, params, place) === null && Number.isFinite(slope);
          return { t, loss: isFine ? value : Number.POSITIVE_INFINITY, slope, gradient };
        };
        point = strongWolfe(look, { ...point, t: 0 }, length, toleranceChange / largest(direction));
        move(point.t);
        next = { value: point.loss, gradient: point.gradient };
      }
      const update = direction.map((v) => v * point.t);
      memory = { ...memory, update };
      const change = Math.abs(next.value - here.value);
      here = next;
      if (i === maxIterations || evaluations >= maxEvaluations) break;
      if (largest(update) <= toleranceChange || change < toleranceChange) break;
    }
    this.#memory = memory;
    return first.loss;
  }

  /** What is saved, with room for so many updates. */
  #entries(count: number): [string, Tensor][] {
    const { iterations, scale, update, gradient, pairs } = this.#memory;
    const vector = (values: Float64Array): Tensor => new Tensor(values, [values.length], "float64");
    const rows = (key: keyof CurvaturePair): Tensor => {
      const values = allocate("float64", count * update.length, "LBFGS.stateDict");
      for (const [i, one] of pairs.slice(0, count).entries()) values.set(one[key], i * update.length);
      return new Tensor(values, [count, update.length], "float64");
    };
    return [
      ["groups.0.lr", this.groups[0].lr],
      ["groups.0.baseLr", this.groups[0].baseLr],
      ["groups.0.scheduledLr", this.groups[0].scheduledLr],
      ["state.iterations", new Tensor(Float64Array.of(iterations), [], "float64")],
      ["state.scale", new Tensor(Float64Array.of(scale), [], "float64")],
      ["state.update", vector(update)],
      ["state.gradient", vector(gradient)],
      ["state.steps", rows("step")],
      ["state.changes", rows("change")],
    ];
  }
}

const defaults = {
  lr: 1,
  toleranceGrad: 1e-7,
  toleranceChange: 1e-9,
  historySize: 100,
  lineSearch: "strongWolfe",
} as const;

const kinds: OptionKinds<LbfgsOptions> = {
  lr: "number",
  maxIterations: "number",
  maxEvaluations: "number",
  toleranceGrad: "number",
  toleranceChange: "number",
  historySize: "number",
  lineSearch: ["strongWolfe", null],
};

function checkRanges({ lineSearch: _, ...numbers }: Required<LbfgsOptions>): void {
  for (const [key, value] of Object.entries(numbers)) {
    if (/^(max|history)/.test(key)) checkCount("LBFGS", key, value, 1);
    else checkSetting("LBFGS", key, value);
  }
}

/** What an evaluation of the loss gave. */
interface Evaluation {
  readonly value: number;
  readonly gradient: Float64Array;
}

/** What is not finite of an evaluation, and of the parameters where they were finite before; null if all is. */
function notFinite({ value, gradient }: Evaluation, params: readonly Tensor[], place: Float64Array): string | null {
  if (!Number.isFinite(value)) return String(value);
  if (!gradient.every(Number.isFinite)) return "a gradient that is not";
  return valuesOf(params).every((v, i) => Number.isFinite(v) || !Number.isFinite(place[i]))
    ? null
    : "parameters that are not";
}

/** Refuses an evaluation to go on from that is not finite. */
function checkFinite(evaluation: Evaluation, params: readonly Tensor[], place: Float64Array): Evaluation {
  const got = notFinite(evaluation, params, place);
  if (got === null) return evaluation;
  const hint = "the parameters are as they were";
  throw new GradError("LBFGS.step", "the loss, its gradient and the parameters must be finite", got, hint);
}

/** All gradients as one vector; 0 where there is none. */
function gradientOf(params: readonly Tensor[]): Float64Array {
  return flat(params, ({ grad }) => grad);
}

/** All parameters' values as one vector. */
function valuesOf(params: readonly Tensor[]): Float64Array {
  return flat(params, (p) => p);
}

function flat(params: readonly Tensor[], of: (p: Tensor) => Tensor | null): Float64Array {
  const values = new Float64Array(params.reduce((total, { size }) => total + size, 0));
  let at = 0;
  for (const p of params) {
    const x = of(p);
    if (x !== null) values.set(x.values, at);
    at += p.size;
  }
  return values;
}

/** A direction that leaves frozen parameters where they are: what is remembered of them must not move them. */
function held(params: readonly Tensor[], direction: Float64Array): Float64Array {
  let at = 0;
  for (const p of params) {
    if (!p.requiresGrad) direction.fill(-0, at, at + p.size); // which, added to −0, leaves it
    at += p.size;
  }
  return direction;
}

/** Puts the parameters at `place + t · direction`. */
function setValues(params: readonly Tensor[], place: Float64Array, direction: Float64Array, t: number): void {
  let at = 0;
  noGrad(() => {
    for (const p of params) {
      const values = Float64Array.from({ length: p.size }, (_, i) => place[at + i]! + t * direction[at + i]!);
      p.assign(cast(new Tensor(values, p.shape, "float64"), p.dtype));
      at += p.size;
    }
  });
}
