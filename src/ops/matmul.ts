import { apply } from "../core/apply.ts";
import { DTypeError, ShapeError } from "../core/errors.ts";
import type { Op, Operand } from "../core/op.ts";
import { broadcastShapes, formatShape, type Shape, sizeOf, stridesOf } from "../core/shape.ts";
import type { Tensor } from "../tensor.ts";
import type { OpCases } from "./cases.ts";
import { cast } from "./cast.ts";
import { promotePair } from "./define.ts";
import { multiplyMatrices } from "./matmulKernel.ts";
import { reshape } from "./reshape.ts";
import { sumTo } from "./unbroadcast.ts";

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
    if (a!.dtype === "bool" || b!.dtype === "bool") {
      throw new DTypeError("matmul", "operands must be numbers", `${a!.dtype} and ${b!.dtype}`, "cast them first");
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
    return [...broadcastShapes("matmul", a!.shape.slice(0, -2), b!.shape.slice(0, -2)), rows, columns];
  },
  dtype: (inputs) => promotePair(inputs[0]!, inputs[1]!),
  forward: (y, inputs, attrs, shape) => {
    const [a, b] = inputs;
    const { rows, inner, columns } = sizesOf(a!, b!, attrs);
    const [ai, ak] = attrs.transposeA ? [1, rows] : [inner, 1];
    const [bk, bj] = attrs.transposeB ? [1, inner] : [columns, 1];
    const batch = shape.slice(0, -2);
    const aAt = batchOffsets(a!.shape, batch);
    const bAt = batchOffsets(b!.shape, batch);
    for (let n = 0; n < aAt.length; n++) {
      multiplyMatrices(
        y,
        n * rows * columns,
        rows,
        inner,
        columns,
        a!.values,
        aAt[n]! * rows * inner,
        ai,
        ak,
        b!.values,
        bAt[n]! * inner * columns,
        bk,
        bj,
      );
    }
  },
  vjp: [
    (saved) => {
      const { transposeA, transposeB } = saved.attrs;
      const ga = transposeA
        ? product(saved.b, saved.g, transposeB, true)
        : product(saved.g, saved.b, false, !transposeB);
      return cast(sumTo(ga, saved.shapeOf(0)), saved.dtypeOf(0));
    },
    (saved) => {
      const { transposeA, transposeB } = saved.attrs;
      const gb = transposeB
        ? product(saved.g, saved.a, true, transposeA)
        : product(saved.a, saved.g, !transposeA, false);
      return cast(sumTo(gb, saved.shapeOf(1)), saved.dtypeOf(1));
    },
  ],
};

function sizesOf(a: Operand, b: Operand, { transposeA, transposeB }: MatmulAttrs) {
  const m = a.shape.length;
  const n = b.shape.length;
  return {
    rows: a.shape[m - (transposeA ? 1 : 2)]!,
    inner: a.shape[m - (transposeA ? 2 : 1)]!,
    innerB: b.shape[n - (transposeB ? 1 : 2)]!,
    columns: b.shape[n - (transposeB ? 2 : 1)]!,
  };
}

/** For each matrix of the broadcast batch, which matrix of the operand it reads. */
function batchOffsets(shape: Shape, batch: Shape): number[] {
  if (batch.length === 0) return [0];
  const own = shape.slice(0, -2);
  const strides = stridesOf(own);
  const lead = batch.length - own.length;
  const steps = stridesOf(batch);
  return Array.from({ length: sizeOf(batch) }, (_, n) => {
    let at = 0;
    for (let i = 0; i < own.length; i++) {
      if (own[i] !== 1) at += (Math.floor(n / steps[i + lead]!) % batch[i + lead]!) * strides[i]!;
    }
    return at;
  });
}

/** The primitive, for operands of rank 2 and more. */
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
  const transposeA = options?.transposeA ?? false;
  const transposeB = options?.transposeB ?? false;
  if (m === 0 || n === 0) {
    const got = `${formatShape(a.shape)} and ${formatShape(b.shape)}`;
    throw new ShapeError("matmul", "operands must have at least one axis", got, "use mul for scalars");
  }
  if (m === 2 && n === 2) return product(a, b, transposeA, transposeB);
  if (n === 2 && m > 2 && !transposeA) {
    // One matrix for all batches: stack the batches' rows, so that it is a single product.
    const lead = a.shape.slice(0, -1);
    const rows = reshape(a, [sizeOf(lead), a.shape[m - 1]!]);
    return reshape(product(rows, b, false, transposeB), [...lead, b.shape[transposeB ? 0 : 1]!]);
  }
  const left = m === 1 ? reshape(a, [1, a.shape[0]!]) : a;
  const right = n === 1 ? reshape(b, [b.shape[0]!, 1]) : b;
  const y = product(left, right, m > 1 && transposeA, n > 1 && transposeB);
  if (m > 1 && n > 1) return y;
  const batch = y.shape.slice(0, -2);
  return reshape(y, [...batch, ...(m > 1 ? [y.shape.at(-2)!] : []), ...(n > 1 ? [y.shape.at(-1)!] : [])]);
}

export const matmulCases: OpCases<MatmulAttrs> = {
  draw: (d) => {
    const [m, k, n] = [d.int(0, 4), d.int(0, 4), d.int(0, 4)];
    const [batchA, batchB] = d.broadcastPair();
    const transposeA = d.pick([false, true]);
    const transposeB = d.pick([false, true]);
    const a = transposeA ? [k, m] : [m, k];
    const b = transposeB ? [n, k] : [k, n];
    return { inputs: [d.floats([...batchA, ...a]), d.floats([...batchB, ...b])], attrs: { transposeA, transposeB } };
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
    {
      inputs: [
        [2, 1, 3],
        [3, 3, 1],
      ],
      attrs: { transposeA: false, transposeB: false },
      error: "matmul: shapes must broadcast",
    },
  ],
};
