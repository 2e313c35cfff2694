import { exp, expOfSum } from "./exp.ts";
import type { Kept, Lanes, Term } from "./lanes.ts";
import { log, outside, split } from "./log.ts";

/** (log((1 + s) / (1 − s)) − 2s − 2s³/3) / s⁵ in s², for |s| ≤ 0.1716: minimax, found by Remez' algorithm. */
const coefficients = [
  0.40000000000002284, 0.285714285700851, 0.22222222522686, 0.181817841112, 0.15386769703, 0.1325651748, 0.13199218,
];

/** ⅔ in two parts. */
const twoThirds = [2 / 3, 3.700743415417188e-17] as const;

/** A sum of two numbers, the second of which is small. */
interface Pair {
  readonly high: Kept;
  readonly low: Kept;
}

/**
 * xʸ = e^(y log |x|), in float64 (`brief` for float32). The product is up to 745, and its error is the result's relative error: for
 * float64, the logarithm has 64 bits or more, in two parts.
 *
 * IEEE 754's values for anything that is not regular, but roots where |y| = ½: of −0 it is −0, of −∞ NaN.
 */
export function pow(v: Lanes, x: Kept, y: Kept): Term {
  const [zero, one, infinity] = [v.number(0), v.number(1), v.number(Number.POSITIVE_INFINITY)];
  const a = v.keep(v.float("abs", x));
  let result: Kept;
  if (v.format.accuracy !== "double") result = v.keep(exp(v, v.keep(v.mul(y, v.keep(log(v, a))))));
  else {
    const { high, low } = product(v, pair(y, null), logarithm(v, a));
    // Beyond, parts are not numbers, and the result is 0 or infinite.
    const isWithin = v.float("lt", v.float("abs", high), v.number(800));
    result = v.keep(expOfSum(v, high, v.keep(v.bit("and", low, isWithin))));
  }

  const size = v.keep(v.float("abs", y));
  const isRegular = v.bit(
    "and",
    v.float("gt", x, zero),
    v.bit("and", v.float("lt", x, infinity), v.float("lt", size, infinity)),
  );
  v.ifAny(v.bit("not", isRegular))(() => {
    const isRoot = v.keep(v.float("eq", size, v.number(0.5)));
    const isWhole = v.keep(v.float("eq", v.float("floor", y), y));
    const half = v.keep(v.mul(y, v.number(0.5)));
    const isEven = v.float("eq", v.float("floor", half), half);
    const keepsSign = v.bit("or", isRoot, v.bit("andnot", isWhole, isEven));
    v.assign(result, v.bit("or", result, v.bit("and", v.signOf(x), keepsSign)));
    const isNegative = v.bit("and", v.float("lt", x, zero), v.bit("or", isRoot, v.float("lt", a, infinity)));
    v.assign(result, v.bit("or", result, v.bit("andnot", isNegative, isWhole)));
    const isFlat = v.bit("and", v.float("eq", a, one), v.float("eq", size, infinity));
    const isOne = v.bit("or", isFlat, v.bit("or", v.float("eq", y, zero), v.float("eq", x, one)));
    v.assign(result, v.select(isOne, one, result));
  });
  return result;
}

/** log x in two parts, by log m = s (2 + ⅔ s² + s⁴ R(s²)) with s = (m − 1) / (m + 1). */
function logarithm(v: Lanes, x: Kept): Pair {
  const { ln2 } = v.format;
  const { k, m, ifSpecial } = split(v, x);
  const [one, two] = [v.number(1), v.number(2)];
  const f = v.keep(v.sub(m, one)); // exact
  const under = v.keep(v.add(f, two));
  const underLow = v.sub(f, v.sub(under, two));
  const inverse = v.keep(v.float("div", one, under));
  const s = v.keep(v.mul(f, inverse));
  const back = product(v, pair(s, null), pair(under, null));
  const sLow = v.keep(v.mul(v.sub(v.sub(v.sub(f, back.high), back.low), v.mul(s, underLow)), inverse));
  const z = product(v, pair(s, sLow), pair(s, sLow));
  const third = product(v, z, pair(v.keep(v.number(twoThirds[0])), v.keep(v.number(twoThirds[1]))));
  const fourth = v.keep(v.mul(z.high, z.high));
  const rest = v.madd(fourth, v.polynomial(z.high, fourth, coefficients), third.low);
  const factor = v.keep(v.add(third.high, two));
  const factorLow = v.keep(v.add(v.sub(third.high, v.sub(factor, two)), rest));
  const own = product(v, pair(s, sLow), pair(factor, factorLow));

  const whole = v.keep(v.mul(k, v.number(ln2[0]))); // exact
  const high = v.keep(v.add(whole, own.high));
  // k log 2 is the larger one, unless it is 0.
  const lost = v.sub(own.high, v.sub(high, whole));
  const low = v.keep(v.add(lost, v.madd(k, v.number(ln2[1]), own.low)));
  ifSpecial(() => {
    v.assign(high, outside(v, x, 0, high));
    v.assign(low, v.bit("and", low, v.float("lt", v.float("abs", high), v.number(Number.POSITIVE_INFINITY))));
  });
  return { high, low };
}

function pair(high: Kept, low: Kept | null): { readonly high: Kept; readonly low: Kept | null } {
  return { high, low };
}

/** A product in two parts, by T. J. Dekker's method (Numerische Mathematik 18, 1971): halves of the factors have exact products. */
function product(v: Lanes, a: ReturnType<typeof pair>, b: ReturnType<typeof pair>): Pair {
  const halves = (x: Kept): readonly [Kept, Kept] => {
    const upper = v.keep(v.bit("and", x, v.pattern(-1n << 27n)));
    return [upper, v.keep(v.sub(x, upper))];
  };
  const [au, al] = halves(a.high);
  const [bu, bl] = a.high === b.high ? [au, al] : halves(b.high);
  const high = v.keep(v.mul(a.high, b.high));
  let low = v.add(v.mul(al, bl), v.add(v.mul(al, bu), v.add(v.mul(au, bl), v.sub(v.mul(au, bu), high))));
  if (b.low !== null) low = v.add(v.mul(a.high, b.low), low);
  if (a.low !== null) low = v.add(v.mul(a.low, b.high), low);
  return { high, low: v.keep(low) };
}
