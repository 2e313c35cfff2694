import {
  Adam,
  avgPool2d,
  conv2d,
  convInput,
  convWeight,
  crossEntropy,
  exp,
  gradients,
  Linear,
  matmul,
  maxPool2d,
  mse,
  noGrad,
  relu,
  Sequential,
  type Tensor,
  tanh,
  tensor,
  zeros,
} from "tinygrad-ts";
import { placesOf, poolPadding, type Spec } from "../spec.ts";
import { numbers, type StepData, stepData } from "./data.ts";
import { networkStep } from "./oursNetworks.ts";

/** A function of eager code, which can be compiled, too. */
export interface Subject {
  readonly f: () => Tensor | void;
  /** A tensor whose gradient f fills. */
  readonly leaf?: Tensor;
  /** The same as f, but for results that stay in memory that is there: compiled, nothing is copied out. */
  readonly into?: () => void;
  /** What `into` fills. */
  readonly filled?: Tensor;
}

/** What a spec asks for, as a user would write it. */
export function subjectOf(spec: Spec): Subject {
  switch (spec.kind) {
    case "step":
      return { f: trainingStep(spec) };
    case "training":
      throw new Error("no function of a step");
    case "network":
      return { f: networkStep(spec.name) };
    case "conv":
      return convolution(spec);
    case "pool":
      return pooling(spec);
    case "copy": {
      const [x, y] = [tensor(numbers(1, spec.n, 1)), tensor(new Float32Array(spec.n))];
      const f = () => x.add(0);
      return { f, into: () => void y.assign(x), filled: y };
    }
    case "matmul": {
      const [a, b] = [matrix(numbers(1, spec.n ** 2, 1), spec.n), matrix(numbers(2, spec.n ** 2, 1), spec.n)];
      return { f: () => matmul(a, b) };
    }
    case "map": {
      const x = tensor(numbers(1, spec.n, 4));
      const f = { exp: () => exp(x), tanh: () => tanh(x), add: () => x.add(x) }[spec.op];
      const y = tensor(new Float32Array(spec.n));
      return { f, into: () => void y.assign(f()), filled: y };
    }
    case "chain":
      return chain(spec.length);
    case "stream": {
      const [x, y] = [tensor(new Float32Array(spec.n)), tensor(new Float32Array(spec.n).fill(1))];
      return { f: () => void x.assign(x.add(y)) };
    }
  }
}

function chain(length: number): Subject {
  const [x, factor, term] = [tensor(0.5, { requiresGrad: true }), tensor(1.0001), tensor(0.0001)];
  const f = () => {
    x.grad = null;
    let y: Tensor = x;
    for (let i = 0; i < length; i++) y = y.mul(factor).add(term);
    y.backward();
    return y;
  };
  return { f, leaf: x };
}

function convolution(spec: Extract<Spec, { kind: "conv" }>): Subject {
  const { batch, channels, out, size, kernel, stride, groups, product } = spec;
  const places = placesOf(spec);
  const shapes = {
    x: [batch, channels, size, size],
    w: [out, channels / groups, kernel, kernel],
    g: [batch, out, places, places],
  };
  const drawn = (seed: number, shape: readonly number[]): Tensor =>
    tensor(numbers(seed, shape.reduce((a, b) => a * b), 1)).reshape(shape); // biome-ignore format: one line
  const [x, w, g] = [drawn(1, shapes.x), drawn(2, shapes.w), drawn(3, shapes.g)];
  const options = { stride, padding: kernel >> 1, groups };
  const f = {
    forward: () => conv2d(x, w, options),
    input: () => convInput(g, w, shapes.x, options),
    weight: () => convWeight(x, g, shapes.w, options),
  }[product];
  const y = zeros({ forward: shapes.g, input: shapes.x, weight: shapes.w }[product]);
  return { f, into: () => void y.assign(f()), filled: y };
}

function pooling(spec: Extract<Spec, { kind: "pool" }>): Subject {
  const { of, isBackward, batch, channels, size, kernel, stride } = spec;
  const places = placesOf(spec);
  const [inner, outer] = [
    [batch, channels, size, size],
    [batch, channels, places, places],
  ];
  const drawn = (seed: number, shape: readonly number[]): Tensor =>
    tensor(numbers(seed, shape.reduce((a, b) => a * b), 1)).reshape(shape); // biome-ignore format: one line
  const [x, g] = [drawn(1, inner), drawn(3, outer)];
  const pool = (x: Tensor): Tensor =>
    (of === "max" ? maxPool2d : avgPool2d)(x, kernel, { stride, padding: poolPadding(spec) });
  const forward = () => pool(x);
  const backward = (): Tensor => {
    const leaf = x.detach();
    leaf.requiresGrad = true;
    return gradients(pool(leaf), [leaf], { cotangents: [g] })[0];
  };
  const f = isBackward ? backward : forward;
  const y = zeros(isBackward ? inner : outer);
  return { f, into: () => void y.assign(f()), filled: y };
}

export function matrix(values: Float32Array, columns: number): Tensor {
  return tensor(values).reshape([values.length / columns, columns]);
}

/** A network with the weights that all libraries begin with. */
export function network(data: StepData, f: typeof relu): Sequential {
  const layers = data.layers.map(({ inputs, outputs, weight, bias }) => {
    const layer = new Linear(inputs, outputs);
    noGrad(() => {
      layer.weight.assign(matrix(weight, inputs));
      layer.bias!.assign(bias);
    });
    return layer;
  });
  return new Sequential(...layers.flatMap((layer, i) => (i === 0 ? [layer] : [f, layer])));
}

function trainingStep({ sizes, batch, activation, loss }: Extract<Spec, { kind: "step" }>): () => Tensor {
  const data = stepData(sizes, batch);
  const model = network(data, activation === "tanh" ? tanh : relu);
  const optimizer = new Adam(model.parameters());
  const x = matrix(data.x, sizes[0]!);
  const target = loss === "mse" ? matrix(data.target, sizes.at(-1)!) : tensor(data.classes);
  return () => {
    const prediction = model.forward(x);
    const value = loss === "mse" ? mse(prediction, target) : crossEntropy(prediction, target);
    optimizer.zeroGrad();
    value.backward();
    optimizer.step();
    return value;
  };
}
