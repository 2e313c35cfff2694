import { beforeAll, describe, expect, test } from "vitest";
import { bundled, type Ended, runWorkers } from "./job.ts";

// Ranks that do not record, or compute, the same at the same step.

interface Line {
  readonly name: string;
  readonly ended?: string;
  readonly weights?: number[];
}

let job: Ended;
let others: Ended[];
beforeAll(async () => {
  const file = await bundled("uneven");
  job = await runWorkers(file, 2);
  others = [await runWorkers(file, 1), await runWorkers(file, 4)];
});
const of = (rank: number, name: string): Line => (job.printed[rank] as Line[]).find((line) => line.name === name)!;

describe.each([0, 1])("on rank %i", (rank) => {
  test.each(["clipped", "plain", "residuals", "statistics of all"])(
    "a batch that only one rank records makes as many calls on all: %s",
    (name) => {
      expect(of(rank, name).ended).toBe("6 steps");
    },
  );

  test.each([
    [
      "one sample is left, together",
      /ShapeError: epoch 1, batch 10 .*training needs more than one value for each feature, got float32\[1, 4\]; .*dropLast/,
    ],
    [
      "one sample is left, apart",
      /ShapeError: epoch 1, batch 1 .*got float32\[1, 4\] of a batch of 2 samples in 2 parts; write syncBatchNorm: true, dropLast/,
    ],
    ["one sample for each rank, together", /^6 steps$/],
    [
      "one sample for each rank, apart",
      /ShapeError: epoch 1, batch 3 .*of a batch of 2 samples in 2 parts; write syncBatchNorm: true, dropLast/,
    ],
    [
      "one sample in each piece",
      /ShapeError: epoch 1, batch 1 .*of a batch of 4 samples in 4 parts; write a smaller reproducible, dropLast/,
    ],
  ])("statistics of one value are refused: %s", (name, message) => {
    expect(of(rank, name).ended).toMatch(message);
  });

  test("parameters that not all ranks have gradients of are named", () => {
    expect(of(rank, "experts on ranks").ended).toMatch(
      /MpiError: .*rank 0: a step on 8 samples, with no gradient of second\.weight, second\.bias: sum of .*; rank 1: .*, with no gradient of first\.weight, first\.bias: sum of .*; a step must use the same parameters on all ranks.* by where; or write reproducible: 8/,
    );
  });

  test("a loss that is a sum is refused where ranks have one row", () => {
    expect(of(rank, "a sum, of one row each").ended).toMatch(
      /ValueError: .*with a group, the loss must be a mean over the samples, got .* for 2 of them/,
    );
  });

  test("a model that draws numbers in evaluation is not refused", () => {
    expect(of(rank, "noise in evaluation").ended).toBe("8 steps");
  });

  test("a gradient that is constant is averaged, too", () => {
    expect(of(rank, "a constant gradient").weights).toEqual([2, 2, 3, 3]);
  });

  test("who passes other shapes to a step that averages is told what to do", () => {
    expect(of(rank, "as many samples as a rank has").ended).toMatch(
      /MpiError: .*rank 0: compile of float32\[3, 2\]; rank 1: compile of float32\[1, 2\]; pass as many samples on each rank/,
    );
  });

  test("who passes a tensor is told what to do with its values, which are a copy", () => {
    expect(of(rank, "a tensor to allReduce").ended).toMatch(/; write const values = x\.data, .* then x\.assign\(/);
  });

  test("a group is used by one fit at a time", () => {
    expect(of(rank, "two at once").ended).toMatch(
      /ValueError: fit: a group is used by one fit at a time.*await the first/,
    );
    expect(of(rank, "two at once").weights).toHaveLength(12);
  });
});

test("in pieces, gradients are added by parameter, and validation too comes to the same bits on any number of ranks", () => {
  const all = [job, ...others].flatMap(({ printed }) =>
    (printed.flat() as Line[]).filter(({ name }) => name === "experts in pieces").map(({ weights }) => weights),
  );
  expect(all.length).toBe(7);
  for (const weights of all) expect(weights).toEqual(all[0]);
  const wanted = of(0, "experts row by row").weights!;
  expect(all[0]!.slice(0, 9).map((v, i) => Math.abs(v - wanted[i]!) < 1e-4)).toEqual(new Array(9).fill(true));
});
