import type { ReduceNode, View } from "./ir.ts";

// A loop over the elements of an array, row-major, is cut into axes by the windows that it reads: a cut is the number of elements of
// everything inside of an axis.

/** Where a window cuts the array that it makes. */
export function cutsOf({ sizes }: View): number[] {
  const cuts: number[] = [];
  for (let d = sizes.length - 1; d > 0; d--) cuts.push(sizes[d]! * (cuts.at(-1) ?? 1));
  return cuts;
}

/** Where a reduction cuts what it reads. */
export function cutsOfReduce({ count, inner, outer }: ReduceNode): number[] {
  return [inner, count * inner].filter((cut) => cut > 1 && cut < outer * count * inner);
}

/** Whether cuts divide each other, and the whole: so that axes can be made of them. */
export function isChain(cuts: readonly number[], size: number): boolean {
  const sorted = [...new Set(cuts)].sort((a, b) => a - b);
  return [...sorted, size].every((cut, i) => i === 0 || cut % sorted[i - 1]! === 0);
}

/** The axes between cuts, outermost first, each with the number of elements inside of it. */
export function axesOf(cuts: Iterable<number>, size: number): { size: number; place: number }[] {
  const sorted = [...new Set([1, ...cuts])].sort((a, b) => a - b);
  return sorted.map((place, i) => ({ size: (sorted[i + 1] ?? size) / place, place })).reverse();
}

/** The step of a window, in elements of what it reads, along an axis of a loop. */
export function strideAlong({ sizes, strides }: View, place: number): number {
  let own = 1;
  for (let d = sizes.length - 1; d >= 0; d--) {
    if (place < own * sizes[d]!) return strides[d]! * (place / own);
    own *= sizes[d]!;
  }
  return 0;
}
