import { isTinygradError, textOf, ValueError } from "../../core/errors.ts";
import type { Site } from "../../debug/listener.ts";
import type { Tensor } from "../../tensor.ts";
import { OnnxError } from "../error.ts";
import { listOf } from "../names.ts";
import { align, type Difference, isTooLarge } from "./align.ts";
import type { Step, Trace } from "./trace.ts";

/** The smallest and the largest size that an axis with a name may have. */
export type Range = readonly [least: number, most: number];

/** A size for each name. */
export type Sizing = ReadonlyMap<string, number>;

/** What a model did at some sizes. */
export interface Trial {
  readonly sizes: Sizing;
  readonly trace: Trace;
}

/** What a model did at several sizes. */
export interface Trials {
  /** Sizes in all of which but one others are tried. */
  readonly base: Sizing;
  /** At sizes that differ from each other, from which it is found how numbers follow from sizes. All are in line with the first. */
  readonly main: readonly Trial[];
  /** At others, which must confirm it. */
  readonly others: readonly Trial[];
  /** At sizes where it did something else, and what it was. */
  readonly odd: readonly Odd[];
  /** Sizes that the model takes, where they are not all from 1 on. */
  readonly ranges: ReadonlyMap<string, Range>;
}

/** Sizes at which a model did something else than elsewhere, and the error that says so. */
export interface Odd {
  readonly sizes: Sizing;
  readonly error: OnnxError;
}

/** Sizes at which a model is tried that does not take small ones. */
const starts = [2, 8, 32, 96];

/** Ranges of up to so many sizes are tried as a whole. */
const whole = 256;

/** Most elements of a tensor that `forward` makes: with the next size, it may have eight times as many. */
const mostMade = 2 ** 18;

/** Runs a model at one size if no axis has a name, else at many: at four that tell how numbers follow from sizes, and at others, from 1 to a million, where they must do so, too. Nothing is computed there but shapes. */
export function trialsOf(
  names: readonly string[],
  given: ReadonlyMap<string, Range>,
  probes: ReadonlyMap<string, ReadonlySet<number>>,
  traceAt: (sizes: Sizing, isFirst: boolean) => Trace,
  state: ReadonlyMap<Tensor, string>,
): Trials {
  if (names.length === 0) {
    const sizes = new Map<string, number>();
    return { base: sizes, main: [{ sizes, trace: traceAt(sizes, true) }], others: [], odd: [], ranges: new Map() };
  }
  const rangeOf = (name: string): Range => given.get(name) ?? [1, Number.POSITIVE_INFINITY];
  const main = firstOf(names, rangeOf, (sizes) => traceAt(sizes, true), state);
  const [{ sizes: base }] = main as [Trial];
  const others: Trial[] = [];

  /** Tries sizes. */
  const attempt = (sizes: Sizing): "taken" | "refused" | "too large" => {
    let trace: Trace;
    try {
      trace = traceAt(sizes, false);
    } catch (error) {
      if (isTooLarge(error)) return "too large";
      if (!isTinygradError(error) || error instanceof OnnxError) throw error;
      return "refused";
    }
    others.push({ sizes, trace });
    return madeIn(trace, state) > mostMade ? "too large" : "taken";
  };
  const ranges = new Map<string, Range>();
  for (const name of names) {
    const [least, most] = rangeOf(name);
    const own = base.get(name)!;
    const at = (n: number) => attempt(new Map(base).set(name, n));
    let [low, high] = [own, most];
    for (const n of sizesIn(least, most, probes.get(name))
      .filter((n) => n < own)
      .reverse()) {
      if (at(n) !== "taken") break;
      low = n;
    }
    let taken = own;
    for (const n of sizesIn(least, most, probes.get(name)).filter((n) => n > own)) {
      const result = at(n);
      if (result === "too large") break;
      if (result === "refused") {
        high = lastTaken(taken, n, (size) => at(size) === "taken");
        break;
      }
      taken = n;
    }
    if (low > 1 || high < Number.POSITIVE_INFINITY)
      ranges.set(name, [low > least ? lowest(low, least, at) : least, high]);
  }
  if (names.length > 1) {
    for (const sizes of together(names, base, rangeOf)) attempt(sizes);
  }
  return { base, ...inLine(main, others, (sizes) => traceAt(sizes, true), state), ranges };
}

/** Has all traces in line with the first; or with a longer one, if what that one has more is left out in the first, since it would change nothing: a slice up to 64, at less than that. */
export function inLine(
  main: readonly Trial[],
  others: readonly Trial[],
  traceAt: (sizes: Sizing) => Trace,
  state: ReadonlyMap<Tensor, string>,
): Pick<Trials, "main" | "others" | "odd"> {
  const isIn = (a: Trace, b: Trace): boolean => "steps" in align(b, a, state);
  let first = main[0]!;
  for (const other of others) {
    if (other.trace.steps.length > first.trace.steps.length && isIn(first.trace, other.trace)) first = other;
  }
  const isSame = first === main[0];
  if (!isSame) first = { sizes: first.sizes, trace: traceAt(first.sizes) }; // with the lines of the program
  const aligned: Trial[] = [];
  const odd: Odd[] = [];
  for (const { sizes, trace } of [...(isSame ? [] : main), ...others]) {
    const own = align(first.trace, trace, state);
    if ("steps" in own) aligned.push({ sizes, trace: own });
    else odd.push({ sizes, error: differing(own, first.sizes, sizes) });
  }
  return isSame ? { main, others: aligned, odd } : { main: [first, ...aligned.slice(0, main.length)], others: aligned.slice(main.length), odd }; // biome-ignore format: one line
}

/** The smallest size from which on a model takes all, down from one that it takes. */
function lowest(low: number, least: number, at: (n: number) => string): number {
  let n = low;
  while (n > least && at(n - 1) === "taken") n--;
  return n;
}

/** The largest size between one that a model takes and one that it does not. */
function lastTaken(taken: number, refused: number, takes: (n: number) => boolean): number {
  let [low, high] = [taken, refused];
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (takes(middle)) low = middle;
    else high = middle;
  }
  return low;
}

/** Sizes to try: all up to 15, and those beside powers of two and at powers of ten; of a small range, all. */
function sizesIn(least: number, most: number, probes: ReadonlySet<number> = new Set()): number[] {
  const powers = Array.from({ length: 17 }, (_, k) => 2 ** (k + 4));
  const tens = Array.from({ length: 5 }, (_, k) => 10 ** (k + 1));
  const all =
    most - least < whole
      ? Array.from({ length: most - least + 1 }, (_, i) => least + i)
      : [
          ...Array.from({ length: 15 }, (_, i) => i + 1),
          ...powers.flatMap((n) => [n - 1, n, n + 1]),
          ...tens,
          least,
          least + 1,
          most - 1,
          most,
        ];
  const inside = [...all, ...probes].filter((n) => Number.isFinite(n) && n >= least && n <= most);
  return [...new Set(inside)].sort((a, b) => a - b);
}

/** Four sizings, with fewer where ranges have not so many sizes: no two names have the same size in all, no product of them looks like another, and each is even and odd, so half of it and twice that is not it. */
function firstOf(
  names: readonly string[],
  rangeOf: (name: string) => Range,
  traceAt: (sizes: Sizing) => Trace,
  state: ReadonlyMap<Tensor, string>,
): Trial[] {
  const n = names.length;
  const sizeIn = (start: number, t: number, k: number): number => {
    return start + t * n + k * [1, 1, 2, 2][t]! + (t < 3 ? 0 : 1 + (n % 2));
  };
  const inside = (start: number, t: number, k: number): number => {
    const [least, most] = rangeOf(names[k]!);
    const wanted = sizeIn(Math.max(start, least), t, k);
    return wanted <= most ? wanted : least + ((wanted - least) % (most - least + 1));
  };
  const refusals: Error[] = [];
  for (const start of starts) {
    const all = [0, 1, 2, 3].map((t) => new Map(names.map((name, k) => [name, inside(start, t, k)])));
    const texts = all.map((sizes) => [...sizes.values()].join());
    const sizes = all.filter((_, t) => texts.indexOf(texts[t]!) === t);
    try {
      const [first, ...rest] = sizes.map((own) => triedAt(own, () => traceAt(own))) as [Trace, ...Trace[]];
      const aligned = rest.map((trace) => align(first, trace, state));
      const at = aligned.findIndex((trace) => !("steps" in trace));
      if (at < 0) return [first, ...(aligned as Trace[])].map((trace, t) => ({ sizes: sizes[t]!, trace }));
      refusals.push(blamed(aligned[at] as Difference, sizes[0]!, sizes[at + 1]!, first, traceAt, state));
    } catch (error) {
      if (!isTinygradError(error) || error instanceof OnnxError) throw error;
      refusals.push(error);
    }
  }
  // Of the smallest sizes with what the largest have, too: a kernel may not fit at the smallest, which is not what is wrong then.
  const ruleOf = (error: Error | undefined): string => (isTinygradError(error) ? `${error.op} ${error.rule}` : "");
  throw refusals.find((error) => ruleOf(error) === ruleOf(refusals.at(-1)));
}

/** Says with what the model throws which sizes it was tried at: whoever wrote the model has not chosen them. */
function triedAt<T>(sizes: Sizing, run: () => T): T {
  try {
    return run();
  } catch (error) {
    if (!isTinygradError(error) || error instanceof OnnxError || error.op === "toOnnx") throw error;
    const tried = `tried at ${[...sizes].map(([name, n]) => `${name} = ${n}`).join(", ")}`;
    const message = `${error.message}; ${tried}`;
    const stack = error.stack?.replace(error.message, () => message) ?? message;
    throw Object.assign(error, { hint: error.hint === "" ? tried : `${error.hint}; ${tried}`, message, stack });
  }
}

/** The error for the first name whose size alone makes the difference; and whether it is that of a loop, which has more steps with each. */
function blamed(
  difference: Difference,
  base: Sizing,
  other: Sizing,
  first: Trace,
  traceAt: (sizes: Sizing) => Trace,
  state: ReadonlyMap<Tensor, string>,
): OnnxError {
  const tryAt = (sizes: Sizing): Trace | null => {
    try {
      return traceAt(sizes);
    } catch (error) {
      if (!isTinygradError(error) && !isTooLarge(error)) throw error;
      return null;
    }
  };
  for (const [name, n] of base) {
    const [sizes, more] = [
      new Map(base).set(name, other.get(name)!),
      new Map(base).set(name, 2 * other.get(name)! - n),
    ];
    const trace = tryAt(sizes);
    const own = trace === null ? null : align(first, trace, state);
    if (own === null || "steps" in own) continue;
    const counts = [first, trace!, tryAt(more)].map((one) => one?.steps.length ?? 0) as [number, number, number];
    const isLoop = counts[1] > counts[0] && counts[2] - counts[1] === counts[1] - counts[0];
    return differing(own, base, sizes, isLoop ? name : null);
  }
  return differing(difference, base, other);
}

/** Sizings of several names: in the other order, the same for all, and all of them large. */
function together(names: readonly string[], base: Sizing, rangeOf: (name: string) => Range): Sizing[] {
  const values = names.map((name) => base.get(name)!);
  const from = Math.max(...values);
  const lists = [
    values.map((n) => 2 * from - n),
    [...values].reverse(),
    ...[1, from, from + 1, 2 * from + 3].map((n) => values.map(() => n)),
    values.map((n) => n + 32),
    values.map((n, k) => (k % 2 === 0 ? n + 65 : n)),
  ];
  const fits = (list: readonly number[]): boolean =>
    names.every((name, k) => list[k]! >= rangeOf(name)[0] && list[k]! <= rangeOf(name)[1]);
  return lists.filter(fits).map((list) => new Map(names.map((name, k) => [name, list[k]!])));
}

/** The size of the largest tensor that `forward` has made itself. */
function madeIn({ steps, inputs }: Trace, state: ReadonlyMap<Tensor, string>): number {
  const known = new Set<Tensor>(inputs.values());
  let most = 0;
  for (const step of steps) {
    for (const x of step.inputs) if (!known.has(x) && !state.has(x)) most = Math.max(most, x.size);
    known.add(step.result);
  }
  return most;
}

/** The traces must be of one program: what it does may not depend on sizes. */
function differing({ first, other }: Difference, base: Sizing, sizes: Sizing, loop: string | null = null): OnnxError {
  const what = (step: Step | undefined): string => step?.op.name ?? "nothing";
  const isOutput = first === undefined && other === undefined;
  const got = isOutput
    ? `another output at ${textOfSizes(sizes)}`
    : `${what(first)} at ${textOfSizes(base)}, and ${what(other)} at ${textOfSizes(sizes)},`;
  return oddAt("forward must do the same for all sizes of its inputs", got, (first ?? other)?.site, base, sizes, loop);
}

const textOfSizes = (sizes: Sizing): string => [...sizes].map(([name, n]) => `${name} ${n}`).join(", ");

/** The error for a model that does something else at some sizes. */
export function oddAt(
  rule: string,
  got: string,
  site: Site | undefined,
  base: Sizing,
  sizes: Sizing,
  loop: string | null = null,
): OnnxError {
  const [name, n] = [...sizes].find(([name, n]) => n !== base.get(name)) ?? [...sizes][0]!;
  const range = n > base.get(name)! ? `[1, ${n - 1}]` : `[${n + 1}, Infinity]`;
  const hint =
    loop === null
      ? `give that size as a number, or say for which sizes the file is: sizes: { ${name}: ${range} }`
      : `a loop is as long as ${loop}, as in a recurrent layer: give a number instead of "${loop}", and write a file for each length that you need`;
  const place = site?.place ?? null;
  return new OnnxError("NOT_EXPORTABLE", "toOnnx", rule, place === null ? got : `${got} at ${place}`, hint);
}

/** Reads which sizes an axis may have. */
export function rangesOf(given: unknown, names: readonly string[]): Map<string, Range> {
  const example = "write sizes: { batch: [1, 64] }";
  const entries = Object.entries(given as { readonly [name: string]: unknown });
  return new Map(
    entries.map(([name, range]) => {
      if (!names.includes(name)) {
        const hint = `there are ${names.join(", ") || "none: give an axis a name instead of a size"}`;
        throw new ValueError("toOnnx", "sizes must be those of axes that have names", name, hint);
      }
      const [least, most] = (Array.isArray(range) ? range : []) as unknown[];
      const isRange =
        Array.isArray(range) &&
        range.length === 2 &&
        Number.isSafeInteger(least) &&
        (Number.isSafeInteger(most) || most === Number.POSITIVE_INFINITY) &&
        (least as number) >= 1 &&
        (least as number) < (most as number);
      if (isRange) return [name, [least, most] as Range];
      const got = `${Array.isArray(range) ? listOf(range) : textOf(range)} for ${name}`;
      throw new ValueError("toOnnx", "a range must be the smallest and a larger size, from 1 on", got, example);
    }),
  );
}
