import type { TypedArray } from "../../core/dtype.ts";
import { type Base, type Kind, none, typeOf } from "./kind.ts";

/** Values that never change. If there is one, it is inlined. */
export interface Constant extends Base {
  readonly kind: "constant";
  readonly values: TypedArray;
}

export const constant = {
  where: "nowhere",
  uses: () => [],
  withUses: (node) => node,
  copied: () => none,
  fault: ({ values, size }) =>
    values.length === size || values.length === 1 ? null : "values must be as many as elements, or one",
  hasNumbers: true,
  places: () => null,
  flops: () => 0,
  text: (node) => `constant ${typeOf(node)}${node.values.length === 1 ? ` ${node.values[0]}` : ""}`,
} satisfies Kind<Constant>;
