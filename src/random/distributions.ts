/** The top 24 bits of the block, as a number in [0, 1): each is a float32. */
export function uniform24(x0: number): number {
  return (x0 >>> 8) / 2 ** 24;
}

/** The top 53 bits of the block (27 of the first word, 26 of the second), as a number in [0, 1). */
export function uniform53(x0: number, x1: number): number {
  return ((x0 >>> 5) * 2 ** 26 + (x1 >>> 6)) / 2 ** 53;
}

/**
 * A standard normal number, by the inverse of its distribution function at the midpoint of one of 2⁵² equal intervals:
 * symmetric, never infinite, at most 8.21 in magnitude.
 */
export function normalFromWords(x0: number, x1: number): number {
  return normalQuantile(((x0 >>> 5) * 2 ** 25 + (x1 >>> 7) + 0.5) / 2 ** 52);
}

/**
 * The normal quantile: z with Φ(z) = p, for 0 < p < 1. Wichura's algorithm AS 241, PPND16 (Applied Statistics 37,
 * 1988), good to about 1 part in 10¹⁶. Uses + − · / and √ only, which IEEE 754 fixes bit for bit, and no function of the
 * engine's.
 */
export function normalQuantile(p: number): number {
  const q = p - 0.5;
  if (Math.abs(q) <= 0.425) {
    const r = 0.180625 - q * q;
    return (q * polynomial(centralOver, r)) / polynomial(centralUnder, r);
  }
  const r = Math.sqrt(-logOf(q < 0 ? p : 1 - p));
  const z =
    r <= 5
      ? polynomial(middleOver, r - 1.6) / polynomial(middleUnder, r - 1.6)
      : polynomial(tailOver, r - 5) / polynomial(tailUnder, r - 5);
  return q < 0 ? -z : z;
}

/**
 * Natural logarithm of 0 < x ≤ 1, of + · / alone, since engines differ in the last bit of `Math.log`: x = m·2ᵉ with
 * m in [√½, √2), and log m = 2 artanh((m − 1)/(m + 1)) by its series, whose terms fall by 0.03 each.
 */
export function logOf(x: number): number {
  let m = x;
  let e = 0;
  while (m < Math.SQRT1_2) {
    m *= 2;
    e--;
  }
  const s = (m - 1) / (m + 1);
  const s2 = s * s;
  let series = 0;
  for (let k = 23; k >= 1; k -= 2) series = series * s2 + 1 / k;
  return e * Math.LN2 + 2 * s * series;
}

/** Horner's rule, highest coefficient first. */
function polynomial(coefficients: readonly number[], x: number): number {
  let y = 0;
  for (let i = 0; i < coefficients.length; i++) y = y * x + coefficients[i]!;
  return y;
}

// The coefficients of PPND16, highest first.
const centralOver = [
  2.5090809287301226727e3, 3.3430575583588128105e4, 6.7265770927008700853e4, 4.5921953931549871457e4,
  1.3731693765509461125e4, 1.9715909503065514427e3, 1.3314166789178437745e2, 3.387132872796366608,
];
const centralUnder = [
  5.226495278852854561e3, 2.8729085735721942674e4, 3.930789580009271061e4, 2.1213794301586595867e4,
  5.3941960214247511077e3, 6.871870074920579083e2, 4.2313330701600911252e1, 1,
];
const middleOver = [
  7.7454501427834140764e-4, 2.27238449892691845833e-2, 2.4178072517745061177e-1, 1.27045825245236838258,
  3.64784832476320460504, 5.7694972214606914055, 4.6303378461565452959, 1.42343711074968357734,
];
const middleUnder = [
  1.05075007164441684324e-9, 5.475938084995344946e-4, 1.51986665636164571966e-2, 1.4810397642748007459e-1,
  6.8976733498510000455e-1, 1.6763848301838038494, 2.05319162663775882187, 1,
];
const tailOver = [
  2.01033439929228813265e-7, 2.71155556874348757815e-5, 1.2426609473880784386e-3, 2.6532189526576123093e-2,
  2.9656057182850489123e-1, 1.7848265399172913358, 5.4637849111641143699, 6.6579046435011037772,
];
const tailUnder = [
  2.04426310338993978564e-15, 1.4215117583164458887e-7, 1.8463183175100546818e-5, 7.868691311456132591e-4,
  1.48753612908506148525e-2, 1.3692988092273580531e-1, 5.9983220655588793769e-1, 1,
];
