import { textOf, ValueError } from "../core/errors.ts";
import { type Direction, dense } from "./direction.ts";
import { isTyped } from "./forms.ts";
import type { Layout } from "./layout.ts";
import type { CheckOptions } from "./options.ts";

/** Takes a direction to what a constraint leaves of it; null where nothing is left. */
export type Projection = (direction: Direction) => Direction | null;

/**
 * @param op - who asks, for errors.
 * @throws {@link ValueError} for `"symmetric"` with a part that is no square matrix, or a projection that changes the length.
 */
export function projectionOf(
  op: string,
  layout: Layout,
  tangent: CheckOptions["tangent"],
  x: Float64Array,
): Projection {
  if (tangent === undefined) return (direction) => direction;
  if (tangent === "simplex") requireSimplex(op, layout, x);
  const project =
    typeof tangent === "function" ? tangent : byLeaf(op, layout, tangent === "simplex" ? centred : symmetrised);
  return ({ indices, weights, id }) => {
    const v: unknown = project(dense({ indices, weights, id }, layout.size));
    if (!isTyped(v, "Float64Array")) throw new ValueError(op, "tangent must return a Float64Array", textOf(v));
    if (v.length !== layout.size) {
      throw new ValueError(op, "a projection keeps the number of entries", `${v.length} for ${layout.size}`);
    }
    const kept = Array.from(v, (_, i) => i).filter((i) => v[i] !== 0);
    return kept.length === 0 ? null : { indices: kept, weights: kept.map((i) => v[i]!), id };
  };
}

type OfLeaf = (v: Float64Array, shape: readonly number[], op: string, path: string) => void;

function byLeaf(op: string, { leaves }: Layout, change: OfLeaf): (v: Float64Array) => Float64Array {
  return (v) => {
    for (const { offset, size, shape, path } of leaves) change(v.subarray(offset, offset + size), shape, op, path);
    return v;
  };
}

/** Steps that keep sums would hide whatever is wrong in an input that is no simplex. */
function requireSimplex(op: string, { leaves }: Layout, x: Float64Array): void {
  for (const { offset, size, shape, path } of leaves) {
    const n = shape.at(-1) ?? 1;
    for (let row = offset; row < offset + size; row += n) {
      const sum = x.subarray(row, row + n).reduce((total, value) => total + value, 0);
      if (n > 1 && Math.abs(sum - 1) < 1e-3) continue;
      const got = n > 1 ? `a sum of ${sum} in ${path}` : `${n} in ${path}`;
      throw new ValueError(op, "a simplex has rows of two entries or more that add up to 1", got);
    }
  }
}

/** Takes the mean off each row. */
const centred: OfLeaf = (v, shape) => {
  const n = shape.at(-1) ?? 1;
  for (let row = 0; row < v.length; row += n) {
    const mean = v.subarray(row, row + n).reduce((sum, value) => sum + value, 0) / n;
    for (let i = row; i < row + n; i++) v[i]! -= mean;
  }
};

/** (V + Vᵀ)/2. A flat array with a square number of entries is taken for a matrix. */
const symmetrised: OfLeaf = (v, shape, op, path) => {
  const n = Math.round(Math.sqrt(v.length));
  if (n * n !== v.length || (shape.length > 1 && (shape.length !== 2 || shape[0] !== n))) {
    throw new ValueError(op, "symmetric inputs are square matrices", `${path} of shape [${shape.join(", ")}]`);
  }
  for (let r = 0; r < n; r++) {
    for (let c = 0; c < r; c++) {
      const mean = (v[r * n + c]! + v[c * n + r]!) / 2;
      v[r * n + c] = mean;
      v[c * n + r] = mean;
    }
  }
};
