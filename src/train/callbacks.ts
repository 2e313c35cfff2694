import { textOf, ValueError } from "../core/errors.ts";
import { checkOptions, type OptionKinds } from "../core/options.ts";
import type { Layer } from "../nn/layer.ts";
import type { Tensor } from "../tensor.ts";
import { type EpochRecord, type History, monitored, type StepRecord } from "./history.ts";

/** A training under way, as callbacks see it. */
export interface Run {
  /** The model. */
  readonly model: Layer;
  /** The epoch that it is to end with. */
  readonly epochs: number;
  /** Ends the training after this step or epoch, with the reason for {@link History}. */
  stop(reason: string): void;
}

/** What is to happen on the way. A promise is waited for. */
export interface Callback {
  /** Before the first step. */
  onStart?(run: Run): void | Promise<void>;
  /** After each step. */
  onStep?(step: StepRecord, run: Run): void | Promise<void>;
  /** After each epoch, and its validation. */
  onEpoch?(epoch: EpochRecord, run: Run): void | Promise<void>;
  /** After the last step, also of a training that was stopped; not after an error. */
  onEnd?(history: History, run: Run): void | Promise<void>;
}

/** What to look at, and which way is better. */
export interface MonitorOptions {
  /** The number of the epoch: `"validation.loss"` by default; `"loss"`, or a metric such as `"validation.accuracy"`. */
  readonly monitor?: string;
  /** Whether it should become small or large: `"min"` by default, or `"max"`. */
  readonly mode?: "min" | "max";
}

/** Options of {@link earlyStopping}. */
export interface EarlyStoppingOptions extends MonitorOptions {
  /** How many epochs without improvement are borne; 5 by default. */
  readonly patience?: number;
  /** How much better than the best counts as improvement; 0 by default. */
  readonly minDelta?: number;
}

const earlyStoppingOptions: OptionKinds<EarlyStoppingOptions> = {
  monitor: "string",
  mode: ["min", "max"],
  patience: "number",
  minDelta: "number",
};

/**
 * Ends a training that no longer improves.
 *
 * @param options - `monitor`, `mode`, `patience`, `minDelta`.
 * @returns a callback for {@link fit}.
 * @throws `ValueError` for options out of range; from the first epoch, if there is nothing of the monitor's name.
 * @example
 * import { Linear, mse, SGD, tensor } from "tinygrad-ts";
 * import { earlyStopping, fit, TensorDataset } from "tinygrad-ts/train";
 *
 * const model = new Linear(1, 1);
 * const data = new TensorDataset(tensor([[0], [1]]), tensor([[1], [3]]));
 * const optimizer = new SGD(model.parameters(), { lr: 0 }); // learns nothing
 * const stop = earlyStopping({ monitor: "loss", patience: 2 });
 * const history = await fit(model, data, { loss: mse, optimizer, epochs: 100, callbacks: [stop] });
 * history.epochs.length; // → 3
 * history.stopped; // → no better loss for 2 epochs
 */
export function earlyStopping(options?: EarlyStoppingOptions): Callback {
  const {
    patience = 5,
    minDelta = 0,
    ...rest
  } = checkOptions("earlyStopping", options, earlyStoppingOptions, {
    names: { restoreBestWeights: "add bestWeights() to the callbacks" },
  });
  const best = new Best("earlyStopping", rest);
  if (!Number.isSafeInteger(patience) || patience < 1) {
    throw new ValueError("earlyStopping", "patience must be a whole number, 1 or more", String(patience));
  }
  if (!(minDelta >= 0)) throw new ValueError("earlyStopping", "minDelta must be 0 or more", String(minDelta));
  let bad = 0;
  return {
    onStart() {
      best.reset();
      bad = 0;
    },
    onEpoch(epoch, run) {
      bad = best.take(epoch, minDelta) ? 0 : bad + 1;
      if (bad >= patience) run.stop(`no better ${best.monitor} for ${patience} epochs`);
    },
  };
}

const monitorOptions: OptionKinds<MonitorOptions> = { monitor: "string", mode: ["min", "max"] };

/**
 * Gives the model the weights of its best epoch at the end.
 *
 * @param options - `monitor`, `mode`.
 * @returns a callback for {@link fit}.
 * @throws `ValueError` for options that are none; from the first epoch, if there is nothing of the monitor's name.
 * @example
 * import { Linear, mse, SGD, tensor } from "tinygrad-ts";
 * import { bestWeights, fit, TensorDataset } from "tinygrad-ts/train";
 *
 * const model = new Linear(1, 1);
 * const data = new TensorDataset(tensor([[0], [1]]), tensor([[1], [3]]));
 * const optimizer = new SGD(model.parameters(), { lr: 1.2 }); // gets worse
 * const history = await fit(model, data, { loss: mse, optimizer, epochs: 9, callbacks: [bestWeights({ monitor: "loss" })] });
 * const least = Math.min(...history.epochs.map(({ loss }) => loss));
 * least < history.epochs.at(-1)!.loss; // → true
 */
export function bestWeights(options?: MonitorOptions): Callback {
  const best = new Best("bestWeights", checkOptions("bestWeights", options, monitorOptions));
  let weights: ReadonlyMap<string, Tensor> | null = null;
  return {
    onStart() {
      best.reset();
      weights = null;
    },
    onEpoch(epoch, { model }) {
      if (best.take(epoch, 0)) weights = model.stateDict();
    },
    onEnd(_, { model }) {
      if (weights !== null) model.loadStateDict(weights);
    },
  };
}

/** When {@link checkpoint} saves: after every so many epochs, or steps. */
export interface CheckpointOptions {
  /** Epochs from one save to the next; 1 by default, unless `everySteps` is given. */
  readonly everyEpochs?: number;
  /** Steps from one save to the next. */
  readonly everySteps?: number;
}

const checkpointOptions: OptionKinds<CheckpointOptions> = { everyEpochs: "number", everySteps: "number" };

/**
 * Saves on the way, by a function of yours: say `() => writeFileAtomic(path, encodeCheckpoint(parts))`.
 *
 * @param save - is called with the number of epochs or steps that are complete, and waited for; if it throws, so does the training.
 * @param options - `everyEpochs`, `everySteps`.
 * @returns a callback for {@link fit}.
 * @throws `ValueError` for what is no function, numbers that are no counts, or an option that there is not.
 * @example
 * import { Linear, mse, SGD, tensor } from "tinygrad-ts";
 * import { checkpoint, fit, TensorDataset } from "tinygrad-ts/train";
 *
 * const model = new Linear(1, 1);
 * const data = new TensorDataset(tensor([[0], [1]]), tensor([[1], [3]]));
 * const optimizer = new SGD(model.parameters(), { lr: 0.1 });
 * const saved: number[] = [];
 * const callbacks = [checkpoint((epoch) => void saved.push(epoch), { everyEpochs: 2 })];
 * await fit(model, data, { loss: mse, optimizer, epochs: 5, callbacks });
 * saved; // → [2, 4]
 */
export function checkpoint(save: (count: number) => void | Promise<void>, options?: CheckpointOptions): Callback {
  if (typeof save !== "function") {
    const path = typeof save === "string" ? JSON.stringify(save) : "path";
    const hint = `write checkpoint(() => writeFileAtomic(${path}, encodeCheckpoint(parts)))`;
    throw new ValueError("checkpoint", "needs a function that saves", textOf(save), hint);
  }
  const { everySteps, everyEpochs = everySteps === undefined ? 1 : undefined } = checkOptions(
    "checkpoint",
    options,
    checkpointOptions,
  );
  for (const [name, every] of Object.entries({ everyEpochs, everySteps })) {
    if (every === undefined || (Number.isSafeInteger(every) && every >= 1)) continue;
    throw new ValueError("checkpoint", `${name} must be a whole number, 1 or more`, String(every));
  }
  return {
    async onStep({ step }) {
      if (everySteps !== undefined && step % everySteps === 0) await save(step);
    },
    async onEpoch({ epoch }) {
      if (everyEpochs !== undefined && epoch % everyEpochs === 0) await save(epoch);
    },
  };
}

/** The best number of an epoch so far. */
class Best {
  readonly monitor: string;
  readonly #op: string;
  readonly #sign: number;
  #best = Number.NEGATIVE_INFINITY;

  constructor(op: string, { monitor = "validation.loss", mode = "min" }: MonitorOptions) {
    this.#op = op;
    this.monitor = monitor;
    this.#sign = mode === "min" ? -1 : 1;
  }

  reset(): void {
    this.#best = Number.NEGATIVE_INFINITY;
  }

  /** Whether this epoch is better by more than that. NaN is not. */
  take(epoch: EpochRecord, minDelta: number): boolean {
    const value = this.#sign * monitored(this.#op, epoch, this.monitor);
    if (!(value > this.#best + minDelta) || value === Number.NEGATIVE_INFINITY) return false;
    this.#best = value;
    return true;
  }
}
