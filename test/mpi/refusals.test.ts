import { beforeAll, describe, expect, test } from "vitest";
import { bundled, type Ended, hasMpi, runJob, runWorkers } from "./job.ts";

// Trainings that differ, or fail on one rank: no rank waits for ever, and all go on together.

interface Line {
  readonly name: string;
  readonly error?: string;
  readonly isSame?: boolean;
  readonly steps?: number;
  readonly stopped?: string;
}

let job: Ended;
beforeAll(async () => {
  job = await (hasMpi ? runJob : runWorkers)(await bundled("refusals"), 2);
});
const of = (rank: number, name: string): Line => (job.printed[rank] as Line[]).find((line) => line.name === name)!;

describe.each([0, 1])("on rank %i", (rank) => {
  test.each([
    [
      "other weights",
      /^MpiError: group: all ranks must have the same in "fit from the same weights", got rank 0: layers\.0\.weight, float32\[8, 4\], with the sum \S+; rank 1: layers\.0\.weight, .*; call manualSeed/,
    ],
    [
      "another model",
      /^MpiError: group: all ranks must have the same in "fit of a model", got rank 0: \(0\): Linear\(4, 8\); rank 1: \(0\): Linear\(4, 9\)/,
    ],
    [
      "other settings",
      /^MpiError: group: all ranks must have the same in "fit with options", got rank 0: clipNorm: 1; rank 1: clipNorm: 2; pass the same/,
    ],
    [
      "another rate",
      /^MpiError: group: .*"fit with options", got rank 0: lr of parameter group 0: 0\.01; rank 1: lr of parameter group 0: 0\.02; pass the same/,
    ],
    ["another order", /"fit with options", got rank 0: shuffle: true; rank 1: shuffle: false; pass the same/],
    [
      "validation on one rank",
      /"fit with options", got rank 0: validation: false; rank 1: validation: true; pass the same/,
    ],
    [
      "other data",
      /^MpiError: epoch 1, batch 1: group: all ranks must do the same.* rank 0: a step on 8 samples \(\w+\); rank 1: .*; pass the same data, in the same order/,
    ],
    [
      "other data, in pieces",
      /^MpiError: epoch 1, batch 1: group: all ranks must do the same.* rank 0: a step on 8 samples \(\w+\); rank 1: .*; pass the same data/,
    ],
    [
      "another loss",
      /^ValueError: epoch 1, batch 1: fit: the loss of the same samples must be the same on all ranks, got \S+ on rank 0, \S+ on rank 1; pass the same loss/,
    ],
    [
      "a loss that is not finite",
      /^GradError: epoch 1, batch 1: fit: loss and gradients must be finite, got NaN in the loss/,
    ],
    ["averaged twice", /^ValueError: epoch 1, batch 1: fit: a step of fit averages by itself, .*; leave average out$/],
    ["pieces that are no power of two", /^ValueError: fit: reproducible must be a power of two.*got 6 for 2 ranks/],
    [
      "a sum instead of a mean",
      /^ValueError: epoch 1, batch 1: fit: with a group, the loss must be a mean over the samples/,
    ],
  ])("%s: nothing has changed, and the error says why", (name, message) => {
    const { error, isSame } = of(rank, name);
    expect(error).toMatch(message);
    expect(isSame).toBe(true);
  });

  const different = (step: string, first: string, hint: string): RegExp =>
    new RegExp(
      `^MpiError: group: all ranks must have the same in "${step}.*", got rank 0: ${first}, .*; rank 1: ${first}, .*; ${hint}`,
    );
  const weights = (step: string, first: string): RegExp => different(step, first, "call manualSeed");
  const other = "have each rank make the same updates";
  const later = (step: string, first: string): RegExp => different(step, first, other);
  const otherNumber = String.raw`${other}.*: a number that the step reads is 0\.1 on rank 0 and 0\.2 on rank 1$`;
  test.each([
    ["compile from other weights", weights("compile", String.raw`parameter 1, float32\[1\]`)],
    ["compile with a rate that is another later", later("sum of", String.raw`parameter 0, float32\[1, 2\]`)],
    ["eager with a rate that is another later", later("sum of", String.raw`parameter 0, float32\[1, 2\]`)],
    [
      "compile another function",
      /^MpiError: group: all ranks must have the same in "compile of float32\[4, 2\]", got rank 0: .*2.*; rank 1: .*3.*; compile the same function/,
    ],
    ["compile with another rate", different("compile", String.raw`parameter 0, float32\[1, 2\]`, otherNumber)],
    [
      "compile with another momentum",
      /^MpiError: group: all ranks must have the same in "compile of .*", got rank 0: %\d+ = constant float32\[1\] 0\.8.*; rank 1: %\d+ = constant float32\[1\] 0\.(?:9|8999).*; compile the same function.* settings of optimizers/,
    ],
    ["compile with weights that were changed in between", later("sum of", String.raw`parameter 0, float32\[1, 2\]`)],
    ["eager from other weights", weights("averageGradients", String.raw`parameter 1, float32\[1\]`)],
    ["eager with another rate", later("averageGradients", String.raw`parameter 0, float32\[1, 2\]`)],
    [
      "eager without gradients on one rank",
      /^MpiError: group: .*got rank 0: parameter 0, float32\[1, 2\], with a gradient; rank 1: parameter 0, float32\[1, 2\], with no gradient; have each rank call backward/,
    ],
  ])("%s: all throw, and the first parameter that differs is named", (name, message) => {
    expect(of(rank, name).error).toMatch(message);
  });

  test("another loss of a class that comes later is noticed when a step with it is looked at", () => {
    expect(of(rank, "another loss of a class that comes later").error).toMatch(
      /^ValueError: epoch 1, batch 2: fit: the loss of the same samples must be the same on all ranks, got \S+ on rank 0, \S+ on rank 1; pass the same loss/,
    );
  });

  test("weights that a callback changes on one rank are noticed within a hundred steps", () => {
    expect(of(rank, "weights that a callback changes on one rank").error).toMatch(
      /^MpiError: group: all ranks must have the same in "after step 100, with the same weights", got rank 0: layers\.0\.weight, .*; rank 1: layers\.0\.weight, .*; have each rank make the same updates/,
    );
  });

  test("a callback for one process is called by the first", () => {
    expect(job.printed[rank]).toContainEqual({ rank, calls: rank === 0 ? 10 : 0 });
  });

  test.each([
    "compile from the same weights",
    "compile with statistics of each rank's own",
    "eager from the same weights",
  ])("%s goes well", (name) => {
    expect(of(rank, name).error).toBe("");
  });

  test("data with more batches on one rank are noticed when the other has come to its end", () => {
    expect(of(rank, "more batches").error).toMatch(
      /group: all ranks must do the same.* rank 0: after step 3; rank 1: a step on 40 samples.*; pass the same data on all ranks, as many batches of as many samples/,
    );
  });

  test("a loss with gradients in it is looked at as it is", () => {
    expect(of(rank, "a loss with gradients in it")).toMatchObject({ steps: 10 });
  });

  test("other data in a later batch are noticed there", () => {
    expect(of(rank, "other data later").error).toMatch(
      /^MpiError: epoch 1, batch 3: group: all ranks must do the same.* rank 0: a step on 40 samples: sum of .* \(\w+\); rank 1: .*; pass the same data/,
    );
  });

  test("who is stopped stops all, after the same step", () => {
    const stopped = rank === 1 ? "enough" : "stopped by another rank";
    expect(of(rank, "stopped by one rank")).toMatchObject({ steps: 4, stopped });
  });
});

test.each([
  [
    "a class that there is not, on one rank",
    /^IndexError: .* a class must be from 0 to 2, got 5/,
    /a class must be from 0 to 2, got 5/,
  ],
  ["a callback that throws on one rank", /^Error: the disk is full$/, /the disk is full/],
  ["a layer that throws on one rank", /^Error: a bad layer$/, /a bad layer/],
])("%s: the others are told what it was", (name, own, told) => {
  expect(of(1, name).error).toMatch(own);
  expect(of(0, name).error).toMatch(/^MpiError: .*group: a rank has failed, got rank 1: /);
  expect(of(0, name).error).toMatch(told);
});
