import { fileURLToPath, pathToFileURL } from "node:url";
import { build, type Plugin } from "esbuild";

export const root = fileURLToPath(new URL("../../", import.meta.url));

/** `tinygrad-ts` is the built package, by its path: this is what users get. */
const builtPackage: Plugin = {
  name: "built-package",
  setup({ onResolve }) {
    onResolve({ filter: /^tinygrad-ts(\/|$)/ }, ({ path }) => {
      const entry = path === "tinygrad-ts" ? "index" : path.slice("tinygrad-ts/".length);
      return { path: pathToFileURL(`${root}dist/${entry}.js`).href, external: true };
    });
  },
};

/** Makes plain modules of what runs in the measuring processes: nothing is translated there while the clock runs. */
export async function bundle(): Promise<void> {
  await build({
    absWorkingDir: `${root}bench`,
    entryPoints: ["run/main.ts", "run/ours.ts", "peers/tfjs.ts", "peers/jax.ts", "peers/jsPytorch.ts"],
    entryNames: "[name]",
    outdir: ".out",
    bundle: true,
    splitting: true,
    format: "esm",
    platform: "node",
    target: "node20",
    packages: "external",
    plugins: [builtPackage],
    tsconfigRaw: {},
    logLevel: "error",
  });
}
