import { type Axes, type Base, type Id, isLike, type Kind, notDense, typeOf } from "./kind.ts";

/** Running sums over the middle axis. */
export interface ScanNode extends Base, Axes {
  readonly kind: "scan";
  readonly x: Id;
  readonly reverse: boolean;
}

export const scan = {
  where: "alone",
  uses: ({ x }) => [x],
  withUses: (node, other) => ({ ...node, x: other(node.x) }),
  copied: ({ x }, of) => notDense([x], of),
  fault({ x, outer, count, inner, dtype, size }, of) {
    if (outer * count * inner !== size) return "the axes must multiply to the size";
    return isLike(of(x), dtype, size) ? null : "sizes and dtypes must be equal";
  },
  hasNumbers: false,
  places: () => null,
  flops: ({ size }) => size,
  text: (node) =>
    `running sum of ${node.outer}×${node.count}×${node.inner} ${typeOf(node)} %${node.x}${node.reverse ? " backwards" : ""}`,
} satisfies Kind<ScanNode>;
