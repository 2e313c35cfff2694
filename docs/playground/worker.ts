import type { At } from "./model/address.ts";
import { graphOf } from "./model/graph.ts";
import { observe } from "./model/observe.ts";
import type { Points } from "./model/points.ts";
import { type Frame, gridSide, mapSide, type PointArrays, type Request } from "./model/protocol.ts";
import { outputOver, responses } from "./model/respond.ts";
import { Runner, type Timers } from "./model/runner.ts";
import { limits } from "./model/settings.ts";
import { survey } from "./model/survey.ts";
import { Trainer } from "./model/trainer.ts";

// The training, off the page's thread. It trains for a few milliseconds at a time and listens between; it shows a frame only when the page has drawn the last one.

/** The part of a worker's world that this uses. */
interface Scope extends Timers {
  onmessage: ((event: { readonly data: Request }) => void) | null;
  postMessage(frame: Frame): void;
}

const scope = globalThis as unknown as Scope;
const runner = new Runner(scope, { step, show });

let trainer: Trainer | null = null;
let run = 0;
let isNew = false;
let hasDiverged = false;
/** Where running stops by itself. */
let until: number = limits.steps;
let point = 0;
let wantsGraph = false;
let looked: At | null = null;
/** Of each step since the frame before, its loss and its residuals. */
let records: number[] = [];
let isDrawn = true;
let isStale = false;

scope.onmessage = ({ data: request }) => {
  switch (request.type) {
    case "configure":
      trainer = new Trainer(request.settings);
      run = request.run;
      records = [];
      [isNew, hasDiverged, isDrawn] = [true, false, true];
      if (request.goesOn) runner.run(runner.speed);
      else {
        until = request.step;
        if (until > trainer.steps) runner.run(null);
        else runner.pause();
      }
      break;
    case "run":
      until = limits.steps;
      runner.run(request.perSecond);
      break;
    case "pause":
      runner.pause();
      break;
    case "step":
      if (trainer !== null && trainer.steps < limits.steps) trainOnce(trainer);
      runner.pause();
      break;
    case "look":
      ({ point, graph: wantsGraph, neuron: looked } = request);
      show();
      break;
    case "drawn":
      isDrawn = true;
      if (isStale) show();
      break;
  }
};

function step(): boolean {
  return trainer !== null && trainOnce(trainer) && trainer.steps < until;
}

function trainOnce(training: Trainer): boolean {
  const record = training.step();
  if (record === null) hasDiverged = true;
  else records.push(record.loss, ...record.residuals);
  return record !== null;
}

function show(): void {
  if (trainer === null) return;
  isStale = !isDrawn;
  if (isStale) return;
  const { train, test } = trainer;
  const large = looked === null || looked.column === 0 ? null : responses(trainer, gridSide)[looked.column - 1];
  scope.postMessage({
    run,
    points: isNew ? { train: arraysOf(train), test: arraysOf(test) } : null,
    isRunning: runner.isRunning,
    hasDiverged,
    step: trainer.steps,
    epoch: trainer.epoch,
    train: trainer.score(train),
    test: trainer.score(test),
    grid: large?.[looked!.row]?.slice() ?? outputOver(trainer, gridSide),
    maps: responses(trainer, mapSide),
    survey: survey(trainer),
    observation: observe(trainer, Math.min(point, train.x.shape[0]! - 1)),
    graph: wantsGraph ? graphOf(trainer, Math.min(point, train.x.shape[0]! - 1)) : null,
    records: Float64Array.from(records),
  });
  [isNew, isDrawn, records] = [false, false, []];
}

function arraysOf({ x, y }: Points): PointArrays {
  return { x: Float32Array.from(x.data), y: Float32Array.from(y.data) };
}
