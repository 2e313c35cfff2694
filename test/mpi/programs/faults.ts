import { existsSync, readFileSync } from "node:fs";
import {
  Adam,
  crossEntropy,
  Dropout,
  defaultGenerator,
  Linear,
  manualSeed,
  randint,
  randn,
  relu,
  Sequential,
} from "tinygrad-ts";
import { compile } from "tinygrad-ts/compile";
import { writeFileAtomic } from "tinygrad-ts/node";
import { encodeCheckpoint, loadCheckpoint } from "tinygrad-ts/safetensors";
import { checkpoint, Progress, fit as train } from "tinygrad-ts/train";
import { group, print } from "./group.ts";

// A training that saves at each third step, and goes on from there. argv: the checkpoint, and the step at which a rank dies, 0 for none, and which.

const [path, dying, who] = [process.argv[2]!, Number(process.argv[3]), Number(process.argv[4])];

manualSeed(2);
const model = new Sequential(new Linear(5, 20), relu, new Dropout(0.2), new Linear(20, 3));
const data = { x: randn([40, 5]), y: randint(0, 3, [40]) };
const optimizer = new Adam(model.parameters(), { lr: 0.01 });
const parts = { model, optimizer, progress: new Progress(), generator: defaultGenerator() };
if (existsSync(path)) loadCheckpoint(readFileSync(path), parts); // on all ranks
const begun = parts.progress.step;
await train(model, data, {
  loss: crossEntropy,
  optimizer,
  epochs: 4,
  batchSize: 8,
  compile,
  group,
  progress: parts.progress,
  callbacks: [
    checkpoint(() => writeFileAtomic(path, encodeCheckpoint(parts)), { everySteps: 3 }),
    {
      onStep({ step }) {
        if (step === dying && group.rank === who) process.kill(process.pid, "SIGKILL");
      },
    },
  ],
});
print({ begun, steps: parts.progress.step, weights: [...model.stateDict().values()].flatMap((x) => [...x.data]) });
