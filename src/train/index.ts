/**
 * Training: data in batches, `fit`, metrics, and a report on the loss curve.
 *
 * @module tinygrad-ts/train
 */

export { type Batches, type BatchesOptions, batches } from "./batches.ts";
export {
  bestWeights,
  type Callback,
  type CheckpointOptions,
  checkpoint,
  type EarlyStoppingOptions,
  earlyStopping,
  type MonitorOptions,
  type Run,
} from "./callbacks.ts";
export { type ConvergenceReport, convergence, type Verdict } from "./convergence.ts";
export { type Batch, type Samples, TensorDataset } from "./dataset.ts";
export {
  type BatchLike,
  type FitOptions,
  fit,
  type SteppingSchedule,
  type StopSignal,
  type TrainingData,
} from "./fit.ts";
export type { EpochRecord, History, Measured, StepRecord } from "./history.ts";
export {
  type AverageOptions,
  accuracy,
  auc,
  type ClassMetricOptions,
  confusionMatrix,
  f1,
  type Metric,
  mae,
  precision,
  r2,
  recall,
  rmse,
  topKAccuracy,
} from "./metrics.ts";
export { type ClassesOptions, classes, type PredictOptions, predict } from "./predict.ts";
export { type SplitOptions, trainTestSplit } from "./split.ts";
export type { Loss, SteppingOptimizer, StepResult } from "./step.ts";
