import type { Kept, Lanes, Term } from "./lanes.ts";

/** (eʳ − 1 − r) / r² for |r| ≤ log(2)/2: minimax in the relative error of eʳ − 1, found by Remez' algorithm. */
const coefficients = {
  single: [0.49999998, 0.16666542, 0.0416672095, 0.008366712, 0.0013882326],
  brief: [0.5000000045, 0.1666666636, 0.0416663574, 0.008333391, 0.001394093, 0.000198455],
  double: [
    0.5, 0.16666666666666677, 0.041666666666666505, 0.00833333333332142, 0.0013888888888964, 0.0001984126988675,
    2.48015871703e-5, 2.75572435e-6, 2.75574036e-7, 2.510931e-8, 2.08753e-9,
  ],
};

/** Below and above, results are 0 and ∞; in between, halves of their exponents are exponents. */
const limits = { 32: [-104, 89], 64: [-746, 710] } as const;

/** eˣ = 2ⁿ (1 + high + bend), |high| ≤ log(2)/2 being exact and `bend` about high²/2: who adds them up rounds last. */
export interface Reduced {
  readonly high: Kept;
  readonly bend: Kept;
  /** An integer whose last bits are n and the number that was asked for. */
  readonly n: Kept;
}

/**
 * Takes multiples of log 2 off x.
 *
 * @param plus - is added to n.
 * @param low - is added to x: what x was rounded by.
 */
export function reduced(v: Lanes, x: Kept, plus: number, low?: Term): Reduced {
  const { accuracy, fraction, ln2 } = v.format;
  // A number so large has no place for fractions: adding it rounds to an integer, which its last bits hold.
  const rounder = v.number(1.5 * 2 ** fraction + plus);
  const z = v.keep(v.madd(x, v.number(Math.LOG2E), rounder));
  const n = v.keep(v.sub(z, rounder));
  const high = v.keep(v.madd(n, v.number(-ln2[0]), x));
  const tail = v.mul(n, v.number(-ln2[1]));
  const rest = v.keep(low === undefined ? tail : v.add(tail, low));
  const r = v.keep(v.add(high, rest));
  const square = v.keep(v.mul(r, r));
  const bend = v.keep(v.madd(v.polynomial(r, square, coefficients[accuracy]), square, rest));
  return { high, bend, n: z };
}

/** Keeps x from `low` to `high`; NaN stays. */
export function bounded(v: Lanes, x: Term, [low, high]: readonly [number, number]): Kept {
  return v.keep(v.float("pmin", v.float("pmax", x, v.number(low)), v.number(high)));
}

/** eˣ. It is multiplied by 2ⁿ in two halves, so subnormal results come out right. */
export function exp(v: Lanes, x: Kept): Term {
  const { bias, bits } = v.format;
  const { high, bend, n } = reduced(v, bounded(v, x, limits[bits]), 2 * bias);
  return scaled(v, v.add(v.add(bend, high), v.number(1)), n);
}

/** eˣ for x = high + low, rounded about once. */
export function expOfSum(v: Lanes, x: Kept, low: Term): Term {
  const { bias, bits } = v.format;
  const { high, bend, n } = reduced(v, bounded(v, x, limits[bits]), 2 * bias, low);
  const one = v.number(1);
  const near = v.keep(v.add(high, one));
  return scaled(v, v.add(v.add(v.sub(high, v.sub(near, one)), bend), near), n);
}

/** eˣ for x of which it is known that the result is a normal number. */
export function expOfModerate(v: Lanes, x: Kept): Term {
  const { bias, fraction } = v.format;
  const { high, bend, n } = reduced(v, x, bias);
  return v.mul(v.add(v.add(bend, high), v.number(1)), v.shift("shl", n, fraction));
}

/** y times 2ⁿ, n having twice an exponent's bias added to it. */
function scaled(v: Lanes, y: Term, n: Kept): Term {
  const { fraction } = v.format;
  const half = v.keep(v.shift("shr_u", n, 1));
  return v.mul(v.mul(y, v.shift("shl", half, fraction)), v.shift("shl", v.int("sub", n, half), fraction));
}
