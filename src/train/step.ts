import { checkFunction } from "../core/arguments.ts";
import { textOf, ValueError } from "../core/errors.ts";
import { isTensor, writeClock } from "../core/runtime.ts";
import { transaction } from "../core/transaction.ts";
import type { Layer } from "../nn/layer.ts";
import { ownTensorsOf } from "../nn/reflect.ts";
import { residualPoint } from "../nn/residualPoint.ts";
import { type ForwardListener, watchForward } from "../nn/watch.ts";
import { mul } from "../ops/mul.ts";
import { norm } from "../ops/norm.ts";
import { sqrt } from "../ops/sqrt.ts";
import { clipGradNorm } from "../optim/clip.ts";
import { checkFinite } from "../optim/finite.ts";
import type { OptimizerState, ParameterGroup } from "../optim/optimizer.ts";
import type { Tensor } from "../tensor.ts";
import { Aftermath, type Tell } from "./aftermath.ts";
import type { Evaluated } from "./evaluate.ts";
import { Holdings } from "./holdings.ts";
import { mistakeIn } from "./mistakes.ts";
import type { Team } from "./team.ts";

/**
 * A loss function: takes the outputs and targets of a batch, returns a scalar. If the data has more tensors, such as sample weights, it takes them too, with a parameter for each:
 * `(outputs: Tensor, targets: Tensor, weights: Tensor) => …`, or {@link weighted} of a loss.
 */
export type Loss = (outputs: Tensor, targets: Tensor, ...more: never[]) => Tensor;

/** @internal Outputs, or inputs, then targets, and what comes after them. */
export type LossArguments = readonly [x: Tensor, targets: Tensor, ...more: Tensor[]];

/** What {@link fit} needs from an optimizer. */
export interface SteppingOptimizer {
  /** Sets the gradients of the parameters to null. */
  zeroGrad(): void;
  /** Updates the parameters. */
  step(): void;
  /** The parameter groups with their learning rates, if there are any. With `params`, they say what it trains: `fit` compares that with the model. */
  readonly groups?: readonly (Pick<ParameterGroup, "lr"> & Partial<Pick<ParameterGroup, "params">>)[];
  /** What it remembers of each parameter, if anything: `fit` warns where that is not finite. */
  readonly state?: ReadonlyMap<Tensor, OptimizerState>;
}

/** `compile` of `tinygrad-ts/compile`, or a function that calls it with your options: `(f) => compile(f, { deterministic: true })`. */
export type StepCompiler = <A extends readonly Tensor[], R extends Tensor | StepResult | Evaluated>(
  step: (...args: A) => R,
) => (...args: A) => R;

/** Options of a training step. */
export interface StepOptions {
  readonly loss: (...batch: LossArguments) => Tensor;
  readonly optimizer: SteppingOptimizer;
  readonly residuals: boolean;
  readonly clipNorm: number | undefined;
  /** Is told of what is most likely a mistake. */
  readonly warn: (text: string) => void;
  readonly compile: StepCompiler | undefined;
  /** Whether `compile` was given by someone: then the optimizer may be of any kind. */
  readonly isReplayed?: boolean;
  /** The processes that train the model, if there are many. */
  readonly team?: Team | undefined;
}

/** What a training step returns: tensors only, so it can be compiled. */
export type StepResult = {
  /** The loss, a scalar. */
  readonly loss: Tensor;
  /** The model's outputs. */
  readonly outputs: Tensor;
  /** L2 norm of the residual of each layer with parameters of its own, named as in `History.residuals`. */
  readonly residuals: { readonly [layer: string]: Tensor };
};

/** A training step, and what goes on around it. */
export interface TrainingStep {
  /** Called before the first step of each epoch. */
  begin(): void;
  /** One step. */
  run(...batch: LossArguments): StepResult;
  /** Called after the last step of each epoch: see {@link Aftermath.end}. */
  end(isIdle: boolean, tell: Tell): void;
}

/**
 * One training step: forward pass, loss, backward pass, update. If anything in it throws, a loss or gradient that is not finite among it, all is as before the step: parameters and their gradients,
 * buffers, what the optimizer remembers, generators.
 *
 * @throws `ValueError` if the optimizer holds none of the model's parameters.
 */
export function makeStep(model: Layer, options: StepOptions): TrainingStep {
  const { loss: lossOf, optimizer, residuals: isMeasured, clipNorm, warn, isReplayed, team } = options;
  const { compile = (step) => step } = options;
  const holdings = new Holdings(model, optimizer, warn);
  const aftermath = new Aftermath(model, optimizer);
  let looks = 3; // at steps, of which the first may be of one sample
  const trained = (): readonly Tensor[] => [...holdings.trained().keys()];
  const local = (...[x, ...rest]: LossArguments): StepResult => {
    const squares = new Map<string, Tensor>();
    const forward = (): Tensor => model.forward(x);
    const outputs = isMeasured ? watchForward(model, listenerFor(squares), forward) : forward();
    const loss = lossOf(outputs, ...rest);
    holdings.inspect(loss);
    if (looks-- > 0) {
      const mistake = mistakeIn(loss, outputs, rest);
      if (mistake !== null) {
        warn(`fit: ${mistake}`);
        looks = 0;
      }
    }
    if (team === undefined) checkLoss(loss);
    optimizer.zeroGrad();
    (team === undefined ? loss : mul(loss, team.share)).backward();
    return { loss: loss.detach(), outputs: outputs.detach(), residuals: Object.fromEntries(squares) };
  };
  const update = (loss: Tensor): void => {
    if (team !== undefined) checkLoss(loss);
    const names = holdings.trained();
    for (const [{ grad }, name] of names)
      if (grad !== null) checkFinite("fit", grad, `the gradient of ${name}`, "nothing was changed");
    if (clipNorm !== undefined) clipGradNorm(trained(), clipNorm, { errorIfNonFinite: true });
    const before = writeClock();
    optimizer.step();
    if (isReplayed && !trained().some((x) => x.time > before)) refuseStill();
  };
  const whole = (...batch: LossArguments): StepResult =>
    transaction(() => {
      const { loss, outputs, residuals } = local(...batch);
      update(loss);
      const norms = Object.entries(residuals).map(([name, square]) => [name, sqrt(square)]);
      return { loss, outputs, residuals: Object.fromEntries(norms) as Record<string, Tensor> };
    });
  const made = () => team?.compose({ local, update, trained, loss: lossOf, compile }) ?? compile(whole);
  let run = made();
  return {
    begin() {
      holdings.renew();
      aftermath.begin(holdings.trained());
    },
    run(...batch) {
      if (holdings.look()) run = made(); // which would go on with the tensors that it knows
      const result = run(...batch);
      aftermath.count();
      return result;
    },
    end: (isIdle, tell) => aftermath.end(holdings.trained(), isIdle, tell),
  };
}

function checkLoss(loss: Tensor): void {
  checkFinite("fit", loss, "the loss", "nothing was changed");
}

/** A compiled step does what it has done at the recording, each time: it would never move anything. */
function refuseStill(): never {
  const hint = "a condition of its own, such as ++count % 2, is not looked at again: leave compile out";
  throw new ValueError("fit", "a compiled step must move parameters", "an optimizer.step() that moved none", hint);
}

/** A compiler of the user's own, whose functions are refused if they do not return what they are to. */
export function checkedCompiler(compile: StepCompiler, hasResiduals: boolean): StepCompiler {
  return (step) => {
    const compiled = compile(step);
    checkFunction("fit", "what compile returns", compiled, "write compile: (f) => compile(f, { … }), not async");
    return (...args) => {
      const result = compiled(...args);
      const { loss, outputs, residuals } = (result ?? {}) as Partial<StepResult>;
      const norms = hasResiduals ? Object.values(residuals ?? [null]) : [];
      if ([loss, outputs, ...norms].every(isTensor)) return result;
      const hint = "return what the function returned that compile was given";
      throw new ValueError("fit", "a compiled step must return { loss, outputs, … } of tensors", textOf(result), hint);
    };
  };
}

/** Adds up the squares of residuals, over all calls of each layer that has parameters of its own: those are what it learns. */
function listenerFor(squares: Map<string, Tensor>): ForwardListener {
  return {
    leave: (path, layer, output, inputs) => {
      if (!output.requiresGrad || !ownTensorsOf(layer).some((x) => x.requiresGrad)) return;
      const { of, at } = residualPoint(layer, inputs, output);
      const name = `${path === "" ? "" : `${path}: `}${layer.describe()}${of === "z" ? "" : ", output"}`;
      at.registerHook((residual) => {
        const size = norm(residual.detach());
        const square = size.mul(size);
        const before = squares.get(name);
        squares.set(name, before === undefined ? square : before.add(square));
      });
    },
  };
}
