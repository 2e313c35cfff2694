// Compares with other libraries: `npm run bench`. `npm run bench -- --help` says what can be chosen.
import { readFileSync, writeFileSync } from "node:fs";
import { compareBuilds } from "./drive/builds.ts";
import { install } from "./drive/install.ts";
import { measure } from "./drive/measure.ts";
import { sizes } from "./drive/sizes.ts";
import { readOptions } from "./options.ts";
import { writePage } from "./report/page.ts";
import { print } from "./report/print.ts";
import type { Results } from "./results.ts";

const file = new URL("results.json", import.meta.url);
const options = readOptions();
const written = (): Results => JSON.parse(readFileSync(file, "utf8")) as Results;
if (options.render) {
  writePage(written());
} else if (options.against !== undefined) {
  await compareBuilds(options.against, options);
} else if (options.sizesOnly) {
  write({ ...written(), sizes: await sizes() });
} else {
  for (const problem of install()) console.log(`! ${problem}`);
  const results = await measure(options);
  print(results);
  if (options.full) write(results);
}

function write(results: Results): void {
  writeFileSync(file, `${JSON.stringify(results, null, 1)}\n`);
  writePage(results);
  console.log("\nWritten: bench/results.json, docs/guide/performance.md and its figure");
}
