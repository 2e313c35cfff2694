import { textOf, ValueError } from "../core/errors.ts";
import { type Direction, dense } from "./direction.ts";
import { largest } from "./estimate.ts";
import { isTyped } from "./forms.ts";
import { type Layout, labelOf } from "./layout.ts";
import type { CheckOptions } from "./options.ts";

/** Takes a direction to what a constraint leaves of it; null where nothing is left. */
export type Projection = (direction: Direction) => Direction | null;

/**
 * @param op - who asks, for errors.
 * @throws {@link ValueError} for `"symmetric"` with a part that is not a square matrix, or a projection that changes the length.
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

/** Steps along a manifold. */
export interface Manifold {
  /** x after a step. */
  move(v: Float64Array): Float64Array;
  /** What a step along a direction is at first: the derivative of `move` at 0. */
  readonly project: Projection;
}

/**
 * @param op - who asks, for errors.
 * @throws {@link ValueError} for an x that is not on the manifold, or a retraction that is none.
 */
export function manifoldOf(
  op: string,
  layout: Layout,
  retract: NonNullable<CheckOptions["retract"]>,
  x: Float64Array,
  eps: number,
): Manifold {
  const move = (v: Float64Array): Float64Array => {
    const end = layout.read(retract(layout.build(x) as never, layout.build(v) as never), "retract(x, v)");
    if (!(end instanceof Float64Array)) throw new ValueError(op, "retract must return the form of x", end.text);
    return end;
  };
  const size = largest(x) || 1;
  const start = move(new Float64Array(x.length));
  const off = start.findIndex((value, i) => !(Math.abs(value - x[i]!) <= 64 * eps * size));
  if (off >= 0) {
    const got = `${labelOf(layout, off)} = ${x[off]} and ${start[off]} in its place`;
    throw new ValueError(op, "retract(x, 0) must be x", got, "pass retract(x, 0) as x");
  }
  const slopeAlong = (v: Float64Array): Float64Array => {
    const most = largest(v);
    if (most === 0) return v;
    // Central differences at h, h/2 and h/4, extrapolated twice.
    const [d0, d1, d2] = [1, 2, 4].map((parts) => {
      const h = size / most / parts / 2 ** (eps > 2 ** -40 ? 5 : 8);
      const [ahead, behind] = [move(v.map((own) => h * own)), move(v.map((own) => -h * own))];
      return ahead.map((value, i) => (value - behind[i]!) / 2 / h);
    }) as [Float64Array, Float64Array, Float64Array];
    const slope = d0.map((value, i) => (64 * d2[i]! - 20 * d1[i]! + value) / 45);
    return slope.map((own) => (Math.abs(own) > 2 ** 20 * eps * most ? own : 0));
  };
  const once = slopeAlong(x.map((_, i) => size * Math.sin(1 + i))); // any direction will do
  const twice = slopeAlong(once);
  const bent = largest(twice.map((own, i) => own - once[i]!));
  if (bent > Math.sqrt(eps) * size) {
    const rule = "retract(x, v) must be x + v but for terms of second order, for a v along the manifold";
    throw new ValueError(op, rule, `a difference of ${bent / largest(once)} of v`);
  }
  const project: Projection = ({ indices, weights, id }) => {
    const v = slopeAlong(dense({ indices, weights, id }, x.length));
    const kept = [...v.keys()].filter((i) => v[i] !== 0);
    return kept.length === 0 ? null : { indices: kept, weights: kept.map((i) => v[i]!), id };
  };
  return { move, project };
}

type OfLeaf = (v: Float64Array, shape: readonly number[], op: string, path: string) => void;

function byLeaf(op: string, { leaves }: Layout, change: OfLeaf): (v: Float64Array) => Float64Array {
  return (v) => {
    for (const { offset, size, shape, path } of leaves) change(v.subarray(offset, offset + size), shape, op, path);
    return v;
  };
}

/** Steps that keep sums would hide whatever is wrong in an input that is not a simplex. */
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

/** (V + Vᵀ)/2. A flat array with a square number of entries counts as a matrix. */
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
