import { type Case, gradientTrial } from "../catalogue.ts";

type Vector = Float64Array;

const sum = (x: Vector, of: (v: number, i: number) => number): number => x.reduce((total, v, i) => total + of(v, i), 0);
const cubes = (x: Vector): number => sum(x, (v) => v ** 3);
const cubesSlope = (x: Vector): Vector => x.map((v) => 3 * v * v);

/** The gradient of Σ x³ of five numbers, changed. */
const changed = (name: string, change: (g: Vector, x: Vector) => ArrayLike<number>, hint?: string): Case => ({
  name,
  draw: (r) => {
    const x = r.vector(5, 0.5, 2).map((v, i) => (i % 2 === 0 ? v : -v));
    return gradientTrial(cubes, (at) => change(cubesSlope(at), at), x);
  },
  ...(hint === undefined ? {} : { hint }),
});

/** Signs and factors, in all of a gradient or in one entry. */
export const factors: readonly Case[] = [
  changed("the sign of all entries", (g) => g.map((v) => -v), "the sign is wrong: the ratio is −1"),
  changed("the sign of one entry", (g) => g.map((v, i) => (i === 2 ? -v : v)), "the sign is wrong: the ratio is −1"),
  changed("twice the gradient", (g) => g.map((v) => 2 * v), "twice as large as it should be (ratio 2)"),
  changed("half the gradient", (g) => g.map((v) => v / 2), "half as large as it should be (ratio 1/2)"),
  changed("minus twice the gradient", (g) => g.map((v) => -2 * v), "minus twice as large as it should be"),
  changed("one entry twice as large", (g) => g.map((v, i) => (i === 4 ? 2 * v : v)), "twice as large"),
  {
    name: "the gradient of a sum for a mean",
    draw: (r) => gradientTrial((x) => cubes(x) / 7, cubesSlope, r.vector(7)),
    hint: "7 times as large as it should be, as many as there are entries: a sum in place of a mean",
  },
  {
    name: "the gradient of a mean for a sum",
    draw: (r) => gradientTrial(cubes, (x) => cubesSlope(x).map((v) => v / 7), r.vector(7)),
    hint: "1/7 of what it should be, as many as there are entries: a mean in place of a sum",
  },
  {
    name: "mean squared error without its 2",
    draw: (r) => {
      const y = r.vector(6);
      return gradientTrial(
        (x) => sum(x, (v, i) => (v - y[i]!) ** 2) / 6,
        (x) => x.map((v, i) => (v - y[i]!) / 6),
        r.vector(6),
      );
    },
    hint: "half as large as it should be (ratio 1/2)",
  },
  {
    name: "a mean over the batch, divided by the batch twice",
    draw: (r) => {
      const data = Array.from({ length: 8 }, () => r.vector(3));
      const dot = (w: Vector, a: Vector): number => sum(a, (v, i) => v * w[i]!);
      const f = (w: Vector): number => data.reduce((total, a) => total + dot(w, a) ** 2, 0) / 8;
      const grad = (w: Vector) => w.map((_, i) => data.reduce((total, a) => total + 2 * dot(w, a) * a[i]!, 0) / 64);
      return gradientTrial(f, grad, r.vector(3));
    },
    hint: "1/8 of what it should be",
  },
  changed("degrees for radians", (g) => g.map((v) => (v * 180) / Math.PI), "off by one constant factor, 57.2958"),
  changed("1 % too large", (g) => g.map((v) => 1.01 * v), "constant factor, 1.01"),
  changed(
    "a relative error of 1e-6 in one entry",
    (g) => g.map((v, i) => (i === 1 ? v * (1 + 1e-6) : v)),
    "off by a constant factor, 1.000001",
  ),
  changed("rounded to float32, then to 5 digits", (g) => g.map((v) => Number(v.toPrecision(5))), "right to"),
  {
    name: "forward differences with a step of 1e-5",
    draw: (r) =>
      gradientTrial(
        cubes,
        (x) => x.map((_, i) => (cubes(x.map((v, k) => (k === i ? v + 1e-5 : v))) - cubes(x)) / 1e-5),
        r.vector(4, 0.5, 2),
      ),
    hint: "right to",
  },
  {
    name: "L2 regularisation without its factor",
    draw: (r) =>
      gradientTrial(
        (x) => cubes(x) + 0.05 * sum(x, (v) => v * v),
        (x) => cubesSlope(x).map((v, i) => v + 0.05 * x[i]!),
        r.vector(4),
      ),
  },
  changed(
    "absolute values",
    (g, x) => g.map((v, i) => Math.sign(x[i]!) * v),
    "wrong where the input is negative, and only there",
  ),
];
