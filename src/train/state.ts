import type { Feed } from "./feed.ts";
import type { EpochRecord, StepRecord } from "./history.ts";
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
  /** The step or epoch whose end is under way: null once the schedule and all callbacks know of it. */
  told: Told | null;
}

/** A step or epoch that is complete, and who knows of it. */
export interface Told {
  readonly record: StepRecord | EpochRecord;
  /** How many of those do: first the schedule, then each callback. */
  done: number;
  /** How many there are. */
  of: number;
  /** The reason of a callback that ended the training, if one has. */
  stopped: string | null;
}
