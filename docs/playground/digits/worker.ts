import packed from "../../../examples/data/digits.csv.gz";
import { Runner, type Timers } from "../model/runner.ts";
import type { StepRecord } from "../model/trainer.ts";
import { opening } from "./model/address.ts";
import { type Pictures, pictureAt, readDigits } from "./model/data.ts";
import { observe } from "./model/observe.ts";
import type { Frame, Request } from "./model/protocol.ts";
import { shrink } from "./model/strokes.ts";
import { DigitTrainer, mostSteps } from "./model/trainer.ts";

// The training on pictures, off the page's thread.

/** The part of a worker's world that this uses. */
interface Scope extends Timers {
  onmessage: ((event: { readonly data: Request }) => void) | null;
  postMessage(frame: Frame): void;
}

const scope = globalThis as unknown as Scope;
const runner = new Runner(scope, { step, show });
const data = unpack();

let trainer: DigitTrainer | null = null;
let pictures: Pictures | null = null;
let run = 0;
/** Where running stops by itself. */
let until: number = mostSteps;
let { subject, target } = opening;
let records: StepRecord[] = [];
let isDrawn = true;
let isStale = false;

// Messages wait until the data are there, and come in their order.
scope.onmessage = ({ data: request }) => {
  data.then(
    ({ train, test }) => hear(request, train, test),
    // The page hears of errors that nobody caught, but not of promises.
    (error: unknown) =>
      scope.setTimeout(() => {
        throw error;
      }, 0),
  );
};

function hear(request: Request, train: Pictures, test: Pictures): void {
  switch (request.type) {
    case "begin":
      trainer = new DigitTrainer(train, test, request.settings);
      pictures = test;
      run = request.run;
      records = [];
      isDrawn = true;
      until = request.step;
      if (until > 0) runner.run(null);
      else runner.pause();
      break;
    case "run":
      until = mostSteps;
      runner.run(request.speed);
      break;
    case "pause":
      runner.pause();
      break;
    case "step":
      if (trainer !== null && trainer.steps < mostSteps) records.push(trainer.step());
      runner.pause();
      break;
    case "look":
      ({ subject, target } = request);
      show();
      break;
    case "drawn":
      isDrawn = true;
      if (isStale) show();
      break;
  }
}

function step(): boolean {
  if (trainer === null || trainer.steps >= until) return false;
  records.push(trainer.step());
  return trainer.steps < until;
}

function show(): void {
  if (trainer === null || pictures === null) return;
  isStale = !isDrawn;
  if (isStale) return;
  const [pixels, digit] =
    "example" in subject
      ? [pictureAt(pictures, subject.example), pictures.digits[subject.example]!]
      : [shrink(subject.strokes), null];
  scope.postMessage({
    run,
    isRunning: runner.isRunning,
    step: trainer.steps,
    epoch: trainer.epoch,
    test: trainer.score(),
    observation: observe(trainer, pixels, target ?? digit),
    records,
  });
  [isDrawn, records] = [false, []];
}

async function unpack(): Promise<ReturnType<typeof readDigits>> {
  const unpacked = new Blob([packed]).stream().pipeThrough(new DecompressionStream("gzip"));
  return readDigits(await new Response(unpacked).text());
}
