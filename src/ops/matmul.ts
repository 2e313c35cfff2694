import { apply } from "../core/apply.ts";
import { DTypeError, ShapeError } from "../core/errors.ts";
import type { Op, Operand } from "../core/op.ts";
import { broadcastShapes, formatShape, sizeOf } from "../core/shape.ts";
import type { Tensor } from "../tensor.ts";
import type { OpCases } from "./cases.ts";
import { cast } from "./cast.ts";
import { promotePair } from "./define.ts";
import { expand } from "./expand.ts";
import { multiplyMatrices } from "./matmulKernel.ts";
import { reshape } from "./reshape.ts";

/** Which operands are stored transposed (in their last two axes), and so read in place without a copy. */
export interface MatmulAttrs {
  readonly transposeA: boolean;
  readonly transposeB: boolean;
}

export const matmulOp: Op<MatmulAttrs> = {
  name: "matmul",
  shape: (inputs, attrs) => {
    const [a, b] = inputs;
    const { rows, inner, columns, innerB } = sizesOf(a!, b!, attrs);
    if (a!.dtype === "bool" || b!.dtype !== a!.dtype) {
      throw new DTypeError(
        "matmul",
        "operands must be numbers of one dtype",
        `${a!.dtype} and ${b!.dtype}`,
        "use to()",
      );
    }
    if (inner !== innerB) {
      const got = `${formatShape(a!.shape)}${attrs.transposeA ? "ᵀ" : ""} and ${formatShape(b!.shape)}${attrs.transposeB ? "ᵀ" : ""}`;
      const fits = inner === columns && !attrs.transposeB;
      throw new ShapeError(
        "matmul",
        "inner sizes must agree",
        got,
        fits ? "did you mean matmul(a, transpose(b))?" : "",
      );
    }
    return [...a!.shape.slice(0, -2), rows, columns];
  },
  forward: (y, [a, b], attrs) => {
    const { rows, inner, columns } = sizesOf(a!, b!, attrs);
    const [ai, ak] = attrs.transposeA ? [1, rows] : [inner, 1];
    const [bk, bj] = attrs.transposeB ? [1, inner] : [columns, 1];
    const [m, n] = [rows * inner, inner * columns];
    for (let at = 0, i = 0; at < y.length; at += rows * columns, i++) {
      multiplyMatrices(y, at, rows, inner, columns, a!.values, i * m, ai, ak, b!.values, i * n, bk, bj);
    }
  },
  vjp: [
    ({ g, b, attrs: { transposeA, transposeB } }) =>
      transposeA ? product(b, g, transposeB, true) : product(g, b, false, !transposeB),
    ({ g, a, attrs: { transposeA, transposeB } }) =>
      transposeB ? product(g, a, true, transposeA) : product(a, g, !transposeA, false),
  ],
};

function sizesOf({ shape: a }: Operand, { shape: b }: Operand, { transposeA, transposeB }: MatmulAttrs) {
  const [rows, inner] = transposeA ? [a.at(-1)!, a.at(-2)!] : [a.at(-2)!, a.at(-1)!];
  const [innerB, columns] = transposeB ? [b.at(-1)!, b.at(-2)!] : [b.at(-2)!, b.at(-1)!];
  return { rows, inner, innerB, columns };
}

/** The primitive, for operands of one dtype, of rank 2 and more, with equal batch axes. */
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
 * @param b - a tensor of shape `[…, k, n]` or `[k]`.
 * @param options - `transposeA`, `transposeB`: read that operand's last two axes swapped, without a copy (for rank ≥ 2).
 * @returns shape `[…, m, n]`, less the axes of vectors. With k = 0 it is all zeros.
 * @throws {@link ShapeError} if the inner sizes differ, an operand is a scalar, or the batches do not broadcast.
 * @example
 * matmul(tensor([[1, 2], [3, 4]]), tensor([10, 1])).toArray(); // → [12, 34]
 */
export function matmul(a: Tensor, b: Tensor, options?: Partial<MatmulAttrs>): Tensor {
  const m = a.shape.length;
  const n = b.shape.length;
  const transposeA = (options?.transposeA ?? false) && m > 1;
  const transposeB = (options?.transposeB ?? false) && n > 1;
  if (m === 2 && n === 2 && a.dtype === b.dtype) return product(a, b, transposeA, transposeB);
  if (m === 0 || n === 0) {
    const got = `${formatShape(a.shape)} and ${formatShape(b.shape)}`;
    throw new ShapeError("matmul", "operands must have at least one axis", got, "use mul for scalars");
  }
  const dtype = promotePair(a, b);
  let left = cast(m === 1 ? reshape(a, [1, a.size]) : a, dtype);
  let right = cast(n === 1 ? reshape(b, [b.size, 1]) : b, dtype);
  const batch = broadcastShapes("matmul", left.shape.slice(0, -2), right.shape.slice(0, -2));
  if (n <= 2 && !transposeA) {
    // One matrix for all batches: their rows are stacked, so that it is a single product.
    left = reshape(left, [sizeOf(left.shape.slice(0, -1)), left.shape.at(-1)!]);
  } else {
    left = expand(left, [...batch, ...left.shape.slice(-2)]);
    right = expand(right, [...batch, ...right.shape.slice(-2)]);
  }
  const y = product(left, right, transposeA, transposeB);
  const rows = m === 1 ? [] : [a.shape.at(transposeA ? -1 : -2)!];
  return reshape(y, [...batch, ...rows, ...(n === 1 ? [] : [y.shape.at(-1)!])]);
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
