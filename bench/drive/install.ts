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
  const [wanted, installed] = [`${root}bench/package-lock.json`, `${modules}/.package-lock.json`];
  const isFresh = existsSync(installed) && statSync(installed).mtimeMs >= statSync(wanted).mtimeMs;
  if (isFresh && missing().length === 0) return [];
  const command = "npm ci --ignore-scripts --no-audit --no-fund --loglevel=error";
  const { status, stderr } = spawnSync(command, { cwd: `${root}bench`, encoding: "utf8", shell: true });
  const reason = stderr.split("\n").find((line) => /error/i.test(line)) ?? `npm ended with ${status}`;
  const problems = status === 0 ? [] : [`npm ci in bench/ failed: ${reason.replaceAll(root, "")}`];
  return [...problems, ...missing().map((name) => `${name} is not installed`)];
}

/** Packages that should be there and are not. Of the Nodes, there is one for each system. */
function missing(): string[] {
  const names = Object.keys(manifest.optionalDependencies);
  const nodes = names.filter((name) => name.startsWith("node-"));
  const lacking = (name: string): boolean => !existsSync(`${modules}/${name}/package.json`);
  const peers = names.filter((name) => !nodes.includes(name) && lacking(name));
  return nodes.every(lacking) ? [...peers, "a recent Node"] : peers;
}
