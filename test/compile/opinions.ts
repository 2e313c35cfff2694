import { type CompileOptions, compile, type Returned } from "../../src/compile/index.ts";
import { add, Generator, mul, rand, sub, type Tensor, TinygradError } from "../../src/index.ts";
import { type Elementary, ulpAt } from "./elementary.ts";
import { interpret } from "./interpreter.ts";

// Eager code, WebAssembly and the interpreter are asked for the same, and must agree. What is thrown says who does not, and what was run.

type Run<A extends readonly unknown[], R> = (...args: A) => R;

/** The other opinions on a function; `make` is called once for each, since each has tensors of its own. */
export function others<A extends readonly unknown[], R extends Returned, S>(
  make: () => { readonly fn: Run<A, R>; readonly state: S },
  options: CompileOptions = {},
): { readonly name: string; readonly run: Run<A, R>; readonly state: S }[] {
  const [own, plain] = [make(), make()];
  return [
    { name: "WebAssembly", run: compile(own.fn, { ...options, verify: true }), state: own.state },
    { name: "interpreter", run: interpret(plain.fn), state: plain.state },
  ];
}

/** What a call comes to: its results, or what it refuses. */
export function outcomeOf(call: () => readonly Tensor[]): readonly Tensor[] | string {
  try {
    return call().map((y) => y.detach());
  } catch (error) {
    if (error instanceof TinygradError) return `${error.name} ${error.message}`;
    throw error;
  }
}

/**
 * What an engine that rounds otherwise might have instead of a value: each element is off by some units in its last place. Eager code that is shaken so, value by
 * value, shows how far the results of a program may be apart, where nothing is wrong but that it is ill-conditioned: 0, by a difference of equals, or the sine of
 * what is large.
 */
export type Shake = (x: Tensor) => Tensor;

export const still: Shake = (x) => x;

function shakeOf(seed: number): Shake {
  const generator = new Generator(seed);
  return (x) => {
    const { dtype } = x;
    if (dtype !== "float32" && dtype !== "float64") return x;
    const most = 8 * (dtype === "float32" ? 2 ** -23 : 2 ** -52);
    return mul(x, add(mul(sub(rand(x.shape, { dtype, generator }), 0.5), 2 * most), 1));
  };
}

/** How often results were further away than the bounds, and not further than those of eager code that was shaken. */
export const illConditioned = { count: 0 };

/** What is wrong, by a comparison with what eager code comes to; null if nothing is, or no more than where that is shaken. */
export function faultOf<S>(compare: (shaken: readonly S[]) => string | null, run: (shake: Shake) => S): string | null {
  const first = compare([]);
  if (first === null) return null;
  const fault = compare([1, 2, 3, 4].map((seed) => run(shakeOf(seed))));
  if (fault === null) illConditioned.count++;
  return fault;
}

/** How far results may be from eager ones: errors grow along a program. */
const bounds = { float32: 2e-3, float64: 1e-11, int32: 0, bool: 0 } as const;

/** What is wrong with a tensor; null if nothing is. Where `isExact`, all bits count; `slack` widens the bounds, and so does how far `shaken` ones are. */
export function difference(
  got: Tensor,
  wanted: Tensor,
  isExact: boolean,
  slack = 1,
  shaken: readonly Tensor[] = [],
): string | null {
  if (got.dtype !== wanted.dtype || got.shape.join() !== wanted.shape.join()) {
    return `${got.dtype}[${got.shape}] instead of ${wanted.dtype}[${wanted.shape}]`;
  }
  const [a, b] = [got.data, wanted.data];
  const scale = Array.from(b).reduce((most: number, v: number) => (Number.isFinite(v) ? Math.max(most, Math.abs(v)) : most), 1e-3); // biome-ignore format: one line
  const moved = shaken.flatMap(({ data }) => Array.from(data, (v, i) => Math.abs(v - b[i]!))).filter(Number.isFinite);
  const bound = isExact ? 0 : Math.max(slack * bounds[wanted.dtype] * scale, 4 * Math.max(...moved, 0));
  for (let i = 0; i < b.length; i++) {
    if (Object.is(a[i], b[i])) continue;
    if (bound > 0 && Math.abs(a[i]! - b[i]!) <= bound) continue;
    return `${a[i]} instead of ${b[i]} at ${i} of ${wanted.dtype}[${wanted.shape}]`;
  }
  return null;
}

/** What is wrong with gradients, whose errors grow more than those of values; null if nothing is. */
export function unlike(got: readonly Tensor[], wanted: readonly Tensor[], shaken: readonly (readonly Tensor[])[]) {
  for (const [i, y] of wanted.entries()) {
    const moved = shaken.map((all) => all[i]!);
    const fault = difference(got[i]!, y, false, 1e3, moved);
    if (fault !== null) return `${i}: ${fault}`;
  }
  return null;
}

/** What is wrong with the values of an elementary function: they may be off by its units, and by what eager code itself is off. */
function unitsApart(got: Tensor, wanted: Tensor, { name, single, double }: Elementary): string | null {
  const dtype = wanted.dtype as "float32" | "float64";
  const most = 1 + (dtype === "float32" ? single : double);
  const [a, b] = [got.data, wanted.data];
  for (let i = 0; i < b.length; i++) {
    if (Object.is(a[i], b[i])) continue;
    const units = Math.abs(a[i]! - b[i]!) / ulpAt(Math.max(Math.abs(a[i]!), Math.abs(b[i]!)), dtype);
    if (!(units <= most)) return `${name}: ${a[i]} instead of ${b[i]}, ${units} units`;
  }
  return null;
}

/** The numbers of a message may differ in their last digits, and overflow may be an infinity or NaN. */
const wordsOf = (message: string): string => message.replace(/-?(\d[\d.e+-]*|Infinity|NaN)/g, "#");

/** What is wrong with an outcome; null if nothing is. */
export function disagreement(
  got: readonly Tensor[] | string,
  wanted: readonly Tensor[] | string,
  isExact: boolean,
  last: Elementary | null = null,
  shaken: readonly (readonly Tensor[] | string)[] = [],
): string | null {
  if (typeof got === "string" && typeof wanted === "string") {
    const isSame = isExact ? got === wanted : wordsOf(got) === wordsOf(wanted);
    return isSame ? null : `${got}\ninstead of\n${wanted}`;
  }
  if (typeof got === "string") return `${got}\ninstead of results`;
  if (typeof wanted === "string") return `results instead of\n${wanted}`;
  const results = shaken.filter((all) => typeof all !== "string");
  for (const [i, y] of wanted.entries()) {
    const isLast = last !== null && i === 1;
    const moved = results.map((all) => all[i]!);
    const fault = isLast ? unitsApart(got[i]!, y, last) : difference(got[i]!, y, isExact, 1, moved);
    if (fault !== null) return `result ${i}: ${fault}`;
  }
  return null;
}
