import type { GradientReport } from "../../src/gradcheck/index.ts";
import { type Case, trialOf } from "./catalogue.ts";

/** What became of a case over its seeds. */
export interface Outcome {
  readonly name: string;
  readonly seeds: number;
  /** How often the check was ok. */
  readonly ok: number;
  /** How often it showed the gradient to be wrong: a mismatch, or a problem beside the entries. */
  readonly wrong: number;
  /** How often it was neither. */
  readonly undecided: number;
  /** Whether a hint is promised, and how often it was there. */
  readonly hasHint: boolean;
  readonly hinted: number;
  /** How often central differences passed; null where they do not apply. */
  readonly central: number | null;
  /** The first report that was not as expected. */
  readonly unexpected: string;
}

/** Runs a case over its seeds, or over fewer. */
export async function outcomeOf(one: Case, isRight: boolean, atMost: number): Promise<Outcome> {
  const seeds = Math.min(one.seeds ?? atMost, atMost);
  const counts = { ok: 0, wrong: 0, undecided: 0, hinted: 0, central: 0 };
  let applies = true;
  let unexpected = "";
  for (let seed = 1; seed <= seeds; seed++) {
    const trial = trialOf(one, seed);
    const report = await trial.check();
    const outcome = report.ok ? "ok" : isShownWrong(report) ? "wrong" : "undecided";
    counts[outcome]++;
    const isHinted =
      one.hint !== undefined && [...report.hints, ...report.problems].some((text) => text.includes(one.hint!));
    if (isHinted) counts.hinted++;
    const isExpected = isRight ? outcome !== "wrong" : outcome !== "ok" && (one.hint === undefined || isHinted);
    if (!isExpected && unexpected === "") unexpected = `seed ${seed}: ${report}`;
    const { passesCentralDifferences } = trial;
    if (passesCentralDifferences === null) applies = false;
    if (passesCentralDifferences === true) counts.central++;
  }
  const hasHint = one.hint !== undefined;
  return { name: one.name, seeds, hasHint, ...counts, central: applies ? counts.central : null, unexpected };
}

function isShownWrong({ counts, directions, problems }: GradientReport): boolean {
  return (
    counts.mismatch + counts["non-finite"] + counts.nondeterministic > 0 ||
    problems.length > 0 ||
    directions.some(({ verdict }) => verdict === "mismatch")
  );
}
