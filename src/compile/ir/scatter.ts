import { type Base, type Id, isLike, type Kind, notDense, typeOf } from "./kind.ts";

/** A copy of x to which `source[k]` is added at `at[k]`. */
export interface ScatterNode extends Base {
  readonly kind: "scatter";
  readonly x: Id;
  readonly at: Id;
  readonly source: Id;
}

export const scatter = {
  where: "alone",
  uses: ({ x, at, source }) => [x, at, source],
  withUses: (node, other) => ({ ...node, x: other(node.x), at: other(node.at), source: other(node.source) }),
  copied: (node, of) => notDense([node.x, node.at, node.source], of),
  fault({ x, at, source, dtype, size }, of) {
    if (!isLike(of(x), dtype, size) || of(source).dtype !== dtype) return "dtypes and sizes must be equal";
    return isLike(of(at), "int32", of(source).size) ? null : "places must be int32, one for each element of the source";
  },
  hasNumbers: false,
  places: ({ x, at }) => ({ x, at }),
  flops: ({ size }) => size,
  text: (node) => `scatter ${typeOf(node)} %${node.source} into %${node.x} at %${node.at}`,
} satisfies Kind<ScatterNode>;
