import { compile } from "../../src/compile/index.ts";
import type { ProgramStats } from "../../src/compile/stats.ts";
import { runtime } from "../../src/core/runtime.ts";
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
const line = T.zeros([40]);
const one = T.tensor(2);
const places = list.detach();
const other = list.detach();
const assigned =
  (...all: [Tensor, (x: Tensor) => Tensor][]) =>
  (x: Tensor): void => {
    for (const [p, fn] of all) p.assign(fn(x));
  };

/** Programs of a 40 × 40 matrix, with the kernels that they need, and the bytes between: a matrix has 6400. */
const programs: readonly [name: string, fn: (x: Tensor) => Tensor | void, kernels: number, bytes: number][] = [
  ["elementwise", (x) => T.tanh(T.add(T.mul(x, 2), T.exp(x))), 1, 0],
  ["two of one size", (x) => T.add(T.sum(T.exp(x)), T.sum(T.sin(x))), 2, 128],
  ["windows that fit", (x) => T.mul(T.transpose(x), T.add(T.transpose(x), 1)), 1, 0],
  ["rows and their sums", (x) => T.sum(T.mul(T.exp(x), T.slice(x, [0, 1])), 1), 1, 0],
  ["a product and what follows", (x) => T.relu(T.add(T.matmul(x, x), T.slice(x, [0, 1]))), 1, 12992],
  ["a product and a function of it alone", (x) => T.relu(T.matmul(x, x)), 1, 12992],
  ["a product and its negative", (x) => T.neg(T.matmul(x, x)), 1, 12992],
  ["as much as fits into a loop", repeated(64, T.sin), 1, 0],
  ["more than fits into a loop", repeated(65, T.sin), 2, 6400],
  [
    "a product and more than fits into a loop",
    (x) => {
      const z = T.matmul(x, x);
      return T.add(repeated(66, T.sin)(z), z);
    },
    2,
    19392,
  ],
  ["a product beside a loop of another size", assigned([w, (x) => T.matmul(x, x)], [line, () => T.exp(line)]), 2, 6592],
  ["a product by itself", (x) => T.matmul(x, x), 1, 6592],
  ["a chain of products", repeated(12, (x) => T.matmul(x, x)), 12, 19392],
  ["a chain of scans", repeated(12, (x) => T.cumsum(x, 0)), 12, 12800],
  ["a chain of turns", repeated(12, (x) => T.add(T.transpose(x), T.sin(x))), 12, 25600],
  ["assigned at once", assigned([w, (x) => T.add(w, x)], [v, (x) => T.sub(v, x)]), 1, 0],
  ["assigned and read", assigned([w, (x) => T.add(w, x)], [v, () => T.add(T.transpose(w), v)]), 2, 0],
  ["assigned to by a product with itself", assigned([w, (x) => T.sub(w, T.matmul(x, x))]), 1, 12992],
  ["assigned after windows were read", assigned([w, (x) => T.sub(w, T.matmul(T.transpose(w), x))]), 2, 19392],
  ["assigned after it was read", assigned([w, (x) => T.matmul(x, T.exp(w))]), 2, 12992],
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
  ["one number that both read", assigned([w, () => T.mul(w, one)], [v, () => T.mul(v, one)]), 2, 0],
  ["one number that is known", assigned([w, () => T.mul(w, 2)], [v, () => T.mul(v, 2)]), 2, 0],
  [
    "windows that do not fit",
    (x) => {
      const other = T.reshape(T.transpose(T.reshape(x, [64, 25])), [40, 40]);
      return T.add(T.exp(T.transpose(x)), T.sin(other));
    },
    2,
    6400,
  ],
  [
    "a check of what is used twice, again and again",
    (x) => T.indexSelect(x, 0, repeated(60, (at) => T.maximum(at, at))(list)),
    7,
    640,
  ],
  [
    "what fits in with what it needs, and not with what reads the same",
    (x) => {
      const [columns, e] = [T.sum(T.mul(w, w), 0), T.exp(x)];
      return T.add(T.add(columns, T.sum(e, 1)), T.sum(T.mul(e, w), 1));
    },
    3,
    576,
  ],
  ["sums that are the result", (x) => T.sum(T.exp(T.expand(x, [3, 40, 40])), 0), 1, 0],
  ["added to where an index says", (x) => T.indexAdd(x, 0, list, T.exp(x)), 6, 26240],
  ["the same in float64", (x) => T.indexAdd(x.to("float64"), 0, list, T.exp(x).to("float64")), 6, 32640],
  ["an odd number", (x) => repeated(12, (y) => T.cumsum(y, 1))(T.slice(x, [0, 1])), 13, 384],
  [
    "small ones, then large ones",
    (x) => repeated(3, (y) => T.cumsum(y, 1))(T.cat([T.cumsum(x, 0), T.cumsum(x, 1)], 0)),
    6,
    25600,
  ],
  ["a product and what does not use it", assigned([w, (x) => T.matmul(x, x)], [v, T.sin]), 2, 6592],
  ["places, overwritten by what is taken there", assigned([places, () => T.indexSelect(other, 0, places)]), 2, 64],
  [
    "room of two that lie side by side, after a hole",
    (x) => {
      const kept = T.cumsum(T.slice(x, [0, 1]), 1);
      const both = T.sum(T.add(T.cumsum(x, 0), T.cumsum(x, 1)));
      return T.add(T.cumsum(T.expand(both, [80, 40]), 0), kept);
    },
    8,
    25984,
  ],
  ["taken", (x) => T.mul(T.indexSelect(T.exp(x), 0, list), 2), 5, 7040],
];

/** Products outside, as by a BLAS, which nobody asks for their values. */
const outside = Object.assign(() => false, {
  products: {
    takes: () => true,
    addressOf: () => 0,
    multiply: () => undefined,
    multiplyPart: () => undefined,
    panels: () => null,
  },
});

/** The same, where products are computed outside. */
const withOutside: typeof programs = [
  ["assigned before a product, and by one", assigned([w, (x) => T.add(w, x)], [v, (x) => T.matmul(x, x)]), 2, 0],
];

/** Numbers of the programs' stats that are larger than need be. */
export function checkCosts(): void {
  checkAll(programs);
  runtime.accelerators.push(outside);
  try {
    checkAll(withOutside);
  } finally {
    runtime.accelerators.splice(runtime.accelerators.indexOf(outside), 1);
  }
}

function checkAll(all: typeof programs): void {
  for (const [name, fn, kernels, bytes] of all) {
    const f = compile(fn);
    f(T.ones([40, 40]));
    const stats: ProgramStats = f.programs[0]!.stats;
    if (stats.kernels !== kernels) throw new Error(`${name}: ${stats.kernels} kernels instead of ${kernels}`);
    if (stats.arenaBytes !== bytes) throw new Error(`${name}: ${stats.arenaBytes} bytes instead of ${bytes}`);
  }
}
