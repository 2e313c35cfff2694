import { noGrad } from "../core/apply.ts";
import type { Layer } from "../nn/layer.ts";
import type { Tensor } from "../tensor.ts";
import type { LossArguments, StepCompiler } from "./step.ts";

/** What an evaluation of a batch returns: tensors only, so it can be compiled. */
export type Evaluated = {
  /** The loss, a scalar. */
  readonly loss: Tensor;
  /** The model's outputs. */
  readonly outputs: Tensor;
};

/** A function that runs a model on a batch, in the mode that it is in, and takes the loss, without recording a graph. */
export function makeEvaluation(
  model: Layer,
  lossOf: (...batch: LossArguments) => Tensor,
  compile: StepCompiler = (f) => f,
): (...batch: LossArguments) => Evaluated {
  return compile((...[x, ...rest]: LossArguments) =>
    noGrad(() => {
      const outputs = model.forward(x);
      return { loss: lossOf(outputs, ...rest), outputs };
    }),
  );
}

/** Compiled functions of models, by what compiled them: `predict` is called again and again. */
const forwards = /* @__PURE__ */ new WeakMap<StepCompiler, WeakMap<Layer, (x: Tensor) => Tensor>>();

/** A model's forward pass, compiled once for each model. */
export function forwardOf(
  model: Layer,
  compile: StepCompiler | undefined,
  check: (y: Tensor, x: Tensor) => Tensor,
): (x: Tensor) => Tensor {
  const forward = (x: Tensor): Tensor => check(model.forward(x), x);
  if (compile === undefined) return forward;
  const known = forwards.get(compile) ?? new WeakMap<Layer, (x: Tensor) => Tensor>();
  forwards.set(compile, known);
  const compiled = known.get(model) ?? compile(forward);
  known.set(model, compiled);
  return compiled;
}
