import { describe, expect, test } from "vitest";
import { checkGradient } from "../../src/gradcheck/index.ts";

// Functions that people write gradients of by hand, in plain JavaScript: each with its right gradient, and one with a plausible mistake.

type V = readonly number[];
type Row = [name: string, f: (x: V) => number, gradient: (x: V) => V, wrong: (x: V) => V, at: V];

const sum = (v: V): number => v.reduce((a, b) => a + b, 0);
const dot = (a: V, b: V): number => a.reduce((total, v, i) => total + v * b[i]!, 0);
const norm = (v: V): number => Math.sqrt(dot(v, v));
const sigmoid = (a: number): number => 1 / (1 + Math.exp(-a));
const softmax = (x: V): V => {
  const e = x.map((v) => Math.exp(v - Math.max(...x)));
  return e.map((v) => v / sum(e));
};
const logSumExp = (x: V): number => Math.max(...x) + Math.log(sum(x.map((v) => Math.exp(v - Math.max(...x)))));
const one = (
  f: (x: number) => number,
  g: (x: number) => number,
  w: (x: number) => number,
  at: number,
  name: string,
): Row => [name, ([x]) => f(x!), ([x]) => [g(x!)], ([x]) => [w(x!)], [at]];

/** E − e·sin E = M, by Newton's method. */
const kepler = (m: number, e: number): number => {
  let E = m;
  for (let k = 0; k < 50; k++) E -= (E - e * Math.sin(E) - m) / (1 - e * Math.cos(E));
  return E;
};
/** The root of y³ + y = a by bisection. */
const bisected = (a: number): number => {
  let [low, high] = [-10, 10];
  for (let k = 0; k < 100; k++) {
    const middle = (low + high) / 2;
    if (middle ** 3 + middle < a) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
};
const lanczos = [
  0.99999999999980993, 676.5203681218851, -1259.1392167224028, 771.32342877765313, -176.61502916214059,
  12.507343278686905, -0.13857109526572012, 9.9843695780195716e-6, 1.5056327351493116e-7,
];
const lnGamma = (z: number): number => {
  const x = z - 1;
  const a = lanczos.reduce((total, c, i) => total + (i === 0 ? c : c / (x + i)), 0);
  const t = x + 7.5;
  return 0.5 * Math.log(2 * Math.PI) + (x + 0.5) * Math.log(t) - t + Math.log(a);
};
const digamma = (z: number): number => {
  const x = z - 1;
  const a = lanczos.reduce((total, c, i) => total + (i === 0 ? c : c / (x + i)), 0);
  const da = lanczos.reduce((total, c, i) => total - (i === 0 ? 0 : c / (x + i) ** 2), 0);
  const t = x + 7.5;
  return Math.log(t) + (x + 0.5) / t - 1 + da / a;
};
/** Abramowitz and Stegun 7.1.26, as it is: its own derivative, not that of the error function. */
const [p, as] = [0.3275911, [0.254829592, -0.284496736, 1.421413741, -1.453152027, 1.061405429]];
const erf = (x: number): number => {
  const t = 1 / (1 + p * x);
  return 1 - as.reduceRight((poly, a) => (poly + a) * t, 0) * Math.exp(-x * x);
};
const erfSlope = (x: number): number => {
  const t = 1 / (1 + p * x);
  const poly = as.reduceRight((total, a) => (total + a) * t, 0);
  const slope = as.reduce((total, a, k) => total + (k + 1) * a * t ** k, 0) * -p * t * t;
  return -slope * Math.exp(-x * x) + 2 * x * poly * Math.exp(-x * x);
};
/** Five Euler steps of y' = a·y − y³. */
const euler = ([a, y0]: V): [number, number, number] => {
  let [y, byA, byY] = [y0!, 0, 1];
  for (let k = 0; k < 5; k++) {
    const own = 1 + 0.1 * (a! - 3 * y * y);
    [y, byA, byY] = [y + 0.1 * (a! * y - y ** 3), byA * own + 0.1 * y, byY * own];
  }
  return [y, byA, byY];
};
const power = (x: V): V =>
  x.map((_, k) => {
    const re = sum(x.map((v, i) => v * Math.cos((2 * Math.PI * k * i) / x.length)));
    const im = sum(x.map((v, i) => v * Math.sin((2 * Math.PI * k * i) / x.length)));
    return re * re + im * im;
  });
const iou = ([a, b, c, d]: V): { inter: number; union: number } => {
  const [p0, p1, q0, q1] = [0.5, 0.2, 2.5, 1.9];
  const inter = (Math.min(c!, q0) - Math.max(a!, p0)) * (Math.min(d!, q1) - Math.max(b!, p1));
  return { inter, union: (c! - a!) * (d! - b!) + (q0 - p0) * (q1 - p1) - inter };
};
const batchNorm = (x: V): { y: V; std: number } => {
  const mean = sum(x) / x.length;
  const std = Math.sqrt(sum(x.map((v) => (v - mean) ** 2)) / x.length + 1e-5);
  return { y: x.map((v) => (v - mean) / std), std };
};
const weights = [0.7, -1.1, 0.4, 1.9];
const target = [0.3, -0.2, 1.4, 0.8];
const hinge = (margin: number): number => Math.max(0, 1 - margin);

const rows: readonly Row[] = [
  one(
    (x) => Math.log1p(Math.exp(x)),
    sigmoid,
    (x) => sigmoid(x) ** 2,
    0.7,
    "softplus",
  ),
  one(
    (x) => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x))),
    sigmoid,
    (x) => sigmoid(-x),
    -3.2,
    "softplus, stable",
  ),
  one(
    (x) => Math.log1p(Math.exp(3 * x)) / 3,
    (x) => sigmoid(3 * x),
    (x) => 3 * sigmoid(3 * x),
    0.4,
    "softplus with β = 3",
  ),
  one(
    (x) => Math.log(Math.log1p(Math.exp(x))),
    (x) => sigmoid(x) / Math.log1p(Math.exp(x)),
    (x) => sigmoid(x),
    1.3,
    "log softplus",
  ),
  ["logsumexp", logSumExp, softmax, (x) => x.map((v) => Math.exp(v)), [1, 2, -3, 0.5]],
  ["logsumexp of large numbers", logSumExp, softmax, (x) => softmax(x).map((v) => v / 4), [700, 702, 699.5]],
  [
    "Huber's loss",
    (x) => sum(x.map((v) => (Math.abs(v) <= 1 ? (v * v) / 2 : Math.abs(v) - 0.5))),
    (x) => x.map((v) => (Math.abs(v) <= 1 ? v : Math.sign(v))),
    (x) => x,
    [0.3, -2.5, 1, 4],
  ],
  [
    "hinge at its kink, and beside",
    (x) => sum(x.map(hinge)),
    (x) => x.map((m) => (m < 1 ? -1 : 0)),
    (x) => x.map((m) => (m < 1 ? 1 : 0)),
    [1, 0.5, 2],
  ],
  [
    "quantile loss",
    (x) => sum(x.map((q, i) => Math.max(0.9 * (target[i]! - q), -0.1 * (target[i]! - q)))),
    (x) => x.map((q, i) => (target[i]! > q ? -0.9 : 0.1)),
    (x) => x.map((q, i) => (target[i]! > q ? -0.1 : 0.9)),
    [0.1, 0.5, 1.4, -1],
  ],
  [
    "cosine similarity",
    (x) => dot(x, weights) / norm(x) / norm(weights),
    (x) => x.map((v, i) => (weights[i]! / norm(x) - (v * dot(x, weights)) / norm(x) ** 3) / norm(weights)),
    (x) => x.map((v, i) => (weights[i]! / norm(x) - (v * dot(x, weights)) / norm(x) ** 2) / norm(weights)),
    [0.2, 0.9, -1.3, 0.4],
  ],
  [
    "attention to four values",
    (x) => dot(softmax(x.map((v) => v / 2)), target),
    (x) => {
      const a = softmax(x.map((v) => v / 2));
      return a.map((v, i) => (v * (target[i]! - dot(a, target))) / 2);
    },
    (x) => {
      const a = softmax(x.map((v) => v / 2));
      return a.map((v, i) => v * (target[i]! - dot(a, target)));
    },
    [0.3, 2.1, -0.7, 1],
  ],
  [
    "a gate of an LSTM: tanh(f·c + i·g)·o",
    ([f, i, g, o]) => Math.tanh(sigmoid(f!) * 0.8 + sigmoid(i!) * Math.tanh(g!)) * sigmoid(o!),
    ([f, i, g, o]) => {
      const [sf, si, tg, so] = [sigmoid(f!), sigmoid(i!), Math.tanh(g!), sigmoid(o!)];
      const c = Math.tanh(sf * 0.8 + si * tg);
      const d = (1 - c * c) * so;
      return [d * 0.8 * sf * (1 - sf), d * tg * si * (1 - si), d * si * (1 - tg * tg), c * so * (1 - so)];
    },
    ([f, i, g, o]) => {
      const [sf, si, tg, so] = [sigmoid(f!), sigmoid(i!), Math.tanh(g!), sigmoid(o!)];
      const c = Math.tanh(sf * 0.8 + si * tg);
      const d = (1 - c * c) * so;
      return [d * 0.8 * sf * (1 - sf), d * tg * si * (1 - si), d * si * (1 - g! * g!), c * so * (1 - so)];
    },
    [0.2, -0.5, 0.9, 0.1],
  ],
  [
    "Kepler's equation, by Newton's method",
    ([m, e]) => kepler(m!, e!),
    ([m, e]) => {
      const E = kepler(m!, e!);
      return [1 / (1 - e! * Math.cos(E)), Math.sin(E) / (1 - e! * Math.cos(E))];
    },
    ([m, e]) => {
      const E = kepler(m!, e!);
      return [1 / (1 - e! * Math.cos(E)), Math.sin(E)];
    },
    [1.1, 0.4],
  ],
  one(
    bisected,
    (a) => 1 / (3 * bisected(a) ** 2 + 1),
    (a) => 1 / (3 * bisected(a) ** 2),
    2.3,
    "a root, by bisection",
  ),
  [
    "a cubic Hermite spline",
    ([t, a, b]) => a! * (2 * t! ** 3 - 3 * t! ** 2 + 1) + b! * (3 * t! ** 2 - 2 * t! ** 3),
    ([t, a, b]) => [(a! - b!) * (6 * t! ** 2 - 6 * t!), 2 * t! ** 3 - 3 * t! ** 2 + 1, 3 * t! ** 2 - 2 * t! ** 3],
    ([t, a, b]) => [(b! - a!) * (6 * t! ** 2 - 6 * t!), 2 * t! ** 3 - 3 * t! ** 2 + 1, 3 * t! ** 2 - 2 * t! ** 3],
    [0.3, 1.5, -0.8],
  ],
  [
    "the power of a spectrum: Parseval",
    (x) => sum(power(x)),
    (x) => x.map((v) => 2 * x.length * v),
    (x) => x.map((v) => 2 * v),
    [0.5, -1, 2, 0.3, 1.1],
  ],
  [
    "a determinant",
    ([a, b, c, d]) => a! * d! - b! * c!,
    ([a, b, c, d]) => [d!, -c!, -b!, a!],
    ([a, b, c, d]) => [d!, -b!, -c!, a!],
    [1, 2, 3.5, 4],
  ],
  [
    "the logarithm of a determinant, by Cholesky's factor",
    ([a, b, d]) => 2 * Math.log(Math.sqrt(a!)) + 2 * Math.log(Math.sqrt(d! - (b! / Math.sqrt(a!)) ** 2)),
    ([a, b, d]) => [d!, -2 * b!, a!].map((v) => v / (a! * d! - b! * b!)),
    ([a, b, d]) => [d!, -b!, a!].map((v) => v / (a! * d! - b! * b!)),
    [2, 0.7, 3],
  ],
  ["Euler's steps of an equation", (x) => euler(x)[0], (x) => euler(x).slice(1), (x) => [euler(x)[1], 1], [1.2, 0.5]],
  [
    "a Gaussian's log-likelihood",
    ([mu, s]) => sum(target.map((t) => -0.5 * ((t - mu!) / s!) ** 2 - Math.log(s!) - 0.5 * Math.log(2 * Math.PI))),
    ([mu, s]) => [
      sum(target.map((t) => (t - mu!) / s! ** 2)),
      sum(target.map((t) => (t - mu!) ** 2 / s! ** 3 - 1 / s!)),
    ],
    ([mu, s]) => [
      sum(target.map((t) => (t - mu!) / s! ** 2)),
      sum(target.map((t) => (t - mu!) ** 2 / s! ** 3 + 1 / s!)),
    ],
    [0.4, 0.9],
  ],
  [
    "the temperature of a softmax",
    ([t]) => dot(softmax(weights.map((w) => w / t!)), target),
    ([t]) => {
      const a = softmax(weights.map((w) => w / t!));
      return [
        -(
          dot(
            a,
            weights.map((w, i) => w * target[i]!),
          ) -
          dot(a, weights) * dot(a, target)
        ) /
          t! ** 2,
      ];
    },
    ([t]) => {
      const a = softmax(weights.map((w) => w / t!));
      return [
        (dot(
          a,
          weights.map((w, i) => w * target[i]!),
        ) -
          dot(a, weights) * dot(a, target)) /
          t! ** 2,
      ];
    },
    [0.6],
  ],
  [
    "contrastive loss, beyond its margin and within",
    ([a, b]) => Math.max(0, 1 - a!) ** 2 + Math.max(0, 1 - b!) ** 2,
    (x) => x.map((d) => -2 * Math.max(0, 1 - d)),
    (x) => x.map((d) => -2 * (1 - d)),
    [0.4, 1.7],
  ],
  [
    "intersection over union",
    (x) => iou(x).inter / iou(x).union,
    ([a, b, c, d]) => {
      const { inter, union } = iou([a!, b!, c!, d!]);
      const [w, h] = [c! - 0.5, 1.9 - b!]; // the intersection's sides, here
      const byInter = [0, -w, h, 0];
      const byArea = [-(d! - b!), -(c! - a!), d! - b!, c! - a!];
      return byInter.map((own, i) => (own * union - inter * (byArea[i]! - own)) / union ** 2);
    },
    ([a, b, c, d]) => {
      const { inter, union } = iou([a!, b!, c!, d!]);
      const [w, h] = [c! - 0.5, 1.9 - b!];
      const byInter = [0, -w, h, 0];
      const byArea = [-(d! - b!), -(c! - a!), d! - b!, c! - a!];
      return byInter.map((own, i) => (own * union - inter * byArea[i]!) / union ** 2);
    },
    [0.1, 0.6, 1.9, 2.4],
  ],
  [
    "a turn about an axis",
    ([a]) => 1.2 * Math.cos(a!) - 0.7 * Math.sin(a!) + 2 * (1.2 * Math.sin(a!) + 0.7 * Math.cos(a!)),
    ([a]) => [-1.2 * Math.sin(a!) - 0.7 * Math.cos(a!) + 2 * (1.2 * Math.cos(a!) - 0.7 * Math.sin(a!))],
    ([a]) => [1.2 * Math.sin(a!) - 0.7 * Math.cos(a!) + 2 * (1.2 * Math.cos(a!) - 0.7 * Math.sin(a!))],
    [0.8],
  ],
  [
    "perspective projection",
    ([x, y, z]) => (500 * x!) / z! - 120 + ((500 * y!) / z! - 80) * 0.5,
    ([x, y, z]) => [500 / z!, 250 / z!, (-500 * x! - 250 * y!) / z! ** 2],
    ([x, y, z]) => [500 / z!, 250 / z!, (-500 * x! - 250 * y!) / z!],
    [0.4, -0.2, 3],
  ],
  [
    "batch normalisation by hand",
    (x) => dot(batchNorm(x).y, weights),
    (x) => {
      const { y, std } = batchNorm(x);
      return y.map((v, i) => (weights[i]! - sum(weights) / 4 - (v * dot(y, weights)) / 4) / std);
    },
    (x) => {
      const { y, std } = batchNorm(x);
      return y.map((v, i) => (weights[i]! - (v * dot(y, weights)) / 4) / std);
    },
    [0.3, 1.7, -0.4, 2.2],
  ],
  one(lnGamma, digamma, (z) => Math.log(z), 3.7, "ln Γ, Lanczos's way"),
  one(erf, erfSlope, (x) => -erfSlope(x), 0.8, "Abramowitz and Stegun's error function"),
  one(
    (x) => x * sigmoid(x),
    (x) => sigmoid(x) * (1 + x * (1 - sigmoid(x))),
    (x) => sigmoid(x) * (1 - sigmoid(x)),
    -1.4,
    "swish",
  ),
  one(
    (x) => x * Math.tanh(Math.log1p(Math.exp(x))),
    (x) => {
      const t = Math.tanh(Math.log1p(Math.exp(x)));
      return t + x * (1 - t * t) * sigmoid(x);
    },
    (x) => Math.tanh(Math.log1p(Math.exp(x))),
    0.9,
    "mish",
  ),
  one(
    (x) => x / (1 + Math.abs(x)),
    (x) => 1 / (1 + Math.abs(x)) ** 2,
    (x) => 1 / (1 + x) ** 2,
    -0.6,
    "softsign",
  ),
  one((x) => Math.log(Math.cosh(x)), Math.tanh, Math.sinh, 2.2, "log cosh"),
  [
    "focal loss",
    ([x]) => -((1 - sigmoid(x!)) ** 2) * Math.log(sigmoid(x!)),
    ([x]) => {
      const s = sigmoid(x!);
      return [(1 - s) ** 2 * (2 * s * Math.log(s) - (1 - s))];
    },
    ([x]) => [-((1 - sigmoid(x!)) ** 2) * (1 - sigmoid(x!)) * 0.5],
    [0.3],
  ],
  [
    "triplet loss",
    ([a, b, c]) => Math.max(0, (a! - b!) ** 2 - (a! - c!) ** 2 + 1),
    ([a, b, c]) => [2 * (a! - b!) - 2 * (a! - c!), -2 * (a! - b!), 2 * (a! - c!)],
    ([a, b, c]) => [2 * (a! - b!) + 2 * (a! - c!), -2 * (a! - b!), 2 * (a! - c!)],
    [0.5, 0.1, 1.1],
  ],
  [
    "total variation",
    (x) => sum(x.slice(1).map((v, i) => Math.abs(v - x[i]!))),
    (x) => x.map((v, i) => (i > 0 ? Math.sign(v - x[i - 1]!) : 0) - (i < x.length - 1 ? Math.sign(x[i + 1]! - v) : 0)),
    (x) => x.map((v, i) => (i > 0 ? Math.sign(v - x[i - 1]!) : 0)),
    [1, 3, 2, 2, 5],
  ],
  [
    "Kullback and Leibler's divergence from logits",
    (x) => sum(softmax(x).map((q, i) => softmax(weights)[i]! * Math.log(softmax(weights)[i]! / q))),
    (x) => softmax(x).map((q, i) => q - softmax(weights)[i]!),
    (x) => softmax(x).map((q, i) => softmax(weights)[i]! - q),
    [0.2, 0.4, -0.1, 0.3],
  ],
  [
    "great-circle distance",
    ([a, b]) => Math.acos(Math.sin(a!) * Math.sin(0.6) + Math.cos(a!) * Math.cos(0.6) * Math.cos(b! - 0.2)),
    ([a, b]) => {
      const c = Math.sin(a!) * Math.sin(0.6) + Math.cos(a!) * Math.cos(0.6) * Math.cos(b! - 0.2);
      const d = -1 / Math.sqrt(1 - c * c);
      const byA = Math.cos(a!) * Math.sin(0.6) - Math.sin(a!) * Math.cos(0.6) * Math.cos(b! - 0.2);
      return [d * byA, -d * Math.cos(a!) * Math.cos(0.6) * Math.sin(b! - 0.2)];
    },
    ([a, b]) => {
      const c = Math.sin(a!) * Math.sin(0.6) + Math.cos(a!) * Math.cos(0.6) * Math.cos(b! - 0.2);
      const d = -1 / Math.sqrt(1 - c * c);
      const byA = Math.cos(a!) * Math.sin(0.6) - Math.sin(a!) * Math.cos(0.6) * Math.cos(b! - 0.2);
      return [d * byA, d * Math.cos(a!) * Math.cos(0.6) * Math.sin(b! - 0.2)];
    },
    [0.1, 1.3],
  ],
  one(
    (s) => 100 * Math.exp(-s * 2) - 3 * Math.log(s),
    (s) => -200 * Math.exp(-s * 2) - 3 / s,
    (s) => -100 * Math.exp(-s * 2) - 3 / s,
    0.3,
    "a discounted price with a barrier",
  ),
  [
    "least squares with a ridge",
    (x) => sum(x.map((v, i) => (v - target[i]!) ** 2)) + 0.1 * dot(x, x),
    (x) => x.map((v, i) => 2 * (v - target[i]!) + 0.2 * v),
    (x) => x.map((v, i) => 2 * (v - target[i]!) + 0.1 * v),
    [0.5, 1.5, -2, 0.1],
  ],
  [
    "Rosenbrock's valley in four dimensions",
    (x) => sum(x.slice(1).map((v, i) => 100 * (v - x[i]! ** 2) ** 2 + (1 - x[i]!) ** 2)),
    (x) =>
      x.map(
        (v, i) => (i < 3 ? -400 * v * (x[i + 1]! - v * v) - 2 * (1 - v) : 0) + (i > 0 ? 200 * (v - x[i - 1]! ** 2) : 0),
      ),
    (x) => x.map((v, i) => (i < 3 ? -400 * v * (x[i + 1]! - v * v) - 2 * (1 - v) : 200 * (v - x[2]! ** 2))),
    [0.5, 1.2, -0.7, 1],
  ],
];

describe.each(rows)("%s", (_, f, gradient, wrong, at) => {
  test("the right gradient is not called wrong, and passes", () => {
    const report = checkGradient(f, gradient as never, at as number[]);
    expect(report.ok, String(report)).toBe(true);
  });

  test("the wrong one is shown to be wrong", () => {
    const report = checkGradient(f, wrong as never, at as number[]);
    expect(report.ok, String(report)).toBe(false);
    expect(report.counts.mismatch + report.counts.flat, String(report)).toBeGreaterThan(0); // flat: beyond the margin, f stands still
  });

  test("the right one in float32 is not called wrong, and the wrong one is caught", () => {
    const rounded = (x: Float32Array): number => Math.fround(f(Array.from(x)));
    const x = Float32Array.from(at);
    const right = checkGradient(rounded, (x) => Float32Array.from(gradient(Array.from(x))), x);
    expect(right.counts.mismatch, String(right)).toBe(0);
    const report = checkGradient(rounded, (x) => Float32Array.from(wrong(Array.from(x))), x);
    expect(report.ok, String(report)).toBe(false);
  });
});
