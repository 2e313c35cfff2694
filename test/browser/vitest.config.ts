import { fileURLToPath } from "node:url";
import { playwright } from "@vitest/browser-playwright";
import { defineConfig } from "vitest/config";
import node from "../../vitest.config.ts";
import { launchOptions } from "./chromium.ts";

// What tests ask their environment for: how many cases to draw (fewer than in Node), and from which seeds.
const { CI, FC_SEED, OP_RUNS = "15", OP_SEED, PROGRAMS = "50", SEED } = process.env;

// Not a project of the configuration in the root, so that running a test file there takes no browser.
export default defineConfig({
  root: fileURLToPath(new URL("../../", import.meta.url)),
  resolve: node.resolve ?? {},
  test: {
    testTimeout: 300_000, // a busy machine may be ten times slower
    hookTimeout: 300_000,
    maxConcurrency: 2, // of the tests of a file that are concurrent: beside four others, what takes axe 2 s takes it 30
    projects: [
      {
        extends: true,
        define: {
          "process.env": JSON.stringify({ CI, FC_SEED, OP_RUNS, OP_SEED, PROGRAMS, SEED }),
          "process.argv": "[]",
        },
        optimizeDeps: { include: ["fast-check"] }, // found while tests run, it would reload them
        test: {
          name: "suite",
          // What another engine could do otherwise. The rest is arithmetic that ECMAScript lays down to the bit, and runs in Node alone.
          include: [
            "test/compile/**/*.test.ts", // WebAssembly
            "test/debug/anomaly.test.ts", // where calls stand in a stack
            "test/ops/{elementwise,sort}.test.ts", // Math, whose digits are the engine's own; sorting
            "test/random/**/*.test.ts",
            "test/reliability/determinism.test.ts",
            "test/safetensors/**/*.test.ts",
            "test/tensor/{create,methods}.test.ts", // typed arrays
            "test/train/{fit,pause}.test.ts", // pauses for the event loop
          ],
          exclude: [
            "test/compile/{accuracy,memory}.test.ts", // read files; need Node's flags
            "test/compile/{pool,threads}.test.ts", // need an isolated page: see pages.test.ts
            "test/compile/{graph,seam}.test.ts", // what is compiled, not what runs it; reads files
            "test/compile/mutate/**", // starts processes
            "test/safetensors/{interchange,fuzz,bytes}.test.ts", // run Python; take long; need Node
          ],
          setupFiles: ["test/support/seed.ts", "test/support/fresh.ts"],
          fileParallelism: false,
          isolate: false, // one page for all: loading the library anew for each file takes as long as half of the tests
          browser: {
            enabled: true,
            headless: true,
            screenshotFailures: false,
            provider: playwright({ launchOptions: launchOptions() }),
            instances: [{ browser: "chromium" }],
          },
        },
      },
      {
        extends: true,
        // What a page shows after a click is waited for; on a busy machine that may take its time.
        test: { name: "pages", include: ["test/browser/**/*.test.ts"], expect: { poll: { timeout: 60_000 } } },
      },
    ],
  },
});
