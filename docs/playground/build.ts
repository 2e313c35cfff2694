import { copyFile, mkdir } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type BuildOptions, build } from "esbuild";

const here = fileURLToPath(new URL(".", import.meta.url));
const source = fileURLToPath(new URL("../../src/", import.meta.url));

/** How all of it is built. */
export const common: BuildOptions = {
  bundle: true,
  minify: true,
  format: "iife", // no module: browsers open modules from a server only, and this page opens from disk as well
  target: "es2022",
  legalComments: "inline",
  alias: {
    "tinygrad-ts": join(source, "index.ts"),
    "tinygrad-ts/compile": join(source, "compile/index.ts"),
    "tinygrad-ts/debug": join(source, "debug/index.ts"),
  },
  loader: { ".gz": "binary" },
  jsx: "automatic",
  jsxImportSource: "preact",
};

/** A page: where its sources are, the names of its files, and what its program calls that of its worker; null if it has none. */
interface Page {
  readonly from: string;
  readonly name: string;
  readonly worker: string | null;
}

const pages: readonly Page[] = [
  { from: here, name: "playground", worker: "WORKER_SOURCE" },
  { from: join(here, "digits"), name: "digits", worker: "DIGITS_WORKER_SOURCE" },
  { from: join(here, "figures"), name: "figures", worker: null },
];

/** Writes both playgrounds and the figures, three files each, into folders of the site. */
export async function buildPlaygrounds(site: string): Promise<void> {
  await Promise.all(pages.map((page) => buildPage(page, join(site, page.name))));
}

/** The worker's program stands as a text in the page's. */
async function buildPage({ from, name, worker }: Page, folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  const define: Record<string, string> = {};
  if (worker !== null) {
    const program = await build({ ...common, entryPoints: [join(from, "worker.ts")], write: false });
    define[worker] = JSON.stringify(program.outputFiles[0]!.text);
  }
  await build({
    ...common,
    entryPoints: [join(from, "main.tsx")],
    define,
    outfile: join(folder, `${name}.js`),
  });
  await build({ ...common, entryPoints: [join(from, `${name}.css`)], outfile: join(folder, `${name}.css`) });
  await copyFile(join(from, "index.html"), join(folder, "index.html"));
}
