import type { Kept, Lanes, Term } from "./lanes.ts";

// In float64, for both dtypes.

/** (asin(s) − s) / s³ in s² up to ¼, and (atan(t) − t) / t³ in t² up to tan²(π/8): interpolated at Chebyshev's points, in 200 bits. */
const sine = [
  0.16666666666666669, 0.07499999999998433, 0.04464285714635543, 0.030381944138531247, 0.02237217294214989,
  0.017352392720869973, 0.013971212973552933, 0.011479177415184906, 0.01032281435018578, 0.005457506718640358,
  0.01740087944269402, -0.014851887071247204, 0.028757851367421566,
];
const tangent = [
  -0.3333333333333333, 0.19999999999995519, -0.14285714284666184, 0.11111111015227572, -0.09090904576954117,
  0.07692183163650894, -0.06664511064599371, 0.05858145587628202, -0.050854323376990765, 0.0392311556198723,
  -0.01917627151752634,
];

/** π/2 in two parts. */
const quarterTurn = [Math.PI / 2, 6.123233995736766e-17] as const;

/** asin of |x| up to ½, and half of acos |x| beyond: asin √((1 − |x|) / 2). */
function half(v: Lanes, x: Kept): { readonly isSmall: Kept; readonly angle: Kept } {
  const a = v.keep(v.float("abs", x));
  const isSmall = v.keep(v.float("lt", a, v.number(0.5)));
  const z = v.keep(v.select(isSmall, v.mul(a, a), v.mul(v.sub(v.number(1), a), v.number(0.5))));
  const s = v.keep(v.select(isSmall, a, v.float("sqrt", z)));
  const bend = v.mul(v.mul(s, z), v.polynomial(z, v.keep(v.mul(z, z)), sine));
  return { isSmall, angle: v.keep(v.add(s, bend)) };
}

/** asin(x): beyond ½, π/2 − 2 asin √((1 − x) / 2). */
export function asin(v: Lanes, x: Kept): Term {
  const { isSmall, angle } = half(v, x);
  const [high, low] = quarterTurn.map((part) => v.number(part)) as [Term, Term];
  const large = v.add(v.sub(high, v.add(angle, angle)), low);
  return v.bit("or", v.select(isSmall, angle, large), v.signOf(x));
}

/** acos(x): π/2 − asin x up to ½, then 2 asin √((1 − x) / 2), or π less it. */
export function acos(v: Lanes, x: Kept): Term {
  const { isSmall, angle } = half(v, x);
  const [high, low] = quarterTurn.map((part) => v.number(part)) as [Term, Term];
  const own = v.bit("or", angle, v.signOf(x));
  const twice = v.keep(v.add(angle, angle));
  const back = v.add(v.sub(v.add(high, high), twice), v.add(low, low));
  const large = v.select(v.float("lt", x, v.number(0)), back, twice);
  return v.select(isSmall, v.sub(high, v.sub(own, low)), large);
}

/** atan(x), by its value at π/4 or π/2 beyond tan(π/8) and tan(3π/8). */
export function atan(v: Lanes, x: Kept): Term {
  const [one, zero] = [v.number(1), v.number(0)];
  const a = v.keep(v.float("abs", x));
  const isMiddle = v.keep(v.float("gt", a, v.number(Math.SQRT2 - 1)));
  const isLarge = v.keep(v.float("gt", a, v.number(Math.SQRT2 + 1)));
  const over = v.select(isLarge, v.number(-1), v.sub(a, v.bit("and", one, isMiddle)));
  const under = v.select(isLarge, a, v.add(one, v.bit("and", a, isMiddle)));
  const t = v.keep(v.float("div", over, under));
  const z = v.keep(v.mul(t, t));
  const pick = (part: number): Term => v.select(isLarge, v.number(part), v.select(isMiddle, v.number(part / 2), zero));
  const bend = v.mul(v.mul(t, z), v.polynomial(z, v.keep(v.mul(z, z)), tangent));
  const rest = v.add(t, v.add(bend, pick(quarterTurn[1])));
  return v.bit("or", v.add(pick(quarterTurn[0]), rest), v.signOf(x));
}
