import { type Case, gradientTrial, vector } from "../catalogue.ts";

type Vector = Float64Array;

const sum = (x: ArrayLike<number>, of: (v: number, i: number) => number = (v) => v): number =>
  Array.from(x).reduce((total, v, i) => total + of(v, i), 0);
const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));
const softmax = (x: Vector): Vector => {
  const e = x.map((v) => Math.exp(v - Math.max(...x)));
  return e.map((v) => v / sum(e));
};

/** A function that applies to each entry, Σ f(xᵢ). */
const each = (name: string, f: (x: number) => number, slope: (x: number) => number, low = -2, high = 2): Case => ({
  name,
  draw: (r) =>
    gradientTrial(
      (x) => sum(x, f),
      (x) => x.map(slope),
      r.vector(4, low, high),
    ),
});

/** A factor, a term or a path of the chain rule that is missing, or taken at the wrong place. */
export const chain: readonly Case[] = [
  each(
    "tanh without 1 − y²",
    (x) => Math.tanh(x) ** 2,
    (x) => 2 * Math.tanh(x),
  ),
  each("sigmoid with its argument for its result", sigmoid, (x) => x * (1 - x)),
  each(
    "sin 3x without its inner derivative",
    (x) => Math.sin(3 * x),
    (x) => Math.cos(3 * x),
  ),
  each("the product rule with one term", (x) => x * Math.exp(x), Math.exp),
  each(
    "the quotient rule with a plus",
    (x) => x / (1 + x * x),
    (x) => (1 + 3 * x * x) / (1 + x * x) ** 2,
  ),
  each(
    "√ without its ½",
    (x) => Math.sqrt(x),
    (x) => 1 / Math.sqrt(x),
    0.5,
    4,
  ),
  each("log₁₀ as log", Math.log10, (x) => 1 / x, 0.5, 4),
  each(
    "a power without its exponent",
    (x) => x ** 5,
    (x) => x ** 4,
    0.5,
    2,
  ),
  each(
    "GELU's tanh form with a wrong cubic term",
    (x) => 0.5 * x * (1 + Math.tanh(0.7978845608028654 * (x + 0.044715 * x ** 3))),
    (x) => {
      const t = Math.tanh(0.7978845608028654 * (x + 0.044715 * x ** 3));
      return 0.5 * (1 + t) + 0.5 * x * (1 - t * t) * 0.7978845608028654 * (1 + 0.044715 * x * x);
    },
  ),
  {
    name: "fan-out: one of two uses",
    draw: (r) =>
      gradientTrial(
        (x) => sum(x, (v) => v * v),
        (x) => x,
        r.vector(4),
      ),
    hint: "half as large as it should be (ratio 1/2): is something used twice (fan-out)",
  },
  {
    name: "fan-out: one of three uses",
    draw: (r) =>
      gradientTrial(
        (x) => sum(x, (v) => v ** 3),
        (x) => x.map((v) => v * v),
        r.vector(4),
      ),
    hint: "one of 3 uses (fan-out) counted",
  },
  {
    name: "a skip connection left out",
    draw: (r) =>
      gradientTrial(
        (x) => sum(x, (v) => v + Math.tanh(v)),
        (x) => x.map((v) => 1 - Math.tanh(v) ** 2),
        r.vector(4),
      ),
  },
  {
    name: "softmax: the diagonal of its Jacobian alone",
    draw: (r) => {
      const w = r.vector(4);
      const f = (x: Vector): number => sum(softmax(x), (p, i) => p * w[i]!);
      return gradientTrial(f, (x) => softmax(x).map((p, i) => p * (1 - p) * w[i]!), r.vector(4));
    },
  },
  {
    name: "cross-entropy without the target",
    draw: (r) => gradientTrial((x) => -Math.log(softmax(x)[1]!), softmax, r.vector(4)),
  },
  {
    name: "log-sum-exp without its denominator",
    draw: (r) =>
      gradientTrial(
        (x) => Math.log(sum(x, Math.exp)),
        (x) => x.map(Math.exp),
        r.vector(4),
      ),
  },
  {
    name: "layer norm: the mean taken for a constant",
    draw: (r) => {
      const [w, n] = [r.vector(5), 5];
      const parts = (x: Vector): [Vector, number] => {
        const mean = sum(x) / n;
        const sd = Math.sqrt(sum(x, (v) => (v - mean) ** 2) / n + 1e-5);
        return [x.map((v) => (v - mean) / sd), sd];
      };
      const f = (x: Vector): number => sum(parts(x)[0], (v, i) => v * w[i]!);
      const grad = (x: Vector) => {
        const [y, sd] = parts(x);
        const inner = sum(y, (v, i) => v * w[i]!) / n;
        return y.map((v, i) => (w[i]! - v * inner) / sd);
      };
      return gradientTrial(f, grad, r.vector(5));
    },
  },
  {
    name: "batch norm: the variance taken for a constant",
    draw: (r) => {
      const [w, n] = [r.vector(5), 5];
      const parts = (x: Vector): [Vector, number] => {
        const mean = sum(x) / n;
        const sd = Math.sqrt(sum(x, (v) => (v - mean) ** 2) / n);
        return [x.map((v) => (v - mean) / sd), sd];
      };
      const f = (x: Vector): number => sum(parts(x)[0], (v, i) => v * w[i]!);
      return gradientTrial(f, (x) => x.map((_, i) => (w[i]! - sum(w) / n) / parts(x)[1]), r.vector(5));
    },
  },
  {
    name: "the norm without its division",
    draw: (r) =>
      gradientTrial(
        (x) => Math.hypot(...x),
        (x) => x,
        r.vector(4),
      ),
    hint: "constant factor",
  },
  {
    name: "normalisation to length 1, taken for a division by a constant",
    draw: (r) => {
      const w = r.vector(4);
      return gradientTrial(
        (q) => sum(q, (v, i) => v * w[i]!) / Math.hypot(...q),
        (q) => w.map((v) => v / Math.hypot(...q)),
        r.vector(4),
      );
    },
  },
  {
    name: "a recurrence, cut off before its last step back",
    draw: (r) => {
      const f = ([w]: Vector): number => Math.tanh(w! * Math.tanh(w! * 0.8));
      const grad = ([w]: Vector): number[] => {
        const h = Math.tanh(w! * 0.8);
        return [(1 - Math.tanh(w! * h) ** 2) * h];
      };
      return gradientTrial(f, grad, r.vector(1, 0.3, 2));
    },
  },
  {
    name: "an argument detached by mistake",
    draw: (r) =>
      gradientTrial(
        ([a, b]) => a! * Math.exp(b!),
        ([, b]) => [Math.exp(b!), 0],
        r.vector(2, 0.5, 2),
      ),
    hint: "the wrong entry is zero, though f does depend on it",
  },
  {
    name: "all of it detached",
    draw: (r) =>
      gradientTrial(
        (x) => sum(x, Math.sin),
        (x) => x.map(() => 0),
        r.vector(4),
      ),
    hint: "every entry is zero, though f does depend on it: detached",
  },
  {
    name: "detached, under an offset of 1e9",
    draw: (r) =>
      gradientTrial(
        ([x]) => 1e9 + 1e-4 * x! * x!,
        () => [0],
        r.vector(1, 0.5, 2),
      ),
    hint: "zero, though f does depend on it",
  },
  {
    name: "a term of the loss forgotten",
    draw: (r) =>
      gradientTrial(
        ([a, b]) => a! ** 2 + 0.01 * a! * b!,
        ([a, b]) => [2 * a! + 0.01 * b!, 0],
        vector(r.uniform(0.5, 2), r.uniform(0.5, 2)),
      ),
    hint: "zero, though f does depend on it",
  },
];
