import type { AveragingGroup } from "../core/group.ts";
import type { Layer } from "../nn/layer.ts";
import type { Tensor } from "../tensor.ts";
import type { FitOptions } from "./fit.ts";
import type { LossArguments, StepCompiler, StepResult } from "./step.ts";

// What `fit` needs of many processes: types alone, so a program that trains on one process has nothing of it in its bundle.

/** A group of processes for {@link fit}, returned by `mpi()` of `tinygrad-ts/mpi`. */
export interface TrainingGroup extends AveragingGroup {
  /** @internal Makes a team of a training run; its other methods are then called by all ranks. */
  team(model: Layer, options: FitOptions): Team;
}

/** A step in two parts: what each process does with its own samples, and what all do alike. */
export interface StepParts {
  /** Forward and backward: leaves gradients, and returns the squares of the norms of residuals instead of the norms. */
  readonly local: (...batch: LossArguments) => StepResult;
  /** Looks at the gradients, and updates the parameters. */
  readonly update: (loss: Tensor) => void;
  /** What has gradients. */
  readonly trained: () => readonly Tensor[];
  readonly loss: (...batch: LossArguments) => Tensor;
  readonly compile: StepCompiler;
}

/** The processes that train a model. */
export interface Team {
  /** The share of the batch that this process has, a float64 scalar: what its loss counts in the mean over all. */
  readonly share: Tensor;
  /** Looks whether all begin alike: called when model, optimizer and the rest are as they go on. */
  begin(): void;
  /** Makes a step of its parts: a batch, whole, goes in, and what comes out is of the whole batch. */
  compose(parts: StepParts): (...batch: LossArguments) => StepResult;
  /** Makes an evaluation of one, likewise. */
  evaluation<R extends { readonly loss: Tensor; readonly outputs: Tensor }>(
    evaluate: (...batch: LossArguments) => R,
  ): (...batch: LossArguments) => R;
  /** Called by all ranks after each step: whether one of them is to end the training. */
  isOver(step: number, isOver: boolean): boolean;
  /** Called at the end; with an error of this rank's, which the others are told. */
  end(error?: unknown): void;
}
