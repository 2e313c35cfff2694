import { checkGradient } from "../../../src/gradcheck/index.ts";
import { type Case, gradientTrial, trial, vector } from "../catalogue.ts";

/** Long and ill-conditioned computations, and other forms of functions. */
export const structure: readonly Case[] = [
  {
    name: "a quadratic form of Hilbert's matrix",
    draw: (r) => {
      const product = (x: Float64Array, i: number): number => x.reduce((sum, v, j) => sum + v / (i + j + 1), 0);
      const f = (x: Float64Array): number => x.reduce((sum, v, i) => sum + (v * product(x, i)) / 2, 0);
      return gradientTrial(f, (x) => x.map((_, i) => product(x, i)), r.vector(6));
    },
  },
  {
    name: "sin of sin of sin …, 100 deep",
    draw: (r) => {
      const run = (x: number): [number, number] => {
        let [y, slope] = [x, 1];
        for (let k = 0; k < 100; k++) [y, slope] = [Math.sin(y), slope * Math.cos(y)];
        return [y, slope];
      };
      return gradientTrial(
        ([x]) => run(x!)[0],
        ([x]) => [run(x!)[1]],
        r.vector(1),
      );
    },
  },
  {
    name: "a product of 30 factors",
    draw: (r) => {
      const product = (x: Float64Array, skip = -1): number => x.reduce((p, v, i) => (i === skip ? p : p * v), 1);
      return gradientTrial(
        (x) => product(x),
        (x) => x.map((_, i) => product(x, i)),
        r.vector(30, 0.2, 3),
      );
    },
    seeds: 300,
  },
  {
    name: "the logistic map, 20 steps into chaos",
    draw: (r) => {
      const run = ([a, x]: Float64Array): [number, number, number] => {
        let [y, byA, byX] = [x!, 0, 1];
        for (let k = 0; k < 20; k++) {
          const slope = a! * (1 - 2 * y);
          [y, byA, byX] = [a! * y * (1 - y), byA * slope + y * (1 - y), byX * slope];
        }
        return [y, byA, byX];
      };
      return gradientTrial(
        (v) => run(v)[0],
        (v) => run(v).slice(1),
        vector(r.uniform(3.6, 4), r.uniform(0.2, 0.8)),
      );
    },
  },
  {
    name: "the determinant of a 3×3 matrix",
    draw: (r) => {
      const minor = (m: Float64Array, i: number, j: number): number => {
        const at = (p: number, q: number): number => m[((i + p) % 3) * 3 + ((j + q) % 3)]!;
        return at(1, 1) * at(2, 2) - at(1, 2) * at(2, 1);
      };
      const det = (m: Float64Array): number => [0, 1, 2].reduce((sum, j) => sum + m[j]! * minor(m, 0, j), 0);
      return gradientTrial(det, (m) => m.map((_, k) => minor(m, Math.floor(k / 3), k % 3)), r.vector(9));
    },
  },
  {
    name: "the trace of the inverse of an ill-conditioned 2×2 matrix",
    draw: (r) => {
      const f = ([a, b, c, d]: Float64Array): number => (a! + d!) / (a! * d! - b! * c!);
      const grad = ([a, b, c, d]: Float64Array): number[] => {
        const det = a! * d! - b! * c!;
        const trace = (a! + d!) / det;
        return [(1 - trace * d!) / det, (trace * c!) / det, (trace * b!) / det, (1 - trace * a!) / det];
      };
      return gradientTrial(f, grad, vector(1, 1, 1, 1 + r.power(-4, -1)));
    },
  },
  {
    name: "a polynomial with the roots 1 to 10",
    draw: (r) => {
      const roots = Array.from({ length: 10 }, (_, k) => k + 1);
      const product = (x: number, skip = 0): number =>
        roots.reduce((p, root) => (root === skip ? p : p * (x - root)), 1);
      const slope = (x: number): number => roots.reduce((sum, root) => sum + product(x, root), 0);
      return gradientTrial(
        ([x]) => product(x!),
        ([x]) => [slope(x!)],
        r.vector(1, 0, 11),
      );
    },
  },
  {
    name: "a continued fraction",
    draw: (r) => {
      const run = (x: number): [number, number] => {
        let [y, slope] = [x, 1];
        for (let k = 0; k < 20; k++) [y, slope] = [1 + x / (2 + y), 1 / (2 + y) - (x * slope) / (2 + y) ** 2];
        return [y, slope];
      };
      return gradientTrial(
        ([x]) => run(x!)[0],
        ([x]) => [run(x!)[1]],
        r.vector(1, 0.1, 5),
      );
    },
  },
  {
    name: "the angle of a vector",
    draw: (r) => {
      const f = ([x, y]: Float64Array): number => Math.atan2(y!, x!);
      const grad = ([x, y]: Float64Array): number[] => [-y! / (x! * x! + y! * y!), x! / (x! * x! + y! * y!)];
      return gradientTrial(f, grad, r.vector(2));
    },
  },
  {
    name: "a network with named weights",
    draw: (r) => {
      const w = [Array.from(r.vector(2)), Array.from(r.vector(2))];
      type Net = { w: number[][]; b: number };
      const f = ({ w: [p, q], b }: Net): number => Math.tanh(p![0]! * 0.3 + p![1]! * 0.7) * q![0]! + q![1]! * b;
      const grad = ({ w: [p, q], b }: Net) => {
        const y = Math.tanh(p![0]! * 0.3 + p![1]! * 0.7);
        const slope = (1 - y * y) * q![0]!;
        return {
          w: [
            [0.3 * slope, 0.7 * slope],
            [y, b],
          ],
          b: q![1]!,
        };
      };
      return gradientTrial(f, grad, { w, b: r.uniform(-2, 2) });
    },
  },
  {
    name: "a gradient written into its argument",
    draw: (r) =>
      gradientTrial(
        (x) => x.reduce((sum, v) => sum + v ** 3, 0),
        (x, out) => {
          for (let i = 0; i < x.length; i++) out[i] = 3 * x[i]! ** 2;
        },
        r.vector(3),
      ),
  },
  {
    name: "a gradient with the value",
    draw: (r) => {
      const f = ([x]: Float64Array): number => Math.exp(x!);
      return gradientTrial(f, (x) => ({ value: f(x), gradient: [f(x)] }), r.vector(1));
    },
  },
  {
    name: "functions that return promises",
    draw: (r) => {
      const x = r.vector(2);
      const f = async (v: Float64Array): Promise<number> => v[0]! * Math.sin(v[1]!);
      const grad = async (v: Float64Array) => [Math.sin(v[1]!), v[0]! * Math.cos(v[1]!)];
      return trial(() => checkGradient(f, grad, x));
    },
    seeds: 200,
  },
  {
    name: "40,000 inputs",
    draw: (r) => {
      const phase = r.uniform(0, 1);
      const x = Float64Array.from({ length: 40_000 }, (_, i) => Math.sin(i + phase));
      const f = (v: Float64Array): number => v.reduce((sum, w) => sum + Math.exp(w), 0);
      return trial(() => checkGradient(f, (v) => v.map(Math.exp), x, { sampledEntries: 32, directions: 4 }));
    },
    seeds: 3,
  },
];
