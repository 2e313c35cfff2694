// The network of examples/cells.ts here and in PyTorch, from the same weights, batches and steps:
// npx tsx bench/cells/index.ts [--data DIR] [--seeds N] [--steps N] [--side N] [--batch N] [--python PATH]
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { Generator, manualSeed, type Tensor, tensor } from "tinygrad-ts";
import { pytorchStateDict } from "tinygrad-ts/model";
import { Crops } from "../../examples/support/cells/crops.ts";
import { drawCells } from "../../examples/support/cells/draw.ts";
import { CellNetwork } from "../../examples/support/cells/network.ts";
import { type Score, scoreOf } from "../../examples/support/cells/score.ts";
import { readSections, type Section } from "../../examples/support/cells/section.ts";
import { Tiles } from "../../examples/support/cells/tiles.ts";
import { lr, testOn, trainOn } from "../../examples/support/cells/train.ts";

const option = (text: string) => ({ type: "string", default: text }) as const;
const { values } = parseArgs({
  options: {
    data: option("drawn"),
    seeds: option("3"),
    steps: option("400"),
    side: option("64"),
    batch: option("8"),
    python: option("python3"),
  },
});
const [steps, side, count] = [Number(values.steps), Number(values.side), Number(values.batch)];
const channels = [8, 16, 32, 32];

interface Result {
  readonly score: Score;
  readonly seconds: number;
}

/** Trains in PyTorch from a model's weights. */
function inPytorch(model: CellNetwork, crops: Crops, test: readonly Section[]): Result {
  const folder = mkdtempSync(join(tmpdir(), "cells-"));
  const write = (name: string, parts: readonly Tensor[]): void => {
    const arrays = parts.map(({ data }) => Buffer.from(Float32Array.from(data).buffer));
    writeFileSync(join(folder, `${name}.bin`), Buffer.concat(arrays));
  };
  try {
    const weights = [...pytorchStateDict(model)];
    for (const [i, [, x]] of weights.entries()) write(`weights-${i}`, [x]);
    const batches: (readonly [Tensor, Tensor])[] = [];
    for (const batch of crops.batches(count)) if (batches.push(batch) === steps) break;
    write(
      "inputs",
      batches.map(([x]) => x),
    );
    write(
      "targets",
      batches.map(([, y]) => y),
    );
    const tiles = test.map((section) => new Tiles(section, side));
    for (const [i, { inputs }] of tiles.entries()) write(`tiles-${i}`, [inputs]);
    const shapes = { weights: weights.map(([name, x]) => [name, x.shape]), tiles: tiles.map((t) => t.inputs.shape) };
    writeFileSync(join(folder, "task.json"), JSON.stringify({ channels, steps, count, side, lr, ...shapes }));
    const script = fileURLToPath(new URL("pytorch.py", import.meta.url));
    const { seconds } = JSON.parse(execFileSync(values.python, [script, folder], { encoding: "utf8" }));
    const pairs = tiles.map((own, i) => {
      const bytes = readFileSync(join(folder, `logits-${i}.bin`));
      const logits = new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length));
      const found = own.probabilities(tensor(logits).reshape(own.inputs.shape));
      return { found, membrane: test[i]!.membrane };
    });
    return { score: scoreOf(pairs), seconds };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const percent = (v: number): string => (100 * v).toFixed(2);
const mean = (list: readonly number[]): number => list.reduce((sum, v) => sum + v, 0) / list.length;
const rows: { readonly ours: Result; readonly theirs: Result }[] = [];
for (let seed = 0; seed < Number(values.seeds); seed++) {
  manualSeed(seed);
  const generator = new Generator(seed);
  const isDrawn = values.data === "drawn";
  const sections = isDrawn ? Array.from({ length: 10 }, () => drawCells(192, generator)) : readSections(values.data);
  const train = sections.slice(0, Math.floor(0.8 * sections.length));
  const test = sections.slice(train.length);
  const crops = (): Crops => new Crops(train, side, new Generator(seed));
  const model = new CellNetwork(channels);
  const theirs = inPytorch(model, crops(), test);
  const start = performance.now();
  await trainOn(crops(), model, { epochs: 1, stepsPerEpoch: steps, count });
  const seconds = (performance.now() - start) / 1000;
  rows.push({ ours: { score: testOn(test, model, side).score, seconds }, theirs });
  for (const [name, { score, seconds }] of Object.entries(rows.at(-1)!)) {
    const { pixelError, f1 } = score;
    console.log(
      `seed ${seed}, ${name}: pixel error ${percent(pixelError)} %, F1 ${percent(f1)} %, ${seconds.toFixed(1)} s`,
    );
  }
}
for (const name of ["ours", "theirs"] as const) {
  const scores = rows.map((row) => row[name].score);
  const [error, f1] = [mean(scores.map(({ pixelError }) => pixelError)), mean(scores.map((score) => score.f1))];
  console.log(`mean, ${name}: pixel error ${percent(error)} %, membrane F1 ${percent(f1)} %`);
}
