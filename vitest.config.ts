import { availableParallelism } from "node:os";
import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

// Of tests that only compute, those of a process share its modules: loading them anew for each file takes longer than half of the tests. All others have modules of their own.
const together = [
  ...["autograd", "conformance", "debug", "doors", "gradcheck", "loss", "model", "nn", "optim", "playground", "random", "safetensors", "schedule", "tensor"].map((folder) => `test/${folder}/**/*.test.ts`), // biome-ignore format: one line
  "test/compile/!(accuracy|hostCalls|memory|pool*|threads).test.ts", // those have threads, or watch memory
  "test/ops/!(large).test.ts", // whose arrays stay, and make the collector run all the time: what took 12 s after it took 450
];
const support = (name: string): string => fileURLToPath(new URL(`test/support/${name}.ts`, import.meta.url));

export default defineConfig({
  resolve: {
    // Tests run the sources; test/package/ is what tests the build.
    alias: {
      "tinygrad-ts/gradcheck": fileURLToPath(new URL("src/gradcheck/index.ts", import.meta.url)),
      "tinygrad-ts/compile": fileURLToPath(new URL("src/compile/index.ts", import.meta.url)),
      "tinygrad-ts/blas": fileURLToPath(new URL("src/blas/index.ts", import.meta.url)),
      "tinygrad-ts/mpi": fileURLToPath(new URL("src/mpi/index.ts", import.meta.url)),
      "tinygrad-ts/fast-check": fileURLToPath(new URL("src/fastCheck/index.ts", import.meta.url)),
      "tinygrad-ts/train": fileURLToPath(new URL("src/train/index.ts", import.meta.url)),
      "tinygrad-ts/reporters": fileURLToPath(new URL("src/reporters/index.ts", import.meta.url)),
      "tinygrad-ts/debug": fileURLToPath(new URL("src/debug/index.ts", import.meta.url)),
      "tinygrad-ts/model": fileURLToPath(new URL("src/model/index.ts", import.meta.url)),
      "tinygrad-ts/onnx": fileURLToPath(new URL("src/onnx/index.ts", import.meta.url)),
      "tinygrad-ts/node": fileURLToPath(new URL("src/node/index.ts", import.meta.url)),
      "tinygrad-ts/safetensors": fileURLToPath(new URL("src/safetensors/index.ts", import.meta.url)),
      "tinygrad-ts/vitest": fileURLToPath(new URL("src/vitest.ts", import.meta.url)),
      "tinygrad-ts/jest": fileURLToPath(new URL("src/jest.ts", import.meta.url)),
      "tinygrad-ts": fileURLToPath(new URL("src/index.ts", import.meta.url)),
    },
  },
  test: {
    projects: [
      {
        extends: true,
        test: { name: "together", isolate: false, include: together, setupFiles: [support("seed"), support("fresh")] },
      },
      {
        extends: true,
        test: {
          name: "apart",
          include: ["test/**/*.test.ts"],
          exclude: [
            ...together,
            "test/consumers/**", // projects of their own: test/package/consumers.test.ts runs them
            "test/browser/**", // npm run test:browser
            "test/environments/**", // npm run test:environments
          ],
        },
      },
    ],
    pool: "forks",
    maxWorkers: availableParallelism(), // Vitest leaves one core free: of two, that is half
    execArgv: ["--expose-gc"], // for tests that watch memory
    setupFiles: [support("seed")],
    testTimeout: 300_000, // a busy machine may be ten times slower
    hookTimeout: 300_000,
    expect: { poll: { timeout: 60_000 } },
    coverage: {
      provider: "v8",
      include: ["src/**/*.ts"],
      // The pages are to be looked at: in CI nobody does.
      reporter: process.env["CI"] === "true" ? ["text-summary"] : ["text-summary", "html"],
      thresholds: { lines: 95 },
    },
  },
});
