import { type Base, type Id, isLike, type Kind, notDense, typeOf } from "./kind.ts";

/** `y[k] = x[at[k]]`. */
export interface TakeNode extends Base {
  readonly kind: "take";
  readonly x: Id;
  readonly at: Id;
}

export const take = {
  where: {
    over: ({ size }) => size,
    direct: ({ at }) => [at],
    whole: ({ x }) => [x],
    cuts: () => [],
    reduction: () => null,
  },
  uses: ({ x, at }) => [x, at],
  withUses: (node, other) => ({ ...node, x: other(node.x), at: other(node.at) }),
  copied: ({ x }, of) => notDense([x], of),
  fault: ({ x, at, dtype, size }, of) =>
    of(x).dtype === dtype && isLike(of(at), "int32", size) ? null : "places must be int32, one for each element",
  hasNumbers: false,
  places: ({ x, at }) => ({ x, at }),
  flops: ({ size }) => size,
  text: (node) => `take ${typeOf(node)} %${node.x} at %${node.at}`,
} satisfies Kind<TakeNode>;
