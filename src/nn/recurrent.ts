import { isFloat } from "../core/dtype.ts";
import { ShapeError, textOf, ValueError } from "../core/errors.ts";
import { checkOptions, type OptionKinds } from "../core/options.ts";
import { isTensor, runtime } from "../core/runtime.ts";
import { describe } from "../core/shape.ts";
import { refuseMore } from "../core/surplus.ts";
import { cat, stack } from "../ops/cat.ts";
import { expand } from "../ops/expand.ts";
import { reshape, squeeze, unsqueeze } from "../ops/reshape.ts";
import { slice } from "../ops/slice.ts";
import { where } from "../ops/where.ts";
import type { Tensor } from "../tensor.ts";
import { checkMask } from "./attention.ts";
import { checkSelf, checkSizes, checkWidth } from "./doors.ts";
import { checkProbability, dropout as dropped } from "./dropout.ts";
import { Layer } from "./layer.ts";
import {
  type CellOptions,
  cellOptions,
  checkState,
  GRUCell,
  LSTMCell,
  type RecurrentCell,
  type RecurrentState,
  RNNCell,
  type RnnCellOptions,
  recurrentNames,
} from "./recurrentCells.ts";
import { whole } from "./whole.ts";

/** Options of {@link LSTM} and {@link GRU}. */
export interface RecurrentOptions extends CellOptions {
  /** How many layers stand on each other; 1 by default. */
  readonly layers?: number;
  /** Whether each layer goes through the sequence from its end, too; false by default. */
  readonly bidirectional?: boolean;
  /** Probability for an element of a layer's output to be dropped in training, but the last layer's, so there must be two layers; 0 by default. */
  readonly dropout?: number;
}

/** Options of {@link RNN}. */
export interface RnnOptions extends RecurrentOptions, Pick<RnnCellOptions, "activation"> {}

/** The result of recurrent layers: outputs and states. */
export interface Recurrent {
  /** The last layer's hidden states, shape `[batch, length, hiddenSize · directions]`. */
  readonly output: Tensor;
  /** The state after the last step, to continue with: each tensor `[layers · directions, batch, hiddenSize]`. */
  readonly state: RecurrentState;
}

/** How a sequence is read. */
export interface SequenceOptions {
  /** Which steps there are: bool, broadcasts to `[batch, length]`, false for those that only fill a sequence up. There the state stays, outputs are 0, and x is not read. */
  readonly mask?: Tensor | null;
}

const ownOptions = { layers: "number", bidirectional: "boolean", dropout: "number" } as const;
const recurrentOptions: OptionKinds<RecurrentOptions> = { ...cellOptions, ...ownOptions };
const names = {
  ...recurrentNames,
  batchFirst: "the batch is always the first axis",
  projSize: "map the outputs by a Linear",
};
const ofRun = "a state is for run: run(x, { hidden })";
const sequenceNames = { lengths: "mask", hidden: ofRun, cell: ofRun, state: ofRun, hx: ofRun };

/** What the three recurrent layers have in common. */
abstract class RecurrentLayer<Cell extends RecurrentCell> extends Layer {
  /** The cells: of each layer from the first, forward and, if bidirectional, backward. */
  readonly cells: readonly Cell[];
  /** Size of the input's last axis. */
  readonly inputSize: number;
  /** Size of the hidden state. */
  readonly hiddenSize: number;
  /** How many layers stand on each other. */
  readonly layers: number;
  /** Whether each layer goes through the sequence from its end, too. */
  readonly bidirectional: boolean;
  /** Probability for an element of a layer's output to be dropped in training, but the last layer's. */
  readonly dropout: number;
  readonly #generator: CellOptions["generator"];

  /** @internal */
  constructor(
    name: string,
    inputSize: number,
    hiddenSize: number,
    options: RecurrentOptions,
    make: (inputSize: number, options: CellOptions) => Cell,
  ) {
    super();
    checkSizes(name, { inputSize, hiddenSize }, { hiddenSize: 1 });
    const { layers = 1, bidirectional = false, dropout = 0, ...given } = options;
    if (!Number.isSafeInteger(layers) || layers < 1) {
      throw new ValueError(name, "layers must be a whole number, 1 or more", String(layers));
    }
    this.inputSize = inputSize;
    this.hiddenSize = hiddenSize;
    this.layers = layers;
    this.bidirectional = bidirectional;
    this.dropout = checkProbability(name, dropout, "dropout");
    if (dropout > 0 && layers === 1) {
      const hint = "leave it out, write { layers: 2 }, or put a Dropout after the layer";
      throw new ValueError(name, "dropout is between layers, of which there is one", String(dropout), hint);
    }
    this.#generator = given.generator;
    const directions = bidirectional ? 2 : 1;
    const above = directions * hiddenSize;
    this.cells = Array.from({ length: layers * directions }, (_, i) => {
      return make(i < directions ? inputSize : above, given);
    });
  }

  /**
   * The outputs of the last layer for each step.
   *
   * @param x - shape `[batch, length, inputSize]`, or `[length, inputSize]` for one sequence.
   * @param options - `mask`.
   * @returns shape `[batch, length, hiddenSize · directions]`, or without the batch.
   * @throws {@link ShapeError} if shapes do not fit; {@link DTypeError} for a mask that is not bool.
   */
  override forward(x: Tensor, options: SequenceOptions = {}): Tensor {
    checkSelf(this);
    const op = this.describe();
    refuseMore(op, arguments, 2);
    if (Array.isArray(options) || (isTensor(options) && isFloat(options.dtype))) {
      const state = `{ ${Object.keys(this.cells[0]!.start([0], x)).join(", ")} }`;
      throw new ValueError(op, "options come after x", textOf(options), `with a state, write run(x, ${state})`);
    }
    const { output } = this.run(x, undefined, options);
    const hint = "write const { output, state } = layer.run(x); samples are output.at(0) and so on";
    return whole(op, output, hint);
  }

  /**
   * Outputs, and the state after the last step, with which the next part of a sequence continues. `detach` it between parts to keep backward from going through all that was.
   *
   * @param x - shape `[batch, length, inputSize]`, or `[length, inputSize]` for one sequence.
   * @param state - before the first step, as an earlier run returned it; zeros if left out.
   * @param options - `mask`.
   * @throws {@link ShapeError} if shapes do not fit; {@link DTypeError} for a mask that is not bool.
   */
  run(x: Tensor, state?: RecurrentState, options: SequenceOptions = {}): Recurrent {
    checkSelf(this, "run");
    const op = this.describe();
    refuseMore(op, arguments, 3);
    checkWidth(this, x, this.inputSize);
    const rank = x.shape.length;
    if (rank !== 2 && rank !== 3) {
      const rule = `x must be [batch, length, ${this.inputSize}]`;
      throw new ShapeError(op, rule, describe(x), rank === 1 ? "a single step is for a cell" : "");
    }
    const { mask: given = null } = checkOptions(op, options, { mask: "tensor or null" }, { names: sequenceNames });
    const places = x.shape.slice(0, -1);
    if (given !== null) checkMask(op, "mask", given, places, "there is a step, write mask: gt(mask, 0)");
    const mask = given === null ? null : expand(given, places);
    const { cells, hiddenSize } = this;
    if (rank === 2) {
      // Without a batch: as one of a single sequence.
      const axis = (part: Tensor): Tensor => unsqueeze(part, 1);
      checkState(op, state, [cells.length, hiddenSize], cells[0]!.start([cells.length, hiddenSize], x));
      const wide = mask === null ? {} : { mask: unsqueeze(mask, 0) };
      const { output, state: last } = this.run(unsqueeze(x, 0), state && mapState(state, axis), wide);
      return { output: squeeze(output, 0), state: mapState(last, (part) => squeeze(part, 1)) };
    }
    const shape = [x.shape[0]!, hiddenSize];
    const all = [cells.length, ...shape];
    const before = checkState(op, state, all, cells[0]!.start(all, x));
    const last: RecurrentState[] = [];
    const directions = this.bidirectional ? 2 : 1;
    // What only fills a sequence up may be NaN or ∞, of which products in backward would make gradients that are NaN.
    let output = mask === null ? x : where(unsqueeze(mask, -1), x, 0);
    for (let layer = 0; layer < this.layers; layer++) {
      const input = output;
      const ways = cells.slice(layer * directions, (layer + 1) * directions).map((cell, direction) => {
        const at = layer * directions + direction;
        const own = mapState(before, (part) => reshape(slice(part, [at, at + 1]), shape));
        const steps = through(cell, input, own, mask, direction === 1);
        last.push(steps.state);
        return steps.output;
      });
      output = ways.length === 1 ? ways[0]! : cat(ways, -1);
      if (this.training && this.dropout > 0 && layer + 1 < this.layers) {
        output = dropped(output, this.dropout, { generator: this.#generator });
      }
    }
    const joined = (name: keyof RecurrentState): Tensor => stack(last.map((part) => part[name]!));
    return { output, state: mapState(last[0]!, (_, name) => joined(name)) };
  }

  /** What the layer says of itself. */
  protected described(name: string): string {
    const { layers, bidirectional } = this;
    const more = `${layers > 1 ? `, ${layers} layers` : ""}${bidirectional ? ", both ways" : ""}`;
    return `${name}(${this.inputSize}, ${this.hiddenSize}${more})`;
  }

  /** What the constructor takes. */
  protected given(): readonly unknown[] {
    const { inputSize, hiddenSize, layers, bidirectional, dropout } = this;
    const [, , own] = this.cells[0]!.arguments() as [number, number, object];
    return [inputSize, hiddenSize, { layers, bidirectional, dropout, ...own }];
  }
}

/** A cell's way through a sequence, from either end. */
function through(
  cell: RecurrentCell,
  x: Tensor,
  start: RecurrentState,
  mask: Tensor | null,
  isBackward: boolean,
): Recurrent {
  const [batch, length] = x.shape as [number, number];
  const gates = cell.ofInput(x); // of all steps by one product
  const outputs = new Array<Tensor>(length);
  let state = start;
  for (let i = 0; i < length; i++) {
    const at = isBackward ? length - 1 - i : i;
    const step = (all: Tensor): Tensor => reshape(slice(all, null, [at, at + 1]), [batch, -1]);
    const own = (): RecurrentState =>
      cell.step(reshape(slice(gates, null, [at, at + 1]), [batch, gates.shape[2]!]), state);
    const next = runtime.tracer?.step === undefined ? own() : runtime.tracer.step(at, own);
    if (mask === null) state = next;
    else {
      const [present, before] = [step(mask), state];
      state = mapState(next, (part, name) => where(present, part, before[name]!));
    }
    outputs[at] = mask === null ? state.hidden : where(step(mask), state.hidden, 0);
  }
  const output = length === 0 ? reshape(gates, [batch, 0, cell.hiddenSize]) : stack(outputs, 1);
  return { output, state };
}

function mapState(state: RecurrentState, fn: (part: Tensor, name: keyof RecurrentState) => Tensor): RecurrentState {
  const { hidden, cell } = state;
  return { hidden: fn(hidden, "hidden"), ...(cell !== undefined && { cell: fn(cell, "cell") }) };
}

/**
 * Plain recurrent layers (Elman, 1990): each step combines the input with the result of the previous step, `tanh(x Wᵢₕᵀ + bᵢₕ + hidden Wₕₕᵀ + bₕₕ)`.
 *
 * @example
 * new RNN(3, 4).forward(zeros([2, 5, 3])).shape; // → [2, 5, 4]
 */
export class RNN extends RecurrentLayer<RNNCell> {
  /** @internal */
  static readonly isOwn = true;

  /**
   * @param inputSize - size of the input's last axis.
   * @param hiddenSize - size of the hidden state.
   * @param options - `layers`, `bidirectional`, `dropout`, `activation`, `bias`, `dtype`, `generator`.
   * @throws {@link ShapeError} for sizes that are not whole numbers; {@link ValueError} for less than one layer, a dropout that is not a probability, or an unknown option.
   */
  constructor(inputSize: number, hiddenSize: number, options: RnnOptions = {}) {
    const kinds: OptionKinds<RnnOptions> = { ...recurrentOptions, activation: ["tanh", "relu"] };
    const { activation = "tanh", ...rest } = checkOptions("RNN", options, kinds, { names });
    super("RNN", inputSize, hiddenSize, rest, (size, given) => new RNNCell(size, hiddenSize, { ...given, activation }));
    refuseMore("RNN", arguments, 3);
  }

  /** `RNN(inputSize, hiddenSize)`. */
  override describe(): string {
    return this.described("RNN");
  }

  /** `[inputSize, hiddenSize, options]`, as the constructor takes them. */
  override arguments(): readonly unknown[] {
    return this.given();
  }
}

/**
 * Layers of long short-term memory (Hochreiter and Schmidhuber, 1997): see {@link LSTMCell}. The batch is always the first axis.
 *
 * The layer computes what the input adds to all gates by one product, then goes through the sequence step by step. A compiled function has all steps one after the other: its code grows by calls only, but its compile time with the length.
 *
 * @example
 * const layer = new LSTM(3, 4, { layers: 2, bidirectional: true });
 * layer.forward(zeros([2, 5, 3])).shape; // → [2, 5, 8]
 * const { state } = layer.run(zeros([2, 5, 3]));
 * state.hidden.shape; // → [4, 2, 4]
 */
export class LSTM extends RecurrentLayer<LSTMCell> {
  /** @internal */
  static readonly isOwn = true;

  /**
   * @param inputSize - size of the input's last axis.
   * @param hiddenSize - size of the hidden state.
   * @param options - `layers`, `bidirectional`, `dropout`, `bias`, `dtype`, `generator`.
   * @throws {@link ShapeError} for sizes that are not whole numbers; {@link ValueError} for less than one layer, a dropout that is not a probability, or an unknown option.
   */
  constructor(inputSize: number, hiddenSize: number, options: RecurrentOptions = {}) {
    const rest = checkOptions("LSTM", options, recurrentOptions, { names });
    super("LSTM", inputSize, hiddenSize, rest, (size, given) => new LSTMCell(size, hiddenSize, given));
    refuseMore("LSTM", arguments, 3);
  }

  /** `LSTM(inputSize, hiddenSize)`. */
  override describe(): string {
    return this.described("LSTM");
  }

  /** `[inputSize, hiddenSize, options]`, as the constructor takes them. */
  override arguments(): readonly unknown[] {
    return this.given();
  }
}

/**
 * Layers of gated recurrent units (Cho et al., 2014): see {@link GRUCell}. The batch is always the first axis.
 *
 * @example
 * const [layer, x] = [new GRU(3, 4), zeros([2, 5, 3])];
 * const mask = tensor([[true, true, true, false, false], [true, true, true, true, true]]);
 * layer.forward(x, { mask }).at(0).at(4).toArray(); // → [0, 0, 0, 0]
 */
export class GRU extends RecurrentLayer<GRUCell> {
  /** @internal */
  static readonly isOwn = true;

  /**
   * @param inputSize - size of the input's last axis.
   * @param hiddenSize - size of the hidden state.
   * @param options - `layers`, `bidirectional`, `dropout`, `bias`, `dtype`, `generator`.
   * @throws {@link ShapeError} for sizes that are not whole numbers; {@link ValueError} for less than one layer, a dropout that is not a probability, or an unknown option.
   */
  constructor(inputSize: number, hiddenSize: number, options: RecurrentOptions = {}) {
    const rest = checkOptions("GRU", options, recurrentOptions, { names });
    super("GRU", inputSize, hiddenSize, rest, (size, given) => new GRUCell(size, hiddenSize, given));
    refuseMore("GRU", arguments, 3);
  }

  /** `GRU(inputSize, hiddenSize)`. */
  override describe(): string {
    return this.described("GRU");
  }

  /** `[inputSize, hiddenSize, options]`, as the constructor takes them. */
  override arguments(): readonly unknown[] {
    return this.given();
  }
}
