import { type Array as JaxArray, jit, lax, nn, numpy as np, vjp } from "@jax-js/jax";
import { labels, numbers } from "../run/data.ts";
import { some, type Task } from "../run/task.ts";
import { placesOf, type Spec } from "../spec.ts";
import { type Loss, trained } from "./jaxTraining.ts";

// D, F and G, and single convolutions. Weights are drawn in PyTorch's order and layout.

const sizeOf = (shape: readonly number[]): number => shape.reduce((a, b) => a * b);

/** What a layer computes of all parameters, which it may only borrow, and of an array, which it owns. */
type Layer = (p: readonly JaxArray[], x: JaxArray) => JaxArray;

/** Parameters in PyTorch's order. */
class Weights {
  readonly all: JaxArray[] = [];

  /** The place of the next parameter. */
  next(...shape: number[]): number {
    const bound = shape.length === 1 ? 0.1 : Math.sqrt((3 * shape[0]!) / sizeOf(shape));
    return this.all.push(np.array(numbers(10 + this.all.length, sizeOf(shape), bound)).reshape(shape)) - 1;
  }

  /** A scale, which begins with ones, and a shift. */
  scaleAndShift(size: number): [number, number] {
    return [this.all.push(np.ones([size])) - 1, this.next(size)];
  }

  linear(from: number, to: number): Layer {
    const [w, b] = [this.next(to, from), this.next(to)];
    return (p, x) => np.matmul(x, np.transpose(p[w]!.ref)).add(p[b]!.ref);
  }

  /** A scale and a shift after mean 0 and variance 1 over some axes; `shape` is that of the scale beside x. */
  normalized(size: number, axes: number[], shape: number[]): Layer {
    const [scale, shift] = this.scaleAndShift(size);
    return (p, x) => {
      const centred = x.ref.sub(np.mean(x, axes, { keepdims: true }));
      const variance = np.mean(np.square(centred.ref), axes, { keepdims: true });
      const y = centred.div(np.sqrt(variance.add(1e-5)));
      return y.mul(p[scale]!.ref.reshape(shape)).add(p[shift]!.ref.reshape(shape));
    };
  }
}

export function networkTask(spec: Extract<Spec, { kind: "network" }>): Task {
  const weights = new Weights();
  const { name } = spec;
  if (name === "cells") throw new Error("the network of cells is not written here");
  const { layer, lossOf, x, target } = { resnet, encoder, lstm }[name](weights);
  const loss: Loss = (p, x, target) => {
    const y = layer(p, x);
    for (const own of p) own.dispose();
    return lossOf(y, target);
  };
  return trained(spec, loss, weights.all, x, target);
}

interface Network {
  readonly layer: Layer;
  /** Owns both. */
  readonly lossOf: (y: JaxArray, target: JaxArray) => JaxArray;
  readonly x: JaxArray;
  readonly target: JaxArray;
}

const drawn = (seed: number, ...shape: number[]): JaxArray => np.array(numbers(seed, sizeOf(shape), 1)).reshape(shape);
const mse = (y: JaxArray, target: JaxArray): JaxArray => np.square(y.sub(target)).mean();

function convolved(
  x: JaxArray,
  w: JaxArray,
  { kernel, stride, groups = 1 }: { kernel: number; stride: number; groups?: number },
): JaxArray {
  const around: [number, number] = [kernel >> 1, kernel >> 1];
  return lax.convGeneralDilated(x, w, [stride, stride], [around, around], { featureGroupCount: groups });
}

function resnet(weights: Weights): Network {
  const normed = (from: number, to: number, kernel: number, stride: number): Layer => {
    const w = weights.next(to, from, kernel, kernel);
    const normalized = weights.normalized(to, [0, 2, 3], [1, to, 1, 1]);
    return (p, x) => normalized(p, convolved(x, p[w]!.ref, { kernel, stride }));
  };
  const block = (from: number, to: number, stride: number): Layer => {
    const [first, second] = [normed(from, to, 3, stride), normed(to, to, 3, 1)];
    const projection: Layer = from === to && stride === 1 ? (_, x) => x : normed(from, to, 1, stride);
    return (p, x) => nn.relu(second(p, nn.relu(first(p, x.ref))).add(projection(p, x)));
  };
  const [stem, ...blocks] = [normed(1, 16, 3, 1), block(16, 16, 1), block(16, 32, 2), block(32, 64, 2)];
  const head = weights.linear(64, 10);
  return {
    layer: (p, x) =>
      head(
        p,
        np.mean(
          blocks.reduce((h, block) => block(p, h), nn.relu(stem!(p, x))),
          [2, 3],
        ),
      ),
    lossOf: (y, target) =>
      nn
        .logSoftmax(y)
        .mul(target)
        .sum()
        .mul(-1 / 64),
    x: drawn(1, 64, 1, 28, 28),
    target: nn.oneHot(np.array(labels(3, 64, 10)), 10).astype(np.float32),
  };
}

function encoder(weights: Weights): Network {
  const [width, heads, hidden, length, batch] = [128, 4, 512, 64, 16];
  const [inward, outward] = [weights.linear(width, 3 * width), weights.linear(width, width)];
  const [linear1, linear2] = [weights.linear(width, hidden), weights.linear(hidden, width)];
  const [norm1, norm2] = [0, 1].map(() => weights.normalized(width, [1], [width])) as [Layer, Layer];
  const attended: Layer = (p, x) => {
    const [query, key, value] = np
      .split(inward(p, x), 3, 1)
      .map((part) => part.reshape([batch, length, heads, width / heads])) as [JaxArray, JaxArray, JaxArray];
    return outward(p, nn.dotProductAttention(query, key, value).reshape([batch * length, width]));
  };
  return {
    layer: (p, x) => {
      const h = norm1(p, x.ref.add(attended(p, x)));
      return norm2(p, h.ref.add(linear2(p, nn.relu(linear1(p, h)))));
    },
    lossOf: mse,
    x: drawn(1, batch * length, width),
    target: drawn(2, batch * length, width),
  };
}

function lstm(weights: Weights): Network {
  const [inputs, size, length, batch] = [64, 128, 32, 32];
  const [ih, hh, biasIh, biasHh] = [
    weights.next(4 * size, inputs),
    weights.next(4 * size, size),
    weights.next(4 * size),
    weights.next(4 * size),
  ];
  return {
    layer: (p, x) => {
      const inward = np.transpose(p[ih]!.ref);
      const across = np.transpose(p[hh]!.ref);
      const bias = p[biasIh]!.ref.add(p[biasHh]!.ref);
      const all = np.matmul(x.reshape([batch * length, inputs]), inward).add(bias);
      let [h, c] = [np.zeros([batch, size]), np.zeros([batch, size])];
      const outputs = np.unstack(all.reshape([batch, length, 4 * size]), 1).map((gates) => {
        const parts = np.split(gates.add(np.matmul(h, across.ref)), 4, 1);
        const [i, f, g, o] = parts as [JaxArray, JaxArray, JaxArray, JaxArray];
        c = nn
          .sigmoid(f)
          .mul(c)
          .add(nn.sigmoid(i).mul(np.tanh(g)));
        h = nn.sigmoid(o).mul(np.tanh(c.ref));
        return h.ref;
      });
      for (const own of [h, c, across]) own.dispose();
      return np.stack(outputs, 1);
    },
    lossOf: mse,
    x: drawn(1, batch, length, inputs),
    target: drawn(2, batch, length, size),
  };
}

/** Computation is deferred until somebody waits for it. */
export function convolutionTask(spec: Extract<Spec, { kind: "conv" }>): Task {
  const { batch, channels, out, size, kernel, groups, product } = spec;
  const x = drawn(1, batch, channels, size, size);
  const w = drawn(2, out, channels / groups, kernel, kernel);
  const g = drawn(3, batch, out, placesOf(spec), placesOf(spec));
  const forward = jit((x: JaxArray, w: JaxArray) => convolved(x, w, spec));
  const backward = jit((x: JaxArray, w: JaxArray, g: JaxArray) => {
    const [y, pullBack] = vjp((x: JaxArray, w: JaxArray) => convolved(x, w, spec), [x, w]);
    y.dispose();
    const [ofInput, ofWeight] = pullBack(g) as [JaxArray, JaxArray];
    const [wanted, other] = product === "input" ? [ofInput, ofWeight] : [ofWeight, ofInput];
    other.dispose();
    return wanted;
  });
  const f = (): JaxArray => (product === "forward" ? forward(x.ref, w.ref) : backward(x.ref, w.ref, g.ref));
  return {
    run: async () => (await f().blockUntilReady()).dispose(),
    isAsync: true,
    check: async () => some(await f().data()),
    dispose: () => [x, w, g].forEach((own) => void own.dispose()),
  };
}
