import { bounded, type Reduced, reduced } from "./exp.ts";
import type { Kept, Lanes, Term } from "./lanes.ts";

// With e^x = 2s (1 + high + bend): s is half the power of two, which is finite for the largest x.

/** Below, eˣ − 1 is −1; above, it is infinite; nearer to 0, it is x. */
const limits = { 32: [-18, 89], 64: [-38, 710] } as const;
const tiny = { 32: 2 ** -26, 64: 2 ** -55 } as const;

/** (tanh(x) − x) / x³ in x², for |x| ≤ 0.625: minimax in the relative error of tanh, found by Remez' algorithm. */
const single = [-0.3333328, 0.13331441, -0.053739608, 0.020638624, -0.005704366];
const double = [
  -0.33333333333332854, 0.13333333333261885, -0.05396825393117152, 0.02186948757389988, -0.0088632209739814,
  0.00359198894342166, -0.001454957697787, 0.0005863126803493, -0.000228556409674, 7.7135491258e-5, -1.6068223895e-5,
];
const coefficients = { single, brief: single, double };

/** Above, tanh is 1. */
const saturation = { 32: 10, 64: 20 } as const;

/** eˣ − 1. */
export function expm1(v: Lanes, x: Kept): Term {
  const { bits } = v.format;
  const { high, bend, s } = halved(v, bounded(v, x, limits[bits]));
  const y = v.keep(v.madd(bend, s, v.madd(high, s, v.sub(s, v.number(0.5)))));
  // −0 and subnormal numbers as they are.
  return v.select(v.float("lt", v.float("abs", x), v.number(tiny[bits])), x, v.add(y, y));
}

/** The logistic function 1 / (1 + e⁻ˣ). Where e⁻ˣ overflows, it is 0. */
export function sigmoid(v: Lanes, x: Kept): Term {
  const { high, bend, s } = halved(v, bounded(v, v.sub(v.number(0), x), limits[v.format.bits]));
  const half = v.number(0.5);
  // (1 + e⁻ˣ) / 2: ½ goes to the larger or to the smaller of its other terms, so but one addition rounds.
  const isLarge = v.keep(v.float("lt", half, s));
  const rest = v.madd(v.add(bend, high), s, v.bit("and", half, isLarge));
  const y = v.keep(v.add(rest, v.add(s, v.bit("andnot", half, isLarge))));
  return v.float("div", v.number(1), v.add(y, y));
}

/** tanh(x), for x ≥ 0 as x + x³ p(x²) up to 0.625, else as 1 − 2 / (1 + e²ˣ); and x's sign. */
export function tanh(v: Lanes, x: Kept): Term {
  const { accuracy, bits } = v.format;
  const a = v.keep(v.float("pmin", v.float("abs", x), v.number(saturation[bits]))); // keeps NaN
  const z = v.keep(v.mul(a, a));
  const small = v.keep(v.madd(v.polynomial(z, v.keep(v.mul(z, z)), coefficients[accuracy]), v.mul(z, a), a));
  const { high, bend, s } = halved(v, v.keep(v.add(a, a)));
  const under = v.madd(v.add(bend, high), s, v.add(s, v.number(0.5)));
  const one = v.number(1);
  const large = v.sub(one, v.float("div", one, under));
  return v.bit("or", v.select(v.float("lt", a, v.number(0.625)), small, large), v.signOf(x));
}

function halved(v: Lanes, x: Kept): Omit<Reduced, "n"> & { readonly s: Kept } {
  const { bias, fraction } = v.format;
  const { high, bend, n } = reduced(v, x, bias - 1);
  return { high, bend, s: v.keep(v.shift("shl", n, fraction)) };
}
