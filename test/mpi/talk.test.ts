import { beforeAll, describe, expect, test } from "vitest";
import { bundled, type Ended, hasMpi, runJob, runWorkers } from "./job.ts";

// Processes that mpirun starts, and workers: what they say to each other arrives, and what cannot work is refused by all.

const kinds = [[hasMpi ? "processes" : "workers", 2]] as const; // other tests have workers anyway

describe.each(kinds)("%s, %i of them", (kind, ranks) => {
  let job: Ended;
  beforeAll(async () => {
    const run = kind === "workers" ? runWorkers : runJob;
    job = await run(await bundled("talk"), ranks);
  });
  const all = Array.from({ length: ranks }, (_, rank) => rank);
  const sum = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0);

  test("end well", () => {
    expect(job.code, job.errors).toBe(0);
  });

  test("add up, find the largest, broadcast and gather", () => {
    const wanted = {
      size: ranks,
      sum: [sum(all) + ranks, 0 - sum(all)],
      max: [ranks - 1, 0],
      counts: [sum(all), ranks],
      sent: [ranks - 1, 7],
      all: all.flatMap((rank) => [rank, 2 * rank]),
    };
    job.printed.forEach((lines, rank) => expect(lines).toContainEqual({ rank, ...wanted }));
  });

  test("add up what is large, in shared memory", () => {
    job.printed.forEach((lines, rank) => expect(lines).toContainEqual({ rank, large: true }));
  });

  test("average gradients that are sent in parts", () => {
    job.printed.forEach((lines) =>
      expect(lines).toContainEqual(expect.objectContaining({ large: "gradients", isNear: true })),
    );
  });

  test.each(["compiled", "eager", "left outside", "in two parts"])(
    "step on their parts of a batch as one does on the whole of it, %s, and keep the same bits",
    (how) => {
      job.printed.forEach((lines, rank) => expect(lines).toContainEqual({ rank, how, isNear: true, isSame: true }));
    },
  );

  test("average once in a step, before clipping", () => {
    job.printed.forEach((lines, rank) => expect(lines).toContainEqual({ rank, calls: 1 }));
  });

  test("who does something else than the others is refused by all, with what each does", () => {
    const told = (what: (rank: number) => string): string =>
      `MpiError: group: all ranks must do the same, in the same order, got ${all.map((rank) => `rank ${rank}: ${what(rank)}`).join("; ")}`;
    const different = told((rank) => (rank === 0 ? "barrier" : "allReduce sum Float32Array(1)"));
    const lengths = told((rank) => `allReduce sum Float32Array(${rank === 0 ? 3 : 4})`);
    job.printed.forEach((lines, rank) => {
      expect(lines).toContainEqual({ rank, different });
      expect(lines).toContainEqual({ rank, lengths });
      const { programs } = lines.find((line) => "programs" in (line as object)) as { programs: string };
      expect(programs).toMatch(
        /^MpiError: group: all ranks must have the same in "compile of float32\[4\]", got rank 0: %\d+ = constant float32\[4\] 2; rank 1: %\d+ = constant float32\[4\] 3/,
      );
    });
  });
});

test("workers in a hurry, more of them than cores, do not mix up what they send", async () => {
  const { printed } = await runWorkers(await bundled("hurry"), 6);
  expect(printed).toEqual(Array.from({ length: 6 }, (_, rank) => [{ rank, wrong: 0 }]));
}, 120_000);
