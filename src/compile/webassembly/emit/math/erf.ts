import { expOfModerate } from "./exp.ts";
import type { Kept, Lanes, Term } from "./lanes.ts";

/** erf(x) / x − 1 in x² for |x| ≤ 1: minimax in the relative error of erf, found by Remez' algorithm. */
const near = {
  single: [0.12837917, -0.37612626, 0.112835852, -0.026853815, 0.0051883305, -0.00080102027, 7.85385e-5],
  double: [
    0.12837916709551256, -0.3761263890318352, 0.112837916709442, -0.02686617064311341, 0.0052239776061308385,
    -0.0008548325929766087, 0.0001205529358693285, -1.4924712439465e-5, 1.644713269901e-6, -1.620631874753e-7,
    1.37109886825e-8, -7.779462934e-10,
  ],
};

/** −log(1 − erf(1 + t)) for t up to where erf is 1: minimax in the relative error of erf, so large t count for little. */
const far = {
  single: [1.84960552, 2.6389669, 0.8431176, 0.041503498, -0.0098954605, 0.0018293832, -0.00018637921],
  double: [
    1.8496055099332482, 2.6389675142347775, 0.84310725635933, 0.04156109802668684, -0.01003382519518369,
    0.0019779013110060775, -0.0002373167986976532, -2.6295380487824873e-5, 2.7197238438558798e-5, -9.669086767241766e-6,
    2.1297315937104005e-6, -2.0325013702824542e-7, -5.8818603207158293e-8, 3.3691574131875094e-8, -8.596945802380034e-9,
    1.3325809924769671e-9, -1.2070584894987354e-10, 4.928423489416518e-12,
  ],
};

/** From there on, erf is 1. */
const saturation = { single: 4, double: 5.95 } as const;

/** erf(x): x + x p(x²) up to 1, then 1 − e^−q(|x| − 1), and x's sign. */
export function erf(v: Lanes, x: Kept): Term {
  const accuracy = v.format.accuracy === "double" ? "double" : "single";
  const one = v.number(1);
  const a = v.keep(v.float("pmin", v.float("abs", x), v.number(saturation[accuracy]))); // keeps NaN
  const square = v.keep(v.mul(a, a));
  const small = v.keep(v.madd(v.polynomial(square, v.keep(v.mul(square, square)), near[accuracy]), a, a));
  const t = v.keep(v.sub(a, one));
  const exponent = v.keep(v.sub(v.number(0), v.polynomial(t, v.keep(v.mul(t, t)), far[accuracy])));
  const large = v.keep(v.sub(one, expOfModerate(v, exponent)));
  return v.bit("or", v.select(v.float("lt", a, one), small, large), v.signOf(x));
}
