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
import { workloads as allWorkloads } from "./spec.ts";

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
  else if (options.write) write(merged(written(), results));
}

/** What was measured now in the place of what was measured before; the rest keeps its date. */
function merged(before: Results, now: Results): Results {
  const { date, workloads, curves, stream, coldStart, compileTimes } = now;
  const isNew = new Set(workloads.map(({ id }) => id));
  const kept = before.workloads.filter(({ id }) => !isNew.has(id)).map((own) => ({ date: before.date, ...own }));
  const order = allWorkloads.map(({ id }) => id);
  return {
    ...before,
    ...now,
    workloads: [...kept, ...workloads].sort((a, b) => order.indexOf(a.id) - order.indexOf(b.id)),
    curves: curves.length > 0 ? curves : before.curves.map((own) => ({ date: before.date, ...own })),
    ...(stream === undefined && before.stream !== undefined ? { stream: before.stream } : {}),
    coldStart: Object.keys(coldStart).length > 0 ? coldStart : before.coldStart,
    compileTimes: Object.keys(compileTimes).length > 0 ? compileTimes : before.compileTimes,
    sizes: before.sizes,
    date,
  };
}

function write(results: Results): void {
  writeFileSync(file, `${JSON.stringify(results, null, 1)}\n`);
  writePage(results);
  console.log("\nWritten: bench/results.json, docs/guide/performance.md and its figure");
}
