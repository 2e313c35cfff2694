import { noGrad } from "../core/apply.ts";
import { isTinygradError, textOf, ValueError } from "../core/errors.ts";
import { isTensor } from "../core/runtime.ts";
import type { TensorLike } from "../create.ts";
import type { Layer } from "../nn/layer.ts";
import { cat } from "../ops/cat.ts";
import type { Generator } from "../random/generator.ts";
import type { Tensor } from "../tensor.ts";
import { type BatchesOptions, batches, isBatches } from "./batches.ts";
import type { Callback, Run } from "./callbacks.ts";
import { type Batch, isDataset, isSamples, type Samples, type TensorDataset } from "./dataset.ts";
import { checkFit } from "./fitChecks.ts";
import type { EpochRecord, History, StepRecord } from "./history.ts";
import type { Metric } from "./metrics.ts";
import { modesOf } from "./modes.ts";
import { Pauses } from "./pause.ts";
import { readSamples } from "./samples.ts";
import { type Loss, makeStep, type SteppingOptimizer, type StepResult } from "./step.ts";

/** A batch that a generator may yield: tensors, or arrays, which are read as those of a {@link TensorDataset}. */
export type BatchLike = readonly [x: TensorLike, y: TensorLike, ...more: TensorLike[]];

/**
 * Where samples come from: `{ x, y }` of tensors or arrays, a dataset, or batches of `[inputs, targets]` to loop over once for each epoch, which may have to be waited for. In a list of batches they
 * are tensors, so that `[x, y]` is not taken for two batches.
 */
export type TrainingData =
  | Samples
  | TensorDataset
  | Iterable<Batch>
  | AsyncIterable<BatchLike>
  | (Iterable<BatchLike> & {
      /** A generator, and no list. */
      readonly length?: never;
    });

type BatchSource = Iterable<BatchLike> | AsyncIterable<BatchLike>;

/** What {@link fit} needs of a schedule. */
export interface SteppingSchedule {
  /** Goes on by one step, given the loss to go by. */
  step(metric: number): void;
}

/** What {@link fit} needs of an `AbortSignal`. */
export interface StopSignal {
  /** Whether to stop. */
  readonly aborted: boolean;
}

/** Options of {@link fit}. */
export interface FitOptions {
  /** Of outputs and targets, a scalar: `mse`, `crossEntropy`. */
  readonly loss: Loss;
  /** What moves the parameters. Not LBFGS, whose steps need the loss many times. */
  readonly optimizer: SteppingOptimizer;
  /** The epoch to end with; 1 by default. */
  readonly epochs?: number;
  /**
   * How many epochs have been done before, by a training that this one goes on with; 0 by default. An epoch that such a training had begun is recorded with what is left of it, and
   * with NaN if that is nothing but its end.
   */
  readonly startEpoch?: number;
  /** Samples in a batch, of data that is not in batches yet; 32 by default. */
  readonly batchSize?: number;
  /** Whether such data gets a new order for each epoch; true by default. */
  readonly shuffle?: boolean;
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
  /** What is to happen on the way: {@link earlyStopping}, {@link bestWeights}, {@link checkpoint}, reporters, your own. */
  readonly callbacks?: readonly Callback[];
  /** Ends the training between two steps: an `AbortSignal`. */
  readonly signal?: StopSignal;
  /** Whether to record the norm of each layer's residual δ in `residuals` of the history; true by default. */
  readonly residuals?: boolean;
  /** The largest norm of all gradients together: see `clipGradNorm`. None by default. */
  readonly clipNorm?: number;
  /** `compile` of `tinygrad-ts/compile`, to run the steps as WebAssembly programs, one for each size of batch. */
  readonly compile?: <A extends readonly Tensor[]>(step: (...args: A) => StepResult) => (...args: A) => StepResult;
}

/**
 * Trains a model. Lets the event loop take its turn every 10 ms, so that a page stays alive; for a page that is to stay smooth while steps take longer, train in a worker.
 *
 * The model is in training while it learns, and out of it while it is measured; afterwards each layer is in the mode that it was in before. A training that is stopped, by the
 * signal or a callback, ends as usual, with the history of what was done.
 *
 * @param model - the model.
 * @param data - the samples: `{ x, y }` of tensors or arrays, a dataset, or batches.
 * @param options - `loss` and `optimizer`, and what else you like.
 * @returns how it went.
 * @throws `GradError` if the loss or a gradient is NaN or infinite, saying in which step: before anything of that step was changed. `ValueError` for what is no model, data or
 * option. What the loss, a metric or a callback throws. After an error, too, the layers are in the mode that they were in.
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
  return await new Training(model, data, options).run();
}

/** One call of {@link fit}. */
class Training implements Run {
  readonly model: Layer;
  readonly epochs: number;
  readonly #options: FitOptions;
  readonly #data: BatchSource;
  readonly #validation: BatchSource | undefined;
  readonly #step: (x: Tensor, y: Tensor) => StepResult;
  readonly #pauses = new Pauses();
  readonly #records: EpochRecord[] = [];
  readonly #losses: number[] = [];
  readonly #residuals = new Map<string, number[]>();
  #stopped: string | null = null;

  constructor(model: Layer, data: TrainingData, options: FitOptions) {
    checkFit(model, data, options);
    const { epochs = 1, batchSize = 32, shuffle = true, generator, validation, compile } = options;
    this.model = model;
    this.epochs = epochs;
    this.#options = options;
    this.#data = inBatches("", data, { batchSize, shuffle, generator });
    this.#validation = validation && inBatches("validation", validation, { batchSize, shuffle: false });
    const { optimizer, residuals = true, clipNorm } = options;
    const loss: Loss = (outputs, targets) => checkScalar(options.loss(outputs, targets));
    const step = makeStep(model, { loss, optimizer, residuals, clipNorm });
    this.#step = compile === undefined ? step : compile(step);
  }

  stop(reason: string): void {
    this.#stopped ??= reason;
  }

  async run(): Promise<History> {
    const { callbacks = [], startEpoch = 0 } = this.#options;
    const restore = modesOf(this.model);
    try {
      for (const callback of callbacks) await callback.onStart?.(this);
      for (let epoch = startEpoch + 1; epoch <= this.epochs && !this.#isOver(); epoch++) await this.#epoch(epoch);
    } finally {
      restore();
    }
    const history: History = {
      epochs: this.#records,
      losses: this.#losses,
      residuals: this.#residuals,
      stopped: this.#stopped,
    };
    for (const callback of callbacks) await callback.onEnd?.(history, this);
    return history;
  }

  #isOver(): boolean {
    if (this.#options.signal?.aborted) this.stop("aborted");
    return this.#stopped !== null;
  }

  async #epoch(epoch: number): Promise<void> {
    const { callbacks = [], schedule, scheduleEvery = "epoch", metrics = {} } = this.#options;
    const seen = new Seen(metrics);
    const residuals = new Map<string, number[]>();
    let [batch, lr] = [0, Number.NaN];
    this.model.train();
    for await (const samples of this.#data) {
      const [x, y] = pairOf(samples);
      lr = this.#options.optimizer.groups?.[0]?.lr.item() ?? Number.NaN;
      const result = this.#tryStep(x, y, epoch, ++batch);
      const norms = Object.entries(result.residuals).map(([name, size]): [string, number] => [name, size.item()]);
      const loss = result.loss.item();
      this.#losses.push(loss);
      for (const [name, size] of norms) {
        for (const list of [listOf(this.#residuals, name), listOf(residuals, name)]) list.push(size);
      }
      seen.add(loss, result.outputs, y);
      if (scheduleEvery === "step") schedule?.step(loss);
      const total = isBatches(this.#data) ? this.#data.length : undefined;
      const step = this.#losses.length;
      const record: StepRecord = { epoch, step, batch, batches: total, loss, lr, residuals: Object.fromEntries(norms) };
      for (const callback of callbacks) await callback.onStep?.(record, this);
      await this.#pauses.due();
      if (this.#isOver()) return;
    }
    if (batch === 0 && !isBatches(this.#data)) {
      throw new ValueError(
        "fit",
        "the data must have batches in each epoch",
        `none in epoch ${epoch}`,
        "a generator runs once",
      );
    }
    const measured = seen.measure();
    const validation = this.#validation === undefined ? undefined : await this.#validate(this.#validation);
    const record: EpochRecord = {
      epoch,
      ...measured,
      ...(validation && { validation }),
      lr,
      residuals: Object.fromEntries([...residuals].map(([name, sizes]) => [name, meanOf(sizes)])),
    };
    this.#records.push(record);
    if (scheduleEvery === "epoch") schedule?.step((validation ?? measured).loss);
    for (const callback of callbacks) await callback.onEpoch?.(record, this);
  }

  #tryStep(x: Tensor, y: Tensor, epoch: number, batch: number): StepResult {
    try {
      return this.#step(x, y);
    } catch (error) {
      throw isTinygradError(error) ? error.within(`epoch ${epoch}, batch ${batch}`) : error;
    }
  }

  async #validate(data: BatchSource): Promise<{ loss: number; metrics: Record<string, number> }> {
    const seen = new Seen(this.#options.metrics ?? {});
    this.model.eval();
    for await (const samples of data) {
      const [x, y] = pairOf(samples);
      noGrad(() => {
        const outputs = this.model.forward(x);
        seen.add(this.#options.loss(outputs, y).item(), outputs, y);
      });
      await this.#pauses.due();
    }
    return seen.measure();
  }
}

/** Losses, and outputs with their targets if a metric is to have them. */
class Seen {
  readonly #metrics: { readonly [name: string]: Metric };
  readonly #outputs: Tensor[] = [];
  readonly #targets: Tensor[] = [];
  #loss = 0;
  #count = 0;

  constructor(metrics: { readonly [name: string]: Metric }) {
    this.#metrics = metrics;
  }

  add(loss: number, outputs: Tensor, targets: Tensor): void {
    const size = targets.shape[0] ?? 1;
    this.#loss += loss * size;
    this.#count += size;
    if (Object.keys(this.#metrics).length === 0) return;
    this.#outputs.push(outputs);
    this.#targets.push(targets);
  }

  measure(): { loss: number; metrics: Record<string, number> } {
    const metrics = Object.entries(this.#metrics).map(([name, metric]) => {
      const value =
        this.#outputs.length === 0 ? Number.NaN : noGrad(() => metric(cat(this.#outputs), cat(this.#targets)));
      if (typeof value === "number") return [name, value] as const;
      throw new ValueError("fit", `metrics.${name} must return a number`, textOf(value), "write .item() of a tensor");
    });
    return { loss: this.#loss / this.#count, metrics: Object.fromEntries(metrics) };
  }
}

/** Data in batches: as it is, or of its samples. */
function inBatches(place: string, data: TrainingData, options: BatchesOptions): BatchSource {
  try {
    return isDataset(data) || isSamples(data) ? batches(data, options) : data;
  } catch (error) {
    throw isTinygradError(error) && place !== "" ? error.within(place) : error;
  }
}

/** Refuses what a loss of your own must not return. */
function checkScalar(loss: unknown): Tensor {
  if (isTensor(loss) && loss.size === 1) return loss;
  throw new ValueError("fit", "the loss must be a scalar tensor", textOf(loss), isTensor(loss) ? "take its mean" : "");
}

/** The inputs and targets of a batch. */
function pairOf(batch: BatchLike): readonly [x: Tensor, y: Tensor] {
  if (Array.isArray(batch) && batch.length > 1)
    return [readSamples("fit", batch[0], 0), readSamples("fit", batch[1], 1)];
  throw new ValueError("fit", "a batch must be [inputs, targets]", textOf(batch), "write yield [x, y]");
}

function listOf(lists: Map<string, number[]>, name: string): number[] {
  const list = lists.get(name) ?? [];
  lists.set(name, list);
  return list;
}

function meanOf(values: readonly number[]): number {
  return values.reduce((sum, v) => sum + v, 0) / values.length;
}
