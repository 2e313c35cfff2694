import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { library } from "../blas/library.ts";
import { flags, hasMpi, launcher } from "../mpi/job.ts";
import * as expected from "./expected.ts";
import { layOut, platformProgram } from "./folders.ts";
import { json } from "./processes.ts";

const programs = join(layOut("bun"), "programs");
const bun = platformProgram("@oven/bun-linux-x64-baseline/bin/bun");
const inBun = (name: string) => json(bun!, ["main.js", name], programs);

describe.skipIf(bun === null)("Bun", () => {
  test("trains, compiles, saves and checks", async () => {
    expect(await inBun("everyday")).toEqual(expected.everyday);
  });

  test("writes files", async () => {
    expect(await inBun("files")).toEqual(expected.files);
  });

  test.skipIf(library === null)("multiplies matrices by BLAS", async () => {
    expect(await inBun("blasProducts")).toEqual(expected.blasProducts);
  });

  test.skipIf(!hasMpi)("trains on two ranks of mpirun", async () => {
    expect(await json(launcher, [...flags(2), bun!, "main.js", "ranks"], programs)).toEqual(expected.ranks);
  });

  test.each(["threads", "threadsLeft", "threadsFromFile"])("shares work among threads, and ends: %s", async (name) => {
    expect(await inBun(name)).toEqual(expected.threads);
  });
});
