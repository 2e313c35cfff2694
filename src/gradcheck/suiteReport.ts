import { noCounts, type Verdict } from "./judge.ts";
import type { GradientReport } from "./report.ts";

/** The result of one check of a row. */
export interface SuiteResult {
  /** The row's name. */
  readonly name: string;
  /** What was found. */
  readonly report: GradientReport;
}

/**
 * The reports on a table of functions: one line for each, and the whole report of each that failed.
 *
 * @example
 * import { checkSuite } from "tinygrad-ts/gradcheck";
 * const report = checkSuite([
 *   { name: "sin", f: Math.sin, gradient: Math.cos, x: 1 },
 *   { name: "cos", f: Math.cos, gradient: Math.sin, x: 1 },
 * ]);
 * report.failed.map(({ name }) => name); // → ["cos"]
 * report.counts.pass; // → 1
 */
export class SuiteReport {
  /** Whether every report is ok. */
  readonly ok: boolean;
  /** One report for each check, in order of the table. */
  readonly results: readonly SuiteResult[];
  /** How many entries got each verdict, over all checks. */
  readonly counts: Readonly<Record<Verdict, number>>;

  /** @internal */
  constructor(results: readonly SuiteResult[]) {
    const counts = noCounts();
    for (const { report } of results) {
      for (const verdict of Object.keys(counts) as Verdict[]) counts[verdict] += report.counts[verdict];
    }
    this.results = results;
    this.counts = counts;
    this.ok = results.every(({ report }) => report.ok);
  }

  /** The results that failed. */
  get failed(): readonly SuiteResult[] {
    return this.results.filter(({ report }) => !report.ok);
  }

  /** The reports as text. */
  toString(): string {
    const { ok, results, failed } = this;
    const head = ok ? `ok, ${results.length} checks` : `FAILED, ${failed.length} of ${results.length} checks`;
    const lines = [`checkSuite: ${head}`];
    for (const { name, report } of results) {
      lines.push(`  ${report.ok ? "ok    " : "FAILED"} ${name}, ${report.check}: ${report.summary}`);
    }
    for (const { name, report } of failed) lines.push("", `${name}, ${report}`);
    return lines.join("\n");
  }

  /** The reports as plain data. */
  toJSON(): unknown {
    const { ok, counts } = this;
    return { ok, counts, results: this.results.map(({ name, report }) => ({ name, report: report.toJSON() })) };
  }
}
