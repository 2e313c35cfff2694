import type { Kept, Lanes, Term } from "./lanes.ts";

/** (log((1 + s) / (1 − s)) − 2s) / s³ in s², for |s| ≤ 0.1716: minimax, found by Remez' algorithm. */
const coefficients = {
  single: [0.66666777, 0.3997745, 0.2987444],
  brief: [0.66666665638, 0.400003372, 0.2853717, 0.23585],
  double: [
    0.6666666666666735, 0.399999999994075, 0.28571428744142, 0.2222219837846, 0.18183575166, 0.1531375575, 0.14799066,
  ],
};

/** A number as 2ᵏ m with √½ ≤ m < √2. */
export interface Split {
  readonly k: Kept;
  readonly m: Kept;
  /** Emits something only for vectors that hold what is not a positive normal number. */
  readonly ifSpecial: (body: () => void) => void;
}

/** Splits what is positive and finite. */
export function split(v: Lanes, x: Kept): Split {
  const { bits, fraction, bias } = v.format;
  // One comparison for all: positive normal numbers, as integers, lie side by side.
  const smallest = v.patternOf(2 ** (1 - bias));
  const bottom = -(1n << BigInt(bits - 1));
  const last = bottom + v.patternOf(Number.POSITIVE_INFINITY) - smallest - 1n;
  const ifSpecial = v.ifAny(v.int("lt_s", v.pattern(last), v.int("add", x, v.pattern(bottom - smallest))));
  const scaled = v.keep(x);
  const offset = v.keep(v.number(2 ** fraction + bias));
  ifSpecial(() => {
    const isSmall = v.keep(v.float("lt", x, v.number(2 ** (1 - bias))));
    v.assign(scaled, v.select(isSmall, v.mul(x, v.number(2 ** fraction)), x));
    v.assign(offset, v.add(offset, v.bit("and", isSmall, v.number(fraction))));
  });
  const { exponent, m } = exponentOf(v, scaled);
  const k = v.sub(v.bit("or", v.shift("shr_u", exponent, fraction), v.number(2 ** fraction)), offset);
  return { k: v.keep(k), m, ifSpecial };
}

/** For a positive normal number, bits whose part above the fraction is the biased exponent k, and m. */
function exponentOf(v: Lanes, x: Kept): { readonly exponent: Kept; readonly m: Kept } {
  const root = v.patternOf(Math.SQRT1_2);
  const exponent = v.keep(v.int("add", x, v.pattern(v.patternOf(1) - root)));
  const fraction = v.pattern((1n << BigInt(v.format.fraction)) - 1n);
  return { exponent, m: v.keep(v.int("add", v.bit("and", exponent, fraction), v.pattern(root))) };
}

/** log x. */
export function log(v: Lanes, x: Kept): Term {
  const { k, m, ifSpecial } = split(v, x);
  const y = v.keep(sum(v, k, v.keep(v.sub(m, v.number(1)))));
  ifSpecial(() => v.assign(y, outside(v, x, 0, y)));
  return y;
}

/**
 * The logarithm to the base 2 or 10, in float64, of 2ᵏ m: k counts exactly, so powers of two have whole logarithms to the base 2.
 */
export function logarithmTo(v: Lanes, x: Kept, base: 2 | 10): Term {
  const [high, low, factor] = bases[base];
  const { k, m, ifSpecial } = split(v, x);
  const own = v.keep(sum(v, v.keep(v.number(0)), v.keep(v.sub(m, v.number(1)))));
  const y = v.keep(v.madd(k, v.number(high), v.madd(own, v.number(factor), v.mul(k, v.number(low)))));
  ifSpecial(() => v.assign(y, outside(v, x, 0, y)));
  return y;
}

/** log 2 to each base in two parts, of which multiples of the first by an exponent are exact, and 1 / log of the base. */
const bases = {
  2: [1, 0, Math.LOG2E],
  10: [0.30102999566383914, 1.42050232272661e-13, Math.LOG10E],
} as const;

/**
 * log(1 + x). The fraction is computed from x itself, as 2⁻ᵏ x + (2⁻ᵏ − 1), so what 1 + x loses does no harm; in quarters, so
 * no power of two is too small.
 */
export function log1p(v: Lanes, x: Kept): Term {
  const { bias, fraction } = v.format;
  const [one, quarter] = [v.number(1), v.number(0.25)];
  const infinity = v.number(Number.POSITIVE_INFINITY);
  const isRegular = v.bit("and", v.float("gt", x, v.number(-1)), v.float("lt", x, infinity));
  const ifSpecial = v.ifAny(v.bit("not", isRegular));
  const { exponent } = exponentOf(v, v.keep(v.add(x, one)));
  const size = BigInt(fraction);
  const power = v.keep(v.bit("and", exponent, v.pattern(-1n << size)));
  const scale = v.keep(v.int("sub", v.pattern(BigInt(2 * bias + 2) << size), power)); // 2²⁻ᵏ
  const f = v.madd(scale, v.mul(x, quarter), v.sub(v.mul(scale, quarter), one));
  const k = v.sub(
    v.bit("or", v.shift("shr_u", exponent, fraction), v.number(2 ** fraction)),
    v.number(2 ** fraction + bias),
  );
  const y = v.keep(sum(v, v.keep(k), v.keep(f)));
  const isTiny = v.float("lt", v.float("abs", x), v.number(2 ** (-fraction - 3)));
  v.assign(y, v.select(isTiny, x, y)); // −0 and subnormal numbers as they are
  ifSpecial(() => v.assign(y, outside(v, x, -1, y)));
  return y;
}

/** k log 2 + log(1 + f), by log(1 + f) = f − f²/2 + s (f²/2 + s² R(s²)) with s = f / (2 + f), as in fdlibm. */
function sum(v: Lanes, k: Kept, f: Kept): Term {
  const { accuracy, ln2 } = v.format;
  const half = v.keep(v.mul(v.mul(f, v.number(0.5)), f));
  const s = v.keep(v.float("div", f, v.add(f, v.number(2))));
  const z = v.keep(v.mul(s, s));
  const r = v.madd(v.polynomial(z, v.keep(v.mul(z, z)), coefficients[accuracy]), z, half);
  const bend = v.sub(half, v.madd(s, r, v.mul(k, v.number(ln2[1]))));
  return v.madd(k, v.number(ln2[0]), v.sub(f, bend));
}

/** What a logarithm is beyond its domain from `pole` to ∞: −∞ at the pole, ∞ at ∞, else NaN. */
export function outside(v: Lanes, x: Term, pole: number, y: Term): Term {
  const [low, infinity] = [v.number(pole), v.number(Number.POSITIVE_INFINITY)];
  const isInside = v.bit("and", v.float("gt", x, low), v.float("lt", x, infinity));
  const atInfinity = v.select(v.float("eq", x, infinity), x, v.number(Number.NaN));
  return v.select(isInside, y, v.select(v.float("eq", x, low), v.number(Number.NEGATIVE_INFINITY), atInfinity));
}
