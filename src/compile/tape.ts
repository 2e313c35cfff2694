import { applyChecked } from "../core/apply.ts";
import type { DType, TypedArray } from "../core/dtype.ts";
import type { Op } from "../core/op.ts";
import { withRecording } from "../core/runtime.ts";
import type { Shape } from "../core/shape.ts";
import { Tensor } from "../tensor.ts";

/** A tensor's number on a tape. */
export type Slot = number;

/** How a tensor came about. */
export type Step =
  | { readonly kind: "leaf"; readonly source: number; readonly requiresGrad: boolean }
  | { readonly kind: "constant"; readonly values: TypedArray; readonly shape: Shape; readonly dtype: DType }
  | {
      readonly kind: "op";
      readonly op: Op;
      readonly inputs: readonly Slot[];
      readonly attrs: unknown;
      /** Whether ops were recorded for backward then. */
      readonly isRecording: boolean;
      /** Whether the result required a gradient. */
      readonly requiresGrad: boolean;
    };

/** What one result of a recorded function was made of, op by op: a pure function of leaves. */
export class Tape {
  /** Numbers of the sources that are read. */
  readonly sources: readonly number[];
  /** For each of them, whether the result has a gradient with respect to it. */
  readonly isDifferentiable: readonly boolean[];
  readonly #steps: readonly (readonly [slot: Slot, step: Step])[];
  readonly #result: Slot;

  constructor(steps: readonly Step[], result: Slot) {
    const isNeeded = new Uint8Array(steps.length);
    const isOnPath = new Uint8Array(steps.length);
    isNeeded[result] = 1;
    isOnPath[result] = 1;
    for (let slot = result; slot >= 0; slot--) {
      const step = steps[slot]!;
      if (!isNeeded[slot] || step.kind !== "op") continue;
      step.inputs.forEach((input, i) => {
        isNeeded[input] = 1;
        if (isOnPath[slot] && step.requiresGrad && hasRule(step.op, i)) isOnPath[input] = 1;
      });
    }
    this.#result = result;
    this.#steps = steps.flatMap((step, slot) => (isNeeded[slot] ? [[slot, step] as const] : []));
    const leaves = this.#steps.flatMap(([slot, step]) => (step.kind === "leaf" ? [{ slot, step }] : []));
    this.sources = leaves.map(({ step }) => step.source);
    this.isDifferentiable = leaves.map(({ slot, step }) => step.requiresGrad && isOnPath[slot] === 1);
  }

  /** The result for other leaves, which stand in the order of the sources. */
  run(leaves: readonly Tensor[]): Tensor {
    const made = new Map<Slot, Tensor>();
    let next = 0;
    for (const [slot, step] of this.#steps) {
      if (step.kind === "leaf") made.set(slot, leaves[next++]!);
      else if (step.kind === "constant") made.set(slot, new Tensor(step.values, step.shape, step.dtype));
      else {
        const { op, inputs, attrs, isRecording } = step;
        const given = inputs.map((input) => made.get(input)!);
        made.set(
          slot,
          withRecording(isRecording, () => applyChecked(op, given, attrs)),
        );
      }
    }
    return made.get(this.#result)!;
  }
}

function hasRule({ vjp }: Op, i: number): boolean {
  return typeof (typeof vjp === "object" ? vjp[i] : vjp) === "function";
}
