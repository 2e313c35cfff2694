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
}

/** A claim that is known as a matrix. */
export function claimOf(matrix: Float64Array, results: number, unstable: ReadonlySet<number> = new Set()): Claim {
  const n = results === 0 ? 0 : matrix.length / results;
  return {
    matrix,
    unstable,
    *along(direction) {
      return Float64Array.from({ length: results }, (_, j) => along(matrix, direction, j * n));
    },
  };
}

/** A claim that is known by its products with directions alone. */
export function claimOfProducts(product: (direction: Direction) => Task<Float64Array>): Claim {
  return { matrix: null, unstable: new Set(), along: product };
}
