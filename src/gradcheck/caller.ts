import { ValueError } from "../core/errors.ts";
import { flatLayout, type Layout, layoutOf, sameNumbers } from "./layout.ts";
import type { Settings } from "./options.ts";
import { type MaybePromise, type Task, wait } from "./task.ts";
import type { Workspace } from "./workspace.ts";

/** Inputs up to so many entries are always copied. */
const mostCopied = 1000;

/** Of so many calls, one has a copy of its own where the others are lent one: there are as many samples on a line, see {@link Caller.lend}. */
const callsPerCopy = 6;

/**
 * Calls the user's function with points of the user's form, and reads its results. Each call gets a copy of its own; or, where copying would
 * take longer than the function, one that is written in place: see {@link Caller.share}.
 */
export class Caller {
  readonly #f: (x: unknown, out?: unknown) => MaybePromise<unknown>;
  readonly #layout: Layout;
  readonly #x: Float64Array;
  readonly #op: string;
  readonly #problem: (text: string) => void;
  /** The form of what the function writes its results into; null if it returns them. */
  readonly #out: Layout | null;
  readonly #leaves: Settings["leaves"];
  /** What the last call left there. */
  #left: Float64Array;
  #results: Layout | null = null;
  readonly #scratch: Float64Array;
  #workspace: Workspace | null = null;
  /** Whether the workspace is handed out untried. */
  #isLent = false;
  /** Whether the workspace holds x. */
  #isHome = false;
  #wasSpoilt = false;
  /** Calls made so far. */
  count = 0;

  /**
   * @param op - who asks, for errors.
   * @param x - the point near which it will be called.
   * @param problem - takes down what is wrong with the function.
   */
  constructor(
    op: string,
    f: (x: unknown, out?: unknown) => MaybePromise<unknown>,
    layout: Layout,
    x: Float64Array,
    settings: Settings,
    problem: (text: string) => void,
  ) {
    this.#op = op;
    this.#f = f;
    this.#layout = layout;
    this.#x = x;
    this.#problem = problem;
    this.#leaves = settings.leaves;
    this.#out = settings.out === undefined ? null : layoutOf(op, settings.out, "out", settings.leaves);
    this.#left = new Float64Array(this.#out?.size ?? 0);
    this.#scratch = new Float64Array(x.length);
  }

  /** How the results lie; a plain number is one entry. Known from the first call on. */
  get results(): Layout {
    return this.#results!;
  }

  /** The results at a point. */
  *at(flat: Float64Array): Task<Float64Array> {
    if (this.#isHome) this.#isSpoilt();
    const shared = this.#isLent && this.count % callsPerCopy === 0 ? null : this.#workspace;
    shared?.fill(flat);
    this.#isHome = false;
    const given = shared === null ? this.#layout.build(flat) : shared.value;
    const results = yield* this.#call(given);
    // Each call has all entries written again.
    if ((shared === null || (this.count % 8 === 0 && !this.#isLent)) && !this.#holds(given, flat)) this.#spoilt();
    return results;
  }

  /** Whether {@link Caller.beside} can be called. */
  get isShared(): boolean {
    return this.#workspace !== null && !this.#isLent;
  }

  /** The results at a point that is x but for some entries: no other entry is touched. */
  *beside(indices: ArrayLike<number>, numbers: ArrayLike<number>): Task<Float64Array> {
    const shared = this.#workspace!;
    if (!this.#isHome) shared.fill(this.#x);
    this.#isHome = true;
    for (let k = 0; k < indices.length; k++) shared.set(indices[k]!, numbers[k]!);
    const results = yield* this.#call(shared.value);
    let isSame = true;
    for (let k = 0; k < indices.length; k++) {
      isSame &&= Object.is(shared.get(indices[k]!), numbers[k]!);
      shared.set(indices[k]!, this.#x[indices[k]!]!);
    }
    if (!isSame) this.#spoilt();
    return results;
  }

  /**
   * Hands out one copy from now on, written in place, if the input is large; or not any more. A function that takes it for what it was gives
   * values that do not fit to those with copies, one on each line, so the line stays undecided, and is looked at without this.
   */
  lend(isLent: boolean): void {
    if (this.#x.length <= mostCopied || isLent === this.#isLent) return;
    this.#workspace = isLent ? this.#layout.workspace(this.#x) : null;
    this.#isLent = isLent;
  }

  /**
   * Hands out one copy from now on, written in place, if the input is large and the function gives the same with it as with copies at some
   * points: it may keep what it is given, and take it for what it was.
   */
  *share(points: readonly Float64Array[], isSame: (a: number, b: number) => boolean): Task<void> {
    if (this.#x.length <= mostCopied) return;
    const copied: Float64Array[] = [];
    for (const point of points) copied.push(yield* this.at(point));
    const moves = copied.every((values, k) => k === 0 || values.some((own, j) => !isSame(own, copied[k - 1]![j]!)));
    this.#workspace = moves ? this.#layout.workspace(this.#x) : null;
    for (const [k, point] of this.isShared ? points.entries() : []) {
      const values = yield* this.at(point);
      if (!values.every((own, j) => isSame(own, copied[k]![j]!))) this.#workspace = null;
    }
  }

  /** Whether the function has changed the copy that it shared with other calls, since this was asked last: then those are worth nothing. */
  wasSpoilt(): boolean {
    if (this.#isLent) return false;
    if (!this.#isHome) this.#workspace?.fill(this.#x);
    this.#isSpoilt();
    const was = this.#wasSpoilt;
    this.#wasSpoilt = false;
    return was;
  }

  #isSpoilt(): void {
    if (this.#workspace !== null && !this.#holds(this.#workspace.value, this.#x)) this.#spoilt();
  }

  #spoilt(): void {
    this.#problem("f changed its input");
    this.#wasSpoilt ||= this.isShared;
    this.#workspace = null;
    this.#isLent = false;
    this.#isHome = false;
  }

  #holds(given: unknown, flat: Float64Array): boolean {
    const left = this.#layout.read(given, "x", this.#scratch);
    return left instanceof Float64Array && sameNumbers(left, flat);
  }

  *#call(given: unknown): Task<Float64Array> {
    this.count++;
    const out = this.#out?.build(this.#left);
    const value = yield* wait(this.#out === null ? this.#f(given) : this.#f(given, out));
    if (this.#out === null || value !== undefined) return this.#read(value);
    const written = this.#out.read(out, "out");
    if (written instanceof Float64Array) this.#left = written;
    return this.#read(out);
  }

  #read(value: unknown): Float64Array {
    if (value === undefined && this.#results === null) {
      const hint = "does it lack a return? If it writes into a second argument, give out, of the form of its result";
      throw new ValueError(this.#op, "f must return a number, or numbers", "nothing", hint);
    }
    this.#results ??=
      this.#out ?? (typeof value === "number" ? flatLayout("f", []) : layoutOf(this.#op, value, "f(x)", this.#leaves));
    const flat = this.#results.read(value, "f(x)");
    if (flat instanceof Float64Array) return flat;
    const rule = `f must return the ${this.#out === null ? "same form at every call" : "form of out"}`;
    throw new ValueError(this.#op, rule, flat.text);
  }
}
