import {
  Adam,
  argmax,
  crossEntropy,
  eq,
  Linear,
  manualSeed,
  noGrad,
  polynomial,
  relu,
  Schedule,
  Sequential,
} from "tinygrad-ts";
import { compile } from "tinygrad-ts/compile";
import { fit as train } from "tinygrad-ts/train";
import { readDigits } from "../../../examples/support/csv.ts";
import { holdOutFifth } from "../../../examples/support/dataset.ts";
import { digitsNetwork } from "../../../examples/support/digits.ts";
import { standardizer } from "../../../examples/support/inputs.ts";
import { group, print } from "./group.ts";

// argv: the data of the example, and "whole" for its network and its training, else a smaller network without random numbers for a few epochs.

const [, , file, what] = process.argv;
const isWhole = what === "whole";
manualSeed(0);
const { train: own, test } = holdOutFifth(readDigits(file!));
const small = () => new Sequential(standardizer(own.inputs), new Linear(64, 32), relu, new Linear(32, 10));
const model = isWhole ? digitsNetwork(own.inputs) : small();
const optimizer = new Adam(model.parameters(), { lr: 4e-3 });
const [batchSize, epochs] = [32, isWhole ? 40 : 4];
const steps = epochs * Math.ceil(own.labels.size / batchSize);
const { losses } = await train(
  model,
  { x: own.inputs, y: own.labels },
  {
    loss: crossEntropy,
    optimizer,
    batchSize,
    epochs,
    compile,
    group,
    ...(isWhole ? { schedule: new Schedule(optimizer, polynomial(steps)), scheduleEvery: "step" } : {}),
  },
);
const predicted = noGrad(() => argmax(model.eval().forward(test.inputs), 1));
print({
  steps: losses.length,
  accuracy: eq(predicted, test.labels).sum().item() / test.labels.size,
  weights: [...model.stateDict().values()].flatMap((x) => [...x.data]),
});
