import type { Random } from "fast-check";
import { ValueError } from "../core/errors.ts";
import { type Shape, sameShape, sizeOf } from "../core/shape.ts";
import type { Move } from "./arbitrary.ts";
import { checkOrder, integer } from "./options.ts";
import { onceIn, shuffle } from "./random.ts";

/** Which shapes there are. */
export interface ShapeConstraints {
  /** Least number of axes; 0 by default: scalars are included. */
  readonly minRank?: number;
  /** Greatest number of axes; 4 by default, or `minRank` if that is more. */
  readonly maxRank?: number;
  /** Least size of an axis; 0 by default: empty tensors are included, about one in twelve. */
  readonly minSize?: number;
  /** Greatest size of an axis; 5 by default, or `minSize` if that is more. */
  readonly maxSize?: number;
  /** Greatest number of entries, 1 or more; 100 by default, or what the least sizes need if that is more. */
  readonly maxEntries?: number;
}

/** The names of {@link ShapeConstraints}. */
export const shapeConstraintNames = ["minRank", "maxRank", "minSize", "maxSize", "maxEntries"] as const;

/** A set of shapes, all bounds included. */
export class ShapeRange {
  readonly minRank: number;
  readonly maxRank: number;
  readonly minSize: number;
  readonly maxSize: number;
  readonly maxEntries: number;

  /**
   * @param op - who asks, for errors.
   * @param roomFor - how many entries there may be of so many wanted.
   * @throws {@link ValueError} for bounds that are none, or that leave no shape.
   */
  constructor(op: string, constraints: ShapeConstraints, roomFor = (wanted: number) => wanted) {
    this.minRank = integer(op, "minRank", constraints.minRank, Math.min(0, constraints.maxRank ?? 0), 0);
    this.maxRank = integer(op, "maxRank", constraints.maxRank, Math.max(4, this.minRank), 0);
    checkOrder(op, "minRank", this.minRank, "maxRank", this.maxRank);
    this.minSize = integer(op, "minSize", constraints.minSize, 0, 0);
    this.maxSize = integer(op, "maxSize", constraints.maxSize, Math.max(5, this.minSize), 0);
    checkOrder(op, "minSize", this.minSize, "maxSize", this.maxSize);
    const least = this.minSize ** this.minRank;
    this.maxEntries = integer(op, "maxEntries", constraints.maxEntries, roomFor(Math.max(100, least)), 1);
    if (least > this.maxEntries) {
      const got = `minRank ${this.minRank} and minSize ${this.minSize}`;
      const hint = constraints.maxEntries === undefined ? "there is room for no more distinct ones" : "";
      throw new ValueError(op, `shapes must be allowed of at most ${this.maxEntries} entries`, got, hint);
    }
    // A rank that does not fit is no rank of this range.
    while (this.maxRank > this.minRank && this.minSize ** this.maxRank > this.maxEntries) this.maxRank--;
  }

  contains(shape: Shape): boolean {
    return (
      shape.length >= this.minRank &&
      shape.length <= this.maxRank &&
      shape.every((n) => Number.isSafeInteger(n) && n >= this.minSize && n <= this.maxSize) &&
      sizeOf(shape) <= this.maxEntries
    );
  }

  /** The simplest shape: as few axes, as short, as there can be. */
  get simplest(): number[] {
    return new Array<number>(this.minRank).fill(this.minSize);
  }

  /** A random shape. Empty ones are rarer than their sizes: most tests have nothing to find in them. */
  draw(random: Random, isBiased: boolean): number[] {
    const { minRank, maxRank, minSize, maxSize, maxEntries } = this;
    const rank = random.nextInt(minRank, isBiased ? Math.min(maxRank, minRank + 2) : maxRank);
    if (maxSize === 0) return new Array<number>(rank).fill(0);
    const isEmpty = rank > 0 && minSize === 0 && onceIn(random, isBiased ? 4 : 12);
    const least = Math.max(1, minSize);
    const shape: number[] = [];
    let room = maxEntries;
    for (let left = rank - 1; left >= 0; left--) {
      const most = Math.min(maxSize, Math.floor(room / least ** left), isBiased ? Math.max(2, least) : maxSize);
      const size = random.nextInt(least, most);
      shape.push(size);
      room = Math.floor(room / size);
    }
    shuffle(random, shape);
    if (isEmpty) shape[random.nextInt(0, rank - 1)] = 0;
    return shape;
  }

  /** Simpler shapes: the simplest; one axis less, left out or made one with the next; one axis shorter. */
  moves(shape: Shape): Move<number[]>[] {
    const moves: Move<number[]>[] = [() => (sameShape(shape, this.simplest) ? [] : [this.simplest])];
    const kept = (candidates: Iterable<number[]>) => [...candidates].filter((next) => this.contains(next));
    for (let axis = 0; axis < shape.length; axis++) moves.push(() => kept([withoutAxis(shape, axis)]));
    for (let axis = 1; axis < shape.length; axis++) moves.push(() => kept([joinAxes(shape, axis)]));
    for (let axis = 0; axis < shape.length; axis++) {
      moves.push(() => kept(smallerCounts(shape[axis]!, this.minSize).map((n) => withSize(shape, axis, n))));
    }
    return moves;
  }
}

/** Counts from `least` up to `n`, without n: the least, then by halves nearer to n. */
export function smallerCounts(n: number, least: number): number[] {
  const counts: number[] = [];
  for (let step = n - least; step >= 1; step = Math.floor(step / 2)) counts.push(n - step);
  return counts;
}

/** A shape less one axis. */
export function withoutAxis(shape: Shape, axis: number): number[] {
  return shape.filter((_, i) => i !== axis);
}

/** A shape with an axis and the one before it made one. */
export function joinAxes(shape: Shape, axis: number): number[] {
  return withSize(withoutAxis(shape, axis), axis - 1, shape[axis - 1]! * shape[axis]!);
}

/** A shape with another size of one axis. */
export function withSize(shape: Shape, axis: number, size: number): number[] {
  return shape.map((n, i) => (i === axis ? size : n));
}
