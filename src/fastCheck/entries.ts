import type { Random } from "fast-check";
import { allocate } from "../core/dtype.ts";
import { ValueError } from "../core/errors.ts";
import { type Shape, sameShape, sizeOf } from "../core/shape.ts";
import type { Move } from "./arbitrary.ts";
import { drawDistinct, isApart, pack, simplestDistinct } from "./distinct.ts";
import type { Domain } from "./domain.ts";
import { type ShapeConstraints, ShapeRange } from "./shapeRange.ts";
import { shorter } from "./slices.ts";

/** A tensor's shape and entries, row-major. Neither is ever changed. */
export interface Entries {
  readonly shape: Shape;
  readonly values: Float64Array;
}

/** All the tensors with a shape of some range, or of one shape, and entries of some domain. */
export class EntriesSpace {
  private readonly op: string;
  private readonly domain: Domain;
  private readonly range: ShapeRange | null;
  private readonly fixed: Shape | null;

  /**
   * @param op - who asks, for errors.
   * @param shape - one shape, checked, or constraints.
   * @throws {@link ValueError} for shapes that hold more distinct entries than there is room for, and constraints that no shape meets.
   */
  constructor(op: string, shape: Shape | ShapeConstraints, domain: Domain) {
    this.op = op;
    this.domain = domain;
    this.fixed = Array.isArray(shape) ? shape : null;
    const roomFor = (wanted: number) => (domain.spacing > 0 ? pack(domain, domain.spacing, wanted).length : wanted);
    this.range = this.fixed === null ? new ShapeRange(op, shape as ShapeConstraints, roomFor) : null;
    const most = this.range?.maxEntries ?? sizeOf(this.fixed!);
    const room = roomFor(most);
    if (room < most) {
      const hint = "lower gap, widen the bounds, or ask for fewer entries";
      throw new ValueError(op, `there must be room for ${most} distinct entries`, `room for ${room}`, hint);
    }
  }

  draw(random: Random, isBiased: boolean): Entries {
    const { domain } = this;
    const shape = this.range?.draw(random, isBiased) ?? this.fixed!;
    const count = sizeOf(shape);
    if (domain.spacing > 0) return { shape, values: Float64Array.from(drawDistinct(random, domain, count, isBiased)) };
    return { shape, values: this.allocate(count).map(() => domain.draw(random, isBiased)) };
  }

  contains({ shape, values }: Entries): boolean {
    const { domain } = this;
    if (this.range === null ? !sameShape(shape, this.fixed!) : !this.range.contains(shape)) return false;
    return (
      values.length === sizeOf(shape) &&
      values.every((v) => domain.contains(v)) &&
      (domain.spacing === 0 || values.every((v, i) => isApart(values, v, domain.spacing, i)))
    );
  }

  /** Fewer axes first, then shorter axes, then simpler entries: all, in blocks, one by one. */
  moves(state: Entries): Move<Entries>[] {
    const moves: Move<Entries>[] = [];
    if (this.range !== null) {
      const { range } = this;
      const simplest = range.simplest;
      if (!sameShape(state.shape, simplest))
        moves.push(() => [{ shape: simplest, values: this.simplest(sizeOf(simplest)) }]);
      for (const move of shorter(state, range, (count) => this.simplest(count))) moves.push(move);
    }
    const { shape, values } = state;
    const withValues = (next: Float64Array): Entries => ({ shape, values: next });
    if (this.domain.spacing > 0) moves.push(() => this.simplestInOrder(values).map(withValues));
    else for (const move of this.blockMoves(values)) moves.push(() => move().map(withValues));
    for (let i = 0; i < values.length; i++) moves.push(() => this.simplerAt(values, i).map(withValues));
    return moves;
  }

  private allocate(count: number): Float64Array {
    return allocate("float64", count, this.op) as Float64Array;
  }

  /** The simplest entries. */
  private simplest(count: number): Float64Array {
    const { domain } = this;
    if (domain.spacing === 0) return this.allocate(count).fill(domain.simplest);
    return Float64Array.from(simplestDistinct(domain, count) ?? pack(domain, domain.spacing, count));
  }

  /** Distinct entries replaced by the simplest ones in the same order, if those are simpler as a whole. */
  private simplestInOrder(values: Float64Array): Float64Array[] {
    const simplest = this.simplest(values.length).sort();
    if (!this.isSimpler(simplest, values)) return [];
    const order = Array.from(values, (_, i) => i).sort((i, j) => values[i]! - values[j]!);
    const next = new Float64Array(values.length);
    for (const [rank, i] of order.entries()) next[i] = simplest[rank]!;
    return [next];
  }

  /** Compares as multisets, the least simple entry first: an order that every simpler entry descends too, so shrinking ends. */
  private isSimpler(a: Float64Array, b: Float64Array): boolean {
    const { domain } = this;
    const [left, right] = [a, b].map((values) => [...values].sort((v, w) => domain.compare(w, v))) as [
      number[],
      number[],
    ];
    const k = left.findIndex((v, i) => v !== right[i]);
    return k >= 0 && domain.compare(left[k]!, right[k]!) < 0;
  }

  /** All entries made the simplest, then each half, each quarter, … */
  private *blockMoves(values: Float64Array): Generator<() => Float64Array[]> {
    const { simplest } = this.domain;
    for (let length = values.length; length >= 2; length = Math.ceil(length / 2)) {
      for (let start = 0; start < values.length; start += length) {
        yield () => {
          const next = values.map((v, i) =>
            i >= start && i < start + length && this.domain.compare(simplest, v) < 0 ? simplest : v,
          );
          return next.every((v, i) => v === values[i]) ? [] : [next];
        };
      }
      if (length === 2) break;
    }
  }

  private simplerAt(values: Float64Array, i: number): Float64Array[] {
    const { spacing } = this.domain;
    const next: Float64Array[] = [];
    for (const v of new Set(this.domain.simpler(values[i]!))) {
      if (spacing === 0 || isApart(values, v, spacing, i)) next.push(values.map((old, k) => (k === i ? v : old)));
    }
    return next;
  }
}
