import { viewSize } from "../view.ts";
import { type Base, type Id, isLike, type Kind, notDense, typeOf } from "./kind.ts";
import { isWithin, type View, windowText } from "./view.ts";

/** Windows filled from other nodes, and `fill` elsewhere. */
export interface AssembleNode extends Base {
  readonly kind: "assemble";
  readonly fill: number;
  readonly parts: readonly (View & { readonly x: Id })[];
}

export const assemble = {
  where: "alone",
  uses: ({ parts }) => parts.map(({ x }) => x),
  withUses: (node, other) => ({ ...node, parts: node.parts.map((part) => ({ ...part, x: other(part.x) })) }),
  copied: ({ parts }, of) =>
    notDense(
      parts.map(({ x }) => x),
      of,
    ),
  fault: ({ parts, dtype, size }, of) =>
    parts.every((part) => isLike(of(part.x), dtype, viewSize(part)) && isWithin(part, size))
      ? null
      : "parts must be of the dtype, and lie within the result",
  hasNumbers: true,
  places: () => null,
  flops: ({ size }) => size,
  text: (node) =>
    `assemble ${typeOf(node)} ${node.parts.map((part) => `%${part.x} at ${windowText(part)}`).join(", ")}, else ${node.fill}`,
} satisfies Kind<AssembleNode>;
