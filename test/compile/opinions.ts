import { type CompileOptions, compile, type Returned } from "../../src/compile/index.ts";
import { type Tensor, TinygradError } from "../../src/index.ts";
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

/** How far results may be from eager ones: errors grow along a program. */
const bounds = { float32: 2e-3, float64: 1e-11, int32: 0, bool: 0 } as const;

/** What is wrong with a tensor; null if nothing is. Where `isExact`, all bits count; `slack` widens the bounds. */
export function difference(got: Tensor, wanted: Tensor, isExact: boolean, slack = 1): string | null {
  if (got.dtype !== wanted.dtype || got.shape.join() !== wanted.shape.join()) {
    return `${got.dtype}[${got.shape}] instead of ${wanted.dtype}[${wanted.shape}]`;
  }
  const [a, b] = [got.data, wanted.data];
  const scale = Array.from(b).reduce((most: number, v: number) => (Number.isFinite(v) ? Math.max(most, Math.abs(v)) : most), 1e-3); // biome-ignore format: one line
  const bound = isExact ? 0 : slack * bounds[wanted.dtype] * scale;
  for (let i = 0; i < b.length; i++) {
    if (Object.is(a[i], b[i])) continue;
    if (bound > 0 && Math.abs(a[i]! - b[i]!) <= bound) continue;
    return `${a[i]} instead of ${b[i]} at ${i} of ${wanted.dtype}[${wanted.shape}]`;
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
): string | null {
  if (typeof got === "string" && typeof wanted === "string") {
    const isSame = isExact ? got === wanted : wordsOf(got) === wordsOf(wanted);
    return isSame ? null : `${got}\ninstead of\n${wanted}`;
  }
  if (typeof got === "string") return `${got}\ninstead of results`;
  if (typeof wanted === "string") return `results instead of\n${wanted}`;
  for (const [i, y] of wanted.entries()) {
    const isLast = last !== null && i === 1;
    const fault = isLast ? unitsApart(got[i]!, y, last) : difference(got[i]!, y, isExact);
    if (fault !== null) return `result ${i}: ${fault}`;
  }
  return null;
}
