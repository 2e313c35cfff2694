import { spawnSync } from "node:child_process";
import { existsSync, statSync } from "node:fs";
import manifest from "../package.json" with { type: "json" };
import { root } from "./bundle.ts";

const modules = `${root}bench/node_modules`;

/**
 * Installs what bench/package.json names, if its lock file has changed since, or if something is missing. Install scripts are not run: some of
 * them build or fetch things that nothing here needs. Returns what went wrong, a sentence each.
 */
export function install(): string[] {
  if (isFresh("bench") && missing().length === 0) return [];
  return [...installIn("bench"), ...missing().map((name) => `${name} is not installed`)];
}

/** Whether a folder's packages are those of its lock file. */
function isFresh(folder: string): boolean {
  const [wanted, installed] = [
    `${root}${folder}/package-lock.json`,
    `${root}${folder}/node_modules/.package-lock.json`,
  ];
  return existsSync(installed) && statSync(installed).mtimeMs >= statSync(wanted).mtimeMs;
}

/** Installs what a folder's lock file names, unless it is there. Returns what went wrong, in at most one sentence. */
export function installIn(folder: string): string[] {
  if (isFresh(folder)) return [];
  const command = "npm ci --ignore-scripts --no-audit --no-fund --loglevel=error";
  const { status, stderr } = spawnSync(command, { cwd: `${root}${folder}`, encoding: "utf8", shell: true });
  const reason = stderr.split("\n").find((line) => /error/i.test(line)) ?? `npm ended with ${status}`;
  return status === 0 ? [] : [`npm ci in ${folder}/ failed: ${reason.replaceAll(root, "")}`];
}

/** Packages that should be there and are not. Of the Nodes, there is one for each system. */
function missing(): string[] {
  const names = Object.keys(manifest.optionalDependencies);
  const nodes = names.filter((name) => name.startsWith("node-"));
  const lacking = (name: string): boolean => !existsSync(`${modules}/${name}/package.json`);
  const peers = names.filter((name) => !nodes.includes(name) && lacking(name));
  return nodes.every(lacking) ? [...peers, "a recent Node"] : peers;
}
