// What is measured: each thing is described by plain data, so that processes in any language can be told what to do.

/** A thing to run again and again. */
export type Spec =
  /** A step of training a perceptron: forward, loss, backward, Adam. */
  | {
      readonly kind: "step";
      readonly sizes: readonly number[];
      readonly activation: "tanh" | "relu";
      readonly loss: "mse" | "crossEntropy";
      readonly batch: number;
    }
  /** The training of a classifier with ReLU from start to end: samples in a new order for each epoch, Adam, and a validation after each. */
  | {
      readonly kind: "training";
      readonly sizes: readonly number[];
      readonly batch: number;
      readonly samples: number;
      readonly validation: number;
      readonly epochs: number;
    }
  /** A product of two square matrices. */
  | { readonly kind: "matmul"; readonly n: number }
  /** One op on each of `n` elements. */
  | { readonly kind: "map"; readonly op: "exp" | "tanh" | "add"; readonly n: number }
  /** So many times y = y·f + t on scalars, forward and backward: nothing but the cost of an op. */
  | { readonly kind: "chain"; readonly length: number }
  /** x = x + y in place, on arrays far larger than the caches: the speed of memory. */
  | { readonly kind: "stream"; readonly n: number };

/** A thing to measure, with what to call it. */
export interface Workload {
  /** For `--only`, and in results. */
  readonly id: string;
  readonly title: string;
  readonly spec: Spec;
  /** Who takes part, if not all. */
  readonly libraries?: readonly string[];
}

/** The step of a network with ReLU that tells ten classes apart. */
function classifier(sizes: readonly number[], batch: number): Spec {
  return { kind: "step", sizes, activation: "relu", loss: "crossEntropy", batch };
}

export const workloads: readonly Workload[] = [
  {
    id: "A",
    title: "A: a step of 2-16-16-1, tanh, batch 32, mse, Adam",
    spec: { kind: "step", sizes: [2, 16, 16, 1], activation: "tanh", loss: "mse", batch: 32 },
  },
  {
    id: "B",
    title: "B: a step of 784-128-10, relu, batch 64, cross-entropy, Adam",
    spec: classifier([784, 128, 10], 64),
  },
  {
    id: "C",
    title: "C: a step of 1024-1024-1024-10, relu, batch 256, cross-entropy, Adam",
    spec: classifier([1024, 1024, 1024, 10], 256),
  },
  ...[32, 256, 1024].map(
    (n): Workload => ({ id: `matmul ${n}`, title: `product of ${n} × ${n} matrices`, spec: { kind: "matmul", n } }),
  ),
  ...(["exp", "tanh", "add"] as const).map(
    (op): Workload => ({ id: op, title: `${op} of 1,000,000 elements`, spec: { kind: "map", op, n: 1_000_000 } }),
  ),
  {
    id: "chain",
    title: "300 scalar ops, forward and backward",
    spec: { kind: "chain", length: 150 },
  },
  {
    id: "H",
    title: "H: 5 epochs of 60,000 samples, each with a validation on 10,000: 784-128-10 as in B, by `fit`",
    spec: { kind: "training", sizes: [784, 128, 10], batch: 64, samples: 60_000, validation: 10_000, epochs: 5 },
    libraries: ["compiled", "compiled-system", "threads", "blas", "revectorized", "pytorch"],
  },
];

/** A family of training steps that grow along one axis. */
export interface Curve {
  readonly id: "width" | "depth" | "batch";
  /** What stays the same. */
  readonly title: string;
  readonly points: readonly { readonly at: number; readonly spec: Spec }[];
}

export const curves: readonly Curve[] = [
  {
    id: "width",
    title: "2 hidden layers, batch 64",
    points: [32, 64, 128, 256, 512, 1024, 2048].map((w) => ({ at: w, spec: classifier([w, w, w, 10], 64) })),
  },
  {
    id: "depth",
    title: "layers 64 wide, batch 32",
    points: [1, 2, 5, 10, 20, 50, 100, 200].map((layers) => ({
      at: layers,
      spec: classifier([...Array.from({ length: layers }, () => 64), 10], 32),
    })),
  },
  {
    id: "batch",
    title: "256-256-10",
    points: [1, 4, 16, 64, 256, 1024, 4096].map((batch) => ({ at: batch, spec: classifier([256, 256, 10], batch) })),
  },
];

/** 3 × 64 MiB. */
export const stream: Spec = { kind: "stream", n: 2 ** 24 };

/** Multiply-adds of a run, roughly: what tells long runs from short ones. */
export function sizeOf(spec: Spec): number {
  switch (spec.kind) {
    case "step":
      return stepSize(spec.sizes, spec.batch);
    case "training":
      return (stepSize(spec.sizes, spec.batch) * spec.samples * spec.epochs) / spec.batch;
    case "matmul":
      return spec.n ** 3;
    case "chain":
      return 2 * spec.length;
    default:
      return spec.n;
  }
}

function stepSize(sizes: readonly number[], batch: number): number {
  return sizes.slice(1).reduce((sum, n, i) => sum + 3 * batch * n * sizes[i]!, 0);
}

/** Steps that are compared before a library is timed. */
export function stepsToCompare(spec: Spec): number {
  return sizeOf(spec) > 1e8 ? 2 : 8;
}
