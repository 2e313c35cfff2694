import { ValueError } from "../core/errors.ts";

/** The result of one training step. */
export interface StepRecord {
  /** The current epoch, counted from 1. */
  readonly epoch: number;
  /** The step, counted from 1 through all epochs of this call of `fit`; with a `Progress`, of the whole training run. */
  readonly step: number;
  /** The batch in this epoch, counted from 1 up to `batches`. */
  readonly batch: number;
  /** The number of batches in the epoch; undefined if it is not known in advance. */
  readonly batches: number | undefined;
  /** The batch's loss. */
  readonly loss: number;
  /** The learning rate of the first parameter group; NaN if the optimizer has no groups. */
  readonly lr: number;
  /** L2 norm of each layer's residual, named as in {@link History.residuals}. */
  readonly residuals: { readonly [layer: string]: number };
}

/** Loss and metrics on a set of data. */
export interface Measured {
  /** Mean loss over the samples. */
  readonly loss: number;
  /** Metrics over all samples, by name. */
  readonly metrics: { readonly [name: string]: number };
}

/** The result of one epoch. */
export interface EpochRecord {
  /** The epoch, counted from 1. */
  readonly epoch: number;
  /** Mean loss over the samples of the epoch: each batch's loss is weighted by its number of samples. */
  readonly loss: number;
  /** Metrics over the samples of the epoch, computed from the outputs during training, while the model was still changing. */
  readonly metrics: { readonly [name: string]: number };
  /** Loss and metrics on the validation data, after the epoch. */
  readonly validation?: Measured;
  /** The learning rate of the last step. */
  readonly lr: number;
  /** L2 norm of each layer's residual, averaged over the steps of the epoch, named as in {@link History.residuals}. */
  readonly residuals: { readonly [layer: string]: number };
}

/** Whether the steps were compiled: automatically, with the `compile` option, or not, and why. */
export type Compiled = "by itself" | "as given" | `no: ${string}`;

/** The record of a training run. */
export interface History {
  /**
   * Which way steps and validation were run: `"by itself"` or `"as given"` for compiled ones, and else `"no: "` with the reason, such as `"no: the loss is not one of the library's (an anonymous function)"`. See
   * {@link FitOptions.compile}.
   */
  readonly compiled: Compiled;
  /** The completed epochs. */
  readonly epochs: readonly EpochRecord[];
  /** The loss of each step; of the latest ones, if `historySteps` limits them. */
  readonly losses: readonly number[];
  /**
   * The L2 norm of each layer's residual at each step, for the layers that have parameters of their own.
   *
   * The residual of a layer is δ = ∂loss/∂z, the derivative with respect to its weighted sum, before the activation. A layer without a weighted sum of its own, such as a normalization, has
   * ∂loss/∂(its output) instead, and its name says so: `"layers.0: Linear(2, 8)"`, but `"layers.1: LayerNorm(8), output"`. See `residuals` in `tinygrad-ts/debug` for what counts as
   * a weighted sum, and for a table of all layers.
   */
  readonly residuals: ReadonlyMap<string, readonly number[]>;
  /** What is most likely a mistake, such as a parameter that the optimizer does not hold, or a loss of validation that is not finite; each was shown by `console.warn`, too. */
  readonly warnings: readonly string[];
  /** Why training ended before the last epoch: `"aborted"`, or the reason that a callback gave; null if it did not. */
  readonly stopped: string | null;
}

/**
 * A number in the record of an epoch, by name: `loss`, `lr`, a metric such as `accuracy`, or `validation.loss` and `validation.accuracy`.
 *
 * @throws `ValueError` if the record has no number of that name.
 */
export function monitored(op: string, record: EpochRecord, name: string): number {
  const numbers: Record<string, number> = { loss: record.loss, lr: record.lr, ...record.metrics };
  const { validation } = record;
  if (validation !== undefined) {
    numbers["validation.loss"] = validation.loss;
    for (const [metric, value] of Object.entries(validation.metrics)) numbers[`validation.${metric}`] = value;
  }
  const value = numbers[name];
  if (value !== undefined) return value;
  throw new ValueError(op, `monitor must be one of ${Object.keys(numbers).join(", ")}`, name);
}
