import { type Base, type Kind, none, typeOf } from "./kind.ts";

/** What comes from outside: an argument, a captured tensor, random numbers. */
export interface Leaf extends Base {
  readonly kind: "leaf";
}

export const leaf = {
  where: "nowhere",
  uses: () => [],
  withUses: (node) => node,
  copied: () => none,
  fault: () => null,
  hasNumbers: false,
  content: ({ dtype, size }) => `leaf ${dtype} ${size}`,
  places: () => null,
  flops: () => 0,
  text: (node) => `leaf ${typeOf(node)}`,
} satisfies Kind<Leaf>;
