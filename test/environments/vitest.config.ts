import { defineConfig } from "vitest/config";
import { here } from "./folders.ts";

export default defineConfig({
  root: here,
  test: {
    include: ["*.test.ts"],
    globalSetup: "installPackage.ts",
    testTimeout: 120_000,
    hookTimeout: 240_000,
  },
});
