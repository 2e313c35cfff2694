// Times eager and compiled execution: `npm run bench`. PyTorch runs the same workloads beside it, on one thread, if `python3`, or $PYTHON,
// has torch.
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import os from "node:os";
import { Bench } from "tinybench";
import { compile } from "tinygrad-ts/compile";
import { workloads } from "./workloads.ts";

/** Median time of each workload under PyTorch, in microseconds; empty if there is no PyTorch. */
function timePyTorch(): { version: string; medians: Record<string, number> } {
  const script = readFileSync(new URL("pytorch.py", import.meta.url), "utf8");
  const { status, stdout } = spawnSync(process.env["PYTHON"] ?? "python3", ["-c", script], {
    encoding: "utf8",
    env: { ...process.env, OMP_NUM_THREADS: "1" },
  });
  if (status !== 0) return { version: "not found (set PYTHON to a python that has torch)", medians: {} };
  return JSON.parse(stdout) as { version: string; medians: Record<string, number> };
}

const before = timePyTorch();
const rows: { name: string; fast: number; slow: number; flops: number | undefined }[] = [];
for (const make of workloads) {
  const { name, run, flops } = make();
  const compiled = compile(run);
  for (let i = 0; i < 3; i++) compiled();
  // Both in one bench, one after the other: the machine speeds up and slows down.
  const bench = new Bench({ time: 700, warmupTime: 300, warmupIterations: 2, iterations: 5 });
  bench.add("compiled", () => void compiled());
  bench.add("eager", () => void run());
  await bench.run();
  const [fast, slow] = bench.tasks.map(({ result }) => {
    if (result?.state !== "completed") throw new Error(`${name} did not complete: ${result?.state}`);
    return result.latency.p50 * 1000;
  }) as [number, number];
  rows.push({ name, fast, slow, flops });
}
const after = timePyTorch(); // once on either side

const table = rows.map(({ name, fast, slow, flops }) => {
  const runs = [before.medians[name], after.medians[name]].filter((t) => t !== undefined);
  const torch = runs.length === 0 ? undefined : Math.min(...runs);
  return {
    workload: name,
    "eager µs": rounded(slow),
    "compiled µs": rounded(fast),
    "eager / compiled": rounded(slow / fast),
    "PyTorch µs": torch === undefined ? "" : rounded(torch),
    "PyTorch / compiled": torch === undefined ? "" : rounded(torch / fast),
    "GFLOP/s": flops === undefined ? "" : rounded(flops / fast / 1000),
  };
});
console.log(`Node ${process.version}, ${os.cpus()[0]?.model}, PyTorch ${before.version}; medians of one run`);
console.table(table);

function rounded(value: number): number {
  return Number(value.toPrecision(3));
}
