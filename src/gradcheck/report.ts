import { type EntryReport, entryLines, group, listed, short } from "./entry.ts";
import { noCounts, type Verdict } from "./judge.ts";
import type { SeenPrecision } from "./subject.ts";

/** What was covered by a check. */
export interface Coverage {
  /** How many entries there are: of the input, times results. */
  readonly entries: number;
  /** Entries that were checked one by one. */
  readonly checked: number;
  /** Random directions that were checked, each of which touches every entry of the input. */
  readonly directions: number;
}

/** Calls that a check made of the user's functions. */
export interface Calls {
  /** Of the function. */
  readonly f: number;
  /** Of its derivative. */
  readonly derivative: number;
}

/** What is put together into a report. */
export interface Findings {
  readonly check: string;
  readonly entries: readonly EntryReport[];
  readonly directions: readonly EntryReport[];
  readonly total: number;
  readonly calls: Calls;
  readonly problems: readonly string[];
  readonly hints: readonly string[];
  readonly passed: readonly string[];
  readonly noise: number;
  readonly precision: "float64" | "float32";
  readonly seen: SeenPrecision;
  readonly seed: number;
  readonly effort: "default" | "fast";
}

/** Why a check goes by the steps and tolerances of float32. What looks like float32 may be something else: (x + 1e10) − 1e10. */
const reasons = {
  stated: "f computes in float32: steps and tolerances follow",
  input: "f rounds its input to float32: steps and tolerances follow",
  results:
    'f returns numbers that fit into float32, so steps and tolerances are those of float32; if f computes in float64 and large numbers cancel in it, set precision: "float64"',
};

/** How many of the worst entries a report's text shows. */
const shown = 8;

/**
 * The result of a check: counts of the entries, the worst entries with all their numbers, other problems, and hints at the
 * reason. `String(report)` returns readable text, `JSON.stringify(report)` is for programs.
 *
 * @example
 * import { checkGradient } from "tinygrad-ts/gradcheck";
 * const report = checkGradient((x) => x[0]! ** 2 + x[1]!, (x) => [x[0]!, 1], [3, 4]);
 * report.ok; // → false
 * report.counts.mismatch; // → 1
 * report.worst[0]?.label; // → x[0]
 */
export class GradientReport {
  /** The check that was made: `checkGradient`, or the matcher that made it: `toHaveGradient`. */
  readonly check: string;
  /** Whether everything that was checked is right. */
  readonly ok: boolean;
  /** How many of the entries that were checked got each verdict. */
  readonly counts: Readonly<Record<Verdict, number>>;
  /** The entries that were checked one by one. */
  readonly entries: readonly EntryReport[];
  /** The random directions that were checked. */
  readonly directions: readonly EntryReport[];
  /** How much of the gradient was looked at. */
  readonly coverage: Coverage;
  /** Calls made of the function, and of its derivative. */
  readonly calls: Calls;
  /** What is wrong beside single entries: a changed input, a wrong length, a result that differs between calls. */
  readonly problems: readonly string[];
  /** What may be the reason. */
  readonly hints: readonly string[];
  /** Parts of x that hold no numbers to differentiate with respect to (strings, booleans, null, integer arrays, dates, Maps and Sets), which the functions got as they are. */
  readonly passed: readonly string[];
  /** Standard deviation of the function's own noise as it was measured, relative to its value; Infinity where that is 0. */
  readonly noise: number;
  /** The precision of f, which steps and tolerances follow: stated, or seen. */
  readonly precision: "float64" | "float32";
  /** The seed: the same one gives the same report. */
  readonly seed: number;
  /** How much of it was looked at: see the option. */
  readonly effort: "default" | "fast";
  readonly #seen: SeenPrecision;

  /** @internal */
  constructor(findings: Findings) {
    const { entries, directions, problems } = findings;
    const counts = noCounts();
    for (const { verdict } of entries) counts[verdict]++;
    this.check = findings.check;
    this.counts = counts;
    this.entries = entries;
    this.directions = directions;
    this.coverage = { entries: findings.total, checked: entries.length, directions: directions.length };
    this.calls = findings.calls;
    this.problems = problems;
    this.hints = findings.hints;
    this.passed = findings.passed;
    this.noise = findings.noise;
    this.precision = findings.precision;
    this.#seen = findings.seen;
    this.seed = findings.seed;
    this.effort = findings.effort;
    this.ok = problems.length === 0 && entries.every(({ ok }) => ok) && directions.every(({ ok }) => ok);
  }

  /** The entries that the check fails for, worst first; if there are none, such directions; if it passes, what is nearest to failing. */
  get worst(): readonly EntryReport[] {
    const failed = this.entries.filter(({ ok }) => !ok);
    const along = this.directions.filter(({ ok }) => !ok);
    const [first, second] =
      failed.length > 0 ? [failed, []] : along.length > 0 ? [along, []] : [this.entries, this.directions];
    return [...first, ...second].sort(byBadness).slice(0, shown);
  }

  /** The relative error from which on each passed entry would have failed: the largest over all but the small ones. */
  get resolution(): number {
    return this.entries.reduce((most, { verdict, isSmall, tolerance, error, analytic }) => {
      if (verdict !== "pass" || isSmall || analytic === 0) return most;
      return Math.max(most, (tolerance + 2 * error) / Math.abs(analytic));
    }, 0);
  }

  /** The least error times input, of one entry, that shows along a direction, whose weights are half the inputs or more. */
  get #leastSeen(): number {
    return this.directions.reduce((most, { tolerance, error }) => Math.max(most, 2 * (tolerance + 3 * error)), 0);
  }

  /** A line that makes the same check again, of the worst entry if one failed. */
  get replay(): string {
    const failed = this.worst.find(({ ok, input }) => !ok && input !== "");
    const only = failed === undefined ? "" : `, only: [${JSON.stringify(failed.input)}]`;
    const effort = this.effort === "fast" && only === "" ? 'effort: "fast", ' : "";
    const rest = `${effort}seed: ${this.seed}${only} })`;
    // A matcher says where in its options.
    return this.check.startsWith("to") ? `expect(f).${this.check}(…, { at: x, ${rest}` : `${this.check}(…, { ${rest}`;
  }

  /** The report as text. */
  toString(): string {
    const { ok, check, counts, coverage, calls } = this;
    const lines = [`${check}: ${ok ? "ok" : "FAILED"}, ${this.summary}`];
    const { entries, checked, directions } = coverage;
    const of = checked === entries && entries > 0 ? `all ${group(entries)}` : `${group(checked)} of ${group(entries)}`;
    const and = directions > 0 ? ` and ${directions} random directions` : "";
    const census = Object.entries(counts).flatMap(([verdict, count]) =>
      count > 0 ? [`${verdict} ${group(count)}`] : [],
    );
    lines.push(
      `  checked ${of} ${entries === 1 ? "entry" : "entries"}${and}${census.length > 0 ? `: ${census.join(", ")}` : ""}`,
    );
    lines.push(`  calls: ${group(calls.f)} of f, ${group(calls.derivative)} of the derivative`);
    const { passed } = this;
    if (passed.length > 0) {
      lines.push(`  passed through, since there is no derivative with respect to it: ${listed(passed)}`);
    }
    if (this.precision === "float32") lines.push(`  ${reasons[this.#seen ?? "stated"]}`);
    if (this.noise === Number.POSITIVE_INFINITY) lines.push("  f is noisy, and 0 at x");
    else if (this.noise > 1e-13) lines.push(`  f is noisy: about ${short(this.noise)} of its value`);
    if (counts.flat > 0) lines.push(`  ${group(counts.flat)} flat: f does not move near there, so nothing was tested`);
    const small = this.entries.filter(({ isSmall }) => isSmall).length;
    if (small > 0) lines.push(`  ${group(small)} so small that no more than their smallness was shown`);
    if (ok && this.resolution > 0) {
      const all = checked === entries ? "entry" : `of the ${group(checked)} entries that were checked`;
      const where = `each ${counts.flat + small > 0 ? "other entry" : all}`;
      lines.push(`  relative errors above ${short(this.resolution)} would have been seen in ${where}`);
      if (directions > 0) {
        lines.push(
          `  in one of the others, an error shows from an effect (error times input) of about ${short(this.#leastSeen)} on`,
        );
      }
    }
    if (this.effort === "fast" && directions > 0) {
      lines.push(
        `  effort: fast. In one entry, an error shows from an effect (error times input) of about ${short(this.#leastSeen)} on; unseen are smaller ones,`,
        "  errors that cancel along all directions, a derivative that changes from call to call, and a product that is not linear",
      );
    }
    for (const problem of this.problems) lines.push(`  problem: ${problem}`);
    for (const entry of this.worst) if (!ok && !entry.ok) lines.push(...entryLines(entry).map((line) => `  ${line}`));
    for (const hint of this.hints) lines.push(`  hint: ${hint}`);
    if (!ok) lines.push(`  replay: ${this.replay}`);
    return lines.join("\n");
  }

  /** One line: how many entries are wrong, and how much. */
  get summary(): string {
    const { counts, entries, directions, problems } = this;
    const failed = entries.filter(({ ok }) => !ok);
    const wrong = failed.filter(({ verdict }) => verdict === "mismatch");
    const rest = entries.filter(({ verdict }) => verdict === "pass");
    const compared = rest.filter(({ analytic, isSmall }) => analytic !== 0 && !isSmall);
    const most = compared.reduce((largest, { relative }) => Math.max(largest, relative), 0);
    const agree = compared.length === 0 || most === 0 ? "agree" : `agree to ${short(most)} (relative)`;
    const others = rest.length === 0 ? "" : `; the others ${agree}`;
    if (wrong.length > 0) {
      const sizes = wrong.map(({ relative }) => relative).sort((a, b) => a - b);
      const range = new Set([short(sizes[0]!), short(sizes.at(-1)!)]);
      const by = [...range].join(" to ");
      return `${wrong.length} of ${entries.length} entries wrong, by ${by} (relative)${others}`;
    }
    if (problems.length > 0) return problems[0]!;
    if (directions.some(({ ok, verdict }) => !ok && verdict !== "noisy" && verdict !== "flat" && verdict !== "kink"))
      return "a random direction is wrong though no checked entry is";
    const isOpen = failed.some(({ verdict }) => verdict !== "non-finite");
    if (failed.length > 0)
      return `${failed.length} of ${entries.length} entries ${isOpen ? "cannot be decided" : "NaN or infinite"}${others}`;
    const undecided = directions.filter(({ ok }) => !ok).length;
    if (undecided > 0) return `${undecided} of ${directions.length} random directions cannot be decided${others}`;
    if (entries.length === 0 && directions.length > 0) {
      const off = directions.reduce((largest, { relative }) => Math.max(largest, relative), 0);
      return `${directions.length} of ${directions.length} random directions agree${off > 0 ? ` to ${short(off)} (relative)` : ""}`;
    }
    if (entries.length === 0) return "nothing to check: there are no entries";
    if (counts.flat === entries.length) return "nothing was tested: f does not move near x";
    const flat = counts.flat === 0 ? "" : `; in ${counts.flat} nothing was tested, since f does not move`;
    const small = rest.filter(({ isSmall }) => isSmall).length;
    const isSmall = "small beside the tolerance";
    if (small === entries.length) return `nothing was tested but that the gradient is ${isSmall}`;
    const shown = small === 0 ? "" : `; of ${small} it was shown that they are ${isSmall}, no more`;
    const open = counts.noisy + counts.outside;
    const rests = [
      ...(counts.kink > 0 ? [`${counts.kink} of ${entries.length} at kinks, where f has two slopes`] : []),
      ...(open > 0 ? [`${open} of ${entries.length} undecided, which is allowed`] : []),
    ];
    const lead = `${counts.pass - small} of ${entries.length} entries ${agree}`;
    const parts = counts.pass === small && rests.length > 0 ? rests : [lead, ...rests];
    return `${parts.join("; ")}${shown}${flat}`;
  }

  /** The report as plain data; numbers that JSON lacks as strings. */
  toJSON(): unknown {
    const { check, ok, counts, coverage, calls, problems, hints, passed, noise, precision, seed, effort, resolution } =
      this;
    const { replay } = this;
    const plain = (entry: EntryReport): unknown =>
      Object.fromEntries(
        Object.entries(entry).map(([key, value]) => [
          key,
          typeof value === "number" && !Number.isFinite(value) ? String(value) : value,
        ]),
      );
    const lists = { entries: this.entries.map(plain), directions: this.directions.map(plain) };
    return {
      check,
      ok,
      counts,
      coverage,
      calls,
      problems,
      hints,
      passed,
      noise: Number.isFinite(noise) ? noise : String(noise),
      precision,
      seed,
      effort,
      resolution,
      replay,
      ...lists,
    };
  }
}

/** Which of two entries is worse: by its verdict, and then by how many times what is tolerated it is off. */
function byBadness(a: EntryReport, b: EntryReport): number {
  return rankOf(b) - rankOf(a) || excessOf(b) - excessOf(a);
}

function rankOf({ verdict, absolute }: EntryReport): number {
  if (verdict === "non-finite") return 3;
  if (verdict === "mismatch") return 2;
  return Number.isFinite(absolute) ? 0 : 1;
}

function excessOf({ absolute, tolerance, error }: EntryReport): number {
  return Number.isFinite(absolute) ? absolute / (tolerance + error) : 0;
}
