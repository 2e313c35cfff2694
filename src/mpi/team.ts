import { noGrad } from "../core/apply.ts";
import { isFloat } from "../core/dtype.ts";
import { ShapeError, textOf, ValueError } from "../core/errors.ts";
import { isGenerator, isTensor, runtime, withState, writeClock } from "../core/runtime.ts";
import { describe } from "../core/shape.ts";
import { rehearsal, transaction } from "../core/transaction.ts";
import type { ChannelNorm } from "../nn/channelNorm.ts";
import type { Layer } from "../nn/layer.ts";
import { layersOf, tensorsOf } from "../nn/reflect.ts";
import { cat } from "../ops/cat.ts";
import { gt } from "../ops/compare.ts";
import { mul } from "../ops/mul.ts";
import { slice } from "../ops/slice.ts";
import { sqrt } from "../ops/sqrt.ts";
import { sum } from "../ops/sum.ts";
import { where } from "../ops/where.ts";
import { Tensor } from "../tensor.ts";
import type { FitOptions } from "../train/fit.ts";
import { modesOf } from "../train/modes.ts";
import type { LossArguments, StepResult } from "../train/step.ts";
import type { StepParts, Team } from "../train/team.ts";
import { sampleOf } from "./digest.ts";
import { type Group, sameData, sameStart, sameUpdates } from "./group.ts";
import { hashOfText } from "./hash.ts";
import { ended } from "./heartbeat.ts";
import { type Part, partOfTensor, partsOfSettings, partsOfText } from "./parts.ts";
import { evaluatedInPieces, inPieces } from "./pieces.ts";
import { Streams } from "./streams.ts";

/** From one comparison of all weights to the next. */
const digestEvery = 100;

/** Where part i of n samples begins, of so many parts: the first one has samples always, and none has one more than another and two less. */
export const cut = (n: number, parts: number, i: number): number => Math.ceil((i * n) / parts);

/** What is the same for all processes that train one model, and what each of them does. */
export class Training implements Team {
  readonly group: Group;
  readonly #model: Layer;
  readonly #options: FitOptions;
  readonly #pieces: number;
  readonly share = new Tensor(Float64Array.of(1), [], "float64");
  /** What its random numbers are drawn from. */
  readonly streams: Streams;
  /** Steps that were begun: in the first, second, fourth, eighth … of them, ranks compare what they compute. */
  #steps = 0;
  /** How often it was looked whether the loss is a mean, and the largest one then. */
  #looks = 0;
  #largest = 0;
  #isRefused = false;

  constructor(group: Group, model: Layer, options: FitOptions) {
    this.group = group;
    this.#model = model;
    this.#options = options;
    const { reproducible, syncBatchNorm = false } = options;
    this.#pieces = reproducible ?? group.size;
    this.streams = new Streams(this.#pieces);
    const isPower = (n: number): boolean => Number.isInteger(Math.log2(n));
    if (reproducible !== undefined && !(isPower(reproducible) && isPower(group.size) && group.size <= reproducible)) {
      const rule = "reproducible must be a power of two, and so must the number of ranks, which is not larger";
      throw new ValueError("fit", rule, `${textOf(reproducible)} for ${group.size} ranks`, "write reproducible: 8");
    }
    if (reproducible !== undefined && syncBatchNorm) {
      const hint = "leave one of them out";
      throw new ValueError("fit", "pieces are computed one by one, and cannot share statistics", "reproducible and syncBatchNorm", hint); // biome-ignore format: one line
    }
  }

  begin(): void {
    const { optimizer, metrics = {}, loss, schedule, validation, generator, compile, syncBatchNorm } = this.#options;
    const { epochs, startEpoch, batchSize, shuffle, dropLast, stepsPerEpoch, scheduleEvery, residuals, clipNorm, reproducible } = this.#options; // biome-ignore format: one line
    if (this.group.training !== null) {
      this.#isRefused = true;
      const got = "another, that has not ended";
      throw new ValueError("fit", "a group is used by one fit at a time, since ranks would take turns in other orders", got, "await the first"); // biome-ignore format: one line
    }
    this.group.training = this;
    this.group.heartbeat?.begin();
    const rules = (optimizer.groups ?? []).flatMap((group, i) =>
      Object.entries({ ...group, lr: group.lr.item() }).flatMap(([name, v]): [string, unknown][] => {
        const isPlain = /number|boolean/.test(typeof v) || (Array.isArray(v) && !v.some(isTensor));
        return isPlain ? [[`${name} of parameter group ${i}`, v]] : [];
      }),
    );
    this.group.agree("fit of a model", partsOfText(String(this.#model)), false, "make the same model on all ranks");
    const settings = {
      optimizer: optimizer.constructor.name,
      ...Object.fromEntries(rules),
      ...{ epochs, startEpoch, batchSize, shuffle, dropLast, stepsPerEpoch, scheduleEvery, residuals, clipNorm },
      ...{ metrics: Object.keys(metrics), loss: loss.name, reproducible, syncBatchNorm },
      schedule: schedule?.constructor.name,
      validation: validation !== undefined,
      generator: generator !== undefined,
      compile: typeof compile === "function" || compile,
    };
    this.group.agree("fit with options", partsOfSettings(settings), false, "pass the same options on all ranks");
    this.group.agree("fit from the same weights", this.#state(), false, sameStart);
    const { heartbeat, rank } = this.group;
    if (rank === 0 && heartbeat?.before) this.#warn(`fit: the last job ended during its work, at ${heartbeat.before.join(", ")}`); // biome-ignore format: one line
    if (syncBatchNorm) this.#shareStatistics(true);
  }

  /** Has normalizing layers take the statistics of all ranks together, or their own. */
  #shareStatistics(isOn: boolean): void {
    const mean = (x: Tensor): Tensor => this.group.sums([mul(x, this.share)])[0]!;
    for (const layer of this.#normalizing()) layer.shareStatistics(isOn ? { share: this.share, mean } : null);
  }

  compose(parts: StepParts): (...batch: LossArguments) => StepResult {
    const step = this.#options.reproducible === undefined ? this.#inOne(parts) : inPieces(this, parts, this.#pieces);
    return (...batch) =>
      this.#together("a step", batch, (rows) => {
        // What makes the loss another one on some rank, or another than a mean, as classes or rows that it leaves out, may come later.
        const begun = ++this.#steps;
        const isDue = (begun & (begun - 1)) === 0;
        if (isDue || this.#options.reproducible !== undefined) this.#expectSameBatch();
        if (isDue) this.#expectSameLoss(parts, batch);
        if (this.#pieces > 1 && begun >= 2 ** this.#looks) this.#expectMean(parts, batch);
        if (this.#options.syncBatchNorm && rowsOf(batch) === 1) this.#expectStatistics(rows);
        try {
          return step(rows, batch);
        } catch (error) {
          throw this.#ofShare(error, rowsOf(batch));
        }
      });
  }

  /** Compares batches where nothing else does: what pieces gather says nothing of what it is for, and the first one is looked at before it is added up. */
  #expectSameBatch(): void {
    const { what, batch } = this.group.context!;
    this.group.agree(what, batch, false, sameData);
  }

  /** Has each layer look, as on one process, whether a batch of one sample has more than one value for each feature: a program is the same for one of all ranks and one of each. */
  #expectStatistics(rows: LossArguments): void {
    this.#shareStatistics(false);
    try {
      rehearsal(() => this.#model.forward(rows[0]));
    } finally {
      this.#shareStatistics(true);
    }
  }

  /** An error of a layer that has too few samples, which says that it has but some of the batch. */
  #ofShare(error: unknown, n: number): unknown {
    const isShare = error instanceof ShapeError && error.rule.startsWith("training needs more than one value");
    if (!isShare || n === 1) return error;
    const { op, rule, got, path } = error;
    const ways = this.#options.reproducible === undefined ? "syncBatchNorm: true" : "a smaller reproducible";
    const hint = `write ${ways}, dropLast: true, or another batchSize`;
    const own = new ShapeError(op, rule, `${got} of a batch of ${n} samples in ${this.#pieces} parts`, hint);
    return path === "" ? own : own.within(path);
  }

  /** Compares what all ranks make of the same samples: a loss, or a layer, that is another on each would go unnoticed. */
  #expectSameLoss(parts: StepParts, batch: LossArguments): void {
    if (this.group.size === 1) return;
    const all = [...this.group.gather(Float64Array.of(this.#lossOf(parts, this.part(batch, this.#pieces, 0))))];
    if (!all.some((v) => isFar(v, all[0]!))) return; // what is not finite is told of elsewhere
    const got = all.map((v, rank) => `${v} on rank ${rank}`).join(", ");
    throw new ValueError("fit", "the loss of the same samples must be the same on all ranks", got, "pass the same loss and the same model on all"); // biome-ignore format: one line
  }

  /** Looks whether the loss is a mean, so those of shares add up to that of the batch. */
  #expectMean(parts: StepParts, batch: LossArguments): void {
    const rows = this.part(batch, this.#pieces, this.#first);
    const own = rowsOf(rows) > 1 ? rows : batch; // of one row, a sum is a mean
    const n = rowsOf(own);
    const half = n >> 1;
    if (half === 0) return; // the next batch may have more
    this.#looks++;
    // Where a model draws numbers in evaluation, too, halves have others: nothing can be said.
    const of = (start: number, end: number): number =>
      this.#lossOf(parts, own.map((x) => slice(x, [start, end])) as unknown as LossArguments, Number.NaN);
    const [all, first, second] = [of(0, n), of(0, half), of(half, n)];
    this.#largest = Math.max(this.#largest, Math.abs(all));
    const both = (half * first + (n - half) * second) / n;
    if (Number.isNaN(both) ? !Number.isFinite(all) : !isFar(all, both, 1e-6 * this.#largest)) return;
    const got = `${all} for ${n} of them, where ${half} have ${first}, and the others ${second}`;
    const hint =
      "neither a sum nor a mean over weights can be shared: take the mean; for weights, loss: weighted(mse), or what crossEntropy and nll call weight and ignoreIndex";
    throw new ValueError("fit", "with a group, the loss must be a mean over the samples", got, hint);
  }

  /**
   * The loss of some samples in evaluation, where mostly nothing is drawn; undone.
   *
   * @param drawn - what it is if something is drawn, if given.
   */
  #lossOf({ loss }: StepParts, [x, ...rest]: LossArguments, drawn?: number): number {
    const setBack = modesOf(this.#model);
    this.#model.eval();
    try {
      return rehearsal(() => {
        // A mean over weights is put together rightly: if all else is a mean over the samples, so it is if all weigh the same.
        const count = ({ size, dtype }: Tensor): Tensor => new Tensor(Float64Array.of(size), [], "float64").to(dtype);
        const divisor = drawn === undefined ? null : count;
        const own = withState("divisor", divisor, () => loss(this.#model.forward(x), ...(rest as [Tensor])).item());
        return drawn !== undefined && [...(runtime.undo?.keys() ?? [])].some(isGenerator) ? drawn : own;
      });
    } finally {
      setBack();
    }
  }

  /** Forward, backward, sums over all ranks and update, in one program. */
  #inOne({ local, update, trained, compile }: StepParts): (own: LossArguments, batch: LossArguments) => StepResult {
    const run = compile((...own: LossArguments): StepResult => {
      return transaction(() => {
        const before = writeClock();
        const { loss, outputs, residuals } = local(...own);
        this.streams.leave();
        const names = Object.keys(residuals);
        const graded = trained().filter(({ grad }) => grad !== null);
        const buffers = this.group.size === 1 ? [] : this.buffers().filter((x) => x.time > before && isFloat(x.dtype));
        const scaled = (x: Tensor): Tensor => noGrad(() => mul(x, this.share).to(x.dtype));
        const squares = names.map((name) => residuals[name]!);
        const gradients = graded.map(({ grad }) => grad!);
        const missing = this.#without(graded);
        const sums = this.group.summed(
          [scaled(loss), ...squares, ...gradients, ...buffers.map(scaled)],
          missing,
          names.join(),
        );
        const of = <T>(list: readonly T[], at: number): Tensor[] => sums.slice(at, at + list.length);
        of(graded, 1 + names.length).forEach((sum, i) => {
          graded[i]!.grad = sum;
        });
        noGrad(() => {
          of(buffers, 1 + names.length + graded.length).forEach((sum, i) => void buffers[i]!.assign(sum));
        });
        this.#expectNoDraws(() => update(sums[0]!));
        const norms = of(names, 1).map((square, i) => [names[i]!, sqrt(square)]);
        return { loss: sums[0]!, outputs, residuals: Object.fromEntries(norms) as Record<string, Tensor> };
      });
    });
    return (own) => {
      this.streams.enter(this.group.rank);
      return run(...own);
    };
  }

  /** What a mean over weights divides by: their sum over all ranks, for what is then weighted by this rank's share. A rank that has no rows weighs nothing. */
  #divisor(weights: Tensor): Tensor {
    if (this.#options.reproducible !== undefined) {
      const hint = 'leave reproducible out, or take the mean over all places: crossEntropy(outputs, targets, { …, reduction: "sum" }).div(targets.size)'; // biome-ignore format: one line
      throw new ValueError("fit", "pieces are computed one by one, and do not know what those of the others weigh", "reproducible, and a loss with weight or ignoreIndex", hint); // biome-ignore format: one line
    }
    const has = gt(this.share, 0);
    const [all] = this.group.sums([where(has, sum(weights), 0).to(weights.dtype)]);
    return mul(all!, where(has, this.share, 1)).to(weights.dtype);
  }

  /** Refuses a program whose update draws: it draws all its numbers at the start, where each rank draws its own. */
  #expectNoDraws(update: () => void): void {
    transaction(() => {
      update();
      if (runtime.tracer === null || this.group.size === 1) return;
      if (![...(runtime.undo?.keys() ?? [])].some(isGenerator)) return;
      const hint = "write compile: false, or reproducible, or draw them in a callback's onStep";
      throw new ValueError("fit", "what a compiled step draws is each rank's own, and an update must be the same on all", "an optimizer that draws random numbers", hint); // biome-ignore format: one line
    });
  }

  /** Says which parameters have no gradient: sums are for those that have, in their order. */
  #without(graded: readonly Tensor[]): string {
    const own = new Set(graded);
    const names = tensorsOf(this.#model).flatMap(([name, x]) => (x.requiresGrad && !own.has(x) ? [name] : []));
    if (names.length <= 4) return names.join(", ");
    return `${names.slice(0, 4).join(", ")} and ${names.length - 4} others (${hashOfText(names.join()).toString(36)})`;
  }

  evaluation<R extends { readonly loss: Tensor; readonly outputs: Tensor }>(
    evaluate: (...batch: LossArguments) => R,
  ): (...batch: LossArguments) => R {
    return (...batch) =>
      this.#together("an evaluation", batch, (own) => {
        if (this.#options.reproducible !== undefined) {
          this.#expectSameBatch();
          return evaluatedInPieces(this, evaluate, batch, this.#pieces);
        }
        this.streams.enter(this.group.rank);
        const result = evaluate(...own);
        return { ...result, loss: this.group.summed([mul(result.loss, this.share)])[0]! };
      });
  }

  isOver(step: number, isOver: boolean): boolean {
    this.group.heartbeat?.beat(`step ${step}`);
    const isDue = step > 0 && step % digestEvery === 0;
    return this.group.agree(`after step ${step}${isDue ? ", with the same weights" : ""}`, isDue ? this.#state() : "", isOver, sameUpdates); // biome-ignore format: one line
  }

  end(error?: unknown): void {
    if (this.#isRefused) return; // the group is another's
    this.group.training = null;
    this.#shareStatistics(false);
    this.group.context = null;
    if (error === undefined) {
      this.group.agree("the end of fit, with the same weights", this.#state(), false, sameUpdates);
      this.group.heartbeat?.beat(ended);
    } else this.group.fail(error);
  }

  /** What forward may overwrite, and is to be the same for all afterwards: running statistics, and counts. */
  buffers(): Tensor[] {
    return tensorsOf(this.#model).flatMap(([, x]) => (x.requiresGrad || x.frozen ? [] : [x]));
  }

  /** The rows of a batch that are a part's; if it has none, those of the first, which then count for nothing. */
  part(batch: LossArguments, parts: number, i: number): LossArguments {
    const n = rowsOf(batch);
    const of = this.rows(n, parts, i) === 0 ? 0 : i;
    const range = [cut(n, parts, of), cut(n, parts, of + 1)] as const;
    if (range[1] - range[0] === n) return batch;
    return batch.map((x) => slice(x, range)) as unknown as LossArguments;
  }

  /** How many rows a part has. */
  rows(n: number, parts: number, i: number): number {
    return cut(n, parts, i + 1) - cut(n, parts, i);
  }

  /** The first of this rank's pieces. */
  get #first(): number {
    return (this.#pieces / this.group.size) * this.group.rank;
  }

  /** Runs something on this rank's rows. If it throws, the others are told. */
  #together<R extends { readonly outputs: Tensor }>(
    what: string,
    batch: LossArguments,
    run: (own: LossArguments) => R,
  ): R {
    const { rank, size } = this.group;
    const n = rowsOf(batch);
    this.group.context = { what: `${what} on ${n} samples`, batch: sampleOf(batch) };
    this.share.assign(new Tensor(Float64Array.of(this.rows(n, size, rank) / n), [], "float64"));
    const own = this.part(batch, size, rank);
    const divisor = this.#pieces === 1 ? null : (weights: Tensor) => this.#divisor(weights);
    const result = transaction(() => withState("divisor", divisor, () => this.streams.run(() => run(own))));
    const isNeeded = Object.keys(this.#options.metrics ?? {}).length > 0;
    return isNeeded ? { ...result, outputs: this.#whole(result.outputs, n) } : result;
  }

  /** The outputs of all ranks, in the order of the samples. */
  #whole(outputs: Tensor, n: number): Tensor {
    const { rank, size } = this.group;
    if (size === 1) return outputs;
    const own = this.rows(n, size, rank);
    const given = own === 0 ? this.rows(n, this.#pieces, 0) : own;
    const [each, inner] = [outputs.size / given, (outputs.shape[0] ?? 1) / given];
    if (!Number.isInteger(inner)) {
      const hint = "leave metrics out, or return a row for each sample";
      throw new ShapeError(
        "fit",
        `for metrics, outputs must be divisible among ${given} samples`,
        describe(outputs),
        hint,
      );
    }
    const Class = outputs.values.constructor as new (length: number) => typeof outputs.values;
    const most = this.rows(n, size, 0) * each;
    const sent = new Class(most);
    sent.set(outputs.values.subarray(0, own * each));
    const all = this.group.gather(sent as Float32Array);
    const whole = new Class(n * each);
    for (let of = 0, at = 0; of < size; of++) {
      const length = this.rows(n, size, of) * each;
      whole.set(all.subarray(of * most, of * most + length), at);
      at += length;
    }
    return new Tensor(whole, [n * inner, ...outputs.shape.slice(1)], outputs.dtype);
  }

  /** All that must be the same on all ranks. */
  #state(): Part[] {
    const { optimizer } = this.#options;
    const named = tensorsOf(this.#model);
    const nameOf = new Map(named.map(([name, x]) => [x, name] as const));
    const states = [...(optimizer.state ?? [])].flatMap(([p, state]) =>
      Object.entries(state).map(([name, x]) => [`${name} of ${nameOf.get(p) ?? "a parameter"}`, x] as const),
    );
    const rates = (optimizer.groups ?? []).map(({ lr }, i) => [`lr of parameter group ${i}`, lr] as const);
    const generators = [runtime.generator, this.#options.generator].map((own) => own?.state);
    return [
      ...[...named, ...rates, ...states].map(([name, x]) => partOfTensor(name, x)),
      ...partsOfSettings({ "the default generator": generators[0], "the option generator": generators[1] }),
    ];
  }

  #normalizing(): ChannelNorm[] {
    return layersOf(this.#model).flatMap(([, layer]) => ("shareStatistics" in layer ? [layer as ChannelNorm] : []));
  }

  #warn(text: string): void {
    (globalThis as { readonly console?: { warn(text: string): void } }).console?.warn(text);
  }
}

/** Whether two losses differ by more than rounding does: of a loss near 0, that may be much. */
const isFar = (a: number, b: number, most = 0): boolean => Math.abs(a - b) > 1e-3 * (Math.abs(a) + Math.abs(b)) + most;

/** How many samples a batch has: each of its tensors has a row for each. */
export function rowsOf(batch: LossArguments): number {
  const n = batch[0].shape[0] ?? 1;
  const other = batch.find((x) => x.shape[0] !== n);
  if (other === undefined) return n;
  const hint = "samples are rows, so each rank can take some of them";
  throw new ShapeError(
    "fit",
    "with a group, all tensors of a batch must have a row for each sample",
    describe(other),
    hint,
  );
}

/** Rows one after the other. */
export function joined(parts: readonly Tensor[]): Tensor {
  return parts.length === 1 ? parts[0]! : noGrad(() => cat(parts));
}
