import { cpSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { isolation, serveFolder } from "../browser/staticSite.ts";
import { looker } from "../browser/visit.ts";
import * as expected from "./expected.ts";
import { layOut, modules } from "./folders.ts";
import { json, succeed } from "./processes.ts";

const look = looker();

/** Opens a folder's page in Chromium, where it must show these results without a complaint, or a request to another site. */
async function expectShown(folder: string, results: object): Promise<void> {
  const site = await serveFolder(`${folder}/`, isolation);
  try {
    const { shown, complaints, elsewhere } = await look(site, "/");
    expect(shown).toEqual(results);
    expect(complaints).toEqual([]);
    expect(elsewhere).toEqual([]);
  } finally {
    await site.close();
  }
}

const { everyday, threads } = expected;
const results = { everyday, threads, threadsFromFile: threads };
const node = process.execPath;

test("a page without a bundler: modules by script tag, and an import map", async () => {
  const folder = layOut("importMap", ["page", "importMap"]);
  cpSync(join(modules, "tinygrad-ts/dist"), join(folder, "tinygrad-ts"), { recursive: true });
  await expectShown(folder, results);
});

test("Vite", async () => {
  const folder = layOut("vite", ["page", "vite"]);
  await succeed(node, [join(modules, "vite/bin/vite.js"), "build"], folder);
  await expectShown(join(folder, "dist"), results);
});

test("webpack", async () => {
  const folder = layOut("webpack", ["page", "webpack"]);
  await succeed(node, ["build.js"], folder);
  await expectShown(join(folder, "dist"), results);
});

test("Parcel, told to read exports", async () => {
  const folder = layOut("parcel", ["page", "parcel"]);
  const options = ["--no-cache", "--no-source-maps", "--public-url=./"];
  await succeed(node, [join(modules, "parcel/lib/bin.js"), "build", "index.html", ...options], folder);
  await expectShown(join(folder, "dist"), { ...results, threadsFromFile: null });
});

test("esbuild, for a page and for Node", async () => {
  const folder = layOut("esbuild", ["page"]);
  const esbuild = (...args: string[]) =>
    succeed(
      node,
      [join(modules, "esbuild/bin/esbuild"), "--bundle", "--minify", "--log-level=warning", ...args],
      folder,
    );
  await esbuild("main.js", "--format=esm", "--outfile=dist/main.js");
  cpSync(join(folder, "index.html"), join(folder, "dist/index.html"));
  await expectShown(join(folder, "dist"), { ...results, threadsFromFile: null });

  await esbuild("programs/everyday.js", "--platform=node", "--format=cjs", "--outfile=server/everyday.js");
  cpSync(join(folder, "programs/main.js"), join(folder, "server/main.mjs"));
  writeFileSync(join(folder, "server/package.json"), `{ "type": "commonjs" }\n`);
  expect(await json(node, ["main.mjs", "everyday"], join(folder, "server"))).toEqual(everyday);
});

test("Next.js: a server component and a client component", async () => {
  const folder = layOut("next", ["next"]);
  await succeed(node, [join(modules, "next/dist/bin/next"), "build"], folder);
  const html = readFileSync(join(folder, "out/index.html"), "utf8");
  const [, text = ""] = /<pre id="server">(.*?)<\/pre>/.exec(html) ?? [];
  expect(JSON.parse(text.replaceAll("&quot;", '"'))).toEqual(everyday);
  await expectShown(join(folder, "out"), { everyday, threads });
});
