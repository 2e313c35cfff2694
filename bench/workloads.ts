import {
  Adam,
  crossEntropy,
  exp,
  full,
  Linear,
  manualSeed,
  matmul,
  mse,
  randint,
  randn,
  relu,
  Sequential,
  type Tensor,
  tanh,
  tensor,
} from "tinygrad-ts";

/** Something to time. `pytorch.py` has the same under the same name. */
export interface Workload {
  readonly name: string;
  /** A function that can be compiled, too: what it returns is computed. */
  readonly run: () => Tensor;
  /** Floating-point operations in a run, where that is the point. */
  readonly flops?: number;
}

/** One step of training: forward, loss, backward, Adam. */
function trainingStep(model: Sequential, loss: (prediction: Tensor) => Tensor, x: Tensor): () => Tensor {
  const optimizer = new Adam(model.parameters());
  return () => {
    const value = loss(model.forward(x));
    optimizer.zeroGrad();
    value.backward();
    optimizer.step();
    return value;
  };
}

function tinyMlp(): () => Tensor {
  manualSeed(0);
  const model = new Sequential(new Linear(2, 16), tanh, new Linear(16, 16), tanh, new Linear(16, 1));
  const target = randn([32, 1]);
  return trainingStep(model, (prediction) => mse(prediction, target), randn([32, 2]));
}

function digitsMlp(): () => Tensor {
  manualSeed(0);
  const model = new Sequential(new Linear(784, 128), relu, new Linear(128, 10));
  const target = randint(0, 10, [64]);
  return trainingStep(model, (prediction) => crossEntropy(prediction, target), randn([64, 784]));
}

/** 300 ops on scalars, forward and backward: nothing but the cost per op. */
function chain(): () => Tensor {
  const factor = tensor(1.0001);
  const term = tensor(0.0001);
  const x = tensor(0.5, { requiresGrad: true });
  return () => {
    x.grad = null;
    let y: Tensor = x;
    for (let i = 0; i < 150; i++) y = y.mul(factor).add(term);
    y.backward();
    return y;
  };
}

function square(n: number): Workload {
  const [a, b] = [full([n, n], 0.5), full([n, n], 0.25)];
  return { name: `matmul ${n}`, run: () => matmul(a, b), flops: 2 * n ** 3 };
}

const million = full([1_000_000], 0.5);

function deepMlp(): () => Tensor {
  manualSeed(0);
  const model = new Sequential(new Linear(1024, 1024), relu, new Linear(1024, 1024), relu, new Linear(1024, 10));
  const target = randint(0, 10, [256]);
  return trainingStep(model, (prediction) => crossEntropy(prediction, target), randn([256, 1024]));
}

/** Workloads are made when they are needed: some are large. */
export const workloads: readonly (() => Workload)[] = [
  () => ({ name: "A: 2-16-16-1 tanh, batch 32, mse, Adam: a step", run: tinyMlp() }),
  () => ({ name: "B: 784-128-10 relu, batch 64, cross-entropy, Adam: a step", run: digitsMlp() }),
  () => ({ name: "C: 1024-1024-1024-10 relu, batch 256, cross-entropy, Adam: a step", run: deepMlp() }),
  () => ({ name: "chain of 300 scalar ops, forward and backward", run: chain() }),
  () => square(32),
  () => square(256),
  () => square(1024),
  () => ({ name: "exp of 1,000,000", run: () => exp(million) }),
  () => ({ name: "tanh of 1,000,000", run: () => tanh(million) }),
  () => ({ name: "add of 1,000,000", run: () => million.add(million) }),
];
