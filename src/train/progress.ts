import { StateError, ValueError } from "../core/errors.ts";
import { isTensor } from "../core/runtime.ts";
import { inspectable } from "../format.ts";
import { cat } from "../ops/cat.ts";
import { mapOf, readState, restoreState, type StateDict, snapshotState } from "../state.ts";
import { Tensor } from "../tensor.ts";
import { isBatches } from "./batches.ts";
import type { EpochRecord } from "./history.ts";
import type { Told, TrainingState } from "./state.ts";

/**
 * The position of a training run: given to {@link fit} as `progress`, and saved in a checkpoint beside the model, the optimizer and the rest, it lets a training run continue as if it had not been stopped, within an
 * epoch too. It counts epochs and steps, and holds the measurements of the current epoch and the position in its data.
 *
 * A generator function is called with the number of the epoch, so it can return the same batches again. Batches that were already used are skipped.
 *
 * @example
 * import { defaultGenerator, Linear, mse, SGD } from "tinygrad-ts";
 * import { encodeCheckpoint, loadCheckpoint } from "tinygrad-ts/safetensors";
 * import { checkpoint, earlyStopping, fit, Progress } from "tinygrad-ts/train";
 *
 * const data = { x: [[0], [1], [2], [3]], y: [[1], [3], [5], [7]] };
 * const make = () => {
 *   const model = new Linear(1, 1);
 *   const optimizer = new SGD(model.parameters(), { lr: 0.05 });
 *   return { model, optimizer, stopping: earlyStopping({ monitor: "loss" }), progress: new Progress(), generator: defaultGenerator() };
 * };
 * const train = (parts: ReturnType<typeof make>, save: () => void) =>
 *   fit(parts.model, data, {
 *     loss: mse, optimizer: parts.optimizer, epochs: 10, batchSize: 2, progress: parts.progress,
 *     callbacks: [parts.stopping, checkpoint(save, { everySteps: 5 })],
 *   });
 *
 * const first = make();
 * let file = encodeCheckpoint(first);
 * await train(first, () => (file = encodeCheckpoint(first))); // the last time after step 20
 * const second = make();
 * loadCheckpoint(file, second);
 * String(second.progress); // → Progress(9 epochs, 20 steps)
 */
export class Progress extends /* @__PURE__ */ inspectable() {
  #state: TrainingState | null = null;
  #loaded: ReadonlyMap<string, Tensor> | null = null;

  /** How many epochs are complete. */
  get epoch(): number {
    return this.#numbers()[0]!;
  }

  /** How many steps were made, through all epochs. */
  get step(): number {
    return this.#numbers()[1]!;
  }

  /** `Progress(9 epochs, 20 steps)`. */
  override toString(): string {
    return `Progress(${this.epoch} epochs, ${this.step} steps)`;
  }

  /**
   * Where the training stands, in the order of its code: `numbers`; `metrics.NAME`, `residuals.NAME`, `outputs` and `targets` of the epoch under way; `data.…` of what {@link batches} made, also
   * inside of {@link fit}; and, if the schedule or a callback has still to know of the last step or epoch, since one threw, `told` and `told.…`: who knows, and what is to be known.
   *
   * @returns snapshots, as those of `Layer.stateDict`.
   */
  stateDict(): Map<string, Tensor> {
    const state = this.#state;
    if (state === null) return mapOf(this.#loaded ?? [["numbers", float64(this.#numbers())]]);
    const { measures, residuals, feed } = state;
    const entries: [string, Tensor][] = [["numbers", float64(this.#numbers())]];
    for (const [name, { numbers }] of measures.sums) {
      if (numbers !== undefined) entries.push([`metrics.${name}`, float64(numbers)]);
    }
    for (const [name, sum] of residuals) entries.push([`residuals.${name}`, float64(sum)]);
    if (measures.kept.length > 0) {
      entries.push(["outputs", cat(measures.kept.map(([x]) => x))], ["targets", cat(measures.kept.map(([, y]) => y))]);
    }
    if (isBatches(feed.source)) {
      for (const [name, x] of feed.source.stateDict()) entries.push([`data.${name}`, x]);
    }
    const { told } = state;
    if (told !== null && told.done < told.of) {
      const stopped = Array.from(told.stopped ?? "", (c) => c.codePointAt(0)!);
      entries.push(["told", float64([told.done, told.of, Number(told.stopped !== null), ...stopped])]);
      for (const [name, value] of numbersIn(told.record)) entries.push([`told.${name}`, float64([value])]);
    }
    return snapshotState(entries);
  }

  /**
   * Goes on from where another stood: the next {@link fit} that it is given to does.
   *
   * @param state - tensors by name, in a Map or a plain object, as {@link Progress.stateDict} returns them.
   * @throws `StateError` for anything that is no such state: then nothing has changed. Whether it fits the metrics and data is seen by `fit`, before the first step.
   */
  loadStateDict(state: StateDict, ...extra: readonly never[]): void {
    const op = "Progress.loadStateDict";
    const given = readState(op, state);
    const rest = new Map<string, Tensor>();
    for (const [name, x] of given) {
      if (!/^(outputs|targets|told|(metrics|residuals|data|told)\..+)$/s.test(name) || !isTensor(x)) continue;
      given.delete(name);
      rest.set(name, x.detach());
    }
    const numbers = float64(fields.map(() => 0));
    const check = (_: string, { values }: Tensor): void => {
      const bad = values.findIndex((v, i) => i < whole && !(Number.isSafeInteger(v) && v >= 0));
      if (bad < 0) return;
      throw new ValueError(op, `${fields[bad]} must be a whole number, 0 or more`, String(values[bad]));
    };
    restoreState(op, [["numbers", numbers]], given as StateDict, check, extra);
    this.#loaded = rest.set("numbers", numbers);
    this.#state = null;
  }

  /** @internal Called by {@link fit} before the first step: brings a training run to where this stands, and follows it. */
  begin(state: TrainingState): void {
    const loaded = this.#state === null ? this.#loaded : this.stateDict();
    if (loaded !== null) restore(state, loaded);
    this.#state = state;
    this.#loaded = null;
  }

  /** What a training run counts, in this order. */
  #numbers(): readonly number[] {
    const state = this.#state;
    if (state === null) return (this.#loaded?.get("numbers")?.toArray() as number[] | undefined) ?? fields.map(() => 0);
    const { epoch, step, batch, lr, measures, feed } = state;
    return [epoch, step, batch, feed.passes, feed.taken, measures.count, measures.loss, lr];
  }
}

const fields = ["epoch", "step", "batch", "passes", "taken", "count", "loss", "lr"] as const;
/** How many of them are counts. */
const whole = 6;

function restore(state: TrainingState, loaded: ReadonlyMap<string, Tensor>): void {
  const [epoch, step, batch, passes, taken, count, loss, lr] = loaded.get("numbers")!.values as unknown as number[];
  if (state.epoch !== 0 && state.epoch !== epoch) {
    const hint = "leave startEpoch out: progress knows";
    throw new ValueError("fit", `startEpoch must be what progress says, ${epoch}`, String(state.epoch), hint);
  }
  const { measures, residuals, feed } = state;
  const told = toldIn(loaded);
  const [outputs, targets] = [loaded.get("outputs"), loaded.get("targets")];
  if ((outputs === undefined) !== (targets === undefined)) misfit("outputs without targets");
  if (batch! > 0) {
    for (const [name, { numbers }] of measures.sums) {
      const saved = loaded.get(`metrics.${name}`);
      if (numbers === undefined) continue;
      if (saved === undefined) misfit(`nothing of metrics.${name}`);
      numbers.length = 0;
      for (const v of saved.values) numbers.push(v);
    }
  }
  const data = [...loaded].filter(([name]) => name.startsWith("data."));
  if (isBatches(feed.source) !== data.length > 0) misfit(data.length > 0 ? "batches" : "data that are not in batches");
  if (isBatches(feed.source)) {
    feed.source.loadStateDict(new Map(data.map(([name, x]) => [name.slice("data.".length), x])));
  }
  Object.assign(state, { epoch, step, batch, lr, told });
  Object.assign(feed, { passes, taken });
  Object.assign(measures, { count, loss });
  if (outputs !== undefined && targets !== undefined) measures.kept.push([outputs, targets]);
  for (const [name, x] of loaded) {
    if (name.startsWith("residuals."))
      residuals.set(name.slice("residuals.".length), [...x.values] as [number, number]);
  }
}

/** The numbers of a record, each with its path. */
function* numbersIn(record: object): Iterable<[path: string, value: number]> {
  for (const [name, value] of Object.entries(record)) {
    if (typeof value === "number") yield [name, value];
    else for (const [rest, x] of numbersIn(value ?? {})) yield [`${name}.${rest}`, x];
  }
}

/** The step or epoch that the schedule or a callback has still to know of. */
function toldIn(loaded: ReadonlyMap<string, Tensor>): Told | null {
  const counts = loaded.get("told");
  if (counts === undefined) return null;
  const record: Tree = {};
  for (const [name, { values }] of loaded) {
    const [, groups, key] = /^told\.((?:validation\.)?(?:(?:metrics|residuals)\.)?)(.+)$/s.exec(name) ?? [];
    if (key === undefined) continue;
    let at = record;
    for (const group of groups!.split(".").slice(0, -1)) {
      at[group] ??= {};
      at = at[group] as Tree;
    }
    at[key] = values[0]!;
  }
  const { epoch, loss, lr, validation } = record as { readonly [name: string]: unknown } as Partial<EpochRecord>;
  for (const each of [record, validation])
    if (each !== undefined && !("step" in each)) (each as Tree)["metrics"] ??= {};
  record["residuals"] ??= {};
  const [done, of, isStopped, ...reason] = counts.values;
  const isWhole = [done, of, epoch].every(Number.isSafeInteger) && done! >= 0 && done! < of!;
  const isText = reason.every((c) => Number.isInteger(c) && c >= 0 && c <= 0x10ffff);
  if (!isWhole || !isText || loss === undefined || lr === undefined) misfit("told without its numbers");
  const stopped = isStopped === 1 ? reason.map((c) => String.fromCodePoint(c)).join("") : null;
  return { record: record as unknown as Told["record"], done: done!, of: of!, stopped };
}

/** Numbers by name, in groups. */
interface Tree {
  [name: string]: Tree | number;
}

function misfit(got: string): never {
  throw new StateError(
    "fit",
    "the state of progress must fit the data and metrics",
    got,
    "give fit what it was given before",
  );
}

function float64(values: readonly number[]): Tensor {
  return new Tensor(Float64Array.from(values), [values.length], "float64");
}
