import {
  Adam,
  bceWithLogits,
  fullLike,
  type Generator,
  gradients,
  hinge,
  huber,
  indexSelect,
  type Layer,
  type LayerFunction,
  Linear,
  l1,
  leakyRelu,
  manualSeed,
  mse,
  noGrad,
  type Optimizer,
  permutation,
  RMSprop,
  relu,
  Sequential,
  SGD,
  sigmoid,
  silu,
  type Tensor,
  tanh,
  tensor,
} from "tinygrad-ts";
import { compile } from "tinygrad-ts/compile";
import { inputsOf } from "./inputs.ts";
import { drawPoints, type Points } from "./points.ts";
import {
  type Activation,
  countOf,
  isRegression,
  type LossName,
  type OptimizerName,
  pointCount,
  type Settings,
  type Start,
} from "./settings.ts";

/** How well the model does on some points. */
export interface Score {
  readonly loss: number;
  /** Share of the points whose class is right; for a regression R², the share of the variance that is explained: NaN for a single point, which has none. */
  readonly quality: number;
}

/** What one step of training left. */
export interface StepRecord {
  readonly loss: number;
  /** Norm of each linear layer's residual, ∂loss/∂z: its output is its weighted sum. */
  readonly residuals: readonly number[];
}

const activationOf: Record<Activation, LayerFunction | null> = {
  tanh,
  relu,
  sigmoid,
  leakyRelu: (x) => leakyRelu(x),
  silu,
  linear: null,
};

type Options = { readonly lr: number; readonly weightDecay: number };
const optimizerOf: Record<OptimizerName, (params: Tensor[], options: Options) => Optimizer> = {
  sgd: (params, options) => new SGD(params, options),
  momentum: (params, options) => new SGD(params, { ...options, momentum: 0.9 }),
  adam: (params, options) => new Adam(params, options),
  rmsprop: (params, options) => new RMSprop(params, options),
};

/** A training that can be stepped through: what the page's worker runs. The same settings go the same way, to the bit. */
export class Trainer {
  readonly settings: Settings;
  readonly model: Sequential;
  readonly train: Points;
  readonly test: Points;
  /** Steps that were done. */
  steps = 0;
  /** Gradients, as WebAssembly: gives the loss, the largest size of a gradient, and the norm of each linear layer's residual. */
  readonly #differentiate: (x: Tensor, y: Tensor) => readonly Tensor[];
  /** The optimizer's step, as WebAssembly. */
  readonly #update: () => void;
  readonly #order: Generator;
  /** What the network is given of the training points. */
  readonly #inputs: Tensor;
  #left: Tensor[] = [];

  constructor(settings: Settings) {
    this.settings = settings;
    const generator = manualSeed(settings.seed);
    const points = generator.split();
    this.#order = generator.split();
    this.train = drawPoints(settings.data, pointCount, settings.noise, points);
    this.test = drawPoints(settings.data, pointCount, settings.noise, points);
    this.#inputs = inputsOf(settings.features, this.train.x);
    this.model = networkOf(settings);
    const { lr, l2: weightDecay, start } = settings;
    const params = this.model.parameters();
    const optimizer = optimizerOf[settings.optimizer](params, { lr, weightDecay });
    this.#differentiate = compile((x: Tensor, y: Tensor): readonly Tensor[] => {
      const outputs = outputsOf(this.model, x);
      const sums = this.linears.map(({ index }) => outputs[index]!);
      const loss = this.loss(outputs.at(-1)!, y);
      const found = gradients(loss, [...params, ...sums]);
      for (const [i, p] of params.entries()) p.grad = found[i]!;
      const largest = found.slice(0, params.length).map((g) => g.abs().max());
      const norms = found.slice(params.length).map((delta) => delta.mul(delta).sum().sqrt());
      return [loss, largest.reduce((a, b) => a.add(b)), ...norms];
    });
    this.#update = compile(() => optimizer.step());
    if (start !== null) this.#begin(start);
  }

  /** The weights are put in, and the batches of the steps before are passed over. */
  #begin({ step, weights }: Start): void {
    let at = 0;
    for (const p of this.model.parameters()) {
      p.assign(tensor(weights.slice(at, at + p.size)).reshape(p.shape));
      at += p.size;
    }
    for (let i = 0; i < step; i++) this.#nextBatch();
    this.steps = step;
  }

  /** The linear layers, with the index of each in the model. */
  get linears(): readonly { readonly layer: Linear; readonly index: number }[] {
    return this.model.layers.flatMap((layer, index) => (layer instanceof Linear ? [{ layer, index }] : []));
  }

  /** Which pass over the points this is, from 0. */
  get epoch(): number {
    const count = countOf(this.settings.data);
    return Math.floor((this.steps * Math.min(this.settings.batch, count)) / count);
  }

  /** The loss of outputs of shape [n, 1], for the points' `y`. */
  loss(output: Tensor, y: Tensor): Tensor {
    return lossOf(this.settings, output, y);
  }

  /**
   * One step: forward pass, loss, backward pass, update.
   *
   * @returns null if the loss or a gradient was not finite; then nothing was changed.
   */
  step(): StepRecord | null {
    const picked = this.#nextBatch();
    const [x, y] = [indexSelect(this.#inputs, 0, picked), indexSelect(this.train.y, 0, picked)];
    const [loss, size, ...residuals] = this.#differentiate(x, y).map((value) => value.item());
    if (!Number.isFinite(loss) || !Number.isFinite(size)) return null;
    this.#update();
    this.steps++;
    return { loss: loss!, residuals };
  }

  /** Loss and quality on some points. */
  score({ x, y }: Points): Score {
    return noGrad(() => {
      const output = this.model.forward(inputsOf(this.settings.features, x));
      return { loss: this.loss(output, y).item(), quality: this.#quality(output, y) };
    });
  }

  #quality(output: Tensor, y: Tensor): number {
    if (!isRegression(this.settings.data)) {
      const [said, asked] = [output.data, y.data];
      let right = 0;
      for (let i = 0; i < said.length; i++) if (Number(said[i]! > 0) === asked[i]) right++;
      return right / said.length;
    }
    if (y.size === 1) return Number.NaN;
    return 1 - mse(output, y).item() / mse(fullLike(y, y.mean().item()), y).item();
  }

  #nextBatch(): Tensor {
    if (this.#left.length === 0) {
      const { batch, data } = this.settings;
      const order = permutation(countOf(data), { generator: this.#order }).data;
      for (let i = 0; i < order.length; i += batch) {
        this.#left.push(tensor(Array.from(order.slice(i, i + batch)), { dtype: "int32" }));
      }
      this.#left.reverse();
    }
    return this.#left.pop()!;
  }
}

/** The loss of a model's outputs with these settings. */
export function lossOf(settings: Settings, output: Tensor, y: Tensor): Tensor {
  return losses[settings.loss](output, targetOf(settings, y));
}

/** What the loss compares outputs with: classes are 0 and 1 for the cross-entropy, −1 and 1 for the hinge and for squares. */
export function targetOf({ loss, data }: Settings, y: Tensor): Tensor {
  return isRegression(data) || loss === "crossEntropy" ? y : y.mul(2).sub(1);
}

const losses: Record<LossName, (output: Tensor, target: Tensor) => Tensor> = {
  crossEntropy: (output, target) => bceWithLogits(output, target),
  hinge: (output, target) => hinge(output, target),
  mse: (output, target) => mse(output, target),
  huber: (output, target) => huber(output, target),
  l1: (output, target) => l1(output, target),
};

/** What each layer of a model makes of the one before. */
export function outputsOf(model: Sequential, x: Tensor): Tensor[] {
  const outputs: Tensor[] = [];
  for (const layer of model.layers) {
    x = layer.forward(x);
    outputs.push(x);
  }
  return outputs;
}

function networkOf({ features, layers, activation }: Settings): Sequential {
  const sizes = [features.length, ...layers, 1];
  const after = activationOf[activation];
  const parts: (Layer | LayerFunction)[] = [];
  for (let i = 1; i < sizes.length; i++) {
    parts.push(new Linear(sizes[i - 1]!, sizes[i]!));
    if (i < sizes.length - 1 && after !== null) parts.push(after);
  }
  return new Sequential(...parts);
}
