import type { At } from "./model/address.ts";
import { graphOf } from "./model/graph.ts";
import { observe } from "./model/observe.ts";
import { Pace } from "./model/pace.ts";
import type { Points } from "./model/points.ts";
import { type Frame, gridSide, mapSide, type PointArrays, type Request } from "./model/protocol.ts";
import { outputOver, responses } from "./model/respond.ts";
import { limits } from "./model/settings.ts";
import { survey } from "./model/survey.ts";
import { type StepRecord, Trainer } from "./model/trainer.ts";

// The training, off the page's thread. It trains for a few milliseconds at a time and listens between; it shows a frame only when the page has drawn the last one.

/** The part of a worker's world that this uses. */
interface Scope {
  onmessage: ((event: { readonly data: Request }) => void) | null;
  postMessage(frame: Frame): void;
  setTimeout(run: () => void, milliseconds: number): number;
  clearTimeout(timer: number): void;
}

const scope = globalThis as unknown as Scope;
/** Milliseconds of training between two looks at the messages, and between two frames. */
const stretch = 12;
const between = 30;

let trainer: Trainer | null = null;
let run = 0;
let isNew = false;
let isRunning = false;
let hasDiverged = false;
let perSecond: number | null = null;
/** Of the present running; null where it goes as fast as it can. */
let pace: Pace | null = null;
/** Where running stops by itself. */
let until: number = limits.steps;
let point = 0;
let wantsGraph = false;
let looked: At | null = null;
let records: StepRecord[] = [];
let isDrawn = true;
let isStale = false;
let shownAt = 0;
let timer = 0;

scope.onmessage = ({ data: request }) => {
  switch (request.type) {
    case "configure":
      trainer = new Trainer(request.settings);
      run = request.run;
      records = [];
      [isNew, hasDiverged, isDrawn] = [true, false, true];
      if (request.goesOn) setRunning(true);
      else {
        until = request.step;
        setRunning(until > trainer.steps, null);
      }
      break;
    case "run":
      until = limits.steps;
      setRunning(true, request.perSecond);
      break;
    case "pause":
      setRunning(false);
      break;
    case "step":
      setRunning(false);
      if (trainer !== null && trainer.steps < limits.steps) trainOnce(trainer);
      show();
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

function setRunning(on: boolean, speed = perSecond): void {
  isRunning = on;
  perSecond = speed;
  pace = speed === null ? null : new Pace(speed, performance.now());
  scope.clearTimeout(timer);
  if (on) train();
  else show();
}

function train(): void {
  if (trainer === null || !isRunning) return;
  const start = performance.now();
  let due = pace?.due(start) ?? Number.POSITIVE_INFINITY;
  while (isRunning && due-- > 0 && performance.now() - start < stretch) {
    if (!trainOnce(trainer) || trainer.steps >= until) isRunning = false;
  }
  if (!isRunning || performance.now() - shownAt > between) show();
  if (isRunning) timer = scope.setTimeout(train, pace?.wait(performance.now()) ?? 0);
}

function trainOnce(training: Trainer): boolean {
  const record = training.step();
  if (record === null) hasDiverged = true;
  else records.push(record);
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
    isRunning,
    hasDiverged,
    step: trainer.steps,
    epoch: trainer.epoch,
    train: trainer.score(train),
    test: trainer.score(test),
    grid: large?.[looked!.row] ?? outputOver(trainer, gridSide),
    maps: responses(trainer, mapSide),
    survey: survey(trainer),
    observation: observe(trainer, Math.min(point, train.x.shape[0]! - 1)),
    graph: wantsGraph ? graphOf(trainer, Math.min(point, train.x.shape[0]! - 1)) : null,
    records,
  });
  [isNew, isDrawn, records] = [false, false, []];
  shownAt = performance.now();
}

function arraysOf({ x, y }: Points): PointArrays {
  return { x: Float32Array.from(x.data), y: Float32Array.from(y.data) };
}
