// What a second rank gains, and what the ranks' talk costs: `npm run example bench/mpi/index.ts`. Ranks are pinned to a core each; 1 and 2 of them take turns. `-- 512 20 blas` says the global batch, how many steps of each are timed, and whether products are BLAS's.
import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { efficiencies, networks } from "./model.ts";

interface Figures {
  readonly ranks: number;
  /** Milliseconds of the fastest step, of the middle one, and of the fastest without the others' gradients. */
  readonly step: number;
  readonly median: number;
  readonly alone: number;
  /** Milliseconds of an all-reduce, by bytes. */
  readonly reduces: Readonly<Record<string, number>>;
}

const [batch = "512", rounds = "20", how = "compiled"] = process.argv.slice(2).filter((arg) => arg !== "--");
const program = fileURLToPath(new URL("rank.js", import.meta.url));
const measured = (ranks: number): Figures => {
  const args = ["--allow-run-as-root", "--bind-to", "core", "-n", String(ranks), process.execPath, program, batch, rounds, how]; // biome-ignore format: one line
  return JSON.parse(execFileSync("mpirun", args, { encoding: "utf8" })) as Figures;
};
const turns = Array.from({ length: 2 }, () => [measured(1), measured(2)] as const);
const best = (of: (turn: (typeof turns)[number]) => Figures): Figures =>
  turns.map(of).sort((a, b) => a.step - b.step)[0]!;
const [one, two] = [best(([first]) => first), best(([, second]) => second)];
const ms = (value: number): string => `${value.toFixed(2)} ms`;
console.log(`Node ${process.versions.node}, global batch ${batch}, ${how}`);
for (const { ranks, step, median, alone } of [one, two]) {
  const share = Math.max(0, (100 * (step - alone)) / step).toFixed(0);
  console.log(`${ranks} ranks: ${ms(step)} a step (median ${ms(median)}), ${ms(alone)} without the others, so that ${share} % is communication`); // biome-ignore format: one line
}
console.log(`gain of the second rank: ${(one.step / two.step).toFixed(2)} ×`);
for (const [bytes, time] of Object.entries(two.reduces)) console.log(`all-reduce of ${bytes} bytes: ${(1000 * time).toFixed(1)} µs`); // biome-ignore format: one line

const bytes = 4 * (2 * 1024 * 1024 + 2 * 1024 + 1024 * 10 + 10);
const samples = Number(batch);
const model = { whole: { samples, time: one.alone }, half: { samples: samples / 2, time: two.alone }, bytes };
const header = `| ranks | samples of each | ${networks.map(({ name }) => name).join(" | ")} |`;
for (const [title, samplesOf] of Object.entries({
  "as many samples for each rank": () => samples / 2,
  "4,096 samples in all": (ranks: number) => 4096 / ranks,
})) {
  console.log(`${title}: milliseconds of a step, and how many times as fast as one rank`);
  for (const line of [header, ...efficiencies(model, samplesOf)]) console.log(line);
}
