import type { Random } from "fast-check";
import { type Shape, sameShape, sizeOf } from "../core/shape.ts";
import type { Move } from "./arbitrary.ts";
import { type ShapeRange, smallerCounts, withoutAxis, withSize } from "./shapeRange.ts";

/** Two shapes that broadcast together. */
export interface ShapePair {
  readonly a: Shape;
  readonly b: Shape;
}

/** What two shapes broadcast to, aligned at the right; null if they do not. */
export function broadcast({ a, b }: ShapePair): number[] | null {
  const rank = Math.max(a.length, b.length);
  const result: number[] = [];
  for (let back = rank; back >= 1; back--) {
    const [m, n] = [sizeAt(a, back), sizeAt(b, back)];
    if (m !== n && m !== 1 && n !== 1) return null;
    result.push(m === 1 ? n : m);
  }
  return result;
}

/** The size of an axis counted from the right, beginning at 1; an axis that is missing has size 1. */
function sizeAt(shape: Shape, back: number): number {
  return shape[shape.length - back] ?? 1;
}

/** Whether the shapes broadcast, and each, with the result, is in range. A size of 1 always is. */
export function containsPair(range: ShapeRange, pair: ShapePair): boolean {
  const result = broadcast(pair);
  const fits = (shape: Shape): boolean =>
    shape.length >= range.minRank &&
    shape.length <= range.maxRank &&
    shape.every((n) => n === 1 || (Number.isSafeInteger(n) && n >= range.minSize && n <= range.maxSize)) &&
    sizeOf(shape) <= range.maxEntries;
  return result !== null && [pair.a, pair.b, result].every(fits);
}

/** A random pair: a shape, of which an operand may lack axes at the left, and have size 1 on others. */
export function drawPair(random: Random, range: ShapeRange, isBiased: boolean): ShapePair {
  const full = range.draw(random, isBiased);
  const stretched = full.map(() => random.nextInt(0, 3)); // 1: a has size 1 here, 2: b, else neither
  const shorter = random.nextInt(0, 2);
  const missing = random.nextInt(0, full.length - range.minRank);
  const operand = (which: number): Shape =>
    full.map((n, axis) => (stretched[axis] === which ? 1 : n)).slice(which === shorter ? missing : 0);
  const [a, b] = [operand(1), operand(2)];
  // A size of 1 instead of 0 can make an operand too large.
  return containsPair(range, { a, b }) ? { a, b } : { a: full, b: full };
}

/** The simplest of shapes that may have size 1 on every axis. */
export function simplestOperand(minRank: number, minSize: number): number[] {
  return new Array<number>(minRank).fill(Math.min(1, minSize));
}

/** Simpler pairs: the simplest, fewer axes, smaller sizes. */
export function pairMoves(range: ShapeRange, { a, b }: ShapePair): Move<ShapePair>[] {
  const kept = (pairs: ShapePair[]) => pairs.filter((pair) => containsPair(range, pair));
  const simplest = simplestOperand(range.minRank, range.minSize);
  const moves: Move<ShapePair>[] = [
    () => (sameShape(a, simplest) && sameShape(b, simplest) ? [] : kept([{ a: simplest, b: simplest }])),
    () => (a.length > 0 ? kept([{ a: a.slice(1), b }]) : []),
    () => (b.length > 0 ? kept([{ a, b: b.slice(1) }]) : []),
  ];
  const rank = Math.max(a.length, b.length);
  for (let back = 1; back <= rank; back++) {
    const without = (shape: Shape) => (shape.length < back ? shape : withoutAxis(shape, shape.length - back));
    moves.push(() => kept([{ a: without(a), b: without(b) }]));
  }
  for (let back = 1; back <= rank; back++) moves.push(() => kept(smallerSizes(range, { a, b }, back)));
  return moves;
}

/** One axis, counted from the right, made shorter: in one operand, down to 1, or in both. */
function smallerSizes(range: ShapeRange, { a, b }: ShapePair, back: number): ShapePair[] {
  const sized = (shape: Shape, n: number) => (shape.length < back ? shape : withSize(shape, shape.length - back, n));
  const [m, n] = [sizeAt(a, back), sizeAt(b, back)];
  const pairs: ShapePair[] = [];
  for (const k of smallerCounts(Math.max(m, n), Math.min(range.minSize, 1))) {
    pairs.push({ a: sized(a, Math.min(m, k)), b: sized(b, Math.min(n, k)) });
    if (m > k) pairs.push({ a: sized(a, k), b });
    if (n > k) pairs.push({ a, b: sized(b, k) });
  }
  return pairs.filter((pair) => !sameShape(pair.a, a) || !sameShape(pair.b, b));
}
