import { type Case, gradientTrial, vector } from "../catalogue.ts";

/** A function of one number near the edge of where it is defined; outside it is NaN, or wrong. */
const near = (
  name: string,
  f: (x: number) => number,
  slope: (x: number) => number,
  point: (d: number) => number,
): Case => ({
  name,
  draw: (r) =>
    gradientTrial(
      ([x]) => f(x!),
      ([x]) => [slope(x!)],
      vector(point(r.power(-12, -1))),
    ),
});

const squareNorm = (x: Float64Array): number => x.reduce((sum, v) => sum + v * v, 0);

/** Near, or at, the edge of a domain. */
export const edges: readonly Case[] = [
  near(
    "log near 0",
    Math.log,
    (x) => 1 / x,
    (d) => d,
  ),
  near(
    "√ near 0",
    Math.sqrt,
    (x) => 0.5 / Math.sqrt(x),
    (d) => d,
  ),
  near(
    "1/x near 0",
    (x) => 1 / x,
    (x) => -1 / (x * x),
    (d) => d,
  ),
  near(
    "x log x near 0",
    (x) => x * Math.log(x),
    (x) => Math.log(x) + 1,
    (d) => d,
  ),
  near(
    "x^1.5 near 0",
    (x) => x ** 1.5,
    (x) => 1.5 * Math.sqrt(x),
    (d) => d,
  ),
  near(
    "x^0.3 near 0",
    (x) => x ** 0.3,
    (x) => 0.3 * x ** -0.7,
    (d) => d,
  ),
  near(
    "log1p near −1",
    Math.log1p,
    (x) => 1 / (1 + x),
    (d) => d - 1,
  ),
  near(
    "arccos near 1",
    Math.acos,
    (x) => -1 / Math.sqrt((1 - x) * (1 + x)),
    (d) => 1 - d,
  ),
  near(
    "artanh near 1",
    Math.atanh,
    (x) => 1 / ((1 - x) * (1 + x)),
    (d) => 1 - d,
  ),
  near(
    "logit near 1",
    (p) => Math.log(p) - Math.log1p(-p),
    (p) => 1 / (p * (1 - p)),
    (d) => 1 - d,
  ),
  near(
    "tan near π/2",
    Math.tan,
    (x) => 1 + Math.tan(x) ** 2,
    (d) => Math.PI / 2 - Math.max(d, 1e-6),
  ),
  {
    name: "at a lower bound, one-sided",
    draw: () =>
      gradientTrial(
        ([x]) => (1 + x!) ** 1.5,
        ([x]) => [1.5 * Math.sqrt(1 + x!)],
        vector(0),
        {
          lower: 0,
        },
      ),
  },
  {
    name: "at an upper bound, one-sided",
    draw: (r) => {
      const k = r.uniform(1, 4);
      return gradientTrial(
        ([x]) => Math.cos(k * x!),
        ([x]) => [-k * Math.sin(k * x!)],
        vector(1),
        { upper: 1 },
      );
    },
  },
  {
    name: "√ at 1e-3 above a bound that is not stated (NaN below)",
    draw: (r) =>
      gradientTrial(
        ([x]) => Math.sqrt(x! - 2),
        ([x]) => [0.5 / Math.sqrt(x! - 2)],
        vector(2 + r.power(-6, -3)),
      ),
  },
  {
    name: "between bounds that are 2e-6 apart",
    draw: (r) => {
      const x = r.uniform(0.5, 2);
      return gradientTrial(
        ([v]) => Math.sin(v!),
        ([v]) => [Math.cos(v!)],
        vector(x),
        { lower: x - 1e-6, upper: x + 1e-6 },
      );
    },
  },
  {
    name: "a fixed input: lower = upper",
    draw: (r) => {
      const x = r.vector(2, 0.5, 2);
      const bounds = { lower: vector(x[0]!, -9), upper: vector(x[0]!, 9) };
      return gradientTrial(
        ([a, b]) => a! * b!,
        ([a, b]) => [b!, a!],
        x,
        bounds,
      );
    },
  },
  {
    name: "a ball as the domain, near its surface",
    draw: (r) => {
      const x = r.vector(3, -1, 1);
      const radius = (1 - r.power(-6, -2)) / Math.sqrt(squareNorm(x));
      return gradientTrial(
        (v) => 1 / (1 - squareNorm(v)),
        (v) => v.map((w) => (2 * w) / (1 - squareNorm(v)) ** 2),
        x.map((v) => v * radius),
        { domain: (v) => squareNorm(v) < 1 },
      );
    },
  },
  {
    name: "a log barrier, 1e-8 to 1 from the walls",
    draw: (r) =>
      gradientTrial(
        (x) => x.reduce((sum, v) => sum - Math.log(v), 0),
        (x) => x.map((v) => -1 / v),
        Float64Array.from({ length: 4 }, () => r.power(-8, 0)),
      ),
  },
  {
    name: "entropy on the simplex",
    draw: (r) => {
      const p = r.vector(4, 0.01, 1);
      const total = p.reduce((sum, v) => sum + v, 0);
      const options = { tangent: "simplex", lower: 0 } as const;
      const entropy = (q: Float64Array): number => q.reduce((sum, v) => sum - v * Math.log(v), 0);
      return gradientTrial(
        entropy,
        (q) => q.map((v) => -Math.log(v) - 1),
        p.map((v) => v / total),
        options,
      );
    },
  },
  {
    name: "log det of a symmetric matrix",
    draw: (r) => {
      const [a, b, c] = [r.uniform(1, 3), r.uniform(-0.9, 0.9), r.uniform(1, 3)];
      const det = ([p, q, s, t]: Float64Array): number => p! * t! - q! * s!;
      const inverse = (m: Float64Array): number[] => [m[3]! / det(m), -m[2]! / det(m), -m[1]! / det(m), m[0]! / det(m)];
      // Reads the upper triangle twice, as code for symmetric matrices may: right along symmetric directions only.
      const f = ([p, q, , t]: Float64Array): number => Math.log(p! * t! - q! * q!);
      return gradientTrial(f, inverse, vector(a, b, b, c), { tangent: "symmetric" });
    },
  },
];
