import { compile } from "../../src/compile/index.ts";
import type { ProgramStats } from "../../src/compile/stats.ts";
import type { Tensor } from "../../src/index.ts";
import * as T from "../../src/index.ts";

// What programs cost that can be merged, and whose memory can be used again: what is right, and slower than it need be, shows here.

const repeated =
  (n: number, fn: (x: Tensor) => Tensor) =>
  (x: Tensor): Tensor => {
    let y = x;
    for (let i = 0; i < n; i++) y = fn(y);
    return y;
  };

const w = T.zeros([40, 40]);
const v = T.zeros([40, 40]);
const list = T.tensor(
  Array.from({ length: 40 }, (_, i) => i % 7),
  { dtype: "int32" },
);
const assigned =
  (...all: [Tensor, (x: Tensor) => Tensor][]) =>
  (x: Tensor): void => {
    for (const [p, fn] of all) p.assign(fn(x));
  };

/** Programs of a 40 × 40 matrix, with the kernels that they need, and the arrays of 6400 bytes between. */
const programs: readonly [name: string, fn: (x: Tensor) => Tensor | void, kernels: number, arrays: number][] = [
  ["elementwise", (x) => T.tanh(T.add(T.mul(x, 2), T.exp(x))), 1, 0],
  ["two of one size", (x) => T.add(T.sum(T.exp(x)), T.sum(T.sin(x))), 2, 0],
  ["windows that fit", (x) => T.mul(T.transpose(x), T.add(T.transpose(x), 1)), 1, 0],
  ["rows and their sums", (x) => T.sum(T.mul(T.exp(x), T.slice(x, [0, 1])), 1), 1, 0],
  ["a product and what follows", (x) => T.relu(T.add(T.matmul(x, x), T.slice(x, [0, 1]))), 1, 2],
  ["a product and a function of it alone", (x) => T.relu(T.matmul(x, x)), 1, 2],
  ["as much as fits into a loop", repeated(64, T.sin), 1, 0],
  ["more than fits into a loop", repeated(65, T.sin), 2, 1],
  ["a product by itself", (x) => T.matmul(x, x), 1, 1],
  ["a chain of products", repeated(12, (x) => T.matmul(x, x)), 12, 3],
  ["a chain of scans", repeated(12, (x) => T.cumsum(x, 0)), 12, 2],
  ["a chain of turns", repeated(12, (x) => T.add(T.transpose(x), T.sin(x))), 12, 4],
  ["assigned at once", assigned([w, (x) => T.add(w, x)], [v, (x) => T.sub(v, x)]), 1, 0],
  ["assigned and read", assigned([w, (x) => T.add(w, x)], [v, () => T.add(T.transpose(w), v)]), 2, 0],
  ["assigned to by a product with itself", assigned([w, (x) => T.sub(w, T.matmul(x, x))]), 1, 2],
  ["assigned after windows were read", assigned([w, (x) => T.sub(w, T.matmul(T.transpose(w), x))]), 2, 3],
  ["assigned after it was read", assigned([w, (x) => T.matmul(x, T.exp(w))]), 2, 2],
  [
    "assigned beside its sum",
    (x) => {
      const sum = T.sum(w, 1);
      w.assign(T.add(w, x));
      return sum;
    },
    1,
    0,
  ],
  ["taken", (x) => T.mul(T.indexSelect(T.exp(x), 0, list), 2), 4, 1],
];

/** Numbers of the programs' stats that are larger than need be. */
export function checkCosts(): void {
  for (const [name, fn, kernels, arrays] of programs) {
    const f = compile(fn);
    f(T.ones([40, 40]));
    const stats: ProgramStats = f.programs[0]!.stats;
    if (stats.kernels !== kernels) throw new Error(`${name}: ${stats.kernels} kernels instead of ${kernels}`);
    const bytes = arrays * 6400 + 1024;
    if (stats.arenaBytes > bytes) throw new Error(`${name}: ${stats.arenaBytes} bytes instead of ${bytes}`);
  }
}
