import type { Feed } from "./feed.ts";
import type { Measures } from "./measures.ts";

/** Where a training run stands. */
export interface TrainingState {
  /** How many epochs are complete. */
  epoch: number;
  /** How many steps were made, through all epochs. */
  step: number;
  /** How many of them belong to the epoch under way. */
  batch: number;
  /** The learning rate of the last step of the epoch under way. */
  lr: number;
  /** What the epoch under way has measured. */
  measures: Measures;
  /** Sum and number of the norms of each layer's residual in the epoch under way. */
  residuals: Map<string, [sum: number, count: number]>;
  /** The data. */
  readonly feed: Feed;
}
