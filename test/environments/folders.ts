import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { transformSync } from "esbuild";

/** This folder. */
export const here = fileURLToPath(new URL("./", import.meta.url));

/** What is installed here; the package under test lies in it as if it came from the registry. */
export const modules = join(here, "node_modules");

/**
 * Lays out a user's project: the files of `projects/NAME`, one over the other where several are named, and the programs in its folder `programs`. Whatever tools write there goes
 * with it the next time.
 */
export function layOut(name: string, projects: readonly string[] = []): string {
  const work = join(here, ".work");
  const folder = join(work, name);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  // Tools take the first one above a project; the root's has `paths` that lead to src/.
  writeFileSync(join(work, "tsconfig.json"), "{}\n");
  cpSync(join(here, "programs"), join(folder, "programs"), { recursive: true });
  for (const project of projects) cpSync(join(here, "projects", project), folder, { recursive: true });
  return folder;
}

/** Rewrites the programs of a folder as CommonJS, as compilers do for projects that have it. */
export function toCommonJs(folder: string): void {
  for (const file of readdirSync(folder)) {
    const path = join(folder, file);
    const { code } = transformSync(readFileSync(path, "utf8"), { format: "cjs", platform: "node", target: "es2022" });
    writeFileSync(path, code);
  }
  writeFileSync(join(folder, "package.json"), `{ "type": "commonjs" }\n`);
}

/**
 * A program that comes in a package for one platform alone. Where it is missing there is none to test: null, said aloud; in CI that is an error.
 */
export function platformProgram(path: string): string | null {
  const file = join(modules, path);
  if (existsSync(file)) return file;
  const text = `test:environments: there is no ${path} for this platform, ${process.platform} ${process.arch}`;
  if (process.env["CI"] === "true") throw new Error(text);
  console.warn(`${text}; its tests are SKIPPED`);
  return null;
}
