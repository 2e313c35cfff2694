import * as tf from "@tensorflow/tfjs";
import { labels, numbers } from "../run/data.ts";
import { some, type Task, training } from "../run/task.ts";
import { placesOf, poolPadding, type Spec, stepsToCompare } from "../spec.ts";

// D, F and G, and single convolutions, written with ops: images have their channels last, as the library wants them. Weights are drawn in PyTorch's order and layout, and turned.

type Conv = Extract<Spec, { kind: "conv" }>;

const sizeOf = (shape: readonly number[]): number => shape.reduce((a, b) => a * b);

/** Variables in the order of PyTorch's parameters. */
class Weights {
  readonly all: tf.Variable[] = [];
  #drawn = 0;

  /** The next parameter, of PyTorch's shape, with its axes in another order. */
  next(shape: readonly number[], axes?: readonly number[], isScale = false): tf.Variable {
    const bound = shape.length === 1 ? 0.1 : Math.sqrt((3 * shape[0]!) / sizeOf(shape));
    const drawn = tf.tensor(numbers(10 + this.#drawn++, sizeOf(shape), bound), [...shape]);
    const value = isScale ? tf.ones([...shape]) : drawn;
    const own = tf.variable(axes === undefined ? value : tf.transpose(value, [...axes]));
    this.all.push(own);
    return own;
  }
}

export function networkTask(spec: Extract<Spec, { kind: "network" }>): Task {
  const weights = new Weights();
  const { name } = spec;
  if (name === "cells") throw new Error("the network of cells is not written here");
  const lossOf = { resnet, encoder, lstm }[name](weights);
  const optimizer = tf.train.adam(1e-3, 0.9, 0.999, 1e-8);
  const step = () => {
    const value = optimizer.minimize(lossOf, true, weights.all)!;
    const number = value.dataSync()[0]!;
    value.dispose();
    return number;
  };
  return training(step, stepsToCompare(spec), { dispose: () => tf.dispose(weights.all) });
}

function images(seed: number, n: number, channels: number, size: number): tf.Tensor4D {
  const values = numbers(seed, n * channels * size ** 2, 1);
  return tf.tidy(() => tf.transpose(tf.tensor4d(values, [n, channels, size, size]), [0, 2, 3, 1]));
}

/** A scale and a shift after mean 0 and variance 1 over some axes. */
function normalized(x: tf.Tensor, axes: number[], scale: tf.Tensor, shift: tf.Tensor): tf.Tensor {
  const { mean, variance } = tf.moments(x, axes, true);
  return x.sub(mean).mul(tf.rsqrt(variance.add(1e-5))).mul(scale).add(shift); // biome-ignore format: one line
}

function resnet(weights: Weights): () => tf.Scalar {
  const normed = (from: number, to: number, kernel: number, stride: number): ((x: tf.Tensor) => tf.Tensor) => {
    const w = weights.next([to, from, kernel, kernel], [2, 3, 1, 0]);
    const [scale, shift] = [weights.next([to], undefined, true), weights.next([to])];
    const pad = kernel >> 1;
    return (x) =>
      normalized(tf.conv2d(x as tf.Tensor4D, w as tf.Tensor<tf.Rank.R4>, stride, pad), [0, 1, 2], scale, shift);
  };
  const block = (from: number, to: number, stride: number): ((x: tf.Tensor) => tf.Tensor) => {
    const [first, second] = [normed(from, to, 3, stride), normed(to, to, 3, 1)];
    const projection = from === to && stride === 1 ? (x: tf.Tensor) => x : normed(from, to, 1, stride);
    return (x) => tf.relu(second(tf.relu(first(x))).add(projection(x)));
  };
  const [stem, ...blocks] = [normed(1, 16, 3, 1), block(16, 16, 1), block(16, 32, 2), block(32, 64, 2)];
  const [w, b] = [weights.next([10, 64], [1, 0]), weights.next([10])];
  const [x, target] = [images(1, 64, 1, 28), tf.oneHot(tf.tensor1d(labels(3, 64, 10), "int32"), 10)];
  return () => {
    const h = blocks.reduce((x, block) => block(x), tf.relu(stem!(x)));
    const logits = tf.mean(h, [1, 2]).matMul(w as tf.Tensor2D).add(b); // biome-ignore format: one line
    return tf.losses.softmaxCrossEntropy(target, logits);
  };
}

function encoder(weights: Weights): () => tf.Scalar {
  const [width, heads, hidden, length, batch] = [128, 4, 512, 64, 16];
  const linear = (from: number, to: number): ((x: tf.Tensor) => tf.Tensor) => {
    const [w, b] = [weights.next([to, from], [1, 0]), weights.next([to])];
    return (x) => x.matMul(w).add(b);
  };
  const [inward, outward] = [linear(width, 3 * width), linear(width, width)];
  const [linear1, linear2] = [linear(width, hidden), linear(hidden, width)];
  const norms = [1, 2].map(() => {
    const [scale, shift] = [weights.next([width], undefined, true), weights.next([width])];
    return (x: tf.Tensor): tf.Tensor => normalized(x, [1], scale, shift);
  });
  const x = tf.tensor2d(numbers(1, batch * length * width, 1), [batch * length, width]);
  const target = tf.tensor2d(numbers(2, batch * length * width, 1), [batch * length, width]);
  const perHead = [batch, length, heads, width / heads];
  return () => {
    const [query, key, value] = tf.split(inward(x), 3, 1).map((part) => {
      return tf.transpose(tf.reshape(part, perHead), [0, 2, 1, 3]);
    }) as [tf.Tensor, tf.Tensor, tf.Tensor];
    const scores = tf.matMul(query.mul(1 / Math.sqrt(width / heads)), key, false, true);
    const seen = tf.transpose(tf.matMul(tf.softmax(scores), value), [0, 2, 1, 3]);
    const h = norms[0]!(x.add(outward(tf.reshape(seen, [batch * length, width]))));
    return tf.losses.meanSquaredError(target, norms[1]!(h.add(linear2(tf.relu(linear1(h))))));
  };
}

function lstm(weights: Weights): () => tf.Scalar {
  const [inputs, size, length, batch] = [64, 128, 32, 32];
  const [ih, hh] = [weights.next([4 * size, inputs], [1, 0]), weights.next([4 * size, size], [1, 0])];
  const [biasIh, biasHh] = [weights.next([4 * size]), weights.next([4 * size])];
  const x = tf.tensor3d(numbers(1, batch * length * inputs, 1), [batch, length, inputs]);
  const target = tf.tensor3d(numbers(2, batch * length * size, 1), [batch, length, size]);
  return () => {
    const all = tf.reshape(tf.reshape(x, [batch * length, inputs]).matMul(ih as tf.Tensor2D), [
      batch,
      length,
      4 * size,
    ]);
    let [h, c]: [tf.Tensor, tf.Tensor] = [tf.zeros([batch, size]), tf.zeros([batch, size])];
    const outputs = tf.unstack(all.add(biasIh), 1).map((gates) => {
      const sum = gates.add(h.matMul(hh)).add(biasHh);
      const [i, f, g, o] = tf.split(sum, 4, 1) as [tf.Tensor, tf.Tensor, tf.Tensor, tf.Tensor];
      c = tf
        .sigmoid(f)
        .mul(c)
        .add(tf.sigmoid(i).mul(tf.tanh(g)));
      h = tf.sigmoid(o).mul(tf.tanh(c));
      return h;
    });
    return tf.losses.meanSquaredError(target, tf.stack(outputs, 1));
  };
}

/** Results are turned, as those of convolutions are. */
export function poolingTask(spec: Extract<Spec, { kind: "pool" }>): Task {
  const { of, isBackward, batch, channels, size, kernel, stride } = spec;
  const [x, g] = [images(1, batch, channels, size), images(3, batch, channels, placesOf(spec))];
  const pad = poolPadding(spec);
  const pool = (x: tf.Tensor4D): tf.Tensor4D => (of === "max" ? tf.maxPool : tf.avgPool)(x, kernel, stride, pad);
  const gradient = tf.grad((x: tf.Tensor4D) => pool(x));
  const f = (): tf.Tensor => (isBackward ? gradient(x, g) : pool(x));
  return {
    run: () => f().dispose(),
    check: () => some(tf.tidy(() => tf.transpose(f(), [0, 3, 1, 2]).dataSync())),
    dispose: () => tf.dispose([x, g]),
  };
}

/** Results are turned to PyTorch's layout for the comparison, and stay as they are where they are timed. */
export function convolutionTask(spec: Conv): Task {
  const { batch, channels, out, size, kernel, stride, groups, product } = spec;
  const isDepthwise = groups > 1;
  const x = images(1, batch, channels, size);
  const g = images(3, batch, out, placesOf(spec));
  const drawn = tf.tidy(() => {
    const values = tf.tensor1d(numbers(2, (out * channels * kernel ** 2) / groups, 1));
    return tf.reshape(values, [out, channels / groups, kernel, kernel]);
  });
  const w = tf.transpose(drawn, isDepthwise ? [2, 3, 0, 1] : [2, 3, 1, 0]) as tf.Tensor4D;
  const pad = kernel >> 1;
  const [strides, around] = [[stride, stride], [[0, 0], [pad, pad], [pad, pad], [0, 0]]]; // biome-ignore format: one line
  const kernelName = (end: string): string => `${isDepthwise ? "DepthwiseConv2dNative" : "Conv2D"}Backprop${end}`;
  const attrs = { strides, pad: isDepthwise ? around : pad, dataFormat: "NHWC", dimRoundingMode: undefined, dilations: [1, 1] }; // biome-ignore format: one line
  const run = (name: string, inputs: object, more: object): tf.Tensor =>
    tf.engine().runKernel(name, inputs as never, { ...attrs, ...more } as never) as tf.Tensor;
  const f = (): tf.Tensor => {
    if (product === "input") {
      return run(kernelName("Input"), { dy: g, filter: w }, { inputShape: x.shape });
    }
    if (product === "weight") return run(kernelName("Filter"), { x, dy: g }, { filterShape: w.shape });
    return isDepthwise ? tf.depthwiseConv2d(x, w, stride, around as never) : tf.conv2d(x, w, stride, pad);
  };
  const turn = product !== "weight" ? [0, 3, 1, 2] : isDepthwise ? [2, 3, 0, 1] : [3, 2, 0, 1];
  return {
    run: () => f().dispose(),
    check: () => {
      return some(tf.tidy(() => tf.transpose(f(), turn).dataSync()));
    },
    dispose: () => tf.dispose([x, g, drawn, w]),
  };
}
