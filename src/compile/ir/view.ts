import { viewSize } from "../view.ts";
import { type Base, type Id, type Kind, none, typeOf } from "./kind.ts";

/** A window of an array: for each axis its size and step, in elements, from `offset` on. */
export interface View {
  /** Elements along each axis. */
  readonly sizes: readonly number[];
  /** From one element of an axis to the next. */
  readonly strides: readonly number[];
  /** Where the first element is. */
  readonly offset: number;
}

/** Elements of another node, in another order. */
export interface ViewNode extends Base, View {
  readonly kind: "view";
  readonly x: Id;
}

export const view = {
  where: "nowhere",
  uses: ({ x }) => [x],
  withUses: (node, other) => ({ ...node, x: other(node.x) }),
  copied: () => none,
  fault(node, of) {
    if (of(node.x).dtype !== node.dtype) return "a window keeps the dtype";
    if (viewSize(node) !== node.size) return "sizes must multiply to the number of elements";
    return isWithin(node, of(node.x).size) ? null : "the window must be within what it shows";
  },
  hasNumbers: false,
  content: ({ dtype, x, sizes, strides, offset }) => `view ${dtype} ${x} ${sizes.join()} ${strides.join()} ${offset}`,
  places: () => null,
  flops: () => 0,
  text: (node) => `view ${typeOf(node)} %${node.x} ${windowText(node)}`,
} satisfies Kind<ViewNode>;

/** `[3, 2] by [1, 3] from 0`. */
export function windowText({ sizes, strides, offset }: View): string {
  return `[${sizes}] by [${strides}] from ${offset}`;
}

/** Whether all that a window reaches is among so many elements. */
export function isWithin({ sizes, strides, offset }: View, size: number): boolean {
  let [low, high] = [offset, offset];
  sizes.forEach((own, d) => {
    const move = strides[d]! * (own - 1);
    if (move < 0) low += move;
    else high += move;
  });
  return low >= 0 && high < size;
}
