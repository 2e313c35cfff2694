import { isGeneratorFunction, textOf, ValueError } from "../core/errors.ts";
import { checkOptions, type OptionKinds } from "../core/options.ts";
import { isTensor } from "../core/runtime.ts";
import { refuseMore } from "../core/surplus.ts";
import type { Layer } from "../nn/layer.ts";
import { mapOf, readState, restoreState, type StateDict, snapshotState } from "../state.ts";
import { Tensor } from "../tensor.ts";
import type { EpochRecord, History, StepRecord } from "./history.ts";
import type { Metric } from "./metric.ts";
import { Best, type MonitorOptions } from "./monitor.ts";

/** The training run, as callbacks see it. */
export interface Run {
  /** The model. */
  readonly model: Layer;
  /** The epoch that it is to end with. */
  readonly epochs: number;
  /** How many epochs had been done before. */
  readonly startEpoch: number;
  /** What is measured, by name. */
  readonly metrics: { readonly [name: string]: Metric };
  /** Whether each epoch is validated. */
  readonly hasValidation: boolean;
  /** Ends the training after this step or epoch, with the reason for {@link History}; `"stopped"` by default. */
  stop(reason?: string): void;
}

/** Functions that `fit` calls during training. It waits for a promise. */
export interface Callback {
  /** Whether its hooks come after those of the others, as those of a {@link checkpoint} do, which saves the others' states. */
  readonly isLast?: boolean;
  /** Whether, of many processes that train together, only the first calls it: what reports, and what saves. The others, and what decides, all call. */
  readonly isForOne?: boolean;
  /** Before the first step. */
  onStart?(run: Run): void | Promise<void>;
  /** After each step. */
  onStep?(step: StepRecord, run: Run): void | Promise<void>;
  /** After each epoch, and its validation. */
  onEpoch?(epoch: EpochRecord, run: Run): void | Promise<void>;
  /** After the last step, also if the run was stopped; not after an error. */
  onEnd?(history: History, run: Run): void | Promise<void>;
  /** After an error, for example if training diverged, and before it is thrown. */
  onError?(error: unknown, run: Run): void | Promise<void>;
}

/** A callback with a state. A checkpoint that contains it, with the model and the optimizer, lets a training run continue as if it had not been stopped. */
export interface StatefulCallback extends Callback {
  /** What it remembers: snapshots, as those of `Layer.stateDict`. */
  stateDict(): Map<string, Tensor>;
  /** Remembers what another did that was made with the same options; throws a `StateError` if that does not fit, and then nothing has changed. */
  loadStateDict(state: StateDict, ...extra: readonly never[]): void;
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
 * Ends a training run that no longer improves. With its state in a checkpoint, a run that continues elsewhere counts on from where it was.
 *
 * @param options - `monitor`, `mode`, `patience`, `minDelta`.
 * @returns a callback for {@link fit}.
 * @throws `ValueError` for options out of range; before the first step, if the epochs have nothing of the monitor's name, or it does not say which way is better.
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
export function earlyStopping(options?: EarlyStoppingOptions): StatefulCallback {
  const {
    patience = 5,
    minDelta = 0,
    ...rest
  } = checkOptions("earlyStopping", options, earlyStoppingOptions, {
    names: { restoreBestWeights: "add bestWeights() to the callbacks" },
  });
  refuseMore("earlyStopping", arguments, 1);
  const best = new Best("earlyStopping", rest);
  if (!Number.isSafeInteger(patience) || patience < 1) {
    throw new ValueError("earlyStopping", "patience must be a whole number, 1 or more", String(patience));
  }
  if (!(minDelta >= 0)) throw new ValueError("earlyStopping", "minDelta must be 0 or more", String(minDelta));
  let [bad, isLoaded] = [0, false];
  const stopIfDue = (run: Run): void => {
    if (bad >= patience) run.stop(`no better ${best.monitor} for ${patience} epochs`);
  };
  return {
    onStart(run) {
      best.check(run);
      if (run.startEpoch === 0 && !isLoaded) [best.value, bad] = [null, 0];
      isLoaded = false;
      stopIfDue(run);
    },
    onEpoch(epoch, run) {
      bad = best.take(epoch, run, minDelta) ? 0 : bad + 1;
      stopIfDue(run);
    },
    stateDict: () =>
      snapshotState([
        [best.key, bestTensor(best)],
        ["bad", scalar(bad)],
      ]),
    loadStateDict(state, ...extra) {
      const own = [scalar(0), scalar(0)] as const;
      restoreState(
        "earlyStopping.loadStateDict",
        [
          [best.key, own[0]],
          ["bad", own[1]],
        ],
        state,
        checkBad,
        extra,
      );
      [best.value, bad] = [bestIn(own[0]), own[1].item()];
      isLoaded = true;
    },
  };
}

function scalar(value: number): Tensor {
  return new Tensor(Float64Array.of(value), [], "float64");
}

/** NaN for none, which is never the best. */
function bestTensor({ value }: Best): Tensor {
  return scalar(value ?? Number.NaN);
}

function bestIn(x: Tensor): number | null {
  const value = x.item();
  return Number.isNaN(value) ? null : value;
}

function checkBad(name: string, x: Tensor): void {
  if (name !== "bad" || (Number.isSafeInteger(x.item()) && x.item() >= 0)) return;
  throw new ValueError("earlyStopping.loadStateDict", "bad must be a whole number, 0 or more", String(x.item()));
}

const monitorOptions: OptionKinds<MonitorOptions> = { monitor: "string", mode: ["min", "max"] };

/**
 * Restores the weights of the best epoch at the end, even if the training ends with an error, for example because it diverges.
 *
 * Save checkpoints during training, with {@link checkpoint}. After the end, the model no longer has the weights that the optimizer left.
 *
 * @param options - `monitor`, `mode`.
 * @returns a callback for {@link fit}.
 * @throws `ValueError` for invalid options; before the first step, if the epochs have nothing of the monitor's name, or it does not say which way is better.
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
export function bestWeights(options?: MonitorOptions): StatefulCallback {
  const op = "bestWeights";
  const best = new Best(op, checkOptions(op, options, monitorOptions));
  refuseMore("bestWeights", arguments, 1);
  let weights: ReadonlyMap<string, Tensor> | null = null;
  let [isLoaded, isRunning] = [false, false];
  const finish = ({ model }: Run): void => {
    if (isRunning && weights !== null) model.loadStateDict(weights);
    isRunning = false;
  };
  return {
    onStart(run) {
      best.check(run);
      if (run.startEpoch === 0 && !isLoaded) [best.value, weights] = [null, null];
      if (weights !== null) checkWeights(weights, run.model);
      [isLoaded, isRunning] = [false, true];
    },
    onEpoch(epoch, run) {
      if (best.take(epoch, run, 0)) weights = run.model.stateDict();
    },
    onEnd: (_, run) => finish(run),
    onError: (_, run) => finish(run),
    stateDict() {
      const entries = [...(weights ?? [])].map(([name, x]): [string, Tensor] => [`weights.${name}`, x]);
      return mapOf([[best.key, bestTensor(best)], ...entries]);
    },
    loadStateDict(state, ...extra) {
      const given = readState(`${op}.loadStateDict`, state);
      const found = new Map<string, Tensor>();
      for (const [name, x] of given) {
        if (!/^weights\../.test(name) || !isTensor(x)) continue;
        given.delete(name);
        found.set(name.slice("weights.".length), x.detach());
      }
      const own = scalar(0);
      restoreState(`${op}.loadStateDict`, [[best.key, own]], given as StateDict, undefined, extra);
      [best.value, weights] = [bestIn(own), found.size === 0 ? null : found];
      isLoaded = true;
    },
  };
}

/** Refuses, before the first step, weights that would not fit at the end. */
function checkWeights(weights: StateDict, model: Layer): void {
  const now = model.stateDict();
  model.loadStateDict(weights);
  model.loadStateDict(now);
}

/** When {@link checkpoint} saves: after a number of epochs, or steps. */
export interface CheckpointOptions {
  /** Epochs from one save to the next; 1 by default, unless `everySteps` is given. */
  readonly everyEpochs?: number;
  /** Steps from one save to the next. */
  readonly everySteps?: number;
}

const checkpointOptions: OptionKinds<CheckpointOptions> = { everyEpochs: "number", everySteps: "number" };

/**
 * Saves during training with a function that you pass, such as `() => writeFileAtomic(path, encodeCheckpoint(parts))`. It runs after all other callbacks, so the state that it saves is
 * complete.
 *
 * @param save - is called with the number of epochs or steps that are complete, and waited for; if it throws, so does the training.
 * @param options - `everyEpochs`, `everySteps`.
 * @returns a callback for {@link fit}.
 * @throws `ValueError` for anything that is not a function, numbers that are not whole and positive, or an unknown option.
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
  if (typeof save !== "function" || isGeneratorFunction(save)) {
    const path = typeof save === "string" ? JSON.stringify(save) : "path";
    const hint = `write checkpoint(() => writeFileAtomic(${path}, encodeCheckpoint(parts)))`;
    throw new ValueError("checkpoint", "needs a function that saves", textOf(save), hint);
  }
  const { everySteps, everyEpochs = everySteps === undefined ? 1 : undefined } = checkOptions(
    "checkpoint",
    options,
    checkpointOptions,
  );
  refuseMore("checkpoint", arguments, 2);
  for (const [name, every] of Object.entries({ everyEpochs, everySteps })) {
    if (every === undefined || (Number.isSafeInteger(every) && every >= 1)) continue;
    throw new ValueError("checkpoint", `${name} must be a whole number, 1 or more`, String(every));
  }
  return {
    isLast: true,
    isForOne: true,
    async onStep({ step }) {
      if (everySteps !== undefined && step % everySteps === 0) await save(step);
    },
    async onEpoch({ epoch }) {
      if (everyEpochs !== undefined && epoch % everyEpochs === 0) await save(epoch);
    },
  };
}
