import { copyFile, mkdir } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type BuildOptions, build } from "esbuild";

const here = fileURLToPath(new URL(".", import.meta.url));
const source = fileURLToPath(new URL("../../src/", import.meta.url));

const common: BuildOptions = {
  bundle: true,
  minify: true,
  format: "iife", // no module: browsers open modules from a server only, and this page opens from disk as well
  target: "es2022",
  legalComments: "inline",
  alias: { "tinygrad-ts": join(source, "index.ts"), "tinygrad-ts/debug": join(source, "debug/index.ts") },
  jsx: "automatic",
  jsxImportSource: "preact",
};

/** Writes the playground's three files into a folder. The worker's program stands as a text in the page's. */
export async function buildPlayground(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  const worker = await build({ ...common, entryPoints: [join(here, "worker.ts")], write: false });
  await build({
    ...common,
    entryPoints: [join(here, "main.tsx")],
    define: { WORKER_SOURCE: JSON.stringify(worker.outputFiles[0]!.text) },
    outfile: join(folder, "playground.js"),
  });
  await build({ ...common, entryPoints: [join(here, "playground.css")], outfile: join(folder, "playground.css") });
  await copyFile(join(here, "index.html"), join(folder, "index.html"));
}
