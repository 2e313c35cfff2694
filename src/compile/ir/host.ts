import type { TypedArray } from "../../core/dtype.ts";
import { type Base, type Id, type Kind, notDense, typeOf } from "./kind.ts";

/** Fills arrays in the midst of a program: reads `inputs`, fills all of `outputs`, and keeps neither. */
export type HostFn = (inputs: readonly TypedArray[], outputs: readonly TypedArray[]) => void;

/** What a JavaScript function makes of other nodes. Its outputs lie one after the other. */
export interface HostNode extends Base {
  readonly kind: "host";
  readonly fn: HostFn;
  readonly inputs: readonly Id[];
  /** How many elements each output has. */
  readonly outputs: readonly number[];
}

export const host = {
  where: "outside",
  uses: ({ inputs }) => inputs,
  withUses: (node, other) => ({ ...node, inputs: node.inputs.map(other) }),
  copied: ({ inputs }, of) => notDense(inputs, of),
  fault: ({ outputs, size }) =>
    outputs.reduce((sum, own) => sum + own, 0) === size ? null : "outputs must add up to the size",
  hasNumbers: false,
  places: () => null,
  flops: ({ size }) => size,
  text: (node) =>
    `call of ${node.fn.name || "a function"} ${typeOf(node)} ${node.inputs.map((id) => `%${id}`).join(", ")}`,
} satisfies Kind<HostNode>;
