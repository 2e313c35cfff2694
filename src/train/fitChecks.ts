import { checkCount, checkFunction } from "../core/arguments.ts";
import { isClass, isGeneratorFunction, textOf, ValueError } from "../core/errors.ts";
import { checkOptions, hintFor, type OptionKinds } from "../core/options.ts";
import { isTensor } from "../core/runtime.ts";
import type { Layer } from "../nn/layer.ts";
import { isBatches } from "./batches.ts";
import type { Callback } from "./callbacks.ts";
import { dataHint, isDataset, isSamples } from "./dataset.ts";
import { isIterable } from "./feed.ts";
import type { FitOptions, TrainingData } from "./fit.ts";
import { checkModel } from "./modes.ts";

const fitOptions: OptionKinds<FitOptions> = {
  loss: "any",
  optimizer: "any",
  epochs: "number",
  startEpoch: "number",
  batchSize: "number",
  shuffle: "boolean",
  dropLast: "boolean",
  stepsPerEpoch: "number",
  generator: "generator",
  schedule: "any",
  scheduleEvery: ["epoch", "step"],
  metrics: "any",
  validation: "any",
  callbacks: "any",
  progress: "any",
  historySteps: "number",
  signal: "any",
  residuals: "boolean",
  clipNorm: "number",
  compile: "any",
  group: "any",
  reproducible: "number",
  syncBatchNorm: "boolean",
};

/** What counts something, and the least of each. */
const counts = { epochs: 0, startEpoch: 0, batchSize: 1, stepsPerEpoch: 1, historySteps: 0 } as const;

/** What Keras and others call what has another name, or another place, here. */
const elsewhere = {
  criterion: "loss",
  device: "there are no devices",
  initialEpoch: "startEpoch",
  history: "historySteps",
  lr: "it is the optimizer's: new Adam(model.parameters(), { lr })",
  validationSplit: "split the data by trainTestSplit, and pass one part as validation",
  verbose: "write callbacks: [lines()], of tinygrad-ts/reporters",
};

/** Refuses what `fit` cannot do, before the first step, with what to write instead. */
export function checkFit(model: Layer, data: TrainingData, options: FitOptions): void {
  checkModel("fit", model);
  checkData("data", data);
  const isTargets = isTensor(options) || Array.isArray(options) || ArrayBuffer.isView(options);
  if (typeof options !== "object" || options === null || isTargets || hasMethod(options, "zeroGrad")) {
    const hint = `write fit(model, ${isTargets ? "{ x, y }" : "data"}, { loss: mse, optimizer })`;
    refuse("options must be an object", options, hint);
  }
  checkOptions("fit", options, fitOptions, { names: elsewhere });
  checkLoss(options.loss);
  checkOptimizer(options.optimizer);
  const { validation, metrics, callbacks } = options;
  for (const [name, least] of Object.entries(counts)) {
    const count = options[name as keyof typeof counts];
    if (count !== undefined) checkCount("fit", name, count, least);
  }
  if (options.clipNorm !== undefined && !(options.clipNorm >= 0)) {
    refuse("clipNorm must be a number, 0 or more", options.clipNorm);
  }
  if (validation !== undefined) checkData("validation", validation);
  checkUnused(data, options);
  checkSchedule(options.schedule, options.optimizer);
  if (options.progress !== undefined && !hasMethod(options.progress, "begin")) {
    refuse("progress must be a Progress", options.progress, "write progress: new Progress()");
  }
  if (metrics !== undefined) checkMetrics(metrics);
  if (callbacks !== undefined) checkCallbacks(callbacks);
  if (options.signal !== undefined && typeof options.signal?.aborted !== "boolean") {
    refuse("signal must be an AbortSignal", options.signal, "of a controller, write controller.signal");
  }
  const { group, reproducible, syncBatchNorm } = options;
  if ([group, reproducible, syncBatchNorm].some((x) => x !== undefined) && !hasMethod(group, "team")) {
    const needs =
      group !== undefined ? "group must be" : `${reproducible === undefined ? "syncBatchNorm" : "reproducible"} needs`;
    refuse(`${needs} a group of processes`, group, "write group: await mpi(), of tinygrad-ts/mpi");
  }
  if (options.compile !== undefined && options.compile !== false) {
    checkFunction("fit", "compile", options.compile, 'write compile, from "tinygrad-ts/compile", or false');
  }
}

function hasMethod(x: unknown, name: string): boolean {
  return isCallable((x as { readonly [name: string]: unknown } | null | undefined)?.[name]);
}

/** Whether a call does something: a call of a generator function would silently do nothing. */
function isCallable(f: unknown): boolean {
  return typeof f === "function" && !isGeneratorFunction(f);
}

function refuse(rule: string, got: unknown, hint = ""): never {
  throw new ValueError("fit", rule, textOf(got), hint);
}

/** Refuses what is neither a dataset, nor `{ x, y }`, nor batches: a list of two arrays could be a pair, or two batches. */
function checkData(name: string, data: unknown): void {
  const rule = `${name} must be { x, y }, a TensorDataset or batches`;
  if (typeof data === "function") {
    if (isClass(data)) refuse(rule, data);
    return;
  }
  if (isTensor(data) || ArrayBuffer.isView(data)) refuse(rule, data, dataHint("fit", data));
  if (Array.isArray(data)) {
    if (data.length === 0) refuse(`${name} must have batches`, data);
    const at = data.findIndex((batch) => !Array.isArray(batch) || batch.length < 2 || !batch.every(isTensor));
    if (at < 0) return;
    const call = name === "data" ? "fit(model, { x, y }, …)" : `${name}: { x, y }`;
    const got = `${textOf(data[at])} at index ${at}`;
    const hint = `for inputs and targets, write ${call}`;
    throw new ValueError("fit", `${name} in a list must be batches [x, y] of tensors`, got, hint);
  }
  if (isDataset(data) || isSamples(data)) return;
  if (typeof data === "number" && name === "validation" && data > 0 && data < 1) {
    const hint = `for a share of the data, write const [train, test] = trainTestSplit(data, { testShare: ${data} }), and validation: test`;
    refuse(rule, data, hint);
  }
  if (!isIterable(data)) refuse(rule, data, dataHint("fit", data));
  if (name === "validation" && isBatches(data) && data.position > 0) {
    refuse("validation must begin with its first batch", data, `${data.position} were taken: make new batches`);
  }
}

/** Refuses options that would do nothing, since batches have been made elsewhere. */
function checkUnused(data: TrainingData, options: FitOptions): void {
  const isMade = (x: unknown): boolean => !isDataset(x) && !isSamples(x);
  if (!isMade(data)) return;
  for (const name of ["batchSize", "shuffle", "dropLast", "generator"] as const) {
    if (options[name] === undefined) continue;
    if (name === "batchSize" && options.validation !== undefined && !isMade(options.validation)) continue;
    const hint = `give it to what makes them: batches(data, { ${name} })`;
    throw new ValueError("fit", `${name} is for data that is not in batches yet`, "batches", hint);
  }
}

function checkLoss(loss: unknown): void {
  if (isCallable(loss) && !isClass(loss as object)) return;
  refuse("loss must be a function of outputs and targets", loss, "write loss: mse, or crossEntropy for classes");
}

function checkOptimizer(optimizer: unknown): void {
  if (!hasMethod(optimizer, "step") || !hasMethod(optimizer, "zeroGrad")) {
    const name = typeof optimizer === "function" && isClass(optimizer) ? optimizer.name : "Adam";
    refuse("needs an optimizer", optimizer, `write optimizer: new ${name}(model.parameters(), { lr: 0.001 })`);
  }
  if ((optimizer as FitOptions["optimizer"]).step.length > 0) {
    const hint = "LBFGS asks for the loss many times: call its step in your own loop";
    refuse("the optimizer's step must take no arguments", optimizer, hint);
  }
}

function checkSchedule(schedule: FitOptions["schedule"], { groups }: FitOptions["optimizer"]): void {
  if (schedule === undefined) return;
  if ((schedule as { readonly mode?: unknown } | null)?.mode === "max") {
    const hint = "for a metric, step it in onEpoch of a callback";
    refuse('schedule must not have mode "max": it is given the loss', schedule, hint);
  }
  const hint = "write schedule: new Schedule(optimizer, cosine(100))";
  if (!hasMethod(schedule, "step") || hasMethod(schedule, "zeroGrad")) {
    refuse("schedule must be a schedule", schedule, hint);
  }
  const moved = (schedule as NonNullable<typeof schedule>).optimizer?.groups;
  if (groups === undefined || moved === undefined || moved.some((group) => groups.includes(group as never))) return;
  throw new ValueError("fit", "schedule must move the rates of the optimizer", "one of another optimizer", hint);
}

function checkMetrics(metrics: unknown): void {
  const hint = (f: unknown): string => {
    const name = typeof f === "string" ? f : typeof f === "function" && f.name !== "" ? f.name : "accuracy";
    return `write metrics: { ${name} }`;
  };
  if (typeof metrics !== "object" || metrics === null || Array.isArray(metrics)) {
    refuse(
      "metrics must be an object of functions by name",
      metrics,
      hint(Array.isArray(metrics) ? metrics[0] : metrics),
    );
  }
  for (const [name, metric] of Object.entries(metrics)) {
    if (!isCallable(metric) && !hasMethod(metric, "start")) {
      const factory = "write { start: () => ({ add, value }) }, since each epoch starts again";
      refuse(
        `metrics.${name} must be a function, or have start()`,
        metric,
        hasMethod(metric, "add") ? factory : hint(metric),
      );
    }
    if (name.startsWith("validation.")) {
      const rule = "a metric's name must not begin with validation.";
      throw new ValueError("fit", rule, name, "with validation data, each metric has such a number, too");
    }
    if (name !== "loss" && name !== "lr") continue;
    throw new ValueError("fit", "a metric must not be called loss or lr", name, "each epoch has these anyway");
  }
}

const hooks: OptionKinds<Omit<Callback, "isLast" | "isForOne">> = {
  onStart: "function",
  onStep: "function",
  onEpoch: "function",
  onEnd: "function",
  onError: "function",
};

function checkCallbacks(callbacks: unknown): void {
  if (!Array.isArray(callbacks)) {
    const inside = typeof callbacks === "function" ? "{ onEpoch: … }" : "callback";
    refuse("callbacks must be a list", callbacks, `write callbacks: [${inside}]`);
  }
  for (const [i, callback] of callbacks.entries()) {
    if (typeof callback !== "object" || callback === null || Array.isArray(callback)) {
      const got = `${textOf(callback)} at index ${i}`;
      const hint = "write { onEpoch: … }, or call what makes a callback: earlyStopping()";
      throw new ValueError("fit", "a callback must be an object", got, typeof callback === "function" ? hint : "");
    }
    checkHooks(callback as Callback);
  }
}

/** A callback may have fields and methods of its own; what looks like a hook must be one. */
function checkHooks(callback: Callback): void {
  const known = Object.keys(hooks);
  for (let at: object | null = callback; at !== null && at !== Object.prototype; at = Object.getPrototypeOf(at)) {
    for (const name of Object.getOwnPropertyNames(at)) {
      if (known.includes(name) || !/^on[A-Z_]/.test(name)) continue;
      throw new ValueError(
        "fit",
        "callbacks have no such hook",
        name,
        hintFor(name, known, { onBatchEnd: "onStep", onTrainBegin: "onStart", onTrainEnd: "onEnd" }),
      );
    }
  }
  const own = known.filter((name) => callback[name as keyof Callback] !== undefined);
  if (own.length === 0) refuse(`a callback must have one of ${known.join(", ")}`, callback);
  for (const name of own) checkFunction("fit", name, callback[name as keyof Callback]);
}
