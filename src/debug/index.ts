/**
 * Tools for a model that does not learn: where a NaN came from, what the backward pass computed, why a gradient is zero.
 *
 * @module tinygrad-ts/debug
 */

export type { ResidualOf } from "../nn/residualPoint.ts";
export { AnomalyError, type AnomalyOptions, detectAnomaly } from "./anomaly.ts";
export { type ExplainedShare, type ExplainedStep, type Explanation, explain, type ReceivedShare } from "./explain.ts";
export { type GraphOptions, toDot, toMermaid } from "./graph.ts";
export type { Names } from "./names.ts";
export type { Statistics } from "./numbers.ts";
export { type ResidualRow, type ResidualTable, residuals } from "./residuals.ts";
export { type WhyReason, type WhyReport, why } from "./why.ts";
