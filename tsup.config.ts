import { writeFile } from "node:fs/promises";
import { defineConfig } from "tsup";
import { workerSource } from "./src/compile/threads/workerSource.ts";

export default defineConfig({
  // One entry per subpath of the package: the same names stand in package.json, tsconfig.json and vitest.config.ts.
  entry: {
    index: "src/index.ts",
    gradcheck: "src/gradcheck/index.ts",
    compile: "src/compile/index.ts",
    "fast-check": "src/fastCheck/index.ts",
    safetensors: "src/safetensors/index.ts",
    model: "src/model/index.ts",
    node: "src/node/index.ts",
    debug: "src/debug/index.ts",
    reporters: "src/reporters/index.ts",
    train: "src/train/index.ts",
    vitest: "src/vitest.ts",
    jest: "src/jest.ts",
  },
  format: ["esm", "cjs"],
  target: "es2022",
  platform: "neutral",
  removeNodeProtocol: false, // Deno wants it
  external: [/^node:/], // only in src/node: elsewhere in src/ they do not compile
  tsconfig: "tsconfig.src.json",
  dts: { compilerOptions: { ignoreDeprecations: "6.0" } }, // tsup 8 still sets an option that TypeScript 6 deprecates
  splitting: true,
  sourcemap: true,
  clean: true,
  // Readable output that keeps its `/* @__PURE__ */` marks: shaking and minifying are done by the user's bundler.
  minify: false,
  treeshake: false,
  // What the compiler's workers run, also as a file, for pages that allow workers from nowhere else.
  onSuccess: () => writeFile("dist/compile-worker.js", workerSource),
});
