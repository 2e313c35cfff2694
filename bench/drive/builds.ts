import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { contestants } from "../libraries.ts";
import type { Options } from "../options.ts";
import { type Spec, stepsToCompare, workloads } from "../spec.ts";
import { bundle, root } from "./bundle.ts";
import { Child } from "./child.ts";

const rounds = 31;
/** The 10th lowest and the 10th highest of 31 numbers hold their median in 97 of 100 cases, whatever their distribution is. */
const rank = 9;
const effort = { sample: 60, warmup: 300, longest: 60_000 };

/** Prints how the times of this build compare with those of another checkout, which brings its own programs of `bench/run`. */
export async function compareBuilds(directory: string, { wants, wantsLibrary }: Options): Promise<void> {
  const other = resolve(directory);
  const bundler = join(other, "bench/drive/bundle.ts");
  if (!existsSync(bundler) || !existsSync(join(other, "dist/index.js"))) {
    throw new Error(`${directory} is no checkout of this repository that was built: npm install && npx tsup`);
  }
  await bundle();
  const { bundle: bundleOther } = (await import(pathToFileURL(bundler).href)) as { bundle: () => Promise<void> };
  await bundleOther();
  const ways = contestants.filter(({ id }) => ["eager", "compiled", "accelerated"].includes(id) && wantsLibrary(id));
  console.log(
    `Time of this build divided by that of ${directory}: median of ${rounds} rounds in turns, with its 97 % interval`,
  );
  for (const way of ways) {
    const [ours, theirs] = [`${root}bench/.out/`, `${other}/bench/.out/`].map((at) => new Child(way, at)) as [
      Child,
      Child,
    ];
    try {
      for (const { id, spec } of workloads.filter(({ id, spec }) => wants(id) && spec.kind !== "training")) {
        console.log(`${`${id}, ${way.id}`.padEnd(34)} ${await ratio(spec, ours, theirs)}`);
      }
    } finally {
      ours.stop();
      theirs.stop();
    }
  }
}

async function ratio(spec: Spec, ours: Child, theirs: Child): Promise<string> {
  const pair = [ours, theirs] as const;
  try {
    for (const child of pair) await child.ask({ do: "prepare", spec, steps: stepsToCompare(spec) }, effort.longest);
  } catch (error) {
    for (const child of pair) child.stop();
    return `not in both: ${(error as Error).message.slice(0, 80)}`;
  }
  const times = new Map<Child, number[]>(pair.map((child) => [child, []]));
  for (let round = 0; round < rounds; round++) {
    for (const child of round % 2 === 0 ? pair : [theirs, ours]) {
      const request = { do: "sample", warmup: round === 0 ? effort.warmup : 0, ms: effort.sample } as const;
      times.get(child)!.push((await child.ask<{ us: number }>(request, effort.longest)).us);
    }
  }
  for (const child of pair) await child.ask({ do: "release" }, effort.longest);
  const [mine, its] = pair.map((child) => times.get(child)!) as [number[], number[]];
  const ratios = mine.map((us, i) => us / its[i]!).sort((a, b) => a - b);
  const [low, middle, high] = [ratios[rank]!, ratios[ratios.length >> 1]!, ratios.at(-1 - rank)!];
  return `${middle.toFixed(3)} (${low.toFixed(3)} to ${high.toFixed(3)}), ${(Math.min(...mine) / 1000).toPrecision(4)} ms`;
}
