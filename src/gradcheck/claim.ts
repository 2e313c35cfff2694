import { along, type Direction } from "./direction.ts";
import type { Task } from "./task.ts";

/** A derivative that a user claims: of all results of a function, along any direction. */
export interface Claim {
  /** The derivative of each result along a direction. */
  along(direction: Direction): Task<Float64Array>;
  /** ∂resultⱼ/∂xᵢ at j·n + i, if it is known as a whole; null: only along directions. */
  readonly matrix: Float64Array | null;
  /** Entries of the matrix that were not the same at a second call. */
  readonly unstable: ReadonlySet<number>;
  /** What is claimed for x + s·direction, of one result along the same direction; null where that is not known. */
  beside(direction: Direction, s: number, result: number): Task<number | null>;
}

/** What a derivative is at x + s·direction; where it is asked for one result, it may be of that alone. */
export type Elsewhere = (direction: Direction, s: number, result: number) => Task<Float64Array | null>;

/**
 * A claim that is known as a matrix.
 *
 * @param rowElsewhere - the matrix' row of one result; null if the matrix is known at x alone.
 */
export function claimOf(
  matrix: Float64Array,
  results: number,
  rowElsewhere: Elsewhere | null = null,
  unstable: ReadonlySet<number> = new Set(),
): Claim {
  const n = results === 0 ? 0 : matrix.length / results;
  return {
    matrix,
    unstable,
    *along(direction) {
      return Float64Array.from({ length: results }, (_, j) => along(matrix, direction, j * n));
    },
    *beside(direction, s, result) {
      const row = rowElsewhere && (yield* rowElsewhere(direction, s, result));
      return row && along(row, direction);
    },
  };
}

/** A claim that is known by its products with directions alone. */
export function claimOfProducts(
  product: (direction: Direction) => Task<Float64Array>,
  productElsewhere: Elsewhere,
): Claim {
  return { matrix: null, unstable: new Set(), along: product, beside: besideBy(productElsewhere) };
}

/** {@link Claim.beside} of a derivative that gives products with directions. */
export function besideBy(productElsewhere: Elsewhere): Claim["beside"] {
  return function* (direction, s, result) {
    const product = yield* productElsewhere(direction, s, result);
    return product && product[result]!;
  };
}
