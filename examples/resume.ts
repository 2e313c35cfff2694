// Stops a training in the middle of an epoch, loads it in what could be another process, and goes on to the bit. Run by `npm run example:resume`.
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Adam, cosine, crossEntropy, defaultGenerator, manualSeed, mlp, Schedule } from "tinygrad-ts";
import { writeFileAtomic } from "tinygrad-ts/node";
import { encodeCheckpoint, loadCheckpoint } from "tinygrad-ts/safetensors";
import { type Callback, fit, type History, Progress, TensorDataset } from "tinygrad-ts/train";
import { runExample, wholeNumber } from "./support/cli.ts";
import { readDigits } from "./support/csv.ts";

const usage = `
resume: stops a training that learns to read digits, saves it, and goes on elsewhere as if nothing had been

  --stop N     after which step to stop (100)
  -h, --help   this text
`;

const epochs = 4;

await runExample(usage, { stop: "100" }, async (options) => {
  const stop = wholeNumber("stop", options.stop, 1);
  const folder = await mkdtemp(join(tmpdir(), "resume-"));
  const path = join(folder, "training.safetensors");
  try {
    const whole = await makeTraining(1).run([]);
    console.log(`in one go: ${whole.losses.length} steps, last loss ${whole.losses.at(-1)}`);

    const first = makeTraining(1);
    const stopThere: Callback = {
      async onStep({ step }, run) {
        if (step !== stop) return;
        await writeFileAtomic(path, encodeCheckpoint(first.parts, { step: String(step) }));
        run.stop("enough for today");
      },
    };
    const before = await first.run([stopThere]);
    console.log(`stopped after ${before.losses.length} steps, in epoch ${first.parts.progress.epoch + 1}`);

    const second = makeTraining(987_654_321); // other weights, another order: all of it is overwritten
    if (before.stopped !== null) loadCheckpoint(await readFile(path), second.parts);
    const after = before.stopped === null ? before : await second.run([]);
    console.log(`gone on with: ${after.losses.length} steps, last loss ${after.losses.at(-1)}`);

    const losses = before === after ? before.losses : [...before.losses, ...after.losses];
    const isSame = losses.length === whole.losses.length && losses.every((loss, i) => loss === whole.losses[i]);
    console.log(isSame ? "every loss is the same, to the bit" : "the losses differ");
  } finally {
    await rm(folder, { recursive: true });
  }
});

/** A model with all that its training consists of. */
function makeTraining(seed: number) {
  manualSeed(seed);
  const { inputs, labels } = readDigits(fileURLToPath(new URL("data/digits.csv.gz", import.meta.url)));
  const model = mlp([64, 32, 10], { dropout: 0.2 });
  const optimizer = new Adam(model.parameters(), { lr: 0.01 });
  const schedule = new Schedule(optimizer, cosine(epochs));
  const data = new TensorDataset(inputs, labels);
  const progress = new Progress();
  const run = (callbacks: readonly Callback[]): Promise<History> =>
    fit(model, data, { loss: crossEntropy, optimizer, schedule, epochs, progress, callbacks });
  return { parts: { model, optimizer, schedule, progress, generator: defaultGenerator() }, run };
}
