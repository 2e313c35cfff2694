import { Adam, bceWithLogits, polynomial, Schedule } from "tinygrad-ts";
import { compile } from "tinygrad-ts/compile";
import { progressBar } from "tinygrad-ts/reporters";
import { fit, predict } from "tinygrad-ts/train";
import type { Crops } from "./crops.ts";
import type { CellNetwork } from "./network.ts";
import { type Score, scoreOf } from "./score.ts";
import type { Section } from "./section.ts";
import { Tiles } from "./tiles.ts";

/** How long to train, and from how much at a time. */
export interface TrainOptions {
  readonly epochs: number;
  readonly stepsPerEpoch: number;
  /** Crops in a step. */
  readonly count: number;
}

export const lr = 4e-3;

/** Trains by Adam, whose rate falls evenly to 0, in compiled steps, with a progress bar. */
export async function trainOn(crops: Crops, model: CellNetwork, options: TrainOptions): Promise<void> {
  const { epochs, stepsPerEpoch, count } = options;
  const optimizer = new Adam(model.parameters(), { lr });
  await fit(model, () => crops.batches(count), {
    loss: bceWithLogits,
    optimizer,
    epochs,
    stepsPerEpoch,
    schedule: new Schedule(optimizer, polynomial(epochs * stepsPerEpoch)),
    scheduleEvery: "step",
    callbacks: [progressBar({ stream: process.stdout })],
    compile: (step) => compile(step, { deterministic: true }),
  });
}

/** What a model finds in sections, and how good that is. */
export function testOn(
  sections: readonly Section[],
  model: CellNetwork,
  side: number,
): { readonly found: readonly Float32Array[]; readonly score: Score } {
  const found = sections.map((section) => {
    const tiles = new Tiles(section, side);
    const logits = predict(model, tiles.inputs, { batchSize: 8, compile: (f) => compile(f, { deterministic: true }) });
    return tiles.probabilities(logits);
  });
  return { found, score: scoreOf(sections.map(({ membrane }, i) => ({ found: found[i]!, membrane }))) };
}
