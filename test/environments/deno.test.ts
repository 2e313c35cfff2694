import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { library } from "../blas/library.ts";
import { flags, hasMpi, launcher } from "../mpi/job.ts";
import * as expected from "./expected.ts";
import { layOut, platformProgram } from "./folders.ts";
import { json } from "./processes.ts";

const programs = join(layOut("deno"), "programs");
const deno = platformProgram("@deno/linux-x64-glibc/deno");

/** Runs a program without any permission but those that are given. */
function inDeno(name: string, ...permissions: string[]): Promise<unknown> {
  return json(deno!, ["run", "--no-prompt", ...permissions, "main.js", name], programs);
}

describe.skipIf(deno === null)("Deno", () => {
  test("trains, compiles, saves and checks, without any permission", async () => {
    expect(await inDeno("everyday")).toEqual(expected.everyday);
  });

  test("writes files, with the permission to", async () => {
    expect(await inDeno("files", "--allow-read", "--allow-write")).toEqual(expected.files);
  });

  test.skipIf(library === null)("multiplies matrices by BLAS, with the permission to load it", async () => {
    expect(await inDeno("blasProducts", "--allow-ffi", "--allow-read")).toEqual(expected.blasProducts);
  });

  test.skipIf(!hasMpi)(
    "trains on two ranks of mpirun, with the permissions to load MPI and to see who has started it",
    async () => {
      const permissions = ["--allow-env", "--allow-ffi", "--allow-read"];
      const command = [...flags(2), deno!, "run", "--no-prompt", ...permissions, "main.js", "ranks"];
      expect(await json(launcher, command, programs)).toEqual(expected.ranks);
    },
  );

  test.each(["threads", "threadsLeft"])("shares work among threads, and ends: %s", async (name) => {
    expect(await inDeno(name)).toEqual(expected.threads);
  });

  test("takes the package's file for a worker, and ends it", async () => {
    expect(await inDeno("threadsFromFile", "--allow-read")).toEqual(expected.threads);
  });
});
