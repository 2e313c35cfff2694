import {
  Adam,
  argmax,
  crossEntropy,
  eq,
  indexSelect,
  noGrad,
  permutation,
  type Sequential,
  split,
  type Tensor,
} from "tinygrad-ts";
import type { Dataset } from "./dataset.ts";

/** How long and how fast to train. */
export interface TrainOptions {
  /** Passes over the data. */
  readonly epochs: number;
  readonly batchSize: number;
  /** Learning rate of Adam at the start; it falls evenly to 0, so that the last steps settle. */
  readonly lr: number;
  /** Runs the model where gradients are wanted: `model.forward`, unless someone listens. */
  readonly forward?: (model: Sequential, x: Tensor) => Tensor;
  /** Called after each step. */
  readonly onStep?: (step: Step) => void;
}

/** What one optimizer step came to. */
export interface Step {
  /** Counted from 1, of `steps`. */
  readonly step: number;
  readonly steps: number;
  /** Counted from 1. */
  readonly epoch: number;
  /** Mean loss of the batch. */
  readonly loss: number;
  /** How many of the batch were classified rightly, and its size. */
  readonly right: number;
  readonly size: number;
}

/** Trains a classifier by Adam on mini-batches, which are drawn in a new order for each epoch. */
export function train(model: Sequential, data: Dataset, options: TrainOptions): void {
  const { epochs, batchSize, lr, onStep, forward = (m, x) => m.forward(x) } = options;
  const optimizer = new Adam(model.parameters(), { lr });
  const count = data.labels.size;
  const steps = epochs * Math.ceil(count / batchSize);
  let step = 0;
  model.train();
  for (let epoch = 1; epoch <= epochs; epoch++) {
    for (const rows of split(permutation(count), batchSize)) {
      optimizer.lr = lr * (1 - step / steps);
      const labels = indexSelect(data.labels, 0, rows);
      const logits = forward(model, indexSelect(data.inputs, 0, rows));
      const loss = crossEntropy(logits, labels);
      optimizer.zeroGrad();
      loss.backward();
      optimizer.step();
      onStep?.({ step: ++step, steps, epoch, loss: loss.item(), right: countRight(logits, labels), size: labels.size });
    }
  }
}

/** The class that the model finds likeliest for each row of inputs: int32, [rows]. */
export function predict(model: Sequential, inputs: Tensor): Tensor {
  return noGrad(() => argmax(model.eval().forward(inputs), 1));
}

/** The share of rows that the model classifies rightly, in percent. */
export function accuracy(predicted: Tensor, labels: Tensor): number {
  return (100 * eq(predicted, labels).sum().item()) / labels.size;
}

function countRight(logits: Tensor, labels: Tensor): number {
  return eq(argmax(logits, 1), labels).sum().item();
}
