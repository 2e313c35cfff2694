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
  /** The rule that was broken. */
  override readonly rule = "the derivative must be right";
  /** What was found. Test runners print an error's fields below its message: there is no second report. */
  declare readonly report: GradientReport | SuiteReport;

  constructor(report: GradientReport | SuiteReport) {
    const text = String(report);
    const [check, ...rest] = text.split(": ") as [string, ...string[]];
    super(check, rest.join(": "), "");
    Object.defineProperty(this, "report", { value: report });
  }
}
