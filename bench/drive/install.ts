import { spawnSync } from "node:child_process";
import { existsSync, statSync } from "node:fs";
import { root } from "./bundle.ts";

/**
 * Installs what bench/package.json names, if its lock file has changed since. Install scripts are not run: some of them build or fetch
 * things that nothing here needs. Returns what went wrong, if anything did.
 */
export function install(): string | undefined {
  const [wanted, installed] = ["package-lock.json", "node_modules/.package-lock.json"].map((f) => `${root}bench/${f}`);
  if (existsSync(installed!) && statSync(installed!).mtimeMs >= statSync(wanted!).mtimeMs) return undefined;
  const command = "npm ci --ignore-scripts --no-audit --no-fund --loglevel=error";
  const { status, stderr } = spawnSync(command, { cwd: `${root}bench`, encoding: "utf8", shell: true });
  return status === 0
    ? undefined
    : (stderr.split("\n").find((line) => /error/i.test(line)) ?? `npm ci ended with ${status}`);
}
