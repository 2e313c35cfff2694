import { type Graph, loopedOf } from "../ir.ts";
import { baseOf, type Kernel, type LoopKernel, type Schedule, type SingleKernel } from "../schedule.ts";
import { rowOf, tasksOf } from "./emit/alone.ts";
import { loopsOf } from "./emit/nest.ts";

/**
 * The same schedule where a loop over the result of a product, that comes right after it, is made part of it: a bias and an activation, sums of its rows, or an
 * optimizer's update, are then computed for some rows as soon as they are done, while they are in the cache. Not for products that several threads share, or that are computed outside.
 */
export function withEpilogues(graph: Graph, { kernels, kernelOf, isStored }: Schedule, threads: number): Schedule {
  const joined: Kernel[] = [];
  const places: number[] = [];
  for (const kernel of kernels) {
    const before = joined.at(-1);
    if (kernel.kind === "loop" && before?.kind === "single" && canFollow(graph, before, kernel, threads)) {
      joined[joined.length - 1] = { ...before, epilogue: kernel };
    } else joined.push(kernel);
    places.push(joined.length - 1);
  }
  return { kernels: joined, kernelOf: kernelOf.map((k) => (k < 0 ? k : places[k]!)), isStored };
}

function canFollow(graph: Graph, { id, node, epilogue }: SingleKernel, loop: LoopKernel, threads: number): boolean {
  const row = rowOf(node);
  if (row === null || epilogue !== null || tasksOf(node, threads) !== null) return false;
  if (loop.size !== node.size) return false;
  const { axes, reduced, isColumn } = loopsOf(loop);
  // A row is a step of the outermost axis, or some; and holds all that a reduction needs.
  if (row % axes[0]!.place > 0 || isColumn || reduced === 0) return false;
  let isUsed = false;
  for (const member of loop.nodes) {
    const own = graph.nodes[member]!;
    const looped = loopedOf(own)!;
    if (looped.whole(own).length > 0) return false;
    for (const use of looped.direct(own)) {
      if (use === id) isUsed = true;
      else if (baseOf(graph, use) === id) return false; // a window shows rows that are not there yet
    }
  }
  return isUsed;
}
