import type { Results } from "../results.ts";
import { timeOf } from "../results.ts";
import { judged } from "../targets.ts";
import { digits, duration, textTable } from "./format.ts";
import { roofOf } from "./roof.ts";
import { compileTable, convolutions, librariesTable, ratios, remarks, sizesTable, speeds, times } from "./tables.ts";

/** Prints everything that was measured. */
export function print(results: Results): void {
  const { machine, load } = results;
  console.log(`\n${machine.cpu}, ${machine.cores} cores, ${machine.system}; load at the start ${load.toFixed(1)}`);
  section("Libraries", librariesTable(results));
  section("Time of a run: median over rounds, ± half the range of the rounds", times(results));
  section("Times as long as our compiled program", ratios(results));
  section("GFLOP/s", speeds(results));
  section("Convolutions: GFLOP/s, and their share of the product of 1024 × 1024 matrices", convolutions(results));
  for (const { id, title, points } of results.curves) {
    const shown = results.libraries.filter((library) => points.some(({ outcomes }) => library.id in outcomes));
    const time = (us: number | undefined): string => (us === undefined ? "—" : duration(us));
    const rows = points.map(({ at, outcomes }) => [String(at), ...shown.map((l) => time(timeOf(outcomes[l.id])))]);
    section(`A step against ${id} (${title})`, [["", ...shown.map(({ label }) => label)], ...rows]);
  }
  const roof = roofOf(results);
  if (roof !== undefined) {
    console.log(
      `\nRoof: ${digits(roof.gflops)} GFLOP/s (best product), ${digits(roof.gigabytes)} GB/s (sum of large arrays)`,
    );
  }
  section("Compiling takes, beyond a step of eager code", compileTable(results));
  section("Size of all that a subpath exports", sizesTable(results));
  const targets = judged(results);
  const names = Object.keys(targets[0] ?? {});
  section("Targets", [names, ...targets.map((target) => names.map((name) => target[name]!))]);
  for (const remark of remarks(results)) console.log(`! ${remark}`);
}

function section(title: string, rows: readonly (readonly string[])[]): void {
  if (rows.length > 1) console.log(`\n${title}\n${textTable(rows)}`);
}
