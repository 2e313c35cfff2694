import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { library } from "../blas/library.ts";
import { flags, hasMpi, launcher } from "../mpi/job.ts";
import * as expected from "./expected.ts";
import { here, layOut, platformProgram, toCommonJs } from "./folders.ts";
import { json } from "./processes.ts";

const programs = join(layOut("node"), "programs");
const commonJs = join(layOut("node-commonjs"), "programs");
beforeAll(() => toCommonJs(commonJs));

describe.each(["20", "22", "24", "26"])("Node %s", (version) => {
  const node = platformProgram(`node-${version}/bin/node`);
  const inNode = test.skipIf(node === null);

  inNode("is that version", async () => {
    expect(await json(node!, ["-p", "JSON.stringify(process.version)"], here)).toMatch(`v${version}.`);
  });

  inNode("trains, compiles, saves and checks, by import", async () => {
    expect(await json(node!, ["main.js", "everyday"], programs)).toEqual(expected.everyday);
  });

  inNode("trains, compiles, saves and checks, by require", async () => {
    expect(await json(node!, ["main.js", "everyday"], commonJs)).toEqual(expected.everyday);
  });

  inNode("writes files", async () => {
    expect(await json(node!, ["main.js", "files"], programs)).toEqual(expected.files);
  });

  test.skipIf(node === null || library === null)("multiplies matrices by BLAS, by import and by require", async () => {
    for (const folder of [programs, commonJs]) {
      expect(await json(node!, ["main.js", "blasProducts"], folder)).toEqual(expected.blasProducts);
    }
  });

  test.skipIf(node === null || !hasMpi)("trains on two ranks of mpirun, by import and by require", async () => {
    for (const folder of [programs, commonJs]) {
      expect(await json(launcher, [...flags(2), node!, "main.js", "ranks"], folder)).toEqual(expected.ranks);
    }
  });

  inNode.each(["threads", "threadsLeft"])("shares work among threads, and ends: %s", async (name) => {
    expect(await json(node!, ["main.js", name], programs)).toEqual(expected.threads);
  });
});
