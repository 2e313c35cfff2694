/** Rounds to what a dtype can hold. */
export type Round = (v: number) => number;

/** A number as `m · 10^e` with an integer `m` of as few digits as tell it from its neighbours. */
interface Decimal {
  readonly m: number;
  readonly e: number;
  readonly digits: number;
}

function decimalOf(v: number, round: Round): Decimal {
  const size = Math.abs(v);
  if (Number.isSafeInteger(size)) return { m: size, e: 0, digits: 0 };
  let digits = 1;
  while (digits < 17 && round(Number(size.toPrecision(digits))) !== size) digits++;
  const [mantissa, exponent] = size.toExponential(digits - 1).split("e") as [string, string];
  return { m: Number(mantissa.replace(".", "")), e: Number(exponent) - digits + 1, digits };
}

/** The simplest numbers of all, the simplest first. */
export const simplestNumbers: readonly number[] = [0, 1, -1, 0.5, -0.5];

/**
 * Orders numbers by how simple they read: 0, 1, −1, ½, −½, other integers from 2 on, then fractions with few digits; among equals the
 * one nearer to 0, and of two opposites the positive one.
 *
 * @returns below 0 if a is simpler than b; 0 only for equal numbers.
 */
export function compareSimplicity(a: number, b: number, round: Round): number {
  if (a === b) return 0;
  return (
    classOf(a) - classOf(b) ||
    decimalOf(a, round).digits - decimalOf(b, round).digits ||
    Math.abs(a) - Math.abs(b) ||
    Number(a < 0) - Number(b < 0)
  );
}

function classOf(v: number): number {
  const place = simplestNumbers.indexOf(v);
  if (place >= 0) return place;
  return simplestNumbers.length + (Number.isSafeInteger(v) ? 0 : 1);
}

/** Numbers simpler than `v`, roughly the simplest first; some twice. */
export function* simplerNumbers(v: number, round: Round): Generator<number> {
  for (const next of candidates(v, round)) {
    const rounded = round(next) + 0; // no −0
    if (compareSimplicity(rounded, v, round) < 0) yield rounded;
  }
}

function* candidates(v: number, round: Round): Generator<number> {
  yield* simplestNumbers;
  const sign = Math.sign(v);
  const { m, e, digits } = decimalOf(v, round);
  for (let kept = 1; kept < digits; kept++) {
    const unit = 10 ** (digits - kept);
    for (const cut of [Math.floor(m / unit), Math.ceil(m / unit)]) yield sign * Number(`${cut}e${e + digits - kept}`);
  }
  if (v < 0) yield -v;
  // By halves towards 0: a least failing integer is found in about log₂ m steps.
  for (let step = m; step >= 1; step = Math.floor(step / 2)) yield sign * Number(`${m - step}e${e}`);
  for (let step = e; step >= 1; step = Math.floor(step / 2)) yield sign * Number(`${m}e${e - step}`);
}
