import { checkGradient } from "../../../src/gradcheck/index.ts";
import { type Case, gradientTrial, trial } from "../catalogue.ts";

type Vector = Float64Array;

const weighted = (x: Vector): number => x.reduce((sum, v, i) => sum + (i + 1) * Math.exp(v), 0);
const weightedSlope = (x: Vector): Vector => x.map((v, i) => (i + 1) * Math.exp(v));
const moved = (name: string, from: (i: number, n: number) => number, hint: string): Case => ({
  name,
  draw: (r) => {
    const grad = (x: Vector): Vector => {
      const g = weightedSlope(x);
      return g.map((_, i) => g[from(i, g.length)] ?? 0);
    };
    return gradientTrial(weighted, grad, r.vector(6));
  },
  hint,
});

/** ½ ‖W a − y‖², of a matrix W. */
function layer(rows: number, columns: number, change: (g: number[][]) => unknown) {
  return (r: { vector(n: number): Vector }) => {
    const [a, y] = [r.vector(columns), r.vector(rows)];
    const residual = (w: number[][]): number[] => w.map((row, i) => row.reduce((sum, v, j) => sum + v * a[j]!, -y[i]!));
    const f = (w: number[][]): number => residual(w).reduce((sum, v) => sum + (v * v) / 2, 0);
    const grad = (w: number[][]) => change(residual(w).map((v) => Array.from(a, (value) => v * value)));
    const w = Array.from({ length: rows }, () => Array.from(r.vector(columns)));
    return gradientTrial(f, grad, w);
  };
}

const transposed = (g: number[][]): number[][] => g[0]!.map((_, j) => g.map((row) => row[j]!));

/** Right values in wrong places, and shapes that do not fit. */
export const places: readonly Case[] = [
  moved("off by one index", (i) => i + 1, "shifted by one"),
  moved("off by one index, the other way", (i) => i - 1, "shifted by one"),
  moved("rotated by one index", (i, n) => (i + 1) % n, "shifted by one"),
  moved("in reverse order", (i, n) => n - 1 - i, "in reverse order"),
  moved("two entries swapped", (i) => (i === 1 ? 4 : i === 4 ? 1 : i), "entries 1 and 4 of x are swapped"),
  moved("the last entry never written", (i, n) => (i === n - 1 ? n : i), "the wrong entry is zero"),
  { name: "a square matrix, transposed", draw: layer(3, 3, transposed), hint: "looks transposed" },
  {
    name: "a 2×3 matrix, transposed in memory",
    draw: layer(2, 3, (g) => transposed(g).flat()),
    hint: "looks transposed",
  },
  {
    name: "a row of a matrix dropped",
    draw: layer(3, 2, (g) => g.map((row, i) => (i === 1 ? [0, 0] : row))),
    hint: "zero",
  },
  {
    name: "a bias gradient that is not summed over the batch",
    draw: (r) => {
      const x = Array.from({ length: 4 }, () => r.vector(3));
      const f = (b: Vector): number =>
        x.reduce((sum, row) => sum + row.reduce((s, v, j) => s + (v + b[j]!) ** 2, 0), 0);
      return gradientTrial(f, (b) => x.map((row) => Array.from(row, (v, j) => 2 * (v + b[j]!))), r.vector(3));
    },
    hint: "there are 4 times as many entries as in x: sum over the axis that was broadcast",
  },
  {
    name: "a bias gradient of the batch's first row alone",
    draw: (r) => {
      const x = Array.from({ length: 4 }, () => r.vector(3));
      const f = (b: Vector): number =>
        x.reduce((sum, row) => sum + row.reduce((s, v, j) => s + (v + b[j]!) ** 2, 0), 0);
      return gradientTrial(f, (b) => b.map((v, j) => 2 * (x[0]![j]! + v)), r.vector(3));
    },
  },
  {
    name: "a broadcast scale, meant over its axis in place of summed",
    draw: (r) => {
      const x = r.vector(6);
      return gradientTrial(
        (s) => x.reduce((sum, v) => sum + s[0]! * v * v, 0),
        () => [x.reduce((sum, v) => sum + v * v, 0) / 6],
        r.vector(1),
      );
    },
    hint: "1/6 of what it should be",
  },
  {
    name: "one entry too few",
    draw: (r) => gradientTrial(weighted, (x) => weightedSlope(x).slice(1), r.vector(5)),
    hint: "gradient has 4 entries where there should be 5",
  },
  {
    name: "weights and biases exchanged",
    draw: (r) => {
      const [p, q] = [r.vector(3), r.vector(3)];
      const f = ({ w, b }: { w: Vector; b: Vector }): number =>
        w.reduce((sum, v, i) => sum + Math.exp(v * p[i]!) + b[i]! * q[i]!, 0);
      const grad = ({ w }: { w: Vector; b: Vector }) => ({ w: q, b: w.map((v, i) => p[i]! * Math.exp(v * p[i]!)) });
      return gradientTrial(f, grad, { w: r.vector(3), b: r.vector(3) });
    },
  },
  {
    name: "a part of the record missing",
    draw: (r) => {
      const x = { w: r.vector(2), b: r.uniform(-2, 2) };
      return gradientTrial(
        ({ w, b }: typeof x) => w[0]! * w[1]! + b,
        ({ w }: typeof x) => ({ w: [w[1]!, w[0]!] }),
        x,
      );
    },
    hint: "gradient.b is missing",
  },
  {
    name: "a convolution with its kernel not flipped",
    draw: (r) => {
      const k = r.vector(3);
      const f = (x: Vector): number => {
        let sum = 0;
        for (let t = 0; t < 4; t++) sum += Math.exp(k[0]! * x[t]! + k[1]! * x[t + 1]! + k[2]! * x[t + 2]!);
        return sum;
      };
      const grad = (x: Vector): Vector => {
        const g = new Float64Array(6);
        for (let t = 0; t < 4; t++) {
          const y = Math.exp(k[0]! * x[t]! + k[1]! * x[t + 1]! + k[2]! * x[t + 2]!);
          for (let j = 0; j < 3; j++) g[t + j]! += y * k[2 - j]!;
        }
        return g;
      };
      return gradientTrial(f, grad, r.vector(6, -1, 1));
    },
  },
  {
    name: "one wrong entry in 40,000",
    draw: (r) => {
      const n = 40_000;
      const [bad, x] = [r.int(0, n - 1), Float64Array.from({ length: n }, (_, i) => 1 + Math.sin(i) / 2)];
      const f = (v: Vector): number => v.reduce((sum, w) => sum + w * w, 0);
      const grad = (v: Vector): Vector => v.map((w, i) => (i === bad ? 3 * w : 2 * w));
      return trial(() => {
        const report = checkGradient(f, grad, x, { sampledEntries: 32 });
        const isLocated = report.entries.some(({ entry, verdict }) => entry === bad && verdict === "mismatch");
        if (!isLocated) throw new Error(`the wrong entry ${bad} was not found:\n${report}`);
        return report;
      });
    },
    seeds: 3,
  },
];
