import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import installed from "../environments/package.json" with { type: "json" };
import { root } from "./extract.ts";

/** Packages by which another one is tested, or whose types it needs. */
const helpers = ["@types/node", "fast-check", "jest-environment-jsdom", "koffi", "react-dom"];

test("the guide names the versions of the environments that are tested, and no others", () => {
  const guide = readFileSync(join(root, "docs/guide/environments.md"), "utf8");
  const rows = [...guide.matchAll(/^\| [^|]* \| ([^|]*) \|/gm)].map(([, versions]) => versions!);
  const named = rows.flatMap((versions) => versions.match(/\d+\.\d+\.\d+/g) ?? []);
  const tested = Object.entries({ ...installed.devDependencies, ...installed.optionalDependencies })
    .filter(([name]) => !helpers.includes(name))
    .map(([, version]) => version.replace(/^npm:.*@/, ""));
  expect([...new Set(named)].sort()).toEqual([...new Set(tested)].sort());
  expect(named.length).toBeGreaterThan(12);
});
