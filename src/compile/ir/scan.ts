import { isFloat } from "../../core/dtype.ts";
import { type Axes, type Base, type Id, isLike, type Kind, notDense, typeOf } from "./kind.ts";

/** Running sums over the middle axis; with factors, each sum is multiplied by its own before x is added. The first factor must be 0. */
export interface ScanNode extends Base, Axes {
  readonly kind: "scan";
  readonly x: Id;
  readonly factors: Id | null;
  readonly reverse: boolean;
}

export const scan = {
  where: "alone",
  uses: ({ x, factors }) => (factors === null ? [x] : [x, factors]),
  withUses: (node, other) => ({
    ...node,
    x: other(node.x),
    factors: node.factors === null ? null : other(node.factors),
  }),
  copied: ({ x, factors }, of) => notDense(factors === null ? [x] : [x, factors], of),
  fault({ x, factors, outer, count, inner, dtype, size }, of) {
    if (outer * count * inner !== size) return "the axes must multiply to the size";
    if (factors !== null && (!isFloat(dtype) || !isLike(of(factors), dtype, size))) return "factors are floats like x";
    return isLike(of(x), dtype, size) ? null : "sizes and dtypes must be equal";
  },
  hasNumbers: false,
  places: () => null,
  flops: ({ size }) => size,
  text: (node) =>
    `running sum of ${node.outer}×${node.count}×${node.inner} ${typeOf(node)} %${node.x}${node.factors === null ? "" : ` with factors %${node.factors}`}${node.reverse ? " backwards" : ""}`,
} satisfies Kind<ScanNode>;
