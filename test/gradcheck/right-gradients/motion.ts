import { type Case, gradientTrial, vector } from "../catalogue.ts";
import { Random } from "../random.ts";

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

/** Functions that go up and down within a step. */
export const oscillating: readonly Case[] = [
  between(
    "sin 1000x",
    (x) => Math.sin(1e3 * x),
    (x) => 1e3 * Math.cos(1e3 * x),
    -3,
    3,
  ),
  between(
    "sin 1e6x",
    (x) => Math.sin(1e6 * x),
    (x) => 1e6 * Math.cos(1e6 * x),
    -3,
    3,
  ),
  between(
    "cos x² from 10 to 30",
    (x) => Math.cos(x * x),
    (x) => -2 * x * Math.sin(x * x),
    10,
    30,
  ),
  between(
    "sin 1/x from 0.001 to 0.05",
    (x) => Math.sin(1 / x),
    (x) => -Math.cos(1 / x) / (x * x),
    0.001,
    0.05,
  ),
  between(
    "Chebyshev's polynomial of degree 50",
    (x) => Math.cos(50 * Math.acos(x)),
    (x) => (50 * Math.sin(50 * Math.acos(x))) / Math.sqrt(1 - x * x),
    -0.95,
    0.95,
  ),
  between(
    "a ripple of 1e-6 on a line",
    (x) => x + 1e-6 * Math.sin(1e4 * x),
    (x) => 1 + 1e-2 * Math.cos(1e4 * x),
    -3,
    3,
  ),
  {
    name: "sin of 100 times a sum of five",
    draw: (r) => {
      const total = (x: Float64Array): number => 100 * x.reduce((sum, v) => sum + v, 0);
      return gradientTrial(
        (x) => Math.sin(total(x)),
        (x) => x.map(() => 100 * Math.cos(total(x))),
        r.vector(5),
      );
    },
  },
  {
    name: "fifty waves of rising frequency",
    draw: (r) => {
      const phases = r.vector(50, 0, 6);
      const f = ([x]: Float64Array): number => phases.reduce((sum, p, k) => sum + Math.sin(k * x! + p), 0);
      return gradientTrial(f, ([x]) => [phases.reduce((sum, p, k) => sum + k * Math.cos(k * x! + p), 0)], r.vector(1));
    },
  },
];

/** Noise that looks random, and is the same at each call with the same numbers. */
function hash(x: Float64Array): number {
  return new Random(
    x.reduce((h, v) => Math.imul(h ^ (v * 2 ** 30), 16777619) ^ ((v * 2 ** 52) % 4294967291), 1) >>> 0,
    "noise",
  ).uniform(-1, 1);
}

const noisy = (name: string, relative: number, options: object = {}): Case => ({
  name,
  draw: (r) =>
    gradientTrial(
      (x) => (Math.exp(x[0]!) + Math.sin(x[1]!) + 2) * (1 + relative * hash(x)),
      ([x, y]) => [Math.exp(x!), Math.cos(y!)],
      r.vector(2),
      options,
    ),
});

/** Functions that are iterated, sampled, integrated or rounded. */
export const noise: readonly Case[] = [
  noisy("noise of 1e-12, relative", 1e-12),
  noisy("noise of 1e-10, relative", 1e-10),
  noisy("noise of 1e-8, relative", 1e-8),
  noisy("noise of 1e-6, relative", 1e-6),
  noisy("noise of 1e-6, stated, with rtol 1e-2", 1e-6, { noise: 2e-5, rtol: 1e-2 }),
  {
    name: "Newton's method stopped at 1e-8",
    draw: (r) => {
      const root = ([a]: Float64Array): number => {
        let y = 1;
        for (let k = 0; k < 100; k++) {
          const next = y - (y ** 3 - a!) / (3 * y * y);
          const isDone = Math.abs(next - y) < 1e-8;
          y = next;
          if (isDone) break;
        }
        return y;
      };
      return gradientTrial(root, ([a]) => [Math.cbrt(a!) / (3 * a!)], r.vector(1, 0.5, 20));
    },
  },
  {
    name: "a fixed point, iterated to 1e-10",
    draw: (r) => {
      const solve = (a: number): number => {
        let y = 0.5;
        for (let k = 0; k < 500; k++) {
          const next = Math.cos(a * y);
          if (Math.abs(next - y) < 1e-10) return next;
          y = next;
        }
        return y;
      };
      const slope = (a: number): number => {
        const y = solve(a);
        const s = Math.sin(a * y);
        return (-y * s) / (1 + a * s);
      };
      return gradientTrial(
        ([a]) => solve(a!),
        ([a]) => [slope(a!)],
        r.vector(1, 0.3, 0.9),
      );
    },
  },
  {
    name: "bisection to 1e-6",
    draw: (r) => {
      const solve = ([a]: Float64Array): number => {
        let [low, high] = [0, 3];
        while (high - low > 1e-6) {
          const middle = (low + high) / 2;
          if (middle ** 3 + middle < a!) low = middle;
          else high = middle;
        }
        return (low + high) / 2;
      };
      return gradientTrial(solve, (a) => [1 / (3 * solve(a) ** 2 + 1)], r.vector(1, 1, 9));
    },
  },
  {
    name: "adaptive quadrature to 1e-9, stated as noise",
    draw: (r) => {
      const g = (t: number): number => Math.exp(-t * t) * Math.cos(3 * t);
      const simpson = (a: number, b: number): number => ((b - a) / 6) * (g(a) + 4 * g((a + b) / 2) + g(b));
      const integrate = (a: number, b: number, tolerance: number): number => {
        const m = (a + b) / 2;
        const [whole, halves] = [simpson(a, b), simpson(a, m) + simpson(m, b)];
        if (Math.abs(whole - halves) < 15 * tolerance) return halves + (halves - whole) / 15;
        return integrate(a, m, tolerance / 2) + integrate(m, b, tolerance / 2);
      };
      return gradientTrial(
        ([x]) => integrate(0, x!, 1e-9),
        ([x]) => [g(x!)],
        r.vector(1, 0.3, 2),
        { noise: 1e-9, rtol: 1e-5 },
      );
    },
  },
  {
    name: "float32 inside",
    draw: (r) => {
      const { fround } = Math;
      const f = (x: Float64Array): number => x.reduce((sum, v) => fround(sum + fround(Math.sin(fround(v)))), 0);
      return gradientTrial(f, (x) => x.map(Math.cos), r.vector(4));
    },
  },
  {
    name: "float32 inputs",
    draw: (r) => {
      const x = Float32Array.from(r.vector(4));
      const f = (v: Float32Array): number => v.reduce((sum, w) => Math.fround(sum + Math.fround(w * w * w)), 0);
      return gradientTrial(f, (v) => v.map((w) => 3 * w * w), x);
    },
  },
  {
    name: "results rounded to 6 places",
    draw: (r) =>
      gradientTrial(
        ([x]) => Math.round(1e6 * Math.exp(x!)) / 1e6,
        ([x]) => [Math.exp(x!)],
        r.vector(1),
      ),
  },
  {
    name: "results rounded to 3 places",
    draw: (r) =>
      gradientTrial(
        ([x]) => Number(Math.exp(x!).toFixed(3)),
        ([x]) => [Math.exp(x!)],
        r.vector(1),
      ),
  },
  {
    name: "Monte Carlo with fixed draws",
    draw: (r) => {
      const z = r.vector(200);
      const mean = (g: (v: number) => number): number => z.reduce((sum, v) => sum + g(v), 0) / z.length;
      return gradientTrial(
        ([x]) => mean((v) => Math.exp(x! * v)),
        ([x]) => [mean((v) => v * Math.exp(x! * v))],
        r.vector(1),
      );
    },
  },
  {
    name: "Euler's method, 300 steps, with its exact sensitivity",
    draw: (r) => {
      const h = 0.01;
      const run = ([k, y0]: Float64Array): [number, number, number] => {
        let [y, byK, byY] = [y0!, 0, 1];
        for (let t = 0; t < 300; t++) {
          const slope = 1 - h * k! * Math.cos(y);
          [y, byK, byY] = [y - h * k! * Math.sin(y), byK * slope - h * Math.sin(y), byY * slope];
        }
        return [y, byK, byY];
      };
      return gradientTrial(
        (x) => run(x)[0],
        (x) => run(x).slice(1),
        vector(r.uniform(0.2, 2), r.uniform(0.5, 2.5)),
      );
    },
  },
];
