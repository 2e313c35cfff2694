import type { MatmulNode } from "../ir.ts";
import { columnsOf } from "./emit/tile.ts";

// Kernels are shared among threads in tasks that can be done in any order, and twice. How they are divided changes no result: each element is
// computed as it would be by one thread.

/** How a kernel is divided into tasks, along one of its axes; of a loop, the outermost one is its rows. */
export interface Tasks {
  readonly along: "batch" | "rows" | "columns";
  /** Elements of the axis in a task; the last one may have fewer. */
  readonly chunk: number;
  readonly count: number;
}

/** The most tasks that a kernel may be divided into. */
export const mostTasks = 64;
/** Tasks for each thread: threads that start late leave some to others. */
const tasksPerThread = 2;
/** Floating-point operations from which on a product is shared: some tens of microseconds. */
const leastFlops = 2_000_000;
/** Elements times nodes from which on a loop is. */
const leastWork = 200_000;

function divided(along: Tasks["along"], size: number, unit: number, threads: number): Tasks | null {
  const units = Math.ceil(size / unit);
  const wanted = Math.min(mostTasks, tasksPerThread * threads, units);
  if (wanted < 2) return null;
  const chunk = Math.ceil(units / wanted) * unit;
  return { along, chunk, count: Math.ceil(size / chunk) };
}

/** How a product is shared; null if one thread computes it. */
export function tasksOfMatmul({ batch, m, k, n, dtype }: MatmulNode, threads: number): Tasks | null {
  if (threads < 2 || dtype === "int32" || 2 * batch * m * k * n < leastFlops) return null;
  // Each task packs what it uses of one operand, and all of the other: which should be the smaller one.
  const along = batch >= threads ? "batch" : n >= m ? "columns" : "rows";
  const [size, unit] = { batch: [batch, 1], columns: [n, columnsOf(dtype)], rows: [m, 24] }[along] as [number, number];
  return divided(along, size, unit, threads);
}

/** How a loop over several axes is shared, by the outermost; null if one thread runs it. */
export function tasksOfLoop(outermost: number, isVector: boolean, work: number, threads: number): Tasks | null {
  return threads < 2 || work < leastWork ? null : divided("rows", outermost, isVector ? 64 : 1, threads);
}
