import { textOf, ValueError } from "../core/errors.ts";
import { unknownOption } from "../core/options.ts";
import type { Leaves } from "./forms.ts";
import type { Layout } from "./layout.ts";
import type { MaybePromise } from "./task.ts";

/** What a derivative leaves out: there is none by it. */
export type Passed =
  | string
  | boolean
  | bigint
  | symbol
  | null
  | undefined
  | ((...all: never) => unknown)
  | Int8Array
  | Uint8Array
  | Uint8ClampedArray
  | Int16Array
  | Uint16Array
  | Int32Array
  | Uint32Array
  | BigInt64Array
  | BigUint64Array
  | Date
  | RegExp
  | ReadonlyMap<unknown, unknown>
  | ReadonlySet<unknown>;

/** The same in a list or in a plain object. */
export type PassedWhole = Passed | readonly Passed[] | { readonly [name: string]: Passed | readonly Passed[] };

/** Numbers in the form of `X`; arrays and typed arrays may stand for one another, and what holds no numbers may be missing. */
export type Like<X> = X extends number
  ? number
  : X extends Float64Array | Float32Array
    ? ArrayLike<number>
    : X extends readonly number[]
      ? ArrayLike<number>
      : X extends Passed
        ? Passed
        : X extends readonly unknown[]
          ? { readonly [K in keyof X]: Like<X[K]> }
          : X extends object
            ? { readonly [K in keyof X as X[K] extends PassedWhole ? never : K]: Like<X[K]> }
            : never;

/** Options of every check; each says its default. `X` is the type of the input. */
export interface CheckOptions<X = unknown> {
  /** Tolerance relative to the larger of the two values; 1e-7, or 1e-3 in float32, and 1e-2 there where rounding leaves no more to be seen by 160 estimates. */
  readonly rtol?: number;
  /**
   * Absolute tolerance, in the gradient's own units. By default it follows the gradient: 1e-8 (float32: 1e-4) of its largest entry,
   * where the largest by magnitude and the largest by effect (entry times input) are both asked, and the smaller answer counts.
   */
  readonly atol?: number;
  /**
   * At a kink, where the slopes to the left and to the right differ: `"accept-subgradient"` (default) passes a gradient from one slope to
   * the other, `"skip"` passes any, `"fail"` none.
   */
  readonly kinks?: "accept-subgradient" | "skip" | "fail";
  /** What an entry means for the check whose error bar is too wide to tell: `"fail"` (default) or `"allow"`. */
  readonly inconclusive?: "fail" | "allow";
  /**
   * `"fast"`: 2 random directions (or as many as `directions` says) with a call or two of the derivative, and no entry by itself: some 13 calls of
   * f, more where its rounding leaves them undecided, or something fails; for inputs so large, or an f so slow, that `"default"` takes too long. The report says what it can miss.
   */
  readonly effort?: "default" | "fast";
  /** Up to so many entries, all are checked; 1,000. */
  readonly maxEntries?: number;
  /** Above `maxEntries`: how many entries are sampled; 256. */
  readonly sampledEntries?: number;
  /** Above `maxEntries`: how many random directions are checked, each of which touches every entry; 8, or 2 with little effort. */
  readonly directions?: number;
  /** Check these only: entries, by the names that a report gives them, `"x.w[1, 2]"`; or whole parts, `"x.w"`, or a row `"x.w[1]"`. The gradient may lack parts without them. */
  readonly only?: readonly string[];
  /** How to read numbers from instances of your own classes, and how to create instances from numbers, if their enumerable fields are not suitable. */
  readonly leaves?: Leaves;
  /**
   * Anything of the form of f's result, for an f that writes its result into a second argument and returns nothing: it is called as
   * `f(x, out)`, with what the last call left in `out`.
   */
  readonly out?: unknown;
  /** Seeds all that is random: a safe integer, 0 by default, or `"random"` for another one each time, which the report tells. */
  readonly seed?: number | "random";
  /** What f computes in. Told by the input (Float32Array), and by how f rounds, unless given. */
  readonly precision?: "float64" | "float32";
  /** How far off a result of f may be, at most, in its units: for functions that are simulated, measured or iterated. 0 by default. */
  readonly noise?: number;
  /**
   * By how much two calls at the same x may differ, as a share of the largest entry of what they give: 1e-12, say, for sums that threads
   * or a GPU add up in another order each time. 0 by default; what is above is a share that `rtol` does not go below unless it is given.
   */
  readonly nondeterminism?: number;
  /** Least allowed inputs, one number for all or in the form of x; steps never leave them. */
  readonly lower?: number | Like<X>;
  /** Greatest allowed inputs, one number for all or in the form of x; steps never leave them. */
  readonly upper?: number | Like<X>;
  /** Whether f may be called at a point; steps never leave it. */
  readonly domain?: (x: X) => MaybePromise<boolean>;
  /**
   * Differentiate along the directions that a constraint leaves: `"simplex"` (entries along the last axis keep their sum),
   * `"symmetric"` (square matrices stay symmetric), or a linear projection of flat directions. Both sides are compared projected.
   */
  readonly tangent?: "simplex" | "symmetric" | ((direction: Float64Array) => Float64Array);
  /**
   * Takes steps along a manifold, such as that of unit quaternions or rotations: `retract(x, v)` is a point of it that is x + v but for terms of
   * second order if v lies along it, and x for v = 0: `(x, v) => normalize(x.add(v))`. Both sides are compared along the manifold alone.
   */
  readonly retract?: (x: X, v: X) => Like<X>;
}

/** Options with their defaults filled in. */
export interface Settings {
  /** The caller, for errors. */
  readonly op: string;
  readonly rtol: number;
  /** The same for the mean of many estimates, where rounding leaves no more to be seen. */
  readonly relativeFloor: number;
  /** Undefined: follow the gradient, by `relativeAtol`. */
  readonly atol: number | undefined;
  readonly relativeAtol: number;
  readonly kinks: "accept-subgradient" | "skip" | "fail";
  readonly inconclusive: "fail" | "allow";
  readonly effort: "default" | "fast";
  readonly maxEntries: number;
  readonly sampledEntries: number;
  readonly directions: number;
  readonly only: readonly string[] | null;
  readonly seed: number;
  readonly precision: "float64" | "float32";
  /** Whether the user has said so. */
  readonly isPrecisionStated: boolean;
  readonly noise: number;
  readonly nondeterminism: number;
  /** Whether there are any bounds; if not, the next two are empty. */
  readonly isBounded: boolean;
  readonly lower: Float64Array;
  readonly upper: Float64Array;
  readonly domain: ((x: unknown) => MaybePromise<boolean>) | undefined;
  readonly tangent: CheckOptions["tangent"];
  readonly leaves: Leaves | undefined;
  readonly out: unknown;
  readonly retract: CheckOptions["retract"];
}

const known: { readonly [K in keyof Required<CheckOptions>]: (value: unknown) => string | null } = {
  rtol: notNegative,
  atol: notNegative,
  kinks: oneOf("accept-subgradient", "skip", "fail"),
  inconclusive: oneOf("fail", "allow"),
  effort: oneOf("default", "fast"),
  maxEntries: count,
  sampledEntries: count,
  directions: count,
  only: (value) =>
    Array.isArray(value) && value.length > 0 && value.every((name) => typeof name === "string")
      ? null
      : 'must list names of entries, as ["x[0]"]',
  leaves: (value) => {
    const { flatten, unflatten } = (value ?? {}) as Partial<Leaves>;
    return typeof flatten === "function" && typeof unflatten === "function"
      ? null
      : "must be functions: { flatten, unflatten }";
  },
  out: () => null, // its form is read before f is called
  seed: (value) => (value === "random" || Number.isSafeInteger(value) ? null : "must be a safe integer or 'random'"),
  precision: oneOf("float64", "float32"),
  noise: notNegative,
  nondeterminism: notNegative,
  lower: (value) => (value === null ? "must be a number, or numbers in the form of x" : null),
  upper: (value) => (value === null ? "must be a number, or numbers in the form of x" : null),
  domain: (value) => (typeof value === "function" ? null : "must be a function"),
  tangent: (value) => (typeof value === "function" ? null : oneOf("simplex", "symmetric")(value)),
  retract: (value) => (typeof value === "function" ? null : "must be a function"),
};

/** The names of {@link CheckOptions}. */
export const optionNames: readonly string[] = /* @__PURE__ */ Object.keys(known);

/**
 * Refuses unknown options, and values that they cannot have at any x.
 *
 * @param op - who asks, for errors.
 * @param names - the known options; what is not in {@link CheckOptions} is left to the caller.
 */
export function requireOptions(op: string, options: unknown, names = optionNames): void {
  // By the tag, which arrays, Maps, promises and tensors have one of their own of, in every realm.
  if (Object.prototype.toString.call(options) !== "[object Object]") {
    const takesNumber = typeof options === "number" && names.includes("rtol");
    const hint = takesNumber ? `write { rtol: ${options} }` : `there are ${names.join(", ")}`;
    throw new ValueError(op, "options must be an object", textOf(options), hint);
  }
  for (const [key, value] of Object.entries(options as object)) {
    if (!names.includes(key)) throw unknownOption(op, key, names);
    const rule = value === undefined || !optionNames.includes(key) ? null : known[key as keyof CheckOptions](value);
    if (rule !== null) throw new ValueError(op, `${key} ${rule}`, textOf(value));
  }
}

/**
 * @param op - who asks, for errors.
 * @throws {@link ValueError} for unknown options, or values that they cannot have.
 */
export function settle<X>(op: string, options: CheckOptions<X>, layout: Layout, names = optionNames): Settings {
  requireOptions(op, options, names);
  const precision = options.precision ?? (layout.leaves.some(({ isFloat32 }) => isFloat32) ? "float32" : "float64");
  if (options.precision === "float64" && layout.leaves.some(({ isFloat32 }) => isFloat32)) {
    throw new ValueError(op, "a Float32Array cannot take the steps of float64", "precision", "pass a Float64Array");
  }
  if (options.maxEntries === 0 && options.sampledEntries === 0 && options.directions === 0) {
    throw new ValueError(op, "maxEntries, sampledEntries or directions must leave something to check", "0");
  }
  const { effort = "default" } = options;
  const isFast = effort === "fast";
  const idle = (["only", "maxEntries", "sampledEntries"] as const).find(
    (name) => isFast && options[name] !== undefined,
  );
  if (idle !== undefined) {
    throw new ValueError(op, "effort: 'fast' checks no single entries", idle, `leave out ${idle}, or the effort`);
  }
  if (isFast && options.directions === 0)
    throw new ValueError(op, "effort: 'fast' must leave a direction to check", "0");
  if (options.retract !== undefined && options.tangent !== undefined) {
    throw new ValueError(op, "tangent and retract exclude each other", "both", "retract alone tells the tangents");
  }
  const { nondeterminism = 0 } = options;
  const seed = options.seed === "random" ? Math.floor(Math.random() * 2 ** 32) : (options.seed ?? 0);
  const isBounded = options.lower !== undefined || options.upper !== undefined;
  const bound = (name: "lower" | "upper", unbounded: number): Float64Array => {
    if (!isBounded) return new Float64Array(0);
    const value = options[name] ?? unbounded;
    if (typeof value === "number") return new Float64Array(layout.size).fill(value);
    const flat = layout.read(value, name);
    if (!(flat instanceof Float64Array)) throw new ValueError(op, `${name} must have the form of x`, flat.text);
    return flat;
  };
  return {
    op,
    rtol: options.rtol ?? Math.max(precision === "float32" ? 1e-3 : 1e-7, nondeterminism),
    relativeFloor: options.rtol ?? (precision === "float32" ? 1e-2 : 0),
    atol: options.atol,
    // Along a direction, the terms may cancel, and their own size says what is small.
    relativeAtol: Math.max((precision === "float32" ? 1e-4 : 1e-8) * (isFast ? 10 : 1), nondeterminism),
    kinks: options.kinks ?? "accept-subgradient",
    inconclusive: options.inconclusive ?? "fail",
    effort,
    maxEntries: isFast ? 0 : (options.maxEntries ?? 1000),
    sampledEntries: isFast ? 0 : (options.sampledEntries ?? 256),
    directions: options.directions ?? (isFast ? 2 : 8),
    only: options.only ?? null,
    seed,
    precision,
    isPrecisionStated: options.precision !== undefined,
    noise: options.noise ?? 0,
    nondeterminism,
    isBounded,
    lower: bound("lower", Number.NEGATIVE_INFINITY),
    upper: bound("upper", Number.POSITIVE_INFINITY),
    domain: options.domain as Settings["domain"],
    tangent: options.tangent,
    leaves: options.leaves,
    out: options.out,
    retract: options.retract as Settings["retract"],
  };
}

function notNegative(value: unknown): string | null {
  return typeof value === "number" && value >= 0 && value < Number.POSITIVE_INFINITY ? null : "must be 0 or more";
}

function count(value: unknown): string | null {
  return Number.isSafeInteger(value) && (value as number) >= 0 ? null : "must be an integer, 0 or more";
}

function oneOf(...words: readonly string[]): (value: unknown) => string | null {
  return (value) => (words.includes(value as string) ? null : `must be ${words.join(" or ")}`);
}
