import { apply, checkTensor } from "../core/apply.ts";
import { promote, type TypedArray } from "../core/dtype.ts";
import { ShapeError } from "../core/errors.ts";
import type { Op, Operand } from "../core/op.ts";
import { checkOptions } from "../core/options.ts";
import { broadcastShapes, formatShape, sizeOf } from "../core/shape.ts";
import type { Product, Right, ShapeOf } from "../core/shapeTypes.ts";
import { refuseMore } from "../core/surplus.ts";
import type { Tensor } from "../tensor.ts";
import type { OpCases } from "./cases.ts";
import { cast } from "./cast.ts";
import { promotePair } from "./define.ts";
import { expand } from "./expand.ts";
import { fit } from "./fit.ts";
import { multiplyIntegers, multiplyMatrices } from "./matmulKernel.ts";
import { reshape } from "./reshape.ts";
import { summedDtype } from "./sum.ts";

/** Which operands are stored transposed (in their last two axes), and so read in place without a copy. */
export interface MatmulAttrs {
  /** Whether the left operand is. */
  readonly transposeA: boolean;
  /** Whether the right operand is. */
  readonly transposeB: boolean;
}

export const matmulOp: Op<MatmulAttrs> = {
  name: "matmul",
  shape: ([a, b], attrs) => {
    const { rows, inner, columns, innerB } = sizesOf(a!, b!, attrs);
    if (inner !== innerB) {
      const got = `${formatShape(a!.sizes)} and ${formatShape(b!.sizes)}`;
      const hint = inner === columns ? "did you mean matmul(a, transpose(b))?" : "";
      throw new ShapeError("matmul", "inner sizes must agree", got, hint);
    }
    return [...a!.sizes.slice(0, -2), rows, columns];
  },
  // Integers in float64, which `fit` takes back to int32; products of bools, whose counts always fit, in int32.
  dtype: ([a, b]) => (a!.dtype === "bool" && b!.dtype === "bool" ? "int32" : summedDtype(promotePair(a!, b!))),
  forward: (y, [a, b], attrs) => {
    const { rows, inner, columns } = sizesOf(a!, b!, attrs);
    const multiply = isExact(a!, b!, inner) ? multiplyMatrices : multiplyIntegers;
    const [ai, ak] = attrs.transposeA ? [1, rows] : [inner, 1];
    const [bk, bj] = attrs.transposeB ? [1, inner] : [columns, 1];
    for (let at = 0, m = 0, n = 0; at < y.length; at += rows * columns, m += rows * inner, n += inner * columns) {
      multiply(y, at, rows, inner, columns, a!.values, m, ai, ak, b!.values, n, bk, bj);
    }
  },
  vjp: [
    (saved) => {
      const { g, b, attrs } = saved;
      const ga = attrs.transposeA ? product(b, g, attrs.transposeB, true) : product(g, b, false, !attrs.transposeB);
      return cast(ga, saved.dtypeOf(0));
    },
    (saved) => {
      const { g, a, attrs } = saved;
      const gb = attrs.transposeB ? product(g, a, true, attrs.transposeA) : product(a, g, !attrs.transposeA, false);
      return cast(gb, saved.dtypeOf(1));
    },
  ],
};

function sizesOf(a: Operand, b: Operand, { transposeA, transposeB }: MatmulAttrs) {
  const [m, n] = [a.shape, b.shape];
  const [p, q, r, s] = [m[m.length - 2]!, m[m.length - 1]!, n[n.length - 2]!, n[n.length - 1]!];
  return {
    rows: transposeA ? q : p,
    inner: transposeA ? p : q,
    innerB: transposeB ? s : r,
    columns: transposeB ? r : s,
  };
}

/** Whether the products' sums, and all sums on the way, are what float64 holds exactly: unless they are of large integers. */
function isExact(a: Operand, b: Operand, inner: number): boolean {
  if (promote(a.dtype, b.dtype) !== "int32") return true;
  return inner * largest(a.values) * largest(b.values) <= 2 ** 53;
}

function largest(values: TypedArray): number {
  let most = 0;
  for (let i = 0; i < values.length; i++) most = Math.max(most, Math.abs(values[i]!));
  return most;
}

const matmulOptions = { transposeA: "boolean", transposeB: "boolean" } as const;

/** The primitive, for operands of rank 2 and more, with equal batch axes. */
function product(a: Tensor, b: Tensor, transposeA: boolean, transposeB: boolean): Tensor {
  return apply(matmulOp, [a, b], { transposeA, transposeB });
}

/**
 * Matrix product, with PyTorch's rules for every rank: vector · vector is their dot product (a scalar), matrix · vector and vector ·
 * matrix drop the vector's axis, and leading axes are batches that broadcast.
 *
 * Derivatives: `∂/∂A = g Bᵀ` and `∂/∂B = Aᵀ g`. Products are added in float64 inside; `0 · ∞` is NaN, nothing is skipped.
 *
 * @param a - a tensor of shape `[…, m, k]` or `[k]`.
 * @param b - a tensor of shape `[…, k, n]` or `[k]`. Products of bools are counted in int32. Of int32, the result is exact, or an error.
 * @param options - `transposeA`, `transposeB`: read that operand's last two axes swapped, without a copy (for rank ≥ 2).
 * @returns shape `[…, m, n]`, less the axes of vectors. With k = 0 it is all zeros.
 * @throws {@link ShapeError} if the inner sizes differ, an operand is a scalar, or the batches do not broadcast.
 * @throws {@link ValueError} if `int32` cannot hold a result: cast to `float64` first.
 * @example
 * matmul(tensor([[1, 2], [3, 4]]), tensor([10, 1])).toArray(); // → [12, 34]
 */
export function matmul<
  A extends Tensor,
  B extends Tensor,
  const O extends Partial<MatmulAttrs> | undefined = undefined,
>(a: A, b: B & Right<A, B, O>, options?: O): Tensor<Product<ShapeOf<A>, ShapeOf<B>, O>>;
export function matmul(a: Tensor, b: Tensor, options?: Partial<MatmulAttrs>): Tensor {
  refuseMore("matmul", arguments, 3);
  return multiplied("matmul", a, b, options);
}

/** The same, for the op that is named. */
export function multiplied(op: string, a: Tensor, b: Tensor, options?: Partial<MatmulAttrs>): Tensor {
  checkTensor(op, a);
  checkTensor(op, b, 1);
  const y = ofAnyRank(op, a, b, options === undefined ? {} : checkOptions(op, options, matmulOptions));
  return promote(a.dtype, b.dtype) === "int32" ? fit(op, y) : y;
}

function ofAnyRank(op: string, a: Tensor, b: Tensor, options: Partial<MatmulAttrs>): Tensor {
  const { transposeA = false, transposeB = false } = options;
  const [m, n] = [a.sizes.length, b.sizes.length];
  if (m === 2 && n === 2) return product(a, b, transposeA, transposeB);
  if (m === 0 || n === 0) {
    throw new ShapeError(op, "must have an axis", `${formatShape(a.sizes)} and ${formatShape(b.sizes)}`);
  }
  let left = m === 1 ? reshape(a, [1, a.size]) : a;
  let right = n === 1 ? reshape(b, [b.size, 1]) : b;
  const batch = broadcastShapes(op, left.sizes.slice(0, -2), right.sizes.slice(0, -2));
  if (n <= 2 && !transposeA) {
    // One matrix for all batches: their rows are stacked, so it is a single product.
    left = reshape(left, [sizeOf(left.sizes.slice(0, -1)), left.sizes.at(-1)!]);
  } else {
    left = expand(left, [...batch, ...left.sizes.slice(-2)]);
    right = expand(right, [...batch, ...right.sizes.slice(-2)]);
  }
  const y = product(left, right, transposeA && m > 1, transposeB && n > 1);
  const rows = m === 1 ? [] : [a.sizes.at(transposeA ? -1 : -2)!];
  return reshape(y, [...batch, ...rows, ...(n === 1 ? [] : y.sizes.slice(-1))]);
}

export const matmulCases: OpCases<MatmulAttrs> = {
  draw: (d) => {
    const [m, k, n] = [d.int(0, 4), d.int(0, 4), d.int(0, 4)];
    const batch = d.shape({ maxRank: 2 });
    const transposeA = d.pick([false, true]);
    const transposeB = d.pick([false, true]);
    const a = transposeA ? [k, m] : [m, k];
    const b = transposeB ? [n, k] : [k, n];
    return { inputs: [d.floats([...batch, ...a]), d.floats([...batch, ...b])], attrs: { transposeA, transposeB } };
  },
  errors: [
    {
      inputs: [
        [64, 784],
        [128, 784],
      ],
      attrs: { transposeA: false, transposeB: false },
      error: "matmul: inner sizes must agree, got [64, 784] and [128, 784]; did you mean matmul(a, transpose(b))?",
    },
  ],
};
