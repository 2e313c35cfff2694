import { noGrad } from "../core/apply.ts";
import { isTinygradError, textOf, ValueError } from "../core/errors.ts";
import { readOnly } from "../core/foreign.ts";
import { isTensor } from "../core/runtime.ts";
import { formatShape } from "../core/shape.ts";
import { refuseMore } from "../core/surplus.ts";
import type { TensorLike } from "../create.ts";
import type { Layer } from "../nn/layer.ts";
import type { Generator } from "../random/generator.ts";
import { defaultGenerator } from "../random/generator.ts";
import type { Tensor } from "../tensor.ts";
import { type BatchesOptions, batchesFor, isBatches } from "./batches.ts";
import type { Callback, Run } from "./callbacks.ts";
import { Compiling } from "./compiling.ts";
import { type Batch, isDataset, isSamples, type Samples, type TensorDataset } from "./dataset.ts";
import { makeEvaluation } from "./evaluate.ts";
import { hold } from "./exclusive.ts";
import { Feed } from "./feed.ts";
import { checkFit } from "./fitChecks.ts";
import { forSamples } from "./forSamples.ts";
import type { EpochRecord, History, Measured, StepRecord } from "./history.ts";
import { Measures } from "./measures.ts";
import type { Metric } from "./metric.ts";
import { modesOf } from "./modes.ts";
import { causeOf, explainNotFinite } from "./notFinite.ts";
import { Pauses } from "./pause.ts";
import { readSamples } from "./samples.ts";
import type { Told, TrainingState } from "./state.ts";
import {
  type Loss,
  type LossArguments,
  makeStep,
  type StepCompiler,
  type SteppingOptimizer,
  type StepResult,
  type TrainingStep,
} from "./step.ts";
import type { Team, TrainingGroup } from "./team.ts";

/** A batch that a generator may yield: tensors or arrays, which are read like those of a {@link TensorDataset}. */
export type BatchLike = readonly [x: TensorLike, y: TensorLike, ...more: TensorLike[]];

/**
 * The samples: `{ x, y }` of tensors or arrays, a dataset, or batches of `[inputs, targets]`, sync or async, over which `fit` loops once for each epoch. In a list of batches, they
 * are tensors, so `[x, y]` is not mistaken for two batches. A function that returns batches, such as a generator function, is called for each epoch, with its number.
 *
 * Anything after the targets, such as sample weights, is passed to the loss as further arguments: see {@link Loss}.
 */
export type TrainingData =
  | Samples
  | TensorDataset
  | Iterable<Batch>
  | AsyncIterable<BatchLike>
  | (Iterable<BatchLike> & {
      /** A generator, and no list. */
      readonly length?: never;
    })
  | BatchFunction;

/** Makes the batches of an epoch, which is counted from 1. */
export type BatchFunction = (
  epoch: number,
) => Iterable<BatchLike> | AsyncIterable<BatchLike> | Promise<Iterable<BatchLike> | AsyncIterable<BatchLike>>;

/** @internal */
export type BatchSource = Iterable<BatchLike> | AsyncIterable<BatchLike> | BatchFunction;

/** What {@link fit} needs from a schedule. */
export interface SteppingSchedule {
  /** Goes on by one step, given the loss to go by. */
  step(metric: number): void;
  /** Whose rates it moves, if it says so: `fit` compares that with the optimizer it is given. */
  readonly optimizer?: {
    /** The parameter groups. */
    readonly groups: readonly object[];
  };
}

/** What {@link fit} needs from a {@link Progress}. */
export interface FollowingProgress {
  /** @internal */
  begin(state: TrainingState): void;
}

/** What {@link fit} needs from an `AbortSignal`. */
export interface StopSignal {
  /** Whether to stop. */
  readonly aborted: boolean;
}

/** Options of {@link fit}. */
export interface FitOptions {
  /** Of outputs and targets, and of what else the data have, a scalar: `mse`, `crossEntropy`. */
  readonly loss: Loss;
  /** What moves the parameters. Not LBFGS, whose steps need the loss many times. */
  readonly optimizer: SteppingOptimizer;
  /** The epoch to end with; 1 by default. */
  readonly epochs?: number;
  /**
   * How many epochs the run that this one continues has done; 0 by default. An epoch that it had begun is recorded with what is left of it, and
   * with NaN if that is nothing but its end; with a {@link Progress}, which makes `startEpoch` needless, it is recorded whole.
   */
  readonly startEpoch?: number;
  /** Samples in a batch, of data that is not in batches yet; 32 by default. */
  readonly batchSize?: number;
  /** Whether such data gets a new order for each epoch; true by default. */
  readonly shuffle?: boolean;
  /** Whether a last batch that is smaller is left out; false by default. In validation, none is. */
  readonly dropLast?: boolean;
  /** Steps in an epoch, for data without an end: an epoch continues where the last one stopped, and starts the data again when they are used up. By default, an epoch is one pass. */
  readonly stepsPerEpoch?: number;
  /** Where that order comes from; `defaultGenerator` if left out. */
  readonly generator?: Generator;
  /** Moves the learning rate; is given the validation loss, or the loss if there is none. */
  readonly schedule?: SteppingSchedule;
  /** When the schedule steps: after each `"epoch"`, by default, or each `"step"`. */
  readonly scheduleEvery?: "epoch" | "step";
  /** What else to measure, by name: `{ accuracy }`. */
  readonly metrics?: { readonly [name: string]: Metric };
  /** Data to measure with after each epoch, with the model out of training. */
  readonly validation?: TrainingData;
  /** What is to happen on the way: {@link earlyStopping}, `bestWeights`, {@link checkpoint}, reporters, your own. */
  readonly callbacks?: readonly Callback[];
  /** The position of the run, for checkpoints: a {@link Progress}. */
  readonly progress?: FollowingProgress;
  /** For how many steps, the latest, the history keeps losses and residuals; all by default. Epochs are always kept. */
  readonly historySteps?: number;
  /** Ends the training between two steps: an `AbortSignal`. */
  readonly signal?: StopSignal;
  /** Whether to record the norm of each layer's residual δ in `residuals` of the history; true by default. */
  readonly residuals?: boolean;
  /** The largest norm of all gradients together: see `clipGradNorm`. None by default. */
  readonly clipNorm?: number;
  /**
   * Whether steps and validation run as WebAssembly programs, one for each size of batch, which is 5 to 15 times faster.
   *
   * If left out, they do where it cannot change what is computed, and is worth the tenth of a second that it takes: from 500 steps on, or 10 million numbers updated (steps × numbers in the
   * parameters), and if model, loss and optimizer consist of the library's own classes and functions, without hooks. Sums are rounded in another order than in eager code, so results agree but for the
   * last digits. Anything else, such as your own loss, may read a number that a program would not read again, so it runs eagerly: give `compile` of `tinygrad-ts/compile` if it does not.
   * `false` never compiles, and never loads the compiler. {@link History.compiled} says which way it went.
   */
  readonly compile?: StepCompiler | false;
  /**
   * Processes that train the model together, as `mpi()` of `tinygrad-ts/mpi` gives them. All call `fit` with the same model, data and options; each computes its share of each batch, whose size is that of all shares together, and moves its parameters by
   * the gradients of the whole batch, so all stay the same. The loss must be a mean over the samples. Callbacks that are {@link Callback.isForOne} are called by the first process alone.
   */
  readonly group?: TrainingGroup;
  /** Into how many pieces each batch is cut, whatever the number of processes: then 1, 2, 4 and up to so many of them come to the same bits. A power of two; needs a group. By default, each process has one piece, and bits depend on their number. */
  readonly reproducible?: number;
  /** Whether batch normalization takes its statistics of the batches of all processes together; false by default, where each takes those of its share, and the running ones are the mean. */
  readonly syncBatchNorm?: boolean;
}

/**
 * Trains a model. Every 10 ms, it lets the event loop run, so a page stays responsive. If steps take longer than that, train in a worker.
 *
 * The model is in training mode while it learns, and in evaluation mode while it is measured. Afterwards, each layer is in the mode that it was in before. If the run is stopped, by the
 * signal or a callback, it ends as usual, with the history so far.
 *
 * A step happens as a whole or not at all. If anything in it throws, everything is as it was before the step: parameters and their gradients, buffers such as running statistics, what the optimizer remembers, and
 * generators. If it was the first step of an epoch whose order `fit` drew, that is undone, too. The schedule, metrics and callbacks come after the step: if one of them throws, the step has been done, and the
 * {@link Progress} counts it. A run that is resumed with it begins with what was left: the validation of an epoch whose steps are done, the schedule's step, and the callbacks from the one that threw on. So each of
 * them is done once. Pass as many callbacks as before, in the same order. But a metric that throws while it adds a batch does not measure that batch, and neither do those after it; and `bestWeights`
 * puts the best weights back after an error, too, so a run that is resumed in memory begins with those.
 *
 * A model is trained by one `fit` at a time, also if only some of its layers are in both, and so is what else a training run changes: the optimizer, the schedule, batches, callbacks with a state. Models that share
 * nothing may be trained at the same time, and callbacks may measure the model, by {@link predict} say.
 *
 * @param model - the model.
 * @param data - the samples: `{ x, y }` of tensors or arrays, a dataset, or batches.
 * @param options - `loss` and `optimizer`, and what else you like.
 * @returns how it went.
 * @throws `GradError` if the loss or a gradient is NaN or infinite, saying in which step, and which row, target or parameter was. `ValueError` for anything that is not a model, data or
 * option, for what another `fit` trains that has not ended, and for an optimizer that holds none of the model's parameters, or one that was replaced in the model by another tensor. What the loss, a metric or a callback throws. After an error, too, the layers are in the mode that they were in.
 * @example
 * import { Adam, crossEntropy, manualSeed, mlp } from "tinygrad-ts";
 * import { accuracy, fit } from "tinygrad-ts/train";
 *
 * manualSeed(1);
 * const xor = { x: [[0, 0], [0, 1], [1, 0], [1, 1]], y: [0, 1, 1, 0] };
 * const model = mlp([2, 8, 2]);
 * const optimizer = new Adam(model.parameters(), { lr: 0.05 });
 * const history = await fit(model, xor, { loss: crossEntropy, optimizer, epochs: 100, metrics: { accuracy } });
 * history.epochs.at(-1)?.metrics.accuracy; // → 1
 */
export async function fit(model: Layer, data: TrainingData, options: FitOptions): Promise<History> {
  checkFit(model, data, options);
  refuseMore("fit", arguments, 3);
  const release = hold(model, data, options);
  try {
    return await new Training(model, data, options).run();
  } finally {
    release();
  }
}

/** One call of {@link fit}. */
class Training {
  readonly #model: Layer;
  readonly #epochs: number;
  readonly #metrics: { readonly [name: string]: Metric };
  readonly #options: FitOptions;
  readonly #state: TrainingState;
  readonly #validation: Feed | undefined;
  readonly #callbacks: readonly Callback[];
  readonly #step: TrainingStep;
  readonly #evaluate: ReturnType<typeof makeEvaluation>;
  readonly #compiling: Compiling;
  readonly #pauses = new Pauses();
  readonly #records: EpochRecord[] = [];
  readonly #losses: number[] = [];
  readonly #residuals = new Map<string, number[]>();
  readonly #warnings: string[] = [];
  readonly #given: TrainingData;
  readonly #team: Team | undefined;
  #run: Run;
  #stopped: string | null = null;
  /** What has been warned of once. */
  readonly #told = new Set<string>();
  /** Where the first loss of validation that was not finite came from. */
  #badValidation: string | undefined;

  constructor(model: Layer, data: TrainingData, options: FitOptions) {
    const { epochs = 1, startEpoch = 0, metrics = {}, callbacks = [] } = options;
    const { batchSize = 32, shuffle = true, dropLast = false, generator, validation, compile } = options;
    this.#model = model;
    this.#epochs = epochs;
    this.#metrics = Object.freeze({ ...metrics });
    this.#options = { ...options };
    this.#given = data;
    const { optimizer, residuals = true, clipNorm } = options;
    this.#team = options.group?.team(model, options);
    this.#compiling = new Compiling(compile, { model, loss: options.loss, optimizer });
    const isOn = (): boolean => this.#compiling.isOn;
    const feed = new Feed("data", inBatches("", data, { batchSize, shuffle, dropLast, generator }, isOn));
    feed.passes = startEpoch;
    const measures = new Measures(metrics);
    this.#state = {
      epoch: startEpoch,
      step: 0,
      batch: 0,
      lr: Number.NaN,
      measures,
      residuals: new Map(),
      feed,
      told: null,
    };
    this.#validation =
      validation &&
      new Feed("validation data", inBatches("validation", validation, { batchSize, shuffle: false }, isOn));
    this.#run = this.#view(startEpoch);
    const isOther = (options.group?.rank ?? 0) > 0;
    // Those of one process stand in the lists of all, so a place in the list is the same in each.
    this.#callbacks = [...callbacks]
      .sort((a, b) => Number(a.isLast ?? 0) - Number(b.isLast ?? 0))
      .map((callback) => (callback.isForOne && isOther ? {} : callback));
    const loss = (...batch: LossArguments): Tensor => this.#loss(batch);
    const warn = (text: string): void => this.#warn(text);
    const compiler = this.#compiling.compiler(true);
    this.#step = makeStep(model, {
      loss,
      optimizer,
      residuals,
      clipNorm,
      warn,
      compile: compiler,
      isReplayed: !!compile,
      team: this.#team,
    });
    const evaluate = makeEvaluation(model, loss, this.#compiling.compiler(false));
    this.#evaluate = this.#team?.evaluation(evaluate) ?? evaluate;
  }

  /** What callbacks get of it: to read, since setting it would come to nothing, or harm. */
  #view(startEpoch: number): Run {
    const stop = (reason = "stopped"): void => {
      if (typeof reason !== "string") throw new ValueError("stop", "the reason must be a text", textOf(reason));
      this.#stopped ??= reason;
      if (this.#state.told !== null) this.#state.told.stopped = this.#stopped;
    };
    const [model, epochs, metrics] = [this.#model, this.#epochs, this.#metrics];
    const fields: Run = { model, epochs, startEpoch, metrics, hasValidation: this.#validation !== undefined, stop };
    const view = {};
    for (const [name, value] of Object.entries(fields)) {
      const set = (): never => readOnly(name, "callbacks read the run; run.stop() ends it");
      Object.defineProperty(view, name, { get: () => value, set, enumerable: true });
    }
    return view as Run;
  }

  async run(): Promise<History> {
    const restore = modesOf(this.#model);
    const state = this.#state;
    try {
      this.#options.progress?.begin(state);
      this.#team?.begin();
      this.#run = this.#view(state.epoch);
      if (state.epoch > 0 && state.epoch >= this.#epochs && state.told === null) {
        const text = `${state.epoch} epochs have been done, and epochs, the one to end with, is ${this.#epochs}`;
        this.#warn(`fit: there is nothing to do: ${text}`);
      }
      for (const callback of this.#callbacks) await callback.onStart?.(this.#run);
      await this.#tellRest();
      while (state.epoch < this.#epochs && !this.#isOver()) await this.#epoch(state.epoch + 1);
      this.#team?.end();
    } catch (error) {
      this.#team?.end(error);
      for (const callback of this.#callbacks) await callback.onError?.(error, this.#run);
      throw error;
    } finally {
      restore();
      await state.feed.close();
      await this.#validation?.close();
    }
    const stopped = this.#stopped;
    for (const callback of this.#callbacks) await callback.onEnd?.(this.#history(stopped), this.#run);
    return this.#history(stopped);
  }

  /** A copy, so no callback changes what another gets. */
  #history(stopped: string | null): History {
    return {
      compiled: this.#compiling.how,
      epochs: [...this.#records],
      losses: [...this.#losses],
      residuals: new Map([...this.#residuals].map(([name, sizes]) => [name, [...sizes]])),
      warnings: [...this.#warnings],
      stopped,
    };
  }

  #warn(text: string): void {
    this.#warnings.push(text);
    if (this.#options.group?.rank) return; // the first says it
    (globalThis as { readonly console?: { warn(text: string): void } }).console?.warn(text);
  }

  /** Warns, once each, of an epoch that has gone by and could not teach or tell anything. Throws if it has left parameters that are not finite. */
  #inspect({ epoch, loss, metrics, validation }: EpochRecord, isStill: boolean): void {
    const tell = (what: string, advice: string): void => {
      if (!this.#told.has(what)) this.#warn(`fit: ${what} in epoch ${epoch}; ${advice}`);
      this.#told.add(what);
    };
    within(`epoch ${epoch}`, () => this.#step.end(isStill || loss === 0, tell));
    const rate = "set optimizer.lr, or make a new schedule if one has come to its end";
    if (isStill) tell("the learning rate was 0 at each step", rate);
    const data = "look for NaN and infinite values in the validation data, and in the model's buffers";
    if (!Number.isFinite(validation?.loss ?? 0))
      tell("the validation loss was not finite", this.#badValidation ?? data);
    const values = Object.entries(metrics).concat(
      Object.entries(validation?.metrics ?? {}).map(([name, value]) => [`validation.${name}`, value]),
    );
    for (const [name, value] of values) {
      if (Number.isNaN(value)) tell(`${name} was NaN`, "what monitors it takes that for no improvement");
    }
  }

  #isOver(): boolean {
    if (this.#options.signal?.aborted) this.#stopped ??= "aborted";
    if (this.#team?.isOver(this.#state.step, this.#stopped !== null)) this.#stopped ??= "stopped by another rank";
    return this.#stopped !== null;
  }

  async #epoch(epoch: number): Promise<void> {
    const { stepsPerEpoch } = this.#options;
    const state = this.#state;
    const { feed } = state;
    const { source } = feed;
    const batches = stepsPerEpoch ?? (isBatches(source) ? source.length : undefined);
    let isStill = state.batch === 0; // of an epoch that goes on, the beginning is not known
    this.#model.train();
    this.#step.begin();
    // An epoch whose data are used up, and whose end has failed, has its end alone before it.
    while (stepsPerEpoch === undefined ? state.batch === 0 || feed.taken > 0 : state.batch < stepsPerEpoch) {
      const samples = await feed.next();
      if (samples === null) {
        if (stepsPerEpoch === undefined) break;
        continue; // with the next pass
      }
      const tensors = this.#taking(() => notEmpty(tensorsOf(samples)));
      const planned = batches === undefined ? state.step + 1 : batches * this.#epochs;
      await this.#compiling.prepare(planned);
      const rates = this.#options.optimizer.groups?.map(({ lr }) => lr.item()) ?? [];
      state.lr = rates[0] ?? Number.NaN;
      isStill &&= rates.length > 0 && rates.every((rate) => rate === 0);
      const result = this.#tryStep(tensors, epoch, state.batch + 1);
      const norms = Object.entries(result.residuals).map(([name, size]): [string, number] => [name, size.item()]);
      const loss = result.loss.item();
      state.batch++;
      const step = ++state.step;
      this.#keep(this.#losses, loss);
      for (const [name, size] of norms) {
        const [sum, count] = state.residuals.get(name) ?? [0, 0];
        state.residuals.set(name, [sum + size, count + 1]);
        this.#keep(listOf(this.#residuals, name), size);
      }
      const { batch, lr } = state;
      const residuals = Object.freeze(Object.fromEntries(norms));
      const record: StepRecord = Object.freeze({ epoch, step, batch, batches, loss, lr, residuals });
      state.told = this.#untold(record);
      state.measures.add(loss, result.outputs, tensors[1]);
      await this.#tell();
      await this.#pauses.due();
      if (this.#isOver()) return;
    }
    const measured = state.measures.measure();
    const validation = this.#validation && (await this.#validate(this.#validation, epoch));
    const means = [...state.residuals].map(([name, [sum, count]]) => [name, sum / count]);
    const record: EpochRecord = Object.freeze({
      epoch,
      ...frozen(measured),
      ...(validation && { validation: frozen(validation) }),
      lr: state.lr,
      residuals: Object.freeze(Object.fromEntries(means)),
    });
    this.#inspect(record, isStill);
    this.#records.push(record);
    Object.assign(state, {
      epoch,
      batch: 0,
      lr: Number.NaN,
      measures: new Measures(this.#metrics),
      residuals: new Map(),
      told: this.#untold(record),
    });
    await this.#tell();
  }

  #untold(record: StepRecord | EpochRecord): Told {
    return { record, done: 0, of: this.#callbacks.length + 1, stopped: null };
  }

  /** Tells the schedule and the callbacks of a step or epoch, each once: those that know are counted, so a training run that goes on after an error begins with who threw it. */
  async #tell(): Promise<void> {
    const { schedule, scheduleEvery = "epoch" } = this.#options;
    const told = this.#state.told!;
    const { record } = told;
    const isStep = "step" in record;
    if (told.done === 0 && (scheduleEvery === "step") === isStep) {
      const { byCurve } = (schedule?.constructor ?? {}) as { readonly byCurve?: true };
      const goesBy =
        byCurve === true && schedule!.step.length === 0 ? [] : [((!isStep && record.validation) || record).loss];
      schedule?.step(...(goesBy as [number]));
    }
    told.done ||= 1;
    while (told.done < told.of) {
      const callback = this.#callbacks[told.done - 1]!;
      told.done++; // before it is called: what it saves is what follows
      try {
        await (isStep ? callback.onStep?.(record, this.#run) : callback.onEpoch?.(record, this.#run));
      } catch (error) {
        told.done--;
        throw error;
      }
    }
    this.#state.told = null;
  }

  /** The same for a step or epoch of the training run that this one continues. */
  async #tellRest(): Promise<void> {
    const { told } = this.#state;
    if (told === null) return;
    this.#stopped ??= told.stopped;
    const isStep = "step" in told.record;
    if (!isStep) this.#records.push(told.record);
    const count = this.#callbacks.length;
    if (told.of !== count + 1) {
      const name = isStep ? `step ${told.record.step}` : `epoch ${told.record.epoch}`;
      this.#warn(`fit: callbacks are not told of ${name}; there are ${count} instead of ${told.of - 1}`);
      told.of = 1;
    }
    await this.#tell();
  }

  /** Runs what is made of a batch. If it comes to nothing, the batch has not been taken: a training run that goes on begins with it. */
  #taking<T>(run: () => T): T {
    try {
      return run();
    } catch (error) {
      this.#state.feed.giveBack();
      throw error;
    }
  }

  #tryStep(batch: LossArguments, epoch: number, number: number): StepResult {
    try {
      return this.#taking(() => this.#step.run(...batch));
    } catch (error) {
      if (!isTinygradError(error)) throw error;
      const given = { model: this.#model, x: batch[0], y: batch[1], data: this.#state.feed.source };
      const told = forSamples(error, this.#given, batch);
      throw explainNotFinite(told, given).within(`epoch ${epoch}, batch ${number}`);
    }
  }

  #tryEvaluation(batch: LossArguments): ReturnType<ReturnType<typeof makeEvaluation>> {
    try {
      return this.#evaluate(...batch);
    } catch (error) {
      if (!isTinygradError(error)) throw error;
      throw forSamples(error, this.#options.validation, batch);
    }
  }

  /** If it fails, batches of the package and the default generator stand where they stood, since it is then run again from its beginning. */
  async #validate(feed: Feed, epoch: number): Promise<Measured> {
    const back = isBatches(feed.source) ? feed.source.mark() : null;
    const generator = defaultGenerator();
    const { state } = generator;
    try {
      return await this.#validated(feed, epoch);
    } catch (error) {
      back?.();
      generator.state = state;
      throw error;
    }
  }

  async #validated(feed: Feed, epoch: number): Promise<Measured> {
    const measures = new Measures(this.#metrics);
    this.#model.eval();
    feed.passes = epoch - 1;
    for (let samples = await feed.next(); samples !== null; samples = await feed.next()) {
      const place = `validation: epoch ${epoch}, batch ${feed.taken}`;
      within(place, () => {
        const [x, y, ...more] = tensorsOf(samples);
        const result = this.#tryEvaluation([x, y, ...more]);
        const loss = result.loss.item();
        if (!Number.isFinite(loss) && this.#badValidation === undefined) {
          const cause = noGrad(() => causeOf({ model: this.#model, x, y, data: feed.source }));
          this.#badValidation = `batch ${feed.taken} has ${loss}, from ${cause}`;
        }
        measures.add(loss, result.outputs, y);
      });
      await this.#pauses.due();
    }
    if (measures.count > 0) return within("validation", () => measures.measure());
    throw new ValueError("fit", "the validation data must have samples", `none in epoch ${epoch}`);
  }

  /** The loss of outputs, targets and what else there is. What a loss does not take must not be silently lost. */
  #loss(batch: LossArguments): Tensor {
    const loss = this.#options.loss as (...batch: LossArguments) => Tensor;
    if (batch.length > 2 && loss.length < batch.length) {
      const hint = "for weights, write loss: weighted(mse)";
      const got = `a function of ${loss.length} for batches of ${batch.length} tensors`;
      throw new ValueError("fit", "the loss must take what comes after the targets", got, hint);
    }
    return checkScalar(loss(...batch));
  }

  /** Adds to a list of the history, and lets go of what is too old. */
  #keep(list: number[], value: number): void {
    list.push(value);
    if (list.length > (this.#options.historySteps ?? list.length)) list.shift();
  }
}

/** Data in batches: as it is, or of its samples. Compiled steps take the inputs' values with each call, so one tensor can hold them in turns. */
function inBatches(place: string, data: TrainingData, options: BatchesOptions, isCompiled: () => boolean): BatchSource {
  const made = (): BatchSource => {
    if (!isDataset(data) && !isSamples(data)) return data;
    const batches = batchesFor("fit", data, options);
    batches.reuseInputs(isCompiled);
    return batches;
  };
  return place === "" ? made() : within(place, made);
}

/** Callbacks get records that are in the history, too. */
function frozen({ loss, metrics }: Measured): Measured {
  return Object.freeze({ loss, metrics: Object.freeze(metrics) });
}

/** Says in errors where they are from. */
function within<T>(place: string, run: () => T): T {
  try {
    return run();
  } catch (error) {
    throw isTinygradError(error) ? error.within(place) : error;
  }
}

/** Refuses what a loss of your own must not return. */
function checkScalar(loss: unknown): Tensor {
  if (isTensor(loss) && loss.size === 1) return loss;
  throw new ValueError("fit", "the loss must be a scalar tensor", textOf(loss), isTensor(loss) ? "take its mean" : "");
}

/** Inputs, targets, and what else a batch has. */
function tensorsOf(batch: BatchLike): LossArguments {
  if (Array.isArray(batch) && batch.length > 1) {
    return (batch as BatchLike).map((each, i) => readSamples("fit", each, i)) as unknown as LossArguments;
  }
  throw new ValueError("fit", "a batch must be [inputs, targets]", textOf(batch), "write yield [x, y]");
}

/** Refuses a batch of no samples, of which nothing can be learned: a mean over nothing is NaN. */
function notEmpty(batch: LossArguments): LossArguments {
  const { shape } = batch[0];
  if (shape[0] !== 0) return batch;
  throw new ValueError("fit", "a batch must have samples", `inputs ${formatShape(shape)}`, "leave it out");
}

function listOf(lists: Map<string, number[]>, name: string): number[] {
  const list = lists.get(name) ?? [];
  lists.set(name, list);
  return list;
}
