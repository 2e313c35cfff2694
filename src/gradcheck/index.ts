/**
 * Checks gradients that you wrote by hand, in tests. Your functions need not use the tensors of this library.
 *
 * @module tinygrad-ts/gradcheck
 */

export { DTypeError, GradError, TinygradError, ValueError } from "../core/errors.ts";
export { DetectionPower, detectionPower, type FaultReport, type Threshold } from "./detection.ts";
export type { EntryReport } from "./entry.ts";
export type { Leaves } from "./forms.ts";
export { assertGradient, checkGradient, type GradientResult, type ValueWithGradient } from "./gradient.ts";
export { GradientError } from "./gradientError.ts";
export { assertHessian, checkHessian } from "./hessian.ts";
export { assertHvp, checkHvp } from "./hvp.ts";
export { assertJacobian, checkJacobian } from "./jacobian.ts";
export type { Verdict } from "./judge.ts";
export { assertJvp, checkJvp, type JvpOptions } from "./jvp.ts";
export {
  type AssertionOf,
  type At,
  type GradientMatchers,
  gradientMatchers,
  type Matcher,
  type MatcherResult,
  type PointOf,
  type ResultOf,
} from "./matchers.ts";
export { type Kind, type NumericalGradient, type NumericalOptions, numericalGradient } from "./numerical.ts";
export { numericalDirectional } from "./numericalDirectional.ts";
export { numericalHessian } from "./numericalHessian.ts";
export { type NumericalMatrix, numericalJacobian } from "./numericalJacobian.ts";
export type { CheckOptions, Like, Passed, PassedWhole } from "./options.ts";
export { type Calls, type Coverage, GradientReport } from "./report.ts";
export { spread } from "./spread.ts";
export { assertSuite, checkSuite, checkSuiteAsync, type FunctionRow, type Rows, type TensorRow } from "./suite.ts";
export { SuiteReport, type SuiteResult } from "./suiteReport.ts";
export type { MaybePromise } from "./task.ts";
export { assertGradcheck, assertGradgradcheck, gradcheck, gradgradcheck, type TensorFunction } from "./tensors.ts";
export { assertVjp, checkVjp, type VjpOptions } from "./vjp.ts";
