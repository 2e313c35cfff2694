import type { Layer } from "../nn/layer.ts";
import { watchForward } from "../nn/watch.ts";
import { norm } from "../ops/norm.ts";
import { sqrt } from "../ops/sqrt.ts";
import { clipGradNorm } from "../optim/clip.ts";
import { checkFinite, checkFiniteGrads } from "../optim/finite.ts";
import type { ParameterGroup } from "../optim/optimizer.ts";
import type { Tensor } from "../tensor.ts";

/** A loss: of a batch's outputs and targets, a scalar. */
export type Loss = (outputs: Tensor, targets: Tensor) => Tensor;

/** What {@link fit} needs of an optimizer. */
export interface SteppingOptimizer {
  /** Sets all gradients to null. */
  zeroGrad(): void;
  /** Moves the parameters. */
  step(): void;
  /** The groups with their learning rates, if it has any. */
  readonly groups?: readonly Pick<ParameterGroup, "lr">[];
}

/** How a step is made. */
export interface StepOptions {
  readonly loss: Loss;
  readonly optimizer: SteppingOptimizer;
  readonly residuals: boolean;
  readonly clipNorm: number | undefined;
}

/** What a step gives: tensors only, so that it can be compiled. */
export type StepResult = {
  /** The loss, a scalar. */
  readonly loss: Tensor;
  /** The model's outputs. */
  readonly outputs: Tensor;
  /** Norm of each layer's residual. */
  readonly residuals: { readonly [layer: string]: Tensor };
};

/** One step of training: forward pass, loss, backward pass, update. Nothing is updated if the loss or a gradient is not finite. */
export function makeStep(model: Layer, options: StepOptions): (x: Tensor, y: Tensor) => StepResult {
  const { loss: lossOf, optimizer, residuals: isMeasured, clipNorm } = options;
  const parameters = model.parameters();
  return (x, y) => {
    const squares = new Map<string, Tensor>();
    const forward = (): Tensor => model.forward(x);
    const outputs = isMeasured
      ? watchForward(model, { leave: (path, layer, output) => listen(squares, path, layer, output) }, forward)
      : forward();
    const loss = lossOf(outputs, y);
    checkFinite("fit", loss, "the loss");
    optimizer.zeroGrad();
    loss.backward();
    if (clipNorm === undefined) checkFiniteGrads(parameters);
    else clipGradNorm(parameters, clipNorm, { errorIfNonFinite: true });
    optimizer.step();
    const residuals = Object.fromEntries([...squares].map(([name, square]) => [name, sqrt(square)]));
    return { loss: loss.detach(), outputs: outputs.detach(), residuals };
  };
}

/** Sums the squares of a layer's residual: of layers that have parameters of their own, since those learn by it. */
function listen(squares: Map<string, Tensor>, path: string, layer: Layer, output: Tensor): void {
  const hasOwn = Object.values(layer).some((x) => (x as Tensor | null)?.requiresGrad === true);
  if (!hasOwn || !output.requiresGrad) return;
  const name = path === "" ? layer.describe() : `${path}: ${layer.describe()}`;
  output.registerHook((residual) => {
    const size = norm(residual.detach());
    const square = size.mul(size);
    const before = squares.get(name);
    squares.set(name, before === undefined ? square : before.add(square));
  });
}
