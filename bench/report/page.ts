import { readFileSync, writeFileSync } from "node:fs";
import { performanceFigure } from "../../docs/figures/performance.ts";
import { type Results, timeOf } from "../results.ts";
import { judged } from "../targets.ts";
import { digits, duration, markdownTable } from "./format.ts";
import { roofOf } from "./roof.ts";
import { compileTable, librariesTable, ratios, remarks, sizesTable, speeds, times } from "./tables.ts";

// The page of the documentation: its text is written by hand, and what stands between two comments with one name is written here.

const page = new URL("../../docs/guide/performance.md", import.meta.url);
const landing = new URL("../../docs/landing.md", import.meta.url);
const figure = new URL("../../docs/guide/performance.svg", import.meta.url);

/** What results say, by the name of its place on the page. */
function sections(results: Results): Record<string, string> {
  const { machine, date, load } = results;
  const roof = roofOf(results);
  return {
    machine:
      `Measured on ${date} by \`npm run bench\`: ${machine.cpu}, ${machine.cores} cores, ${machine.system}; load at the start ` +
      `${load.toFixed(1)}; one thread, where nothing else is said.${olderOf(results)}`,
    times: markdownTable(times(results)),
    ratios: markdownTable(ratios(results)),
    speeds: markdownTable(speeds(results)),
    remarks: remarks(results)
      .map((remark) => `- ${remark.replaceAll("<", "&lt;")}`)
      .join("\n"),
    roof:
      roof === undefined
        ? ""
        : `Here that is ${digits(roof.gflops)} GFLOP/s and ${digits(roof.gigabytes)} GB/s (\`npm run bench\`).`,
    targets: markdownTable(targetsTable(results)),
    limit: limitOf(results),
    libraries: markdownTable(librariesTable(results)),
    compile: markdownTable(compileTable(results)),
    sizes: markdownTable(sizesTable(results)),
  };
}

/** What was measured at other times. */
function olderOf({ date, workloads, curves }: Results): string {
  const older = [...workloads, ...curves].filter((own) => own.date !== undefined && own.date !== date);
  const days = [...new Set(older.map((own) => own.date!))];
  return days.map((day) => ` On ${day}: ${older.filter((own) => own.date === day).map(({ id }) => id).join(", ")}.`).join(""); // biome-ignore format: one line
}

/** What was wanted, and what came of it. */
function targetsTable(results: Results): string[][] {
  const rows = judged(results);
  const names = Object.keys(rows[0] ?? {});
  return [names, ...rows.map((row) => names.map((name) => row[name]!))];
}

/** How much of workload B's time the processor needs for its arithmetic alone. */
function limitOf(results: Results): string {
  const measured = results.workloads.find(({ id }) => id === "B");
  const [roof, us, other] = [
    roofOf(results),
    timeOf(measured?.outcomes["compiled"]),
    timeOf(measured?.outcomes["pytorch"]),
  ];
  if (roof === undefined || us === undefined || measured?.program === undefined) return "";
  const least = measured.program.flops / roof.gflops / 1000;
  const theirs = other === undefined ? "" : `; PyTorch takes ${digits(other)} µs`;
  return (
    `Its ${digits(measured.program.flops / 1e6)} million operations would take ${digits(least)} µs at the rate of the best product, ` +
    `and the step takes ${digits(us)} µs${theirs} (\`npm run bench\`).`
  );
}

/** The page's text with all that is measured put in anew. */
export function pageWith(results: Results, text: string): string {
  return Object.entries(sections(results)).reduce((text, [name, content]) => put(text, name, content), text);
}

/** The landing page's text with what it says of speed put in anew. */
export function landingWith(results: Results, text: string): string {
  return put(text, "faster", fasterThan(results));
}

/** A page's text with what stands between two comments of a name put in anew. */
export function put(text: string, name: string, content: string): string {
  const [opening, closing] = [`<!-- ${name} -->`, `<!-- /${name} -->`];
  const [from, to] = [text.indexOf(opening), text.indexOf(closing)];
  if (from < 0 || to < from) throw new Error(`the page has no place for ${name}`);
  return `${text.slice(0, from + opening.length)}\n${content}\n${text.slice(to)}`;
}

/** How long steps of perceptrons take here, and how many times as long elsewhere: for those who read no more. */
function fasterThan({ machine, workloads, libraries }: Results): string {
  const others = ["tfjs-wasm", "jax-js", "pytorch"].map((id) => libraries.find((library) => library.id === id)!);
  const rows = ["A", "B", "C"].map((id) => {
    const { title, outcomes } = workloads.find((workload) => workload.id === id)!;
    const [, network, batch] = /step of ([\d-]+), .*(batch \d+)/.exec(title)!;
    const own = timeOf(outcomes["compiled"])!;
    const times = others.map((other) => timeOf(outcomes[other.id]));
    return [
      `${network}, ${batch}`,
      duration(own),
      ...times.map((us) => (us === undefined ? "—" : `${digits(us / own)}×`)),
    ];
  });
  const head = ["training step", "tinygrad-ts", ...others.map(({ label }) => label)];
  return (
    `${markdownTable([head, ...rows])}\n\n` +
    `The table shows the time of a step here, and how many times as long the others take (below 1×, they are faster): \`npm run bench\` measured it, on one thread (${machine.cpu}).`
  );
}

/** Writes the page and its figure. */
export function writePage(results: Results): void {
  writeFileSync(page, pageWith(results, readFileSync(page, "utf8")));
  writeFileSync(landing, landingWith(results, readFileSync(landing, "utf8")));
  writeFileSync(figure, performanceFigure(results));
}
