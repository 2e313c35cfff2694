import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { expect, test } from "vitest";
import manifest from "../../package.json" with { type: "json" };

// The names that users see in consoles, errors and stack traces. `npm run build` first: these tests read dist/.

const root = new URL("../../", import.meta.url);
const require = createRequire(root);

/** The files of subpaths that neither run in a test framework alone nor are workers. */
const files = Object.entries(manifest.exports).flatMap(([subpath, entry]) => {
  if (typeof entry === "string" || !("require" in entry) || subpath === "./jest") return [];
  return [entry.import.default, entry.require.default];
});

test.each(files)("classes and functions in %s have the names that they are exported under", async (file) => {
  const path = new URL(file, root);
  const exported: Record<string, unknown> = file.endsWith(".cjs") ? require(path.pathname) : await import(path.href);
  const named = Object.entries(exported).filter(([, value]) => typeof value === "function");
  expect(named.map(([, value]) => (value as { readonly name: string }).name)).toEqual(named.map(([name]) => name));
});

test("classes are looked at in the main entry", () => {
  expect(files).toContain("./dist/index.js");
  expect(files).toContain("./dist/model.cjs");
});

test.each(files.filter((file) => file.endsWith(".js")))(
  "declarations of %s export as values what is there",
  async (file) => {
    const exported = Object.keys(await import(new URL(file, root).href));
    const read = (ending: string) => readFileSync(new URL(file.replace(/\.js$/, ending), root), "utf8");
    const code = read(".d.cts");
    const lists = [...code.matchAll(/^export \{([^}]*)\}/gm)].flatMap(([, list]) => list!.split(","));
    const values = lists.map((item) => item.trim()).filter((item) => item !== "" && !item.startsWith("type "));
    expect(values.map((item) => item.split(" as ").at(-1)).sort()).toEqual(exported.sort());
    const shared = `export * from "${file.replace(/^.*\/(.*)\.js$/, "./$1.cjs")}";\n`;
    expect([shared, code]).toContain(read(".d.ts"));
  },
);

test("the worker's file says where it is to run", () => {
  expect(() => require("tinygrad-ts/compile/worker")).toThrow(/^tinygrad-ts\/compile\/worker: runs in a worker/);
});
