import { noGrad } from "../core/apply.ts";
import { type FloatDType, floatDtypes, isFloat } from "../core/dtype.ts";
import { DTypeError, ShapeError, textOf, ValueError } from "../core/errors.ts";
import { checkOptions, type OptionKinds } from "../core/options.ts";
import { isTensor } from "../core/runtime.ts";
import { describe, formatShape, type Shape, sameShape } from "../core/shape.ts";
import { refuseMore } from "../core/surplus.ts";
import { zeros } from "../create.ts";
import { add } from "../ops/add.ts";
import { mul } from "../ops/mul.ts";
import { relu } from "../ops/relu.ts";
import { sigmoid } from "../ops/sigmoid.ts";
import { split } from "../ops/split.ts";
import { sub } from "../ops/sub.ts";
import { tanh } from "../ops/tanh.ts";
import { drawUniform, type RandomOptions } from "../random.ts";
import type { Tensor } from "../tensor.ts";
import { checkSelf, checkSizes, checkWidth } from "./doors.ts";
import { Layer } from "./layer.ts";
import { linear } from "./linear.ts";
import { whole } from "./whole.ts";

/** Options of {@link LSTMCell} and {@link GRUCell}. */
export interface CellOptions {
  /** Whether biases are added; true by default. */
  readonly bias?: boolean;
  /** Floating dtype of the parameters; the default one if left out. */
  readonly dtype?: FloatDType;
  /** Where the first values come from; {@link defaultGenerator} if left out. */
  readonly generator?: RandomOptions["generator"];
}

/** Options of {@link RNNCell}. */
export interface RnnCellOptions extends CellOptions {
  /** What makes the state of the sum; `"tanh"` by default. */
  readonly activation?: "tanh" | "relu";
}

/** The state of a recurrent layer. For a cell, each tensor is `[batch, hiddenSize]`; for a layer, `[layers · directions, batch, hiddenSize]`. */
export interface RecurrentState {
  /** The hidden state: the output of the last step. */
  readonly hidden: Tensor;
  /** The cell state, which only LSTMs have. */
  readonly cell?: Tensor;
}

/** @internal */
export const cellOptions: OptionKinds<CellOptions> = { bias: "boolean", dtype: floatDtypes, generator: "generator" };
/** @internal */
export const rnnOptions: OptionKinds<RnnCellOptions> = { ...cellOptions, activation: ["tanh", "relu"] };
/** What PyTorch and Keras call options of recurrent layers. */
export const recurrentNames = {
  nonlinearity: "activation",
  useBias: "bias",
  numLayers: "layers",
  units: "the sizes are arguments of their own: (inputSize, hiddenSize)",
};
const ofLayers = "a cell is one step of one layer: LSTM, GRU and RNN have more";
const cellNames = {
  ...recurrentNames,
  ...{ layers: ofLayers, numLayers: ofLayers, bidirectional: ofLayers, dropout: ofLayers },
};

/**
 * One step of a recurrent layer, with its parameters. All are drawn uniformly from ±1/√hiddenSize, as in PyTorch.
 */
export abstract class RecurrentCell extends Layer {
  /** Of the input, shape `[gates · hiddenSize, inputSize]`. */
  weightIh: Tensor;
  /** Of the hidden state, shape `[gates · hiddenSize, hiddenSize]`. */
  weightHh: Tensor;
  /** Shape `[gates · hiddenSize]`, or null. */
  biasIh: Tensor | null;
  /** Shape `[gates · hiddenSize]`, or null. */
  biasHh: Tensor | null;
  /** Size of the input's last axis. */
  readonly inputSize: number;
  /** Size of the hidden state. */
  readonly hiddenSize: number;

  /** @internal */
  constructor(name: string, gates: number, inputSize: number, hiddenSize: number, options: CellOptions) {
    super();
    checkSizes(name, { inputSize, hiddenSize }, { hiddenSize: 1 });
    const { bias = true, ...given } = options;
    const bound = hiddenSize && 1 / Math.sqrt(hiddenSize);
    const draw = (shape: Shape): Tensor => {
      const x = noGrad(() => sub(mul(drawUniform(name, shape, given), 2 * bound), bound));
      x.requiresGrad = true;
      return x;
    };
    const rows = gates * hiddenSize;
    this.inputSize = inputSize;
    this.hiddenSize = hiddenSize;
    this.weightIh = draw([rows, inputSize]);
    this.weightHh = draw([rows, hiddenSize]);
    this.biasIh = bias ? draw([rows]) : null;
    this.biasHh = bias ? draw([rows]) : null;
  }

  /**
   * The hidden state after a step.
   *
   * @param x - shape `[batch, inputSize]`, or `[inputSize]`.
   * @param state - before the step; zeros if left out.
   * @returns shape `[batch, hiddenSize]`, or `[hiddenSize]`.
   * @throws {@link ShapeError} if shapes do not fit.
   */
  override forward(x: Tensor, state?: RecurrentState): Tensor {
    checkSelf(this);
    refuseMore(this.describe(), arguments, 2);
    const next = this.run(x, state);
    if (next.cell === undefined) return next.hidden;
    const hint = "write const { hidden, cell } = layer.run(x, state)";
    return whole(this.describe(), next.hidden, hint);
  }

  /**
   * The state after a step: what to pass to the next one.
   *
   * @param x - shape `[batch, inputSize]`, or `[inputSize]`.
   * @param state - before the step; zeros if left out.
   * @throws {@link ShapeError} if shapes do not fit.
   */
  run(x: Tensor, state?: RecurrentState): RecurrentState {
    checkSelf(this, "run");
    refuseMore(this.describe(), arguments, 2);
    checkWidth(this, x, this.inputSize);
    if (x.shape.length > 2) {
      const hint = "a whole sequence is for the layer, such as new LSTM(…)";
      throw new ShapeError(this.describe(), `x must be [batch, ${this.inputSize}]`, describe(x), hint);
    }
    const shape = [...x.shape.slice(0, -1), this.hiddenSize];
    const op = this.describe();
    return this.step(this.ofInput(x), checkState(op, state, shape, this.start(shape, x)));
  }

  /** @internal The input's share of the gates, for all steps at once. */
  ofInput(x: Tensor): Tensor {
    return linear(x, this.weightIh, this.biasIh);
  }

  /** @internal The state before the first step. */
  start(shape: Shape, like: Tensor): RecurrentState {
    return { hidden: zeros(shape, { dtype: like.dtype }) };
  }

  /** @internal A step, from the input's share of the gates. */
  abstract step(gates: Tensor, state: RecurrentState): RecurrentState;

  /** The hidden state's share of the gates. */
  protected ofHidden({ hidden }: RecurrentState): Tensor {
    return linear(hidden, this.weightHh, this.biasHh);
  }
}

/** Refuses a state that does not fit; gives the one to start with for none. */
export function checkState(op: string, state: unknown, shape: Shape, start: RecurrentState): RecurrentState {
  if (state === undefined || state === null) return start;
  const names = Object.keys(start);
  const form = `{ ${names.join(", ")} }`;
  if (typeof state !== "object" || isTensor(state) || Array.isArray(state)) {
    const hint = isTensor(state) && names.length === 1 ? "write { hidden: state }" : `write ${form}`;
    throw new ValueError(op, `a state must be ${form}`, textOf(state), hint);
  }
  for (const name of names) {
    const x = (state as { readonly [name: string]: unknown })[name];
    if (!isTensor(x)) {
      let hint = `write ${form}`;
      if ("mask" in state) hint = "options come after the state: run(x, undefined, { mask })";
      if ("state" in state) hint = "pass its state alone: run(x, before.state)";
      throw new ValueError(op, `a state must be ${form}`, `${name}: ${textOf(x)}`, hint);
    }
    if (!isFloat(x.dtype)) throw new DTypeError(op, `the state's ${name} must be floating`, x.dtype);
    if (sameShape(x.shape, shape)) continue;
    throw new ShapeError(op, `the state's ${name} must be ${formatShape(shape)}`, describe(x));
  }
  const surplus = Object.keys(state).find((name) => !names.includes(name));
  if (surplus === undefined) return state as RecurrentState;
  throw new ValueError(op, `a state must be ${form}`, `${surplus} as well`);
}

/**
 * A step of a plain recurrent layer (Elman, 1990): `hidden' = tanh(x Wᵢₕᵀ + bᵢₕ + hidden Wₕₕᵀ + bₕₕ)`.
 *
 * @example
 * const cell = new RNNCell(3, 4);
 * let state = cell.run(zeros([2, 3]));
 * state = cell.run(ones([2, 3]), state);
 * state.hidden.shape; // → [2, 4]
 */
export class RNNCell extends RecurrentCell {
  /** @internal */
  static readonly isOwn = true;
  /** What makes the state of the sum. */
  readonly activation: "tanh" | "relu";

  /**
   * @param inputSize - size of the input's last axis.
   * @param hiddenSize - size of the hidden state.
   * @param options - `activation`, `bias`, `dtype`, `generator`.
   * @throws {@link ShapeError} for sizes that are not whole numbers; {@link ValueError} for an unknown option.
   */
  constructor(inputSize: number, hiddenSize: number, options: RnnCellOptions = {}) {
    const { activation = "tanh", ...rest } = checkOptions("RNNCell", options, rnnOptions, { names: cellNames });
    super("RNNCell", 1, inputSize, hiddenSize, rest);
    refuseMore("RNNCell", arguments, 3);
    this.activation = activation;
  }

  /** @internal */
  override step(gates: Tensor, state: RecurrentState): RecurrentState {
    const total = add(gates, this.ofHidden(state));
    return { hidden: this.activation === "relu" ? relu(total) : tanh(total) };
  }

  /** `RNNCell(inputSize, hiddenSize)`. */
  override describe(): string {
    return describeCell("RNNCell", this);
  }

  /** `[inputSize, hiddenSize, options]`, as the constructor takes them. */
  override arguments(): readonly unknown[] {
    return argumentsOf(this, { activation: this.activation });
  }
}

/**
 * A step of a long short-term memory (Hochreiter and Schmidhuber, 1997; with a forget gate: Gers et al., 2000). The rows of the weights are those of the input gate, the forget gate, the cell and the output gate, in this order.
 *
 * @example
 * const cell = new LSTMCell(3, 4);
 * const { hidden, cell: memory } = cell.run(zeros([2, 3]));
 * [hidden.shape, memory?.shape]; // → [[2, 4], [2, 4]]
 */
export class LSTMCell extends RecurrentCell {
  /** @internal */
  static readonly isOwn = true;

  /**
   * @param inputSize - size of the input's last axis.
   * @param hiddenSize - size of the hidden state and of the cell state.
   * @param options - `bias`, `dtype`, `generator`.
   * @throws {@link ShapeError} for sizes that are not whole numbers; {@link ValueError} for an unknown option.
   */
  constructor(inputSize: number, hiddenSize: number, options: CellOptions = {}) {
    const given = checkOptions("LSTMCell", options, cellOptions, { names: cellNames });
    super("LSTMCell", 4, inputSize, hiddenSize, given);
    refuseMore("LSTMCell", arguments, 3);
  }

  /** @internal */
  override start(shape: Shape, like: Tensor): RecurrentState {
    const nothing = zeros(shape, { dtype: like.dtype });
    return { hidden: nothing, cell: nothing };
  }

  /** @internal */
  override step(gates: Tensor, state: RecurrentState): RecurrentState {
    const [input, forget, candidate, output] = split(add(gates, this.ofHidden(state)), this.hiddenSize, -1);
    const kept = mul(sigmoid(forget!), state.cell!);
    const cell = add(kept, mul(sigmoid(input!), tanh(candidate!)));
    return { hidden: mul(sigmoid(output!), tanh(cell)), cell };
  }

  /** `LSTMCell(inputSize, hiddenSize)`. */
  override describe(): string {
    return describeCell("LSTMCell", this);
  }

  /** `[inputSize, hiddenSize, options]`, as the constructor takes them. */
  override arguments(): readonly unknown[] {
    return argumentsOf(this);
  }
}

/**
 * A step of a gated recurrent unit (Cho et al., 2014), as PyTorch and cuDNN compute it: the reset gate is applied after the product. The rows of the weights are for the reset gate, the update gate and the new state, in this order.
 *
 * @example
 * new GRUCell(3, 4).forward(zeros([2, 3])).shape; // → [2, 4]
 */
export class GRUCell extends RecurrentCell {
  /** @internal */
  static readonly isOwn = true;

  /**
   * @param inputSize - size of the input's last axis.
   * @param hiddenSize - size of the hidden state.
   * @param options - `bias`, `dtype`, `generator`.
   * @throws {@link ShapeError} for sizes that are not whole numbers; {@link ValueError} for an unknown option.
   */
  constructor(inputSize: number, hiddenSize: number, options: CellOptions = {}) {
    const given = checkOptions("GRUCell", options, cellOptions, { names: cellNames });
    super("GRUCell", 3, inputSize, hiddenSize, given);
    refuseMore("GRUCell", arguments, 3);
  }

  /** @internal */
  override step(gates: Tensor, state: RecurrentState): RecurrentState {
    const [xr, xz, xn] = split(gates, this.hiddenSize, -1);
    const [hr, hz, hn] = split(this.ofHidden(state), this.hiddenSize, -1);
    const update = sigmoid(add(xz!, hz!));
    const fresh = tanh(add(xn!, mul(sigmoid(add(xr!, hr!)), hn!)));
    return { hidden: add(fresh, mul(update, sub(state.hidden, fresh))) };
  }

  /** `GRUCell(inputSize, hiddenSize)`. */
  override describe(): string {
    return describeCell("GRUCell", this);
  }

  /** `[inputSize, hiddenSize, options]`, as the constructor takes them. */
  override arguments(): readonly unknown[] {
    return argumentsOf(this);
  }
}

function describeCell(name: string, { inputSize, hiddenSize, biasIh }: RecurrentCell): string {
  return `${name}(${inputSize}, ${hiddenSize}${biasIh === null ? ", no bias" : ""})`;
}

function argumentsOf({ inputSize, hiddenSize, biasIh, weightIh }: RecurrentCell, more: object = {}): unknown[] {
  return [inputSize, hiddenSize, { ...more, bias: biasIh !== null, dtype: weightIh.dtype }];
}
