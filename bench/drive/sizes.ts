import { gzipSync } from "node:zlib";
import { build } from "esbuild";
import manifest from "../../package.json" with { type: "json" };
import { root } from "./bundle.ts";

/** Bytes of all that each subpath of the built package exports, with what it brings along, minified and gzipped. */
export async function sizes(): Promise<Record<string, number>> {
  const subpaths = Object.keys(manifest.exports).filter((path) => !path.endsWith(".json"));
  const entries = subpaths.map(async (subpath) => {
    const name = `tinygrad-ts${subpath.slice(1)}`;
    const { outputFiles } = await build({
      stdin: { contents: `export * from "${name}";`, resolveDir: root },
      absWorkingDir: root,
      bundle: true,
      minify: true,
      format: "esm",
      platform: "neutral",
      target: "es2022",
      external: ["vitest", "@jest/globals", "expect", "fast-check"],
      logLevel: "error",
      tsconfigRaw: {}, // not our tsconfig.json, whose `paths` lead to src/
      write: false,
    });
    return [name, gzipSync(outputFiles[0]!.contents, { level: 9 }).length] as const;
  });
  return Object.fromEntries(await Promise.all(entries));
}
