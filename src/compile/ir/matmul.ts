import type { Panels, Product, Products } from "../../core/products.ts";
import { laidOut } from "../windowOperand.ts";
import { type Base, type Id, isLike, type Kind, typeOf } from "./kind.ts";

/** Products of matrices, one a batch. */
export interface MatmulNode extends Base, Product {
  readonly kind: "matmul";
  readonly a: Id;
  readonly b: Id;
  /** What computes them, if not the program: a backend's choice. */
  readonly outside?: Products;
  /** What computes them part by part, in a kernel of the program: a backend's choice, too. The same for equal nodes with equal windows, which share code. */
  readonly panels?: Panels;
  /** Whether operands that are windows are read where they are, as far as packing can. Others are laid out first. */
  readonly inPlace: boolean;
}

export const matmul = {
  where: "alone",
  uses: ({ a, b }) => [a, b],
  withUses: (node, other) => ({ ...node, a: other(node.a), b: other(node.b) }),
  copied: laidOut,
  fault({ a, b, batch, m, k, n, dtype, size }, of) {
    if (batch * m * n !== size) return "the result must have batch times m times n elements";
    return isLike(of(a), dtype, batch * m * k) && isLike(of(b), dtype, batch * k * n)
      ? null
      : "operands must fit the sizes";
  },
  hasNumbers: false,
  places: () => null,
  flops: ({ size, k }) => 2 * size * k,
  text(node) {
    const { batch, m, k, n, a, b, transposeA, transposeB, outside, panels } = node;
    const sizes = `${batch > 1 ? `${batch}×` : ""}${m}×${k}×${n}`;
    return `matmul ${sizes} ${typeOf(node)} %${a}${transposeA ? "ᵀ" : ""} %${b}${transposeB ? "ᵀ" : ""}${outside ? ", outside" : panels ? ", outside in parts" : ""}`;
  },
} satisfies Kind<MatmulNode>;
