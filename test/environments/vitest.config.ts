import { defineConfig } from "vitest/config";
import { here } from "./folders.ts";

export default defineConfig({
  root: here,
  test: {
    include: ["*.test.ts"],
    globalSetup: "installPackage.ts",
    maxConcurrency: 2, // of the tests of a file that are concurrent
    testTimeout: 300_000, // the time limits are those of the processes: see processes.ts
    hookTimeout: 300_000,
  },
});
