import { checkCount, refuseProxy } from "../core/arguments.ts";
import { allocate } from "../core/dtype.ts";
import { ShapeError, StateError, textOf, ValueError } from "../core/errors.ts";
import { keep } from "../core/foreign.ts";
import { checkOptions, type OptionKinds } from "../core/options.ts";
import { isTensor } from "../core/runtime.ts";
import { sameShape, sizeOf } from "../core/shape.ts";
import { refuseMore } from "../core/surplus.ts";
import { inspectable } from "../format.ts";
import { copyRows } from "../ops/indexSelect.ts";
import { slice } from "../ops/slice.ts";
import { defaultGenerator, Generator, type GeneratorState } from "../random/generator.ts";
import { permutation } from "../random.ts";
import { restoreState, type StateDict, snapshotState } from "../state.ts";
import { Tensor } from "../tensor.ts";
import { asDataset, type Batch, isDataset, type Samples, type TensorDataset } from "./dataset.ts";

/** Options of {@link batches}. */
export interface BatchesOptions {
  /** Samples in a batch; 32 by default. */
  readonly batchSize?: number;
  /** Whether each pass has an order of its own; true by default. */
  readonly shuffle?: boolean;
  /** Whether a last batch that is smaller is left out; false by default. */
  readonly dropLast?: boolean;
  /** Where the randomness comes from; `defaultGenerator` if left out. */
  readonly generator?: Generator | undefined;
  /**
   * What is done to each batch before it is given out, such as augmentation: `([x, y], generator) => [randomFlip(x, { generator }), y]`. It is given the generator of the batches; what draws from that
   * one is the same again in a training run that goes on.
   */
  readonly transform?: ((batch: Batch, generator: Generator) => Batch) | undefined;
}

const batchesOptions: OptionKinds<BatchesOptions> = {
  batchSize: "number",
  shuffle: "boolean",
  dropLast: "boolean",
  generator: "generator",
  transform: "function",
};

/** What changes batches is called so in other libraries. */
const batchesLead = { names: { augment: "transform", augmentation: "transform", map: "transform" } };

/**
 * Samples in batches, to loop over once for each epoch. {@link batches} creates it.
 *
 * If you leave a loop early, the next one continues where it stopped. A state that is saved within an epoch continues with exactly the remaining batches.
 *
 * @example
 * import { arange, Generator, type Tensor } from "tinygrad-ts";
 * import { batches, TensorDataset } from "tinygrad-ts/train";
 *
 * const data = batches(new TensorDataset(arange(6), arange(6)), { batchSize: 2, generator: new Generator(1) });
 * for (const _ of data) break;
 * const copy = batches(data.dataset, { batchSize: 2 });
 * copy.loadStateDict(data.stateDict());
 * const rest = (of: Iterable<readonly Tensor[]>) => JSON.stringify([...of].map(([x]) => x?.toArray()));
 * rest(copy) === rest(data); // → true
 */
export class Batches extends /* @__PURE__ */ inspectable() implements Iterable<Batch> {
  /** The samples. */
  readonly dataset!: TensorDataset;
  /** Batches in an epoch. */
  readonly length!: number;
  readonly #options: Required<Omit<BatchesOptions, "generator" | "transform">> &
    Pick<BatchesOptions, "transform"> & { readonly generator: Generator };
  /** Where the generator stood before the last batch was transformed. */
  #before: GeneratorState | null = null;
  #epoch = 0;
  #position = 0;
  /** Where the generator stood when this epoch's order was drawn. */
  #order: readonly number[] = [0, 0, 0, 0];

  /** The loop that was begun last. */
  #loop: object | null = null;
  #isReusing = (): boolean => false;
  /** The inputs of the last batch, if they are used again. */
  #inputs: Tensor | null = null;

  /** @internal Use {@link batches}. */
  constructor(op: string, dataset: TensorDataset, options: BatchesOptions) {
    super();
    const { batchSize = 32, shuffle = true, dropLast = false, generator = defaultGenerator(), transform } = options;
    checkCount(op, "batchSize", batchSize, 1);
    this.#options = { batchSize, shuffle, dropLast, generator, transform };
    const length = (dropLast ? Math.floor : Math.ceil)(dataset.size / batchSize);
    if (length === 0) {
      const got = `${dataset.size} sample${dataset.size === 1 ? "" : "s"} for batches of ${batchSize}`;
      const hint = dataset.size > 0 ? "leave out dropLast, or make batchSize smaller" : "";
      throw new ValueError(op, "there must be a batch", dropLast ? `${got} with dropLast` : got, hint);
    }
    // Plain JavaScript cannot put others there, of which the order under way knows nothing.
    keep(this, "dataset", dataset, another);
    keep(this, "length", length, another);
  }

  /** How many samples, and how they are divided: `Batches(100 samples, 4 batches of 32)`. */
  override toString(): string {
    return `Batches(${this.dataset.size} samples, ${this.length} batches of ${this.#options.batchSize})`;
  }

  /** How many epochs are complete. */
  get epoch(): number {
    return this.#epoch;
  }

  /** How many batches of the epoch under way were given out. */
  get position(): number {
    return this.#position;
  }

  /**
   * The batches of the epoch under way that are left, none if it was left at its last one; then the epoch is complete.
   *
   * @throws `ValueError` in a loop that goes on after another one was begun: both would take from the same epoch.
   */
  *[Symbol.iterator](): Iterator<Batch> {
    refuseProxy("Batches", #options in this);
    const { batchSize, shuffle, generator, transform } = this.#options;
    const { size } = this.dataset;
    const order = shuffle ? this.#draw() : null;
    const own = {};
    this.#loop = own;
    while (this.#position < this.length) {
      const start = this.#position * batchSize;
      const range = [start, Math.min(start + batchSize, size)] as const;
      const batch = this.#isReusing() ? this.#reused(range, order) : this.#taken(range, order);
      this.#before = transform ? generator.state : null;
      const given = transform ? checkBatch(transform(batch, generator)) : batch;
      this.#position++;
      yield given;
      if (this.#loop !== own) {
        // They share a position: this loop would go on in the epoch of the other one, and a loop in a loop would never end.
        const hint =
          "write batches(data.dataset, …) for each loop, or predict(model, data.dataset) in the midst of one";
        throw new ValueError("Batches", "there can be one loop at a time", "another that was begun since", hint);
      }
    }
    // Not before somebody asks for more: what is saved at the last batch has the end of its epoch still before it.
    this.#position = 0;
    this.#epoch++;
  }

  /** @internal Gives all batches of one size the same tensor of inputs, overwritten each time: for who is done with one before asking for the next. `isDone` says whether that is so. */
  reuseInputs(isDone: () => boolean): void {
    this.#isReusing = isDone;
  }

  /** The batch of some places, in an order or in that of the data. */
  #taken(range: readonly [number, number], order: Tensor | null): Batch {
    if (order !== null) return this.dataset.rows(slice(order, range));
    return this.dataset.tensors.map((x) => slice(x, range)) as unknown as Batch;
  }

  /** The same, without going through ops: what is copied is the samples, once. */
  #reused([start, end]: readonly [number, number], order: Tensor | null): Batch {
    const rows = order?.values.subarray(start, end);
    return this.dataset.tensors.map((x, i) => {
      if (rows === undefined && i > 0) return slice(x, [start, end]);
      const shape = [end - start, ...x.sizes.slice(1)];
      const inner = sizeOf(shape.slice(1));
      const isThere = i === 0 && this.#inputs !== null && sameShape(this.#inputs.sizes, shape);
      const y = isThere ? this.#inputs! : new Tensor(allocate(x.dtype, inner * shape[0]!, "batches"), shape, x.dtype);
      if (i === 0) this.#inputs = y;
      if (rows === undefined) y.values.set(x.values.subarray(start * inner, end * inner));
      else copyRows(y.values, x.values, rows, { outer: 1, count: this.dataset.size, inner });
      return y;
    }) as unknown as Batch;
  }

  /** @internal Takes the batch back that was given out last: the next loop begins with it, and with the same order. */
  giveBack(): void {
    this.#position--;
    if (this.#before !== null) this.#options.generator.state = this.#before;
    if (this.#position === 0 && this.#options.shuffle) {
      this.#options.generator.state = this.#order as GeneratorState;
    }
  }

  /** @internal Returns a function that goes back to where this stands now: for a pass that comes to nothing. */
  mark(): () => void {
    const { generator, shuffle, transform } = this.#options;
    const [state, epoch, position, order] = [generator.state, this.#epoch, this.#position, this.#order];
    return () => {
      if (shuffle || transform) generator.state = state;
      [this.#epoch, this.#position, this.#order] = [epoch, position, order];
    };
  }

  /**
   * Where it stands: `epoch`, `position`, `order`; and what the position is in, `layout`: the `size` of the dataset, `batchSize`, `shuffle` and `dropLast`.
   *
   * @returns snapshots, as those of `Layer.stateDict`.
   */
  stateDict(): Map<string, Tensor> {
    refuseMore("batches.stateDict", arguments, 0);
    return snapshotState(this.#entries());
  }

  /**
   * Goes on from where another stood that was made with the same data and options. Its generator is to be saved and loaded, too. At the start of an epoch, before its first batch, the number of samples and the options may be others than before.
   *
   * @param state - tensors by name, in a Map or a plain object, as {@link Batches.stateDict} returns them.
   * @throws `StateError` naming what does not fit, such as another `batchSize` within an epoch; `ValueError` for numbers out of range: then nothing has changed.
   */
  loadStateDict(state: StateDict, ...extra: readonly never[]): void {
    const op = "Batches.loadStateDict";
    const entries = this.#entries();
    const here = entries.at(-1)![1].values.slice();
    const check = (name: string, { values }: Tensor): void =>
      checkNumbers(name, values, name === "order" ? 2 ** 32 - 1 : Number.MAX_SAFE_INTEGER);
    restoreState(op, entries, state, check, extra);
    const [epoch, position, order, saved] = entries.map(([, { values }]) => [...values]);
    const at = saved!.findIndex((v, i) => v !== here[i]);
    if (position![0] !== 0 && at >= 0) {
      const [was, is] = [saved![at], here[at]].map((v) => (at < 2 ? v : v === 1));
      const got = `${layout[at]} is ${was} instead of ${is}, within an epoch`;
      throw new StateError(op, "the state must fit", got, "give what was given before");
    }
    checkNumbers("position", position!, this.length);
    [this.#epoch] = epoch as [number];
    [this.#position] = position as [number];
    this.#order = order!;
  }

  /** The order of the epoch under way, drawn again when it begins. */
  #draw(): Tensor {
    const { generator } = this.#options;
    if (this.#position === 0) {
      this.#order = generator.state;
      return permutation(this.dataset.size, { generator });
    }
    const again = new Generator();
    again.state = this.#order as GeneratorState;
    return permutation(this.dataset.size, { generator: again });
  }

  #entries(): [string, Tensor][] {
    const { batchSize, shuffle, dropLast } = this.#options;
    const { size } = this.dataset;
    return [
      ["epoch", new Tensor(Float64Array.of(this.#epoch), [], "float64")],
      ["position", new Tensor(Float64Array.of(this.#position), [], "float64")],
      ["order", new Tensor(Float64Array.from(this.#order), [4], "float64")],
      ["layout", new Tensor(Float64Array.of(size, batchSize, Number(shuffle), Number(dropLast)), [4], "float64")],
    ];
  }
}

/**
 * Samples in batches, in a new order for each epoch.
 *
 * @param data - a dataset, or `{ x, y }`.
 * @param options - `batchSize`, `shuffle`, `dropLast`, `generator`, `transform`.
 * @returns batches to loop over as often as you like.
 * @throws `ValueError` if there would be no batch, for anything that is not data, or for an unknown option.
 * @example
 * import { arange } from "tinygrad-ts";
 * import { batches } from "tinygrad-ts/train";
 *
 * const data = batches({ x: arange(5), y: arange(5) }, { batchSize: 2, shuffle: false });
 * [...data].map(([x]) => x.toArray()); // → [[0, 1], [2, 3], [4]]
 * data.epoch; // → 1
 */
export function batches(data: TensorDataset | Samples, options?: BatchesOptions): Batches {
  refuseMore("batches", arguments, 2);
  return batchesFor("batches", data, options);
}

/** Batches, for a function that errors shall name. */
export function batchesFor(op: string, data: TensorDataset | Samples, options?: BatchesOptions): Batches {
  return new Batches(op, asDataset(op, data), checkOptions(op, options, batchesOptions, batchesLead));
}

/** Whether a value was made by {@link batches}, of this copy of the library or of another. */
export function isBatches(x: unknown): x is Batches {
  const own = (x ?? {}) as Partial<Batches>;
  return isDataset(own.dataset) && typeof own.length === "number"; // a tensor has no length, and says so
}

/** Refuses what is no batch. */
function checkBatch(batch: Batch): Batch {
  if (Array.isArray(batch) && batch.length > 1 && batch.every(isTensor)) {
    const counts = batch.map(({ sizes }) => sizes[0]);
    if (counts.every((n) => n === counts[0])) return batch;
    throw new ShapeError("batches", "transform must return as many samples in each tensor", counts.join(" and "));
  }
  const hint = "write ([x, y]) => [randomFlip(x), y]";
  throw new ValueError("batches", "transform must return tensors, [x, y]", textOf(batch), hint);
}

/** What a position is in. */
const layout = ["size", "batchSize", "shuffle", "dropLast"] as const;

function checkNumbers(name: string, values: ArrayLike<number>, most: number): void {
  if (Array.from(values).every((v) => Number.isSafeInteger(v) && v >= 0 && v <= most)) return;
  throw new ValueError("Batches.loadStateDict", `${name} must be from 0 to ${most}`, String(values));
}

const another = "write batches(data, options) for others";
