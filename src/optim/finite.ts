import { apply, noGrad } from "../core/apply.ts";
import { GradError, textOf, ValueError } from "../core/errors.ts";
import type { Op } from "../core/op.ts";
import { isTensor } from "../core/runtime.ts";
import { describe } from "../core/shape.ts";
import { refuseMore } from "../core/surplus.ts";
import type { Tensor } from "../tensor.ts";

/** The caller, and whose gradient it is. */
export interface FiniteAttrs {
  readonly op: string;
  readonly what: string;
  readonly rule: string;
  readonly hint: string;
}

/** Lets finite values through. An op, so a compiled step looks at each replay's values. */
export const finiteOp: Op<FiniteAttrs> = {
  name: "finite",
  shape: ([x], { op, what, rule, hint }) => {
    const { values, shape } = x!;
    for (let i = 0; i < values.length; i++) {
      if (Number.isFinite(values[i])) continue;
      throw new GradError(op, rule, `${values[i]} in ${what}`, hint);
    }
    return shape;
  },
  forward: "view",
  vjp: [({ g }) => g],
};

/**
 * Throws if a gradient contains NaN or infinity. Between `backward()` and `step()`, it prevents a step that would ruin the parameters
 * and the state of the optimizer. At that point, forward has already changed buffers such as running statistics, and backward has set gradients. In a compiled step, it checks each replay, and a replay that throws has changed nothing at all;
 * neither has a step of `fit`.
 *
 * @param parameters - the parameters; those without a gradient pass, and frozen ones, which no optimizer moves.
 * @throws {@link GradError} saying whose gradient it is, counted from 0; {@link ValueError} if there are no parameters.
 * @example
 * const w = tensor([0, 1], { requiresGrad: true });
 * sum(sqrt(w)).backward();
 * checkFiniteGrads([w]); // → throws GradError: checkFiniteGrads: loss and gradients must be finite, got Infinity in the gradient of parameter 0 (float32[2]); leave the step out, and call zeroGrad()
 */
export function checkFiniteGrads(parameters: readonly Tensor[]): void {
  refuseMore("checkFiniteGrads", arguments, 1);
  noGrad(() => {
    for (const [i, { grad, requiresGrad, frozen }] of checkParameters("checkFiniteGrads", parameters).entries()) {
      if (grad !== null && (requiresGrad || !frozen))
        checkFinite(
          "checkFiniteGrads",
          grad,
          `the gradient of parameter ${i} (${describe(grad)})`,
          "leave the step out, and call zeroGrad()",
        );
    }
  });
}

/** Refuses a NaN or an infinity; in a compiled step, too. */
export function checkFinite(
  op: string,
  x: Tensor,
  what: string,
  hint: string,
  rule = "loss and gradients must be finite",
): void {
  noGrad(() => apply(finiteOp, [x], { op, what, hint, rule }));
}

/** Refuses anything but a list of tensors with something in it. */
export function checkParameters(op: string, parameters: readonly Tensor[]): readonly Tensor[] {
  const list: readonly unknown[] = Array.isArray(parameters) ? parameters : [];
  const bad = list.find((p) => !isTensor(p));
  if (list.length === 0 || bad !== undefined) {
    throw new ValueError(op, "needs a list of parameters", textOf(bad ?? parameters), "pass model.parameters()");
  }
  return parameters;
}
