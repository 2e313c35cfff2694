import { beforeAll, describe, expect, test } from "vitest";
import { bundled, type Ended, hasMpi, runJob, runWorkers } from "./job.ts";

// Trainings by fit that processes share, and workers.

interface Line {
  readonly rank: number;
  readonly [name: string]: unknown;
}

const jobs: [name: string, ranks: number, run: typeof runWorkers][] = [
  ["workers", 1, runWorkers],
  ["workers", 2, runWorkers],
  ...(hasMpi ? [["processes", 4, runJob] as [string, number, typeof runWorkers]] : []),
];
const ended: Ended[] = [];
beforeAll(async () => {
  const file = await bundled("training");
  for (const [, ranks, run] of jobs) ended.push(await run(file, ranks));
}, 120_000);

const linesOf = (job: number): Line[] => ended[job]!.printed.flat() as Line[];

describe.each(jobs.map(([name, ranks], i) => [name, ranks, i] as const))("%s, %i of them", (_, ranks, job) => {
  test("end well", () => {
    expect([ended[job]!.code, ended[job]!.errors]).toEqual([0, ""]);
  });

  test.each([
    ["compiled", "as given"],
    ["eager", "no: switched off"],
    ["fewer samples than ranks at the end", "as given"],
    ["statistics of all", "as given"],
    ["statistics of all, eager", "no: too little to do"],
  ])("train as one does without a group: %s", (name, compiled) => {
    const found = linesOf(job).filter((line) => line["name"] === name);
    const near = { isSame: true, weights: true, epochs: true, losses: true, residuals: true };
    expect(found).toEqual(Array.from({ length: ranks }, (__, rank) => ({ rank, name, ...near, compiled })));
  });

  test("have the same weights after training with statistics, and with random numbers, of their own", () => {
    const found = linesOf(job).filter((line) => "own" in line);
    expect(found.length).toBe(4 * ranks);
    for (const line of found) expect(line).toMatchObject({ isSame: true });
  });
});

test("in pieces, any number of them comes to the same bits", () => {
  const bits = new Map<string, Set<unknown>>();
  for (const job of jobs.keys()) {
    for (const { pieces, isCompiled, samples, bits: own } of linesOf(job).filter((line) => "pieces" in line)) {
      const key = `${pieces} ${isCompiled} ${samples}`;
      bits.set(key, (bits.get(key) ?? new Set()).add(own));
    }
  }
  expect(bits.size).toBe(9);
  expect([...bits].filter(([, own]) => own.size > 1)).toEqual([]);
});
