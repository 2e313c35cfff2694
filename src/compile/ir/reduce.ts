import { cutsOf, cutsOfReduce, isChain } from "../cuts.ts";
import { type Axes, type Base, type Id, isLike, type Kind, none, typeOf } from "./kind.ts";

/** How a reduction combines elements. */
export type ReduceFn = "sum" | "min" | "max" | "and" | "or";

/** `y[o, i]` of all `x[o, c, i]`. */
export interface ReduceNode extends Base, Axes {
  readonly kind: "reduce";
  readonly fn: ReduceFn;
  readonly x: Id;
}

export const reduce = {
  where: {
    over: ({ x }, of) => of(x).size,
    direct: ({ x }) => [x],
    whole: () => [],
    cuts: cutsOfReduce,
    reduction: ({ outer, count, inner }) => ({ outer, count, inner }),
  },
  uses: ({ x }) => [x],
  withUses: (node, other) => ({ ...node, x: other(node.x) }),
  copied(node, of) {
    const { window, size } = of(node.x);
    return window === null || isChain([...cutsOf(window), ...cutsOfReduce(node)], size) ? none : new Set([node.x]);
  },
  fault({ fn, x, outer, count, inner, dtype, size }, of) {
    if (outer * inner !== size) return "the result must have outer times inner elements";
    if ((fn === "and" || fn === "or") !== (dtype === "bool")) return "and, or combine bools, and the others numbers";
    const own = fn === "sum" && dtype === "float64" ? of(x).dtype : dtype; // a sum of float32, before it is rounded
    return isLike(of(x), own, outer * count * inner) ? null : "what is reduced must have all elements";
  },
  hasNumbers: false,
  places: () => null,
  flops: ({ x }, of) => of(x).size,
  text: (node) => `${node.fn} of ${node.outer}×${node.count}×${node.inner} ${typeOf(node)} %${node.x}`,
} satisfies Kind<ReduceNode>;
