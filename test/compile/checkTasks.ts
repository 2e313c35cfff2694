import fc from "fast-check";
import { compile } from "../../src/compile/index.ts";
import { Heap, replaceHeap } from "../../src/compile/webassembly/heap.ts";
import { tasksOfLoop, tasksOfMatmul } from "../../src/compile/webassembly/tasks.ts";
import type { DoTask, Pool } from "../../src/compile/webassembly/threads/pool.ts";
import type { Tensor } from "../../src/index.ts";
import * as T from "../../src/index.ts";
import { difference } from "./opinions.ts";

// Work that several threads share is divided into tasks that may be done in any order, and twice. One thread can do that, too.

/** A pool of no threads, which does tasks last to first, and every other one again. */
function poolOf(threads: number, note: (tasks: number) => void): Pool {
  const pool = {
    threads,
    failure: null,
    add: () => 0,
    remove: () => undefined,
    run: (_: number, doTask: DoTask, kernel: number, tasks: number): void => {
      note(tasks);
      for (let task = tasks - 1; task >= 0; task--) doTask(kernel, task);
      for (let task = 0; task < tasks; task += 2) doTask(kernel, task);
    },
  };
  return pool as unknown as Pool;
}

/** A product that is large enough to be shared, or a loop. */
export interface Work {
  readonly kind: number;
  readonly dtype: "float32" | "float64";
  readonly threads: number;
  readonly long: number;
  readonly short: number;
  readonly seed: number;
}

export const works: fc.Arbitrary<Work> = fc.record({
  kind: fc.nat({ max: 6 }),
  dtype: fc.constantFrom("float32", "float64"),
  threads: fc.constantFrom(1, 2, 3, 5, 40),
  long: fc.integer({ min: 3, max: 40 }),
  short: fc.integer({ min: 1, max: 30 }),
  seed: fc.noShrink(fc.nat({ max: 1_000_000 })),
});

/** What is computed, of arrays that make it long enough. */
function workOf({ kind, dtype, long, short, seed }: Work): {
  fn: (x: Tensor, y: Tensor) => Tensor;
  args: [Tensor, Tensor];
  isLong: boolean;
} {
  // biome-ignore format: one line
  const generator = new T.Generator(seed);
  const draw = (...shape: number[]): Tensor => T.randn(shape, { dtype, generator });
  const m = long * 9;
  const k = Math.ceil(1_050_000 / (m * short));
  const flops = 2 * m * k * short;
  const product = (x: Tensor, y: Tensor): Tensor => T.tanh(T.add(T.matmul(x, y), 1));
  switch (kind) {
    case 0:
      return { fn: product, args: [draw(m, k), draw(k, short)], isLong: flops >= 2_000_000 };
    case 1:
      return { fn: product, args: [draw(short, k), draw(k, m)], isLong: true };
    case 2:
      return { fn: product, args: [draw(short + 4, m, 60), draw(short + 4, 60, 17)], isLong: (short + 4) * m * 60 * 17 >= 1_000_000 }; // biome-ignore format: one line
    case 3:
      return { fn: (x, y) => T.add(T.mul(T.tanh(x), y), T.exp(y)), args: [draw(51_000 + short), draw(51_000 + short)], isLong: true }; // biome-ignore format: one line
    case 4:
      return { fn: (x, y) => T.mul(T.add(T.transpose(x), y), T.sin(y)), args: [draw(m, 1000), draw(1000, m)], isLong: m * 3000 >= 200_000 }; // biome-ignore format: one line
    case 5:
      return { fn: (x, y) => T.sum(T.mul(T.exp(x), y), 1), args: [draw(m, 1500), draw(1, 1500)], isLong: m * 4500 >= 200_000 }; // biome-ignore format: one line
    default:
      return { fn: (x, y) => T.add(T.matmul(x, y), T.transpose(y)), args: [draw(short, short), draw(short, short)], isLong: false }; // biome-ignore format: one line
  }
}

/** Computes with one thread, and with several: all bits must agree, and only what is long is shared. */
export function checkTasks(work: Work): void {
  const { fn, args, isLong } = workOf(work);
  const cuts: number[] = [];
  const computed = (threads: number): Tensor => {
    const own = new Heap({ isShared: threads > 1 });
    if (threads > 1) own.pool = poolOf(threads, (tasks) => cuts.push(tasks));
    replaceHeap(own);
    const f = compile(fn);
    f(...args);
    return f(...args).detach();
  };
  const fault = difference(computed(work.threads), computed(1), true);
  replaceHeap(new Heap());
  if (fault !== null) throw new Error(`${work.threads} threads: ${fault}`);
  if (cuts.length > 0 !== (isLong && work.threads > 1)) throw new Error(`${work.threads} threads share ${cuts.length}`);
  const most = Math.min(64, 2 * work.threads);
  for (const tasks of cuts)
    if (tasks < 2 || tasks > most) throw new Error(`${tasks} tasks for ${work.threads} threads`);
}

type Sizes = readonly [batch: number, m: number, k: number, n: number];

/** Products and how so many threads share them. Columns of float32 go by eights, of float64 by fours, rows by 24. */
const products: readonly [sizes: Sizes, dtype: "float32" | "float64" | "int32", threads: number, cut: object | null][] =
  [
    [[8, 100, 100, 100], "float32", 4, { along: "batch", chunk: 1, count: 8 }],
    [[4, 100, 100, 100], "float32", 4, { along: "batch", chunk: 1, count: 4 }],
    [[3, 100, 100, 100], "float32", 4, { along: "columns", chunk: 16, count: 7 }],
    [[100, 50, 50, 20], "float32", 60, { along: "batch", chunk: 2, count: 50 }],
    [[1, 100, 100, 100], "float32", 2, { along: "columns", chunk: 32, count: 4 }], // 2 000 000 operations, just enough
    [[1, 100, 100, 99], "float32", 2, null],
    [[1, 10, 100, 2000], "float64", 40, { along: "columns", chunk: 32, count: 63 }],
    [[1, 101, 100, 100], "float32", 2, { along: "rows", chunk: 48, count: 3 }],
    [[1, 300, 100, 299], "float32", 5, { along: "rows", chunk: 48, count: 7 }],
    [[1, 2, 200_000, 3], "float32", 2, null], // it has no second unit
    [[1, 100, 100, 100], "float32", 1, null],
    [[1, 100, 100, 100], "int32", 2, null],
  ];

/** Loops: steps of the outermost axis, whether it is a row of elements, and elements times nodes. Rows go by 64. */
const loops: readonly [outermost: number, isVector: boolean, work: number, threads: number, cut: object | null][] = [
  [65_536, true, 262_144, 40, { along: "rows", chunk: 1024, count: 64 }],
  [100, false, 200_000, 2, { along: "rows", chunk: 25, count: 4 }], // just enough work
  [100, false, 199_999, 2, null],
  [100, true, 200_000, 2, { along: "rows", chunk: 64, count: 2 }],
  [1000, true, 1_000_000, 3, { along: "rows", chunk: 192, count: 6 }],
  [100, false, 200_000, 1, null],
  [1, false, 300_000, 2, null],
  [64, true, 200_000, 2, null],
];

/** How work is cut, case by case. */
export function checkCuts(): void {
  const said = (cut: object | null): string => JSON.stringify(cut);
  for (const [[batch, m, k, n], dtype, threads, cut] of products) {
    const node = { kind: "matmul", dtype, size: batch * m * n, a: 0, b: 1, batch, m, k, n } as const;
    const got = tasksOfMatmul({ ...node, transposeA: false, transposeB: false, inPlace: false }, threads);
    if (said(got) !== said(cut)) throw new Error(`${batch} products of ${m}×${k}×${n}: ${said(got)} for ${said(cut)}`);
  }
  for (const [outermost, isVector, work, threads, cut] of loops) {
    const got = tasksOfLoop(outermost, isVector, work, threads);
    if (said(got) !== said(cut)) throw new Error(`${outermost} steps: ${said(got)} instead of ${said(cut)}`);
  }
}
