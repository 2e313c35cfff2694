import type { Tensor } from "../tensor.ts";

/** Adds up what a metric needs of outputs and targets, batch after batch, so they need not be kept. */
export interface Accumulator {
  /** Takes the outputs and targets of a batch in. */
  add(outputs: Tensor, targets: Tensor): void;
  /** The metric of all that was taken in. */
  value(): number;
  /** All that it remembers, if a list of numbers can hold it: then {@link Progress} can save it within an epoch, and fill it again. */
  readonly numbers?: number[];
}

/** A metric that does not keep outputs: each epoch, and each validation, asks it for a new accumulator. */
export interface AccumulatingMetric {
  /** Begins to measure. */
  start(): Accumulator;
  /** Whether more of it is better, as of an accuracy; of an error, less is. {@link earlyStopping} and {@link bestWeights} go by it. */
  readonly higherIsBetter?: boolean | undefined;
}

/** A metric of all outputs and targets of an epoch at once. They are kept until the end of the epoch, so the memory grows with the data. */
export interface WholeMetric {
  (outputs: Tensor, targets: Tensor): number;
  /** Whether more of it is better. */
  readonly higherIsBetter?: boolean | undefined;
}

/**
 * A number that says how good outputs are: a metric of this module, such as `accuracy`, which accumulates what it needs; your own `{ start: () => ({ add(outputs, targets) {…}, value() {…} }) }`; or a
 * function of all outputs and targets of an epoch, which are kept for it.
 */
export type Metric = WholeMetric | AccumulatingMetric;
