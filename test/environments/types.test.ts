import { copyFileSync, cpSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { layOut, modules } from "./folders.ts";
import { run } from "./processes.ts";

const folder = layOut("types", ["types"]);
for (const extension of ["mts", "cts"]) {
  for (const name of ["everyday", "server"])
    copyFileSync(join(folder, `${name}.ts`), join(folder, `${name}.${extension}`));
}

// Right programs, whose shapes each version must take as they are; and what is known of shapes.
const programs = join(import.meta.dirname, "../types");
cpSync(join(programs, "programs"), join(folder, "shapes"), { recursive: true });
copyFileSync(join(programs, "known.ts"), join(folder, "shapes/known.ts"));
const shapes = readdirSync(join(folder, "shapes")).map((file) => `shapes/${file}`);

/** What stands in a project's tsconfig.json beside being as strict as can be. */
interface Settings {
  readonly module: string;
  readonly moduleResolution: string;
  readonly lib: readonly string[];
  readonly types: readonly string[];
}

/** Checks files, and every declaration that they import. */
async function expectSound(typescript: string, files: readonly string[], settings: Settings): Promise<void> {
  const strict = {
    strict: true,
    exactOptionalPropertyTypes: true,
    noUncheckedIndexedAccess: true,
    skipLibCheck: false,
  };
  const compilerOptions = { ...strict, noEmit: true, target: "es2022", ...settings };
  const config = `tsconfig.${typescript}.${settings.module}.${settings.lib.length}.${files.length}.json`;
  writeFileSync(join(folder, config), JSON.stringify({ compilerOptions, files }));
  const tsc = join(modules, `typescript-${typescript}/bin/tsc`);
  const { stdout, stderr } = await run(process.execPath, [tsc, "-p", config], folder);
  expect(stdout + stderr).toBe("");
}

const bundler = { module: "esnext", moduleResolution: "bundler" };
const node16 = { module: "node16", moduleResolution: "node16" };

describe.concurrent.each(["5.0", "5.4", "5.9", "6.0", "7.0"])("TypeScript %s", (typescript) => {
  test("a bundler's project, with nothing but ECMAScript's types; programs that are right by their shapes", () =>
    expectSound(typescript, ["everyday.ts", ...shapes], { ...bundler, lib: ["ES2022"], types: [] }));

  test("a bundler's project for pages, with the DOM's types", () =>
    expectSound(typescript, ["everyday.ts", "page.ts"], { ...bundler, lib: ["ES2022", "DOM"], types: [] }));

  test("Node's modules, imported and required, with nothing but ECMAScript's types", () =>
    expectSound(typescript, ["everyday.mts", "everyday.cts"], { ...node16, lib: ["ES2022"], types: [] }));

  test("Node's modules, imported and required, with Node's types", () =>
    expectSound(typescript, ["server.mts", "server.cts", "everyday.mts"], {
      ...node16,
      lib: ["ES2022"],
      types: ["node"],
    }));
});
