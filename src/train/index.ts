/**
 * Training: data in batches, `fit`, metrics, and a report on the loss curve.
 *
 * @module tinygrad-ts/train
 */

export {
  type Cropped,
  type RandomCropOptions,
  type RandomFlipOptions,
  type RandomNoiseOptions,
  randomCrop,
  randomFlip,
  randomNoise,
  randomQuarterTurn,
  randomShift,
  type Samplewise,
} from "./augment.ts";
export { type Batches, type BatchesOptions, batches } from "./batches.ts";
export {
  bestWeights,
  type Callback,
  type CheckpointOptions,
  checkpoint,
  type EarlyStoppingOptions,
  earlyStopping,
  type Run,
  type StatefulCallback,
} from "./callbacks.ts";
export { type ConvergenceReport, convergence, type Verdict } from "./convergence.ts";
export { type Batch, type Samples, TensorDataset } from "./dataset.ts";
export type { Evaluated } from "./evaluate.ts";
export {
  type BatchFunction,
  type BatchLike,
  type FitOptions,
  type FollowingProgress,
  fit,
  type SteppingSchedule,
  type StopSignal,
  type TrainingData,
} from "./fit.ts";
export type { Compiled, EpochRecord, History, Measured, StepRecord } from "./history.ts";
export type { AccumulatingMetric, Accumulator, Metric, WholeMetric } from "./metric.ts";
export {
  type AverageOptions,
  accuracy,
  type BinaryOptions,
  binaryAccuracy,
  binaryF1,
  binaryPrecision,
  binaryRecall,
  type ClassMetricOptions,
  confusionMatrix,
  f1,
  precision,
  recall,
  topKAccuracy,
} from "./metrics/classes.ts";
export type { MetricOf } from "./metrics/define.ts";
export {
  diceScore,
  iou,
  type MapOptions,
  type OverlapMetricOptions,
  pixelAccuracy,
} from "./metrics/maps.ts";
export { auc, mae, r2, rmse } from "./metrics/numbers.ts";
export type { MonitorOptions } from "./monitor.ts";
export { type ClassesOptions, classes, type PredictOptions, predict } from "./predict.ts";
export { Progress } from "./progress.ts";
export { type SplitOptions, trainTestSplit } from "./split.ts";
export type { Loss, StepCompiler, SteppingOptimizer, StepResult } from "./step.ts";
export type { TrainingGroup } from "./team.ts";
export { type LossOfTerms, weighted } from "./weighted.ts";
