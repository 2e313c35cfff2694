import { readFileSync } from "node:fs";

/** The version of an installed package, seen from where the bundles are. */
export function versionOf(name: string): string {
  const manifest = readFileSync(new URL(`../node_modules/${name}/package.json`, import.meta.url), "utf8");
  return (JSON.parse(manifest) as { version: string }).version;
}
