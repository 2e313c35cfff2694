import {
  Adam,
  Conv2d,
  crossEntropy,
  flatten,
  type Generator,
  gradients,
  Linear,
  manualSeed,
  maxPool2d,
  noGrad,
  type Optimizer,
  permutation,
  relu,
  Sequential,
  SGD,
  type Tensor,
  tensor,
} from "tinygrad-ts";
import { compile } from "tinygrad-ts/compile";
import type { Score, StepRecord } from "../../model/trainer.ts";
import { type Pictures, pixelCount, side } from "./data.ts";
import type { DigitSettings } from "./settings.ts";

const optimizerOf: Record<DigitSettings["optimizer"], (params: Tensor[], lr: number) => Optimizer> = {
  adam: (params, lr) => new Adam(params, { lr }),
  momentum: (params, lr) => new SGD(params, { lr, momentum: 0.9 }),
  sgd: (params, lr) => new SGD(params, { lr }),
};

/** Most steps: 111 passes over the pictures in batches of 32. */
export const mostSteps = 5000;
/** The same weights and batches in each training. */
const seed = 1;

/** Two layers that look for patterns with kernels of 3×3, and one that tells the ten digits by what they found. */
export class Network {
  readonly model: Sequential;
  /** The layers that have weights. */
  readonly weighted: readonly [Conv2d, Conv2d, Linear];

  constructor() {
    const first = new Conv2d(1, 8, 3, { padding: 1 });
    const second = new Conv2d(8, 16, 3, { padding: 1 });
    const last = new Linear((16 * pixelCount) / 4, 10);
    this.weighted = [first, second, last];
    const half = (x: Tensor): Tensor => maxPool2d(x, 2);
    this.model = new Sequential(first, relu, half, second, relu, (x: Tensor) => flatten(x, 1), last);
  }

  /** What each layer with weights makes of pictures of shape [n, 1, 8, 8]: its weighted sums z. */
  sums(x: Tensor): Tensor[] {
    const sums: Tensor[] = [];
    for (const layer of this.model.layers) {
      x = layer.forward(x);
      if (this.weighted.some((each) => each === layer)) sums.push(x);
    }
    return sums;
  }
}

/** A training on pictures of digits that can be stepped through. It goes the same way each time, to the bit. */
export class DigitTrainer {
  readonly network: Network;
  /** Steps that were done. */
  steps = 0;
  readonly #train: Pictures;
  readonly #test: readonly [pictures: Tensor, digits: Tensor];
  readonly #order: Generator;
  /** Numbers of pictures, of the batches that are left of this pass. */
  #left: Int32Array[] = [];
  readonly #step: (x: Tensor, y: Tensor) => readonly Tensor[];
  readonly #outputs: (x: Tensor) => Tensor;
  readonly #batch: number;

  constructor(train: Pictures, test: Pictures, { optimizer: name, lr, batch }: DigitSettings) {
    this.#batch = batch;
    const generator = manualSeed(seed);
    this.#order = generator.split();
    this.#train = train;
    this.#test = [shaped(test.pixels), tensor(test.digits)];
    const network = new Network();
    const params = network.model.parameters();
    const optimizer = optimizerOf[name](params, lr);
    this.network = network;
    // One WebAssembly program: forward pass, loss, backward pass, update, and the norms of the residuals.
    this.#step = compile((x: Tensor, y: Tensor): readonly Tensor[] => {
      const sums = network.sums(x);
      const loss = crossEntropy(sums.at(-1)!, y);
      const found = gradients(loss, [...params, ...sums]);
      for (const [i, p] of params.entries()) p.grad = found[i]!;
      optimizer.step();
      const residuals = found.slice(params.length);
      return [loss, ...residuals.map((delta) => delta.mul(delta).sum().sqrt())];
    });
    this.#outputs = compile((x: Tensor) => network.model.forward(x));
  }

  /** Which pass over the pictures this is, from 0. */
  get epoch(): number {
    return Math.floor(this.steps / Math.ceil(this.#train.count / this.#batch));
  }

  /** One step: forward pass, loss, backward pass, update. */
  step(): StepRecord {
    const picked = this.#nextBatch();
    const pixels = new Float32Array(picked.length * pixelCount);
    for (const [i, at] of picked.entries()) {
      pixels.set(this.#train.pixels.subarray(at * pixelCount, (at + 1) * pixelCount), i * pixelCount);
    }
    const digits = picked.map((at) => this.#train.digits[at]!);
    const [loss, ...residuals] = this.#step(shaped(pixels), tensor(digits)).map((value) => value.item());
    this.steps++;
    return { loss: loss!, residuals };
  }

  /** Loss, and the share of digits that are read right, on the pictures that are held out. */
  score(): Score {
    return noGrad(() => {
      const [x, digits] = this.#test;
      const z = this.#outputs(x);
      const [read, shown] = [z.argmax(1).data, digits.data];
      let right = 0;
      for (let i = 0; i < shown.length; i++) if (read[i] === shown[i]) right++;
      return { loss: crossEntropy(z, digits).item(), quality: right / shown.length };
    });
  }

  #nextBatch(): Int32Array {
    if (this.#left.length === 0) {
      const order = Int32Array.from(permutation(this.#train.count, { generator: this.#order }).data);
      for (let i = 0; i < order.length; i += this.#batch) this.#left.push(order.slice(i, i + this.#batch));
      this.#left.reverse();
    }
    return this.#left.pop()!;
  }
}

/** Pixels as a tensor of pictures: [n, 1, 8, 8]. */
export function shaped(pixels: Float32Array): Tensor {
  return tensor(pixels).reshape([pixels.length / pixelCount, 1, side, side]);
}
