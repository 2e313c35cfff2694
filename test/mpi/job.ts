import { spawn, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Worker } from "node:worker_threads";
import { build } from "esbuild";
import { threadSeats } from "../../src/mpi/index.ts";

// Programs of several processes, started by mpirun.

const here = fileURLToPath(new URL(".", import.meta.url));

/** What starts ranks. `MPIRUN=mpirun.mpich npx vitest run test/mpi` takes another than the machine's own. */
export const launcher = process.env["MPIRUN"] ?? "mpirun";

/** The mpirun of this machine, as it calls itself; null without. */
export function mpirun(): string | null {
  const { stdout, status } = spawnSync(launcher, ["--version"], { encoding: "utf8" });
  return status === 0 ? stdout.split("\n")[0]! : null;
}

/** Whether there is MPI. In CI there must be. */
export const hasMpi = mpirun() !== null || process.env["CI"] === "true";

/** Makes one file of a program in `programs/`, with the sources of the package; koffi is found from where it lies. */
export async function bundled(name: string): Promise<string> {
  const outfile = join(here, ".work", `${name}-${process.pid}.mjs`);
  mkdirSync(join(here, ".work"), { recursive: true });
  await build({
    entryPoints: [join(here, "programs", `${name}.ts`)],
    outfile,
    bundle: true,
    format: "esm",
    platform: "node",
    target: "es2022",
    external: ["koffi"],
    tsconfig: join(here, "../../tsconfig.json"), // its paths lead to src/
  });
  return outfile;
}

/** How a job ended. */
export interface Ended {
  readonly code: number | null;
  /** What each rank printed as lines of JSON, in its order. */
  readonly printed: readonly (readonly unknown[])[];
  readonly errors: string;
}

/** What mpirun is told for some ranks of this machine. Open MPI's give way to each other while they wait, as there may be more than cores, and nothing but memory lies between them; MPICH's know no such settings. */
export function flags(ranks: number): string[] {
  if (!mpirun()?.includes("Open MPI")) return ["-n", String(ranks)];
  const settings = { mpi_yield_when_idle: "1", btl: "self,vader", btl_vader_single_copy_mechanism: "none" };
  const mca = Object.entries(settings).flatMap(([name, value]) => ["--mca", name, value]);
  return ["--allow-run-as-root", "--oversubscribe", ...mca, "-n", String(ranks)];
}

/** Runs a program on some ranks of this machine. What ranks print is `{ rank, … }`, a line each. */
export function runJob(
  file: string,
  ranks: number,
  args: readonly string[] = [],
  env: Readonly<Record<string, string>> = {},
): Promise<Ended> {
  const folder = mkdtempSync(join(tmpdir(), "ranks-"));
  const job = spawn(launcher, [...flags(ranks), process.execPath, file, ...args], {
    env: { ...process.env, ...env, RANKS_OUTPUT: folder },
    stdio: ["ignore", "ignore", "pipe"],
  });
  let errors = "";
  job.stderr.on("data", (text) => (errors += text));
  return new Promise((resolve, reject) => {
    job.on("error", reject);
    job.on("close", (code) => {
      const printed = Array.from({ length: ranks }, (_, rank) => {
        const path = join(folder, String(rank));
        return existsSync(path) ? linesOf(readFileSync(path, "utf8"), rank) : [];
      });
      rmSync(folder, { recursive: true });
      resolve({ code, printed, errors });
    });
  });
}

/** Runs a program on some workers of this process. */
export async function runWorkers(file: string, ranks: number, args: readonly string[] = []): Promise<Ended> {
  const errors: string[] = [];
  const printed = threadSeats(ranks).map((seat) => {
    const worker = new Worker(file, { workerData: { seat }, argv: [...args], stdout: true });
    let output = "";
    worker.stdout.on("data", (text) => (output += text));
    worker.on("error", (error) => errors.push(`rank ${seat.rank}: ${error}\n`));
    return new Promise<readonly unknown[]>((resolve) => {
      worker.on("exit", () => resolve(linesOf(output, seat.rank)));
    });
  });
  const lines = await Promise.all(printed);
  return { code: errors.length === 0 ? 0 : 1, printed: lines, errors: errors.join("") };
}

function linesOf(output: string, rank: number): unknown[] {
  const lines = output.split("\n").filter((line) => line.startsWith("{"));
  return lines.map((line) => JSON.parse(line) as { rank: number }).filter((line) => line.rank === rank);
}
