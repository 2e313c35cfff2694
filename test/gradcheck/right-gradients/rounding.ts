import { type Case, gradientTrial, vector } from "../catalogue.ts";

/** A function of one number, drawn evenly from low to high. */
const between = (
  name: string,
  f: (x: number) => number,
  slope: (x: number) => number,
  low: number,
  high: number,
): Case => ({
  name,
  draw: (r) =>
    gradientTrial(
      ([x]) => f(x!),
      ([x]) => [slope(x!)],
      r.vector(1, low, high),
    ),
});

/** Likewise, near a point: at it plus or minus a power of ten. */
const around = (
  name: string,
  f: (x: number) => number,
  slope: (x: number) => number,
  center: number,
  low: number,
  high: number,
): Case => ({
  name,
  draw: (r) =>
    gradientTrial(
      ([x]) => f(x!),
      ([x]) => [slope(x!)],
      vector(center + r.sign() * r.power(low, high)),
    ),
});

const sum = (x: Float64Array, of: (v: number) => number = (v) => v): number => x.reduce((total, v) => total + of(v), 0);
const sigmoidSlope = (x: number): number => Math.exp(-Math.abs(x)) / (1 + Math.exp(-Math.abs(x))) ** 2;

/** Functions that hardly move any more. */
export const saturated: readonly Case[] = [
  between("sigmoid from 10 to 40", (x) => 1 / (1 + Math.exp(-x)), sigmoidSlope, 10, 40),
  between("tanh from 5 to 20", Math.tanh, (x) => 1 / Math.cosh(x) ** 2, 5, 20),
  between(
    "log(1 + e^−x) from 10 to 40",
    (x) => Math.log1p(Math.exp(-x)),
    (x) => -1 / (1 + Math.exp(x)),
    10,
    40,
  ),
  between(
    "e^−x² from 4 to 7",
    (x) => Math.exp(-x * x),
    (x) => -2 * x * Math.exp(-x * x),
    4,
    7,
  ),
  between(
    "1 − e^−x² from 3 to 7",
    (x) => 1 - Math.exp(-x * x),
    (x) => 2 * x * Math.exp(-x * x),
    3,
    7,
  ),
  between("arctan from 1e3 to 1e6", Math.atan, (x) => 1 / (1 + x * x), 1e3, 1e6),
  between(
    "−log σ(x), naively, from 20 to 60",
    (x) => -Math.log(1 / (1 + Math.exp(-x))),
    (x) => -1 / (1 + Math.exp(x)),
    20,
    60,
  ),
  between(
    "log(1 − tanh²), naively, from 10 to 18",
    (x) => Math.log(1 - Math.tanh(x) ** 2),
    (x) => -2 * Math.tanh(x),
    10,
    18,
  ),
  between(
    "1e4·x / (x + x)",
    (x) => (1e4 * x) / (x + x),
    () => 0,
    0.1,
    9,
  ),
  {
    name: "cross-entropy with logits 50 apart",
    draw: (r) => {
      const x = vector(r.uniform(40, 60), r.uniform(-2, 2), r.uniform(-9, 9));
      const lse = (v: Float64Array): number => Math.max(...v) + Math.log(sum(v, (w) => Math.exp(w - Math.max(...v))));
      const grad = (v: Float64Array) => v.map((w, i) => (i === 1 ? Math.expm1(w - lse(v)) : Math.exp(w - lse(v))));
      return gradientTrial((v) => lse(v) - v[1]!, grad, x);
    },
  },
];

/** Functions that lose digits by subtracting what is almost the same. */
export const cancelling: readonly Case[] = [
  around("1 − cos x near 0", (x) => 1 - Math.cos(x), Math.sin, 0, -6, -2),
  around("e^x − 1 near 0", (x) => Math.exp(x) - 1, Math.exp, 0, -10, -2),
  around(
    "(1 + x) − 1 near 0",
    (x) => 1 + x - 1,
    () => 1,
    0,
    -10,
    -2,
  ),
  around(
    "(x² − 1)/(x − 1) near 1",
    (x) => (x * x - 1) / (x - 1),
    () => 1,
    1,
    -8,
    -3,
  ),
  around(
    "sin x / x near 0",
    (x) => Math.sin(x) / x,
    (x) => (x < 1e-2 && x > -1e-2 ? -x / 3 + x ** 3 / 30 - x ** 5 / 840 : (x * Math.cos(x) - Math.sin(x)) / x ** 2),
    0,
    -4,
    -1,
  ),
  between(
    "√(x + 1) − √x at 1e8",
    (x) => Math.sqrt(x + 1) - Math.sqrt(x),
    (x) => -0.5 / (Math.sqrt(x) * Math.sqrt(x + 1) * (Math.sqrt(x + 1) + Math.sqrt(x))),
    1e7,
    1e9,
  ),
  between("1e9 + sin x", (x) => 1e9 + Math.sin(x), Math.cos, -3, 3),
  between(
    "a derivative by differences, inside",
    (x) => (Math.sin(x + 1e-5) - Math.sin(x - 1e-5)) / 2e-5,
    (x) => (-Math.sin(x) * Math.sin(1e-5)) / 1e-5,
    0.5,
    2.5,
  ),
  {
    name: "variance by E[x²] − E[x]², mean 1e4",
    draw: (r) => {
      const mean = (x: Float64Array): number => sum(x) / x.length;
      const f = (x: Float64Array): number => sum(x, (v) => v * v) / x.length - mean(x) ** 2;
      return gradientTrial(
        f,
        (x) => x.map((v) => (2 * (v - mean(x))) / x.length),
        r.vector(5).map((v) => v + 1e4),
      );
    },
  },
  {
    name: "log-sum-exp without its shift",
    draw: (r) => {
      const f = (x: Float64Array): number => Math.log(sum(x, Math.exp));
      return gradientTrial(f, (x) => x.map((v) => Math.exp(v - f(x))), r.vector(4, -300, 300));
    },
  },
  {
    name: "the small root of a quadratic, naively",
    draw: (r) => {
      const f = ([b, c]: Float64Array): number => (-b! + Math.sqrt(b! * b! - 4 * c!)) / 2;
      const grad = ([b, c]: Float64Array): number[] => {
        const root = Math.sqrt(b! * b! - 4 * c!);
        return [(2 * c!) / (root * (b! + root)), -1 / root];
      };
      return gradientTrial(f, grad, vector(r.uniform(100, 1000), r.uniform(0.5, 2)));
    },
  },
  {
    name: "a sum of 1,000 terms of alternating sign",
    draw: (r) => {
      const terms = r.vector(1000, 100, 200);
      const f = ([x]: Float64Array): number =>
        terms.reduce((total, a, k) => total + (k % 2 ? -a : a) * Math.exp(x! / (k + 1)), 0);
      const grad = ([x]: Float64Array): number[] => [
        terms.reduce((total, a, k) => total + ((k % 2 ? -a : a) * Math.exp(x! / (k + 1))) / (k + 1), 0),
      ];
      return gradientTrial(f, grad, r.vector(1));
    },
    seeds: 300,
  },
];

/** Functions whose gradient is 0, or almost. */
export const flat: readonly Case[] = [
  {
    name: "x² at 0",
    draw: () =>
      gradientTrial(
        ([x]) => x! * x!,
        ([x]) => [2 * x!],
        vector(0),
      ),
  },
  {
    name: "x⁴ at 0",
    draw: () =>
      gradientTrial(
        ([x]) => x! ** 4,
        ([x]) => [4 * x! ** 3],
        vector(0),
      ),
  },
  around(
    "x⁴ near 0",
    (x) => x ** 4,
    (x) => 4 * x ** 3,
    0,
    -8,
    -1,
  ),
  around(
    "(x − 1)⁴ near 1",
    (x) => (x - 1) ** 4,
    (x) => 4 * (x - 1) ** 3,
    1,
    -6,
    -1,
  ),
  around("cosh near 0", Math.cosh, Math.sinh, 0, -8, -1),
  {
    name: "Rosenbrock's function at its minimum",
    draw: () =>
      gradientTrial(
        ([x, y]) => 100 * (y! - x! * x!) ** 2 + (1 - x!) ** 2,
        ([x, y]) => [-400 * x! * (y! - x! * x!) - 2 * (1 - x!), 200 * (y! - x! * x!)],
        vector(1, 1),
      ),
  },
  {
    name: "a least-squares fit at its minimum",
    draw: (r) => {
      const data = r.vector(20);
      const mean = sum(data) / 20;
      const f = ([x]: Float64Array): number => sum(data, (v) => (x! - v) ** 2);
      return gradientTrial(f, ([x]) => [40 * (x! - mean)], vector(mean));
    },
  },
  {
    name: "a constant",
    draw: (r) =>
      gradientTrial(
        () => 3,
        () => [0, 0],
        r.vector(2),
      ),
  },
  {
    name: "a softmax, summed up",
    draw: (r) => {
      const softmax = (x: Float64Array): Float64Array => x.map((v) => Math.exp(v) / sum(x, Math.exp));
      const grad = (x: Float64Array): Float64Array => {
        const p = softmax(x);
        return p.map((own) => own * (1 - sum(p)));
      };
      return gradientTrial((x) => sum(softmax(x)), grad, r.vector(5));
    },
  },
  {
    name: "what is left of a sum without its mean",
    draw: (r) => {
      const f = (x: Float64Array): number => sum(x, (v) => v - sum(x) / x.length);
      return gradientTrial(f, (x) => x.map(() => 1 - x.length * (1 / x.length)), r.vector(7));
    },
  },
  {
    name: "1e10 + a sum",
    draw: (r) =>
      gradientTrial(
        (x) => 1e10 + sum(x),
        (x) => x.map(() => 1),
        r.vector(3),
      ),
  },
  {
    name: "an input that is not used",
    draw: (r) =>
      gradientTrial(
        ([x]) => Math.exp(x!),
        ([x]) => [Math.exp(x!), 0],
        r.vector(2),
      ),
  },
  between(
    "e^(−1/x²) from 0.05 to 0.3",
    (x) => Math.exp(-1 / (x * x)),
    (x) => (2 * Math.exp(-1 / (x * x))) / x ** 3,
    0.05,
    0.3,
  ),
  around(
    "an offset of 1e6 over a minimum",
    (x) => 1e6 + (x - 1) ** 2,
    (x) => 2 * (x - 1),
    1,
    -4,
    -1,
  ),
];
