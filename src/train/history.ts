import { ValueError } from "../core/errors.ts";

/** What a step came to. */
export interface StepRecord {
  /** The epoch under way, counted from 1. */
  readonly epoch: number;
  /** Counted from 1, through all epochs. */
  readonly step: number;
  /** Counted from 1, of `batches`. */
  readonly batch: number;
  /** Batches in the epoch, where that is known beforehand. */
  readonly batches: number | undefined;
  /** The batch's loss. */
  readonly loss: number;
  /** The learning rate of the first group; NaN if the optimizer has none. */
  readonly lr: number;
  /** Norm of each layer's residual, by the layer's path and description. */
  readonly residuals: { readonly [layer: string]: number };
}

/** What was measured on some data. */
export interface Measured {
  /** Mean loss of the samples. */
  readonly loss: number;
  /** Metrics over all samples, by name. */
  readonly metrics: { readonly [name: string]: number };
}

/** What an epoch came to. */
export interface EpochRecord {
  /** Counted from 1. */
  readonly epoch: number;
  /** Mean of the batches' losses, each counting as many times as it has samples. */
  readonly loss: number;
  /** Metrics over all of the epoch's samples, as the model saw them: while it learned. */
  readonly metrics: { readonly [name: string]: number };
  /** Loss and metrics on the validation data, after the epoch. */
  readonly validation?: Measured;
  /** The learning rate of the last step. */
  readonly lr: number;
  /** Mean norm of each layer's residual. */
  readonly residuals: { readonly [layer: string]: number };
}

/** How a training went. */
export interface History {
  /** The epochs that were completed. */
  readonly epochs: readonly EpochRecord[];
  /** The loss of each step. */
  readonly losses: readonly number[];
  /** The norm of each layer's residual at each step, by the layer's path and description. */
  readonly residuals: ReadonlyMap<string, readonly number[]>;
  /** Why it ended before its last epoch: `"aborted"`, or what a callback said; null if it did not. */
  readonly stopped: string | null;
}

/**
 * A number of an epoch by name: `loss`, `lr`, a metric such as `accuracy`, or `validation.loss` and `validation.accuracy`.
 *
 * @throws `ValueError` if there is no such number.
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
