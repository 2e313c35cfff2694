import { defineConfig } from "vitest/config";

export default defineConfig({ test: { setupFiles: ["tinygrad-ts/vitest"] } });
