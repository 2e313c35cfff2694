// Times eager execution: `npm run bench`. PyTorch runs the same workloads beside it, on one thread, if `python3`, or $PYTHON, has torch.
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import os from "node:os";
import { Bench } from "tinybench";
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

const bench = new Bench({ time: 1000, warmupTime: 500 });
for (const { name, run } of workloads) bench.add(name, run);

const before = timePyTorch();
await bench.run();
const after = timePyTorch(); // once on either side: the machine may have sped up or slowed down in between

const rows = bench.tasks.map(({ name, result }) => {
  if (result?.state !== "completed") throw new Error(`${name} did not complete: ${result?.state}`);
  const own = result.latency.p50 * 1000;
  const runs = [before.medians[name], after.medians[name]].filter((t) => t !== undefined);
  const torch = runs.length === 0 ? undefined : Math.min(...runs);
  const workload = workloads.find((w) => w.name === name);
  return {
    workload: name,
    "tinygrad-ts µs": rounded(own),
    "PyTorch µs": torch === undefined ? "" : rounded(torch),
    "PyTorch / ours": torch === undefined ? "" : rounded(torch / own),
    "GFLOP/s": workload?.flops === undefined ? "" : rounded(workload.flops / own / 1000),
  };
});
console.log(`Node ${process.version}, ${os.cpus()[0]?.model}, PyTorch ${before.version}; medians of one run`);
console.table(rows);

function rounded(value: number): number {
  return Number(value.toPrecision(3));
}
