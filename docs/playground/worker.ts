import { linspace, sigmoid, type Tensor, tensor } from "tinygrad-ts";
import { graphOf } from "./model/graph.ts";
import { observe } from "./model/observe.ts";
import type { Points } from "./model/points.ts";
import { type Frame, gridSide, type PointArrays, type Request, reach } from "./model/protocol.ts";
import { limits } from "./model/settings.ts";
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
const between = 45;

const places = gridPlaces();
let trainer: Trainer | null = null;
let run = 0;
let isNew = false;
let isRunning = false;
let hasDiverged = false;
let perSecond: number | null = null;
/** Where running stops by itself. */
let until: number = limits.steps;
let point = 0;
let wantsGraph = false;
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
      until = request.steps;
      perSecond = null;
      setRunning(request.steps > 0);
      break;
    case "run":
      until = limits.steps;
      perSecond = request.perSecond;
      setRunning(true);
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
      ({ point, graph: wantsGraph } = request);
      show();
      break;
    case "drawn":
      isDrawn = true;
      if (isStale) show();
      break;
  }
};

function setRunning(on: boolean): void {
  isRunning = on;
  scope.clearTimeout(timer);
  if (on) train();
  else show();
}

function train(): void {
  if (trainer === null || !isRunning) return;
  const start = performance.now();
  do {
    if (!trainOnce(trainer) || trainer.steps >= until) isRunning = false;
  } while (isRunning && perSecond === null && performance.now() - start < stretch);
  if (!isRunning || perSecond !== null || performance.now() - shownAt > between) show();
  if (isRunning) timer = scope.setTimeout(train, perSecond === null ? 0 : 1000 / perSecond);
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
  scope.postMessage({
    run,
    points: isNew ? { train: arraysOf(train), test: arraysOf(test) } : null,
    isRunning,
    hasDiverged,
    step: trainer.steps,
    epoch: trainer.epoch,
    train: trainer.score(train),
    test: trainer.score(test),
    grid: gridOf(trainer),
    observation: observe(trainer, point),
    graph: wantsGraph ? graphOf(trainer, point) : null,
    records,
  });
  [isNew, isDrawn, records] = [false, false, []];
  shownAt = performance.now();
}

function arraysOf({ x, y }: Points): PointArrays {
  return { x: Float32Array.from(x.data), y: Float32Array.from(y.data) };
}

/** Centres of the grid's cells, row by row from the top. */
function gridPlaces(): Tensor {
  const end = reach * (1 - 1 / gridSide);
  const along = linspace(-end, end, gridSide).data;
  const rows = Array.from(along, (_, row) => Array.from(along, (x) => [x, -along[row]!]));
  return tensor(rows.flat());
}

function gridOf(training: Trainer): Float32Array {
  const output = training.predict(places);
  const shown = training.settings.loss === "crossEntropy" ? sigmoid(output).mul(2).sub(1) : output;
  return Float32Array.from(shown.data, (v) => Math.min(Math.max(v, -1), 1));
}
