import type { Measured, Outcome } from "../results.ts";
import { type Spec, stepsToCompare } from "../spec.ts";
import type { Child } from "./child.ts";

/** How long things may take, in milliseconds. */
export interface Effort {
  readonly rounds: number;
  /** Of one round of one contestant. */
  readonly sample: number;
  readonly warmup: number;
  /** All rounds of one contestant: who is slow gets fewer of them. */
  readonly budget: number;
  /** For making ready, with the first steps: who takes longer is given up. */
  readonly longest: number;
}

interface Prepared {
  readonly check: readonly (number | null)[];
  readonly program?: { readonly flops: number; readonly bytes: number };
}

/** Libraries must agree to this, relative to the number. */
const tolerance = 1e-3;

/**
 * Times one workload: all contestants are made ready and compared with the first of them, then they take turns, round by round, since
 * machines speed up and slow down.
 */
export async function race(
  spec: Spec,
  children: readonly Child[],
  departures: ReadonlySet<string>,
  effort: Effort,
): Promise<Measured> {
  const outcomes: Record<string, Outcome> = {};
  const runners: { child: Child; warmup: number; spent: number; us: number[] }[] = [];
  let reference: Prepared | undefined;
  let program: Prepared["program"];
  for (const child of children) {
    const { id } = child.contestant;
    try {
      const begun = performance.now();
      const prepared = await child.ask<Prepared>({ do: "prepare", spec, steps: stepsToCompare(spec) }, effort.longest);
      const took = performance.now() - begun;
      reference ??= prepared;
      if (child.contestant.kind === "ours") program ??= prepared.program;
      const count = departures.has(id) ? 1 : Number.POSITIVE_INFINITY;
      const difference = differenceOf(prepared.check.slice(0, count), reference.check);
      if (difference === undefined) runners.push({ child, warmup: took > 3000 ? 0 : effort.warmup, spent: 0, us: [] });
      else outcomes[id] = { failed: `computes something else: ${difference}` };
    } catch (error) {
      outcomes[id] = { failed: (error as Error).message };
    }
  }
  for (let round = 0; round < effort.rounds; round++) {
    for (const runner of round % 2 === 0 ? runners : [...runners].reverse()) {
      const { child, warmup, spent, us } = runner;
      const { id } = child.contestant;
      if (outcomes[id] !== undefined || spent > effort.budget) continue;
      const begun = performance.now();
      try {
        const request = { do: "sample", warmup: round === 0 ? warmup : 0, ms: effort.sample } as const;
        us.push((await child.ask<{ us: number }>(request, 2 * effort.longest)).us);
      } catch (error) {
        outcomes[id] = { failed: (error as Error).message };
      }
      runner.spent += performance.now() - begun;
    }
  }
  for (const { child, us } of runners) {
    outcomes[child.contestant.id] ??= { us: us.map((t) => Number(t.toPrecision(5))) };
    await child.ask({ do: "release" }, effort.longest).catch(() => child.stop());
  }
  return program === undefined ? { outcomes } : { outcomes, program };
}

/** Says where two lists of numbers differ. */
function differenceOf(actual: readonly (number | null)[], expected: readonly (number | null)[]): string | undefined {
  for (const [i, value] of actual.entries()) {
    const wanted = expected[i] ?? Number.NaN;
    if (value === null || !(Math.abs(value - wanted) <= tolerance * Math.max(Math.abs(wanted), 1e-2))) {
      return `number ${i + 1} to compare is ${value?.toPrecision(6)}, not ${wanted.toPrecision(6)}`;
    }
  }
  return undefined;
}
