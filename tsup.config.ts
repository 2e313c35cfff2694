import { defineConfig } from "tsup";

export default defineConfig({
  entry: ["src/index.ts"],
  format: ["esm", "cjs"],
  target: "es2022",
  // "neutral" knows no Node module: an import of one from src/ would fail here.
  platform: "neutral",
  tsconfig: "tsconfig.src.json",
  dts: { compilerOptions: { ignoreDeprecations: "6.0" } }, // tsup 8 still sets an option that TypeScript 6 deprecates
  splitting: true,
  sourcemap: true,
  clean: true,
  // Readable output that keeps its `/* @__PURE__ */` marks: shaking and minifying are done by the user's bundler.
  minify: false,
  treeshake: false,
});
