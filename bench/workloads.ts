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
  readonly run: () => void;
  /** Floating-point operations in a run, where that is the point. */
  readonly flops?: number;
}

/** One step of training: forward, loss, backward, Adam. */
function trainingStep(model: Sequential, loss: (prediction: Tensor) => Tensor, x: Tensor): () => void {
  const optimizer = new Adam(model.parameters());
  return () => {
    optimizer.zeroGrad();
    loss(model.forward(x)).backward();
    optimizer.step();
  };
}

function tinyMlp(): () => void {
  manualSeed(0);
  const model = new Sequential(new Linear(2, 16), tanh, new Linear(16, 16), tanh, new Linear(16, 1));
  const target = randn([32, 1]);
  return trainingStep(model, (prediction) => mse(prediction, target), randn([32, 2]));
}

function digitsMlp(): () => void {
  manualSeed(0);
  const model = new Sequential(new Linear(784, 128), relu, new Linear(128, 10));
  const target = randint(0, 10, [64]);
  return trainingStep(model, (prediction) => crossEntropy(prediction, target), randn([64, 784]));
}

/** 300 ops on scalars, forward and backward: nothing but the cost per op. */
function chain(): () => void {
  const factor = tensor(1.0001);
  const term = tensor(0.0001);
  return () => {
    const x = tensor(0.5, { requiresGrad: true });
    let y: Tensor = x;
    for (let i = 0; i < 150; i++) y = y.mul(factor).add(term);
    y.backward();
  };
}

function square(n: number): Workload {
  const [a, b] = [full([n, n], 0.5), full([n, n], 0.25)];
  return { name: `matmul ${n}`, run: () => void matmul(a, b), flops: 2 * n ** 3 };
}

const million = full([1_000_000], 0.5);

export const workloads: readonly Workload[] = [
  { name: "A: 2-16-16-1 tanh, batch 32, mse, Adam: a step", run: tinyMlp() },
  { name: "B: 784-128-10 relu, batch 64, cross-entropy, Adam: a step", run: digitsMlp() },
  { name: "chain of 300 scalar ops, forward and backward", run: chain() },
  square(32),
  square(256),
  { name: "exp of 1,000,000", run: () => void exp(million) },
  { name: "add of 1,000,000", run: () => void million.add(million) },
];
