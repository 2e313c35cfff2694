import { erfcOp, far } from "../../ops/erf.ts";
import { erfinvOp, inverseErf } from "../../ops/erfinv.ts";
import {
  digammaRoot,
  lgammaOp,
  logGammaAtTwo,
  polygammaOp,
  polygammaTerms,
  stirling,
  stirlingRest,
} from "../../ops/gamma.ts";
import type { Value } from "../builder.ts";
import { type Row, row } from "../lowering.ts";
import { type Formula, wide } from "./formula.ts";
import { cosPi, sinPi } from "./special.ts";

// The ops' own formulas; where those branch, all ways are computed.

export const gamma: readonly Row[] = [
  row(erfcOp, wide(erfc)),
  row(erfinvOp, wide(erfinv)),
  row(lgammaOp, wide(lgamma)),
  row(polygammaOp, (call) => wide((f, x) => polygamma(f, x, call.attrs as number))(call)),
];

/** Cody's approximation from ½ to 4, the constant coefficients first. */
const middle = {
  over: [
    1230.33935479799725, 2051.07837782607147, 1712.04761263407058, 881.95222124176909, 298.635138197400131,
    66.1191906371416295, 8.88314979438837594, 0.564188496988670089, 2.15311535474403846e-8,
  ],
  under: [
    1230.33935480374942, 3439.36767414372164, 4362.61909014324716, 3290.79923573345963, 1621.38957456669019,
    537.181101862009858, 117.693950891312499, 15.7449261107098347, 1,
  ],
};

function erfc(f: Formula, x: Value): Value {
  const a = f.select(f.lt(28, x), f.number(28), x);
  const t = f.div(1, f.mul(a, a));
  const rest = f.div(f.mul(t, f.polynomial(t, far.over)), f.polynomial(t, far.under));
  const large = f.div(f.sub(far.limit, rest), a);
  const small = f.div(f.polynomial(a, middle.over), f.polynomial(a, middle.under));
  const digits = f.mul(f.floor(f.mul(a, 16)), 1 / 16);
  const power = f.mul(f.exp(f.neg(f.mul(digits, digits))), f.exp(f.mul(f.sub(digits, a), f.add(digits, a))));
  const y = f.mul(power, f.select(f.lt(4, a), large, small));
  return f.select(f.lt(x, 0.46875), f.sub(1, f.erf(x)), y);
}

function erfinv(f: Formula, x: Value): Value {
  const rest = f.mul(f.sub(1, x), f.add(1, x));
  const w = f.neg(f.log(rest));
  const root = f.sqrt(w);
  const at = (v: Value, { centre, coefficients }: { centre: number; coefficients: readonly number[] }): Value =>
    f.polynomial(f.sub(v, centre), coefficients);
  const end = f.select(f.lt(w, 16), at(root, inverseErf.middle), at(root, inverseErf.far));
  const inside = f.select(f.lt(w, 6.25), at(w, inverseErf.near), end);
  return f.mul(x, f.select(f.eq(rest, 0), f.number(Number.POSITIVE_INFINITY), inside));
}

/** Γ of |x|, and the reflection of it. */
function lgamma(f: Formula, x: Value): Value {
  const a = f.abs(x);
  // To z from −½ to ½: Γ(a) = Γ(2 + z) · over / under
  let [t, over] = [a, f.number(1)];
  for (let k = 0; k < 8; k++) {
    const isLarge = f.lt(2.5, t);
    t = f.select(isLarge, f.sub(t, 1), t);
    over = f.select(isLarge, f.mul(over, t), over);
  }
  const [isSmall, isMiddle] = [f.lt(a, 0.5), f.lt(a, 1.5)];
  const z = f.select(isSmall, a, f.sub(t, f.select(isMiddle, f.number(1), f.number(2))));
  const under = f.select(isSmall, f.add(f.log(a), f.log1p(a)), f.log1p(z));
  const own = f.mul(z, f.polynomial(z, logGammaAtTwo));
  const near = f.add(own, f.select(isMiddle, f.neg(under), f.log(over)));
  const square = f.div(1, f.mul(a, a));
  const rest = f.add(stirlingRest, f.div(f.polynomial(square, stirling), a));
  const high = f.add(f.mul(f.sub(a, 0.5), f.sub(f.log(a), 1)), rest);
  const y = f.select(f.lt(a, 10), near, high);
  const bend = f.log(f.mul(f.mul(f.abs(sinPi(f, x)), a), 1 / Math.PI));
  const reflected = f.select(f.lt(a, 1e-17), f.neg(f.log(a)), f.sub(f.neg(bend), y));
  const isInfinite = f.eq(a, Number.POSITIVE_INFINITY);
  return f.select(isInfinite, a, f.select(f.lt(x, 0), reflected, y));
}

function polygamma(f: Formula, x: Value, n: number): Value {
  const { from, factor, scale, series, cotangent } = polygammaTerms(n);
  const isBelow = f.lt(x, 0);
  const t = f.select(isBelow, f.sub(1, x), n > 0 ? f.add(x, 0) : x); // only digamma has a sign at −0
  const power = (v: Value, k: number): Value => (k === 1 ? v : f.mul(power(v, k - 1), v));
  let sum = power(f.div(scale, t), n + 1);
  for (let k = 1; k < from; k++) sum = f.add(sum, power(f.div(scale, f.add(t, k)), n + 1));
  const y = f.add(t, from);
  const r = f.div(1, y);
  const rest = f.mul(f.add(0.5, f.mul(f.polynomial(f.mul(r, r), series), r)), r);
  const above =
    n === 0
      ? nearRoot(f, t, f.sub(f.log(y), f.add(sum, rest)))
      : f.mul(factor, f.add(sum, f.mul(power(f.mul(scale, r), n), f.mul(scale, f.add(1 / n, rest)))));
  const s = sinPi(f, x);
  const bend = f.mul(f.polynomial(f.div(cosPi(f, x), s), cotangent), Math.PI ** (n + 1));
  const below = f.sub(n % 2 === 0 ? above : f.neg(above), bend);
  const pole = f.number(n === 0 ? Number.NaN : factor * Number.POSITIVE_INFINITY);
  return f.select(isBelow, f.select(f.eq(s, 0), pole, below), above);
}

/** Digamma, by its root between 1 and 2. */
function nearRoot(f: Formula, x: Value, elsewhere: Value): Value {
  const { high, low, coefficients } = digammaRoot;
  const near = f.mul(f.sub(f.sub(x, high), low), f.polynomial(f.sub(x, 1.5), coefficients));
  return f.select(f.and(f.le(1, x), f.le(x, 2)), near, elsewhere);
}
