import type { GradientReport } from "tinygrad-ts/gradcheck";
import type { Suite } from "./case.ts";

/** What came of a case. */
export interface Outcome {
  readonly package: string;
  readonly name: string;
  readonly verdict: "right" | "wrong" | "undecided" | "refused";
  /** The report, or what was thrown. */
  readonly text: string;
  /** The worst entry, where one is wrong. */
  readonly worst?: { readonly label: string; readonly analytic: number; readonly numeric: number };
}

/** Checks all cases of a package. */
export async function run(suite: Suite): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  for (const { name, check } of await suite.cases()) {
    try {
      const report: GradientReport = await check();
      const worst = report.worst[0];
      // Not a number where f has a value is no derivative either.
      const isWrong = report.counts.mismatch > 0 || (Number.isNaN(worst?.analytic) && report.problems.length === 0);
      outcomes.push({
        package: suite.name,
        name,
        verdict: report.ok ? "right" : isWrong ? "wrong" : report.problems.length > 0 ? "refused" : "undecided",
        text: String(report),
        ...(isWrong &&
          worst !== undefined && { worst: { label: worst.label, analytic: worst.analytic, numeric: worst.numeric } }),
      });
    } catch (error) {
      outcomes.push({ package: suite.name, name, verdict: "refused", text: String(error).split("\n")[0]! });
    }
  }
  return outcomes;
}
