import { textOf, ValueError } from "../core/errors.ts";
import { type Again, loosest, ofDirections } from "./allowance.ts";
import type { Claim } from "./claim.ts";
import { entriesOf } from "./coverage.ts";
import type { Direction } from "./direction.ts";
import type { EntryReport } from "./entry.ts";
import type { Estimator } from "./estimate.ts";
import { largest } from "./estimate.ts";
import { Examination, type LineStore } from "./examine.ts";
import { hintOfMisfit, hintsOf, isWrong } from "./hints.ts";
import { type Layout, type Leaf, layoutOf, sameNumbers } from "./layout.ts";
import { isLikeFloat32 } from "./noise.ts";
import { type CheckOptions, requireOptions, type Settings, settle } from "./options.ts";
import { pointOf } from "./point.ts";
import { GradientReport } from "./report.ts";
import { isFloat32, type Subject, subjectOf } from "./subject.ts";
import { type MaybePromise, type Task, wait } from "./task.ts";

/** A function of the user's, as a check sees it. */
export type UserFunction = (...inputs: readonly unknown[]) => MaybePromise<unknown>;

/** One check under way: the function and the derivative of the user's, and what was found wrong so far. */
export class Check {
  readonly op: string;
  readonly layout: Layout;
  /** Those of float32 from where that was seen on. */
  settings: Settings;
  /** The options as they were given, for checks with defaults of their own. */
  readonly given: CheckOptions;
  readonly subject: Subject;
  readonly #problems: Set<string>;
  readonly #hints: string[] = [];
  readonly #suspicions: string[] = [];
  #calls = 0;
  #isExplored = false;

  private constructor(
    op: string,
    layout: Layout,
    settings: Settings,
    given: CheckOptions,
    subject: Subject,
    problems: Set<string>,
  ) {
    this.op = op;
    this.layout = layout;
    this.settings = settings;
    this.given = given;
    this.subject = subject;
    this.#problems = problems;
  }

  /**
   * Reads x and the options, and calls the function at x.
   *
   * @param layout - how x lies in a flat array, if the caller knows better than {@link layoutOf}.
   */
  static *begin(op: string, f: UserFunction, x: unknown, options: CheckOptions, given?: Layout): Task<Check> {
    requireOptions(op, options);
    const layout = given ?? layoutOf(op, x, "x", options.leaves);
    if (given === undefined) requireEntries(op, layout, x);
    const asked = settle(op, options, layout);
    const flat = yield* pointOf(op, x, layout, asked);
    const problems = new Set<string>();
    let subject: Subject;
    try {
      subject = yield* subjectOf(op, f, layout, flat, asked, (text) => problems.add(text));
    } catch (error) {
      if (!(error instanceof TypeError)) throw error;
      if (takesMore(f, options)) {
        throw new ValueError(
          op,
          "f must take x alone",
          `${f.length} parameters, and the error "${error.message}"`,
          forMore,
        );
      }
      // Engines differ in the rest of the sentence.
      if (!error.message.includes("private")) throw error;
      const hint = "say how x is made by leaves: { flatten, unflatten }";
      throw new ValueError(op, "x must be of a class without private fields", `the error "${error.message}"`, hint);
    }
    if (subject.results.size === 0 && given === undefined) {
      throw new ValueError(op, "f must return a number at least", "none");
    }
    const infinite = subject.base.find((value) => !Number.isFinite(value));
    if (infinite !== undefined) problems.add(`f(x) is ${infinite}: it has no derivative there`);
    const check = new Check(op, layout, asked, options, subject, problems);
    if (infinite !== undefined && takesMore(f, options)) check.hint(`f has ${f.length} parameters: ${forMore}`);
    yield* check.#explore(asked.effort === "fast");
    return check;
  }

  /** Gets to know f, and settles for float32 where that is seen. */
  *#explore(isBrief: boolean): Task<void> {
    const { op, layout, given, subject, settings } = this;
    yield* subject.explore(isBrief);
    if (given.precision === undefined && isFloat32(subject)) {
      this.settings = settle(op, { ...given, precision: "float32", seed: settings.seed }, layout);
    }
  }

  /**
   * After a look with little effort: whether there is something that fails, and is to be looked at again, now that f is known better. What
   * passes is right whatever the noise; what does not may be noise.
   */
  *mustLookAgain(reports: readonly EntryReport[]): Task<boolean> {
    if (this.settings.effort !== "fast" || this.#isExplored || reports.every(({ ok }) => ok)) return false;
    this.#isExplored = true;
    yield* this.#explore(false);
    return true;
  }

  /** Notes something that is wrong beside single entries. */
  problem(text: string, hint?: string): void {
    this.#problems.add(text);
    if (hint !== undefined) this.#hints.push(hint);
  }

  /** Notes what may be the reason. */
  hint(text: string): void {
    if (!this.#hints.includes(text)) this.#hints.push(text);
  }

  /** Notes what may be the reason, should an entry be wrong. */
  suspect(text: string): void {
    this.#suspicions.push(text);
  }

  /** Whether nothing can be compared since f itself has no value at x. */
  get isHopeless(): boolean {
    return this.subject.base.some((value) => !Number.isFinite(value));
  }

  /** How far two computations of one thing may be apart, by what the user states, if this is one of them. */
  slack(values: Float64Array): number {
    return this.settings.nondeterminism && this.settings.nondeterminism * largest(values.filter(Number.isFinite));
  }

  /** Where `only` names some entries, whether a leaf holds none of them: then it may be missing in a gradient. */
  get #mayLack(): ((leaf: Leaf) => boolean) | undefined {
    const { op, layout, settings } = this;
    if (settings.only === null) return undefined;
    const named = entriesOf(op, layout, settings.only);
    return ({ offset, size }) => !named.some((i) => i >= offset && i < offset + size);
  }

  /** The entries in which a second call differs from the first, by more than what is stated. */
  differing(first: Float64Array, second: Float64Array): number[] {
    const slack = this.slack(first);
    const differing: number[] = [];
    for (let k = 0; k < first.length; k++) {
      const [a, b] = [first[k]!, second[k]!];
      if (!Object.is(a, b) && !(Math.abs(a - b) <= slack)) differing.push(k);
    }
    return differing;
  }

  /**
   * Calls the user's derivative and reads what it returns, or writes into its last argument, in some form; null if that does not fit.
   *
   * @param name - what it is called in messages.
   * @param left - what is in the last argument when it is called; null: there is no such argument.
   * @param pick - takes the derivative out of what was returned.
   * @param point - where; x unless given.
   */
  *derivative(
    name: string,
    f: UserFunction,
    more: readonly unknown[],
    form: Layout,
    left: Float64Array | null,
    pick: (returned: unknown) => unknown = (returned) => returned,
    point: Float64Array = this.subject.x,
  ): Task<Float64Array | null> {
    const { layout } = this;
    this.#calls++;
    const given = layout.build(point);
    // Not in the place of a parameter with a default: `(x, scale = 2) => …`.
    const takesOut = left !== null && (f.length === 0 || f.length > more.length + 1);
    const out = takesOut ? form.build(left) : undefined;
    const returned = yield* wait(takesOut ? f(given, ...more, out) : f(given, ...more));
    const after = layout.read(given, "x");
    if (!(after instanceof Float64Array) || !sameNumbers(after, point)) {
      this.problem(`the ${name} function changed its input`);
    }
    const mayLack = form === layout ? this.#mayLack : undefined;
    const read = form.read(pick(returned === undefined ? out : returned), name, undefined, mayLack);
    if (read instanceof Float64Array) return read;
    if (point === this.subject.x) this.problem(read.text, hintOfMisfit(read));
    return null;
  }

  /**
   * The user's derivative at x + s·direction, where x may go there; null elsewhere. It was asked for x alone, so one which fails
   * beside it is not a fault, and has nothing to say.
   *
   * @param derivative - calls it at a point.
   */
  *elsewhere(
    direction: Direction,
    s: number,
    derivative: (point: Float64Array) => Task<Float64Array | null>,
  ): Task<Float64Array | null> {
    const { layout, subject, settings } = this;
    if (settings.tangent !== undefined || settings.retract !== undefined) return null;
    // Some derivatives use what the last call of f has left behind.
    if ((yield* subject.displaced(direction, s)) === null) return null;
    const { indices, weights } = direction;
    const point = subject.x.slice();
    for (let k = 0; k < indices.length; k++) point[indices[k]!]! += s * weights[k]!;
    const given = layout.read(layout.build(point), "x"); // float32 leaves round
    if (!(given instanceof Float64Array)) return null;
    try {
      return yield* derivative(given.slice());
    } catch {
      return null;
    }
  }

  /**
   * Compares a claim with the function, and reports.
   *
   * @param subjectNow - the function, or what is made of it, by what is known of it now.
   */
  *conclude(
    claim: Claim | null,
    estimator: Estimator,
    subjectNow: () => Subject = () => this.subject,
    lines: LineStore | null = null,
  ): Task<GradientReport> {
    if (claim === null || this.isHopeless) return this.report([], []);
    const subject = subjectNow();
    const isBrief = this.settings.effort === "fast" && !this.#isExplored;
    const { entries, directions } = yield* new Examination(subject, claim, estimator, this.settings, lines).run(
      isBrief,
    );
    if (yield* this.mustLookAgain(directions)) return yield* this.conclude(claim, estimator, subjectNow, lines);
    if (entries.length + directions.length === 0 && subject.x.length * subject.results.size > 0) {
      const { tangent, retract } = this.settings;
      const isConstrained = tangent !== undefined || retract !== undefined;
      this.problem(
        isConstrained ? "the tangent leaves nothing to check" : "the options leave nothing to check",
        isConstrained ? undefined : "set directions, sampledEntries or maxEntries higher, or leave them out",
      );
    }
    const again: Again = (own) => new Examination(subject, claim, estimator, { ...this.settings, ...own }, lines);
    if (!entries.some(isWrong)) {
      this.#hints.push(...(yield* loosest(again, entries)));
      this.#hints.push(...(yield* ofDirections(again, directions, subject.x.length, this.settings)));
    }
    return this.report(entries, directions, subject);
  }

  #hintsOfNoise(reports: readonly EntryReport[]): string[] {
    const { subject, settings, given } = this;
    if (!isLikeFloat32(subject) || isFloat32(subject) || given.precision !== undefined || settings.noise > 0) return [];
    if (reports.every(({ verdict, ok }) => ok || verdict === "mismatch")) return [];
    return [
      'the noise of f is like that of float32: if it computes in float32 somewhere, set precision: "float32"; if it does not, large numbers may cancel inside f',
    ];
  }

  report(
    entries: readonly EntryReport[],
    directions: readonly EntryReport[],
    subject = this.subject,
    total = subject.x.length * subject.results.size,
  ): GradientReport {
    return new GradientReport({
      check: this.op,
      entries,
      directions,
      total,
      calls: { f: subject.calls.count, derivative: this.#calls },
      problems: [...this.#problems],
      hints: [
        ...this.#hints,
        ...(entries.some(isWrong) ? this.#suspicions : []),
        ...hintsOf(this.layout, entries),
        ...this.#hintsOfNoise([...entries, ...directions]),
      ],
      passed: this.layout.passed,
      noise: relativeNoise(this.subject),
      precision: isFloat32(this.subject) ? "float32" : "float64",
      seen: this.subject.seen,
      seed: this.settings.seed,
      effort: this.settings.effort,
    });
  }
}

/** Whether a function waits for more than it is given. */
function takesMore(f: UserFunction, { out }: CheckOptions): boolean {
  return f.length > 1 && out === undefined;
}

const forMore = "for several arguments write spread(f); for one that f writes its result into, give out";

/** @throws {@link ValueError} for a point without a number: a check of it would pass whatever is checked. */
export function requireEntries(op: string, { size }: Layout, x: unknown): void {
  if (size > 0) return;
  throw new ValueError(op, "x must hold a number at least", textOf(x), "with arrays that are drawn, say minLength: 1");
}

/** @throws {@link ValueError} unless each is a function. */
export function requireFunctions(op: string, functions: Readonly<Record<string, unknown>>): void {
  for (const [name, value] of Object.entries(functions)) {
    if (typeof value !== "function") throw new ValueError(op, `${name} must be a function`, textOf(value));
  }
}

/** The noise of f over its value, the largest over the results. */
function relativeNoise({ noise, base }: Subject): number {
  return noise.reduce((most, own, j) => (own === 0 ? most : Math.max(most, own / Math.abs(base[j]!))), 0);
}
