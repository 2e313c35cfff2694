import { Linear, mse, ones, SGD, type Tensor, tensor } from "../../../src/index.ts";
import * as train from "../../../src/train/index.ts";
import type { Samples } from "./sample.ts";

const data = (): train.TensorDataset => new train.TensorDataset([[1], [2]], [0, 1]);
const batches = (): train.Batches => train.batches(data());
const model = new Linear(1, 1);
const options = (): train.FitOptions => ({ loss: mse, optimizer: new SGD(model.parameters(), { lr: 0.1 }) });
const pair = (): unknown[] => [tensor([0.2, 0.9]), tensor([0, 1])];
const image = (): Tensor => ones([2, 2, 2]);
const scores = (): unknown[] => [tensor([[1, 2]]), tensor([1])];

/** What `tinygrad-ts/train` exports. */
export const trainSamples: Samples = {
  TensorDataset: {
    args: () => [
      [[1], [2]],
      [0, 1],
    ],
  },
  "TensorDataset.rows": { args: () => [data(), [0]] },
  batches: { args: () => [data()] },
  "Batches.loadStateDict": { args: () => [batches(), batches().stateDict()], as: "Batches.loadStateDict" },
  randomFlip: { args: () => [image()] },
  randomQuarterTurn: { args: () => [image()] },
  randomCrop: { args: () => [image(), [1, 1]] },
  randomShift: { args: () => [image(), 1] },
  randomNoise: { args: () => [image()] },
  trainTestSplit: { args: () => [data()] },
  weighted: { args: () => [mse] },
  fit: { args: () => [model, { x: [[1]], y: [[2]] }, options()] },
  predict: { args: () => [model, [[1]]] },
  classes: { args: () => [[[1, 2]]] },
  bestWeights: { args: () => [] },
  checkpoint: { args: () => [() => undefined] },
  earlyStopping: { args: () => [] },
  convergence: { args: () => [[1, 2]] },
  "Progress.loadStateDict": {
    args: () => [new train.Progress(), new train.Progress().stateDict()],
    as: "Progress.loadStateDict",
  },
  topKAccuracy: { args: () => [...scores(), 1] },
  ...Object.fromEntries(
    ["accuracy", "confusionMatrix", "precision", "recall", "f1"].map((name) => {
      return [name, { args: () => [...pair(), { logits: false }] }];
    }),
  ),
  ...Object.fromEntries(
    ["binaryAccuracy", "binaryPrecision", "binaryRecall", "binaryF1"].map((name) => {
      return [name, { args: () => [{ logits: true }] }];
    }),
  ),
  ...Object.fromEntries(
    ["iou", "diceScore", "pixelAccuracy"].map((name) => [
      name,
      { args: () => [[[[1, -1]]], [[[1, 0]]], { logits: true }] },
    ]),
  ),
  ...Object.fromEntries(["auc", "mae", "rmse", "r2"].map((name) => [name, { args: pair }])),
};
