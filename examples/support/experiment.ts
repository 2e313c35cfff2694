import { relative } from "node:path";
import { type Sequential, summary } from "tinygrad-ts";
import { residualCurve } from "./chart.ts";
import type { ImageSet } from "./dataset.ts";
import { prepareToWrite, writeAtomically } from "./files.ts";
import { TrainingBar } from "./progress.ts";
import { ResidualRecorder } from "./residuals.ts";
import { drawImages } from "./terminal.ts";
import { accuracy, predict, type TrainOptions, train } from "./train.ts";

/** What to learn from, what to measure with, and how. */
export interface Experiment extends Pick<TrainOptions, "epochs" | "batchSize" | "lr"> {
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
export function runExperiment(model: Sequential, experiment: Experiment): void {
  const { title, test, out, epochs } = experiment;
  prepareToWrite(out);
  const size = (set: ImageSet) => grouped(set.labels.size);
  console.log(`${title}: ${size(experiment.train)} digits to learn from, ${size(test)} to test with\n`);
  console.log(summary(model, [1, test.width * test.height]), "\n");

  const recorder = new ResidualRecorder();
  const losses: number[] = [];
  const bar = new TrainingBar();
  try {
    train(model, experiment.train, {
      ...experiment,
      forward: (m, x) => recorder.forward(m, x),
      onStep: (step) => {
        losses.push(step.loss);
        bar.update(step);
      },
    });
  } finally {
    bar.stop();
  }

  const predicted = predict(model, test.inputs);
  const percent = accuracy(predicted, test.labels).toFixed(2);
  console.log(`\ntest accuracy: ${percent} %\n`);
  console.log(`${describeMistakes(test, predicted.toArray<number[]>())}\n`);

  const subtitle = `${size(experiment.train)} digits, ${epochs} epochs of Adam, test accuracy ${percent} %`;
  writeAtomically(out, residualCurve(`${title}: residual curve`, subtitle, { losses, residuals: recorder.norms }));
  const path = relative("", out);
  console.log(`residual curve: ${path.startsWith("..") ? out : path}`);
}

function describeMistakes(test: ImageSet, predicted: readonly number[]): string {
  const labels = test.labels.toArray<number[]>();
  const wrong = predicted.flatMap((digit, i) => (digit === labels[i] ? [] : [i]));
  if (wrong.length === 0) return "Not one was wrong.";
  const shown = wrong.slice(0, mistakesShown);
  const drawn = drawImages(test, shown, (i) => `a ${labels[i]}, read as ${predicted[i]}`);
  return `${grouped(wrong.length)} of ${grouped(labels.length)} wrong, among them:\n\n${drawn}`;
}

function grouped(n: number): string {
  return n.toLocaleString("en");
}
