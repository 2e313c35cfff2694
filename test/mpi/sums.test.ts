import { beforeAll, describe, expect, test } from "vitest";
import { bundled, type Ended, hasMpi, runJob, runWorkers } from "./job.ts";

// What sums over ranks come to where it is not plain: rounding, integers that are too large, NaN, nothing at all.

const kinds = [["workers", 3], ...(hasMpi ? [["processes", 4] as const] : [])] as const;

describe.each(kinds)("%s, %i of them", (kind, ranks) => {
  let job: Ended;
  beforeAll(async () => {
    job = await (kind === "workers" ? runWorkers : runJob)(await bundled("sums"), ranks);
  });
  const expectLine = (line: object): void => {
    expect(job.code, job.errors).toBe(0);
    job.printed.forEach((lines, rank) => expect(lines).toContainEqual({ rank, ...line }));
  };

  test.each(["Float32Array", "Float64Array"])("sums of %s are within (size − 1) ε Σ|x| of the exact one", (dtype) => {
    expectLine({ dtype, isWithin: true, isSame: true, isRounded: true });
  });

  test("a sum that int32 cannot hold is refused by all, and nothing has changed", () => {
    const sum = ranks * (2 ** 31 - 1) - (ranks * (ranks - 1)) / 2;
    const overflow = `ValueError: allReduce: an Int32Array must hold the sum, got ${sum} at 1; pass a Float64Array`;
    expectLine({ overflow, isKept: true });
  });

  test("the largest and the smallest that it can hold are exact", () => {
    expectLine({ fitting: [ranks * (2 ** 29 - 1), ranks * -(2 ** 29)] });
  });

  test("the largest is NaN where one rank has it, and 0 for −0, on all", () => {
    expectLine({ largest: ["NaN", "0", "0", "-Infinity"] });
  });

  test("of nothing there is nothing", () => {
    expectLine({ none: [] });
  });
});

describe.each(["throws", "leaves"])("a worker that %s", (how) => {
  test("does not keep the others waiting", async () => {
    const { printed, errors, code } = await runWorkers(await bundled("ended"), 3, [how]);
    const error =
      'MpiError: group: each worker must come, got rank 1, which has ended; its error is in worker.on("error", (error) => { … }); other workers need other seats';
    for (const rank of [0, 2]) {
      expect(printed[rank]).toContainEqual({ rank, error, again: error });
      expect(printed[rank]).toContainEqual({ rank, isSoon: true });
    }
    expect([code, errors]).toEqual(how === "throws" ? [1, "rank 1: Error: a bad row\n"] : [0, ""]);
  });
});
