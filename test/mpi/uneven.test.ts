import { beforeAll, describe, expect, test } from "vitest";
import { bundled, type Ended, runWorkers } from "./job.ts";

// Ranks that do not record, or compute, the same at the same step.

interface Line {
  readonly name: string;
  readonly ended?: string;
}

let job: Ended;
beforeAll(async () => {
  job = await runWorkers(await bundled("uneven"), 2);
});
const of = (rank: number, name: string): Line => (job.printed[rank] as Line[]).find((line) => line.name === name)!;

describe.each([0, 1])("on rank %i", (rank) => {
  test.each(["clipped", "plain", "residuals", "statistics of all"])(
    "a batch that only one rank records makes as many calls on all: %s",
    (name) => {
      expect(of(rank, name).ended).toBe("6 steps");
    },
  );
});
