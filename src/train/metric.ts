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

/** A metric that needs no outputs kept: each epoch, and each validation, asks it for an accumulator of its own. */
export interface AccumulatingMetric {
  /** Begins to measure. */
  start(): Accumulator;
  /** Whether more of it is better, as of an accuracy; of an error, less is. {@link earlyStopping} and {@link bestWeights} go by it. */
  readonly higherIsBetter?: boolean | undefined;
}

/** A metric of all outputs and targets of an epoch at once. They are kept until its end, which takes memory in proportion to the data. */
export interface WholeMetric {
  (outputs: Tensor, targets: Tensor): number;
  /** Whether more of it is better. */
  readonly higherIsBetter?: boolean | undefined;
}

/**
 * A number that says how good outputs are: one of those of this module, such as `accuracy`, which add up what they need; `{ start: () => ({ add(outputs, targets) {…}, value() {…} }) }` of your own; or a
 * function of all outputs and targets of an epoch, which are kept for it.
 */
export type Metric = WholeMetric | AccumulatingMetric;
