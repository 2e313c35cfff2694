import { beforeAll, expect, test } from "vitest";
import { bundled, type Ended, hasMpi, runJob, runWorkers } from "./job.ts";

// Trainings by fit that processes share, and workers.

interface Line {
  readonly rank: number;
  readonly [name: string]: unknown;
}

const isNear = { isSame: true, weights: true, epochs: true, losses: true, residuals: true };
let all: Ended;
let others: Ended[];
beforeAll(async () => {
  const file = await bundled("training");
  all = await runWorkers(file, 2, ["all"]);
  others = [await runWorkers(file, 1, ["some"]), await runWorkers(file, 8, ["some"])];
  if (hasMpi) others.push(await runJob(file, 4, ["some"]));
}, 240_000);

const linesOf = ({ printed }: Ended): Line[] => printed.flat() as Line[];

test("processes end well", () => {
  for (const { code, errors } of others) expect(code, errors).toBe(0);
});

test.each([
  ["compiled", "as given"],
  ["eager", "no: switched off"],
  ["fewer samples than ranks at the end", "as given"],
  ["statistics of all", "as given"],
  ["statistics of all, eager", "no: too little to do"],
])("ranks train as one process does without a group: %s", (name, compiled) => {
  const found = linesOf(all).filter((line) => line["name"] === name);
  expect(found).toEqual([0, 1].map((rank) => ({ rank, name, ...isNear, compiled })));
});

test("ranks have the same weights after training with statistics, and with random numbers, of their own", () => {
  const found = linesOf(all).filter((line) => "own" in line);
  expect(found.length).toBe(8);
  for (const line of found) expect(line).toMatchObject({ isSame: true });
});

test("in pieces, any number of them comes to the same bits", () => {
  const bits = new Map<string, Set<unknown>>();
  for (const job of [all, ...others]) {
    for (const { pieces, isCompiled, samples, bits: own } of linesOf(job).filter((line) => "pieces" in line)) {
      const key = `${pieces} ${isCompiled} ${samples}`;
      bits.set(key, (bits.get(key) ?? new Set()).add(own));
    }
  }
  expect(bits.size).toBe(10);
  expect([...bits].filter(([, own]) => own.size > 1)).toEqual([]);
});
