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
  all = await (hasMpi ? runJob : runWorkers)(file, 2, ["all"]);
  others = [await runWorkers(file, 1, ["some"]), await runWorkers(file, 8, ["some"])];
  if (hasMpi) others.push(await runJob(file, 4, ["some"]));
}, 240_000);

const linesOf = ({ printed }: Ended): Line[] => printed.flat() as Line[];

test("processes end well", () => {
  for (const { code, errors } of [all, ...others]) expect(code, errors).toBe(0);
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

test("ranks share batches among them: each sample is computed once an epoch, on one rank, in the order of one process", () => {
  const found = [all, ...others].map((job) => linesOf(job).filter((line) => "batches" in line));
  const wanted = found[1]![0]!["batches"] as number[][]; // of one rank
  expect(wanted.map(({ length }) => length)).toEqual([5, 5, 3, 5, 5, 3]);
  for (const epoch of [wanted.slice(0, 3), wanted.slice(3)]) expect(new Set(epoch.flat()).size).toBe(13);
  expect(wanted.slice(0, 3)).not.toEqual(wanted.slice(3));
  for (const lines of found) {
    for (const line of lines) expect(line).toMatchObject({ batches: wanted, isWeighted: true });
    for (const [step, batch] of wanted.entries()) {
      const rows = lines.map((line) => (line["rows"] as number[][])[step]!);
      // A rank that has none of a batch runs on the first one's rows, which then count for nothing.
      const own = rows.filter((of, rank) => rank === 0 || String(of) !== String(rows[0]));
      expect(own.flat().sort((a, b) => a - b)).toEqual(batch);
      expect(Math.max(...own.map(({ length }) => length))).toBe(Math.ceil(batch.length / lines.length));
    }
  }
});
