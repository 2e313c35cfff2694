import { gzipSync } from "node:zlib";
import { build } from "esbuild";
import manifest from "../../package.json" with { type: "json" };
import { root } from "./bundle.ts";

/** Bytes of all that each subpath of the built package exports, with what it brings along, minified and gzipped. What is only loaded later, if at all, does not count: the compiler of `fit`. The file that workers run exports nothing, and its text is a part of `compile`. */
export async function sizes(): Promise<Record<string, number>> {
  const subpaths = Object.keys(manifest.exports).filter((path) => !/\.json$|\/worker$/.test(path));
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
      external: ["node:*", "./itself-*", ...Object.keys(manifest.peerDependencies), "@jest/globals", "expect"],
      logLevel: "error",
      tsconfigRaw: {}, // not our tsconfig.json, whose `paths` lead to src/
      write: false,
    });
    return [name, gzipSync(outputFiles[0]!.contents, { level: 9 }).length] as const;
  });
  return Object.fromEntries(await Promise.all(entries));
}
