import type { Kept, Lanes, Term } from "./lanes.ts";

/** (sin(r) − r) / r³ and (cos(r) − 1 + r²/2) / r⁴ in r², for |r| ≤ π/4: minimax, found by Remez' algorithm. */
const coefficients = {
  brief: {
    sine: [-0.16666654875, 0.00833217354, -0.0001951665],
    cosine: [0.04166664555, -0.00138873099, 2.44324e-5],
  },
  double: {
    sine: [
      -0.16666666666666632, 0.008333333333322316, -0.000198412698297252, 2.755731366207e-6, -2.5050753267e-8,
      1.5896505e-10,
    ],
    cosine: [
      0.041666666666666595, -0.0013888888888872902, 2.48015872887515e-5, -2.75573141493e-7, 2.087569664e-9,
      -1.1358313e-11,
    ],
  },
};

/** π/2 in parts of 33 bits, whose multiples up to 2²⁰ are exact, and what is left after the first and the third. */
const quarterTurn = [1.5707963267341256, 6.077100506303966e-11, 2.0222662487111665e-21] as const;
const afterFirst = 6.077100506506192e-11;
const afterThird = 8.4784276603689e-32;

/** Angles up to this many quarter turns are reduced by Cody and Waite's method. */
const mostQuarters = 2 ** 20;

/** An angle less a number of quarter turns, in two parts, and that number in the last two bits of an integer. */
interface Reduced {
  readonly r: Kept;
  readonly low: Kept | null;
  readonly quarters: Kept;
}

/**
 * sin(x), or cos(x), in float64 (`brief` for float32).
 *
 * @param reduceHuge - the number of the function that reduces a large angle.
 */
export function sine(v: Lanes, x: Kept, isCosine: boolean, reduceHuge: () => number): Term {
  const { asSine, asCosine, turns } = parts(v, x, reduceHuge);
  const turned = isCosine ? v.keep(v.int("add", turns, v.pattern(1n))) : turns;
  const isOdd = v.int("eq", v.bit("and", turned, v.pattern(1n)), v.pattern(1n));
  const y = v.select(isOdd, asCosine, asSine);
  const sign = v.signOf(v.shift("shl", turned, 62));
  return v.bit("xor", y, isCosine ? sign : v.bit("xor", sign, v.signOf(x)));
}

/** Sine and cosine of what is left of |x|, and the quarter turns that were taken off. */
function parts(v: Lanes, x: Kept, reduceHuge: () => number): { asSine: Kept; asCosine: Kept; turns: Kept } {
  const accuracy = v.format.accuracy === "double" ? "double" : "brief";
  const { sine, cosine } = coefficients[accuracy];
  const a = v.keep(v.float("abs", x));
  const { r, low, quarters } = reduced(v, a, accuracy === "double", reduceHuge);
  const z = v.keep(v.mul(r, r));
  const fourth = v.keep(v.mul(z, z));
  const half = v.keep(v.mul(z, v.number(0.5)));

  const bend = v.mul(v.mul(z, r), v.polynomial(z, fourth, sine));
  const asSine = v.keep(v.add(r, low === null ? bend : v.add(bend, low)));

  const one = v.number(1);
  const most = v.keep(v.sub(one, half));
  const last = v.mul(fourth, v.polynomial(z, fourth, cosine));
  // What 1 − r²/2 lost, and r's second part.
  const lost = v.sub(v.sub(one, most), half);
  const asCosine = v.keep(v.add(most, low === null ? last : v.add(lost, v.sub(last, v.mul(r, low)))));
  return { asSine, asCosine, turns: quarters };
}

/** tan(x), likewise: the sine over the cosine, which an odd number of quarter turns exchanges. */
export function tangent(v: Lanes, x: Kept, reduceHuge: () => number): Term {
  const { asSine, asCosine, turns } = parts(v, x, reduceHuge);
  const isOdd = v.keep(v.int("eq", v.bit("and", turns, v.pattern(1n)), v.pattern(1n)));
  const y = v.float("div", v.select(isOdd, asCosine, asSine), v.select(isOdd, asSine, asCosine));
  return v.bit("xor", y, v.bit("xor", v.bit("and", isOdd, v.number(-0)), v.signOf(x)));
}

function reduced(v: Lanes, a: Kept, isDouble: boolean, reduceHuge: () => number): Reduced {
  const rounder = v.number(1.5 * 2 ** 52);
  const z = v.keep(v.madd(a, v.number(2 / Math.PI), rounder));
  const n = v.keep(v.sub(z, rounder));
  const take = (from: Term, part: number): Kept => v.keep(v.madd(n, v.number(-part), from));
  const first = take(a, quarterTurn[0]); // exact
  let result: Reduced;
  if (isDouble) {
    // The angle may be so near to a multiple that hardly a bit of the first part remains: what is lost at each step is kept.
    const second = take(first, quarterTurn[1]);
    const lost = take(v.sub(first, second), quarterTurn[1]);
    const third = take(second, quarterTurn[2]);
    const lostThen = take(v.sub(second, third), quarterTurn[2]);
    const low = v.keep(v.madd(n, v.number(-afterThird), v.add(lost, lostThen)));
    const r = v.keep(v.add(third, low));
    result = { r, low: v.keep(v.add(v.sub(third, r), low)), quarters: z };
  } else result = { r: take(first, afterFirst), low: null, quarters: z };
  replaceHuge(v, a, result, reduceHuge);
  return result;
}

/** Reduces the angles that are too large for {@link reduced}, one by one. */
function replaceHuge(v: Lanes, a: Kept, { r, low, quarters }: Reduced, reduceHuge: () => number): void {
  const { c } = v;
  const isHuge = v.keep(v.float("gt", a, v.number((mostQuarters * Math.PI) / 2)));
  v.ifAny(isHuge)(() => {
    const lanes = [0, 1].map((lane) =>
      v.keep(() => c.get(a.local).lane("f64x2.extract_lane", lane).call(reduceHuge())),
    );
    const [left, right] = lanes as [Kept, Kept];
    const pair =
      (from: number): Term =>
      () => {
        left();
        right();
        c.shuffle(...[0, 16].flatMap((lane) => Array.from({ length: 8 }, (_, i) => lane + from + i)));
      };
    v.assign(r, v.select(isHuge, pair(0), r));
    if (low !== null) v.assign(low, v.select(isHuge, pair(8), low));
    v.assign(quarters, v.select(isHuge, pair(8), quarters));
  });
}
