import { spawnSync } from "node:child_process";
import { copyFileSync, existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { here, modules } from "./folders.ts";

// Installs what the tests of this folder need, 1.6 GB, unless it is there.

const lockfile = join(here, "package-lock.json");
const installed = join(modules, ".installed.json");

if (!existsSync(installed) || readFileSync(installed, "utf8") !== readFileSync(lockfile, "utf8")) {
  console.log("test:environments: installing runtimes, compilers, bundlers and frameworks");
  // One command string: on Windows npm is a script, which only a shell can start.
  const { status } = spawnSync("npm ci", { cwd: here, shell: true, stdio: ["ignore", "inherit", "inherit"] });
  if (status === 0) copyFileSync(lockfile, installed);
  process.exitCode = status ?? 1;
}
