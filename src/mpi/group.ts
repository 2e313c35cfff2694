import { noGrad } from "../core/apply.ts";
import { allocate, dtypeOfArray, isFloat, type TypedArray } from "../core/dtype.ts";
import { textOf, ValueError } from "../core/errors.ts";
import type { AveragingGroup } from "../core/group.ts";
import { isTensor } from "../core/runtime.ts";
import { describe } from "../core/shape.ts";
import { refuseMore } from "../core/surplus.ts";
import { inspectable } from "../format.ts";
import type { Layer } from "../nn/layer.ts";
import { mul } from "../ops/mul.ts";
import { checkParameters } from "../optim/finite.ts";
import { Tensor } from "../tensor.ts";
import type { FitOptions } from "../train/fit.ts";
import type { Team, TrainingGroup } from "../train/team.ts";
import type { Communicator, Numbers, Sendable } from "./communicator.ts";
import { sampleOf } from "./digest.ts";
import { hashOfText } from "./hash.ts";
import type { Heartbeat } from "./heartbeat.ts";
import { type Part, partsOfParameters, partsOfText } from "./parts.ts";
import { addIntegers, findLargest, isAmbiguous } from "./reduce.ts";
import { RollCall } from "./rollCall.ts";
import { type Adder, addedUp, inBuckets } from "./sums.ts";
import { Training } from "./team.ts";

/**
 * Processes that work together. What they do together, each must do, in the same order: if one does something else, or has failed, all get a {@link MpiError}, where MPI alone would wait for ever. Each call begins with that look,
 * which costs an all-reduce of four numbers.
 *
 * @example
 * import { mpi } from "tinygrad-ts/mpi";
 * const group = await mpi();
 * const total = Float64Array.of(2);
 * group.allReduce(total);
 * total[0] === 2 * group.size; // → true
 */
export class Group extends /* @__PURE__ */ inspectable() implements TrainingGroup {
  readonly #communicator: Communicator;
  readonly #calls: RollCall;
  /** @internal Where each rank notes its steps. */
  readonly heartbeat: Heartbeat | null;
  /** @internal What is added up for, in `fit`, and what tells its batch from others. */
  context: { readonly what: string; readonly batch: string } | null = null;
  /** @internal The training under way. */
  training: Training | null = null;
  readonly #adder: Adder;
  readonly #adders = new Map<string, Adder>();
  /** How often gradients of some parameters were averaged, by the first of them. */
  readonly #averages = new WeakMap<Tensor, number>();
  /** The parameters whose gradients are about to be added up, what tells them from others, and numbers that may be why they differ. */
  #updated: {
    readonly parameters: readonly Tensor[];
    readonly sample: string;
    readonly numbers: readonly Tensor[];
  } | null = null;
  /** The first of parameters that were the same on all ranks when they were compared. */
  readonly #alike = new WeakSet<Tensor>();
  readonly #share: Tensor;

  /** @internal */
  constructor(communicator: Communicator, heartbeat: Heartbeat | null) {
    super();
    this.#communicator = communicator;
    this.heartbeat = heartbeat;
    this.#calls = new RollCall(communicator, () => heartbeat?.now() ?? []);
    this.#share = new Tensor(Float64Array.of(1 / communicator.size), [], "float64");
    this.#adder = { addUp: (into, froms) => this.#addUp(into, froms) };
  }

  /** The number of this process, from 0 on. */
  get rank(): number {
    return this.#communicator.rank;
  }

  /** How many processes there are. */
  get size(): number {
    return this.#communicator.size;
  }

  /** `Group(rank 0 of 4)`. */
  override toString(): string {
    return `Group(rank ${this.rank} of ${this.size})`;
  }

  /**
   * Overwrites values with their sum over all ranks, or with the largest: the same bits on all. A sum of floats differs from the exact one by at most (size − 1) ε times the sum of the absolute values, whatever the order in which they are
   * added; ε is 2⁻²³ for `Float32Array`, and 2⁻⁵² for `Float64Array`. Sums of `Int32Array` are exact. The largest is NaN where one rank has NaN.
   *
   * @param values - a typed array, as long on all ranks.
   * @param op - `"sum"`, by default, or `"max"`.
   * @throws `ValueError` for anything that is no such array or op, and on all ranks if a sum does not fit into an `Int32Array`: then nothing has changed; {@link MpiError} if another rank does not do the same.
   */
  allReduce(values: Numbers, op: "sum" | "max" = "sum"): void {
    refuseMore("allReduce", arguments, 2);
    checkValues("allReduce", values, [Float32Array, Float64Array, Int32Array]);
    if (op !== "sum" && op !== "max") throw new ValueError("allReduce", 'op must be "sum" or "max"', textOf(op));
    const isOdd = this.agree(`allReduce ${op} ${textOfArray(values)}`, "", op === "max" && isAmbiguous(values));
    if (op === "sum" && values instanceof Int32Array) addIntegers(this.#communicator, values);
    else if (isOdd) findLargest(this.#communicator, values);
    else this.#communicator.allReduce(values, op);
  }

  /**
   * Gives all ranks the values that one has.
   *
   * @param values - a typed array, as long on all ranks; overwritten on the others.
   * @param root - whose values; 0 by default.
   * @throws `ValueError` for anything that is no such array or rank; {@link MpiError} if another rank does not do the same.
   */
  broadcast(values: Sendable, root = 0): void {
    refuseMore("broadcast", arguments, 2);
    checkValues("broadcast", values, [Float32Array, Float64Array, Int32Array, Uint8Array]);
    if (!Number.isInteger(root) || root < 0 || root >= this.size) {
      throw new ValueError("broadcast", `root must be a rank, from 0 to ${this.size - 1}`, textOf(root));
    }
    this.agree(`broadcast from ${root} ${textOfArray(values)}`);
    this.#communicator.broadcast(values, root);
  }

  /**
   * Gathers the values of all ranks, on each of them.
   *
   * @param values - a typed array, as long on all ranks.
   * @returns an array that has those of all ranks one after the other.
   * @throws `ValueError` for anything that is no such array; {@link MpiError} if another rank does not do the same.
   */
  gather<T extends Sendable>(values: T): T {
    refuseMore("gather", arguments, 1);
    checkValues("gather", values, [Float32Array, Float64Array, Int32Array, Uint8Array]);
    this.agree(`gather ${textOfArray(values)}`);
    const dtype = values instanceof Uint8Array ? "bool" : dtypeOfArray(values);
    const all = allocate(dtype, this.size * values.length, "gather") as T;
    this.#communicator.gather(values, all);
    return all;
  }

  /**
   * Waits until all ranks have come.
   *
   * @throws {@link MpiError} if another rank comes for something else, or has failed.
   */
  barrier(): void {
    refuseMore("barrier", arguments, 0);
    this.agree("barrier"); // nobody leaves it before all have come
  }

  /**
   * Replaces gradients by their means over all ranks, in your own training loop: between `backward()` and what clips or steps. Each rank must have the same parameters, which is looked at: at all of them in the first two calls and each hundredth,
   * at some elements of the small ones in each. It must have as many samples, too, which cannot be seen here; with n of N samples in all, call `loss.mul((n * group.size) / N).backward()`. `compile(step, { average: group })` does it by itself.
   *
   * @param parameters - the parameters; those without a gradient on any rank are left out.
   * @throws `ValueError` for anything that is not a list of parameters; {@link MpiError} naming the first parameter that has other values on another rank, or a gradient on some ranks only, or if another rank does something else.
   * @example
   * import { Linear, mse, ones, SGD } from "tinygrad-ts";
   * import { mpi } from "tinygrad-ts/mpi";
   * const group = await mpi();
   * const model = new Linear(2, 1);
   * const optimizer = new SGD(model.parameters(), { lr: 0.1 });
   * mse(model.forward(ones([4, 2])), ones([4, 1])).backward(); // each rank has four samples
   * group.averageGradients(model.parameters());
   * optimizer.step();
   */
  averageGradients(parameters: readonly Tensor[]): void {
    refuseMore("averageGradients", arguments, 1);
    const own = [...new Set(checkParameters("averageGradients", parameters))];
    if (this.size > 1) {
      const kinds = own.map((x, i): Part => {
        const text = `parameter ${i}, ${describe(x)}, with ${x.grad === null ? "no" : "a"} gradient`;
        return { hash: hashOfText(text), text: () => text };
      });
      this.agree(averaging, kinds, false, "have each rank call backward() first, through the same parameters");
      const count = this.#averages.get(own[0]!) ?? 0;
      this.#averages.set(own[0]!, count + 1);
      this.#expectSame(averaging, own, count);
    }
    const graded = own.filter(({ grad }) => grad !== null);
    const means = this.averaged(graded.map(({ grad }) => grad!));
    for (const [i, x] of graded.entries()) x.grad = means[i]!;
  }

  /** @internal What {@link AveragingGroup} says. Parameters are in the order in which they are updated; running statistics and the like are each rank's own. */
  join: AveragingGroup["join"] = (what, program, { effects, sources }, isAveraged) => {
    if (this.size === 1) return undefined;
    this.agree(what, partsOfText(String(program)), false, sameSteps);
    const updated = effects.flatMap(({ kind, tensor, value }) => {
      const isShared = kind === "assign" && isFloat(tensor.dtype) && (tensor.requiresGrad || isAveraged(value!));
      return isShared ? [tensor] : [];
    });
    const used = sources.flatMap(({ source: { kind, tensor } }) => (kind === "tensor" ? [tensor!] : []));
    const parameters = [...updated, ...used].filter(({ requiresGrad, frozen }) => requiresGrad || frozen);
    const shared = [...new Set([...parameters, ...updated])];
    const own = new Set(effects.map(({ tensor }) => tensor)); // as an optimizer's state is
    const numbers = used.filter((x) => x.size === 1 && isFloat(x.dtype) && !own.has(x));
    let count = 0;
    return () => {
      this.#expectSame(what, shared, count++, numbers);
    };
  };

  /**
   * Compares weights: all of them now and then, those of small parameters each time, with the gradients that come next.
   *
   * @param numbers - what may be the reason if parameters are not the same any more, as learning rates are.
   */
  #expectSame(what: string, parameters: readonly Tensor[], count: number, numbers: readonly Tensor[] = []): void {
    const [first] = parameters;
    if (first === undefined) return;
    if (isDue(count)) {
      const hint = this.#alike.has(first) ? () => this.#reason(numbers) : sameStart;
      this.agree(`${what}, with the same weights`, partsOfParameters(parameters), false, hint);
      this.#alike.add(first);
    }
    const sample = sampleOf(parameters.filter(({ size }) => size <= small));
    this.#updated = { parameters, sample, numbers };
  }

  /** Says, on all ranks, why parameters may be others that were the same. */
  #reason(numbers: readonly Tensor[]): string {
    if (numbers.length === 0) return sameUpdates;
    const own = Float64Array.from(numbers, (x) => x.item());
    const all = this.gather(own);
    const ofRank = (rank: number): Float64Array => all.subarray(rank * own.length, (rank + 1) * own.length);
    for (let rank = 1; rank < this.size; rank++) {
      const at = ofRank(0).findIndex((v, i) => !Object.is(v, ofRank(rank)[i]));
      if (at < 0) continue;
      return `${sameUpdates}: a number that the step reads is ${ofRank(0)[at]} on rank 0 and ${ofRank(rank)[at]} on rank ${rank}`;
    }
    return sameUpdates;
  }

  /** @internal The means over all ranks. */
  averaged(gradients: readonly Tensor[]): Tensor[] {
    if (this.context !== null) {
      throw new ValueError("fit", "a step of fit averages by itself", "another average in it", "leave average out");
    }
    if (this.size === 1) return [...gradients];
    // Divided afterwards: what reads a mean in a compiled step does it on the way.
    return noGrad(() => this.summed(gradients).map((sum) => mul(sum, this.#share).to(sum.dtype)));
  }

  /**
   * @internal The sums over all ranks.
   *
   * @param without - parameters that have no gradient among them, which must be the same on all ranks: sums are by place.
   * @param more - what else tells them from others.
   */
  summed(xs: readonly Tensor[], without = "", more = ""): Tensor[] {
    if (this.size === 1) return [...xs];
    const adder = this.#adderFor(without, more);
    return noGrad(() => {
      const sums = new Map<Tensor, Tensor>();
      for (const dtype of new Set(xs.map((x) => x.dtype))) {
        const own = xs.filter((x) => x.dtype === dtype && x.size > 0);
        if (own.length === 0) continue;
        const found = addedUp(own, adder);
        for (const [i, x] of own.entries()) sums.set(x, found[i]!);
      }
      return xs.map((x) => sums.get(x) ?? x);
    });
  }

  /** One object for each text, which each run of a program brings along. */
  #adderFor(without: string, more: string): Adder {
    const key = `${without}\n${more}`;
    if (key === "\n") return this.#adder;
    const text = without === "" ? "" : `, with no gradient of ${without}`;
    const known = this.#adders.get(key);
    if (known !== undefined) return known;
    const adder: Adder = { addUp: (into, froms) => this.#addUp(into, froms, text, more) };
    this.#adders.set(key, adder);
    return adder;
  }

  /** @internal Sums over all ranks, with gradients. */
  sums(xs: readonly Tensor[]): Tensor[] {
    return this.size === 1 ? [...xs] : addedUp(xs, this.#adder);
  }

  /** @internal */
  team(model: Layer, options: FitOptions): Team {
    return new Training(this, model, options);
  }

  /** @internal Throws unless all ranks come for the same. `flag` is true for all if it is for one. */
  agree(what: string, detail?: string | readonly Part[], flag?: boolean, hint?: string | (() => string)): boolean {
    return this.#calls.expect(what, detail, flag, hint);
  }

  /** @internal Tells the others, where they come next, that this rank has failed: they throw, too. */
  fail(error: unknown): void {
    this.#calls.fail(error);
  }

  /** @internal Comes to the end; false if others are elsewhere. */
  leave(): boolean {
    try {
      this.agree("the end of the program");
      return true;
    } catch (error) {
      (globalThis as { readonly console?: { error(text: string): void } }).console?.error((error as Error).message);
      return false;
    }
  }

  #addUp(into: TypedArray, froms: readonly TypedArray[], without = "", more = ""): void {
    const sum = `sum of ${into.constructor.name} ${froms.map(({ length }) => length).join(" ")}`;
    if (this.context === null) {
      const { parameters = [], sample = "", numbers = [] } = this.#updated ?? {};
      this.#updated = null;
      const reason = () => this.#reason(numbers);
      this.#calls.expect(sum, sample, false, reason, () => partsOfParameters(parameters));
    } else this.agree(`${this.context.what}${without}: ${sum}`, `${this.context.batch}${more}`, false, sameData);
    inBuckets(into as Numbers, froms as readonly Numbers[], (sum, own) =>
      this.#communicator.allReduce(sum, "sum", own),
    );
  }
}

/** Makes a group of a communicator that is known to be one. */
export function groupWith(communicator: Communicator, heartbeat: Heartbeat | null): Group {
  return new Group(communicator, heartbeat);
}

/** What to do if weights are not the same on all ranks. */
export const sameStart =
  "call manualSeed with one number before the model is made, and draw as much on all ranks; or load one checkpoint on all";

/** What to do if they are no more. */
export const sameUpdates =
  "have each rank make the same updates, by the same learning rate and settings, and change no weights by itself";

/** What to do if batches are not the same. */
export const sameData =
  "pass the same data, in the same order, on all ranks: each takes its rows of every batch by itself; what else draws from the generator of that order, as callbacks may, must do so on all";

/** So many elements of a parameter can be read in each step: what a compiled step holds must be copied. */
const small = 4096;

/** What to do if programs are not the same. */
const sameSteps =
  "compile the same function, of the same model, on all ranks, with the same settings of optimizers, layers and losses, and as many samples";

const averaging = "averageGradients";

/** Whether weights are compared at a call of some number, counted from 0: before the first update, after it, and now and then. */
const isDue = (count: number): boolean => count < 2 || count % 100 === 0;

function checkValues(
  op: string,
  values: unknown,
  classes: readonly (abstract new (...args: never[]) => object)[],
): void {
  if (classes.some((Class) => values instanceof Class)) {
    const { byteLength } = values as Sendable;
    if (byteLength < 2 ** 31) return; // MPI counts in int
    throw new ValueError(
      op,
      "values must have less than 2 GiB",
      `${byteLength} bytes`,
      "pass parts: values.subarray(…)",
    );
  }
  const list = classes.map(({ name }) => name).join(", ");
  throw new ValueError(
    op,
    `values must be one of ${list}`,
    textOf(values),
    isTensor(values) ? (op === "gather" ? "pass x.data" : copyHint) : "",
  );
}

/** What a tensor's `data` is, is a copy. */
const copyHint = "write const values = x.data, pass values, then x.assign(tensor(values).reshape(x.shape))";

const textOfArray = (values: Sendable): string => `${values.constructor.name}(${values.length})`;
