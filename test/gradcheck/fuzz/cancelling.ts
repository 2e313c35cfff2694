import { Random } from "../random.ts";

/** A function of one number written so that it loses digits: as it is computed, and what is meant. */
interface Naive {
  readonly name: string;
  draw(random: Random): number;
  value(u: number, c: number): number;
  exact(u: number, c: number): number;
  slope(u: number, c: number): number;
}

/** Σ aₖ·uᵏ from a power on, every second one, by the ratio of a coefficient to the one before. */
function series(u: number, first: number, power: number, ratio: (k: number) => number): number {
  let term = first * u ** power;
  let sum = 0;
  for (let k = 0; k < 24; k++) {
    sum += term;
    term *= ratio(k) * u * u;
  }
  return sum;
}

const small = (random: Random): number => random.sign() * random.power(-12, 0);
const large = (random: Random): number => random.power(1, 8);
const tail = (random: Random): number => random.uniform(0, 9);

/** The complement of the error function for u ≥ 0, and its slope as it is computed (Numerical Recipes, a Chebyshev fit). */
function tau(u: number): readonly [number, number] {
  const t = 1 / (1 + u / 2);
  let [p, slope] = [0, 0];
  for (let k = chebyshev.length - 1; k >= 0; k--) [p, slope] = [p * t + chebyshev[k]!, slope * t + p];
  const value = t * Math.exp(p - u * u);
  const byT = -t * t * 0.5;
  return [value, value * (byT / t + slope * byT - 2 * u)];
}
const chebyshev = [
  -1.26551223, 1.00002368, 0.37409196, 0.09678418, -0.18628806, 0.27886807, -1.13520398, 1.48851587, -0.82215223,
  0.17087277,
];
const erf = (u: number): number => (u >= 0 ? 1 - tau(u)[0] : tau(-u)[0] - 1);
const sigmoid = (u: number): number => 1 / (1 + Math.exp(-u));

const naives: readonly Naive[] = [
  {
    name: "log(1 + u)",
    draw: small,
    value: (u) => Math.log(1 + Math.abs(u)),
    exact: (u) => Math.log1p(Math.abs(u)),
    slope: (u) => Math.sign(u) / (1 + Math.abs(u)),
  },
  { name: "e^u - 1", draw: small, value: (u) => Math.exp(u) - 1, exact: Math.expm1, slope: Math.exp },
  {
    name: "1 - cos u",
    draw: small,
    value: (u) => 1 - Math.cos(u),
    exact: (u) => 2 * Math.sin(u / 2) ** 2,
    slope: Math.sin,
  },
  {
    name: "(1 - cos u)/u²",
    draw: small,
    value: (u) => (1 - Math.cos(u)) / (u * u),
    exact: (u) => 2 * (Math.sin(u / 2) / u) ** 2,
    slope: (u) => series(u, -1 / 12, 1, (k) => -(k + 2) / ((k + 1) * (2 * k + 5) * (2 * k + 6))),
  },
  {
    name: "u - sin u",
    draw: small,
    value: (u) => u - Math.sin(u),
    exact: (u) => series(u, 1 / 6, 3, (k) => -1 / ((2 * k + 4) * (2 * k + 5))),
    slope: (u) => 2 * Math.sin(u / 2) ** 2,
  },
  {
    name: "√(u² + 1) - 1",
    draw: small,
    value: (u) => Math.sqrt(u * u + 1) - 1,
    exact: (u) => (u * u) / (Math.sqrt(u * u + 1) + 1),
    slope: (u) => u / Math.sqrt(u * u + 1),
  },
  {
    name: "√(c² + u) - c",
    draw: small,
    value: (u, c) => Math.sqrt(c * c + u * u) - c,
    exact: (u, c) => (u * u) / (Math.sqrt(c * c + u * u) + c),
    slope: (u, c) => u / Math.sqrt(c * c + u * u),
  },
  { name: "(u + c) - c", draw: small, value: (u, c) => u + c - c, exact: (u) => u, slope: () => 1 },
  {
    name: "(u + c)² - c² - 2cu",
    draw: small,
    value: (u, c) => (u + c) ** 2 - c * c - 2 * c * u,
    exact: (u) => u * u,
    slope: (u) => 2 * u,
  },
  {
    name: "sin(c + u) - sin c",
    draw: small,
    value: (u, c) => Math.sin(c + u) - Math.sin(c),
    exact: (u, c) => 2 * Math.cos(c + u / 2) * Math.sin(u / 2),
    slope: (u, c) => Math.cos(c + u),
  },
  {
    name: "√(u + 1) - √u",
    draw: large,
    value: (u) => Math.sqrt(u + 1) - Math.sqrt(u),
    exact: (u) => 1 / (Math.sqrt(u + 1) + Math.sqrt(u)),
    slope: (u) => -0.5 / (Math.sqrt(u) * Math.sqrt(u + 1) * (Math.sqrt(u + 1) + Math.sqrt(u))),
  },
  {
    name: "1/u - 1/(u + 1)",
    draw: large,
    value: (u) => 1 / u - 1 / (u + 1),
    exact: (u) => 1 / u / (u + 1),
    slope: (u) => -(2 * u + 1) / (u * (u + 1)) ** 2,
  },
  {
    name: "π/2 - atan u",
    draw: large,
    value: (u) => Math.PI / 2 - Math.atan(u),
    exact: (u) => Math.atan(1 / u),
    slope: (u) => -1 / (1 + u * u),
  },
  { name: "1 - erf u", draw: tail, value: (u) => 1 - erf(u), exact: (u) => tau(u)[0], slope: (u) => tau(u)[1] },
  {
    name: "1 + erf(-u)",
    draw: tail,
    value: (u) => (1 + erf(-u)) / 2,
    exact: (u) => tau(u)[0] / 2,
    slope: (u) => tau(u)[1] / 2,
  },
  {
    name: "1 - tanh u",
    draw: (random) => random.uniform(0, 25),
    value: (u) => 1 - Math.tanh(u),
    exact: (u) => 2 / (Math.exp(2 * u) + 1),
    slope: (u) => -1 / Math.cosh(u) ** 2,
  },
  {
    name: "1 - σ(u)",
    draw: (random) => random.uniform(0, 45),
    value: (u) => 1 - sigmoid(u),
    exact: (u) => sigmoid(-u),
    slope: (u) => -sigmoid(u) * sigmoid(-u),
  },
  {
    name: "log(e^u + e^c) - c",
    draw: (random) => random.uniform(-45, 3),
    value: (u, c) => Math.log(Math.exp(u) + Math.exp(Math.min(c, 40))) - Math.min(c, 40),
    exact: (u, c) => Math.log1p(Math.exp(u - Math.min(c, 40))),
    slope: (u, c) => sigmoid(u - Math.min(c, 40)),
  },
  {
    name: "variance of u, c and c + 1",
    draw: small,
    value: (u, c) => ((c + u) ** 2 + c ** 2 + (c + 1) ** 2) / 3 - ((c + u + c + (c + 1)) / 3) ** 2,
    exact: (u) => (u * u + 1) / 3 - ((u + 1) / 3) ** 2,
    slope: (u) => (2 * u) / 3 - (2 * (u + 1)) / 9,
  },
];

/** What is done with it: its value and its partial derivatives by what it was given, and by another input. */
interface Around {
  readonly name: string;
  value(v: number, y: number): number;
  slopes(v: number, y: number): readonly [number, number];
}

const arounds: readonly Around[] = [
  { name: "v", value: (v) => v, slopes: () => [1, 0] },
  { name: "v·y", value: (v, y) => v * y, slopes: (v, y) => [y, v] },
  { name: "v/y", value: (v, y) => v / y, slopes: (v, y) => [1 / y, -v / (y * y)] },
  { name: "v²·y", value: (v, y) => v * v * y, slopes: (v, y) => [2 * v * y, v * v] },
  {
    name: "√|v| + y",
    value: (v, y) => Math.sqrt(Math.abs(v)) + y,
    slopes: (v) => [(Math.sign(v) * 0.5) / Math.sqrt(Math.abs(v)), 1],
  },
  { name: "log|v| + y", value: (v, y) => Math.log(Math.abs(v)) + y, slopes: (v) => [1 / v, 1] },
  { name: "v·e^y", value: (v, y) => v * Math.exp(y), slopes: (v, y) => [Math.exp(y), v * Math.exp(y)] },
  { name: "v + y", value: (v, y) => v + y, slopes: () => [1, 1] },
];

/** What reaches it: of two inputs. */
const unders = [
  {
    name: "x",
    of: (x: number, _y: number): number => x,
    slopes: (_x: number, _y: number): readonly [number, number] => [1, 0],
  },
  {
    name: "x·y",
    of: (x: number, y: number): number => x * y,
    slopes: (x: number, y: number): readonly [number, number] => [y, x],
  },
  {
    name: "x/y",
    of: (x: number, y: number): number => x / y,
    slopes: (x: number, y: number): readonly [number, number] => [1 / y, -x / (y * y)],
  },
] as const;

/** The value of a call option by Black and Scholes, and what it is far out of the money, where it cancels to nothing; by price, volatility and time. */
function option([price, volatility, time]: Float64Array, distribution: (z: number) => number): number {
  const spread = volatility! * Math.sqrt(time!);
  const d1 = (Math.log(price! / 100) + time! * (volatility! ** 2 / 2 + 0.03)) / spread;
  return price! * distribution(d1) - 100 * Math.exp(-0.03 * time!) * distribution(d1 - spread);
}

/** The same kind as Expression, of functions that are the small difference of large numbers. */
export class Cancelling {
  readonly x: Float64Array;
  readonly isHiddenWave = false;
  readonly #name: string;
  readonly #value: (x: Float64Array) => number;
  readonly #slopes: (x: Float64Array) => Float64Array;

  constructor(seed: number) {
    const random = new Random(seed, "cancelling");
    if (random.int(0, 7) === 0) {
      this.x = Float64Array.of(random.uniform(50, 150), random.uniform(0.05, 0.8), random.power(-2, 1));
      this.#name = "Black-Scholes";
      this.#value = (x) => option(x, (z) => (1 + erf(z * Math.SQRT1_2)) / 2);
      this.#slopes = optionSlopes;
      return;
    }
    const naive = naives[random.int(0, naives.length - 1)]!;
    const around = arounds[random.int(0, arounds.length - 1)]!;
    const under = unders[random.int(0, unders.length - 1)]!;
    const y = random.sign() * random.uniform(0.3, 3);
    const c = random.power(0, random.int(0, 1) ? 2 : 6);
    const k = random.power(-6, 6);
    const u = naive.draw(random);
    this.x = Float64Array.of(under.name === "x" ? u : under.name === "x·y" ? u / y : u * y, y);
    this.#name = `${around.name} of v = ${k}·(${naive.name}), c = ${c}, of u = ${under.name}`;
    this.#value = ([x, y]) => around.value(k * naive.value(under.of(x!, y!), c), y!);
    this.#slopes = ([x, y]) => {
      const own = under.of(x!, y!);
      const [byX, byY] = under.slopes(x!, y!);
      const [byV, direct] = around.slopes(k * naive.exact(own, c), y!);
      const slope = byV * k * naive.slope(own, c);
      return Float64Array.of(slope * byX, slope * byY + direct);
    };
  }

  value(x: Float64Array): number {
    return this.#value(x);
  }

  gradient(): Float64Array | null {
    const gradient = this.slopes(this.x);
    const isNumber = gradient.every(Number.isFinite) && Number.isFinite(this.value(this.x));
    return isNumber && gradient.some((g) => g !== 0) ? gradient : null;
  }

  slopes(x: Float64Array): Float64Array {
    return this.#slopes(x);
  }

  toString(): string {
    return `${this.#name} at [${this.x.join(", ")}]`;
  }
}

/** By its own fit of the normal distribution, with the chain rule. */
function optionSlopes([price, volatility, time]: Float64Array): Float64Array {
  const [s, v, t] = [price!, volatility!, time!];
  const root = Math.sqrt(t);
  const spread = v * root;
  const drift = Math.log(s / 100) + t * (v ** 2 / 2 + 0.03);
  const d1 = drift / spread;
  const d2 = d1 - spread;
  const below = (z: number): number => (z >= 0 ? 1 - tau(z * Math.SQRT1_2)[0] / 2 : tau(-z * Math.SQRT1_2)[0] / 2);
  const density = (z: number): number => (-tau(Math.abs(z) * Math.SQRT1_2)[1] * Math.SQRT1_2) / 2;
  const strike = 100 * Math.exp(-0.03 * t);
  const by = (d1By: number, spreadBy: number): number =>
    s * density(d1) * d1By - strike * density(d2) * (d1By - spreadBy);
  const byVolatility = root - drift / (v * spread);
  const byTime = (v ** 2 / 2 + 0.03) / spread - d1 / (2 * t);
  return Float64Array.of(
    below(d1) + by(1 / (s * spread), 0),
    by(byVolatility, root),
    by(byTime, v / (2 * root)) + 0.03 * strike * below(d2),
  );
}
