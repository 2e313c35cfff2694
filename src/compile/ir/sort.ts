import { type Axes, type Base, type Id, type Kind, notDense } from "./kind.ts";

/** The places of the middle axis's elements in sorted order. */
export interface SortNode extends Base, Axes {
  readonly kind: "sort";
  readonly x: Id;
  readonly descending: boolean;
}

export const sort = {
  where: "alone",
  uses: ({ x }) => [x],
  withUses: (node, other) => ({ ...node, x: other(node.x) }),
  copied: ({ x }, of) => notDense([x], of),
  fault({ x, outer, count, inner, dtype, size }, of) {
    if (outer * count * inner !== size || of(x).size !== size) return "the axes must multiply to the size";
    return dtype === "int32" ? null : "places must be int32";
  },
  hasNumbers: false,
  places: () => null,
  flops: ({ size }) => size,
  text: (node) =>
    `order of ${node.outer}×${node.count}×${node.inner} %${node.x}${node.descending ? " descending" : ""}`,
} satisfies Kind<SortNode>;
