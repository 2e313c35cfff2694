import { type Case, gradientTrial, vector } from "../catalogue.ts";

const relu = (x: number): number => Math.max(0, x);
const step = (x: number): number => (x > 0 ? 1 : 0);

/** A function of one number with a kink at 0, seen from about a distance. */
const beside = (
  name: string,
  f: (x: number) => number,
  slope: (x: number) => number,
  low: number,
  high = low,
): Case => ({
  name,
  draw: (r) =>
    gradientTrial(
      ([x]) => f(x!),
      ([x]) => [slope(x!)],
      vector(r.sign() * r.power(low, high + 0.5)),
    ),
});

/** Kinks at the point, where a gradient between the two slopes is right, and kinks beside it. */
export const kinks: readonly Case[] = [
  {
    name: "relu at 0, any subgradient",
    draw: (r) => {
      const slope = r.uniform(0, 1);
      return gradientTrial(
        ([x]) => relu(x!),
        () => [slope],
        vector(0),
      );
    },
  },
  {
    name: "|x| at 0, any subgradient",
    draw: (r) => {
      const slope = r.uniform(-1, 1);
      return gradientTrial(
        ([x]) => Math.abs(x!),
        () => [slope],
        vector(0),
      );
    },
  },
  {
    name: "|x − a| + x² at a",
    draw: (r) => {
      const a = r.uniform(-2, 2);
      return gradientTrial(
        ([x]) => Math.abs(x! - a) + x! * x!,
        ([x]) => [Math.sign(x! - a) + 2 * x!],
        vector(a),
      );
    },
  },
  beside("|x| at 1e-12 to 1e-6 beside the kink", Math.abs, Math.sign, -12, -6),
  beside("relu at 1e-5 to 1e-2 beside the kink", relu, step, -5, -2),
  {
    name: "|x − 1| at 1e-9 to 1e-2 beside the kink",
    draw: (r) =>
      gradientTrial(
        ([x]) => Math.abs(x! - 1),
        ([x]) => [Math.sign(x! - 1)],
        vector(1 + r.sign() * r.power(-9, -2)),
      ),
  },
  {
    name: "kinks on both sides, 1e-4 to 1e-2 away",
    draw: (r) => {
      const [x, a, b] = [r.uniform(0.5, 2), r.power(-4, -2), r.power(-4, -2)];
      const f = (v: number): number => Math.abs(v - x - a) + 3 * Math.abs(v - x + b) + Math.exp(v);
      const slope = (v: number): number => Math.sign(v - x - a) + 3 * Math.sign(v - x + b) + Math.exp(v);
      return gradientTrial(
        ([v]) => f(v!),
        ([v]) => [slope(v!)],
        vector(x),
      );
    },
  },
  {
    name: "the maximum of numbers with a tie",
    draw: (r) => {
      const x = r.vector(4, -1, 1);
      x[r.int(0, 1)] = 2;
      x[r.int(2, 3)] = 2;
      const first = (v: Float64Array): number => v.indexOf(Math.max(...v));
      return gradientTrial(
        (v) => Math.max(...v),
        (v) => v.map((_, i) => (i === first(v) ? 1 : 0)),
        x,
      );
    },
  },
  {
    name: "the maximum of numbers that nearly tie, 1e-7 apart",
    draw: (r) => {
      const x = r.vector(4, -1, 1);
      x[0] = 2;
      x[3] = 2 + r.sign() * 1e-7;
      const first = (v: Float64Array): number => v.indexOf(Math.max(...v));
      return gradientTrial(
        (v) => Math.max(...v),
        (v) => v.map((_, i) => (i === first(v) ? 1 : 0)),
        x,
      );
    },
  },
  {
    name: "the hinge loss of ten samples",
    draw: (r) => {
      const data = Array.from({ length: 10 }, () => ({ a: r.vector(3), label: r.sign() }));
      const margin = (w: Float64Array, { a, label }: (typeof data)[0]): number =>
        1 - label * a.reduce((sum, v, i) => sum + v * w[i]!, 0);
      const f = (w: Float64Array): number => data.reduce((sum, row) => sum + relu(margin(w, row)), 0);
      const grad = (w: Float64Array) =>
        w.map((_, i) => data.reduce((sum, row) => sum - step(margin(w, row)) * row.label * row.a[i]!, 0));
      return gradientTrial(f, grad, r.vector(3));
    },
  },
  {
    name: "Huber's loss at its threshold (second derivative jumps)",
    draw: (r) =>
      gradientTrial(
        ([x]) => (Math.abs(x!) <= 1 ? (x! * x!) / 2 : Math.abs(x!) - 0.5),
        ([x]) => [Math.abs(x!) <= 1 ? x! : Math.sign(x!)],
        vector(r.sign() * (r.uniform(0, 1) < 0.5 ? 1 : 1 + r.sign() * r.power(-9, -2))),
      ),
  },
  beside(
    "x·|x| beside and at 0",
    (x) => x * Math.abs(x),
    (x) => 2 * Math.abs(x),
    -12,
    -1,
  ),
  {
    name: "x·|x| at 0",
    draw: () =>
      gradientTrial(
        ([x]) => x! * Math.abs(x!),
        ([x]) => [2 * Math.abs(x!)],
        vector(0),
      ),
  },
  {
    name: "soft threshold",
    draw: (r) =>
      gradientTrial(
        (x) => x.reduce((sum, v) => sum + relu(Math.abs(v) - 1) ** 2 / 2, 0),
        (x) => x.map((v) => relu(Math.abs(v) - 1) * Math.sign(v)),
        vector(1, -1, 1 + r.power(-8, -1), r.uniform(-2, 2)),
      ),
  },
  {
    name: "a sawtooth, 1e-4 beside its jump",
    draw: (r) =>
      gradientTrial(
        ([x]) => x! - Math.floor(x!),
        () => [1],
        vector(3 + r.sign() * r.power(-4, -1)),
      ),
  },
  {
    name: "a two-layer network of leaky relus",
    draw: (r) => {
      const [w, v] = [r.vector(12), r.vector(4)];
      const leaky = (z: number): number => (z > 0 ? z : 0.01 * z);
      const hidden = (x: Float64Array): number[] =>
        [0, 1, 2, 3].map((j) => x.reduce((sum, a, i) => sum + a * w[3 * j + i]!, 0));
      const f = (x: Float64Array): number => hidden(x).reduce((sum, z, j) => sum + v[j]! * leaky(z), 0);
      const grad = (x: Float64Array) =>
        x.map((_, i) => hidden(x).reduce((sum, z, j) => sum + v[j]! * (z > 0 ? 1 : 0.01) * w[3 * j + i]!, 0));
      return gradientTrial(f, grad, r.vector(3));
    },
  },
  {
    name: "clamp, 1e-6 beside its ends",
    draw: (r) => {
      const d = r.sign() * r.power(-6, -2);
      return gradientTrial(
        ([x]) => Math.min(1, Math.max(-1, x!)),
        ([x]) => [Math.abs(x!) < 1 ? 1 : 0],
        vector(1 + d),
      );
    },
  },
  {
    name: "the L1 norm with zeros",
    draw: (r) =>
      gradientTrial(
        (x) => x.reduce((sum, v) => sum + Math.abs(v), 0),
        (x) => x.map(Math.sign),
        vector(0, r.uniform(-2, 2), 0, r.uniform(-2, 2)),
      ),
  },
  {
    name: "the norm of a zero vector",
    draw: () =>
      gradientTrial(
        (x) => Math.hypot(...x),
        (x) => x.map(() => 0),
        vector(0, 0, 0),
      ),
  },
  {
    name: "a cubic spline at its knot (third derivative jumps)",
    draw: (r) => {
      const a = r.uniform(-2, 2);
      const f = (x: number): number => x ** 3 + a * relu(x - 1) ** 3;
      return gradientTrial(
        ([x]) => f(x!),
        ([x]) => [3 * x! ** 2 + 3 * a * relu(x! - 1) ** 2],
        vector(1),
      );
    },
  },
  beside(
    "√|x| beside its cusp",
    (x) => Math.sqrt(Math.abs(x)),
    (x) => (0.5 * Math.sign(x)) / Math.sqrt(Math.abs(x)),
    -9,
    -1,
  ),
];
