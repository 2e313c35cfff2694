import { type Case, gradientTrial, vector } from "../catalogue.ts";

/** Inputs and results of very different sizes. */
export const scales: readonly Case[] = [
  {
    name: "x² at 1e-12",
    draw: (r) =>
      gradientTrial(
        ([x]) => x! * x!,
        ([x]) => [2 * x!],
        vector(r.sign() * r.power(-13, -11)),
      ),
  },
  {
    name: "x³ at 1e12",
    draw: (r) =>
      gradientTrial(
        ([x]) => x! ** 3,
        ([x]) => [3 * x! * x!],
        vector(r.sign() * r.power(11, 13)),
      ),
  },
  {
    name: "inputs from 1e-12 to 1e12 in one sum",
    draw: (r) => {
      const units = Float64Array.from({ length: 7 }, (_, i) => 10 ** (4 * i - 12));
      const f = (x: Float64Array): number => x.reduce((sum, v, i) => sum + Math.sin(v / units[i]!), 0);
      const grad = (x: Float64Array) => x.map((v, i) => Math.cos(v / units[i]!) / units[i]!);
      return gradientTrial(
        f,
        grad,
        units.map((unit) => unit * r.uniform(0.2, 1.2)),
      );
    },
  },
  {
    name: "logarithms of inputs from 1e-12 to 1e12",
    draw: (r) => {
      const x = Float64Array.from({ length: 5 }, () => r.power(-12, 12));
      return gradientTrial(
        (v) => v.reduce((sum, w) => sum + Math.log(w), 0),
        (v) => v.map((w) => 1 / w),
        x,
      );
    },
  },
  {
    name: "the product of inputs from 1e-12 to 1e12",
    draw: (r) => {
      const x = Float64Array.from({ length: 5 }, () => r.sign() * r.power(-12, 12));
      const product = (v: Float64Array): number => v.reduce((p, w) => p * w, 1);
      return gradientTrial(product, (v) => v.map((_, i) => product(v.map((w, k) => (k === i ? 1 : w)))), x);
    },
  },
  {
    name: "an input of 1e-300",
    draw: (r) =>
      gradientTrial(
        ([x]) => (x! * 1e300) ** 2,
        ([x]) => [2 * (x! * 1e300) * 1e300],
        vector(r.uniform(0.5, 9) * 1e-300),
      ),
  },
  {
    name: "an input of 1e150",
    draw: (r) =>
      gradientTrial(
        ([x]) => Math.exp(x! / 1e150),
        ([x]) => [Math.exp(x! / 1e150) / 1e150],
        vector(r.uniform(0.5, 9) * 1e150),
      ),
  },
  {
    name: "a result of 1e200",
    draw: (r) =>
      gradientTrial(
        ([x]) => 1e200 * Math.sin(x!),
        ([x]) => [1e200 * Math.cos(x!)],
        r.vector(1),
      ),
  },
  {
    name: "a result of 1e-200",
    draw: (r) =>
      gradientTrial(
        ([x]) => 1e-200 * Math.exp(x!),
        ([x]) => [1e-200 * Math.exp(x!)],
        r.vector(1),
      ),
  },
  {
    name: "Rosenbrock's valley, 1e8 steep",
    draw: (r) =>
      gradientTrial(
        ([x, y]) => 1e8 * (y! - x! * x!) ** 2 + (1 - x!) ** 2,
        ([x, y]) => [-4e8 * x! * (y! - x! * x!) - 2 * (1 - x!), 2e8 * (y! - x! * x!)],
        r.vector(2),
      ),
  },
  {
    name: "physical constants: k T / m",
    draw: (r) =>
      gradientTrial(
        ([t, m]) => (1.380649e-23 * t!) / m!,
        ([t, m]) => [1.380649e-23 / m!, (-1.380649e-23 * t!) / (m! * m!)],
        vector(r.uniform(200, 400), r.uniform(1, 9) * 1e-26),
      ),
  },
  {
    name: "a strong input beside a weak one, 1 to 1e-10",
    draw: (r) =>
      gradientTrial(
        ([x, y]) => x! + 1e-10 * y! * y!,
        ([, y]) => [1, 2e-10 * y!],
        r.vector(2),
      ),
  },
  {
    name: "the norm of inputs from 1e-8 to 1e8",
    draw: (r) => {
      const norm = (x: Float64Array): number => Math.hypot(...x);
      const x = Float64Array.from({ length: 4 }, () => r.sign() * r.power(-8, 8));
      return gradientTrial(norm, (v) => v.map((w) => w / norm(v)), x);
    },
  },
  {
    name: "exp from −600 to 600",
    draw: (r) =>
      gradientTrial(
        ([x]) => Math.exp(x!),
        ([x]) => [Math.exp(x!)],
        r.vector(1, -600, 600),
      ),
  },
  {
    name: "a quotient of large numbers",
    draw: (r) =>
      gradientTrial(
        ([x, y]) => x! / (x! + y!),
        ([x, y]) => [y! / (x! + y!) ** 2, -x! / (x! + y!) ** 2],
        vector(r.power(10, 12), r.power(10, 12)),
      ),
  },
  {
    name: "a large offset of the input: (x − 1e6)²",
    draw: (r) =>
      gradientTrial(
        ([x]) => (x! - 1e6) ** 2,
        ([x]) => [2 * (x! - 1e6)],
        vector(1e6 + r.uniform(-9, 9)),
      ),
  },
];
