import { relative } from "node:path";
import { Adam, argmax, crossEntropy, polynomial, Schedule, type Sequential, summary, type Tensor } from "tinygrad-ts";
import { compile } from "tinygrad-ts/compile";
import { progressBar } from "tinygrad-ts/reporters";
import { accuracy, type BatchesOptions, batches, fit, type History, predict, TensorDataset } from "tinygrad-ts/train";
import { residualCurve } from "./chart.ts";
import type { Dataset, ImageSet } from "./dataset.ts";
import { prepareToWrite, writeText } from "./files.ts";
import { drawImages } from "./terminal.ts";

/** How long and how fast to train. */
export interface TrainOptions {
  /** Passes over the data. */
  readonly epochs: number;
  readonly batchSize: number;
  /** Learning rate of Adam at the start; it falls evenly to 0, so that the last steps settle. */
  readonly lr: number;
  /** What is done to each batch that is learned from. */
  readonly transform?: BatchesOptions["transform"];
}

/** What to learn from, what to measure with, and how. */
export interface Experiment extends TrainOptions {
  readonly title: string;
  readonly train: ImageSet;
  readonly test: ImageSet;
  /** Where the picture of the residual curve goes. */
  readonly out: string;
}

const mistakesShown = 4;

/**
 * Trains a model to read digits; prints its summary, the accuracy on digits that it has not seen, and some that it got wrong; writes
 * the residual curve.
 */
export async function runExperiment(model: Sequential, experiment: Experiment): Promise<void> {
  const { title, train, test, out, epochs } = experiment;
  prepareToWrite(out);
  const size = (set: ImageSet) => grouped(set.labels.size);
  console.log(`${title}: ${size(train)} digits to learn from, ${size(test)} to test with\n`);
  console.log(summary(model, [1, test.width * test.height]), "\n");

  const history = await trainClassifier(model, train, experiment);

  const outputs = predict(model, test.inputs);
  const percent = percentRight(outputs, test.labels);
  console.log(`\ntest accuracy: ${percent} %\n`);
  console.log(`${describeMistakes(test, argmax(outputs, 1).toArray<number[]>())}\n`);

  const subtitle = `${size(train)} digits, ${epochs} epochs of Adam, test accuracy ${percent} %`;
  await writeText(out, residualCurve(`${title}: residual curve`, subtitle, history));
  const path = relative("", out);
  console.log(`residual curve: ${path.startsWith("..") ? out : path}`);
}

/** Trains by Adam, in steps that are compiled so that each engine rounds alike, with a progress bar. */
export function trainClassifier(model: Sequential, data: Dataset, options: TrainOptions): Promise<History> {
  const { epochs, batchSize, lr, transform } = options;
  const optimizer = new Adam(model.parameters(), { lr });
  const steps = epochs * Math.ceil(data.labels.size / batchSize);
  return fit(model, batches(new TensorDataset(data.inputs, data.labels), { batchSize, transform }), {
    loss: crossEntropy,
    optimizer,
    epochs,
    metrics: { accuracy },
    schedule: new Schedule(optimizer, polynomial(steps)),
    scheduleEvery: "step",
    callbacks: [progressBar({ stream: process.stdout })],
    compile: (step) => compile(step, { deterministic: true }),
  });
}

/** The share of rows whose class is right, as a text. */
export function percentRight(outputs: Tensor, labels: Tensor): string {
  return (100 * accuracy(outputs, labels)).toFixed(2);
}

/** Some pictures that were read wrongly. */
export function describeMistakes(test: ImageSet, predicted: readonly number[]): string {
  const labels = test.labels.toArray<number[]>();
  const wrong = predicted.flatMap((digit, i) => (digit === labels[i] ? [] : [i]));
  if (wrong.length === 0) return "Not one was wrong.";
  const shown = wrong.slice(0, mistakesShown);
  const drawn = drawImages(test, shown, (i) => `a ${labels[i]}, read as ${predicted[i]}`);
  return `${grouped(wrong.length)} of ${grouped(labels.length)} wrong, among them:\n\n${drawn}`;
}

export function grouped(n: number): string {
  return n.toLocaleString("en");
}
