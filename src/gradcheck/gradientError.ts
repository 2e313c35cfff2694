import { TinygradError } from "../core/errors.ts";
import type { GradientReport } from "./report.ts";
import type { SuiteReport } from "./suiteReport.ts";

/**
 * A gradient that a check found to be wrong, or could not show to be right; thrown by the `assert` functions.
 *
 * @example
 * import { assertGradient, GradientError } from "tinygrad-ts/gradcheck";
 * try {
 *   assertGradient((x) => x[0]! ** 2, (x) => [3 * x[0]!], [2]);
 * } catch (error) {
 *   error instanceof GradientError && error.report.counts.mismatch; // → 1
 * }
 */
export class GradientError extends TinygradError {
  /** The name of the class, also after minifying. */
  override name = "GradientError";
  /** What was found. */
  readonly report: GradientReport | SuiteReport;

  constructor(report: GradientReport | SuiteReport) {
    const check = "check" in report ? report.check : "checkSuite";
    super(check, "the derivative must be right", `\n${report}`);
    this.report = report;
  }
}
