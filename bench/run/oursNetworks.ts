import {
  Adam,
  BatchNorm2d,
  bceWithLogits,
  Conv2d,
  crossEntropy,
  type Layer,
  Linear,
  LSTM,
  mean,
  mse,
  noGrad,
  Residual,
  relu,
  Sequential,
  type Tensor,
  TransformerEncoderLayer,
  tensor,
} from "tinygrad-ts";
import { CellNetwork } from "../../examples/support/cells/network.ts";
import { labels, numbers } from "./data.ts";

/** The steps of D to G. Their parameters are in the order of PyTorch's, so that the same rule gives all libraries the same weights. */
export function networkStep(name: "resnet" | "cells" | "encoder" | "lstm"): () => Tensor {
  const { model, lossOf } = { resnet, cells, encoder, lstm }[name]();
  for (const [i, p] of model.parameters().entries()) draw(p, i);
  const optimizer = new Adam(model.parameters());
  return () => {
    const value = lossOf();
    optimizer.zeroGrad();
    value.backward();
    optimizer.step();
    return value;
  };
}

interface Network {
  readonly model: Layer;
  readonly lossOf: () => Tensor;
}

/** The scales of normalizations stay 1. */
function draw(p: Tensor, i: number): void {
  const { shape } = p;
  const isScale = shape.length === 1 && p.data.every((value) => value === 1);
  const bound = shape.length === 1 ? 0.1 : Math.sqrt((3 * shape[0]!) / p.size);
  if (!isScale) noGrad(() => p.assign(tensor(numbers(10 + i, p.size, bound)).reshape(shape)));
}

/** Random numbers of a shape, from −1 to 1. */
function drawn(seed: number, ...shape: readonly number[]): Tensor {
  return tensor(numbers(seed, sizeOf(shape), 1)).reshape(shape);
}

const sizeOf = (shape: readonly number[]): number => shape.reduce((a, b) => a * b);

type Part = Layer | ((x: Tensor) => Tensor);

/** A convolution without bias, and what normalizes its result. */
function normed(from: number, to: number, kernel: number, stride: number): Layer[] {
  return [new Conv2d(from, to, kernel, { stride, padding: kernel >> 1, bias: false }), new BatchNorm2d(to)];
}

/** A basic block of two convolutions; with a projection, where sizes change. */
function block(from: number, to: number, stride: number): Part[] {
  const inner = new Sequential(...normed(from, to, 3, stride), relu, ...normed(to, to, 3, 1));
  const isSame = from === to && stride === 1;
  const projection = (): Layer => new Sequential(...normed(from, to, 1, stride));
  return [isSame ? new Residual(inner) : new Residual(inner, { projection: projection() }), relu];
}

function resnet(): Network {
  const model = new Sequential(
    ...[...normed(1, 16, 3, 1), relu],
    ...[...block(16, 16, 1), ...block(16, 32, 2), ...block(32, 64, 2)],
    (x: Tensor) => mean(x, [2, 3]),
    new Linear(64, 10),
  );
  const [x, classes] = [drawn(1, 64, 1, 28, 28), tensor(labels(3, 64, 10))];
  return { model, lossOf: () => crossEntropy(model.forward(x), classes) };
}

/** The network of examples/cells.ts. */
function cells(): Network {
  const model = new CellNetwork([8, 16, 32, 32]);
  const shape = [4, 1, 128, 128];
  const [x, membrane] = [
    drawn(1, ...shape),
    tensor(labels(3, sizeOf(shape), 2))
      .reshape(shape)
      .to("float32"),
  ];
  return { model, lossOf: () => bceWithLogits(model.forward(x), membrane) };
}

function encoder(): Network {
  const model = new TransformerEncoderLayer(128, 4, { hidden: 512, dropout: 0 });
  const [x, target] = [drawn(1, 16, 64, 128), drawn(2, 16, 64, 128)];
  return { model, lossOf: () => mse(model.forward(x), target) };
}

function lstm(): Network {
  const model = new LSTM(64, 128);
  const [x, target] = [drawn(1, 32, 32, 64), drawn(2, 32, 32, 128)];
  return { model, lossOf: () => mse(model.forward(x), target) };
}
