import { Adam, argmax, crossEntropy, eq, Linear, manualSeed, noGrad, relu, Sequential } from "tinygrad-ts";
import { compile } from "tinygrad-ts/compile";
import { fit as train } from "tinygrad-ts/train";
import { readDigits } from "../../../examples/support/csv.ts";
import { holdOutFifth } from "../../../examples/support/dataset.ts";
import { standardizer } from "../../../examples/support/inputs.ts";
import { group, print } from "./group.ts";

// The digits of the example, for a few epochs. argv: the data.

manualSeed(0);
const { train: own, test } = holdOutFifth(readDigits(process.argv[2]!));
const model = new Sequential(standardizer(own.inputs), new Linear(64, 32), relu, new Linear(32, 10));
const optimizer = new Adam(model.parameters(), { lr: 4e-3 });
const data = { x: own.inputs, y: own.labels };
const { losses } = await train(model, data, {
  loss: crossEntropy,
  optimizer,
  batchSize: 32,
  epochs: 4,
  compile,
  group,
});
const predicted = noGrad(() => argmax(model.eval().forward(test.inputs), 1));
print({
  steps: losses.length,
  accuracy: eq(predicted, test.labels).sum().item() / test.labels.size,
  weights: [...model.stateDict().values()].flatMap((x) => [...x.data]),
});
