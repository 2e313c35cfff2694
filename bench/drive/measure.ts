import os from "node:os";
import { type Contestant, contestants } from "../libraries.ts";
import type { Options } from "../options.ts";
import type { CurvePoint, LibraryFound, Outcome, Results } from "../results.ts";
import type { CompileTimes } from "../run/task.ts";
import { curves, stream, workloads } from "../spec.ts";
import { bundle } from "./bundle.ts";
import { Child } from "./child.ts";
import { coldStart } from "./coldStart.ts";
import { type Effort, race } from "./rounds.ts";
import { sizes } from "./sizes.ts";

const effort = {
  full: { rounds: 5, sample: 200, warmup: 250, budget: 4000, longest: 40_000 },
  quick: { rounds: 3, sample: 60, warmup: 100, budget: 1000, longest: 10_000 },
} satisfies Record<string, Effort>;
const longest = { full: 30_000, quick: 6000 };
const curveEffort = {
  full: { rounds: 3, sample: 100, warmup: 150, budget: 2000, longest: 20_000 },
  quick: { rounds: 1, sample: 40, warmup: 60, budget: 500, longest: 5000 },
} satisfies Record<string, Effort>;

/** For making a network's step ready: some libraries take a minute for one of D. */
const longestNetwork = { full: 180_000, quick: 10_000 };

/** Measures everything that is wanted, and says on the way what is going on. */
export async function measure({ quick, wants, wantsLibrary }: Options): Promise<Results> {
  const load = os.loadavg()[0]!;
  const pace = quick ? "quick" : "full";
  await bundle();
  const wanted = contestants.filter(({ id }) => wantsLibrary(id));
  const children = wanted.map((contestant) => new Child(contestant));
  try {
    progress("starting");
    const libraries: LibraryFound[] = [];
    for (const child of children) libraries.push(await greet(child));
    const running = children.filter((_, i) => libraries[i]!.failed === undefined);
    const departures = new Set(libraries.filter(({ departs }) => departs !== undefined).map(({ id }) => id));

    const raced: Results["workloads"][number][] = [];
    for (const { id, title, spec, libraries: only } of workloads.filter(({ id }) => wants(id))) {
      progress(title);
      const racing = running.filter(({ contestant }) => only?.includes(contestant.id) ?? true);
      const budget = spec.kind === "training" ? longest[pace] : effort[pace].budget; // of runs of seconds
      const patience = spec.kind === "network" ? longestNetwork[pace] : effort[pace].longest;
      raced.push({
        id,
        title,
        ...(await race(spec, racing, departures, { ...effort[pace], budget, longest: patience })),
      });
    }
    const drawn: Results["curves"][number][] = [];
    const inCurves = running.filter(({ contestant }) => contestant.hasCurves === true);
    for (const { id, title, points } of curves.filter(({ id }) => wants(id))) {
      const measured: CurvePoint[] = [];
      for (const { at, spec } of quick ? points.filter((_, i) => i % 2 === 0) : points) {
        progress(`a step against ${id}: ${at}`);
        measured.push({ at, ...(await race(spec, inCurves, departures, curveEffort[pace])) });
      }
      drawn.push({ id, title, points: measured });
    }
    const compiled = running.filter(({ contestant }) => contestant.id === "compiled");
    if (drawn.length > 0) progress("the speed of memory");
    const streamed = drawn.length > 0 ? await race(stream, compiled, departures, effort[pace]) : undefined;
    for (const child of children) child.stop(); // fresh processes from here on, and nothing beside them

    const started = running.map(({ contestant }) => contestant);
    return {
      machine: { cpu: os.cpus()[0]!.model, cores: os.availableParallelism(), system: `${os.type()} ${os.arch()}` },
      date: new Date().toISOString().slice(0, 10),
      load,
      libraries,
      workloads: raced,
      curves: drawn,
      ...(streamed === undefined ? {} : { stream: streamed }),
      coldStart: wants("cold") ? await coldStarts(started, quick ? 2 : 5) : {},
      compileTimes: wants("compile") ? await compileTimes(started) : {},
      sizes: wants("sizes") ? await sizes() : {},
    };
  } finally {
    for (const child of children) child.stop();
  }
}

async function greet(child: Child): Promise<LibraryFound> {
  const { id, label, kind } = child.contestant;
  try {
    return { id, label, kind, ...(await child.greet()) };
  } catch (error) {
    child.stop();
    return { id, label, kind, failed: (error as Error).message };
  }
}

async function coldStarts(started: readonly Contestant[], runs: number): Promise<Record<string, Outcome>> {
  const outcomes: Record<string, Outcome> = {};
  for (const contestant of started) {
    progress(`the first result of ${contestant.id}`);
    outcomes[contestant.id] = await coldStart(contestant, workloads[0]!.spec, runs);
  }
  return outcomes;
}

async function compileTimes(started: readonly Contestant[]): Promise<Record<string, CompileTimes>> {
  const times: Record<string, CompileTimes> = {};
  const compiled = started.find(({ id }) => id === "compiled");
  for (const { id, spec } of compiled === undefined ? [] : workloads.slice(0, 3)) {
    progress(`compiling ${id}`);
    const child = new Child(compiled!);
    times[id] = await child.ask<CompileTimes>({ do: "compileTimes", spec }, 60_000).finally(() => child.stop());
  }
  return times;
}

/** One line, over and over, where somebody watches. */
function progress(what: string): void {
  if (process.stderr.isTTY) process.stderr.write(`\r\x1b[K${what}`);
  else process.stderr.write(`${what}\n`);
}
