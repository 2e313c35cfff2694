import { checkFunction, keepOutside, refuseProxy } from "../core/arguments.ts";
import { isTinygradError, textOf, ValueError } from "../core/errors.ts";
import { isTensor } from "../core/runtime.ts";
import { refuseMore } from "../core/surplus.ts";
import { inspectable } from "../format.ts";
import type { ParameterGroup } from "../optim/optimizer.ts";
import { restoreState, type StateDict, snapshotState } from "../state.ts";
import { Tensor } from "../tensor.ts";
import type { Curve } from "./curves.ts";

/** What a schedule needs of a group: its learning rate, a float64 scalar. Where there is more, it starts from the rate that was given, wherever an earlier schedule ended. */
export type ScheduledGroup = Pick<ParameterGroup, "lr"> & Partial<Pick<ParameterGroup, "baseLr" | "scheduledLr">>;

/** What a schedule needs of an optimizer: groups with learning rates. */
export interface Scheduled {
  /** The groups. */
  readonly groups: readonly ScheduledGroup[];
}

/**
 * Changes the learning rates of an optimizer along a {@link Curve}: each group's rate is its base rate times the curve's factor. The base rate is the rate that was
 * given last, to the optimizer's constructor or by hand (`optimizer.lr = 0.01`, or `optimizer.groups[1].lr = 0.01`). No schedule changes it, {@link ReduceOnPlateau} neither: a second one starts
 * where the first did, as PyTorch's `initial_lr` has it, and not where the first one ended. To go on from there, set that rate by hand. The optimizer saves the base rate.
 *
 * A rate that you set by hand holds until the schedule's next step, which goes on from the schedule's own base. One schedule at a time moves a group's rate: a new one replaces the one
 * before, whose `step()` throws from then on, until it loads a state. {@link chained} and {@link sequential} make one curve of several.
 *
 * Call `step()` after each epoch, or after each of the optimizer's steps, as the curve was meant to count. A compiled step need not be told: the
 * rates are tensors, which it reads on each run. The call itself belongs outside of it.
 *
 * @example
 * const optimizer = new SGD([tensor([1], { requiresGrad: true })], { lr: 0.5 });
 * const schedule = new Schedule(optimizer, stepDecay(2));
 * const rates = [optimizer.lr];
 * for (let epoch = 1; epoch <= 3; epoch++) {
 *   schedule.step();
 *   rates.push(optimizer.lr);
 * }
 * rates; // → [0.5, 0.5, 0.05, 0.05]
 */
export class Schedule extends /* @__PURE__ */ inspectable() {
  /** @internal */
  static readonly byCurve = true;
  /** The optimizer whose rates it moves. */
  readonly optimizer: Scheduled;
  readonly #curve: Curve;
  /** Tensors, so they can be saved, and a compiled function that steps throws instead of continuing with what it read once. */
  readonly #step = scalar(0);
  readonly #base: Tensor;

  /**
   * Sets the rates to the curve's beginning.
   *
   * @param optimizer - whose rates to move.
   * @param curve - how.
   * @throws {@link ValueError} for anything that is not an optimizer or a curve, and if the curve gives anything but a finite number from 0 on, here or later.
   */
  constructor(optimizer: Scheduled, curve: Curve) {
    super();
    refuseMore("Schedule", arguments, 2);
    checkScheduled("Schedule", optimizer, "curve");
    checkFunction("Schedule", "curve", curve, "write new Schedule(optimizer, cosine(100))");
    this.optimizer = optimizer;
    this.#curve = curve;
    const rates = Float64Array.from(optimizer.groups, baseOf);
    this.#base = new Tensor(rates, [rates.length], "float64");
    checkCurve(curve);
    this.#write(0);
    this.#takeOver();
  }

  /** `Schedule(step 3, lr 0.05)`. */
  override toString(): string {
    return `Schedule(step ${this.#step.item()}, lr ${this.optimizer.groups.map(({ lr }) => lr.item()).join(", ")})`;
  }

  /**
   * Goes one step along the curve, and sets the rates.
   *
   * @throws {@link ValueError} if another schedule was made for the same rates since: one of both would be lost; and for an argument, since neither a number of steps nor a metric has a place here.
   */
  step(): void {
    refuseMore("Schedule.step", arguments, 0, onlyNext);
    refuseProxy("Schedule.step", #step in this);
    if (this.optimizer.groups.some(({ lr }) => driverOf.get(lr) !== this)) {
      const hint = "make one of both: new Schedule(optimizer, chained(…)) of both curves, or sequential(…)";
      throw new ValueError("Schedule.step", "one schedule moves an optimizer", "a newer one for the same rates", hint);
    }
    const step = this.#step.item() + 1;
    this.#write(step);
    this.#step.assign(step);
  }

  /**
   * How far it has come, and from which rates: `step` and `base`.
   *
   * @returns snapshots, as those of {@link Layer.stateDict}.
   */
  stateDict(): Map<string, Tensor> {
    refuseMore("Schedule.stateDict", arguments, 0);
    refuseProxy("Schedule.stateDict", #step in this);
    return snapshotState(this.#entries());
  }

  /**
   * Goes on from where another stood that was made with the same curve, and sets the rates.
   *
   * @param state - tensors by name, in a Map or a plain object, as {@link Schedule.stateDict} returns them.
   * @throws {@link StateError} naming what does not fit: then nothing has changed.
   */
  loadStateDict(state: StateDict, ...extra: readonly never[]): void {
    refuseProxy("Schedule.loadStateDict", #step in this);
    const check = (name: string, x: Tensor): void => {
      const isFine = name === "step" ? Number.isSafeInteger(x.item()) : x.values.every(Number.isFinite);
      if (!isFine || x.values.some((v) => v < 0)) {
        throw new ValueError("Schedule.loadStateDict", `${name} must be 0 or more`, String(x.values));
      }
    };
    restoreState("Schedule.loadStateDict", this.#entries(), state, check, extra);
    this.#write(this.#step.item());
    this.#takeOver();
  }

  #entries(): [string, Tensor][] {
    return [
      ["step", this.#step],
      ["base", this.#base],
    ];
  }

  #takeOver(): void {
    for (const { lr } of this.optimizer.groups) driverOf.set(lr, this);
  }

  #write(step: number): void {
    const factor = this.#curve(step);
    if (!(Number.isFinite(factor) && factor >= 0)) {
      const got = `${factor} for step ${step}`;
      throw new ValueError("Schedule", "a curve must give a finite number, 0 or more", got);
    }
    const { values } = this.#base;
    for (const [i, group] of this.optimizer.groups.entries()) setRate(group, values[i]! * factor);
  }
}

/** Refuses what makes a curve in the place of one, such as `cosine` for `cosine(100)`: it refuses 0 steps by its own name, or returns a curve. */
function checkCurve(curve: Curve): void {
  const makerOf = (): string => {
    try {
      return typeof curve(0) === "function" ? curve.name : "";
    } catch (error) {
      if (isTinygradError(error) && error.op === curve.name && error.op !== "") return curve.name;
      throw error;
    }
  };
  const name = makerOf();
  if (name === "") return;
  throw new ValueError("Schedule", "curve must be a function of the step", `${name} itself`, `write ${name}(…)`);
}

const onlyNext = "step() goes to the next step; a metric is for new ReduceOnPlateau(optimizer)";

/** Which schedule moves a rate: the one that was made, or loaded, last. */
const driverOf = /* @__PURE__ */ new WeakMap<Tensor, Schedule>();

/** The rate that a group was given by the constructor, or by hand since. */
function baseOf({ lr, baseLr = lr, scheduledLr = lr }: ScheduledGroup): number {
  return (lr.item() === scheduledLr.item() ? baseLr : lr).item();
}

/** Sets a group's rate, which is not by hand. */
export function setRate(group: ScheduledGroup, rate: number): void {
  group.baseLr?.assign(baseOf(group));
  group.scheduledLr?.assign(rate);
  group.lr.assign(rate);
}

/** A float64 scalar. */
export function scalar(value: number): Tensor {
  return new Tensor(Float64Array.of(value), [], "float64");
}

/**
 * Refuses anything but an optimizer.
 *
 * @param next - what comes behind it, for what to write.
 */
export function checkScheduled(op: string, optimizer: Scheduled, next: string): void {
  const groups = (optimizer as Scheduled | undefined)?.groups;
  if (isTensor(groups?.[0]?.lr)) return;
  const hint = groups === undefined ? `write new ${op}(optimizer, ${next})` : keepOutside;
  throw new ValueError(op, "needs an optimizer", textOf(optimizer), hint);
}
