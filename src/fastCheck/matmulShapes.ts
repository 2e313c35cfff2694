import type { Arbitrary, Random } from "fast-check";
import { ValueError } from "../core/errors.ts";
import { sameShape, sizeOf } from "../core/shape.ts";
import { refuseMore } from "../core/surplus.ts";
import { arbitraryOf, type Move } from "./arbitrary.ts";
import { isOperandShapes, type OperandShapes } from "./broadcastableShapes.ts";
import { checkNames } from "./options.ts";
import { onceIn } from "./random.ts";
import { broadcast, drawPair, pairMoves, type ShapePair, simplestOperand } from "./shapePair.ts";
import { type ShapeConstraints, ShapeRange, shapeConstraintNames, smallerCounts } from "./shapeRange.ts";

/** Batch axes, and the sizes of `n × k` times `k × m`; null for the axis that a vector lacks. */
interface Product {
  readonly batch: ShapePair;
  readonly n: number | null;
  readonly k: number;
  readonly m: number | null;
}

/**
 * Pairs of shapes that a matrix product takes, `a: […, n, k]` and `b: […, k, m]`, with the shape `[…, n, m]` of the result. Batch axes
 * broadcast, an operand may be a vector (`[k]`), whose axis the result lacks, and every size may be 0. Shrinks to fewer axes, then to
 * smaller sizes.
 *
 * @param constraints - {@link ShapeConstraints}, which hold for both operands; `maxSize`, `maxEntries` and `maxRank` for the result too.
 * `minRank` is 1 by default: say 2 for no vectors. A size of 1 may stand on any batch axis.
 * @throws {@link ValueError} for constraints that no shapes meet.
 * @example
 * import * as fc from "fast-check";
 * import { matmulShapes } from "tinygrad-ts/fast-check";
 * const { counterexample } = fc.check(fc.property(matmulShapes({ minSize: 1 }), ({ a }) => a.length < 3), { seed: 1 });
 * counterexample; // → [{ a: [1, 1, 1], b: [1], result: [1, 1] }]
 */
export function matmulShapes(constraints: ShapeConstraints = {}): Arbitrary<OperandShapes> {
  refuseMore("matmulShapes", arguments, 1);
  const op = "matmulShapes";
  checkNames(op, constraints, shapeConstraintNames);
  const { minRank = 1 } = constraints;
  if (minRank < 1 || (constraints.maxRank ?? 1) < 1) {
    throw new ValueError(op, "operands have at least 1 axis", `minRank ${minRank}, maxRank ${constraints.maxRank}`);
  }
  return arbitraryOf(new MatmulRecipe(new ShapeRange(op, { ...constraints, minRank })));
}

class MatmulRecipe {
  private readonly range: ShapeRange;
  private readonly mayBeVector: boolean;
  private readonly mayBeMatrix: boolean;

  constructor(range: ShapeRange) {
    this.range = range;
    this.mayBeVector = range.minRank === 1;
    this.mayBeMatrix = range.maxRank >= 2;
  }

  draw(random: Random, isBiased: boolean): Product {
    const { minSize, maxSize, maxEntries } = this.range;
    const isVector = () => this.mayBeVector && (!this.mayBeMatrix || onceIn(random, 5));
    const [hasN, hasM] = [!isVector(), !isVector()];
    const least = Math.min(maxSize, Math.max(1, minSize));
    const most = Math.max(least, Math.min(maxSize, isBiased ? 2 : maxSize, Math.floor(Math.sqrt(maxEntries))));
    const size = () => (minSize === 0 && onceIn(random, isBiased ? 8 : 30) ? 0 : random.nextInt(least, most));
    const [n, k, m] = [hasN ? size() : null, size(), hasM ? size() : null];
    const product = { batch: { a: [], b: [] }, n, k, m };
    const room = maxEntries / Math.max(1, (n ?? 1) * k, k * (m ?? 1), (n ?? 1) * (m ?? 1));
    const range = this.batchRange(n, m, Math.floor(room));
    if (range === null) return this.contains(product) ? product : this.simplest;
    const pair = drawPair(random, range, isBiased);
    const full = { ...product, batch: { a: n === null ? [] : pair.a, b: m === null ? [] : pair.b } };
    return this.contains(full) ? full : this.simplest;
  }

  moves(product: Product): Move<Product>[] {
    const { batch, n, k, m } = product;
    const { minSize, maxEntries } = this.range;
    const kept = (products: Product[]) => products.filter((next) => this.contains(next));
    const moves: Move<Product>[] = [() => (same(product, this.simplest) ? [] : [this.simplest])];
    if (n !== null && batch.a.length === 0) moves.push(() => kept([{ ...product, n: null }]));
    if (m !== null && batch.b.length === 0) moves.push(() => kept([{ ...product, m: null }]));
    const range = this.batchRange(n, m, maxEntries);
    if (range !== null) {
      for (const move of pairMoves(range, batch)) {
        moves.push(() => kept([...move()].map((next) => ({ ...product, batch: next }))));
      }
    }
    if (n !== null) moves.push(() => kept(smallerCounts(n, minSize).map((size) => ({ ...product, n: size }))));
    moves.push(() => kept(smallerCounts(k, minSize).map((size) => ({ ...product, k: size }))));
    if (m !== null) moves.push(() => kept(smallerCounts(m, minSize).map((size) => ({ ...product, m: size }))));
    return moves;
  }

  build({ batch, n, k, m }: Product): OperandShapes {
    const [rows, columns] = [n === null ? [] : [n], m === null ? [] : [m]];
    return {
      a: [...batch.a, ...rows, k],
      b: [...batch.b, k, ...columns],
      result: [...broadcast(batch)!, ...rows, ...columns],
    };
  }

  read(value: unknown): Product | null {
    if (!isOperandShapes(value) || value.a.length === 0 || value.b.length === 0) return null;
    const { a, b, result } = value;
    const product: Product = {
      batch: { a: a.slice(0, -2), b: b.slice(0, -2) },
      n: a.at(-2) ?? null,
      k: a.at(-1)!,
      m: b.length === 1 ? null : b.at(-1)!,
    };
    if (product.k !== (b.at(-2) ?? b[0]) || !this.contains(product)) return null;
    return sameShape(this.build(product).result, result) ? product : null;
  }

  /** Shapes of batches; null where there are none, as operands are vectors or all axes are taken. */
  private batchRange(n: number | null, m: number | null, maxEntries: number): ShapeRange | null {
    const { minRank, maxRank, minSize, maxSize } = this.range;
    if (maxRank < 3 || (n === null && m === null)) return null;
    const least = n === null || m === null ? 0 : Math.max(0, minRank - 2);
    if (minSize ** least > maxEntries) return null;
    return new ShapeRange("matmulShapes", { minRank: least, maxRank: maxRank - 2, minSize, maxSize, maxEntries });
  }

  private contains(product: Product): boolean {
    const { minRank, maxRank, minSize, maxSize, maxEntries } = this.range;
    const { batch, n, k, m } = product;
    if ((n === null && batch.a.length > 0) || (m === null && batch.b.length > 0) || broadcast(batch) === null)
      return false;
    const { a, b, result } = this.build(product);
    const isSize = (size: number | null) => size === null || (size >= minSize && size <= maxSize);
    const isBatch = (size: number) => size === 1 || isSize(size);
    return (
      [a, b].every((shape) => shape.length >= minRank && shape.length <= maxRank) &&
      [a, b, result].every((shape) => sizeOf(shape) <= maxEntries) &&
      [n, k, m].every(isSize) &&
      [...batch.a, ...batch.b].every(isBatch)
    );
  }

  /** The product of the fewest axes and least sizes. */
  private get simplest(): Product {
    const { minRank, minSize } = this.range;
    const free = this.mayBeVector ? null : minSize;
    const batch = simplestOperand(Math.max(0, minRank - 2), minSize);
    return { batch: { a: batch, b: batch }, n: free, k: minSize, m: free };
  }
}

function same(p: Product, q: Product): boolean {
  return (
    p.n === q.n && p.k === q.k && p.m === q.m && sameShape(p.batch.a, q.batch.a) && sameShape(p.batch.b, q.batch.b)
  );
}
